//! Sending a request, and reading 1 MiB of the reply at most.

use crate::clock::whole;
use crate::exceptions::cause_of_fetch;
use crate::imports::{self, Received};
use crate::wait::Settled;
use entra_device_code::flow::event::IoEvent;
use entra_device_code::protocol::http::{Fault, Form, Reply, Request, RetryAfter};
use entra_device_code::secret::Secret;
use js_sys::Function;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

const LARGEST_BODY: u32 = 1 << 20;
const FORM: &str = "content-type\napplication/x-www-form-urlencoded";

/// Calls `fetch`, and reads what it gives. The caller's own gets plain values.
pub(crate) fn send(fetch: &Function, request: &Request, signal: &AbortSignal) -> Result<JsValue, JsValue> {
    let mut headers = String::new();
    for (name, value) in &request.headers {
        headers.push_str(&[name, "\n", value, "\n"].concat());
    }
    let body = request.form.as_ref().map(Form::encoded);
    let method = if body.is_some() {
        headers.push_str(FORM);
        "POST"
    } else {
        "GET"
    };
    let init = imports::create_init(method, &headers, body, signal)?;
    let fetched = fetch.call2(&JsValue::UNDEFINED, &request.url.as_str().into(), &init)?;
    imports::read_reply(&fetched, LARGEST_BODY)
}

/// What came of that.
pub(crate) async fn reply(received: Settled, request: Rc<Request>) -> IoEvent {
    let reply = match received.await.and_then(|received| read(received.unchecked_ref())) {
        Ok(reply) => reply.ok_or(Fault::TooLarge),
        Err(exception) => Err(Fault::Network(cause_of_fetch(exception, &request))),
    };
    IoEvent::Replied(reply)
}

/// The reply; nothing if it is too large.
fn read(received: &Received) -> Result<Option<Reply>, JsValue> {
    let Some(body) = received.text()? else { return Ok(None) };
    let retry_after = received.retry_after()?;
    Ok(Some(Reply {
        status: u16::try_from(whole(received.status()?)).unwrap_or_default(),
        retry_after: retry_after.as_deref().and_then(parse_retry_after),
        body: Secret::new(body),
    }))
}

fn parse_retry_after(field: &str) -> Option<Duration> {
    match RetryAfter::read(field)? {
        RetryAfter::Span(span) => Some(span),
        RetryAfter::Date(date) => {
            let date = js_sys::Date::parse(date);
            (!date.is_nan()).then(|| Duration::from_millis(whole(date - imports::date_now().unwrap_or(date))))
        }
    }
}
