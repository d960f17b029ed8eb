//! A host whose `fetch` gives the replies of a script, and what the cases say of values.

use crate::DeviceCodeCredential;
use base64ct::{Base64UrlUnpadded, Encoding};
use js_sys::{Array, Object, Promise, Reflect, TypeError};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::closure::WasmClosure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Response)]
    type HostResponse;
    #[wasm_bindgen(constructor, js_class = "Response")]
    fn new(body: &str, init: &Object) -> HostResponse;
}

/// A status and a body.
type Scripted = (u16, String);

#[derive(Default)]
struct Script {
    replies: RefCell<VecDeque<Scripted>>,
    /// URL and form of each.
    requests: RefCell<Vec<(String, String)>>,
    called: RefCell<Option<Box<dyn Fn()>>>,
}

pub(super) struct Host {
    pub(super) options: Object,
    script: Rc<Script>,
}

impl Host {
    pub(super) fn new() -> Self {
        let script = Rc::new(Script::default());
        let host = Self {
            options: object(&[("clientId", &"client".into())]),
            script: Rc::clone(&script),
        };
        host.option("promptCallback", Closure::<dyn FnMut()>::new(|| {}));
        host.option(
            "fetch",
            Closure::<dyn FnMut(String, Object) -> Promise>::new(move |url, init: Object| {
                let form = member(&init, "body").as_string().unwrap_or_default();
                script.requests.borrow_mut().push((url, form));
                if let Some(called) = &*script.called.borrow() {
                    called();
                }
                match script.replies.borrow_mut().pop_front() {
                    Some((status, body)) => {
                        let init = object(&[("status", &status.into())]);
                        Promise::resolve(&JsValue::from(HostResponse::new(&body, &init)))
                    }
                    // No reply ever comes.
                    None => Promise::new(&mut |_, _| {}),
                }
            }),
        );
        host
    }

    pub(super) fn option<T: ?Sized + WasmClosure + 'static>(&self, name: &str, function: Closure<T>) {
        Reflect::set(&self.options, &name.into(), &function.into_js_value()).unwrap();
    }

    /// What to answer next.
    pub(super) fn replies(&self, replies: impl IntoIterator<Item = Scripted>) {
        self.script.replies.borrow_mut().extend(replies);
    }

    /// What happens when it sends a request.
    pub(super) fn on_fetch(&self, called: impl Fn() + 'static) {
        *self.script.called.borrow_mut() = Some(Box::new(called));
    }

    pub(super) fn requests(&self) -> Vec<(String, String)> {
        self.script.requests.borrow().clone()
    }

    pub(super) fn credential(&self) -> DeviceCodeCredential {
        DeviceCodeCredential::new(&Array::of1(&self.options)).unwrap()
    }
}

pub(super) fn code() -> Scripted {
    let body =
        r#"{"device_code":"DC","user_code":"ABCD","verification_uri":"https://h/v","expires_in":900,"interval":1}"#;
    (200, body.to_owned())
}

pub(super) fn refusal(error: &str) -> Scripted {
    (400, format!(r#"{{"error":"{error}"}}"#))
}

pub(super) fn grant(token: &str, expires_in: u32) -> Scripted {
    let client_info = Base64UrlUnpadded::encode_string(br#"{"uid":"u","utid":"t"}"#);
    let body = format!(
        r#"{{"token_type":"Bearer","access_token":"{token}","refresh_token":"RT","expires_in":{expires_in},"scope":"User.Read","client_info":"{client_info}"}}"#
    );
    (200, body)
}

/// What a server grants that says who signed in.
pub(super) fn id_token() -> String {
    let claims = br#"{"iss":"https://login.microsoftonline.com/contoso-id/v2.0","aud":"client","tid":"contoso-id","sub":"s","preferred_username":"ada@contoso.com"}"#;
    let claims = Base64UrlUnpadded::encode_string(claims);
    format!(r#"{{"token_type":"Bearer","access_token":"AT","expires_in":3600,"id_token":"e30.{claims}.sig"}}"#)
}

pub(super) fn object(members: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object
}

pub(super) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

pub(super) fn text(object: &JsValue, name: &str) -> String {
    member(object, name).as_string().unwrap_or_default()
}

pub(super) fn typed_error(error: &JsValue) -> String {
    assert!(error.is_instance_of::<TypeError>(), "{error:?}");
    text(error, "message")
}

pub(super) async fn resolved(call: Result<JsValue, JsValue>) -> JsValue {
    settled(call).await.unwrap()
}

pub(super) async fn rejected(call: Result<JsValue, JsValue>) -> JsValue {
    settled(call).await.unwrap_err()
}

async fn settled(call: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&call?)).await
}

/// Time enough for what begins at once.
pub(super) async fn started() {
    for _ in 0..10 {
        JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await.unwrap();
    }
}
