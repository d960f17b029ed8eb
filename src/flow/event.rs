//! What a host tells the credential, and what the credential asks of the host.

use crate::cache::store::CachedToken;
use crate::error::{Cause, Error};
use crate::flow::standing::DeviceFlow;
use crate::protocol::http::{Fault, Reply, Request};
use crate::record::AuthenticationRecord;
use crate::secret::Secret;
use crate::shape::{self, Member};
use crate::time::{Instant, Timestamp};
use serde::{Serialize, Serializer};
use std::rc::Rc;
use std::time::Duration;

/// A caller who waits for a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId {
    pub(super) number: u32,
    /// The work it waits for, or waited for.
    pub(super) job: JobId,
}

/// Something the host is doing: a request, a look into the store. Work that was taken over keeps its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IoId {
    /// What it is done for.
    pub(super) job: JobId,
    pub(super) number: u32,
}

impl CallId {
    /// The work it waits for, or waited for. A prompt is for all who wait for the same.
    #[must_use]
    pub const fn job(self) -> JobId {
        self.job
    }
}

impl IoId {
    /// What it is done for.
    #[must_use]
    pub const fn job(self) -> JobId {
        self.job
    }
}

/// A piece of work that callers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub(super) u32);

/// What happens to a caller.
#[derive(Clone, Debug)]
pub enum CallEvent {
    /// The caller's timer fired, or somebody woke it.
    Look,
    /// The caller gave up.
    Aborted,
}

/// What happens to something the host is doing.
#[derive(Clone, Debug)]
pub enum IoEvent {
    /// It is still being done. A host says so every [`HEARTBEAT`], so that the others know that the context it runs in
    /// is alive.
    Beat,
    /// [`Effect::Send`]: the reply, or why there is none.
    Replied(Result<Reply, Fault>),
    /// [`Effect::Load`]: what the store holds, if anything.
    Loaded(Result<Option<Secret>, Cause>),
    /// [`Effect::Load`]: the store can't work as it is configured, and why. The call ends with this, before anything is
    /// sent.
    Unusable(String),
    /// [`Effect::Save`]: whether it was saved.
    Saved(Result<(), Cause>),
}

/// How often a host says that it is still at work.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// What a host is to do on behalf of a caller, in the caller's own context.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send a request, say [`IoEvent::Beat`] until it is done (the last time at `limit`), then [`IoEvent::Replied`].
    Send {
        /// To be quoted in the events.
        io: IoId,
        /// What to send.
        request: Rc<Request>,
        /// How long it may take.
        limit: Duration,
    },
    /// Read the persistent cache, then [`IoEvent::Loaded`].
    Load {
        /// To be quoted in the events.
        io: IoId,
        /// Which cache.
        enable_cae: bool,
        /// Whose item, if each account has its own.
        account: Option<String>,
        /// How long it may take.
        limit: Duration,
    },
    /// Write to the persistent cache what [`super::credential::Credential::merge`] makes of its content (of the items of
    /// [`super::credential::Credential::unsaved_accounts`], if each account has its own), then [`IoEvent::Saved`].
    Save {
        /// To be quoted in the events.
        io: IoId,
        /// Which cache.
        enable_cae: bool,
        /// Who is being signed out, by id: the store keeps nothing of them, not even what it can't read.
        signed_out: Option<String>,
        /// How long it may take.
        limit: Duration,
    },
    /// Nobody waits for this any more: stop it if possible. The caller on whose behalf it was begun may have had its
    /// result.
    Cancel(IoId),
    /// Show the user where to go. Not waited for; if it fails, [`super::credential::Credential::prompt_failed`].
    Prompt(JobId, Box<Prompt>),
    /// Say [`CallEvent::Look`] at this moment, and forget earlier such wishes of this caller.
    WakeAt(Instant),
    /// The caller's result. Nothing further is to be done on its behalf; what is under way goes on until it is done or
    /// cancelled, as others may wait for it.
    Finish(Rc<Result<Box<Outcome>, Error>>),
}

/// What to show the user. Written as JavaScript has it, but for the time, of which the host makes a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What to enter.
    pub user_code: String,
    /// Where to enter it.
    pub verification_uri: String,
    /// The same with the code filled in.
    pub verification_uri_complete: Option<String>,
    /// The server's sentence that says both.
    pub message: String,
    /// Until when.
    pub expires_on: Timestamp,
}

impl Serialize for Prompt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = [
            ("userCode", Member::Text(&self.user_code)),
            ("verificationUri", Member::Text(&self.verification_uri)),
            (
                "verificationUriComplete",
                Member::Optional(&self.verification_uri_complete),
            ),
            ("message", Member::Text(&self.message)),
        ];
        shape::write(serializer, &members)
    }
}

/// What a call results in.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The token, if one was asked for.
    pub token: Option<CachedToken>,
    /// Who signed in, or why that is not known; nothing if nobody signed in just now.
    pub record: Option<Result<AuthenticationRecord, &'static str>>,
    /// A flow that waits for its user.
    pub flow: Option<Box<DeviceFlow>>,
    /// What to show the user of a flow that begins.
    pub prompt: Option<Box<Prompt>>,
    /// The accounts in the cache.
    pub accounts: Vec<AuthenticationRecord>,
}

impl Outcome {
    /// A token that took no sign-in.
    pub(super) fn of(token: CachedToken) -> Box<Self> {
        let mut outcome = Box::<Self>::default();
        outcome.token = Some(token);
        outcome
    }

    /// A flow for somebody to go on with.
    pub(super) fn of_flow(flow: Box<DeviceFlow>, prompt: Option<Box<Prompt>>) -> Box<Self> {
        let mut outcome = Box::<Self>::default();
        outcome.flow = Some(flow);
        outcome.prompt = prompt;
        outcome
    }
}
