//! Performs what the core wants done, with what the host lends.
//!
//! The core is a state machine that does nothing by itself: it is told what happened, and then says what to do next, until
//! there is nothing more. Here its effects are performed, and what comes of them becomes its next events.
//!
//! # The rule
//!
//! On Cloudflare Workers, I/O belongs to the request that began it. What another request does in its stead fails, and what a
//! request waits for never comes once it was cancelled. A credential serves many requests, and the queue of
//! wasm-bindgen-futures knows no request: a task goes on in the turn of whoever woke it. So:
//!
//! - **Each call is one task. It waits only for promises that were made in its own context; anyone may resolve them.** No
//!   waker is ever given to another call: no channel, no `Notify`, no shared future.
//! - **What is done on behalf of a call is begun in its context, by its task alone.** What is found out in one context for
//!   another is left in the other's mailbox, and its [bell](crate::wait::Bell) is rung.
//! - **A task may be ended from anywhere**, as its own context may be gone: it then begins nothing more, and all it does is
//!   let go of the timers and listeners that it holds.
//!
//! A second rule is [`Shared`]'s: nothing is borrowed while JavaScript is called, as it may call back.

use crate::arguments::Asked;
use crate::call::{Call, Finished, Running, Waiting, Works};
use crate::clock::{self, milliseconds};
use crate::exceptions::cause;
use crate::exchange;
use crate::imports::{self, Listening};
use crate::lent::Lent;
use crate::options::Options;
use crate::results;
use crate::shared::Shared;
use crate::store::{self, Callback, Lending};
use crate::values::array;
use crate::wait::{LONGEST_DELAY, Settled, Timer};
use entra_device_code::cache::Item;
use entra_device_code::flow::ask::Purpose;
use entra_device_code::flow::config::Config;
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, HEARTBEAT, IoEvent, IoId, JobId, Prompt};
use entra_device_code::protocol::http::Fault;
use entra_device_code::time::{Instant, Now};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

/// How long a result may lie before it is taken that its caller's context is gone.
const UNFETCHED: Duration = Duration::from_secs(3);

/// What drives one credential.
pub(crate) struct Driver {
    credential: Shared<Credential>,
    config: Rc<Config>,
    lent: Lent,
    /// The calls that wait.
    calls: Shared<Waiting>,
    works: Works,
    /// The calls with a result that they have yet to fetch, in their own context.
    unfetched: Shared<Vec<(Instant, Rc<Call>)>>,
}

impl Driver {
    pub(crate) fn new((config, options): (Config, Options)) -> Result<Rc<Self>, JsValue> {
        let config = Rc::new(config);
        Ok(Rc::new(Self {
            credential: Shared::new(Credential::new(Rc::clone(&config))),
            config,
            lent: Lent::new(options)?,
            calls: Shared::default(),
            works: Works::default(),
            unfetched: Shared::default(),
        }))
    }

    /// Performs a call: gives its result, or a promise of it.
    pub(crate) fn call(self: &Rc<Self>, purpose: Purpose, asked: Result<Asked, JsValue>) -> Result<JsValue, JsValue> {
        let asked = asked?;
        if let Some(signal) = &asked.signal
            && imports::get(signal, "aborted")?.is_truthy()
        {
            return Err(results::abort_reason(asked.signal.as_ref()));
        }
        let task = asked
            .task(purpose, &self.config)
            .map_err(|error| results::error(&error, &asked))?;
        let now = clock::now();
        if let Some(token) = self
            .credential
            .with(|credential| credential.fresh_token(&task.ask, now))
        {
            return results::access_token(&token);
        }
        // Without `fetch`, say so now: as a request that failed, it would be tried again and again.
        if !matches!(purpose, Purpose::RemoveAccount | Purpose::GetAccounts) {
            self.lent.fetch()?;
        }
        self.sweep(now);
        // One for all requests of a flow, in whatever process.
        let correlation_id = match &task.flow {
            Some(flow) => flow.correlation_id().to_owned(),
            None => imports::random_uuid()?,
        };
        let ask = Rc::clone(&task.ask);
        let id = self
            .credential
            .with(|credential| credential.call(ask, correlation_id.clone(), now));
        let call = Rc::new(Call::new(id, purpose, asked, task, correlation_id));
        self.calls.with(|calls| calls.add(Rc::clone(&call)));
        let driver = Rc::clone(self);
        let listening = call.listen(move || driver.tell_call(id, CallEvent::Aborted));
        if let Err(exception) = listening {
            self.tell_call(id, CallEvent::Aborted);
            return Err(exception);
        }
        self.drain(Some(&call));
        if call.is_finished.get() {
            return self.conclude(&call);
        }
        self.promise(call)
    }

    /// Ends every call, now and later.
    pub(crate) fn close(self: &Rc<Self>) {
        self.credential.with(Credential::close);
        self.drain(None);
    }

    fn promise(self: &Rc<Self>, call: Rc<Call>) -> Result<JsValue, JsValue> {
        let pending = imports::Pending::new()?;
        let promise = pending.promise()?;
        let driver = Rc::clone(self);
        spawn_local(async move {
            let mut attending = pin!(driver.attend(&call));
            let attended = poll_fn(|context| call.leash.poll(attending.as_mut(), context)).await;
            let result = attended.unwrap_or(Ok(())).and_then(|()| driver.conclude(&call));
            let succeeded = result.is_ok();
            let (Ok(value) | Err(value)) = result;
            let _ = pending.settle(succeeded, &value);
        });
        Ok(promise)
    }

    /// The task of a call: does what was left for it, and looks whether its work makes progress.
    async fn attend(self: &Rc<Self>, call: &Rc<Call>) -> Result<(), JsValue> {
        while !call.is_finished.get() {
            call.bell.rung().await?;
            for effect in call.mailbox.take() {
                self.perform(call, effect);
            }
            if !call.is_finished.get() {
                self.tell_call(call.id, CallEvent::Look);
            }
        }
        Ok(())
    }

    fn tell_call(self: &Rc<Self>, id: CallId, event: CallEvent) {
        let now = clock::now();
        self.credential
            .with(|credential| credential.handle_call(id, event, now));
        let here = self.calls.with(|calls| calls.get(id));
        self.drain(here.as_ref());
    }

    /// Tells the core what came of something, in the context in which it was done.
    fn tell_io(self: &Rc<Self>, here: &Rc<Call>, io: IoId, event: IoEvent, now: Now) {
        self.credential.with(|credential| credential.handle_io(io, event, now));
        self.drain(Some(here));
    }

    /// Takes what the core wants done, until there is nothing more. What is to be done `here` is done at once.
    fn drain(self: &Rc<Self>, here: Option<&Rc<Call>>) {
        loop {
            if let Some((level, line)) = self.credential.with(Credential::poll_log) {
                self.lent.log(level, &line);
                continue;
            }
            let Some((id, effect)) = self.credential.with(Credential::poll_effect) else {
                return;
            };
            match effect {
                Effect::Cancel(io) => self.works.stop(io),
                Effect::Finish(result) => self.finish(id, result, here),
                effect => match here {
                    Some(here) if here.id == id => self.perform(here, effect),
                    _ => {
                        if let Some(call) = self.calls.with(|calls| calls.get(id)) {
                            call.mailbox.with(|mailbox| mailbox.push(effect));
                            call.bell.ring();
                        }
                    }
                },
            }
        }
    }

    fn perform(self: &Rc<Self>, call: &Rc<Call>, effect: Effect) {
        match effect {
            Effect::Send { io, request, limit } => {
                let Some(running) = self.begin(call, io, limit) else {
                    return;
                };
                let sent = self
                    .lent
                    .fetch()
                    .and_then(|fetch| exchange::send(&fetch, &request, &running.controller.signal()));
                self.spawn(running, Box::pin(exchange::reply(Settled::of(sent), request)));
            }
            Effect::Load {
                io,
                enable_cae,
                account,
                limit,
            } => {
                if let (Some(store), Some(running)) = (&self.lent.store, self.begin(call, io, limit)) {
                    let loading = Settled::of(store.load(enable_cae, account));
                    self.spawn(running, Box::pin(store::loaded(loading)));
                }
            }
            Effect::Save {
                io,
                enable_cae,
                signed_out,
                limit,
            } => {
                if let (Some(store), Some(running)) = (&self.lent.store, self.begin(call, io, limit)) {
                    let changes = Lending::new(self.changes(enable_cae));
                    let work = store::save(store.clone(), enable_cae, changes, signed_out);
                    self.spawn(running, Box::pin(work));
                }
            }
            Effect::Prompt(job, prompt) => self.prompt(call, job, &prompt),
            Effect::WakeAt(at) => self.wake_at(call, at),
            Effect::Cancel(_) | Effect::Finish(_) => {}
        }
    }

    fn wake_at(&self, call: &Rc<Call>, at: Instant) {
        let delay = milliseconds(clock::monotonic().until(at));
        let sleeper = Rc::downgrade(call);
        let fired = move || {
            if let Some(call) = sleeper.upgrade() {
                if delay <= LONGEST_DELAY {
                    clock::reached(at);
                }
                call.bell.ring_here();
            }
        };
        call.timer.set(Some(Timer::start(delay, Box::new(fired))));
    }

    fn prompt(self: &Rc<Self>, call: &Rc<Call>, job: JobId, prompt: &Prompt) {
        let driver = Rc::clone(self);
        let here = Rc::clone(call);
        let failed = move |exception| {
            let (cause, now) = (cause(exception), clock::now());
            driver
                .credential
                .with(|credential| credential.prompt_failed(job, cause, now));
            driver.drain(Some(&here));
        };
        match self.lent.show(prompt) {
            Err(exception) => failed(exception),
            Ok(shown) if shown.is_object() || shown.is_function() => {
                // Nobody owns it: it is called once, or goes with the promise.
                let settled = Closure::once_into_js(move |_key: usize, succeeded: bool, value: JsValue| {
                    if !succeeded {
                        failed(value);
                    }
                });
                let _ = Listening::new_listening(&shown, &settled, 0);
            }
            Ok(_) => {}
        }
    }

    /// Keeps track of something that is being done: its signs of life, and how to stop it.
    fn begin(self: &Rc<Self>, call: &Rc<Call>, io: IoId, limit: Duration) -> Option<Rc<Running>> {
        let now = clock::monotonic();
        let controller = match call.controller.take().map_or_else(AbortController::new, Ok) {
            Ok(controller) => controller,
            Err(exception) => {
                let event = IoEvent::Replied(Err(Fault::Network(cause(exception))));
                self.tell_io(call, io, event, clock::now());
                return None;
            }
        };
        let _ = imports::note_controller(&controller);
        let running = Rc::new(Running {
            io,
            call: Rc::clone(call),
            controller,
            ends: now.after(limit),
            heartbeat: Default::default(),
            leash: Default::default(),
        });
        self.beat_later(&running, now);
        self.works.add(Rc::clone(&running));
        Some(running)
    }

    /// Gives a sign of life in a while, and then again; the last one when it has taken too long.
    fn beat_later(self: &Rc<Self>, running: &Rc<Running>, now: Instant) {
        let beats_at = now.after(HEARTBEAT).min(running.ends);
        let driver = Rc::downgrade(self);
        let beating = Rc::downgrade(running);
        let fired = move || {
            if let (Some(driver), Some(running)) = (driver.upgrade(), beating.upgrade()) {
                clock::reached(beats_at);
                let now = clock::now();
                if now.monotonic < running.ends {
                    driver.beat_later(&running, now.monotonic);
                }
                driver.tell_io(&running.call, running.io, IoEvent::Beat, now);
            }
        };
        let delay = milliseconds(now.until(beats_at));
        running.heartbeat.set(Some(Timer::start(delay, Box::new(fired))));
    }

    /// Lets work go on by itself, in the context in which it was begun, and tells what came of it. The work is boxed, lest
    /// this be compiled for each kind of it.
    fn spawn(self: &Rc<Self>, running: Rc<Running>, mut work: Pin<Box<dyn Future<Output = IoEvent>>>) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            let event = poll_fn(|context| running.leash.poll(work.as_mut(), context)).await;
            if let Some(event) = event {
                // Whoever does the same need not.
                driver.works.stop(running.io);
                driver.tell_io(&running.call, running.io, event, clock::now());
            }
        });
    }

    /// A call has its result. It fetches it in its own context.
    fn finish(&self, id: CallId, result: Finished, here: Option<&Rc<Call>>) {
        let Some(call) = self.calls.with(|calls| calls.remove(id)) else {
            return;
        };
        call.finish(result);
        if here.is_none_or(|here| here.id != id) {
            let since = clock::now().monotonic;
            self.unfetched.with(|unfetched| unfetched.push((since, call)));
        }
    }

    /// Ends calls that don't fetch their results: their contexts are gone, and would never do it.
    fn sweep(&self, now: Now) {
        let is_late = |since: Instant| since.until(now.monotonic) > UNFETCHED;
        let next = || {
            self.unfetched.with(|unfetched| {
                let is_done = |(since, call): &(Instant, Rc<Call>)| is_late(*since) || call.leash.has_ended();
                let at = unfetched.iter().position(is_done)?;
                Some(unfetched.swap_remove(at))
            })
        };
        while let Some((_, call)) = next() {
            call.leash.end();
        }
    }

    /// What a call that is finished resolves to, or rejects with.
    fn conclude(&self, call: &Call) -> Result<JsValue, JsValue> {
        call.clear();
        let Some(result) = call.result.take() else {
            return Ok(JsValue::UNDEFINED);
        };
        match &*result {
            Ok(outcome) => results::answer(call, outcome, &self.config),
            Err(error) => Err(results::error(error, &call.asked)),
        }
    }

    /// What a store asks when it saves: what an item is to hold, given what it holds (see [`Credential::merge`]); or else, whose
    /// items are to be saved.
    fn changes(self: &Rc<Self>, enable_cae: bool) -> Callback {
        let driver = Rc::clone(self);
        Callback::new(move |stored: JsValue, account: JsValue| {
            let (stored, account) = (stored.as_string(), account.as_string());
            let Some(stored) = stored else {
                let whose: Vec<String> = driver.credential.with(|credential| {
                    let accounts = credential.unsaved_accounts(enable_cae);
                    accounts.into_iter().map(str::to_owned).collect()
                });
                return Ok(array(&whose).into());
            };
            let item = account.as_deref().map_or(Item::Whole, Item::Account);
            let merged = driver
                .credential
                .with(|credential| credential.merge(enable_cae, &stored, item));
            merged.map(JsValue::from).map_err(JsValue::from_str)
        })
    }
}
