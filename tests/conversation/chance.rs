//! Conversations by chance: callers come, give up and vanish, the server says anything, clocks jump, timers are late.
//!
//! Whatever happens, every caller gets exactly one result, the user sees one code at a time, nobody polls too fast, and
//! nothing is left behind. A seed that fails is named and fails again.

use crate::server::{Chance, Code, device_code_of};
use crate::talk::{EPOCH, options};
use entra_device_code::cache::Item;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId};
use entra_device_code::protocol::authority::Authority;
use entra_device_code::protocol::http::Request;
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct World {
    seed: u64,
    pub(crate) chance: Chance,
    pub(crate) credential: Credential,
    clock: u64,
    wall_offset: i64,
    callers: BTreeMap<CallId, Caller>,
    doing: Vec<Doing>,
    /// The codes the server issued, the last one last.
    pub(crate) codes: Vec<Code>,
    polls: BTreeSet<IoId>,
    store: [String; 2],
    /// Only what brings things to an end.
    pub(crate) is_ending: bool,
    results: u32,
    prompts: u32,
}

#[derive(Default)]
struct Caller {
    wakes_at: Option<Instant>,
    is_dead: bool,
    is_done: bool,
}

struct Doing {
    io: IoId,
    by: CallId,
    what: What,
    beats_at: Instant,
    ends_at: Instant,
    answers_at: Instant,
}

enum What {
    Send(Request),
    Load(bool),
    Save(bool),
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let config = Config {
            authority: Authority::parse(chance.pick(&["login.microsoftonline.com", "id.example"]))
                .unwrap()
                .into(),
            disable_instance_discovery: chance.one_in(2),
            persistence: chance.pick(&[None, Some(Persistence::Whole)]),
            timeout: chance.pick(&[None, Some(Span::from_secs(30)), Some(Span::from_secs(3600))]),
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
            polls: BTreeSet::new(),
            store: Default::default(),
            is_ending: false,
            results: 0,
            prompts: 0,
        }
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            wall: Timestamp::from_unix_millis((EPOCH * 1000 + self.clock).saturating_add_signed(self.wall_offset)),
            monotonic: Instant::from_millis(self.clock),
        }
    }

    fn check(&self, holds: bool, what: &str) {
        assert!(holds, "seed {}, at {} ms: {what}", self.seed, self.clock);
    }

    fn someone_calls(&mut self) {
        let purpose = self.chance.pick(&[
            Purpose::GetToken,
            Purpose::GetToken,
            Purpose::GetToken,
            Purpose::Authenticate,
            Purpose::RemoveAccount,
        ]);
        let scope = self.chance.pick(&["A.Read", "B.Read", "C.Read"]);
        let scopes = (purpose != Purpose::RemoveAccount).then(|| Scopes::new([scope]).unwrap());
        let options = AskOptions {
            claims: self.chance.one_in(8).then(|| r#"{"access_token":{}}"#.into()),
            enable_cae: self.chance.one_in(6),
            tenant_id: None,
        };
        let ask = Ask::new(self.credential.config(), purpose, scopes, options).unwrap();
        let now = self.now();
        let id = self.credential.call(ask, "correlation".into(), now);
        self.callers.insert(id, Caller::default());
        self.drain();
    }

    fn someone(&mut self) -> Option<CallId> {
        let waiting: Vec<CallId> = self
            .callers
            .iter()
            .filter(|(_, c)| !c.is_done && !c.is_dead)
            .map(|(id, _)| *id)
            .collect();
        (!waiting.is_empty()).then(|| self.chance.pick(&waiting))
    }

    fn someone_vanishes(&mut self) {
        if let Some(id) = self.someone() {
            self.callers.get_mut(&id).unwrap().is_dead = true;
            self.doing.retain(|doing| doing.by != id);
        }
    }

    fn someone_gives_up(&mut self) {
        if let Some(id) = self.someone() {
            self.credential.handle_call(id, CallEvent::Aborted, self.now());
            self.drain();
            self.check(self.callers[&id].is_done, "who gives up is done");
        }
    }

    /// Time goes to the next thing that is due, and it happens.
    fn something_happens(&mut self) -> bool {
        let looks = self.callers.values().filter(|c| !c.is_dead).filter_map(|c| c.wakes_at);
        let due = self.doing.iter().map(|doing| doing.beats_at.min(doing.answers_at));
        let Some(next) = looks.chain(due).min() else {
            return false;
        };
        self.clock += self.now().monotonic.until(next).as_millis();
        let now = self.now();
        if let Some(at) = self.doing.iter().position(|doing| doing.answers_at <= now.monotonic) {
            let doing = self.doing.remove(at);
            self.answer(doing);
        } else if let Some(doing) = self.doing.iter_mut().find(|doing| doing.beats_at <= now.monotonic) {
            let next = now.monotonic.after(Span::from_secs(1));
            doing.beats_at = if now.monotonic < doing.ends_at {
                next.min(doing.ends_at)
            } else {
                next
            };
            let io = doing.io;
            self.credential.handle_io(io, IoEvent::Beat, now);
        } else {
            let (id, caller) = self
                .callers
                .iter_mut()
                .find(|(_, c)| !c.is_dead && c.wakes_at.is_some_and(|at| at <= now.monotonic))
                .unwrap();
            caller.wakes_at = None;
            self.credential.handle_call(*id, CallEvent::Look, now);
        }
        self.drain();
        true
    }

    fn answer(&mut self, Doing { io, what, .. }: Doing) {
        let event = match what {
            What::Load(_) if self.chance.one_in(10) => IoEvent::Loaded(Ok(Some(Secret::new("garbage")))),
            What::Load(cae) => IoEvent::Loaded(Ok(Some(Secret::new(self.store[usize::from(cae)].as_str())))),
            What::Save(cae) => {
                let stored = &mut self.store[usize::from(cae)];
                let merged = self.credential.merge(cae, stored, Item::Whole).unwrap();
                if self.chance.one_in(4) {
                    IoEvent::Saved(Err(entra_device_code::error::Cause::text("disk full")))
                } else {
                    if let Some(merged) = merged {
                        *stored = merged;
                    }
                    IoEvent::Saved(Ok(()))
                }
            }
            What::Send(request) => IoEvent::Replied(self.reply(&request)),
        };
        self.credential.handle_io(io, event, self.now());
    }

    fn drain(&mut self) {
        while let Some((id, effect)) = self.credential.poll_effect() {
            let now = self.now().monotonic;
            let is_dead = self.callers[&id].is_dead;
            match effect {
                Effect::Finish(result) => {
                    self.check(!self.callers[&id].is_done, "a caller gets one result");
                    let caller = self.callers.get_mut(&id).unwrap();
                    caller.is_done = true;
                    caller.wakes_at = None;
                    self.results += u32::from(result.is_ok());
                }
                Effect::Cancel(io) => self.doing.retain(|doing| doing.io != io),
                Effect::WakeAt(at) => {
                    self.check(!self.callers[&id].is_done, "nobody wakes up after the end");
                    // Timers are late more often than not.
                    let late = Span::from_millis(self.chance.pick(&[0, 1, 40, 700]));
                    self.callers.get_mut(&id).unwrap().wakes_at = Some(at.max(now).after(late));
                }
                Effect::Prompt(..) => self.prompts += 1,
                _ if is_dead => {}
                Effect::Send { io, request, limit } => {
                    self.check(request.url.starts_with("https://"), "https");
                    self.polled(&request, io);
                    self.begin(io, id, What::Send(Request::clone(&request)), limit);
                }
                Effect::Load {
                    io, enable_cae, limit, ..
                } => self.begin(io, id, What::Load(enable_cae), limit),
                Effect::Save { io, enable_cae, limit } => {
                    let others = self
                        .doing
                        .iter()
                        .any(|d| d.io != io && matches!(d.what, What::Save(cae) if cae == enable_cae));
                    self.check(!others, "one save at a time");
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

    fn begin(&mut self, io: IoId, by: CallId, what: What, limit: Span) {
        let now = self.now().monotonic;
        let answers_in = Span::from_millis(self.chance.pick(&[0, 3, 90, 2500, 12_000, 40_000]));
        self.doing.push(Doing {
            io,
            by,
            what,
            beats_at: now.after(Span::from_secs(1).min(limit)),
            ends_at: now.after(limit),
            answers_at: now.after(answers_in),
        });
    }

    /// A poll goes out: for the code the user has, and not too soon unless it is the last.
    fn polled(&mut self, request: &Request, io: IoId) {
        let form = request.form.as_ref().map(|form| form.encoded()).unwrap_or_default();
        let Some(number) = device_code_of(form) else {
            return;
        };
        self.check(
            number == self.codes.len(),
            "nobody polls for a code that another replaced",
        );
        // What is taken over is sent again.
        if self.polls.insert(io) {
            let code = &self.codes[number - 1];
            let now = self.now().monotonic;
            let is_last = now.until(code.ends_at) <= Span::from_secs(1);
            self.check(
                is_last || code.answered_at.until(now) >= code.interval,
                "nobody polls too fast",
            );
        }
    }

    fn live(&mut self) {
        for _ in 0..self.chance.below(150) {
            match self.chance.below(24) {
                0..4 => self.someone_calls(),
                4 => self.someone_gives_up(),
                5 => self.someone_vanishes(),
                6 => self.wall_offset = self.chance.pick(&[0, 3_600_000, -3_600_000]),
                7 if self.chance.one_in(6) => self.clock += self.chance.below(2_000_000),
                _ => {
                    self.something_happens();
                }
            }
        }
        self.is_ending = true;
        for step in 0.. {
            self.check(step < 100_000, "it comes to an end");
            if !self.something_happens() {
                break;
            }
        }
        let stranded = self.callers.values().any(|caller| !caller.is_done && !caller.is_dead);
        self.check(!stranded, "whoever lives has a result");
        // The dead are buried.
        let dead: Vec<CallId> = self
            .callers
            .iter()
            .filter(|(_, c)| !c.is_done)
            .map(|(id, _)| *id)
            .collect();
        for id in dead {
            self.credential.handle_call(id, CallEvent::Aborted, self.now());
            self.drain();
        }
        self.check(
            self.callers.values().all(|caller| caller.is_done),
            "everyone has a result",
        );
        self.check(self.credential.is_idle(), "no work is left");
    }
}

#[test]
fn whatever_happens_everyone_is_served_and_nothing_is_left() {
    let (mut results, mut prompts) = (0, 0);
    for seed in 1..=800 {
        let mut world = World::new(seed);
        world.live();
        results += world.results;
        prompts += world.prompts;
    }
    // The world is not so hostile that the above means little.
    assert!(results > 2_000 && prompts > 800, "{results} results, {prompts} prompts");
}
