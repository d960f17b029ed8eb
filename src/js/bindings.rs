//! What the JavaScript side of the package lends: classes that only JavaScript can define, and platform services.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// An object with these methods, passed to the constructor.
    #[wasm_bindgen(typescript_type = "object")]
    pub type Bindings;

    /// An error of the class that `kind` names, with `details` as its properties.
    #[wasm_bindgen(method, js_name = createError)]
    pub(crate) fn create_error(this: &Bindings, kind: &str, message: &str, details: &JsValue) -> JsValue;
    /// An access token; times in milliseconds since the Unix epoch.
    #[wasm_bindgen(method, js_name = createToken)]
    pub(crate) fn create_token(this: &Bindings, token: &str, expires: f64, refresh_after: Option<f64>) -> JsValue;
    /// An authentication record.
    #[wasm_bindgen(method, js_name = createRecord)]
    pub(crate) fn create_record(
        this: &Bindings,
        authority: &str,
        client_id: &str,
        home_account_id: &str,
        tenant_id: &str,
        username: &str,
    ) -> JsValue;
    /// An environment variable, if there is such a thing and it may be read.
    #[wasm_bindgen(method)]
    pub(crate) fn environment(this: &Bindings, name: &str) -> Option<String>;
    /// The operating system or runtime, for `x-client-os`.
    #[wasm_bindgen(method)]
    pub(crate) fn platform(this: &Bindings) -> String;
    /// The store that the options describe, or an exception that says what is wrong with them.
    #[wasm_bindgen(method, catch, js_name = openStore)]
    pub(crate) fn open_store(this: &Bindings, options: &JsValue) -> Result<Store, JsValue>;

    /// A persistent cache.
    pub(crate) type Store;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn load(this: &Store, enable_cae: bool) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn save(this: &Store, enable_cae: bool, merge: &Function) -> Result<Promise, JsValue>;

    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    pub(crate) static GLOBAL: JsValue;
    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(crate) fn console_log(line: &str);
    #[wasm_bindgen(js_namespace = console, js_name = debug)]
    pub(crate) fn console_debug(line: &str);
}

/// What a method was called with.
pub(crate) type Arguments = Array;
