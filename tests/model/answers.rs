//! What the server and the store answer, and what must come of it.

use crate::actions::{Answer, What, Wish};
use crate::promises::Promise;
use crate::server::{RETRY_AFTER, answer};
use crate::world::{Doing, World};
use entra_device_code::error::Cause;
use entra_device_code::flow::event::{IoEvent, IoId};
use entra_device_code::secret::Secret;

impl World {
    pub(crate) fn answered(&mut self, io: IoId, with: Answer) {
        let Some(Doing { what, store, .. }) = self.doing.remove(&io) else {
            return;
        };
        let refused = |text: &str| Cause {
            text: text.into(),
            exception: None,
        };
        let mut granted = None;
        let event = match what {
            What::Load if with == Answer::Fault => IoEvent::Loaded(Err(refused("no disk"))),
            What::Load => IoEvent::Loaded(Ok(self.shelf.load(store.0, store.1).map(Secret::new))),
            What::Save => {
                let is_written = with == Answer::Yes;
                self.shelf
                    .save(&mut self.subject, (store.0, store.1.as_deref()), is_written);
                IoEvent::Saved(if is_written { Ok(()) } else { Err(refused("full")) })
            }
            _ => {
                granted = self.grants(what, with);
                answer(what, with, granted.unwrap_or_default())
            }
        };
        if what == What::Poll {
            self.polled(with);
        }
        if let Some(user) = granted {
            for caller in self.callers.iter_mut().filter(|caller| caller.waits_for(io.job())) {
                // Who has no name has no record.
                let has_result = caller.wish != Wish::Authenticate || !self.unnamed.contains(&user);
                caller.is_due = has_result.then_some(user);
            }
        }
        let now = self.now();
        self.subject.handle_io(io, event, now);
        self.drain();
        if let Some(user) = granted.filter(|_| !self.is_closed) {
            let is_kept = self.returned.contains(&user) || self.is_cached(user);
            let is_told = self.signed_out.contains(&user) && self.living().any(|caller| caller.is_due == Some(user));
            self.promise(Promise::TokenIsKept, is_kept || is_told);
        }
        if what == What::Save {
            let is_right = self.shelf.is_each_their_own(&self.unnamed);
            self.promise(Promise::EachTheirOwn, is_right);
            self.promise(Promise::OthersStay, self.shelf.keeps_strangers());
        }
        let is_back = self.signed_out.iter().any(|user| self.shelf.has(*user));
        self.promise(Promise::SignedOutStaysOut, !is_back);
    }

    /// Whose token the answer brings, if it does. Whoever answers a prompt is signed in from then on.
    fn grants(&mut self, what: What, with: Answer) -> Option<u32> {
        match (what, with) {
            (What::Refresh(user), Answer::Yes) => Some(user),
            (What::Poll, Answer::Yes | Answer::Unnamed) => {
                self.users += 1;
                if with == Answer::Unnamed {
                    self.unnamed.insert(self.users);
                }
                self.account = Some(self.users);
                for caller in self.callers.iter_mut().filter(|caller| !caller.is_done) {
                    caller.may_get.insert(self.users);
                }
                Some(self.users)
            }
            _ => None,
        }
    }

    /// What a poll's answer means for the next poll.
    fn polled(&mut self, with: Answer) {
        let Some(shown) = &mut self.shown else {
            return;
        };
        match with {
            Answer::Yes | Answer::Unnamed | Answer::No => self.shown = None,
            Answer::SlowDown => {
                shown.interval += 5_000;
                shown.polls_from = self.clock + shown.interval;
            }
            Answer::Busy => shown.polls_from = self.clock + shown.interval.max(RETRY_AFTER),
            Answer::Pending | Answer::Fault | Answer::Odd => shown.polls_from = self.clock + shown.interval,
        }
    }
}
