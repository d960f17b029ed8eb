//! The one way in which this crate changes what several tasks share.

use std::cell::RefCell;

/// A value that is borrowed for the length of a closure, and never across a call into JavaScript.
///
/// What is JavaScript's may call back: `fetch`, a prompt, a logger, a store and an abort signal are the caller's own. Were
/// something borrowed meanwhile, the program would end there. So a closure given to [`Shared::with`] touches Rust values
/// only, and what is taken out of it is dropped outside: a timer, say, is cleared when it is dropped. What is only ever put
/// in and taken out whole is in a `Cell`.
#[derive(Default)]
pub(crate) struct Shared<T>(RefCell<T>);

impl<T> Shared<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.0.borrow_mut())
    }
}

impl<T: Default> Shared<T> {
    /// Takes the value out.
    pub(crate) fn take(&self) -> T {
        self.0.take()
    }
}
