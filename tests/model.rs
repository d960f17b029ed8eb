//! The composed machine, checked state by state: whatever callers, users and servers do, in any order, to a depth.
//!
//! A state is what has happened so far; two histories that leave the credential the same are one state. The checker is
//! `stateright`. Each promise has a name, which it prints with the history that breaks it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

use entra_device_code::cache::Item;
use entra_device_code::cache::store::CachedToken;
use entra_device_code::error::Cause;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::{Config, Persistence, Retry};
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId, JobId};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::http::{Fault, Reply};
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::record::AuthenticationRecord;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Timestamp};
use stateright::{Checker, Model, Property};
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::Duration;

/// How many things may happen in a history, unless the variable `MODEL_DEPTH` says otherwise.
const DEPTH: usize = 5;
const CALLERS: usize = 2;
const INTERVAL: u64 = 5_000;
const CODE_LIFE: u64 = 60_000;
const PATIENCE: u64 = 10_000;

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    Call(Wish),
    /// The server, the network or the store answers the oldest or the newest thing under way.
    Answer {
        newest: bool,
        with: Answer,
    },
    /// So many milliseconds go by, and every timer that is due fires.
    Wait(u64),
    Abort(usize),
    /// A caller's context is gone: nothing is done on its behalf any more, and nobody says so.
    Vanish(usize),
    PromptFails,
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Wish {
    Token,
    OtherToken,
    Authenticate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Answer {
    /// What was asked for: a code, or a token.
    Yes,
    Pending,
    SlowDown,
    /// Declined, or the refresh token is refused.
    No,
    /// No answer, or none that means anything.
    Fault,
}

#[derive(Clone, Debug)]
struct State {
    history: Vec<Action>,
    /// What the credential and the world are, in one number.
    fingerprint: u64,
    /// The promise that is broken, if one is.
    broken: Option<&'static str>,
    next: Vec<Action>,
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

struct Machine {
    place: Place,
    depth: usize,
}

/// Where it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At a well-known host.
    Known(Option<Persistence>),
    /// At another, whose endpoints must be asked for, with a token that had better be renewed.
    Elsewhere,
}

const PROMISES: [&str; 8] = [
    "never two prompts at once",
    "never a poll sooner than the interval",
    "every operation ends, at the latest when the code expires",
    "a token that is received is returned or cached",
    "abort and close win, and leave nothing running",
    "no effect after the end",
    "nobody gets what is of another account",
    "a token that lives is not held up",
];

impl Model for Machine {
    type State = State;
    type Action = Action;

    /// Nothing has happened, or somebody has signed in.
    fn init_states(&self) -> Vec<State> {
        let nothing = self.state(Vec::new());
        match self.place {
            Place::Known(_) => vec![nothing, self.state(self.signed_in())],
            Place::Elsewhere => vec![nothing],
        }
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if self.steps(state) < self.depth && state.broken.is_none() {
            actions.extend(&state.next);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut history = last.history.clone();
        history.push(action);
        Some(self.state(history))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(PROMISES[0], |_, state: &State| state.broken != Some(PROMISES[0])),
            Property::always(PROMISES[1], |_, state: &State| state.broken != Some(PROMISES[1])),
            Property::always(PROMISES[2], |_, state: &State| state.broken != Some(PROMISES[2])),
            Property::always(PROMISES[3], |_, state: &State| state.broken != Some(PROMISES[3])),
            Property::always(PROMISES[4], |_, state: &State| state.broken != Some(PROMISES[4])),
            Property::always(PROMISES[5], |_, state: &State| state.broken != Some(PROMISES[5])),
            Property::always(PROMISES[6], |_, state: &State| state.broken != Some(PROMISES[6])),
            Property::always(PROMISES[7], |_, state: &State| state.broken != Some(PROMISES[7])),
        ]
    }
}

impl Machine {
    fn signed_in(&self) -> Vec<Action> {
        let yes = Action::Answer {
            newest: false,
            with: Answer::Yes,
        };
        let (wait, call) = (Action::Wait(INTERVAL), Action::Call(Wish::Token));
        match self.place {
            Place::Known(None) | Place::Elsewhere => vec![call, yes, wait, yes],
            // The store is read before, and written after.
            Place::Known(Some(_)) => vec![call, yes, yes, wait, yes, yes],
        }
    }

    /// How many things have happened since the beginning.
    fn steps(&self, state: &State) -> usize {
        let signed_in = self.signed_in();
        let before = if state.history.starts_with(&signed_in) {
            signed_in.len()
        } else {
            0
        };
        state.history.len() - before
    }

    fn state(&self, history: Vec<Action>) -> State {
        let mut world = World::new(self.place);
        for action in &history {
            world.happens(*action);
        }
        let fingerprint = world.fingerprint();
        let next = world.possible();
        let mut broken = world.broken;
        if broken.is_none() {
            world.comes_to_an_end();
            broken = world.broken;
        }
        State {
            history,
            fingerprint,
            broken,
            next,
        }
    }
}

#[derive(Debug)]
struct Caller {
    id: CallId,
    is_gone: bool,
    is_done: bool,
    wakes_at: Option<u64>,
    /// Since when a token that lives is wanted.
    waits_since: Option<u64>,
}

#[derive(Debug)]
struct Doing {
    by: CallId,
    what: What,
    ends_at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Endpoints,
    Code,
    Poll,
    Refresh,
    Load,
    Save,
}

#[derive(Debug)]
struct World {
    credential: Credential,
    clock: u64,
    callers: Vec<Caller>,
    doing: BTreeMap<IoId, Doing>,
    /// The prompt that a user sees, until when it is good.
    prompt: Option<(JobId, u64)>,
    polled_at: Option<u64>,
    interval: u64,
    /// Who signed in, as a number: each sign-in is another user's.
    users: u32,
    is_elsewhere: bool,
    is_closed: bool,
    broken: Option<&'static str>,
}

impl World {
    fn new(place: Place) -> Self {
        let (is_elsewhere, persistence) = match place {
            Place::Known(persistence) => (false, persistence),
            Place::Elsewhere => (true, None),
        };
        let host = if is_elsewhere {
            "id.example"
        } else {
            "login.microsoftonline.com"
        };
        let record = AuthenticationRecord {
            authority: host.into(),
            client_id: "client".into(),
            home_account_id: "u0.t".into(),
            tenant_id: "organizations".into(),
            username: "u0".into(),
        };
        let config = Config {
            record: is_elsewhere.then_some(record),
            disable_instance_discovery: is_elsewhere,
            persistence,
            retry: Retry {
                max_retries: 1,
                ..Retry::default()
            },
            os: "test".into(),
            ..Config::new(
                "client".into(),
                Authority::parse(host).unwrap(),
                Tenant::parse("organizations").unwrap(),
            )
        };
        let mut credential = Credential::new(config);
        if is_elsewhere {
            credential.context().cache(false).reload(AGING, Item::Whole).unwrap();
        }
        Self {
            credential,
            clock: 0,
            callers: Vec::new(),
            doing: BTreeMap::new(),
            prompt: None,
            polled_at: None,
            interval: INTERVAL,
            users: 0,
            is_elsewhere,
            is_closed: false,
            broken: None,
        }
    }

    fn now(&self) -> Now {
        Now {
            wall: Timestamp::from_unix_millis(1_767_225_600_000 + self.clock),
            monotonic: Instant::from_millis(self.clock),
        }
    }

    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        hasher.finish()
    }

    fn promise(&mut self, which: usize, holds: bool) {
        if !holds {
            self.broken.get_or_insert(PROMISES[which]);
        }
    }

    fn possible(&self) -> Vec<Action> {
        let mut possible = Vec::new();
        if self.callers.len() < CALLERS {
            possible.extend([Wish::Token, Wish::OtherToken, Wish::Authenticate].map(Action::Call));
        }
        for (newest, doing) in [(false, self.doing.values().next()), (true, self.doing.values().nth(1))] {
            let answers: &[Answer] = match doing.map(|doing| doing.what) {
                None => &[],
                Some(What::Poll) => &[
                    Answer::Yes,
                    Answer::Pending,
                    Answer::SlowDown,
                    Answer::No,
                    Answer::Fault,
                ],
                Some(What::Code | What::Refresh) => &[Answer::Yes, Answer::No, Answer::Fault],
                Some(What::Load | What::Save | What::Endpoints) => &[Answer::Yes, Answer::Fault],
            };
            possible.extend(answers.iter().map(|&with| Action::Answer { newest, with }));
        }
        possible.extend([1_000, INTERVAL, 3_000_000].map(Action::Wait));
        for (at, caller) in self.callers.iter().enumerate() {
            if !caller.is_done && !caller.is_gone {
                possible.extend([Action::Abort(at), Action::Vanish(at)]);
            }
        }
        if self.prompt.is_some() {
            possible.push(Action::PromptFails);
        }
        if !self.is_closed {
            possible.push(Action::Close);
        }
        possible
    }

    fn happens(&mut self, action: Action) {
        match action {
            Action::Call(wish) => self.call(wish),
            Action::Answer { newest, with } => {
                let io = self.doing.keys().nth(usize::from(newest)).copied();
                if let Some(io) = io {
                    self.answer(io, with);
                }
            }
            Action::Wait(span) => self.wait(span),
            Action::Abort(at) => {
                let (id, now) = (self.callers[at].id, self.now());
                self.credential.handle_call(id, CallEvent::Aborted, now);
                self.drain();
                let is_done = self.callers[at].is_done;
                self.promise(4, is_done);
            }
            Action::Vanish(at) => {
                self.callers[at].is_gone = true;
                self.callers[at].wakes_at = None;
                let id = self.callers[at].id;
                self.doing.retain(|_, doing| doing.by != id);
            }
            Action::PromptFails => {
                if let Some((job, _)) = self.prompt.take() {
                    let (cause, now) = (
                        Cause {
                            text: "no terminal".into(),
                            exception: None,
                        },
                        self.now(),
                    );
                    self.credential.prompt_failed(job, cause, now);
                    self.drain();
                }
            }
            Action::Close => {
                self.is_closed = true;
                self.credential.close();
                self.drain();
                let is_over =
                    self.doing.is_empty() && self.callers.iter().all(|caller| caller.is_done || caller.is_gone);
                self.promise(4, is_over);
            }
        }
    }

    fn call(&mut self, wish: Wish) {
        let (purpose, scope) = match wish {
            Wish::Token => (Purpose::GetToken, "User.Read"),
            Wish::OtherToken => (Purpose::GetToken, "Mail.Read"),
            Wish::Authenticate => (Purpose::Authenticate, "User.Read"),
        };
        let scopes = Scopes::new([scope]).ok();
        let ask = Ask::new(self.credential.config(), purpose, scopes, AskOptions::default()).unwrap();
        let now = self.now();
        let id = self.credential.call(ask, "correlation".into(), now);
        self.callers.push(Caller {
            id,
            is_gone: false,
            is_done: false,
            wakes_at: None,
            waits_since: (self.is_elsewhere && wish == Wish::Token && self.clock < 2_000_000).then_some(self.clock),
        });
        self.drain();
    }

    fn answer(&mut self, io: IoId, with: Answer) {
        let what = self.doing.remove(&io).map(|doing| doing.what);
        let reply = |status, body: String| {
            IoEvent::Replied(Ok(Reply {
                status,
                retry_after: None,
                body: Secret::new(body),
            }))
        };
        let error = |error: &str| reply(400, format!(r#"{{"error":"{error}"}}"#));
        let mut is_granted = false;
        let event = match (what, with) {
            (Some(What::Load), Answer::Yes) => IoEvent::Loaded(Ok(None)),
            (Some(What::Load), _) => IoEvent::Loaded(Err(Cause { text: "no disk".into(), exception: None })),
            (Some(What::Save), Answer::Yes) => IoEvent::Saved(Ok(())),
            (Some(What::Save), _) => IoEvent::Saved(Err(Cause { text: "full".into(), exception: None })),
            (_, Answer::Fault) => IoEvent::Replied(Err(Fault::TimedOut)),
            (Some(What::Endpoints), Answer::Yes) => reply(
                200,
                r#"{"token_endpoint":"https://id.example/organizations/t","device_authorization_endpoint":"https://id.example/d"}"#.into(),
            ),
            (Some(What::Code), Answer::Yes) => reply(
                200,
                r#"{"device_code":"DC","user_code":"UC","verification_uri":"https://h/v","expires_in":60,"interval":5}"#.into(),
            ),
            (Some(What::Poll), Answer::Yes) => {
                is_granted = true;
                self.users += 1;
                reply(200, granted(self.users))
            }
            (Some(What::Refresh), Answer::Yes) => {
                is_granted = true;
                reply(200, granted(self.users))
            }
            (_, Answer::Pending) => error("authorization_pending"),
            (_, Answer::SlowDown) => {
                self.interval += 5_000;
                error("slow_down")
            }
            (Some(What::Refresh), _) => error("invalid_grant"),
            _ => error("access_denied"),
        };
        if what == Some(What::Poll) {
            self.polled_at = Some(self.clock);
        }
        let now = self.now();
        self.credential.handle_io(io, event, now);
        self.drain();
        if is_granted && !self.is_closed {
            let cached = ["User.Read", "Mail.Read"].map(|scope| self.cached(scope));
            self.promise(3, cached.iter().any(Option::is_some));
        }
    }

    /// The token a caller would be given at once. It is of whoever signed in last.
    fn cached(&mut self, scope: &str) -> Option<CachedToken> {
        let scopes = Scopes::new([scope]).ok();
        let ask = Ask::new(
            self.credential.config(),
            Purpose::GetToken,
            scopes,
            AskOptions::default(),
        )
        .unwrap();
        let now = self.now();
        let token = self.credential.fresh_token(&ask, now);
        let owner = format!("AT-{}", self.users);
        let is_theirs = token.as_ref().is_none_or(|token| token.secret.expose() == owner);
        self.promise(6, is_theirs);
        token
    }

    /// Time goes by in small steps: timers fire, and what takes too long is over.
    fn wait(&mut self, span: u64) {
        let end = self.clock + span;
        while self.clock < end && self.broken.is_none() {
            let timers = self.callers.iter().filter_map(|caller| caller.wakes_at);
            let limits = self.doing.values().map(|doing| doing.ends_at);
            let next = timers.chain(limits).min().unwrap_or(end).clamp(self.clock, end);
            self.clock = next;
            let due = |at: u64| at <= next;
            if let Some(at) = self.callers.iter().position(|caller| caller.wakes_at.is_some_and(due)) {
                self.callers[at].wakes_at = None;
                let (id, now) = (self.callers[at].id, self.now());
                self.credential.handle_call(id, CallEvent::Look, now);
            } else if let Some(&io) = self
                .doing
                .iter()
                .find(|(_, doing)| due(doing.ends_at))
                .map(|(io, _)| io)
            {
                self.doing.remove(&io);
                let now = self.now();
                self.credential.handle_io(io, IoEvent::Beat, now);
            } else if next == end {
                break;
            }
            self.drain();
        }
        self.clock = end;
        // Whoever looks after the work of one who has vanished takes a while to notice.
        if self.callers.iter().all(|caller| !caller.is_gone) {
            let mut callers = self.callers.iter().filter(|caller| !caller.is_done);
            let is_held_up = callers.any(|caller| caller.waits_since.is_some_and(|since| since + PATIENCE < end));
            self.promise(7, !is_held_up);
        }
        if self.prompt.is_some_and(|(_, until)| until < self.clock) {
            self.prompt = None;
        }
    }

    fn drain(&mut self) {
        while let Some((id, effect)) = self.credential.poll_effect() {
            let at = self.callers.iter().position(|caller| caller.id == id);
            // A call that ends at once does so before it is known here.
            let Some(at) = at else {
                if matches!(effect, Effect::Finish(_)) {
                    self.callers.push(Caller {
                        id,
                        is_gone: false,
                        is_done: true,
                        wakes_at: None,
                        waits_since: None,
                    });
                }
                continue;
            };
            let (is_done, is_gone) = (self.callers[at].is_done, self.callers[at].is_gone);
            match effect {
                Effect::Finish(_) => {
                    self.promise(5, !is_done);
                    self.callers[at].is_done = true;
                    self.callers[at].wakes_at = None;
                }
                Effect::WakeAt(when) => {
                    self.promise(5, !is_done);
                    if !is_gone {
                        self.callers[at].wakes_at =
                            Some(Instant::from_millis(0).until(when).as_millis().try_into().unwrap());
                    }
                }
                Effect::Cancel(io) => drop(self.doing.remove(&io)),
                Effect::Prompt(job, _) => {
                    self.promise(5, !is_done);
                    let lives = self.prompt.is_some_and(|(_, until)| self.clock < until);
                    // A prompt whose callers are all gone is nobody's any more.
                    let has_callers = self
                        .callers
                        .iter()
                        .any(|caller| !caller.is_done && !caller.is_gone && caller.id != id);
                    self.promise(0, !(lives && has_callers));
                    self.prompt = Some((job, self.clock + CODE_LIFE));
                    self.polled_at = Some(self.clock);
                    self.interval = INTERVAL;
                }
                Effect::Send { io, request, limit } => {
                    let form = request.form.as_ref().map(|form| form.encoded()).unwrap_or_default();
                    let what = match form {
                        form if form.contains("grant_type=refresh_token") => What::Refresh,
                        form if form.contains("device_code=") => What::Poll,
                        "" => What::Endpoints,
                        _ => What::Code,
                    };
                    if what == What::Poll {
                        self.polls();
                    }
                    self.begins(at, io, what, limit);
                }
                Effect::Load { io, limit, .. } => self.begins(at, io, What::Load, limit),
                Effect::Save { io, limit, .. } => self.begins(at, io, What::Save, limit),
            }
        }
        while self.credential.poll_log().is_some() {}
        let is_seen = self.callers.iter().any(|caller| !caller.is_done);
        if !is_seen {
            self.prompt = None;
        }
    }

    fn begins(&mut self, at: usize, io: IoId, what: What, limit: Duration) {
        let caller = &self.callers[at];
        if !caller.is_gone {
            let doing = Doing {
                by: caller.id,
                what,
                ends_at: self.clock + u64::try_from(limit.as_millis()).unwrap(),
            };
            self.doing.insert(io, doing);
        }
    }

    fn polls(&mut self) {
        let Some((_, until)) = self.prompt else {
            return;
        };
        let is_last = until <= self.clock + 1_000;
        let is_again = self.callers.iter().any(|caller| caller.is_gone);
        let in_time = self.polled_at.is_none_or(|at| self.clock >= at + self.interval);
        self.promise(1, in_time || is_last || is_again);
    }

    /// From here on nothing answers: everybody who is still there has a result when the code has expired, or what was asked
    /// for has been given up.
    fn comes_to_an_end(&mut self) {
        for _ in 0..40 {
            self.wait(30_000);
        }
        let is_over = self.callers.iter().all(|caller| caller.is_done || caller.is_gone);
        self.promise(2, is_over);
    }
}

/// A token that had better be renewed, and lives for 50 minutes yet.
const AGING: &str = r#"{
    "AccessToken": {"": {"home_account_id": "u0.t", "environment": "id.example", "client_id": "client", "secret": "AT-0",
        "realm": "organizations", "target": "User.Read", "expires_on": "1767228600", "refresh_on": "1767225000"}},
    "RefreshToken": {"": {"home_account_id": "u0.t", "environment": "id.example", "client_id": "client", "secret": "RT-0"}},
    "Account": {"": {"home_account_id": "u0.t", "environment": "id.example", "realm": "organizations", "username": "u0",
        "authority_type": "MSSTS"}}
}"#;

fn granted(user: u32) -> String {
    // {"uid":"uN","utid":"t"}
    let client_info = base64url(&format!(r#"{{"uid":"u{user}","utid":"t"}}"#));
    format!(
        r#"{{"token_type":"Bearer","access_token":"AT-{user}","refresh_token":"RT-{user}","expires_in":3000000,"scope":"User.Read","client_info":"{client_info}"}}"#
    )
}

fn base64url(text: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

fn holds(place: Place) {
    let depth = std::env::var("MODEL_DEPTH").map_or(DEPTH, |depth| depth.parse().unwrap());
    let checker = Machine { place, depth }.checker().threads(2).spawn_bfs().join();
    println!(
        "{} states, {} of them different",
        checker.state_count(),
        checker.unique_state_count()
    );
    checker.assert_properties();
    assert!(checker.unique_state_count() > 1_000, "{}", checker.unique_state_count());
}

#[test]
fn every_promise_holds_in_every_state_without_a_store() {
    holds(Place::Known(None));
}

#[test]
fn every_promise_holds_in_every_state_with_a_store() {
    holds(Place::Known(Some(Persistence::Whole)));
}

#[test]
fn every_promise_holds_in_every_state_at_a_host_that_is_not_known() {
    holds(Place::Elsewhere);
}
