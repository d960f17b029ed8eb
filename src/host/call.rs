//! One caller: its promise, its abort signal, its timer, and what others left for it to do.

use crate::error::Error;
use crate::flow::ask::Ask;
use crate::flow::event::{CallEvent, CallId, Effect, Outcome};
use crate::host::timer::Timer;
use crate::host::{Host, Thenable, clock};
use crate::time::Instant;
use core::cell::RefCell;
use js_sys::{Function, Promise, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// `AbortSignal`, or whatever behaves like one.
    type Signal;
    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add_event_listener(this: &Signal, name: &str, listener: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove_event_listener(this: &Signal, name: &str, listener: &JsValue) -> Result<(), JsValue>;
}

pub(super) struct Call {
    pub(super) id: CallId,
    ask: Ask,
    resolve: Function,
    reject: Function,
    abort: Option<Abort>,
    timer: RefCell<Option<Timer>>,
    /// What is to be done in this caller's context, found out in another's.
    mailbox: RefCell<Vec<Effect>>,
    /// Resolves a promise that was made in this caller's context, so that its reaction runs there.
    wake: RefCell<Option<Function>>,
}

struct Abort {
    signal: JsValue,
    listener: JsValue,
}

/// The reason of a signal that has been aborted.
pub(super) fn aborted(signal: &JsValue) -> Option<JsValue> {
    let is_aborted = Reflect::get(signal, &"aborted".into()).is_ok_and(|aborted| aborted.is_truthy());
    is_aborted.then(|| reason(signal))
}

fn reason(signal: &JsValue) -> JsValue {
    match Reflect::get(signal, &"reason".into()) {
        Ok(reason) if !reason.is_undefined() => reason,
        // `AbortSignalLike` of older Azure packages has no reason.
        _ => {
            let error = js_sys::Error::new("The operation was aborted.");
            error.set_name("AbortError");
            error.into()
        }
    }
}

impl Call {
    /// Begins a call in the core and drives it.
    pub(super) fn start(host: &Rc<Host>, ask: Ask, signal: Option<&JsValue>) -> Promise {
        let mut settle = None;
        let promise = Promise::new(&mut |resolve, reject| settle = Some((resolve, reject)));
        let Some((resolve, reject)) = settle else {
            return promise;
        };
        let (correlation_id, now) = (correlation_id(), clock::now());
        let id = host.with(|credential| credential.call(ask.clone(), correlation_id, now));
        let abort = signal.map(|signal| {
            let weak = Rc::downgrade(host);
            let listener = Closure::once_into_js(move || {
                if let Some(host) = weak.upgrade() {
                    host.handle_call(id, CallEvent::Aborted);
                }
            });
            let _ = signal.unchecked_ref::<Signal>().add_event_listener("abort", &listener);
            Abort {
                signal: signal.clone(),
                listener,
            }
        });
        let call = Rc::new(Self {
            id,
            ask,
            resolve,
            reject,
            abort,
            timer: RefCell::default(),
            mailbox: RefCell::default(),
            wake: RefCell::default(),
        });
        call.await_wake(host);
        host.calls.borrow_mut().insert(id, call);
        host.drain(Some(id));
        promise
    }

    /// Leaves an effect for this caller and wakes it in its own context.
    pub(super) fn leave_for_later(&self, effect: Effect) {
        self.mailbox.borrow_mut().push(effect);
        let wake = self.wake.borrow_mut().take();
        if let Some(wake) = wake {
            let _ = wake.call0(&JsValue::UNDEFINED);
        }
    }

    fn await_wake(self: &Rc<Self>, host: &Rc<Host>) {
        let promise = Promise::new(&mut |resolve, _| *self.wake.borrow_mut() = Some(resolve));
        let woken = self.looker(host);
        let _ = promise.unchecked_ref::<Thenable>().then(&woken, &JsValue::UNDEFINED);
    }

    /// A callback, to be run in this caller's context: does what was left for it, then looks.
    fn looker(self: &Rc<Self>, host: &Rc<Host>) -> JsValue {
        let weak = Rc::downgrade(host);
        let id = self.id;
        Closure::once_into_js(move || {
            let Some(host) = weak.upgrade() else {
                return;
            };
            let call = host.calls.borrow().get(id).cloned();
            if let Some(call) = call {
                call.look(&host);
            }
        })
    }

    fn look(self: &Rc<Self>, host: &Rc<Host>) {
        if self.wake.borrow().is_none() {
            self.await_wake(host);
        }
        for effect in self.mailbox.take() {
            host.perform(self, effect);
        }
        host.handle_call(self.id, CallEvent::Look);
    }

    pub(super) fn wake_at(self: &Rc<Self>, host: &Rc<Host>, at: Instant) {
        let delay = clock::now().monotonic.until(at);
        // What is pending keeps the credential alive, even if the program has let go of it.
        let (host, id) = (Rc::clone(host), self.id);
        let fired = move || {
            let call = host.calls.borrow().get(id).cloned();
            if let Some(call) = call {
                call.look(&host);
            }
        };
        let timer = Timer::start(delay, fired);
        *self.timer.borrow_mut() = Some(timer);
    }

    /// Settles the promise.
    pub(super) fn finish(&self, host: &Host, result: Result<Box<Outcome>, Error>) {
        *self.timer.borrow_mut() = None;
        if let Some(Abort { signal, listener }) = &self.abort {
            let _ = signal
                .unchecked_ref::<Signal>()
                .remove_event_listener("abort", listener);
        }
        let rejected = match (result, &self.abort) {
            (Ok(outcome), _) => match host.lent.result(&self.ask, *outcome) {
                Ok(value) => {
                    let _ = self.resolve.call1(&JsValue::UNDEFINED, &value);
                    return;
                }
                Err(error) => error,
            },
            (Err(Error::Aborted), Some(abort)) => reason(&abort.signal),
            (Err(error), _) => host.lent.error(&error),
        };
        let _ = self.reject.call1(&JsValue::UNDEFINED, &rejected);
    }
}

/// A new `client-request-id`.
fn correlation_id() -> String {
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID, catch)]
        fn random_uuid() -> Result<String, JsValue>;
    }
    // Only a host without WebCrypto has none; the id is for tracing alone.
    random_uuid().unwrap_or_else(|_| "00000000-0000-4000-8000-000000000000".to_owned())
}
