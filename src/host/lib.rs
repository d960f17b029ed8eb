//! What crosses the boundary to JavaScript: numbers and strings, nothing else.
//!
//! The other half of the driver is JavaScript (`pkg-template/lib/driver.js`): it holds the promises, timers and abort
//! controllers, sends requests with the host's `fetch`, and tells this half what happened. Here, its words become events,
//! and effects become its words: `incoming` reads what it says, `outgoing` writes what it is told.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod incoming;
mod outgoing;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

use entra_device_code::error::Cause;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId, JobId};
use entra_device_code::json::Object;
use entra_device_code::protocol::http::{Fault, Reply};
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Timestamp};
use incoming::{config, milliseconds, purpose};
use outgoing::{error, prompt, request};
use wasm_bindgen::prelude::*;

extern crate alloc;

use alloc::string::String;

#[wasm_bindgen]
extern "C" {
    /// The JavaScript half of the driver. It only notes what it is told, and does it when this half has returned.
    pub type Driver;

    #[wasm_bindgen(method)]
    fn send(this: &Driver, call: u32, io: u32, request: &str, limit: f64);
    #[wasm_bindgen(method)]
    fn load(this: &Driver, call: u32, io: u32, enable_cae: bool, account: Option<String>, limit: f64);
    #[wasm_bindgen(method)]
    fn save(this: &Driver, call: u32, io: u32, enable_cae: bool, limit: f64);
    #[wasm_bindgen(method)]
    fn cancel(this: &Driver, io: u32);
    #[wasm_bindgen(method)]
    fn prompt(this: &Driver, call: u32, job: u32, prompt: &str);
    #[wasm_bindgen(method, js_name = wakeAt)]
    fn wake_at(this: &Driver, call: u32, at: f64);
    #[wasm_bindgen(method)]
    fn finish(this: &Driver, call: u32, token: &str, expires_on: f64, refresh_on: Option<f64>, answer: Option<String>);
    #[wasm_bindgen(method)]
    fn fail(this: &Driver, call: u32, error: &str);
    #[wasm_bindgen(method)]
    fn log(this: &Driver, level: u8, line: &str);
}

/// A credential, as JavaScript holds it. Times are milliseconds: `wall` since the Unix epoch, `monotonic` since the
/// host's origin.
#[wasm_bindgen]
pub struct Core {
    credential: Credential,
}

#[wasm_bindgen]
impl Core {
    /// Takes the options as JSON.
    ///
    /// # Errors
    /// Says which option is wrong and what would be right.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Core, JsValue> {
        let options = Object::parse(options).unwrap_or_default();
        match config(&options) {
            Ok(config) => Ok(Self {
                credential: Credential::new(config),
            }),
            Err(why) => Err(JsValue::from_str(&why)),
        }
    }

    /// Begins a call; its effects follow.
    #[allow(clippy::too_many_arguments)]
    pub fn call(
        &mut self,
        what: u8,
        scopes: &str,
        claims: Option<String>,
        tenant_id: Option<String>,
        enable_cae: bool,
        flow: Option<String>,
        correlation_id: String,
        wall: f64,
        monotonic: f64,
    ) -> u32 {
        let options = AskOptions {
            claims,
            tenant_id,
            enable_cae,
        };
        let ask = incoming::ask(
            self.credential.config(),
            purpose(what),
            scopes,
            options,
            flow.as_deref(),
        );
        match ask {
            Ok(ask) => self.credential.call(ask, correlation_id, now(wall, monotonic)).number(),
            Err(error) => self.credential.refuse(error).number(),
        }
    }

    /// The caller's timer fired, or it was woken.
    pub fn look(&mut self, call: u32, wall: f64, monotonic: f64) {
        self.credential
            .handle_call(CallId::of(call), CallEvent::Look, now(wall, monotonic));
    }

    /// The caller gave up.
    pub fn aborted(&mut self, call: u32, wall: f64, monotonic: f64) {
        self.credential
            .handle_call(CallId::of(call), CallEvent::Aborted, now(wall, monotonic));
    }

    /// Something is still being done.
    pub fn beat(&mut self, io: u32, wall: f64, monotonic: f64) {
        self.credential
            .handle_io(IoId::of(io), IoEvent::Beat, now(wall, monotonic));
    }

    /// A request was answered.
    pub fn replied(&mut self, io: u32, status: u16, retry_after: Option<f64>, body: String, wall: f64, monotonic: f64) {
        let reply = Reply {
            status,
            retry_after: retry_after.map(milliseconds),
            body: Secret::new(body),
        };
        let event = IoEvent::Replied(Ok(reply));
        self.credential.handle_io(IoId::of(io), event, now(wall, monotonic));
    }

    /// A request was not answered, for a reason that the driver keeps under a number.
    pub fn unanswered(&mut self, io: u32, too_large: bool, why: String, cause: u32, wall: f64, monotonic: f64) {
        let fault = if too_large {
            Fault::TooLarge
        } else {
            Fault::Network(Cause {
                text: why,
                number: Some(cause),
            })
        };
        self.credential
            .handle_io(IoId::of(io), IoEvent::Replied(Err(fault)), now(wall, monotonic));
    }

    /// The store was read.
    pub fn loaded(&mut self, io: u32, text: Option<String>, wall: f64, monotonic: f64) {
        self.credential.handle_io(
            IoId::of(io),
            IoEvent::Loaded(Ok(text.map(Secret::new))),
            now(wall, monotonic),
        );
    }

    /// The store was written.
    pub fn saved(&mut self, io: u32, wall: f64, monotonic: f64) {
        self.credential
            .handle_io(IoId::of(io), IoEvent::Saved(Ok(())), now(wall, monotonic));
    }

    /// The store was not read, or not written.
    #[wasm_bindgen(js_name = storeFailed)]
    pub fn store_failed(&mut self, io: u32, saving: bool, why: String, cause: u32, wall: f64, monotonic: f64) {
        let cause = Cause {
            text: why,
            number: Some(cause),
        };
        let event = if saving {
            IoEvent::Saved(Err(cause))
        } else {
            IoEvent::Loaded(Err(cause))
        };
        self.credential.handle_io(IoId::of(io), event, now(wall, monotonic));
    }

    /// The store can't work as it is configured.
    #[wasm_bindgen(js_name = storeUnusable)]
    pub fn store_unusable(&mut self, io: u32, why: String, wall: f64, monotonic: f64) {
        self.credential
            .handle_io(IoId::of(io), IoEvent::Unusable(why), now(wall, monotonic));
    }

    /// The prompt could not be shown.
    #[wasm_bindgen(js_name = promptFailed)]
    pub fn prompt_failed(&mut self, job: u32, why: String, cause: u32, wall: f64, monotonic: f64) {
        let cause = Cause {
            text: why,
            number: Some(cause),
        };
        self.credential
            .prompt_failed(JobId::of(job), cause, now(wall, monotonic));
    }

    /// What a persistent cache, or an account's item of one, is to hold, given what it holds: nothing if it is as it should
    /// be, an empty text if it holds nothing any more.
    ///
    /// # Errors
    /// Says why the content is no cache.
    pub fn merge(
        &mut self,
        enable_cae: bool,
        stored: &str,
        account: Option<String>,
    ) -> Result<Option<String>, JsValue> {
        let item = incoming::item(account.as_deref());
        self.credential
            .merge(enable_cae, stored, item)
            .map_err(JsValue::from_str)
    }

    /// Whose items are to be saved, as a JSON array.
    #[wasm_bindgen(js_name = unsavedAccounts)]
    pub fn unsaved_accounts(&mut self, enable_cae: bool) -> String {
        outgoing::texts_array(self.credential.unsaved_accounts(enable_cae))
    }

    /// Ends every call, now and later.
    pub fn close(&mut self) {
        self.credential.close();
    }

    /// Tells the driver one thing to do, or says that there is nothing.
    pub fn poll(&mut self, driver: &Driver) -> bool {
        if let Some((level, line)) = self.credential.poll_log() {
            driver.log(level as u8, &line);
            return true;
        }
        let Some((call, effect)) = self.credential.poll_effect() else {
            return false;
        };
        let call = call.number();
        match effect {
            Effect::Send {
                io,
                request: sent,
                limit,
            } => {
                driver.send(call, io.number(), &request(&sent), outgoing::milliseconds(limit));
            }
            Effect::Load {
                io,
                enable_cae,
                account,
                limit,
            } => {
                driver.load(call, io.number(), enable_cae, account, outgoing::milliseconds(limit));
            }
            Effect::Save { io, enable_cae, limit } => {
                driver.save(call, io.number(), enable_cae, outgoing::milliseconds(limit));
            }
            Effect::Cancel(io) => driver.cancel(io.number()),
            Effect::Prompt(job, shown) => driver.prompt(call, job.number(), &prompt(&shown).to_json()),
            Effect::WakeAt(at) => driver.wake_at(call, outgoing::instant(at)),
            Effect::Finish(result) => match &*result {
                Err(why) => driver.fail(call, &error(why)),
                Ok(outcome) => {
                    let (token, expires_on, refresh_on) = match &outcome.token {
                        None => ("", 0.0, None),
                        Some(token) => (
                            token.secret.expose(),
                            outgoing::timestamp(token.life.expires_on),
                            token.life.refresh_on.map(outgoing::timestamp),
                        ),
                    };
                    let answer = outgoing::answer(outcome, self.credential.config());
                    driver.finish(call, token, expires_on, refresh_on, answer);
                }
            },
        }
        true
    }
}

fn now(wall: f64, monotonic: f64) -> Now {
    Now {
        wall: Timestamp::from_unix_millis(incoming::whole(wall)),
        monotonic: Instant::from_millis(incoming::whole(monotonic)),
    }
}

#[cfg(all(target_arch = "wasm32", not(test)))]
mod bare {
    //! What `std` would bring, less its weight: an allocator, and a panic that is a trap without a message. Lints deny
    //! every way to panic; this is for the rest.

    /// Four kilobytes less than the allocator that `std` brings, and as quick; takes a quarter more memory for large caches.
    #[global_allocator]
    static ALLOCATOR: rlsf::GlobalTlsf<Small> = rlsf::GlobalTlsf::new();

    struct Small;

    impl rlsf::GlobalTlsfOptions for Small {
        const ENABLE_REALLOCATION: bool = false;
        // Without this, a large text that grows would leave a trail of pools that only smaller ones fit in.
        const COALESCE_POOLS: bool = true;
    }

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}
