//! The exported class, used as JavaScript uses it, with a scripted `fetch`. Run by `wasm-pack test --node`.

mod host;

use crate::DeviceCodeCredential;
use host::{Host, code, grant, id_token, member, object, refusal, rejected, resolved, started, text, typed_error};
use js_sys::{Array, Date, JSON, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::AbortController;

fn scope() -> Array {
    Array::of1(&"User.Read".into())
}

#[wasm_bindgen_test]
async fn a_sign_in_prompts_polls_and_gives_a_token_that_is_then_cached() {
    let host = Host::new();
    host.replies([code(), refusal("authorization_pending"), grant("AT1", 3600)]);
    let prompts = Rc::new(RefCell::new(Vec::new()));
    let shown = Rc::clone(&prompts);
    host.option(
        "promptCallback",
        Closure::<dyn FnMut(String, String, Date)>::new(move |uri, code, expires_on: Date| {
            shown
                .borrow_mut()
                .push((uri, code, expires_on.get_time() > Date::now()));
        }),
    );
    let credential = host.credential();
    let token = resolved(credential.get_token(&scope())).await;
    assert_eq!(text(&token, "token"), "AT1");
    assert_eq!(text(&token, "tokenType"), "Bearer");
    assert!(member(&token, "expiresOnTimestamp").as_f64().unwrap() > Date::now() + 3_500_000.0);
    assert_eq!(*prompts.borrow(), [("https://h/v".to_owned(), "ABCD".to_owned(), true)]);
    let requests = host.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[0].0.ends_with("/organizations/oauth2/v2.0/devicecode"));
    assert!(requests[1].1.contains("device_code=DC"));

    // At once, without a promise and without a request.
    let again = credential.get_token(&scope()).unwrap();
    assert_eq!(text(&again, "token"), "AT1");
    assert_eq!(host.requests().len(), 3);
}

#[wasm_bindgen_test]
async fn a_prompt_callback_that_fails_ends_the_sign_in_with_its_error_as_the_cause() {
    for later in [false, true] {
        let host = Host::new();
        host.replies([code()]);
        let reason = JsValue::from(js_sys::Error::new("no terminal"));
        let thrown = reason.clone();
        host.option(
            "promptCallback",
            Closure::<dyn FnMut() -> Result<JsValue, JsValue>>::new(move || {
                if later {
                    Ok(js_sys::Promise::reject(&thrown).into())
                } else {
                    Err(thrown.clone())
                }
            }),
        );
        let error = rejected(host.credential().get_token(&scope())).await;
        assert_eq!(text(&error, "name"), "AuthenticationError");
        assert!(text(&error, "message").contains("no terminal"));
        assert_eq!(member(&error, "cause"), reason);
    }
}

#[wasm_bindgen_test]
async fn a_token_that_expires_is_renewed_without_a_prompt() {
    let host = Host::new();
    host.replies([code(), grant("AT1", 100), grant("AT2", 3600)]);
    let credential = host.credential();
    resolved(credential.get_token(&scope())).await;
    let token = resolved(credential.get_token(&scope())).await;
    assert_eq!(text(&token, "token"), "AT2");
    let (_, form) = host.requests().pop().unwrap();
    assert!(form.contains("grant_type=refresh_token") && form.contains("refresh_token=RT"));
}

#[wasm_bindgen_test]
async fn an_aborted_call_rejects_with_the_reason_and_sends_nothing_more() {
    let host = Host::new();
    let controller = AbortController::new().unwrap();
    controller.abort_with_reason(&"enough".into());
    let options = object(&[("abortSignal", &controller.signal())]);
    let error = rejected(host.credential().get_token(&Array::of2(&"User.Read".into(), &options))).await;
    assert_eq!(error, JsValue::from("enough"));
    assert!(host.requests().is_empty());

    host.replies([code()]);
    let controller = AbortController::new().unwrap();
    let options = object(&[("signal", &controller.signal())]);
    let call = host.credential().get_token(&Array::of2(&"User.Read".into(), &options));
    controller.abort_with_reason(&"enough".into());
    assert_eq!(rejected(call).await, JsValue::from("enough"));
    assert_eq!(host.requests().len(), 1);
}

#[wasm_bindgen_test]
async fn close_ends_calls_now_and_later() {
    let host = Host::new();
    host.replies([code()]);
    let credential = host.credential();
    let call = credential.get_token(&scope());
    credential.close();
    for call in [call, credential.get_token(&scope())] {
        let error = rejected(call).await;
        assert_eq!(text(&error, "name"), "CredentialUnavailableError");
    }
    assert_eq!(host.requests().len(), 1);
}

#[wasm_bindgen_test]
async fn a_refusal_says_what_the_server_said_and_what_would_help() {
    let host = Host::new();
    host.replies([refusal_with_code()]);
    let error = rejected(host.credential().get_token(&scope())).await;
    assert_eq!(text(&error, "name"), "AuthenticationError");
    assert_eq!(member(&error, "statusCode"), JsValue::from(400));
    assert_eq!(text(&member(&error, "errorResponse"), "error"), "invalid_client");
    assert!(text(&error, "hint").contains("public client flows"));
}

fn refusal_with_code() -> (u16, String) {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000218: no secret","error_codes":[7000218]}"#;
    (400, body.to_owned())
}

#[wasm_bindgen_test]
async fn a_record_goes_out_and_comes_back() {
    let host = Host::new();
    host.replies([code(), (200, id_token())]);
    let record = resolved(host.credential().authenticate(&scope())).await;
    assert_eq!(text(&record, "username"), "ada@contoso.com");
    assert_eq!(text(&record, "clientId"), "client");
    let serialized = JSON::stringify(&record).unwrap();
    let back = JSON::parse(&serialized.as_string().unwrap()).unwrap();
    Reflect::set(&host.options, &"authenticationRecord".into(), &back).unwrap();
    // Its client and tenant are taken.
    Reflect::delete_property(&host.options, &"clientId".into()).unwrap();
    host.replies([code()]);
    let call = host.credential().get_token(&scope());
    started().await;
    let (url, form) = host.requests().pop().unwrap();
    assert!(url.contains("/contoso-id/") && form.contains("client_id=client"));
    drop(call);

    let broken = object(&[("username", &"ada".into())]);
    Reflect::set(&host.options, &"authenticationRecord".into(), &broken).unwrap();
    let error = DeviceCodeCredential::new(&Array::of1(&host.options)).err().unwrap();
    assert!(typed_error(&error).contains("`authenticationRecord` must have the non-empty string"));
}

#[wasm_bindgen_test]
async fn a_flow_is_begun_by_one_credential_and_ended_by_another() {
    let host = Host::new();
    host.replies([code(), refusal("authorization_pending"), grant("AT1", 3600)]);
    let flow = resolved(host.credential().initiate_device_flow(&scope())).await;
    assert_eq!(text(&flow, "userCode"), "ABCD");
    assert_eq!(text(&flow, "deviceCode"), "DC");
    let once = object(&[("once", &true.into())]);
    let pending = resolved(
        host.credential()
            .acquire_token_by_device_flow(&Array::of2(&flow, &once)),
    )
    .await;
    assert_eq!(text(&pending, "status"), "pending");
    assert!(member(&pending, "retryAfter").as_f64().unwrap() <= 1000.0);
    let flow = member(&pending, "flow");
    let token = resolved(host.credential().acquire_token_by_device_flow(&Array::of1(&flow))).await;
    assert_eq!(text(&token, "status"), "succeeded");
    assert_eq!(text(&token, "token"), "AT1");

    Reflect::set(&flow, &"deviceCode".into(), &"another".into()).unwrap();
    let error = rejected(host.credential().acquire_token_by_device_flow(&Array::of1(&flow))).await;
    assert!(typed_error(&error).contains("`flow` was changed"));
}

/// Nothing is borrowed while the caller's functions run: each of them may use the credential.
#[wasm_bindgen_test]
async fn whatever_is_called_may_call_back() {
    let host = Host::new();
    host.replies([code(), grant("AT1", 3600)]);
    let credential: Rc<RefCell<Option<Rc<DeviceCodeCredential>>>> = Rc::default();
    let calls = Rc::new(RefCell::new(Vec::new()));
    let back = {
        let (credential, calls) = (Rc::clone(&credential), Rc::clone(&calls));
        move || {
            let credential = credential.borrow().clone();
            if let Some(credential) = credential
                && calls.borrow().len() < 20
            {
                let call = credential.get_token(&scope());
                calls.borrow_mut().push(call);
            }
        }
    };
    host.on_fetch(back.clone());
    let prompted = back.clone();
    host.option("promptCallback", Closure::<dyn FnMut()>::new(prompted));
    host.option("logger", Closure::<dyn FnMut()>::new(back.clone()));
    let signal = object(&[]);
    for method in ["addEventListener", "removeEventListener"] {
        let listener = Closure::<dyn FnMut()>::new(back.clone()).into_js_value();
        Reflect::set(&signal, &method.into(), &listener).unwrap();
    }
    *credential.borrow_mut() = Some(Rc::new(host.credential()));
    let outer = Rc::clone(credential.borrow().as_ref().unwrap());
    let options = object(&[("abortSignal", &signal)]);
    let token = resolved(outer.get_token(&Array::of2(&"User.Read".into(), &options))).await;
    assert_eq!(text(&token, "token"), "AT1");
    let calls = std::mem::take(&mut *calls.borrow_mut());
    assert!(calls.len() > 4, "{} calls", calls.len());
    for call in calls {
        assert_eq!(text(&resolved(call).await, "token"), "AT1");
    }
}

/// One that closes it ends its own call, too.
#[wasm_bindgen_test]
async fn fetch_may_close_the_credential() {
    let host = Host::new();
    host.replies([code(), grant("AT1", 3600)]);
    let credential = Rc::new(host.credential());
    let closing = Rc::clone(&credential);
    host.on_fetch(move || closing.close());
    let error = rejected(credential.get_token(&scope())).await;
    assert_eq!(text(&error, "name"), "CredentialUnavailableError");
}

#[wasm_bindgen_test]
fn a_wrong_option_is_named_and_what_is_no_option_is_told_to_the_logger() {
    let host = Host::new();
    let lines = Rc::new(RefCell::new(Vec::new()));
    let written = Rc::clone(&lines);
    host.option(
        "logger",
        Closure::<dyn FnMut(String, String)>::new(move |level, line| written.borrow_mut().push((level, line))),
    );
    Reflect::set(&host.options, &"tenantID".into(), &"t".into()).unwrap();
    host.credential();
    let (level, line) = lines.borrow()[0].clone();
    assert_eq!(level, "warning");
    assert!(line.contains("`tenantID`") && line.contains("`tenantId`"), "{line}");

    Reflect::set(&host.options, &"tenantId".into(), &"my tenant".into()).unwrap();
    let error = DeviceCodeCredential::new(&Array::of1(&host.options)).err().unwrap();
    assert!(typed_error(&error).starts_with("`tenantId` must be"));
}
