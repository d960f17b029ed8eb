//! The WebAssembly shell: the class that the npm package exports, with its promises, options, results and errors.
//!
//! It has no logic of its own. What to do is the core's business (`entra_device_code`); here it is done with the host's
//! `fetch`, timers, abort signals, clocks and store.
//!
//! ```text
//! lib            the exported class: each method reads its arguments and begins a call
//!   arguments, options, persistence      what callers write, by way of `given`
//!   driver                               a `call` from its beginning to its end; the rule for Workers stands there
//!     exchange, store, lent              requests, persistent caches, what is the caller's
//!     results                            tokens, records, flows and errors as callers get them
//!       wait, clock, exceptions, shared  promises and timers, times, what is thrown, what tasks share
//!       values                           values of JavaScript, as they come in and as they go out
//! imports        every function of JavaScript that is called
//! ```
//!
//! No two of them use each other.
//!
//! A small class of JavaScript (`pkg-template/lib/credential.js`) stands around the exported one: it makes the instance, and
//! knows what to do should the instance die.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod arguments;
mod call;
mod clock;
mod driver;
mod exceptions;
mod exchange;
mod given;
mod imports;
mod lent;
mod options;
mod persistence;
mod results;
mod shared;
mod store;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
mod values;
mod wait;

use crate::arguments::Asked;
use crate::driver::Driver;
use entra_device_code::flow::ask::Purpose;
use js_sys::Array;
use rlsf::SmallGlobalTlsf;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use zeroizing_alloc::ZeroAlloc;

/// What is freed is wiped: much of it was a secret once, or a copy of one.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<SmallGlobalTlsf> = ZeroAlloc(SmallGlobalTlsf::new());

/// A credential. Its methods take their arguments as an array, and give a result or a promise of one.
#[wasm_bindgen]
pub struct DeviceCodeCredential {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl DeviceCodeCredential {
    /// `(options?)` or `(clientId, options?)`. Nothing is sent.
    ///
    /// # Errors
    /// A `TypeError` names the option that is wrong, and says what would be right.
    #[wasm_bindgen(constructor)]
    pub fn new(arguments: &Array) -> Result<DeviceCodeCredential, JsValue> {
        let driver = Driver::new(options::read(arguments)?)?;
        Ok(Self { driver })
    }

    /// `(...scopes, options?)` or `(scopes, options?)`: an access token.
    ///
    /// # Errors
    /// What the promise of the method rejects with.
    #[wasm_bindgen(js_name = getToken)]
    pub fn get_token(&self, arguments: &Array) -> Result<JsValue, JsValue> {
        self.driver.call(Purpose::GetToken, arguments::get_token(arguments))
    }

    /// `({scopes?, …}?)` or `(scopes, options?)`: who signed in.
    ///
    /// # Errors
    /// What the promise of the method rejects with.
    pub fn authenticate(&self, arguments: &Array) -> Result<JsValue, JsValue> {
        self.driver
            .call(Purpose::Authenticate, arguments::authenticate(arguments))
    }

    /// `(...scopes, options?)` or `(scopes, options?)`: a flow that somebody goes on with later.
    ///
    /// # Errors
    /// What the promise of the method rejects with.
    #[wasm_bindgen(js_name = initiateDeviceFlow)]
    pub fn initiate_device_flow(&self, arguments: &Array) -> Result<JsValue, JsValue> {
        self.driver
            .call(Purpose::InitiateDeviceFlow, arguments::get_token(arguments))
    }

    /// `(flow, {once?, abortSignal?}?)`: the token, or how the flow stands.
    ///
    /// # Errors
    /// What the promise of the method rejects with.
    #[wasm_bindgen(js_name = acquireTokenByDeviceFlow)]
    pub fn acquire_token_by_device_flow(&self, arguments: &Array) -> Result<JsValue, JsValue> {
        let asked = arguments::acquire_by_flow(arguments)?;
        let once = asked.flow.as_ref().is_some_and(|flow| flow.once);
        self.driver.call(Purpose::AcquireTokenByDeviceFlow { once }, Ok(asked))
    }

    /// The accounts in the cache.
    ///
    /// # Errors
    /// What the promise of the method rejects with.
    #[wasm_bindgen(js_name = getAccounts)]
    pub fn get_accounts(&self, _arguments: &Array) -> Result<JsValue, JsValue> {
        self.driver.call(Purpose::GetAccounts, Ok(Asked::of(Vec::new())))
    }

    /// `(record?)`: forgets an account, and gives what was forgotten.
    ///
    /// # Errors
    /// What the promise of the method rejects with.
    #[wasm_bindgen(js_name = removeAccount)]
    pub fn remove_account(&self, arguments: &Array) -> Result<JsValue, JsValue> {
        self.driver
            .call(Purpose::RemoveAccount, arguments::remove_account(arguments))
    }

    /// Ends every call, now and later.
    pub fn close(&self) {
        self.driver.close();
    }
}
