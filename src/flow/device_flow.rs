//! A device flow as a value that outlives its process: what one process began with a device authorization request, another
//! goes on with.
//!
//! It names no endpoint: whoever goes on asks where the credential itself would, so that a flow that was tampered with
//! can't send the device code elsewhere.

use crate::prelude::*;

use crate::flow::config::Config;
use crate::json::Object;
use crate::protocol::device::DeviceAuthorization;
use crate::protocol::fields::{Fields, whole_number};
use crate::secret::Secret;
use crate::time::{Now, Span, Timestamp};

/// How a flow stands that waits for its user.
#[derive(Clone, Debug)]
pub struct DeviceFlow {
    /// What to poll with.
    pub device_code: Secret,
    /// When the flow ends: with the code, or with the credential's `timeout`.
    pub expires_on: Timestamp,
    /// How long to wait between polls.
    pub interval: Span,
    /// How long the last wait was, if a fault or the server made it longer.
    pub backoff: Option<Span>,
    /// When the next poll is due.
    pub poll_after: Timestamp,
}

/// It is the code that makes a flow: who polls with the same one can share the answer.
impl PartialEq for DeviceFlow {
    fn eq(&self, other: &Self) -> bool {
        self.device_code == other.device_code
    }
}

impl Eq for DeviceFlow {}

impl DeviceFlow {
    /// A flow that begins now.
    #[must_use]
    pub fn begun(authorization: &DeviceAuthorization, timeout: Option<Span>, now: Now) -> Self {
        let life = timeout.unwrap_or(Span::MAX).min(authorization.expires_in);
        Self {
            device_code: authorization.device_code.clone(),
            expires_on: now.wall.after(life),
            interval: authorization.interval,
            backoff: None,
            poll_after: now.wall.after(authorization.interval),
        }
    }

    /// Adds how the flow stands to what somebody keeps of it.
    pub fn write(&self, kept: &mut Object) {
        let numbers = [
            ("expiresOnTimestamp", self.expires_on.as_unix_millis()),
            ("pollAfterTimestamp", self.poll_after.as_unix_millis()),
            ("interval", self.interval.as_secs()),
        ];
        for (name, number) in numbers {
            kept.push(name, number.into());
        }
        if let Some(backoff) = self.backoff {
            kept.push("backoff", backoff.as_secs().into());
        }
    }

    /// Reads what was kept of a flow, and checks that it is this credential's to go on with.
    ///
    /// # Errors
    /// Says what is missing in it, or whose it is.
    pub fn read(kept: Object, config: &Config) -> Result<Self, String> {
        let kept = Fields::of(kept);
        let (theirs, ours) = (kept.text("authority").unwrap_or_default(), config.authority.url());
        if theirs != ours {
            return Err(text!("was begun at ", theirs, ", and this credential is at ", ours));
        }
        let number = |name| kept.get(name).and_then(whole_number);
        let (code, expires_on, poll_after) = (
            kept.text("deviceCode"),
            number("expiresOnTimestamp"),
            number("pollAfterTimestamp"),
        );
        let (Some(code), Some(expires_on), Some(poll_after), Some(interval)) =
            (code, expires_on, poll_after, number("interval"))
        else {
            return Err("must have all that `initiateDeviceFlow` resolved to".to_owned());
        };
        Ok(Self {
            device_code: Secret::new(code),
            expires_on: Timestamp::from_unix_millis(expires_on),
            interval: Span::from_secs(interval.max(1)),
            backoff: number("backoff").map(Span::from_secs),
            poll_after: Timestamp::from_unix_millis(poll_after),
        })
    }
}
