//! Sending a request, and reading 1 MiB of the reply at most.

use crate::flow::event::{CallId, HEARTBEAT, IoEvent, IoId};
use crate::host::timer::Timer;
use crate::host::{Host, Thenable, cause, clock};
use crate::protocol::http::{Fault, Reply, Request, RetryAfter};
use crate::secret::Secret;
use crate::time::{Instant, Timestamp};
use core::cell::RefCell;
use core::time::Duration;
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

const LARGEST_BODY: usize = 1 << 20;

#[wasm_bindgen]
extern "C" {
    type AbortController;
    #[wasm_bindgen(constructor)]
    fn new() -> AbortController;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &AbortController) -> JsValue;
    #[wasm_bindgen(method, catch)]
    fn abort(this: &AbortController) -> Result<(), JsValue>;

    /// What a `fetch` resolves to, whoever made it.
    type Response;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Response) -> u16;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Response) -> Headers;
    #[wasm_bindgen(method, getter)]
    fn body(this: &Response) -> Option<Body>;
    #[wasm_bindgen(method, catch)]
    fn text(this: &Response) -> Result<Promise, JsValue>;

    type Headers;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Headers, name: &str) -> Result<Option<String>, JsValue>;

    type Body;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Body) -> Result<Reader, JsValue>;

    type Reader;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<Promise, JsValue>;

    type Chunk;
    #[wasm_bindgen(method, getter)]
    fn done(this: &Chunk) -> bool;
    #[wasm_bindgen(method, getter)]
    fn value(this: &Chunk) -> Uint8Array;
}

/// Something the host is doing, with its signs of life.
pub(super) struct InFlight {
    controller: AbortController,
    beat: RefCell<Option<Timer>>,
}

impl InFlight {
    pub(super) fn start(host: &Rc<Host>, call: CallId, io: IoId, limit: Duration) -> Rc<Self> {
        let this = Rc::new(Self {
            controller: AbortController::new(),
            beat: RefCell::default(),
        });
        this.beat_on(host, call, io, clock::now().monotonic.after(limit));
        this
    }

    fn beat_on(self: &Rc<Self>, host: &Rc<Host>, call: CallId, io: IoId, ends: Instant) {
        let (weak_host, weak) = (Rc::downgrade(host), Rc::downgrade(self));
        let pause = clock::now().monotonic.until(ends).min(HEARTBEAT);
        let timer = Timer::start(pause, move || {
            if let (Some(host), Some(this)) = (weak_host.upgrade(), weak.upgrade()) {
                this.beat_on(&host, call, io, ends);
                host.handle_io(call, io, IoEvent::Beat);
            }
        });
        *self.beat.borrow_mut() = Some(timer);
    }

    pub(super) fn cancel(&self) {
        *self.beat.borrow_mut() = None;
        // On Cloudflare Workers, another request's I/O may refuse to be touched.
        let _ = self.controller.abort();
    }
}

impl Host {
    pub(super) fn send(self: &Rc<Self>, call: CallId, io: IoId, request: Request, limit: Duration) {
        let in_flight = self.begin_io(call, io, limit);
        let host = Rc::clone(self);
        let fetch = self.lent.fetch();
        spawn_local(async move {
            let replied = exchange(fetch, &request, &in_flight.controller.signal()).await;
            *in_flight.beat.borrow_mut() = None;
            host.handle_io(call, io, IoEvent::Replied(replied));
        });
    }
}

async fn exchange(fetch: Result<Function, JsValue>, request: &Request, signal: &JsValue) -> Result<Reply, Fault> {
    let network = |exception| Fault::Network(cause(exception));
    let promise = fetch.and_then(|fetch| {
        let sent = fetch.call2(
            &JsValue::UNDEFINED,
            &request.url.as_str().into(),
            &init(request, signal)?,
        )?;
        Ok(Promise::resolve(&sent))
    });
    let response = JsFuture::from(promise.map_err(network)?).await.map_err(network)?;
    let response: Response = response.unchecked_into();
    let body = read(&response).await?;
    Ok(Reply {
        status: response.status(),
        retry_after: response
            .headers()
            .get("retry-after")
            .ok()
            .flatten()
            .and_then(|text| retry_after(&text)),
        body: Secret::new(body),
    })
}

fn retry_after(text: &str) -> Option<RetryAfter> {
    RetryAfter::parse(text, |date| {
        let millis = js_sys::Date::parse(date);
        (millis >= 0.0).then(|| Timestamp::from_unix_millis(clock::whole(millis)))
    })
}

fn init(request: &Request, signal: &JsValue) -> Result<JsValue, JsValue> {
    let init = Object::new();
    let headers = Object::new();
    for (name, value) in &request.headers {
        Reflect::set(&headers, &(*name).into(), &value.as_str().into())?;
    }
    let mut method = "GET";
    if let Some(form) = &request.form {
        method = "POST";
        Reflect::set(
            &headers,
            &"content-type".into(),
            &"application/x-www-form-urlencoded".into(),
        )?;
        Reflect::set(&init, &"body".into(), &form.encoded().into())?;
    }
    Reflect::set(&init, &"method".into(), &method.into())?;
    Reflect::set(&init, &"headers".into(), &headers)?;
    Reflect::set(&init, &"redirect".into(), &"manual".into())?;
    Reflect::set(&init, &"signal".into(), signal)?;
    Ok(init.into())
}

async fn read(response: &Response) -> Result<String, Fault> {
    let network = |exception| Fault::Network(cause(exception));
    let Some(body) = response.body() else {
        let text = JsFuture::from(response.text().map_err(network)?)
            .await
            .map_err(network)?;
        let text = text.as_string().unwrap_or_default();
        return if text.len() > LARGEST_BODY {
            Err(Fault::TooLarge)
        } else {
            Ok(text)
        };
    };
    let reader = body.get_reader().map_err(network)?;
    let mut bytes = Vec::new();
    loop {
        let chunk = JsFuture::from(reader.read().map_err(network)?).await.map_err(network)?;
        let chunk: Chunk = chunk.unchecked_into();
        if chunk.done() {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        bytes.append(&mut chunk.value().to_vec());
        if bytes.len() > LARGEST_BODY {
            if let Ok(cancelled) = reader.cancel() {
                // A failure to cancel is nobody's concern.
                let ignored = Closure::once_into_js(|_: JsValue| {});
                let _ = cancelled
                    .unchecked_ref::<Thenable>()
                    .then(&JsValue::UNDEFINED, &ignored);
            }
            return Err(Fault::TooLarge);
        }
    }
}
