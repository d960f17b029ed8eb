//! The two clocks, and the spans between their moments. The crate reads neither clock: every event carries a [`Now`].
//!
//! What the protocol schedules (the polling interval, a code's life, a retry) is measured on the monotonic clock, so a
//! wall clock that is set forward or back mid-flow changes nothing. What is told to others or stored (when a token
//! expires) is wall-clock time.

/// How long something takes, in whole milliseconds. Nothing here overflows: the longest span is as good as forever.
///
/// Why not `core::time::Duration`: it counts nanoseconds, which no host's timer does and the wasm would pay for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Forever.
    pub const MAX: Self = Self(u64::MAX);

    /// From whole seconds, as the protocol counts.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// From milliseconds, as JavaScript counts.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// In milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// In seconds, rounded up.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.div_ceil(1000)
    }

    /// So much longer.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }

    /// So many times as long.
    #[must_use]
    pub const fn times(self, factor: u32) -> Self {
        Self(self.0.saturating_mul(factor as u64))
    }
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
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// How long it is from this moment until `later`; zero if that is in the past.
    #[must_use]
    pub const fn until(self, later: Self) -> Span {
        Span(later.0.saturating_sub(self.0))
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
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This moment, `span` earlier, or the origin.
    #[must_use]
    pub const fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long it is from this moment until `later`; zero if that is in the past.
    #[must_use]
    pub const fn until(self, later: Self) -> Span {
        Span(later.0.saturating_sub(self.0))
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
