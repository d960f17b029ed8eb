//! The host's clocks, and times as JavaScript counts them: milliseconds in a number.

use crate::imports;
use entra_device_code::time::{Instant, Now, Timestamp};
use std::cell::Cell;
use std::time::Duration;

thread_local! {
    /// What the wall clock showed last, should it fail.
    static LAST: Cell<f64> = const { Cell::new(0.0) };
    /// How far timers have been ahead of the monotonic clock.
    static AHEAD: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// What both clocks show. A host without a monotonic one has its wall clock for both.
pub(crate) fn now() -> Now {
    let wall = wall();
    Now {
        wall: Timestamp::from_unix_millis(whole(wall)),
        monotonic: monotonic_or(|| wall),
    }
}

/// What the monotonic clock shows.
pub(crate) fn monotonic() -> Instant {
    monotonic_or(wall)
}

fn monotonic_or(wall: impl FnOnce() -> f64) -> Instant {
    let monotonic = imports::performance_now().unwrap_or_else(|_| wall());
    Instant::from_millis(whole(monotonic)).after(AHEAD.get())
}

fn wall() -> f64 {
    let wall = imports::date_now().unwrap_or_else(|_| LAST.get());
    LAST.set(wall);
    wall
}

/// A timer that was set for this moment has fired, so it has come: a test that moves timers by hand may have left the clock
/// alone.
pub(crate) fn reached(at: Instant) {
    let missing = monotonic().until(at);
    AHEAD.set(AHEAD.get().saturating_add(missing));
}

/// Times are whole and not negative; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) const fn whole(value: f64) -> u64 {
    value as u64
}

/// Exact until the year 287396.
#[allow(clippy::cast_precision_loss)]
pub(crate) const fn timestamp(at: Timestamp) -> f64 {
    at.as_unix_millis() as f64
}

#[allow(clippy::cast_precision_loss)]
pub(crate) const fn milliseconds(span: Duration) -> f64 {
    span.as_secs() as f64 * 1000.0 + span.subsec_millis() as f64
}
