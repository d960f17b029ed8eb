//! The two clocks. The crate reads neither: every event carries a [`Now`].
//!
//! What the protocol schedules (the polling interval, a code's life, a retry) is measured on the monotonic clock, so a
//! wall clock that is set forward or back mid-flow changes nothing. What is told to others or stored (when a token
//! expires) is wall-clock time.



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
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// How long it is from this moment until `later`; zero if that is in the past.
    #[must_use]
    pub const fn until(self, later: Self) -> Span {
        Span::from_millis(later.0.saturating_sub(self.0))
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
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// This moment, `span` earlier, or the origin.
    #[must_use]
    pub fn before(self, span: Span) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// How long it is from this moment until `later`; zero if that is in the past.
    #[must_use]
    pub const fn until(self, later: Self) -> Span {
        Span::from_millis(later.0.saturating_sub(self.0))
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

/// A span in whole milliseconds; `Span::as_millis` is 128 bits wide, which the wasm would pay for.
#[must_use]
pub fn millis(span: Span) -> u64 {
    span.as_secs()
        .saturating_mul(1000)
        .saturating_add(u64::from(span.subsec_millis()))
}
