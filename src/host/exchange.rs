//! Sending a request, and reading 1 MiB of the reply at most.

use crate::clock::whole;
use crate::exceptions::cause_of_fetch;
use crate::imports::{self, Body, Headers, Response};
use crate::values::is_given;
use crate::wait::Settled;
use entra_device_code::flow::event::IoEvent;
use entra_device_code::protocol::http::{Fault, Form, Reply, Request, RetryAfter};
use entra_device_code::secret::Secret;
use js_sys::{Error, Function, JsString};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

const LARGEST_BODY: usize = 1 << 20;
const FORM: &str = "content-type\napplication/x-www-form-urlencoded";

/// Calls `fetch`. The caller's own gets plain values.
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
    fetch.call2(&JsValue::UNDEFINED, &request.url.as_str().into(), &init)
}

/// What came of that.
pub(crate) async fn reply(sent: Settled, request: Rc<Request>) -> IoEvent {
    let reply = match read_reply(sent).await {
        Ok(reply) => reply.ok_or(Fault::TooLarge),
        Err(exception) => Err(Fault::Network(cause_of_fetch(exception, &request))),
    };
    IoEvent::Replied(reply)
}

/// The reply; nothing if it is too large.
async fn read_reply(sent: Settled) -> Result<Option<Reply>, JsValue> {
    let response: Response = sent.await?.unchecked_into();
    if !response.is_object() {
        return Err(no_response());
    }
    let (status, retry_after) = head(&response)?;
    let stream = response.body()?;
    let is_stream = is_given(&stream) && imports::get(&stream, "getReader")?.is_function();
    let body = if is_stream {
        read(stream.unchecked_ref()).await?
    } else {
        whole_text(&Settled::of(response.text()).await?)?
    };
    Ok(body.map(|body| Reply {
        status,
        retry_after,
        body: Secret::new(body),
    }))
}

fn head(response: &Response) -> Result<(u16, Option<Duration>), JsValue> {
    let status = response.status()?.as_f64().unwrap_or_default();
    let status = u16::try_from(whole(status)).unwrap_or_default();
    let headers: Headers = response.headers()?.unchecked_into();
    if !headers.is_object() {
        return Err(no_response());
    }
    let retry_after = headers.get("retry-after")?.as_string();
    Ok((status, retry_after.as_deref().and_then(parse_retry_after)))
}

fn no_response() -> JsValue {
    Error::new("what `fetch` gave is no `Response`").into()
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

/// The text of a reply that is no stream; nothing if it is too large.
fn whole_text(text: &JsValue) -> Result<Option<String>, JsValue> {
    if !text.is_string() {
        return Err(Error::new("the reply's `text()` gave no string").into());
    }
    // Each of its units is a byte at least.
    if text.unchecked_ref::<JsString>().length() as usize > LARGEST_BODY {
        return Ok(None);
    }
    Ok(text.as_string())
}

/// The text of a stream; nothing if it is too large.
async fn read(stream: &Body) -> Result<Option<String>, JsValue> {
    let reader = stream.get_reader()?;
    if !reader.is_object() {
        return Err(no_response());
    }
    let mut bytes = Vec::new();
    loop {
        let read = Settled::of(reader.read()).await?;
        let Some(size) = imports::size_of(&read)? else { break };
        let length = bytes.len();
        let longer = length.saturating_add(size as usize);
        if longer > LARGEST_BODY {
            // What comes of that is nobody's business any more.
            drop(Settled::of(reader.cancel()));
            return Ok(None);
        }
        bytes.resize(longer, 0);
        imports::copy_bytes(&read, bytes.get_mut(length..).unwrap_or_default())?;
    }
    // What is no UTF-8 is made that by the host, as `Response.text()` does.
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => imports::decode(error.as_bytes()).map(Some),
    }
}
