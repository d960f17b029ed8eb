//! The exported class. JavaScript wraps it once more, to hide what wasm-bindgen adds to it.

use crate::error::Error;
use crate::flow::config::Config;
use crate::flow::credential::Credential;
use crate::host::{Host, Lent};
use crate::js::arguments::{self, Call};
use crate::js::bindings::{Arguments, Bindings};
use crate::js::options::{self, JsOrError, Lendings, Prompter};
use crate::js::results::FromJs;
use js_sys::Promise;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A credential, as JavaScript holds it.
#[wasm_bindgen(js_name = Credential)]
pub struct JsCredential {
    host: Rc<Host>,
    config: Config,
    errors: FromJs,
}

#[wasm_bindgen(js_class = Credential)]
impl JsCredential {
    /// `arguments` are those of the constructor of `DeviceCodeCredential`.
    ///
    /// # Errors
    /// Throws a `TypeError` that names the option that is wrong.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::needless_pass_by_value)]
    pub fn new(arguments: Arguments, bindings: Bindings) -> Result<Self, JsValue> {
        let none = Lendings {
            fetch: None,
            prompt: Prompter::Print,
            logger: None,
            support_logging: false,
            store: None,
        };
        let errors = FromJs {
            bindings: bindings.clone().unchecked_into(),
            lendings: none,
        };
        match options::read(&arguments, &bindings) {
            Err(JsOrError::Error(error)) => Err(errors.error(&error)),
            Err(JsOrError::Js(exception)) => Err(exception),
            Ok((config, lendings)) => {
                let credential = Credential::new(config.clone());
                let host = Host::new(credential, Box::new(FromJs { bindings, lendings }));
                Ok(Self { host, config, errors })
            }
        }
    }

    /// Resolves to a token.
    #[wasm_bindgen(js_name = getToken)]
    #[allow(clippy::needless_pass_by_value)]
    pub fn get_token(&self, arguments: Arguments) -> Promise {
        self.call(arguments::get_token(&self.config, &arguments))
    }

    /// Resolves to an authentication record.
    #[allow(clippy::needless_pass_by_value)]
    pub fn authenticate(&self, arguments: Arguments) -> Promise {
        self.call(arguments::authenticate(&self.config, &arguments))
    }

    /// Resolves when the account is forgotten.
    #[wasm_bindgen(js_name = removeAccount)]
    pub fn remove_account(&self) -> Promise {
        self.call(arguments::remove_account(&self.config))
    }

    /// Ends every call, now and later.
    pub fn close(&self) {
        self.host.close();
    }

    fn call(&self, call: Result<Call, Error>) -> Promise {
        match call {
            Ok(Call { ask, signal }) => self.host.call(ask, signal.as_ref()),
            Err(error) => Promise::reject(&self.errors.error(&error)),
        }
    }
}
