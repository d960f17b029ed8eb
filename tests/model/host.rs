//! What a host does: it performs the effects, and lets time go by.

use crate::actions::{What, Wish};
use crate::promises::Promise;
use crate::server::{answer, id_of, user_of};
use crate::world::{Caller, Doing, Shown, World};
use entra_device_code::error::Error;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, HEARTBEAT, IoEvent, IoId, Outcome};
use entra_device_code::time::Instant;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long after its end a flow may have its result: a reply to a poll that is out then is waited for for 5 s, and so is the
/// reply to the last poll, which goes out then.
const GRACE: u64 = 10_000;
/// How long it takes until somebody goes on with the work of one who has vanished: a second until they look, 3 s without a sign
/// of life, a second to make sure, and one for the next look.
const MISSED_FOR: u64 = 6_000;
/// How long a store may take, and the wait before it is read again.
const STORE: u64 = 15_500;
/// A request and its repetition, each for 30 s, and the wait between them.
const EXCHANGE: u64 = 60_800;
/// How long a token that lives waits for its successor.
const PATIENCE: u64 = 10_000;

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap()
}

impl World {
    pub(crate) fn drain(&mut self) {
        while let Some((id, effect)) = self.subject.poll_effect() {
            let at = self.callers.iter().position(|caller| caller.id == id);
            let Some(at) = at else {
                continue;
            };
            let is_done = self.callers[at].is_done;
            let is_late = is_done && matches!(effect, Effect::Finish(_) | Effect::WakeAt(_) | Effect::Prompt(..));
            self.promise(Promise::NothingAfterTheEnd, !is_late);
            match effect {
                Effect::Finish(result) => self.finished(at, &result),
                Effect::WakeAt(when) if !self.callers[at].is_gone => {
                    self.callers[at].wakes_at = Some(millis(Instant::from_millis(0).until(when)));
                }
                Effect::WakeAt(_) => {}
                Effect::Cancel(io) => drop(self.doing.remove(&io)),
                Effect::Prompt(job, _) => {
                    let is_second = self.shown.is_some_and(|shown| {
                        self.clock < shown.until && self.living().any(|caller| caller.waits_for(shown.job))
                    });
                    self.promise(Promise::OnePrompt, !is_second);
                    self.prompted(job);
                }
                Effect::Send { io, request, limit } => {
                    let form = request.form.as_ref().map(|form| form.encoded()).unwrap_or_default();
                    let what = match form {
                        "" if request.url.contains("/discovery/instance") => What::Instance,
                        "" => What::Endpoints,
                        form if form.contains("device_code=") => What::Poll,
                        form => match form.split_once("refresh_token=RT-") {
                            Some((_, token)) => What::Refresh(user_of(token).unwrap()),
                            None => What::Code,
                        },
                    };
                    // A poll that is sent again is one that nobody has seen the end of.
                    if what == What::Poll && !self.begun.contains(&io) {
                        let is_due = |shown: Shown| self.clock >= shown.polls_from || self.clock + 1_000 >= shown.until;
                        self.promise(Promise::NoPollTooSoon, self.shown.is_none_or(is_due));
                    }
                    self.begins(at, io, what, (false, None), limit);
                }
                Effect::Load {
                    io,
                    enable_cae,
                    account,
                    limit,
                } => self.begins(at, io, What::Load, (enable_cae, account), limit),
                Effect::Save {
                    io,
                    enable_cae,
                    signed_out,
                    limit,
                } => self.begins(at, io, What::Save, (enable_cae, signed_out), limit),
            }
        }
        self.subject.drain_log();
        let callers = &self.callers;
        self.shown = self
            .shown
            .filter(|shown| callers.iter().any(|caller| caller.waits_for(shown.job)));
    }

    fn begins(&mut self, at: usize, io: IoId, what: What, store: (bool, Option<String>), limit: Duration) {
        self.begun.insert(io);
        let caller = &self.callers[at];
        if !caller.is_gone {
            let doing = Doing {
                by: caller.id,
                what,
                ends_at: self.clock + millis(limit),
                store,
            };
            self.doing.insert(io, doing);
        }
    }

    fn finished(&mut self, at: usize, result: &Result<Box<Outcome>, Error>) {
        let clock = self.clock;
        let caller = &mut self.callers[at];
        caller.is_done = true;
        caller.wakes_at = None;
        let is_due = caller.is_due.take();
        let took = clock - caller.since;
        let (wish, may_get, is_disturbed) = (caller.wish, caller.may_get.clone(), caller.is_disturbed);
        // Its successor may be there, and be saved.
        let is_held_up = caller.has_living_token && is_due.is_none() && took > PATIENCE;
        let has_vanished = self.has_vanished();
        self.promise(Promise::LivingTokenIsNotHeldUp, !is_held_up || has_vanished);
        let token = result.as_ref().ok().and_then(|outcome| outcome.token.as_ref());
        let user = token.and_then(|token| user_of(token.secret.expose()));
        self.returned.extend(user);
        match result {
            Ok(outcome) if wish == Wish::SignOut => self.signed_out(outcome, is_disturbed),
            Ok(outcome) => self.is_served(outcome, user, &may_get),
            Err(_) => {}
        }
        self.promise(Promise::TokenIsKept, is_due.is_none() || is_due == user);
    }

    /// Whether somebody gets what is theirs.
    fn is_served(&mut self, outcome: &Outcome, user: Option<u32>, may_get: &BTreeSet<u32>) {
        let is_theirs = user.is_some_and(|user| may_get.contains(&user));
        let record = outcome.record.as_ref().and_then(|record| record.as_ref().ok());
        let is_named = record.is_none_or(|record| user.is_some_and(|user| record.home_account_id == id_of(user)));
        self.promise(Promise::EachTheirOwn, is_theirs && is_named);
    }

    fn signed_out(&mut self, outcome: &Outcome, is_disturbed: bool) {
        let gone: Vec<u32> = outcome
            .accounts
            .iter()
            .filter_map(|record| user_of(&record.home_account_id))
            .collect();
        if !is_disturbed {
            self.signed_out.extend(&gone);
        }
        self.account = self
            .account
            .filter(|user| !gone.contains(user) && !self.unnamed.contains(user));
        self.callers
            .iter_mut()
            .for_each(|caller| caller.has_living_token = false);
    }

    /// Time goes by: timers fire, and what takes too long is over.
    pub(crate) fn wait(&mut self, span: u64) {
        let end = self.clock + span;
        while self.clock < end && self.broken.is_none() {
            let timers = self.callers.iter().filter_map(|caller| caller.wakes_at);
            let limits = self.doing.values().map(|doing| doing.ends_at);
            let next = timers.chain(limits).min().unwrap_or(end).clamp(self.clock, end);
            self.clock = next;
            let now = self.now();
            let due = |at: u64| at <= next;
            let late = self.doing.iter().find(|(_, doing)| due(doing.ends_at));
            if let Some((&io, doing)) = late {
                if doing.what == What::Poll
                    && let Some(shown) = &mut self.shown
                {
                    shown.polls_from = next + shown.interval;
                }
                self.doing.remove(&io);
                self.subject.handle_io(io, IoEvent::Beat, now);
            } else if let Some(at) = self.callers.iter().position(|caller| caller.wakes_at.is_some_and(due)) {
                self.callers[at].wakes_at = None;
                let id = self.callers[at].id;
                self.beats();
                self.subject.handle_call(id, CallEvent::Look, now);
            } else if next == end {
                break;
            }
            self.drain();
            self.ends_in_time();
        }
        self.clock = end;
        self.ends_in_time();
    }

    /// Whoever is there gives signs of life; they are only seen by those who look.
    fn beats(&mut self) {
        let now = self.now();
        let under_way: Vec<IoId> = self.doing.keys().copied().collect();
        for io in under_way {
            self.subject.handle_io(io, IoEvent::Beat, now);
        }
        debug_assert_eq!(HEARTBEAT, Duration::from_secs(1));
    }

    fn ends_in_time(&mut self) {
        let missed_for = if self.has_vanished() { MISSED_FOR } else { 0 };
        if let Some(shown) = self.shown {
            let ends_at = |since: u64| shown.until.max(since) + GRACE + missed_for;
            let is_late = |caller: &Caller| caller.waits_for(shown.job) && self.clock > ends_at(caller.since);
            let is_late = self.living().any(is_late);
            self.promise(Promise::EndsWithItsCode, !is_late);
        }
        if missed_for == 0 {
            let is_held_up = self.living().any(|caller| {
                caller.has_living_token && caller.is_due.is_none() && caller.since + PATIENCE < self.clock
            });
            self.promise(Promise::LivingTokenIsNotHeldUp, !is_held_up);
        }
    }

    /// From here on nothing answers: everybody who is still there has a result when what is under way has taken too long, and
    /// what comes after that; each may have to wait for the other.
    pub(crate) fn comes_to_an_end(&mut self) {
        let living = u64::try_from(self.living().count()).unwrap();
        let timers = self.callers.iter().filter_map(|caller| caller.wakes_at);
        let limits = self.doing.values().map(|doing| doing.ends_at);
        let shown = self.shown.map(|shown| shown.until + GRACE);
        let pending = timers
            .chain(limits)
            .chain(shown)
            .max()
            .unwrap_or(self.clock)
            .max(self.clock);
        let missed_for = if self.has_vanished() { MISSED_FOR + EXCHANGE } else { 0 };
        let end = pending + living * (STORE + EXCHANGE + missed_for);
        self.wait(end - self.clock);
        let is_over = self.living().count() == 0;
        self.promise(Promise::EndsUnanswered, is_over);
        self.is_over_for_good();
    }

    /// What comes in late has no effect any more.
    fn is_over_for_good(&mut self) {
        if self.broken.is_some() || self.has_vanished() {
            return;
        }
        self.promise(Promise::NothingRunsOn, self.doing.is_empty() && self.subject.is_idle());
        let now = self.now();
        for io in self.begun.clone() {
            let late = answer(What::Poll, crate::actions::Answer::Yes, 8);
            for event in [late, IoEvent::Loaded(Ok(None)), IoEvent::Saved(Ok(())), IoEvent::Beat] {
                self.subject.handle_io(io, event, now);
            }
        }
        let calls: Vec<CallId> = self.callers.iter().map(|caller| caller.id).collect();
        for call in calls {
            for event in [CallEvent::Look, CallEvent::Aborted] {
                self.subject.handle_call(call, event, now);
            }
        }
        let is_quiet = self.subject.poll_effect().is_none();
        self.promise(Promise::NothingAfterTheEnd, is_quiet);
    }
}
