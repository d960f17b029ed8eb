//! One call of a method, from when it has to wait until it has its result.

use crate::arguments::{Asked, Task};
use crate::imports::{self, Signal, Stop};
use crate::shared::Shared;
use crate::wait::{Bell, Leash, Timer};
use entra_device_code::error::Error;
use entra_device_code::flow::ask::Purpose;
use entra_device_code::flow::event::{CallId, Effect, IoId, Outcome};
use entra_device_code::time::Instant;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

/// What a call results in, shared with the others who waited for the same.
pub(crate) type Finished = Rc<Result<Box<Outcome>, Error>>;

/// A call.
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) purpose: Purpose,
    pub(crate) asked: Asked,
    pub(crate) task: Task,
    pub(crate) correlation_id: String,
    /// What is to be done on its behalf, found out in another's context.
    pub(crate) mailbox: Shared<Vec<Effect>>,
    pub(crate) bell: Bell,
    pub(crate) leash: Leash,
    pub(crate) timer: Cell<Option<Timer>>,
    /// By which nothing was aborted yet: to make one for each request is a tenth of what a poll costs.
    pub(crate) controller: Cell<Option<AbortController>>,
    pub(crate) result: Cell<Option<Finished>>,
    pub(crate) is_finished: Cell<bool>,
    listener: Cell<Option<Closure<dyn FnMut()>>>,
}

impl Call {
    pub(crate) fn new(id: CallId, purpose: Purpose, asked: Asked, task: Task, correlation_id: String) -> Self {
        Self {
            id,
            purpose,
            asked,
            task,
            correlation_id,
            mailbox: Shared::default(),
            bell: Bell::default(),
            leash: Leash::default(),
            timer: Cell::default(),
            controller: Cell::default(),
            result: Cell::default(),
            is_finished: Cell::new(false),
            listener: Cell::default(),
        }
    }

    /// Listens to the caller's signal.
    pub(crate) fn listen(&self, aborted: impl FnMut() + 'static) -> Result<(), JsValue> {
        if let Some(signal) = &self.asked.signal {
            let listener = Closure::new(aborted);
            signal.add_event_listener("abort", listener.as_ref())?;
            self.listener.set(Some(listener));
        }
        Ok(())
    }

    /// Here is its result. Nothing more is to be done on its behalf.
    pub(crate) fn finish(&self, result: Finished) {
        self.is_finished.set(true);
        self.result.set(Some(result));
        self.bell.ring();
    }

    /// Lets go of what it had of the host.
    pub(crate) fn clear(&self) {
        drop(self.timer.take());
        drop(self.mailbox.take());
        let Some(listener) = self.listener.take() else { return };
        let removed = self.asked.signal.as_ref().map(|signal: &Signal| {
            let listener = listener.as_ref();
            signal.remove_event_listener("abort", listener)
        });
        if let Some(Err(_)) = removed {
            // It may be called yet, and must be there then.
            listener.forget();
        }
    }
}

/// The calls that wait. Their ids grow, so that they are in their order.
#[derive(Default)]
pub(crate) struct Waiting(Vec<Rc<Call>>);

impl Waiting {
    pub(crate) fn add(&mut self, call: Rc<Call>) {
        self.0.push(call);
    }

    pub(crate) fn get(&self, id: CallId) -> Option<Rc<Call>> {
        self.0.get(self.place(id)?).cloned()
    }

    pub(crate) fn remove(&mut self, id: CallId) -> Option<Rc<Call>> {
        Some(self.0.remove(self.place(id)?))
    }

    fn place(&self, id: CallId) -> Option<usize> {
        self.0.binary_search_by_key(&id, |call| call.id).ok()
    }
}

/// Something the host is doing on behalf of a call. Work that was taken over is done twice, until one of the two is done.
pub(crate) struct Running {
    pub(crate) io: IoId,
    pub(crate) call: Rc<Call>,
    pub(crate) controller: AbortController,
    /// When it has taken too long.
    pub(crate) ends: Instant,
    /// Gives a sign of life.
    pub(crate) heartbeat: Cell<Option<Timer>>,
    pub(crate) leash: Leash,
}

/// What the host is doing on behalf of calls.
#[derive(Default)]
pub(crate) struct Works(Shared<Vec<Rc<Running>>>);

impl Works {
    pub(crate) fn add(&self, running: Rc<Running>) {
        self.0.with(|all| all.push(running));
    }

    /// Nobody waits for this any more.
    pub(crate) fn stop(&self, io: IoId) {
        let next = || {
            self.0.with(|all| {
                let at = all.iter().position(|running| running.io == io)?;
                Some(all.swap_remove(at))
            })
        };
        while let Some(running) = next() {
            drop(running.heartbeat.take());
            let _ = imports::forget_controller(&running.controller);
            if running.leash.has_ended() {
                running.call.controller.set(Some(running.controller.clone()));
            } else {
                running.leash.end();
                let _ = running.controller.unchecked_ref::<Stop>().abort();
            }
        }
    }
}
