//! The boundary, crossed for real: run by `wasm-pack test --node`.

use crate::{Core, Driver};
use alloc::string::String;
use alloc::vec::Vec;
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

const OPTIONS: &str = r#"{"clientId":"client","authorityName":"authority","authority":"login.microsoftonline.com",
    "tenantName":"tenantId","tenantId":"organizations","os":"test"}"#;

/// A driver that notes what it is told: `[name, ...arguments]`.
fn driver(said: &Array) -> Driver {
    let make = Function::new_with_args(
        "said",
        "return new Proxy({}, { get: (_, name) => (...args) => { said.push([name, ...args]) } })",
    );
    make.call1(&JsValue::UNDEFINED, said).unwrap().unchecked_into()
}

fn drain(core: &mut Core) -> Vec<Vec<JsValue>> {
    let said = Array::new();
    let driver = driver(&said);
    while core.poll(&driver) {}
    said.iter()
        .map(|words| words.unchecked_into::<Array>().iter().collect())
        .collect()
}

fn text(value: &JsValue) -> String {
    value.as_string().unwrap()
}

fn number(value: &JsValue) -> u32 {
    // Ids are small and whole.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let number = value.as_f64().unwrap() as u32;
    number
}

fn parsed(json: &JsValue, name: &str) -> JsValue {
    Reflect::get(&js_sys::JSON::parse(&text(json)).unwrap(), &name.into()).unwrap()
}

#[wasm_bindgen_test]
fn a_sign_in_crosses_the_boundary() {
    let mut core = Core::new(OPTIONS).unwrap();
    let call = core.call(0, "User.Read", None, None, false, None, "correlation".into(), 1e12, 5.0);
    let said = drain(&mut core);
    assert_eq!(text(&said[0][0]), "send");
    assert_eq!(number(&said[0][1]), call);
    let url = text(&parsed(&said[0][3], "url"));
    assert_eq!(
        url,
        "https://login.microsoftonline.com/organizations/oauth2/v2.0/devicecode"
    );
    let io = number(&said[0][2]);

    let code = r#"{"device_code":"d","user_code":"ABCD","verification_uri":"https://h/v","expires_in":900}"#;
    core.replied(io, 200, None, code.into(), 1e12, 10.0);
    let said = drain(&mut core);
    let prompt = said.iter().find(|words| text(&words[0]) == "prompt").unwrap();
    assert_eq!(text(&parsed(&prompt[3], "userCode")), "ABCD");
    let wake = said.iter().find(|words| text(&words[0]) == "wakeAt").unwrap();
    assert_eq!(wake[2].as_f64().unwrap().to_bits(), 5010.0_f64.to_bits());

    core.look(call, 1e12 + 5000.0, 5010.0);
    let said = drain(&mut core);
    assert_eq!(text(&said[0][0]), "send");
    let token = r#"{"access_token":"at","expires_in":3600}"#;
    core.replied(number(&said[0][2]), 200, None, token.into(), 1e12 + 5000.0, 5020.0);
    let said = drain(&mut core);
    let finish = said.iter().find(|words| text(&words[0]) == "finish").unwrap();
    assert_eq!(text(&finish[2]), "at");
    assert_eq!(finish[3].as_f64().unwrap().to_bits(), 1_000_003_605_000.0_f64.to_bits());
}

#[wasm_bindgen_test]
fn an_error_tells_its_class_and_what_it_knows() {
    let mut core = Core::new(OPTIONS).unwrap();
    core.call(0, "", None, None, false, None, "correlation".into(), 1e12, 5.0);
    let said = drain(&mut core);
    assert_eq!(text(&said[0][0]), "fail");
    assert_eq!(text(&parsed(&said[0][2], "kind")), "TypeError");
    assert!(text(&parsed(&said[0][2], "message")).contains("scopes"));
}

#[wasm_bindgen_test]
fn a_wrong_option_is_named() {
    let wrong = OPTIONS.replace("organizations", "my tenant");
    let why = Core::new(&wrong).err().unwrap();
    assert!(text(&why).contains("`tenantId`"));
}

#[wasm_bindgen_test]
fn what_nobody_waits_for_is_ignored() {
    let mut core = Core::new(OPTIONS).unwrap();
    core.replied(77, 200, None, "{}".into(), 1e12, 5.0);
    core.look(78, 1e12, 5.0);
    core.aborted(79, 1e12, 5.0);
    assert!(drain(&mut core).is_empty());
}

#[wasm_bindgen_test]
fn a_flow_crosses_the_boundary_and_comes_back() {
    let mut core = Core::new(OPTIONS).unwrap();
    core.call(3, "User.Read", None, None, false, None, "correlation".into(), 1e12, 5.0);
    let said = drain(&mut core);
    let code = r#"{"device_code":"d","user_code":"ABCD","verification_uri":"https://h/v","expires_in":900}"#;
    core.replied(number(&said[0][2]), 200, None, code.into(), 1e12, 10.0);
    let said = drain(&mut core);
    let finish = said.iter().find(|words| text(&words[0]) == "finish").unwrap();
    assert_eq!(text(&finish[2]), "");
    let flow = text(&finish[5]);
    assert_eq!(text(&parsed(&finish[5], "deviceCode")), "d");

    let mut other = Core::new(OPTIONS).unwrap();
    other.call(
        6,
        "User.Read",
        None,
        None,
        false,
        Some(flow),
        "correlation".into(),
        1e12,
        5.0,
    );
    let said = drain(&mut other);
    let wake = said.iter().find(|words| text(&words[0]) == "wakeAt").unwrap();
    other.look(number(&wake[1]), 1e12, 5.0);
    let said = drain(&mut other);
    assert!(text(&parsed(&said[0][3], "body")).contains("device_code=d"));
}

#[wasm_bindgen_test]
fn what_is_no_flow_is_refused() {
    let mut core = Core::new(OPTIONS).unwrap();
    core.call(
        5,
        "User.Read",
        None,
        None,
        false,
        Some("{".into()),
        "correlation".into(),
        1e12,
        5.0,
    );
    let said = drain(&mut core);
    assert_eq!(text(&said[0][0]), "fail");
    assert!(text(&parsed(&said[0][2], "message")).contains("`flow`"));
}

#[wasm_bindgen_test]
fn a_store_that_cannot_work_ends_the_call() {
    let options = OPTIONS.replace("\"os\"", "\"persistence\":\"whole\",\"os\"");
    let mut core = Core::new(&options).unwrap();
    core.call(0, "User.Read", None, None, false, None, "correlation".into(), 1e12, 5.0);
    let said = drain(&mut core);
    assert_eq!(text(&said[0][0]), "load");
    core.store_unusable(number(&said[0][2]), "no keyring".into(), 1e12, 6.0);
    let said = drain(&mut core);
    assert_eq!(text(&parsed(&said[0][2], "kind")), "CredentialUnavailableError");
    assert_eq!(core.merge(false, "{}", None).unwrap(), None);
    assert_eq!(core.unsaved_accounts(false), "[]");
    assert!(core.merge(false, "garbage", Some("ada".into())).is_err());
}
