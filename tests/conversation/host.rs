//! What a conversation does as a host: it moves time, fires timers, gives signs of life and performs effects.

use crate::expect::effect_line;
use crate::kept::Kept;
use crate::talk::Conversation;
use entra_device_code::error::Error;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, HEARTBEAT, IoEvent, IoId, JobId, Outcome, Prompt};
use entra_device_code::protocol::http::Request;
use entra_device_code::time::Instant;
use std::rc::Rc;
use std::time::Duration;

pub(crate) struct Caller {
    pub(crate) id: CallId,
    pub(crate) wakes_at: Option<Instant>,
    pub(crate) is_dead: bool,
    pub(crate) is_waiting: bool,
    /// The flow it began, or goes on with.
    pub(crate) kept: Option<Kept>,
}

/// Something a context does until the server or the store answers.
#[derive(Clone)]
pub(crate) struct Doing {
    pub(crate) io: IoId,
    pub(crate) by: CallId,
    pub(crate) beats_at: Instant,
    pub(crate) ends_at: Instant,
}

#[derive(Debug)]
pub(crate) enum Happened {
    Sent(IoId, CallId, Request),
    Loads(IoId, bool, Option<String>),
    Saves(IoId, bool),
    Cancelled(IoId),
    Prompted(JobId, CallId, Box<Prompt>),
    Finished(CallId, Rc<Result<Box<Outcome>, Error>>),
}

impl Conversation {
    /// It is so many seconds after the beginning; nothing happened in between, unless silently.
    pub(crate) fn at(&mut self, seconds: impl Into<f64>) -> &mut Self {
        let target = (seconds.into() * 1000.0).round() as u64;
        assert!(target >= self.clock, "time goes forward");
        if target > self.clock {
            self.nothing_else();
        }
        while let Some(next) = self
            .next_timer()
            .filter(|at| *at <= Instant::from_millis(self.boot + target))
        {
            self.clock += self.now().monotonic.until(next).as_millis() as u64;
            self.fire();
            if self.clock < target {
                self.nothing_else();
            }
        }
        self.clock = target;
        self
    }

    /// The machine sleeps until so many seconds after the beginning; then the timers that are due fire.
    pub(crate) fn sleeps_until(&mut self, seconds: u64) -> &mut Self {
        self.nothing_else();
        self.clock = seconds * 1000;
        self.note("the machine wakes up".into());
        self.fire();
        self
    }

    /// The same, but other things happen before the timers fire.
    pub(crate) fn dozes_until(&mut self, seconds: u64) {
        self.nothing_else();
        self.clock = seconds * 1000;
    }

    fn next_timer(&self) -> Option<Instant> {
        let runs = |id| !self.stalled.contains(id);
        let looks = self
            .callers
            .iter()
            .filter(|caller| runs(&caller.id))
            .filter_map(|caller| caller.wakes_at);
        let beats = self
            .doing
            .iter()
            .filter(|doing| runs(&doing.by))
            .map(|doing| doing.beats_at);
        looks.chain(beats).min().map(|at| at.max(self.now().monotonic))
    }

    /// Lets every timer fire that is due: signs of life first, as those are what looks look for.
    fn fire(&mut self) {
        let now = self.now();
        let mut beats = Vec::new();
        for doing in &mut self.doing {
            if doing.beats_at <= now.monotonic && !self.stalled.contains(&doing.by) {
                beats.push(doing.io);
                let next = now.monotonic.after(HEARTBEAT);
                doing.beats_at = if now.monotonic < doing.ends_at {
                    next.min(doing.ends_at)
                } else {
                    next
                };
            }
        }
        for io in beats {
            self.credential.handle_io(io, IoEvent::Beat, now);
            self.drain();
        }
        for at in 0..self.callers.len() {
            let caller = &mut self.callers[at];
            if caller.wakes_at.is_some_and(|at| at <= now.monotonic) && !self.stalled.contains(&caller.id) {
                caller.wakes_at = None;
                let id = caller.id;
                self.credential.handle_call(id, CallEvent::Look, now);
                self.drain();
            }
        }
    }

    pub(crate) fn happens(&mut self, io: IoId, event: IoEvent) {
        self.doing.retain(|doing| doing.io != io);
        self.credential.handle_io(io, event, self.now());
        self.drain();
    }

    /// Does what the effects ask for.
    pub(crate) fn drain(&mut self) {
        while let Some((id, effect)) = self.credential.poll_effect() {
            let now = self.now().monotonic;
            let caller = self.callers.iter_mut().find(|caller| caller.id == id).unwrap();
            let is_dead = caller.is_dead;
            if let Effect::Finish(_) = effect {
                assert!(caller.is_waiting, "{id:?} finishes twice");
                caller.is_waiting = false;
                caller.wakes_at = None;
            }
            if let Effect::WakeAt(at) = effect {
                assert!(caller.is_waiting, "{id:?} is to wake up after its end");
                caller.wakes_at = (!is_dead).then_some(at.max(now));
                continue;
            }
            let dead = if is_dead { " (whose context has ended)" } else { "" };
            self.note(format!("for {id:?}{dead}: {}", effect_line(&effect)));
            let mut begin = |io, limit: Duration| {
                let (beats_at, ends_at) = (now.after(HEARTBEAT.min(limit)), now.after(limit));
                self.doing.push(Doing {
                    io,
                    by: id,
                    beats_at,
                    ends_at,
                });
            };
            let happened = match effect {
                // There is nothing to stop in a context that has ended.
                Effect::Cancel(_) if is_dead => continue,
                Effect::Cancel(io) => {
                    self.doing.retain(|doing| doing.io != io);
                    Happened::Cancelled(io)
                }
                _ if is_dead => continue,
                Effect::Send { io, request, limit } => {
                    begin(io, limit);
                    Happened::Sent(io, id, Request::clone(&request))
                }
                Effect::Load {
                    io,
                    enable_cae,
                    account,
                    limit,
                } => {
                    begin(io, limit);
                    Happened::Loads(io, enable_cae, account)
                }
                Effect::Save {
                    io, enable_cae, limit, ..
                } => {
                    begin(io, limit);
                    Happened::Saves(io, enable_cae)
                }
                Effect::Prompt(job, prompt) => Happened::Prompted(job, id, prompt),
                Effect::Finish(result) => Happened::Finished(id, result),
                Effect::WakeAt(_) => continue,
            };
            self.happened.push_back(happened);
        }
        while let Some((level, line)) = self.credential.poll_log() {
            self.note(format!("log: {line}"));
            self.log.push(format!("{level:?}: {line}"));
        }
    }
}
