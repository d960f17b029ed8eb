//! A host to which anything happens, a store and a server; and what holds whatever happens.

use crate::kept::Kept;
use crate::server::{Chance, Code, Shown, device_code_of};
use crate::stored::Items;
use crate::talk::{EPOCH, options};
use entra_device_code::error::Error;
use entra_device_code::flow::ask::Purpose;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallId, Effect, IoId, Outcome};
use entra_device_code::protocol::authority::Authority;
use entra_device_code::protocol::http::Request;
use entra_device_code::time::{Instant, Now, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub(crate) struct World {
    seed: u64,
    pub(crate) chance: Chance,
    pub(crate) credential: Credential,
    pub(crate) clock: u64,
    pub(crate) wall_offset: i64,
    pub(crate) callers: BTreeMap<CallId, Caller>,
    pub(crate) doing: Vec<Doing>,
    /// The codes the server issued, the last one last.
    pub(crate) codes: Vec<Code>,
    /// Which of them the user sees.
    shown: usize,
    polls: BTreeSet<IoId>,
    /// The flows that somebody may go on with, in whatever process.
    pub(crate) flows: Vec<Flow>,
    /// The whole caches, and the items of accounts.
    pub(crate) store: [String; 2],
    pub(crate) items: [Items; 2],
    /// Only what brings things to an end.
    pub(crate) is_ending: bool,
    pub(crate) tally: Tally,
}

/// How much came of it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) results: u32,
    pub(crate) prompts: u32,
    pub(crate) flows: u32,
    pub(crate) resumed: u32,
    pub(crate) paused: u32,
    pub(crate) accounts: usize,
    pub(crate) items: u32,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.results += other.results;
        self.prompts += other.prompts;
        self.flows += other.flows;
        self.resumed += other.resumed;
        self.paused += other.paused;
        self.accounts += other.accounts;
        self.items += other.items;
    }
}

pub(crate) struct Caller {
    pub(crate) purpose: Purpose,
    /// The flow it begins, or goes on with.
    pub(crate) kept: Option<Kept>,
    pub(crate) wakes_at: Option<Instant>,
    pub(crate) is_dead: bool,
    pub(crate) is_done: bool,
}

pub(crate) struct Flow {
    pub(crate) kept: Kept,
    /// Whoever goes on with it polls once.
    pub(crate) once: bool,
}

pub(crate) struct Doing {
    pub(crate) io: IoId,
    pub(crate) by: CallId,
    pub(crate) what: What,
    pub(crate) beats_at: Instant,
    pub(crate) ends_at: Instant,
    pub(crate) answers_at: Instant,
}

pub(crate) enum What {
    Send(Request),
    Load(bool, Option<String>),
    Save(bool),
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let config = Config {
            authority: Authority::parse(chance.pick(&["login.microsoftonline.com", "id.example"]))
                .unwrap()
                .into(),
            disable_instance_discovery: chance.one_in(2),
            persistence: chance.pick(&[None, Some(Persistence::Whole), Some(Persistence::Partitioned)]),
            timeout: chance.pick(&[None, Some(Duration::from_secs(30)), Some(Duration::from_secs(3600))]),
            ..options()
        };
        Self {
            seed,
            chance,
            credential: Credential::new(config),
            clock: 0,
            wall_offset: 0,
            callers: BTreeMap::new(),
            doing: Vec::new(),
            codes: Vec::new(),
            shown: 0,
            polls: BTreeSet::new(),
            flows: Vec::new(),
            store: Default::default(),
            items: Default::default(),
            is_ending: false,
            tally: Tally::default(),
        }
    }

    /// The process ends, and another begins; what was stored and kept is there.
    pub(crate) fn restart(&mut self) {
        let config = Config {
            record: self
                .chance
                .pick(&[None, Some(crate::known::ada as fn() -> _), Some(crate::known::bea)])
                .map(|record| record()),
            ..self.credential.config().clone()
        };
        self.credential = Credential::new(config);
        self.callers.clear();
        self.doing.clear();
        self.polls.clear();
        self.shown = 0;
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            wall: Timestamp::from_unix_millis((EPOCH * 1000 + self.clock).saturating_add_signed(self.wall_offset)),
            monotonic: Instant::from_millis(self.clock),
        }
    }

    pub(crate) fn check(&self, holds: bool, what: &str) {
        assert!(holds, "seed {}, at {} ms: {what}", self.seed, self.clock);
    }

    pub(crate) fn drain(&mut self) {
        while let Some((id, effect)) = self.credential.poll_effect() {
            let now = self.now().monotonic;
            let is_dead = self.callers[&id].is_dead;
            match effect {
                Effect::Finish(result) => {
                    self.check(!self.callers[&id].is_done, "a caller gets one result");
                    let caller = self.callers.get_mut(&id).unwrap();
                    caller.is_done = true;
                    caller.wakes_at = None;
                    self.finished(id, result.as_ref());
                }
                Effect::Cancel(io) => self.doing.retain(|doing| doing.io != io),
                Effect::WakeAt(at) => {
                    self.check(!self.callers[&id].is_done, "nobody wakes up after the end");
                    // Timers are late more often than not.
                    let late = Duration::from_millis(self.chance.pick(&[0, 1, 40, 700]));
                    self.callers.get_mut(&id).unwrap().wakes_at = Some(at.max(now).after(late));
                }
                Effect::Prompt(_, prompt) => {
                    self.tally.prompts += 1;
                    self.shown = prompt.user_code.strip_prefix("UC-").unwrap().parse().unwrap();
                    self.shows(self.shown, Shown::ToTheUser);
                }
                _ if is_dead => {}
                Effect::Send { io, request, limit } => {
                    self.check(request.url.starts_with("https://"), "https");
                    self.polled(&request, io);
                    self.begin(io, id, What::Send(Request::clone(&request)), limit);
                }
                Effect::Load {
                    io,
                    enable_cae,
                    account,
                    limit,
                } => {
                    let partitioned = self.credential.config().persistence == Some(Persistence::Partitioned);
                    self.check(account.is_some() == partitioned, "the right kind of item is read");
                    self.begin(io, id, What::Load(enable_cae, account), limit);
                }
                Effect::Save {
                    io, enable_cae, limit, ..
                } => {
                    let is_other =
                        |doing: &Doing| doing.io != io && matches!(doing.what, What::Save(cae) if cae == enable_cae);
                    self.check(!self.doing.iter().any(is_other), "one save at a time");
                    self.begin(io, id, What::Save(enable_cae), limit);
                }
            }
        }
        while let Some((_, log)) = self.credential.poll_log() {
            self.check(
                !log.contains("AT") && !log.contains("DC-"),
                "no log line shows a secret",
            );
        }
    }

    fn begin(&mut self, io: IoId, by: CallId, what: What, limit: Duration) {
        let now = self.now().monotonic;
        let answers_in = Duration::from_millis(self.chance.pick(&[0, 3, 90, 2500, 12_000, 40_000]));
        self.doing.push(Doing {
            io,
            by,
            what,
            beats_at: now.after(Duration::from_secs(1).min(limit)),
            ends_at: now.after(limit),
            answers_at: now.after(answers_in),
        });
    }

    /// A result: what was asked for, and nothing else.
    fn finished(&mut self, id: CallId, result: &Result<Box<Outcome>, Error>) {
        let caller = &self.callers[&id];
        let (purpose, kept) = (caller.purpose, caller.kept.clone());
        let is_lost = caller.is_dead;
        let Ok(outcome) = result else {
            return;
        };
        self.tally.results += 1;
        let (token, flow) = (outcome.token.is_some(), outcome.flow.is_some());
        let ids: BTreeSet<&String> = outcome
            .accounts
            .iter()
            .map(|account| &account.home_account_id)
            .collect();
        self.check(ids.len() == outcome.accounts.len(), "each account is listed once");
        let fits = match purpose {
            Purpose::GetToken => token && !flow,
            Purpose::Authenticate => token && matches!(outcome.record, Some(Ok(_))),
            Purpose::RemoveAccount | Purpose::GetAccounts => !token && !flow && outcome.record.is_none(),
            Purpose::InitiateDeviceFlow => !token && flow && outcome.prompt.is_some(),
            Purpose::AcquireTokenByDeviceFlow { once } => token != flow && (once || token),
        };
        self.check(fits, "it is what was asked for");
        self.check(
            matches!(purpose, Purpose::GetAccounts | Purpose::RemoveAccount) || ids.is_empty(),
            "accounts are for who asked for them",
        );
        self.tally.accounts += ids.len();
        let (Some(flow), Some(mut kept), false) = (&outcome.flow, kept, is_lost) else {
            return;
        };
        kept = kept.after(outcome, self.credential.config());
        let code = flow.device_code.expose().to_owned();
        let number = code.strip_prefix("DC-").unwrap().parse().unwrap();
        if purpose == Purpose::InitiateDeviceFlow {
            self.tally.flows += 1;
            self.shows(number, Shown::ByAnother);
            let once = self.chance.one_in(2);
            self.flows.push(Flow { kept, once });
        } else {
            self.tally.paused += 1;
            let same = self.flows.iter_mut().find(|flow| flow.kept.code() == code);
            same.unwrap().kept = kept;
        }
    }

    fn shows(&mut self, number: usize, shown: Shown) {
        let before = core::mem::replace(&mut self.codes[number - 1].shown, shown);
        self.check(matches!(before, Shown::Never), "a code is shown once");
    }

    /// A poll goes out: for a code that a user has, and not too soon unless it is the last.
    fn polled(&mut self, request: &Request, io: IoId) {
        let form = request.form.as_ref().map(|form| form.encoded()).unwrap_or_default();
        let Some(number) = device_code_of(form) else {
            return;
        };
        let now = self.now().monotonic;
        let code = &mut self.codes[number - 1];
        let has_user = match code.shown {
            Shown::Never => false,
            Shown::ToTheUser => number == self.shown,
            Shown::ByAnother => true,
        };
        // What is taken over is sent again.
        let mut in_time = !self.polls.insert(io);
        in_time |= code.answered_at.until(now) >= code.interval;
        in_time |= code.ends_at.iter().any(|end| now.until(*end) <= Duration::from_secs(1));
        // Whoever goes on with a flow polls at once, if only once or if it is due.
        if !in_time && code.resumed > 0 {
            code.resumed -= 1;
            in_time = true;
        }
        self.check(
            has_user,
            "nobody polls for a code that nobody has, or that another replaced",
        );
        self.check(in_time, "nobody polls too fast");
    }
}
