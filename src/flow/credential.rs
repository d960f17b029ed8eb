//! A credential: what the host feeds with events and drains of effects, and where callers share their work.
//!
//! **Work is a value, and whoever lives drives it.** A piece of work ([`Acquisition`]) belongs to no caller. One of those
//! who wait for it drives it: its host context performs the effects. On a host that gives each request a context of its
//! own and ends the context with the request (Cloudflare Workers), the driver may vanish without a word. So the others
//! look after the work now and then, and one of them goes on with it in its own context, from the very state it is in:
//! the user's code stays good.

use crate::prelude::*;

use crate::cache::Item;
use crate::error::{Cause, Error, Failure};
use crate::flow::acquisition::Acquisition;
use crate::flow::ask::Ask;
use crate::flow::config::Config;
use crate::flow::context::{Context, Level};
use crate::flow::event::{CallEvent, CallId, Effect, HEARTBEAT, IoEvent, IoId, JobId, Outcome};
use crate::flow::job::{Io, Job, Pending, What};
use crate::flow::slots::Slots;
use crate::flow::step::{Await, Input, Step};
use crate::time::{Now, Span};
use alloc::rc::Rc;

/// How long the persistent cache may take; then the call goes on without it.
const STORE_LIMIT: Span = Span::from_secs(15);

/// The state of one credential.
#[derive(Debug)]
pub struct Credential {
    pub(super) ctx: Context,
    pub(super) jobs: Slots<JobId, Job>,
    pub(super) calls: Slots<CallId, JobId>,
    pub(super) effects: Vec<(CallId, Effect)>,
    last_id: u32,
    closed: bool,
}

impl Credential {
    /// A credential that has done nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            ctx: Context::new(config),
            jobs: Slots::default(),
            calls: Slots::default(),
            effects: Vec::new(),
            last_id: 0,
            closed: false,
        }
    }

    /// What it was constructed with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.ctx.config
    }

    /// What the machines share.
    pub fn context(&mut self) -> &mut Context {
        &mut self.ctx
    }

    /// Begins a call. Its effects follow; the last is [`Effect::Finish`]. A token in the cache that is good as it is comes
    /// at once.
    pub fn call(&mut self, ask: Ask, correlation_id: String, now: Now) -> CallId {
        let call = CallId::of(self.next_id());
        if self.closed {
            self.effects.push((call, Effect::Finish(Rc::new(Err(closed())))));
            return call;
        }
        if let Some(token) = self.ctx.fresh_token(&ask, now) {
            self.effects
                .push((call, Effect::Finish(Rc::new(Ok(Outcome::of(token))))));
            return call;
        }
        self.drop_stranded(now);
        let is_same = |job: &Job| job.ask == ask && job.is_shared() && !job.is_past(now);
        let same = self.jobs.iter().find(|(_, job)| is_same(job)).map(|(id, _)| *id);
        if let Some(id) = same {
            self.calls.insert(call, id);
            if let Some(job) = self.jobs.get_mut(id) {
                job.callers.push(call);
            }
            self.look(call, now);
        } else {
            let id = JobId::of(self.next_id());
            self.calls.insert(call, id);
            self.jobs.insert(
                id,
                Job {
                    ask: ask.clone(),
                    machine: None,
                    callers: vec![call],
                    driver: call,
                    pending: Pending::Until(now.monotonic),
                    noticed_at: None,
                },
            );
            self.hold_others(id);
            let step = Acquisition::start(&mut self.ctx, ask, correlation_id, now);
            self.apply(id, step, now);
        }
        self.settle(now);
        call
    }

    /// Ends flows that nobody goes on with; tells so in case that somebody lives after all.
    fn drop_stranded(&mut self, now: Now) {
        let mut stranded = Vec::new();
        for (id, job) in self.jobs.iter_mut() {
            if job.is_stranded(now) {
                stranded.push(*id);
            }
        }
        for id in stranded {
            self.finish(id, Err(Error::authentication("The flow was interrupted for too long.")));
        }
    }

    /// Begins a call that ends at once, as what it asks for is not possible.
    pub fn refuse(&mut self, error: Error) -> CallId {
        let call = CallId::of(self.next_id());
        self.effects.push((call, Effect::Finish(Rc::new(Err(error)))));
        call
    }

    /// Something happened to a caller.
    pub fn handle_call(&mut self, call: CallId, event: CallEvent, now: Now) {
        match event {
            CallEvent::Look => self.look(call, now),
            CallEvent::Aborted => self.leave(call, Error::Aborted, now),
        }
        self.settle(now);
    }

    /// Something happened to what the host does. What nobody waits for any more is ignored.
    pub fn handle_io(&mut self, io: IoId, event: IoEvent, now: Now) {
        let found = self.jobs.iter_mut().find_map(|(id, job)| match &job.pending {
            Pending::Io(pending) if pending.id == io => Some((*id, &mut job.pending)),
            _ => None,
        });
        let Some((job, waiting)) = found else {
            return;
        };
        let Pending::Io(pending) = waiting else {
            return;
        };
        let input = match event {
            IoEvent::Beat if now.monotonic >= pending.ends => {
                self.effects.push((pending.by, Effect::Cancel(io)));
                pending.what.timed_out()
            }
            IoEvent::Beat => {
                pending.alive_at = now.monotonic;
                pending.suspected_at = None;
                return;
            }
            IoEvent::Replied(replied) => Input::Replied(replied),
            IoEvent::Loaded(loaded) => Input::Loaded(loaded),
            IoEvent::Unusable(why) => Input::Unusable(why),
            IoEvent::Saved(saved) => Input::Saved(saved),
        };
        *waiting = Pending::Until(now.monotonic);
        self.step(job, input, now);
        self.settle(now);
    }

    /// The prompt could not be shown: the sign-in ends, for all who wait for it.
    pub fn prompt_failed(&mut self, job: JobId, cause: Cause, now: Now) {
        if self.jobs.get(job).is_some() {
            let failure = Failure {
                message: text!("The prompt callback failed: ", &cause.text),
                cause: Some(cause),
                ..Failure::default()
            };
            self.finish(job, Err(Error::Authentication(Box::new(failure))));
            self.settle(now);
        }
    }

    /// Whether no call is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.calls.is_empty()
    }

    /// Ends every call, now and later.
    pub fn close(&mut self) {
        self.closed = true;
        while let Some(job) = self.jobs.first() {
            self.finish(job, Err(closed()));
        }
    }

    /// What an item of the persistent cache is to hold, given what it holds; see [`crate::cache::TokenCache::merge`]. For
    /// [`Effect::Save`], under the store's lock if it has one.
    ///
    /// # Errors
    /// Says why the content is no cache.
    pub fn merge(&mut self, enable_cae: bool, stored: &str, item: Item<'_>) -> Result<Option<String>, &'static str> {
        self.ctx.cache(enable_cae).merge(stored, item)
    }

    /// Whose items have changes to be saved.
    pub fn unsaved_accounts(&mut self, enable_cae: bool) -> Vec<&str> {
        self.ctx.cache(enable_cae).unsaved_accounts()
    }

    /// The next effect, and whose it is. Events are followed by a drain: until this gives nothing, no further event.
    pub fn poll_effect(&mut self) -> Option<(CallId, Effect)> {
        first(&mut self.effects)
    }

    /// The next line to log.
    pub fn poll_log(&mut self) -> Option<(Level, String)> {
        first(&mut self.ctx.log)
    }

    fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    pub(super) fn drop_job(&mut self, id: JobId) {
        if let Some(Job {
            pending: Pending::Io(io),
            ..
        }) = self.jobs.remove(id)
        {
            self.effects.push((io.by, Effect::Cancel(io.id)));
        }
    }

    pub(super) fn step(&mut self, id: JobId, input: Input, now: Now) {
        let Some(machine) = self.jobs.get_mut(id).and_then(|job| job.machine.take()) else {
            return;
        };
        self.hold_others(id);
        let step = machine.step(&mut self.ctx, input, now);
        self.apply(id, step, now);
    }

    fn apply(&mut self, id: JobId, step: Step, now: Now) {
        match step {
            Step::Done(result) => self.finish(id, result),
            Step::Next(machine, pending) => self.wait_for(id, machine, pending, now),
        }
    }

    fn wait_for(&mut self, id: JobId, machine: Box<Acquisition>, pending: Await, now: Now) {
        let io_id = IoId::of(self.next_id());
        let request_timeout = self.ctx.config.request_timeout;
        let Some(job) = self.jobs.get_mut(id) else {
            return;
        };
        job.machine = Some(machine);
        job.noticed_at = None;
        if let (None, Some(&heir)) = (self.calls.get(job.driver), job.callers.first()) {
            job.driver = heir;
        }
        let driver = job.driver;
        let mut io = |what, limit| {
            let io = Io {
                id: io_id,
                what,
                by: driver,
                ends: now.monotonic.after(limit),
                alive_at: now.monotonic,
                suspected_at: None,
            };
            let effect = io.effect(now);
            job.pending = Pending::Io(io);
            effect
        };
        let effect = match pending {
            Await::Reply { request, limit } => {
                let limit = limit.map_or(request_timeout, |limit| limit.min(request_timeout));
                io(What::Send(request), limit)
            }
            Await::Load { enable_cae, account } => io(What::Load { enable_cae, account }, STORE_LIMIT),
            Await::Save { enable_cae } => io(What::Save { enable_cae }, STORE_LIMIT),
            Await::Until(at) => {
                job.pending = Pending::Until(at);
                Effect::WakeAt(at)
            }
            Await::Prompt(prompt, at) => {
                job.pending = Pending::Until(at);
                self.effects.push((driver, Effect::Prompt(id, prompt)));
                Effect::WakeAt(at)
            }
            Await::Turn(resource) => {
                job.pending = Pending::Turn(resource);
                Effect::WakeAt(now.monotonic.after(HEARTBEAT))
            }
        };
        self.effects.push((driver, effect));
    }

    /// Ends a piece of work: every caller gets the result.
    fn finish(&mut self, id: JobId, result: Result<Box<Outcome>, Error>) {
        let callers = self
            .jobs
            .get_mut(id)
            .map(|job| core::mem::take(&mut job.callers))
            .unwrap_or_default();
        self.drop_job(id);
        let result = Rc::new(result);
        for call in callers {
            self.calls.remove(call);
            self.effects.push((call, Effect::Finish(Rc::clone(&result))));
        }
    }

    /// Lets those in line go on whose turn it is.
    fn settle(&mut self, now: Now) {
        let next = |this: &Self| {
            this.jobs.iter().find_map(|(id, job)| match &job.pending {
                Pending::Turn(resource) => {
                    let held = this
                        .jobs
                        .iter()
                        .any(|(other, held)| other != id && held.holds(resource));
                    (!held).then_some(*id)
                }
                _ => None,
            })
        };
        while let Some(id) = next(self) {
            self.step(id, Input::Turn, now);
        }
    }

    /// Tells the context what work other than `id` holds.
    fn hold_others(&mut self, id: JobId) {
        self.ctx.held.clear();
        for (other, job) in self.jobs.iter() {
            if *other != id {
                job.add_held(&mut self.ctx.held);
            }
        }
    }
}

/// Takes the first item. There are few; a ring buffer would be code for nothing.
fn first<T>(queue: &mut Vec<T>) -> Option<T> {
    (!queue.is_empty()).then(|| queue.remove(0))
}

fn closed() -> Error {
    Error::Unavailable("The credential is closed.".into())
}
