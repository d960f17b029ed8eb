//! The host of a conversation.
//!
//! It does what effects ask for, as a host with one context per caller does: timers fire, requests stay out until the
//! test answers them, and a request gives a sign of life every second while its context lives. Time stands still until
//! [`Conversation::at`]. Whatever the credential does must be expected at its very moment: [`Conversation::sends`],
//! [`Conversation::prompts`], [`Conversation::finishes`] and so on take it off the list, and anything left over, or
//! missing, fails the test with the transcript.

use crate::expect::{Answer, Finished, Sent, Stored, effect_line, line, matches, shown};
use crate::wire;
use entra_device_code::error::{Cause, Error};
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::{Config, Retry};
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, HEARTBEAT, IoEvent, IoId, JobId, Outcome, Prompt};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::http::{Reply, Request};
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::time::{Instant, Now, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;

/// When conversations begin: 2026-01-01T00:00:00Z on the wall, some while after the machine's start.
pub(crate) const EPOCH: u64 = 1_767_225_600;
const BOOT: u64 = 1_000_000;

/// The options of a credential for application `client`, else the defaults.
pub(crate) fn options() -> Config {
    Config {
        client_id: "client".into(),
        authority: Authority::parse("login.microsoftonline.com").unwrap(),
        tenant: Tenant::parse(Config::DEFAULT_TENANT).unwrap(),
        timeout: None,
        record: None,
        disable_automatic_authentication: false,
        disable_instance_discovery: false,
        additionally_allowed_tenants: Vec::new(),
        multi_tenant_disabled: false,
        persistent: false,
        support_logging: false,
        retry: Retry::default(),
        request_timeout: Config::DEFAULT_REQUEST_TIMEOUT,
        os: "test".into(),
    }
}

pub(crate) struct Conversation {
    pub(crate) credential: Credential,
    /// Milliseconds since the conversation began, on the monotonic clock.
    clock: u64,
    /// How far the wall clock was set forward since, in milliseconds.
    pub(crate) wall_offset: i64,
    callers: Vec<Caller>,
    doing: Vec<Doing>,
    happened: VecDeque<Happened>,
    stalled: Vec<CallId>,
    pub(crate) log: Vec<String>,
    transcript: Vec<String>,
}

struct Caller {
    id: CallId,
    wakes_at: Option<Instant>,
    is_dead: bool,
    is_waiting: bool,
}

/// Something a context does until the server or the store answers.
#[derive(Clone)]
struct Doing {
    io: IoId,
    by: CallId,
    beats_at: Instant,
    ends_at: Instant,
}

#[derive(Debug)]
enum Happened {
    Sent(IoId, CallId, Request),
    Loads(IoId, bool),
    Saves(IoId, bool),
    Cancelled(IoId),
    Prompted(JobId, CallId, Box<Prompt>),
    Finished(CallId, Result<Box<Outcome>, Error>),
}

impl Conversation {
    pub(crate) fn new(options: Config) -> Self {
        Self {
            credential: Credential::new(options),
            clock: 0,
            wall_offset: 0,
            callers: Vec::new(),
            doing: Vec::new(),
            happened: VecDeque::new(),
            stalled: Vec::new(),
            log: Vec::new(),
            transcript: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> Now {
        let wall = (EPOCH * 1000 + self.clock).saturating_add_signed(self.wall_offset);
        Now {
            wall: Timestamp::from_unix_millis(wall),
            monotonic: Instant::from_millis(BOOT + self.clock),
        }
    }

    // Time.

    /// It is so many seconds after the beginning; nothing happened in between, unless silently.
    pub(crate) fn at(&mut self, seconds: impl Into<f64>) -> &mut Self {
        let target = (seconds.into() * 1000.0).round() as u64;
        assert!(target >= self.clock, "time goes forward");
        if target > self.clock {
            self.nothing_else();
        }
        while let Some(next) = self
            .next_timer()
            .filter(|at| *at <= Instant::from_millis(BOOT + target))
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

    // Callers.

    pub(crate) fn get_token(&mut self, scope: &str) -> CallId {
        self.get_token_with(scope, AskOptions::default())
    }

    pub(crate) fn get_token_with(&mut self, scope: &str, options: AskOptions) -> CallId {
        self.calls(Purpose::GetToken, Some(scope), options)
    }

    pub(crate) fn authenticate(&mut self, scope: Option<&str>) -> CallId {
        self.calls(Purpose::Authenticate, scope, AskOptions::default())
    }

    pub(crate) fn remove_account(&mut self) -> CallId {
        self.calls(Purpose::RemoveAccount, None, AskOptions::default())
    }

    pub(crate) fn calls(&mut self, purpose: Purpose, scope: Option<&str>, options: AskOptions) -> CallId {
        let now = self.now();
        let scopes = scope.map(|scope| Scopes::new([scope]).unwrap());
        let ask = Ask::new(self.credential.config(), purpose, scopes, options).expect("a valid call");
        let id = self
            .credential
            .call(ask, format!("correlation-{}", self.callers.len()), now);
        self.note(format!("{id:?} calls: {purpose:?} {}", scope.unwrap_or_default()));
        self.callers.push(Caller {
            id,
            wakes_at: None,
            is_dead: false,
            is_waiting: true,
        });
        self.drain();
        id
    }

    pub(crate) fn aborts(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?} aborts"));
        self.credential.handle_call(id, CallEvent::Aborted, self.now());
        self.drain();
        self
    }

    /// The caller's context ends without a word: nothing of what it does goes on.
    pub(crate) fn dies(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?}'s context ends"));
        let caller = self.callers.iter_mut().find(|caller| caller.id == id).unwrap();
        caller.is_dead = true;
        caller.wakes_at = None;
        self.doing.retain(|doing| doing.by != id);
        self
    }

    /// The timers of a caller's context do not fire for a while.
    pub(crate) fn stalls(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?}'s context stalls"));
        self.stalled.push(id);
        self
    }

    pub(crate) fn resumes(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?}'s context goes on"));
        self.stalled.retain(|other| *other != id);
        self
    }

    pub(crate) fn closes(&mut self) -> &mut Self {
        self.note("the credential is closed".into());
        self.credential.close();
        self.drain();
        self
    }

    // What the credential does, to be expected.

    /// The credential sends a request such as `POST https://host/path`; a leading `…` stands for anything.
    pub(crate) fn sends(&mut self, expected: &str) -> Sent<'_> {
        let (io, by, request) = self.take(expected, |happened| match happened {
            Happened::Sent(io, by, request) if matches(&line(&request), expected) => Ok((io, by, request)),
            other => Err(other),
        });
        Sent {
            talk: self,
            io,
            by,
            request,
        }
    }

    /// The credential shows a code.
    pub(crate) fn prompts(&mut self, user_code: &str) -> (JobId, CallId, Prompt) {
        self.take(&format!("a prompt with {user_code}"), |happened| match happened {
            Happened::Prompted(job, to, prompt) if prompt.user_code == user_code => Ok((job, to, *prompt)),
            other => Err(other),
        })
    }

    /// The prompt callback fails.
    pub(crate) fn prompt_fails(&mut self, job: JobId, why: &str) -> &mut Self {
        self.note(format!("the prompt fails: {why}"));
        self.credential.prompt_failed(job, Cause::text(why), self.now());
        self.drain();
        self
    }

    pub(crate) fn cancels(&mut self, io: IoId) -> &mut Self {
        self.take(&format!("cancel {io:?}"), |happened| match happened {
            Happened::Cancelled(cancelled) if cancelled == io => Ok(()),
            other => Err(other),
        });
        self
    }

    /// A caller gets its result.
    pub(crate) fn finishes(&mut self, id: CallId) -> Finished {
        Finished(self.take(&format!("{id:?} finishes"), |happened| match happened {
            Happened::Finished(caller, result) if caller == id => Ok(result),
            other => Err(other),
        }))
    }

    /// The persistent cache is read.
    pub(crate) fn loads(&mut self, enable_cae: bool) -> Stored<'_> {
        let io = self.take("a load", |happened| match happened {
            Happened::Loads(io, cae) if cae == enable_cae => Ok(io),
            other => Err(other),
        });
        Stored {
            talk: self,
            io,
            enable_cae,
        }
    }

    /// The persistent cache is written.
    pub(crate) fn saves(&mut self, enable_cae: bool) -> Stored<'_> {
        let io = self.take("a save", |happened| match happened {
            Happened::Saves(io, cae) if cae == enable_cae => Ok(io),
            other => Err(other),
        });
        Stored {
            talk: self,
            io,
            enable_cae,
        }
    }

    /// A line was logged that says so.
    pub(crate) fn logged(&mut self, text: &str) -> &mut Self {
        if !self.log.iter().any(|line| line.contains(text)) {
            self.fail(&format!("nothing was logged that says {text:?}, but: {:#?}", self.log));
        }
        self
    }

    /// Everything that happened was expected.
    pub(crate) fn nothing_else(&self) {
        if !self.happened.is_empty() {
            self.fail(&format!("unexpected: {:#?}", self.happened));
        }
    }

    /// The store says that it holds what it was given.
    pub(crate) fn is_saved(&mut self, io: IoId) -> &mut Self {
        self.happens(io, IoEvent::Saved(Ok(())));
        self
    }

    /// The answer to something that has been out for a while.
    pub(crate) fn answers(&mut self, io: IoId, replied: impl Into<Answer>) -> &mut Self {
        let Answer(replied) = replied.into();
        self.note(format!("the server answers {io:?}: {}", shown(&replied)));
        self.happens(io, IoEvent::Replied(replied));
        self
    }

    /// The user signs in from beginning to end, at this very moment if the last poll is.
    pub(crate) fn signs_in(&mut self, scope: &str, token: Reply) -> &mut Self {
        let seconds = self.seconds();
        let caller = self.get_token(scope);
        self.sends(wire::DEVICE_CODE).replied(wire::device_code());
        self.prompts("ABCD1234");
        self.at(seconds + 5.0).sends(wire::TOKEN).replied(token);
        self.finishes(caller).token();
        self
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.clock as f64 / 1000.0
    }

    pub(crate) fn happens(&mut self, io: IoId, event: IoEvent) {
        self.doing.retain(|doing| doing.io != io);
        self.credential.handle_io(io, event, self.now());
        self.drain();
    }

    fn take<T>(&mut self, expected: &str, wanted: impl Fn(Happened) -> Result<T, Happened>) -> T {
        for at in 0..self.happened.len() {
            match wanted(self.happened.remove(at).unwrap()) {
                Ok(found) => return found,
                Err(other) => self.happened.insert(at, other),
            }
        }
        self.fail(&format!("expected {expected}, but there is: {:#?}", self.happened))
    }

    pub(crate) fn fail(&self, why: &str) -> ! {
        panic!("{}\n at {}s: {why}", self.transcript.join("\n"), self.seconds())
    }

    pub(crate) fn note(&mut self, what: String) {
        self.transcript.push(format!("{:9.3}s {what}", self.seconds()));
    }

    /// Does what the effects ask for.
    fn drain(&mut self) {
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
                Effect::Cancel(io) => {
                    self.doing.retain(|doing| doing.io != io);
                    Happened::Cancelled(io)
                }
                _ if is_dead => continue,
                Effect::Send { io, request, limit } => {
                    begin(io, limit);
                    Happened::Sent(io, id, request)
                }
                Effect::Load { io, enable_cae, limit } => {
                    begin(io, limit);
                    Happened::Loads(io, enable_cae)
                }
                Effect::Save { io, enable_cae, limit } => {
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

impl Drop for Conversation {
    /// A conversation is complete: everything was expected, everybody who lives has a result, and no work is left.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.nothing_else();
        let left: Vec<CallId> = self
            .callers
            .iter()
            .filter(|c| c.is_waiting && !c.is_dead)
            .map(|c| c.id)
            .collect();
        if !left.is_empty() {
            self.fail(&format!("still waiting: {left:?}"));
        }
        if self.callers.iter().all(|caller| !caller.is_waiting) && !self.credential.is_idle() {
            self.fail("nobody waits, but there is work left");
        }
    }
}
