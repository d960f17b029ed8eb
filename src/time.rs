//! The two clocks, which count milliseconds. The crate reads neither clock: every event carries a [`Now`].
//!
//! What the protocol schedules (the polling interval, a code's life, a retry) is measured on the monotonic clock, so a
//! wall clock that is set forward or back mid-flow changes nothing. What is told to others or stored (when a token
//! expires) is wall-clock time.

use std::time::Duration;

/// In whole milliseconds, which is what clocks count here; a span that is longer than they count is as good as forever.
#[inline(never)] // Every clock needs it, and it is large.
pub(crate) const fn millis(span: Duration) -> u64 {
    let millis = span.subsec_millis() as u64;
    span.as_secs().saturating_mul(1000).saturating_add(millis)
}

/// So many milliseconds from an origin, and then a while.
#[inline(never)] // As above.
const fn later(from: u64, span: Duration) -> u64 {
    from.saturating_add(millis(span))
}

/// How long it is between two moments that are so many milliseconds from one origin; zero if the later one is earlier.
#[inline(never)] // As above.
const fn span(from: u64, to: u64) -> Duration {
    Duration::from_millis(to.saturating_sub(from))
}

/// A moment on the host's wall clock, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u64);

impl Timestamp {
    /// From milliseconds since the Unix epoch, as `Date.now()` gives them.
    #[must_use]
    pub const fn from_unix_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the Unix epoch, as MSAL's cache stores them.
    #[must_use]
    pub const fn from_unix_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_unix_secs(self) -> u64 {
        self.0 / 1000
    }

    /// This moment, `span` later.
    #[must_use]
    pub const fn after(self, span: Duration) -> Self {
        Self(later(self.0, span))
    }

    /// How long it is from this moment until `later`; zero if that is in the past.
    #[must_use]
    pub const fn until(self, later: Self) -> Duration {
        span(self.0, later.0)
    }
}

/// A moment on the host's monotonic clock, in milliseconds since an origin of the host's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(u64);

impl Instant {
    /// From milliseconds since the host's origin, as `performance.now()` gives them.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// This moment, `span` later.
    #[must_use]
    pub const fn after(self, span: Duration) -> Self {
        Self(later(self.0, span))
    }

    /// This moment, `span` earlier, or the origin.
    #[must_use]
    pub const fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// How long it is from this moment until `later`; zero if that is in the past.
    #[must_use]
    pub const fn until(self, later: Self) -> Duration {
        span(self.0, later.0)
    }
}

/// What both clocks show when an event happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The wall clock.
    pub wall: Timestamp,
    /// The monotonic clock.
    pub monotonic: Instant,
}
