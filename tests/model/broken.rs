//! The machine that is checked, and machines that are broken on purpose, each in one way: the checker must find out.

use crate::place::{AGING, AGING_STORED, PARTITIONED, PLAIN, Place, WHOLE};
use crate::promises::Promise;
use entra_device_code::cache::Item;
use entra_device_code::cache::store::CachedToken;
use entra_device_code::error::{Cause, Error};
use entra_device_code::flow::ask::Ask;
use entra_device_code::flow::config::Config;
use entra_device_code::flow::context::Context;
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId, JobId, Outcome};
use entra_device_code::protocol::http::Reply;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// How a machine is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    PromptsTwice,
    /// Its clock is a second fast.
    PollsEarly,
    IgnoresSlowDown,
    IgnoresRetryAfter,
    IgnoresTimeout,
    /// No request ever takes too long.
    WaitsForEver,
    /// What is granted is taken out of the cache, and nobody gets it.
    LosesTokens,
    /// What is granted is cached, and an error is told.
    TellsAnError,
    IgnoresAborts,
    CancelsNothing,
    FinishesTwice,
    WakesAfterTheEnd,
    /// A result with somebody else's token.
    MixesUsersUp,
    /// The record of somebody else.
    MixesRecordsUp,
    /// In an account's item is what is of others, too.
    MixesItemsUp,
    /// The store gets what is in memory, whatever others have stored.
    Overwrites,
    /// Nothing is taken out of the store.
    StoresWhoSignsOut,
}

impl Broken {
    /// Each, with the promise that it breaks, and where.
    pub(crate) const ALL: [(Self, Promise, Place); 19] = [
        (Self::PromptsTwice, Promise::OnePrompt, PLAIN),
        (Self::PollsEarly, Promise::NoPollTooSoon, PLAIN),
        (Self::IgnoresSlowDown, Promise::NoPollTooSoon, PLAIN),
        (Self::IgnoresRetryAfter, Promise::NoPollTooSoon, PLAIN),
        (Self::IgnoresTimeout, Promise::EndsWithItsCode, WHOLE),
        (Self::WaitsForEver, Promise::EndsUnanswered, PLAIN),
        (Self::WaitsForEver, Promise::LivingTokenIsNotHeldUp, AGING),
        (Self::WaitsForEver, Promise::LivingTokenIsNotHeldUp, AGING_STORED),
        (Self::LosesTokens, Promise::TokenIsKept, PLAIN),
        (Self::TellsAnError, Promise::TokenIsKept, PLAIN),
        (Self::IgnoresAborts, Promise::AbortWins, PLAIN),
        (Self::CancelsNothing, Promise::NothingRunsOn, PLAIN),
        (Self::FinishesTwice, Promise::NothingAfterTheEnd, PLAIN),
        (Self::WakesAfterTheEnd, Promise::NothingAfterTheEnd, PLAIN),
        (Self::MixesUsersUp, Promise::EachTheirOwn, PLAIN),
        (Self::MixesRecordsUp, Promise::EachTheirOwn, PLAIN),
        (Self::MixesItemsUp, Promise::EachTheirOwn, PARTITIONED),
        (Self::Overwrites, Promise::OthersStay, WHOLE),
        (Self::StoresWhoSignsOut, Promise::SignedOutStaysOut, WHOLE),
    ];
}

/// A credential, or one that is broken.
#[derive(Debug)]
pub(crate) struct Subject {
    credential: Credential,
    broken: Option<Broken>,
    /// What a broken one adds to the effects.
    added: VecDeque<(CallId, Effect)>,
}

impl Subject {
    pub(crate) fn new(mut config: Config, broken: Option<Broken>) -> Self {
        if broken == Some(Broken::IgnoresTimeout) {
            config.timeout = None;
        }
        Self {
            credential: Credential::new(config),
            broken,
            added: VecDeque::new(),
        }
    }

    fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    pub(crate) fn config(&self) -> &Config {
        self.credential.config()
    }

    pub(crate) fn context(&mut self) -> &mut Context {
        self.credential.context()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.credential.is_idle()
    }

    pub(crate) fn fresh_token(&mut self, ask: &Ask, now: Now) -> Option<CachedToken> {
        self.credential.fresh_token(ask, now)
    }

    pub(crate) fn call(&mut self, ask: Ask, now: Now) -> CallId {
        self.credential.call(ask, "correlation".into(), now)
    }

    pub(crate) fn handle_call(&mut self, call: CallId, event: CallEvent, mut now: Now) {
        match event {
            CallEvent::Aborted if self.is(Broken::IgnoresAborts) => return,
            CallEvent::Look if self.is(Broken::PollsEarly) => {
                now.monotonic = now.monotonic.after(Duration::from_secs(1));
            }
            _ => {}
        }
        self.credential.handle_call(call, event, now);
    }

    pub(crate) fn handle_io(&mut self, io: IoId, event: IoEvent, now: Now) {
        let event = match event {
            IoEvent::Beat if self.is(Broken::WaitsForEver) => return,
            IoEvent::Replied(Ok(reply)) => IoEvent::Replied(Ok(self.misread(reply))),
            event => event,
        };
        self.credential.handle_io(io, event, now);
        if self.is(Broken::LosesTokens) {
            self.credential.context().cache(false).reload("", Item::Whole).unwrap();
        }
    }

    fn misread(&self, reply: Reply) -> Reply {
        let says_slow_down = reply.body.expose().contains("slow_down");
        Reply {
            retry_after: reply.retry_after.filter(|_| !self.is(Broken::IgnoresRetryAfter)),
            body: if says_slow_down && self.is(Broken::IgnoresSlowDown) {
                Secret::new(r#"{"error":"authorization_pending"}"#)
            } else {
                reply.body
            },
            status: reply.status,
        }
    }

    pub(crate) fn prompt_failed(&mut self, job: JobId, cause: Cause, now: Now) {
        self.credential.prompt_failed(job, cause, now);
    }

    pub(crate) fn close(&mut self) {
        self.credential.close();
    }

    pub(crate) fn unsaved_accounts(&mut self, enable_cae: bool) -> Vec<String> {
        let accounts = self.credential.unsaved_accounts(enable_cae);
        accounts.into_iter().map(str::to_owned).collect()
    }

    pub(crate) fn merge(&mut self, enable_cae: bool, stored: &str, item: Item<'_>) -> Option<String> {
        let read = if self.is(Broken::Overwrites) { "" } else { stored };
        let merged = self.credential.merge(enable_cae, read, item).unwrap();
        if self.is(Broken::MixesItemsUp) && merged.is_some() {
            return self.credential.context().cache(enable_cae).serialize().ok();
        }
        if self.is(Broken::StoresWhoSignsOut) && !stored.is_empty() {
            return None;
        }
        merged
    }

    pub(crate) fn poll_effect(&mut self) -> Option<(CallId, Effect)> {
        if let Some(added) = self.added.pop_front() {
            return Some(added);
        }
        let (call, effect) = self.credential.poll_effect()?;
        let effect = match effect {
            Effect::Cancel(_) if self.is(Broken::CancelsNothing) => return self.poll_effect(),
            Effect::WakeAt(at) if self.is(Broken::PollsEarly) => Effect::WakeAt(at.before(Duration::from_secs(1))),
            Effect::Finish(result) => Effect::Finish(self.misled(result)),
            effect => effect,
        };
        let added = match (&effect, self.broken) {
            (Effect::Prompt(..), Some(Broken::PromptsTwice)) | (Effect::Finish(_), Some(Broken::FinishesTwice)) => {
                Some(effect.clone())
            }
            (Effect::Finish(_), Some(Broken::WakesAfterTheEnd)) => Some(Effect::WakeAt(Instant::from_millis(0))),
            _ => None,
        };
        self.added.extend(added.map(|added| (call, added)));
        Some((call, effect))
    }

    fn misled(&self, result: Rc<Result<Box<Outcome>, Error>>) -> Rc<Result<Box<Outcome>, Error>> {
        let Ok(outcome) = &*result else {
            return result;
        };
        let mut other = Outcome {
            token: outcome.token.clone(),
            record: outcome.record.clone(),
            ..Outcome::default()
        };
        match self.broken {
            Some(Broken::LosesTokens | Broken::TellsAnError) => return Rc::new(Err(Error::Aborted)),
            Some(Broken::MixesUsersUp) => {
                if let Some(token) = &mut other.token {
                    token.secret = Secret::new("AT-9");
                }
            }
            Some(Broken::MixesRecordsUp) => {
                if let Some(Ok(record)) = &mut other.record {
                    record.home_account_id = "u9.t".to_owned();
                }
            }
            _ => return result,
        }
        Rc::new(Ok(Box::new(other)))
    }

    pub(crate) fn drain_log(&mut self) {
        while self.credential.poll_log().is_some() {}
    }
}
