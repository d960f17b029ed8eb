//! How a device flow stands that waits for its user.

use crate::protocol::device::DeviceAuthorization;
use crate::secret::Secret;
use crate::time::{Now, Timestamp};
use std::time::Duration;

/// All that is needed to poll. It names no endpoint: whoever goes on asks where the credential itself would, so that a flow
/// that was tampered with can't send the device code elsewhere.
#[derive(Clone, Debug)]
pub struct DeviceFlow {
    /// What to poll with.
    pub device_code: Secret,
    /// When the flow ends: with the code, or with the credential's `timeout`.
    pub expires_on: Timestamp,
    /// How long to wait between polls.
    pub interval: Duration,
    /// How long the last wait was, if a fault or the server made it longer.
    pub backoff: Option<Duration>,
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
    pub fn begun(authorization: &DeviceAuthorization, timeout: Option<Duration>, now: Now) -> Self {
        let life = timeout.unwrap_or(Duration::MAX).min(authorization.expires_in);
        Self {
            device_code: authorization.device_code.clone(),
            expires_on: now.wall.after(life),
            interval: authorization.interval,
            backoff: None,
            poll_after: now.wall.after(authorization.interval),
        }
    }
}
