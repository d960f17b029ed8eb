//! The host of a conversation.
//!
//! `host` does what effects ask for, as a host with one context per caller does: timers fire, requests stay out until the
//! test answers them, and a request gives a sign of life every second while its context lives. `calls` is what callers do. Time stands still until
//! [`Conversation::at`]. Whatever the credential does must be expected at its very moment: [`Conversation::sends`],
//! [`Conversation::prompts`], [`Conversation::finishes`] and so on take it off the list, and anything left over, or
//! missing, fails the test with the transcript.

use crate::expect::{Answer, Sent, line, matches, shown};
use crate::finished::Finished;
use crate::host::{Caller, Doing, Happened};
use crate::stored::Stored;
use crate::wire::{DEVICE_CODE, device_code};
use entra_device_code::cache::Item;
use entra_device_code::error::Cause;
use entra_device_code::flow::config::Config;
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallId, IoEvent, IoId, JobId, Prompt};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::time::{Instant, Now, Timestamp};
use std::collections::VecDeque;

/// When conversations begin: 2026-01-01T00:00:00Z on the wall, some while after the machine's start.
pub(crate) const EPOCH: u64 = 1_767_225_600;
const BOOT: u64 = 1_000_000;

/// The options of a credential for application `client`, else the defaults.
pub(crate) fn options() -> Config {
    Config {
        os: "test".into(),
        ..Config::new(
            "client".into(),
            Authority::parse("login.microsoftonline.com").unwrap(),
            Tenant::parse(Config::DEFAULT_TENANT).unwrap(),
        )
    }
}

pub(crate) struct Conversation {
    pub(crate) credential: Credential,
    /// Milliseconds since the conversation began, on the monotonic clock.
    pub(crate) clock: u64,
    /// What the monotonic clock showed then.
    pub(crate) boot: u64,
    /// How far the wall clock was set forward since, in milliseconds.
    pub(crate) wall_offset: i64,
    pub(crate) callers: Vec<Caller>,
    pub(crate) doing: Vec<Doing>,
    pub(crate) happened: VecDeque<Happened>,
    pub(crate) stalled: Vec<CallId>,
    pub(crate) log: Vec<String>,
    pub(crate) transcript: Vec<String>,
}

impl Conversation {
    pub(crate) fn new(options: Config) -> Self {
        Self {
            credential: Credential::new(options),
            clock: 0,
            boot: BOOT,
            wall_offset: 0,
            callers: Vec::new(),
            doing: Vec::new(),
            happened: VecDeque::new(),
            stalled: Vec::new(),
            log: Vec::new(),
            transcript: Vec::new(),
        }
    }

    /// One that begins with a cache.
    pub(crate) fn remembering(options: Config, cache: &str) -> Self {
        let mut talk = Self::new(options);
        talk.credential
            .context()
            .cache(false)
            .reload(cache, Item::Whole)
            .expect("a cache");
        talk
    }

    /// A code is asked for, and shown to the user.
    pub(crate) fn shows_a_code(&mut self) {
        self.sends(DEVICE_CODE).replied(device_code());
        self.prompts("ABCD1234");
    }

    /// Another process, on another machine, that begins so many seconds later.
    pub(crate) fn after(seconds: u64, options: Config) -> Self {
        let mut talk = Self::new(options);
        talk.clock = seconds * 1000;
        talk.boot = 3 * BOOT;
        talk
    }

    pub(crate) fn now(&self) -> Now {
        let wall = (EPOCH * 1000 + self.clock).saturating_add_signed(self.wall_offset);
        Now {
            wall: Timestamp::from_unix_millis(wall),
            monotonic: Instant::from_millis(self.boot + self.clock),
        }
    }

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

    /// The whole persistent cache is read.
    pub(crate) fn loads(&mut self, enable_cae: bool) -> Stored<'_> {
        self.loads_item(enable_cae, None)
    }

    /// What the store keeps of an account is read.
    pub(crate) fn loads_of(&mut self, account: &str, enable_cae: bool) -> Stored<'_> {
        self.loads_item(enable_cae, Some(account))
    }

    fn loads_item(&mut self, enable_cae: bool, item: Option<&str>) -> Stored<'_> {
        let io = self.take(&format!("a load of {item:?}"), |happened| match happened {
            Happened::Loads(io, cae, account) if cae == enable_cae && account.as_deref() == item => Ok(io),
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

    /// The answer to something that has been out for a while.
    pub(crate) fn answers(&mut self, io: IoId, replied: impl Into<Answer>) -> &mut Self {
        let Answer(replied) = replied.into();
        self.note(format!("the server answers {io:?}: {}", shown(&replied)));
        self.happens(io, IoEvent::Replied(replied));
        self
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.clock as f64 / 1000.0
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
