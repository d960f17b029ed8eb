//! What this crate calls in JavaScript.
//!
//! Each import is `catch`. An exception that went through the frames of Rust would leave behind whatever they hold, so that
//! nothing of the instance could be trusted after it. What js-sys and web-sys import beside these runs no code of the
//! caller's and doesn't throw; a test looks at the glue for that.

use js_sys::{Array, JsString};
use wasm_bindgen::prelude::*;

/// The host.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Date, js_name = now)]
    pub(crate) fn date_now() -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_namespace = performance, js_name = now)]
    pub(crate) fn performance_now() -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = randomUUID)]
    pub(crate) fn random_uuid() -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_namespace = console, js_name = log)]
    pub(crate) fn console_log(line: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = console, js_name = warn)]
    pub(crate) fn console_warn(line: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = console, js_name = debug)]
    pub(crate) fn console_debug(line: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    pub(crate) fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    pub(crate) fn keys(object: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_namespace = JSON, js_name = stringify)]
    pub(crate) fn stringify(value: &JsValue) -> Result<JsValue, JsValue>;
    /// What `String(value)` gives.
    #[wasm_bindgen(catch, js_name = String)]
    pub(crate) fn to_text(value: &JsValue) -> Result<String, JsValue>;
    /// A member of an object. Not js-sys's, which needs a string of JavaScript for the name.
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    pub(crate) fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = set)]
    pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) -> Result<bool, JsValue>;
}

/// An abort signal, or what is like one.
#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Signal;

    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    pub(crate) fn add_event_listener(this: &Signal, event: &str, listener: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    pub(crate) fn remove_event_listener(this: &Signal, event: &str, listener: &JsValue) -> Result<(), JsValue>;

    /// web-sys has this without `catch`; listeners are others' code.
    #[wasm_bindgen(extends = web_sys::AbortController)]
    pub(crate) type Stop;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn abort(this: &Stop) -> Result<(), JsValue>;
}

/// Where tokens are kept beyond the life of the process. Both resolve in the context of the call they are made for.
#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Store;

    /// The text of a cache, or of an account's part of it; nothing if there is none.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn load(this: &Store, enable_cae: bool, account: Option<String>) -> Result<JsValue, JsValue>;
    /// Writes what `changes` makes of what is stored; see `lib/store.js`.
    #[wasm_bindgen(method, catch)]
    pub(crate) fn save(
        this: &Store,
        enable_cae: bool,
        changes: &Loan,
        signed_out: Option<String>,
    ) -> Result<JsValue, JsValue>;
}

/// What of this package is JavaScript: `pkg-template/lib/boundary.js`.
#[wasm_bindgen(module = "entra-device-code-lib")]
extern "C" {
    /// Opens the store that `persistence` describes. `log` takes a level, as a number, and a line.
    #[wasm_bindgen(catch, js_name = openStore)]
    pub(crate) fn open_store(persistence: &JsValue, log: &Loan) -> Result<Store, JsValue>;
    /// The host's `fetch`.
    #[wasm_bindgen(catch, js_name = hostFetch)]
    pub(crate) fn host_fetch() -> Result<JsValue, JsValue>;
    /// An environment variable, where that may be asked.
    #[wasm_bindgen(catch)]
    pub(crate) fn environment(name: &str) -> Result<Option<String>, JsValue>;
    /// The operating system, or failing that the runtime.
    #[wasm_bindgen(catch)]
    pub(crate) fn platform() -> Result<String, JsValue>;
    /// What may be repeated of what an exception says.
    #[wasm_bindgen(catch, js_name = discreetText)]
    pub(crate) fn discreet_text(message: &str) -> Result<String, JsValue>;
    /// An error of ours for somebody else's.
    #[wasm_bindgen(catch, js_name = discreetError)]
    pub(crate) fn discreet_error(exception: &JsValue, message: &str) -> Result<JsValue, JsValue>;
    /// Whether an exception holds what a request, whose form this is, or its reply keeps secret.
    #[wasm_bindgen(catch, js_name = repeatsSecrets)]
    pub(crate) fn repeats_secrets(exception: &JsValue, form: &str) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_name = isUnavailable)]
    pub(crate) fn is_unavailable(exception: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_name = createAccessToken)]
    pub(crate) fn create_access_token(
        token: &JsString,
        expires_on_timestamp: f64,
        refresh_after_timestamp: Option<f64>,
    ) -> Result<JsValue, JsValue>;
    /// `headers` are names and values by turns, a line each.
    #[wasm_bindgen(catch, js_name = createInit)]
    pub(crate) fn create_init(
        method: &str,
        headers: &str,
        body: Option<&str>,
        signal: &web_sys::AbortSignal,
    ) -> Result<JsValue, JsValue>;
    /// Reads what `fetch` gave. No more than `most` bytes of it are.
    #[wasm_bindgen(catch, js_name = readReply)]
    pub(crate) fn read_reply(fetched: &JsValue, most: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = createRecord)]
    pub(crate) fn create_record(fields: &JsValue) -> Result<JsValue, JsValue>;
    /// An error of the class that `kind` names, or a `TypeError`.
    #[wasm_bindgen(catch, js_name = createError)]
    pub(crate) fn create_error(kind: &str, message: &str, details: &JsValue) -> Result<JsValue, JsValue>;

    /// What was read of a reply.
    pub(crate) type Received;
    #[wasm_bindgen(method, getter, catch)]
    pub(crate) fn status(this: &Received) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, getter, catch, js_name = retryAfter)]
    pub(crate) fn retry_after(this: &Received) -> Result<Option<String>, JsValue>;
    /// Nothing if it is longer than it may be.
    #[wasm_bindgen(method, getter, catch)]
    pub(crate) fn text(this: &Received) -> Result<Option<String>, JsValue>;

    /// The promise of a call. It is rejected if the instance dies.
    pub(crate) type Pending;
    #[wasm_bindgen(catch, constructor)]
    pub(crate) fn new() -> Result<Pending, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    pub(crate) fn promise(this: &Pending) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn settle(this: &Pending, succeeded: bool, value: &JsValue) -> Result<(), JsValue>;

    /// A function that a store is lent, until it is let go.
    pub(crate) type Loan;
    #[wasm_bindgen(catch, constructor)]
    pub(crate) fn new_loan(lent: &JsValue) -> Result<Loan, JsValue>;
    #[wasm_bindgen(method, catch, js_name = letGo)]
    pub(crate) fn let_go_of_loan(this: &Loan) -> Result<(), JsValue>;

    /// Tells `teller` with `key` what a promise settles to, unless it is let go before.
    #[derive(Clone)]
    pub(crate) type Listening;
    #[wasm_bindgen(catch, constructor)]
    pub(crate) fn new_listening(promise: &JsValue, teller: &JsValue, key: usize) -> Result<Listening, JsValue>;
    #[wasm_bindgen(method, catch, js_name = letGo)]
    pub(crate) fn let_go(this: &Listening) -> Result<(), JsValue>;

    /// The same of a promise that `wake` resolves. Whoever wakes it, it goes on in the context in which it was made.
    #[wasm_bindgen(extends = Listening)]
    #[derive(Clone)]
    pub(crate) type Alarm;
    #[wasm_bindgen(catch, constructor)]
    pub(crate) fn new_alarm(teller: &JsValue, key: usize) -> Result<Alarm, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn wake(this: &Alarm) -> Result<(), JsValue>;

    /// `setTimeout`, and a note of the timer until it has fired or is cleared: should the instance die, it is cleared.
    #[wasm_bindgen(catch, js_name = startTimer)]
    pub(crate) fn start_timer(teller: &JsValue, key: usize, delay: f64) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = clearTimer)]
    pub(crate) fn clear_timer(timer: &JsValue) -> Result<(), JsValue>;
    /// Notes a controller of something under way, to be aborted should the instance die.
    #[wasm_bindgen(catch, js_name = noteController)]
    pub(crate) fn note_controller(controller: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_name = forgetController)]
    pub(crate) fn forget_controller(controller: &JsValue) -> Result<(), JsValue>;
}
