//! A credential: what the host feeds with events and drains of effects, and where callers share their work.
//!
//! **Work is a value, and whoever lives drives it.** A piece of work ([`Acquisition`]) belongs to no caller. One of those
//! who wait for it drives it: its host context performs the effects. On a host that gives each request a context of its
//! own and ends the context with the request (Cloudflare Workers), the driver may vanish without a word. So the others
//! look after the work now and then, and one of them goes on with it in its own context, from the very state it is in:
//! the user's code stays good.

use crate::cache::Item;
use crate::cache::store::CachedToken;
use crate::error::{Cause, Error};
use crate::flow::acquisition::{Acquisition, Step};
use crate::flow::ask::Ask;
use crate::flow::config::Config;
use crate::flow::context::{Context, Level};
use crate::flow::event::{CallEvent, CallId, Effect, HEARTBEAT, IoEvent, IoId, JobId, Outcome};
use crate::flow::job::{Io, Job, Pending};
use crate::flow::step::{Await, Input, Resource, What};
use crate::protocol::plain::plain;
use crate::time::{Instant, Now};
use std::collections::VecDeque;
use std::rc::Rc;

/// The state of one credential.
#[derive(Debug)]
pub struct Credential {
    pub(super) ctx: Context,
    /// The oldest first, so by growing ids: thousands may wait for their users.
    jobs: Vec<Job>,
    pub(super) effects: VecDeque<(CallId, Effect)>,
    last_id: u32,
    closed: bool,
}

impl Credential {
    /// A credential that has done nothing yet.
    #[must_use]
    pub fn new(config: impl Into<Rc<Config>>) -> Self {
        Self {
            ctx: Context::new(config.into()),
            jobs: Vec::new(),
            effects: VecDeque::new(),
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
    pub fn call(&mut self, ask: impl Into<Rc<Ask>>, correlation_id: String, now: Now) -> CallId {
        self.begin(ask.into(), correlation_id, now)
    }

    fn begin(&mut self, ask: Rc<Ask>, correlation_id: String, now: Now) -> CallId {
        if self.closed {
            return self.refuse(closed());
        }
        if let Some(token) = self.fresh_token(&ask, now) {
            return self.answer_at_once(Ok(Outcome::of(token)));
        }
        self.drop_stranded(now);
        let (mut jobs, account) = (self.jobs.iter(), self.ctx.account.as_ref());
        let shared = jobs.find(|job| job.ask == ask && job.is_shared(account) && !job.is_past(now));
        let shared = shared.map(|job| job.id);
        let number = self.next_id();
        let id = shared.unwrap_or(JobId(number));
        let call = CallId { number, job: id };
        if let Some(job) = self.job(id) {
            job.callers.push(call);
            self.look(call, now);
        } else {
            if self.jobs.is_empty() {
                // Most credentials have one at a time. By itself, the list would have room for four.
                self.jobs.reserve_exact(1);
            }
            self.jobs.push(Job {
                id,
                ask: Rc::clone(&ask),
                machine: None,
                callers: vec![call],
                driver: call,
                pending: Pending::Until(now.monotonic),
                last_io: 0,
                noticed_at: None,
            });
            self.hold_others(id);
            let step = Acquisition::start(&mut self.ctx, ask, correlation_id, now);
            self.apply(id, step, now);
        }
        self.settle(now);
        call
    }

    /// The token that a call would be given at once, without beginning one.
    pub fn fresh_token(&mut self, ask: &Ask, now: Now) -> Option<CachedToken> {
        if self.closed {
            return None;
        }
        self.ctx.fresh_token(ask, now)
    }

    /// Ends flows that nobody goes on with; tells so in case that somebody lives after all.
    fn drop_stranded(&mut self, now: Now) {
        let stranded = |job: &mut Job| job.is_stranded(now).then_some(job.id);
        while let Some(id) = self.jobs.iter_mut().find_map(stranded) {
            self.finish(id, Err(Error::authentication("The flow was interrupted for too long.")));
        }
    }

    /// Begins a call that ends at once, as what it asks for is not possible.
    pub fn refuse(&mut self, error: Error) -> CallId {
        self.answer_at_once(Err(error))
    }

    fn answer_at_once(&mut self, result: Result<Box<Outcome>, Error>) -> CallId {
        let number = self.next_id();
        let job = JobId(number);
        let call = CallId { number, job };
        self.answer(call, result);
        call
    }

    /// Something happened to a caller.
    pub fn handle_call(&mut self, call: CallId, event: CallEvent, now: Now) {
        match event {
            CallEvent::Look => self.look(call, now),
            CallEvent::Aborted => self.leave(call, now),
        }
        self.settle(now);
    }

    /// Something happened to what the host does. What nobody waits for any more is ignored.
    pub fn handle_io(&mut self, io: IoId, event: IoEvent, now: Now) {
        let place = self.place_of(io.job);
        let pending = place.and_then(|at| self.jobs.get_mut(at)).map(|job| &mut job.pending);
        let Some(Pending::Io(pending)) = pending else {
            return;
        };
        if pending.id != io {
            return;
        }
        let mut input = Input::Done(event);
        match &input {
            Input::Done(IoEvent::Beat) if now.monotonic >= pending.ends => {
                self.effects.push_back((pending.by, Effect::Cancel(io)));
                input = pending.what.timed_out();
            }
            Input::Done(IoEvent::Beat) => {
                pending.alive_at = now.monotonic;
                pending.suspected_at = None;
                return;
            }
            _ => {}
        }
        if let (Input::Done(IoEvent::Replied(replied)), What::Send(request)) = (&input, &pending.what) {
            self.ctx.log_reply(request, replied, pending.began.until(now.monotonic));
        }
        self.step(io.job, input, now);
        self.settle(now);
    }

    /// The prompt could not be shown: the sign-in ends, for all who wait for it.
    pub fn prompt_failed(&mut self, job: JobId, cause: Cause, now: Now) {
        if self.job(job).is_some() {
            let message = format!("The prompt callback failed: {}", cause.text);
            self.finish(job, Err(Error::caused(message, cause)));
            self.settle(now);
        }
    }

    /// Whether no call is under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Ends every call, now and later, and forgets every token.
    pub fn close(&mut self) {
        self.closed = true;
        for job in &std::mem::take(&mut self.jobs) {
            self.end(job, Err(closed()));
        }
        self.ctx.forget_tokens();
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
        let next = self.effects.pop_front();
        if next.is_none() {
            // Now its caller waits, maybe for long, and maybe with thousands of others.
            self.effects = VecDeque::new();
        }
        next
    }

    /// The next line to log.
    pub fn poll_log(&mut self) -> Option<(Level, String)> {
        // There may be names in it, which servers and stores tell.
        let (level, line) = self.ctx.log.pop_front()?;
        Some((level, plain(&line)))
    }

    fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    fn place_of(&self, id: JobId) -> Option<usize> {
        self.jobs.binary_search_by_key(&id, |job| job.id).ok()
    }

    #[inline(never)] // It is looked for in many places.
    pub(super) fn job(&mut self, id: JobId) -> Option<&mut Job> {
        self.place_of(id).and_then(|at| self.jobs.get_mut(at))
    }

    /// Whether a caller still waits.
    pub(super) fn waits(&mut self, call: CallId) -> bool {
        self.job(call.job).is_some_and(|job| job.place_of(call).is_some())
    }

    pub(super) fn step(&mut self, id: JobId, input: Input, now: Now) {
        let Some(job) = self.job(id) else {
            return;
        };
        job.pending = Pending::Until(now.monotonic);
        let Some(machine) = job.machine.take() else {
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
        let Some(at) = self.place_of(id) else {
            return;
        };
        let driver = self.jobs.get(at).map(|job| job.driver);
        let is_driven = driver.is_some_and(|driver| self.waits(driver));
        let Some(job) = self.jobs.get_mut(at) else {
            return;
        };
        if !is_driven && let Some(heir) = job.callers.first() {
            job.driver = *heir;
        }
        // A token that still lives is waiting for what comes of it.
        let patience = machine.patience(now);
        job.machine = Some(machine);
        job.last_io = job.last_io.wrapping_add(1);
        job.noticed_at = None;
        let driver = job.driver;
        let (what, limit) = match pending {
            Await::Io(what, limit) => (what, limit),
            Await::Until(at, prompt) => {
                job.pending = Pending::Until(at);
                self.ctx.log_wait(now.monotonic.until(at));
                if let Some(prompt) = prompt {
                    self.effects.push_back((driver, Effect::Prompt(id, prompt)));
                }
                return self.wake(driver, at);
            }
            Await::Turn(resource) => {
                job.pending = Pending::Turn(resource);
                return self.wake(driver, now.monotonic.after(HEARTBEAT));
            }
        };
        let limit = match &what {
            What::Send(_) => limit.min(self.ctx.config.request_timeout),
            _ => limit,
        };
        let ends = now.monotonic.after(limit);
        if patience.is_some_and(|patience| patience <= now.monotonic) {
            return self.step(id, what.timed_out(), now);
        }
        let io = Io {
            id: IoId {
                job: id,
                number: job.last_io,
            },
            what,
            by: driver,
            began: now.monotonic,
            ends: patience.map_or(ends, |patience| ends.min(patience)),
            alive_at: now.monotonic,
            suspected_at: None,
        };
        self.effects.push_back((driver, io.effect(now)));
        job.pending = Pending::Io(io);
    }

    pub(super) fn wake(&mut self, call: CallId, at: Instant) {
        self.effects.push_back((call, Effect::WakeAt(at)));
    }

    pub(super) fn answer(&mut self, call: CallId, result: Result<Box<Outcome>, Error>) {
        self.effects.push_back((call, Effect::Finish(Rc::new(result))));
    }

    /// Ends a piece of work: every caller gets the result.
    pub(super) fn finish(&mut self, id: JobId, result: Result<Box<Outcome>, Error>) {
        if let Some(at) = self.place_of(id) {
            let job = self.jobs.remove(at);
            self.end(&job, result);
        }
    }

    fn end(&mut self, job: &Job, result: Result<Box<Outcome>, Error>) {
        if let Pending::Io(io) = &job.pending {
            self.effects.push_back((io.by, Effect::Cancel(io.id)));
        }
        if let Err(error) = &result {
            self.ctx.log_failure(error);
        }
        let result = Rc::new(result);
        for call in &job.callers {
            self.effects.push_back((*call, Effect::Finish(Rc::clone(&result))));
        }
    }

    /// Lets those in line go on whose turn it is.
    fn settle(&mut self, now: Now) {
        while let Some(id) = self.next_in_line() {
            self.step(id, Input::Elapsed, now);
        }
    }

    fn next_in_line(&self) -> Option<JobId> {
        let mut jobs = self.jobs.iter();
        let next = jobs.find(|job| match &job.pending {
            Pending::Turn(resource) => self.holder(resource, job.id).is_none(),
            _ => false,
        });
        next.map(|job| job.id)
    }

    /// The work besides `id` that holds a resource.
    pub(super) fn holder(&self, resource: &Resource, id: JobId) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id != id && job.holds(resource))
    }

    /// Tells the context what work other than `id` holds.
    fn hold_others(&mut self, id: JobId) {
        self.ctx.held.clear();
        for job in &self.jobs {
            if job.id != id {
                job.add_held(&mut self.ctx.held);
            }
        }
    }
}

fn closed() -> Error {
    Error::Unavailable("The credential is closed.".into())
}
