//! Waiting: for a promise, for a moment, to be woken.
//!
//! Why not `JsFuture`: what it allocates stays for good when its promise never settles, as those of a Worker's request don't
//! after the request was cancelled. What is here goes when it is dropped.
//!
//! One function is told of all that comes, by a key. A closure for each would have to be made, and the host's garbage collector
//! be told of it.

use crate::imports::{self, Alarm, Listening};
use crate::shared::Shared;
use slab::Slab;
use std::cell::Cell;
use std::future::Future;
use std::mem::{self, ManuallyDrop};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use wasm_bindgen::prelude::*;

/// The longest delay `setTimeout` knows, in milliseconds; a longer one would fire at once.
pub(crate) const LONGEST_DELAY: f64 = 2_147_483_647.0;

type Teller = Closure<dyn Fn(usize, bool, JsValue)>;

// Neither is ever dropped: they are there as long as the instance is.
thread_local! {
    static AWAITED: ManuallyDrop<Shared<Slab<Awaited>>> = const { ManuallyDrop::new(Shared::new(Slab::new())) };
    static TELLER: ManuallyDrop<Teller> = ManuallyDrop::new(Teller::new(told));
}

/// What somebody waits for; it stays until that is dropped.
enum Awaited {
    /// A promise, and whom to wake.
    Promise(Option<Waker>),
    /// A moment, and what is done then.
    Moment(Box<dyn FnOnce()>),
    /// It has come: what the promise has settled to.
    Settled(Result<JsValue, JsValue>),
}

fn awaited<R>(change: impl FnOnce(&mut Slab<Awaited>) -> R) -> R {
    AWAITED.with(|all| all.with(change))
}

/// By what JavaScript tells that something has come: a key, whether it succeeded, and a value.
fn teller() -> JsValue {
    TELLER.with(|teller| teller.as_ref().clone())
}

/// A promise has settled, or a timer has fired.
fn told(key: usize, succeeded: bool, value: JsValue) {
    let settled = Awaited::Settled(if succeeded { Ok(value) } else { Err(value) });
    match awaited(|all| all.get_mut(key).map(|before| mem::replace(before, settled))) {
        Some(Awaited::Promise(Some(waker))) => waker.wake(),
        Some(Awaited::Moment(fired)) => fired(),
        _ => {}
    }
}

/// What a promise settles to, or what another value is.
pub(crate) struct Settled {
    key: usize,
    listening: Option<Listening>,
}

impl Settled {
    /// Listens at once. An exception that came instead of the promise is what it settles to.
    pub(crate) fn of(promise: Result<JsValue, JsValue>) -> Self {
        Self::listening(|teller, key| Listening::new_listening(&promise?, teller, key))
    }

    fn listening(listen: impl FnOnce(&JsValue, usize) -> Result<Listening, JsValue>) -> Self {
        let key = awaited(|all| all.insert(Awaited::Promise(None)));
        let listening = listen(&teller(), key)
            .map_err(|exception| told(key, false, exception))
            .ok();
        Self { key, listening }
    }
}

impl Future for Settled {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let before = awaited(|all| {
            let awaited = all.get_mut(self.key)?;
            let next = match awaited {
                // What has settled stays settled: it need not be let go.
                Awaited::Settled(_) => Awaited::Settled(Ok(JsValue::UNDEFINED)),
                _ => Awaited::Promise(Some(context.waker().clone())),
            };
            Some(mem::replace(awaited, next))
        });
        match before {
            Some(Awaited::Settled(result)) => Poll::Ready(result),
            _ => Poll::Pending,
        }
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        if let Some(Awaited::Promise(_)) = awaited(|all| all.try_remove(self.key)) {
            let _ = self.listening.as_ref().map(Listening::let_go);
        }
    }
}

/// A timer. It is cleared when it is dropped.
pub(crate) struct Timer {
    key: usize,
    timer: Option<JsValue>,
}

impl Timer {
    /// Never fires if the host has no timers.
    pub(crate) fn start(delay: f64, fired: Box<dyn FnOnce()>) -> Self {
        let key = awaited(|all| all.insert(Awaited::Moment(fired)));
        let delay = delay.clamp(0.0, LONGEST_DELAY);
        let timer = imports::start_timer(&teller(), key, delay);
        Self { key, timer: timer.ok() }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(Awaited::Moment(_)) = awaited(|all| all.try_remove(self.key)) {
            let _ = self.timer.as_ref().map(imports::clear_timer);
        }
    }
}

/// By what a task is woken that waits for nothing in particular. A wake that comes before the task waits is not lost.
#[derive(Default)]
pub(crate) struct Bell {
    has_rung: Cell<bool>,
    alarm: Cell<Option<(Alarm, usize)>>,
}

impl Bell {
    /// Anybody may ring, from any context.
    pub(crate) fn ring(&self) {
        self.has_rung.set(true);
        if let Some((alarm, _)) = self.alarm.take() {
            let _ = alarm.wake();
        }
    }

    /// The same in the context of the task itself, which needs no promise to go on in it. The task's timer rings so; it goes before
    /// the task lets go of the key.
    pub(crate) fn ring_here(&self) {
        self.has_rung.set(true);
        if let Some((_, key)) = self.alarm.take() {
            told(key, true, JsValue::UNDEFINED);
        }
    }

    /// Waits until somebody has rung. The promise is made here, so that the task goes on in the context it is in now.
    pub(crate) async fn rung(&self) -> Result<(), JsValue> {
        while !self.has_rung.replace(false) {
            let settled = Settled::listening(|teller, key| {
                let alarm = Alarm::new_alarm(teller, key)?;
                self.alarm.set(Some((alarm.clone(), key)));
                Ok(alarm.into())
            });
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
