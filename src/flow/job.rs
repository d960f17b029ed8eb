//! A piece of work as the credential keeps it: who waits for it, who drives it, and what it waits for.

use crate::flow::acquisition::Acquisition;
use crate::flow::ask::{Ask, Purpose};
use crate::flow::context::Account;
use crate::flow::event::{CallId, Effect, IoEvent, IoId, JobId};
use crate::flow::step::{Input, Resource, What};
use crate::protocol::http::Fault;
use crate::time::{Instant, Now};
use std::rc::Rc;
use std::time::Duration;

/// Without a sign of life for so long, whoever did the work is gone.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(3);

/// How long ago what is long past was, at least.
const LONG_AFTER: Duration = Duration::from_secs(12);

/// A piece of work, and those who wait for it.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: JobId,
    pub(super) ask: Rc<Ask>,
    /// Taken out while it makes a step.
    pub(super) machine: Option<Box<Acquisition>>,
    /// The oldest first, so by growing ids.
    pub(super) callers: Vec<CallId>,
    /// Whose context performs the effects.
    pub(super) driver: CallId,
    pub(super) pending: Pending,
    pub(super) last_io: u32,
    /// When somebody noticed that nothing has happened for long.
    pub(super) noticed_at: Option<Instant>,
}

#[derive(Debug)]
pub(super) enum Pending {
    Until(Instant),
    Turn(Resource),
    Io(Io),
}

#[derive(Debug)]
pub(super) struct Io {
    pub(super) id: IoId,
    pub(super) what: What,
    /// In whose context it is done. Its caller may have left meanwhile.
    pub(super) by: CallId,
    pub(super) began: Instant,
    /// When it has taken too long.
    pub(super) ends: Instant,
    pub(super) alive_at: Instant,
    /// When somebody looked and found no sign of life.
    pub(super) suspected_at: Option<Instant>,
}

impl Job {
    /// Where a caller is among the callers.
    pub(super) fn place_of(&self, call: CallId) -> Option<usize> {
        self.callers.binary_search(&call).ok()
    }

    pub(super) fn add_held(&self, held: &mut Vec<Resource>) {
        if let Some(machine) = &self.machine {
            machine.add_held(held);
        }
    }

    pub(super) fn holds(&self, resource: &Resource) -> bool {
        let mut held = Vec::new();
        self.add_held(&mut held);
        held.contains(resource)
    }

    /// Whether a code was shown whose life ended a while ago, and nobody noticed: all who waited are gone.
    pub(super) fn is_past(&self, now: Now) -> bool {
        let expires = self.machine.as_ref().and_then(|machine| machine.code_expires());
        expires.is_some_and(|expires| is_long_past(expires, now))
    }

    /// Whether other callers with the same wish may wait for this: not for the token of an account that is no longer signed in.
    pub(super) fn is_shared(&self, account: Option<&Account>) -> bool {
        match self.ask.purpose {
            Purpose::InitiateDeviceFlow => false,
            Purpose::GetToken => self.machine.as_ref().is_none_or(|machine| machine.is_for(account)),
            _ => true,
        }
    }

    /// Whether all who waited for a flow are gone: nobody else will come for just that one. After a machine has slept, a
    /// caller who lives has a while to show it.
    pub(super) fn is_stranded(&mut self, now: Now) -> bool {
        let next = match &self.pending {
            Pending::Io(io) => io.ends,
            Pending::Until(at) => *at,
            Pending::Turn(_) => return false,
        };
        if !self.ask.purpose.is_of_flow() || !is_long_past(next, now) {
            return false;
        }
        let noticed_at = *self.noticed_at.get_or_insert(now.monotonic);
        noticed_at.until(now.monotonic) > LOST_AFTER
    }
}

fn is_long_past(moment: Instant, now: Now) -> bool {
    moment.until(now.monotonic) > LONG_AFTER
}

impl Io {
    pub(super) fn effect(&self, now: Now) -> Effect {
        let io = self.id;
        let limit = now.monotonic.until(self.ends);
        match self.what.clone() {
            What::Send(request) => Effect::Send { io, request, limit },
            What::Load { enable_cae, account } => Effect::Load {
                io,
                enable_cae,
                account,
                limit,
            },
            What::Save { enable_cae, signed_out } => Effect::Save {
                io,
                enable_cae,
                signed_out,
                limit,
            },
        }
    }
}

impl What {
    pub(super) fn timed_out(&self) -> Input {
        match self {
            Self::Send(_) => Input::Done(IoEvent::Replied(Err(Fault::TimedOut))),
            Self::Load { .. } | Self::Save { .. } => Input::Elapsed,
        }
    }
}
