//! A credential in its world: callers, a user, a server, a store, and time.

use crate::actions::{Action, What, Wish};
use crate::broken::{Broken, Subject};
use crate::place::{Host, INTERVAL, Place};
use crate::promises::Promise;
use crate::server::{id_of, user_of};
use crate::shelf::{AGING, Shelf};
use entra_device_code::cache::Item;
use entra_device_code::cache::store::{CachedToken, Owner};
use entra_device_code::error::Cause;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Persistence;
use entra_device_code::flow::event::{CallEvent, CallId, IoId, JobId};
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::time::{Instant, Now, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

const CODE_LIFE: u64 = 60_000;
const CALLERS: usize = 2;

#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) id: CallId,
    pub(crate) wish: Wish,
    pub(crate) since: u64,
    pub(crate) is_gone: bool,
    pub(crate) is_done: bool,
    pub(crate) wakes_at: Option<u64>,
    /// A token that lives is wanted.
    pub(crate) has_living_token: bool,
    /// Whose token may be the result.
    pub(crate) may_get: BTreeSet<u32>,
    /// Whose token was received for this.
    pub(crate) is_due: Option<u32>,
    /// Another process wrote to the store meanwhile.
    pub(crate) is_disturbed: bool,
}

impl Caller {
    /// It wants nothing any more.
    const fn gives_up(&mut self) {
        self.is_due = None;
        self.has_living_token = false;
    }

    /// Whether it waits for this work, as far as the credential knows.
    pub(crate) fn waits_for(&self, job: JobId) -> bool {
        self.id.job() == job && !self.is_done
    }
}

#[derive(Debug)]
pub(crate) struct Doing {
    pub(crate) by: CallId,
    pub(crate) what: What,
    pub(crate) ends_at: u64,
    pub(crate) store: (bool, Option<String>),
}

/// A prompt that a user sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    pub(crate) job: JobId,
    /// When its code expires, or the timeout passes.
    pub(crate) until: u64,
    pub(crate) interval: u64,
    /// When the next poll may go out.
    pub(crate) polls_from: u64,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) place: Place,
    pub(crate) subject: Subject,
    pub(crate) clock: u64,
    pub(crate) callers: Vec<Caller>,
    pub(crate) doing: BTreeMap<IoId, Doing>,
    pub(crate) begun: BTreeSet<IoId>,
    pub(crate) shelf: Shelf,
    /// Nothing once it is answered for good.
    pub(crate) shown: Option<Shown>,
    /// How many have signed in.
    pub(crate) users: u32,
    /// Whose credential it is.
    pub(crate) account: Option<u32>,
    pub(crate) unnamed: BTreeSet<u32>,
    pub(crate) signed_out: BTreeSet<u32>,
    /// Whose tokens were results of the last event.
    pub(crate) returned: BTreeSet<u32>,
    pub(crate) is_closed: bool,
    pub(crate) broken: Option<Promise>,
}

impl World {
    pub(crate) fn new(place: Place, broken: Option<Broken>) -> Self {
        let mut subject = Subject::new(place.config(), broken);
        let mut shelf = Shelf::default();
        if place.host == Host::Trusted {
            subject.context().cache(false).reload(AGING, Item::Whole).unwrap();
            if place.persistence.is_some() {
                shelf.begin_with(AGING);
            }
        }
        Self {
            place,
            subject,
            clock: 0,
            callers: Vec::new(),
            doing: BTreeMap::new(),
            begun: BTreeSet::new(),
            shelf,
            shown: None,
            users: 0,
            account: place.has_record.then_some(0),
            unnamed: BTreeSet::new(),
            signed_out: BTreeSet::new(),
            returned: BTreeSet::new(),
            is_closed: false,
            broken: None,
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            wall: Timestamp::from_unix_millis(1_767_225_600_000 + self.clock),
            monotonic: Instant::from_millis(self.clock),
        }
    }

    pub(crate) fn promise(&mut self, which: Promise, holds: bool) {
        if !holds {
            self.broken.get_or_insert(which);
        }
    }

    pub(crate) fn living(&self) -> impl Iterator<Item = &Caller> {
        self.callers.iter().filter(|caller| !caller.is_done && !caller.is_gone)
    }

    pub(crate) fn has_vanished(&self) -> bool {
        self.callers.iter().any(|caller| caller.is_gone)
    }

    pub(crate) fn possible(&self) -> Vec<Action> {
        use crate::actions::Foreign::{Expired, Renewed, Strangers};
        let mut possible = Vec::new();
        if self.living().count() < CALLERS {
            possible.extend([Wish::Token, Wish::OtherToken, Wish::Authenticate, Wish::SignOut].map(Action::Call));
        }
        for (newest, doing) in [(false, self.doing.values().next()), (true, self.doing.values().nth(1))] {
            let answers = doing.map(|doing| doing.what.answers()).unwrap_or_default();
            possible.extend(answers.iter().map(|&with| Action::Answer { newest, with }));
        }
        possible.extend([1_000, INTERVAL, 3_000_000].map(Action::Wait));
        for (at, caller) in self.callers.iter().enumerate() {
            if !caller.is_done && !caller.is_gone {
                possible.extend([Action::Abort(at), Action::Vanish(at)]);
            }
        }
        if self.shown.is_some() {
            possible.push(Action::PromptFails);
        }
        if self.place.persistence.is_some() {
            possible.extend([Renewed, Expired, Strangers].map(Action::Write));
        }
        if !self.is_closed {
            possible.push(Action::Close);
        }
        possible
    }

    pub(crate) fn happens(&mut self, action: Action) {
        self.returned.clear();
        match action {
            Action::Call(wish) => self.call(wish),
            Action::Answer { newest, with } => {
                let io = self.doing.keys().nth(usize::from(newest)).copied();
                if let Some(io) = io {
                    self.answered(io, with);
                }
            }
            Action::Wait(span) => self.wait(span),
            Action::Abort(at) => {
                let (id, now) = (self.callers[at].id, self.now());
                self.callers[at].gives_up();
                self.subject.handle_call(id, CallEvent::Aborted, now);
                self.drain();
                self.promise(Promise::AbortWins, self.callers[at].is_done);
            }
            Action::Vanish(at) => {
                self.callers[at].is_gone = true;
                self.callers[at].wakes_at = None;
                let id = self.callers[at].id;
                self.doing.retain(|_, doing| doing.by != id);
            }
            Action::PromptFails => {
                if let Some(shown) = self.shown.take() {
                    let cause = Cause {
                        text: "no terminal".into(),
                        exception: None,
                    };
                    let now = self.now();
                    self.subject.prompt_failed(shown.job, cause, now);
                    self.drain();
                }
            }
            Action::Close => {
                self.is_closed = true;
                self.shown = None;
                self.callers.iter_mut().for_each(Caller::gives_up);
                self.subject.close();
                self.drain();
                let is_over = self.living().count() == 0;
                self.promise(Promise::AbortWins, is_over);
                self.promise(Promise::NothingRunsOn, self.doing.is_empty());
            }
            Action::Write(foreign) => {
                let user = self.account.filter(|user| !self.unnamed.contains(user)).unwrap_or(0);
                let is_partitioned = self.place.persistence == Some(Persistence::Partitioned);
                self.shelf.write(foreign, user, is_partitioned);
                self.signed_out.remove(&user);
                self.callers.iter_mut().for_each(|caller| caller.is_disturbed = true);
            }
        }
        self.looks_around();
    }

    /// What holds after each event.
    fn looks_around(&mut self) {
        for scope in ["User.Read", "Mail.Read"] {
            if let Some(token) = self.cached(scope) {
                let is_theirs = user_of(token.secret.expose()) == self.account;
                self.promise(Promise::EachTheirOwn, is_theirs);
            }
        }
        if self.living().count() == 0 && !self.has_vanished() {
            self.promise(Promise::NothingRunsOn, self.doing.is_empty() && self.subject.is_idle());
        }
    }

    fn ask(&self, purpose: Purpose, scope: &str) -> Ask {
        let (scopes, options) = (Scopes::new([scope]).ok(), AskOptions::default());
        Ask::new(self.subject.config(), purpose, scopes, options).unwrap()
    }

    fn call(&mut self, wish: Wish) {
        let ask = match wish {
            Wish::Token => self.ask(Purpose::GetToken, "User.Read"),
            Wish::OtherToken => self.ask(Purpose::GetToken, "Mail.Read"),
            Wish::Authenticate => self.ask(Purpose::Authenticate, "User.Read"),
            Wish::SignOut => Ask::remove_account(self.subject.config(), None).unwrap(),
        };
        // Whose account goes has no token at hand any more, even if it can't be removed from the store.
        if wish == Wish::SignOut {
            self.callers
                .iter_mut()
                .for_each(|caller| caller.has_living_token = false);
        }
        let signs_out = self.callers.iter().any(|caller| caller.wish == Wish::SignOut);
        let lives = self.place.host == Host::Trusted && self.clock < 2_000_000 && !signs_out;
        let now = self.now();
        let id = self.subject.call(ask, now);
        // Who joins a sign-in that is being saved gets what the others get.
        let others = self.callers.iter().filter(|caller| caller.waits_for(id.job()));
        let is_due = others.filter_map(|caller| caller.is_due).next();
        let account = if wish == Wish::Authenticate {
            is_due
        } else {
            self.account
        };
        self.callers.push(Caller {
            id,
            wish,
            since: self.clock,
            is_gone: false,
            is_done: false,
            wakes_at: None,
            has_living_token: lives && wish == Wish::Token && self.account == Some(0),
            may_get: account.into_iter().collect(),
            is_due,
            is_disturbed: false,
        });
        self.drain();
    }

    /// The prompt of a flow that begins now.
    pub(crate) fn prompted(&mut self, job: JobId) {
        let life = self.place.timeout.unwrap_or(CODE_LIFE).min(CODE_LIFE);
        self.shown = Some(Shown {
            job,
            until: self.clock + life,
            interval: INTERVAL,
            polls_from: self.clock + INTERVAL,
        });
    }

    /// The token a caller would be given at once.
    fn cached(&mut self, scope: &str) -> Option<CachedToken> {
        let (ask, now) = (self.ask(Purpose::GetToken, scope), self.now());
        self.subject.fresh_token(&ask, now)
    }

    pub(crate) fn is_cached(&mut self, user: u32) -> bool {
        let (id, now) = (id_of(user), self.now().wall);
        let owner = Owner {
            home_account_id: &id,
            environment: self.place.host.name(),
        };
        ["User.Read", "Mail.Read"].iter().any(|scope| {
            let cache = self.subject.context().cache(false);
            let token = cache.access_token(owner, "client", "organizations", &[scope], now);
            let token = token.or_else(|| self.cached(scope));
            token.is_some_and(|token| user_of(token.secret.expose()) == Some(user))
        })
    }
}
