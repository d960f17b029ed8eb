//! Waiting: for a promise, for a moment, to be woken.
//!
//! Why not `JsFuture`: what it allocates stays for good when its promise never settles, as those of a Worker's request don't
//! after the request was cancelled. What is here goes when it is dropped.

use crate::imports::{self, Alarm, Listening};
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::*;

/// The longest delay `setTimeout` knows, in milliseconds; a longer one would fire at once.
pub(crate) const LONGEST_DELAY: f64 = 2_147_483_647.0;

/// What a promise settles to, or what another value is.
pub(crate) struct Settled {
    slot: Rc<Slot>,
    listening: Option<Listening>,
    _closure: Closure<dyn FnMut(bool, JsValue)>,
}

#[derive(Default)]
struct Slot {
    result: Cell<Option<Result<JsValue, JsValue>>>,
    waker: Cell<Option<Waker>>,
}

impl Settled {
    /// Listens at once. An exception that came instead of the promise is what it settles to.
    pub(crate) fn of(promise: Result<JsValue, JsValue>) -> Self {
        let slot = Rc::new(Slot::default());
        let told = Rc::clone(&slot);
        let closure = Closure::new(move |succeeded, value| {
            told.result.set(Some(if succeeded { Ok(value) } else { Err(value) }));
            if let Some(waker) = told.waker.take() {
                waker.wake();
            }
        });
        let listening = promise.and_then(|promise| Listening::new_listening(&promise, closure.as_ref()));
        let listening = listening.map_err(|exception| slot.result.set(Some(Err(exception))));
        Self {
            slot,
            listening: listening.ok(),
            _closure: closure,
        }
    }
}

impl Future for Settled {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(result) = self.slot.result.take() {
            return Poll::Ready(result);
        }
        self.slot.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        let _ = self.listening.as_ref().map(Listening::let_go);
    }
}

/// A timer. It is cleared when it is dropped.
pub(crate) struct Timer {
    timer: JsValue,
    _closure: Closure<dyn FnMut()>,
}

impl Timer {
    /// None if the host has no timers.
    pub(crate) fn start(delay: f64, fired: Box<dyn FnMut()>) -> Option<Self> {
        let closure = Closure::wrap(fired);
        let timer = imports::start_timer(closure.as_ref(), delay.clamp(0.0, LONGEST_DELAY)).ok()?;
        Some(Self {
            timer,
            _closure: closure,
        })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let _ = imports::clear_timer(&self.timer);
    }
}

/// By what a task is woken that waits for nothing in particular. A wake that comes before the task waits is not lost.
#[derive(Default)]
pub(crate) struct Bell {
    has_rung: Cell<bool>,
    alarm: Cell<Option<Alarm>>,
}

impl Bell {
    /// Anybody may ring, from any context.
    pub(crate) fn ring(&self) {
        self.has_rung.set(true);
        if let Some(alarm) = self.alarm.take() {
            let _ = alarm.wake();
        }
    }

    /// Waits until somebody has rung. The promise is made here, so that the task goes on in the context it is in now.
    pub(crate) async fn rung(&self) -> Result<(), JsValue> {
        while !self.has_rung.replace(false) {
            let alarm = Alarm::new_alarm()?;
            let settled = Settled::of(alarm.alarm_promise());
            self.alarm.set(Some(alarm));
            settled.await?;
        }
        Ok(())
    }
}

/// Whether a task is to go on. One whose context is gone waits for promises that never settle; to end it is to drop all
/// it holds.
#[derive(Default)]
pub(crate) struct Leash {
    has_ended: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Leash {
    /// Whether the task was ended, or has come to its end.
    pub(crate) const fn has_ended(&self) -> bool {
        self.has_ended.get()
    }

    /// Ends the task. It does nothing more, in whatever context this is said.
    pub(crate) fn end(&self) {
        self.has_ended.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// What `work` comes to; nothing if the task is ended before.
    pub(crate) fn poll<T>(
        &self,
        work: Pin<&mut (dyn Future<Output = T> + '_)>,
        context: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        if self.has_ended.get() {
            return Poll::Ready(None);
        }
        self.waker.set(Some(context.waker().clone()));
        let polled = work.poll(context);
        if polled.is_ready() {
            self.has_ended.set(true);
            self.waker.take();
        }
        polled.map(Some)
    }
}
