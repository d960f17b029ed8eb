//! Performs effects with what the JavaScript host lends: `fetch`, timers, the clocks, abort signals, a store.
//!
//! One `Host` belongs to one credential. Each caller has a `Call`; what the core wants done on a caller's behalf is done
//! inside that caller's own promise reactions and timers, never in another's: on Cloudflare Workers, I/O belongs to the
//! request that began it.

mod call;
mod clock;
mod fetch;
mod store;
mod timer;

use crate::error::{Cause, Error};
use crate::flow::ask::Ask;
use crate::flow::context::Level;
use crate::flow::credential::Credential;
use crate::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId, JobId, Outcome, Prompt};
use crate::flow::slots::Slots;
use call::Call;
use core::cell::RefCell;
use core::time::Duration;
use fetch::InFlight;
use js_sys::{Function, Promise};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// A promise, or whatever behaves like one.
    type Thenable;
    #[wasm_bindgen(method, catch)]
    fn then(this: &Thenable, fulfilled: &JsValue, rejected: &JsValue) -> Result<JsValue, JsValue>;
}

/// What JavaScript lends to one credential.
pub(crate) trait Lent {
    /// The `fetch` that was given to the credential, or the host's own as it is now.
    fn fetch(&self) -> Result<Function, JsValue>;
    /// Shows the prompt; the callback's promise, if it returned one.
    fn prompt(&self, prompt: &Prompt) -> Result<JsValue, JsValue>;
    /// Writes a log line.
    fn log(&self, level: Level, line: &str);
    /// Begins to read a persistent cache: a promise for its text.
    fn load(&self, enable_cae: bool) -> Result<Promise, JsValue>;
    /// Begins to write a persistent cache: `merge` makes its new text of the old.
    fn save(&self, enable_cae: bool, merge: &Function) -> Result<Promise, JsValue>;
    /// What a call resolves to.
    fn result(&self, ask: &Ask, outcome: Outcome) -> Result<JsValue, JsValue>;
    /// What a call rejects with.
    fn error(&self, error: &Error) -> JsValue;
}

/// The driver of one credential.
pub(crate) struct Host {
    credential: RefCell<Credential>,
    calls: RefCell<Slots<CallId, Rc<Call>>>,
    in_flight: RefCell<Slots<IoId, Rc<InFlight>>>,
    lent: Box<dyn Lent>,
}

impl Host {
    pub(crate) fn new(credential: Credential, lent: Box<dyn Lent>) -> Rc<Self> {
        Rc::new(Self {
            credential: RefCell::new(credential),
            calls: RefCell::default(),
            in_flight: RefCell::default(),
            lent,
        })
    }

    /// Runs `read` on the credential. It must not call JavaScript: an exception would leave the credential borrowed.
    pub(crate) fn with<T>(&self, read: impl FnOnce(&mut Credential) -> T) -> T {
        read(&mut self.credential.borrow_mut())
    }

    /// Performs a call. What is in the cache and good as it is costs no detour.
    pub(crate) fn call(self: &Rc<Self>, ask: Ask, signal: Option<&JsValue>) -> Promise {
        if let Some(reason) = signal.and_then(call::aborted) {
            return Promise::reject(&reason);
        }
        let now = clock::now();
        let at_once = self.with(|credential| credential.at_once(&ask, now));
        match at_once {
            Ok(None) => Call::start(self, ask, signal),
            Ok(Some(outcome)) => match self.lent.result(&ask, outcome) {
                Ok(value) => Promise::resolve(&value),
                Err(error) => Promise::reject(&error),
            },
            Err(error) => Promise::reject(&self.lent.error(&error)),
        }
    }

    /// Ends every call.
    pub(crate) fn close(self: &Rc<Self>) {
        self.with(Credential::close);
        self.drain(None);
    }

    fn handle_call(self: &Rc<Self>, call: CallId, event: CallEvent) {
        let now = clock::now();
        self.with(|credential| credential.handle_call(call, event, now));
        self.drain(Some(call));
    }

    /// `here` is the caller in whose context this runs.
    fn handle_io(self: &Rc<Self>, here: CallId, io: IoId, event: IoEvent) {
        if !matches!(event, IoEvent::Beat) {
            self.in_flight.borrow_mut().remove(io);
        }
        let now = clock::now();
        self.with(|credential| credential.handle_io(io, event, now));
        self.drain(Some(here));
    }

    /// Performs what is to be done here, and tells the others what is to be done there.
    fn drain(self: &Rc<Self>, here: Option<CallId>) {
        loop {
            let next = self.with(Credential::poll_effect);
            let Some((id, effect)) = next else {
                break;
            };
            if let Effect::Cancel(io) = effect {
                let in_flight = self.in_flight.borrow_mut().remove(io);
                if let Some(in_flight) = in_flight {
                    in_flight.cancel();
                }
                continue;
            }
            let call = self.calls.borrow().get(id).cloned();
            match call {
                Some(call) if here == Some(id) => self.perform(&call, effect),
                Some(call) => call.leave_for_later(effect),
                None => {}
            }
        }
        loop {
            let next = self.with(Credential::poll_log);
            let Some((level, line)) = next else {
                break;
            };
            self.lent.log(level, &line);
        }
    }

    fn perform(self: &Rc<Self>, call: &Rc<Call>, effect: Effect) {
        match effect {
            Effect::Send { io, request, limit } => self.send(call.id, io, request, limit),
            Effect::Load { io, enable_cae, limit } => self.load(call.id, io, enable_cae, limit),
            Effect::Save { io, enable_cae, limit } => self.save(call.id, io, enable_cae, limit),
            Effect::Prompt(job, prompt) => self.prompt(call.id, job, &prompt),
            Effect::WakeAt(at) => call.wake_at(self, at),
            Effect::Finish(result) => {
                self.calls.borrow_mut().remove(call.id);
                call.finish(self, result);
            }
            Effect::Cancel(_) => {}
        }
    }

    /// Keeps track of something that is being done: its signs of life, and how to stop it.
    fn begin_io(self: &Rc<Self>, call: CallId, io: IoId, limit: Duration) -> Rc<InFlight> {
        let in_flight = InFlight::start(self, call, io, limit);
        // Work that was taken over keeps its id; what the vanished context did is not ours to stop.
        self.in_flight.borrow_mut().insert(io, Rc::clone(&in_flight));
        in_flight
    }

    fn prompt(self: &Rc<Self>, call: CallId, job: JobId, prompt: &Prompt) {
        match self.lent.prompt(prompt) {
            Err(exception) => self.prompt_failed(call, job, exception),
            Ok(returned) if is_thenable(&returned) => {
                let host = Rc::downgrade(self);
                let failed = Closure::once_into_js(move |exception: JsValue| {
                    if let Some(host) = host.upgrade() {
                        host.prompt_failed(call, job, exception);
                    }
                });
                let _ = returned.unchecked_ref::<Thenable>().then(&JsValue::UNDEFINED, &failed);
            }
            Ok(_) => {}
        }
    }

    fn prompt_failed(self: &Rc<Self>, call: CallId, job: JobId, exception: JsValue) {
        let (cause, now) = (cause(exception), clock::now());
        self.with(|credential| credential.prompt_failed(job, cause, now));
        self.drain(Some(call));
    }
}

fn is_thenable(value: &JsValue) -> bool {
    value.is_object() && js_sys::Reflect::get(value, &"then".into()).is_ok_and(|then| then.is_function())
}

/// An exception, to be carried through the core.
fn cause(exception: JsValue) -> Cause {
    let text = match js_sys::Reflect::get(&exception, &"message".into()) {
        Ok(message) if message.is_string() => message.as_string(),
        _ => exception.as_string(),
    };
    // `fetch` of Node says "fetch failed" and hides why in the cause's code.
    let inner = js_sys::Reflect::get(&exception, &"cause".into()).unwrap_or(JsValue::UNDEFINED);
    let code = js_sys::Reflect::get(&inner, &"code".into())
        .ok()
        .and_then(|code| code.as_string());
    let text = match (text, code) {
        (Some(text), Some(code)) => format!("{text} ({code})"),
        (Some(text), None) => text,
        (None, _) => "unknown error".to_owned(),
    };
    Cause {
        text,
        value: Some(Rc::new(exception)),
    }
}
