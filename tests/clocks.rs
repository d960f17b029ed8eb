//! Clocks that jump and stand still, a machine that sleeps, timers that are early or late: whatever they do, by chance.
//!
//! There is one true time, the server's. The wall clock is set forward and back. The monotonic clock may miss what the machine
//! sleeps, or stand still for a while. Timers are as a host's: they count true time while the machine is awake, and are some
//! milliseconds early or late. A schedule that breaks a promise is named by its number, and breaks it again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

use entra_device_code::error::{Cause, Error};
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, HEARTBEAT, IoEvent, IoId, Outcome};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::http::{Fault, Reply, Request};
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Timestamp};
use std::rc::Rc;
use std::time::Duration;

/// How many schedules, unless the variable `CLOCKS` says otherwise.
const SCHEDULES: u64 = 3000;
const EPOCH: u64 = 1_767_225_600_000;
const BOOT: u64 = 1_000_000;
/// How long before the end the last poll may go out, and how long after it the last reply may come; see `polling`.
const BEFORE_END: u64 = 1000;
const AFTER_END: u64 = 10_000;
/// How far behind a clock may be that stands still: until the next sign of life, when it is made good.
const BEHIND: u64 = 1500;
const LONGEST_BACKOFF: u64 = 60_000;
const YEAR: i64 = 365 * 24 * 3_600_000;

/// xorshift64*.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}

/// What is due at a moment of true time.
struct Due {
    at: u64,
    /// How much sooner than it should.
    early: u64,
    what: What,
}

enum What {
    /// A caller's timer, set for a moment of the monotonic clock.
    Look(CallId, Instant),
    /// A sign of life, and until when there are more.
    Beat(IoId, Instant, Instant),
    Answer(IoId, Result<Reply, Fault>),
}

/// A code, as the server knows it.
struct Code {
    issued: u64,
    /// When the client heard of it: from then on it counts its life.
    heard: u64,
    life: u64,
    interval: u64,
    signs_in_at: u64,
}

/// How much the clocks and timers have erred so far: what a promise may be off by.
#[derive(Clone, Copy, Default)]
struct Errors {
    early: u64,
    late: u64,
    asleep: u64,
    frozen: u64,
}

impl Errors {
    /// How much sooner than it is the end may seem to have come.
    fn too_soon(self) -> u64 {
        self.early + self.frozen.min(BEHIND)
    }
}

struct World {
    number: u64,
    chance: Chance,
    credential: Credential,
    time: u64,
    wall_offset: i64,
    /// What the monotonic clock has missed, and what the host has made good because a timer said so.
    missed: u64,
    made_good: u64,
    is_frozen: bool,
    /// Whether it misses what the machine sleeps, and timers with it.
    misses_sleep: bool,
    due: Vec<Due>,
    code: Option<Code>,
    /// When the last poll was answered, or the code, and how much had gone wrong until then.
    heard: (u64, Errors),
    polls: Vec<IoId>,
    /// This poll went out sooner than the interval allows: it must be the last.
    rushed: bool,
    errors: Errors,
    waiting: Vec<CallId>,
    tally: Tally,
}

/// How much came of it.
#[derive(Debug, Default)]
struct Tally {
    tokens: u32,
    timed_out: u32,
    expired: u32,
    failed: u32,
    polls: u32,
}

impl World {
    fn new(number: u64) -> Self {
        let mut chance = Chance(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let config = Config {
            timeout: chance.pick(&[
                None,
                None,
                Some(Duration::from_secs(30)),
                Some(Duration::from_secs(3600)),
            ]),
            os: "test".into(),
            ..Config::new(
                "client".into(),
                Authority::parse("login.microsoftonline.com").unwrap(),
                Tenant::parse("organizations").unwrap(),
            )
        };
        Self {
            number,
            misses_sleep: chance.below(2) == 0,
            chance,
            credential: Credential::new(config),
            time: 0,
            wall_offset: 0,
            missed: 0,
            made_good: 0,
            is_frozen: false,
            due: Vec::new(),
            code: None,
            heard: Default::default(),
            polls: Vec::new(),
            rushed: false,
            errors: Errors::default(),
            waiting: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn check(&self, holds: bool, promise: &str) {
        assert!(holds, "schedule {}, at {} ms: {promise}", self.number, self.time);
    }

    fn now(&self) -> Now {
        Now {
            wall: Timestamp::from_unix_millis((EPOCH + self.time).saturating_add_signed(self.wall_offset)),
            monotonic: Instant::from_millis(BOOT + self.time - self.missed + self.made_good),
        }
    }

    fn time_goes_by(&mut self, span: u64) {
        self.time += span;
        if self.is_frozen {
            self.missed += span;
            self.errors.frozen += span;
        }
    }

    /// A timer that was set for this moment has fired: the host takes it that the moment has come.
    fn reached(&mut self, at: Instant) {
        self.made_good += self.now().monotonic.until(at).as_millis() as u64;
    }

    fn set_timer(&mut self, at: Instant, what: What) {
        let delay = self.now().monotonic.until(at).as_millis() as u64;
        let early = self.chance.pick(&[0, 0, 1, 2]).min(delay);
        let late = self.chance.pick(&[0, 0, 0, 1, 15, 300]);
        self.errors.late += late;
        let at = self.time + delay - early + late;
        self.due.push(Due { at, early, what });
    }

    /// Clocks and the machine do what they like.
    fn something_odd_happens(&mut self) {
        // Whatever was due during a long pause happens before there is another.
        let pauses = self.due.iter().all(|due| due.at >= self.time);
        match self.chance.below(6) {
            0 | 1 => {
                self.wall_offset = self
                    .chance
                    .pick(&[0, 500, -500, 3_600_000, -3_600_000, 30 * YEAR, -30 * YEAR]);
            }
            2 => self.is_frozen = !self.is_frozen,
            3 if pauses => {
                // The program is busy, and whatever is due waits.
                let busy = self.chance.pick(&[100, 2500, 20_000]);
                self.errors.late += busy;
                self.time_goes_by(busy);
            }
            4 | 5 if pauses => self.machine_sleeps(),
            _ => {}
        }
    }

    fn machine_sleeps(&mut self) {
        let asleep = self.chance.pick(&[900, 10_000, 120_000, 40_000_000]);
        let wakes = self.time + asleep;
        let loses_connections = self.chance.below(2) == 0;
        for due in &mut self.due {
            match &mut due.what {
                What::Answer(_, answer) if loses_connections && due.at > self.time => {
                    due.at = wakes;
                    *answer = Err(dropped());
                }
                What::Answer(..) => due.at = due.at.max(wakes),
                _ if self.misses_sleep => due.at += asleep,
                _ => {}
            }
        }
        self.errors.asleep += asleep;
        self.time += asleep;
        if self.misses_sleep || self.is_frozen {
            self.missed += asleep;
        }
    }

    /// The next thing that is due happens.
    fn goes_on(&mut self) -> bool {
        let Some(next) = (0..self.due.len()).min_by_key(|&at| self.due[at].at) else {
            return false;
        };
        let Due { at, early, what } = self.due.remove(next);
        self.errors.early += early;
        self.time_goes_by(at.saturating_sub(self.time));
        match what {
            What::Look(caller, at) => {
                self.reached(at);
                self.credential.handle_call(caller, CallEvent::Look, self.now());
            }
            What::Beat(io, at, ends) => {
                self.reached(at);
                let now = self.now();
                if now.monotonic < ends {
                    let next = now.monotonic.after(HEARTBEAT).min(ends);
                    self.set_timer(next, What::Beat(io, next, ends));
                }
                let gives_up = now.monotonic >= ends;
                self.ends_with(io, IoEvent::Beat, gives_up);
            }
            What::Answer(io, answer) => {
                self.forget(io);
                let says = |what: &str| matches!(&answer, Ok(reply) if reply.body.expose().contains(what));
                let is_token = says("access_token");
                if says("slow_down")
                    && let Some(code) = &mut self.code
                {
                    code.interval += 5000;
                }
                let tokens = self.tally.tokens;
                self.ends_with(io, IoEvent::Replied(answer), true);
                let is_returned = self.waiting.is_empty() && self.tally.tokens > tokens;
                self.check(!is_token || is_returned, "a token that is received is returned");
            }
        }
        self.drain();
        true
    }

    fn ends_with(&mut self, io: IoId, event: IoEvent, is_over: bool) {
        if is_over {
            self.heard = (self.time, self.errors);
        }
        self.credential.handle_io(io, event, self.now());
        self.drain();
        if is_over && self.rushed && self.polls.contains(&io) {
            self.check(self.waiting.is_empty(), "a poll that comes too soon is the last");
        }
    }

    fn forget(&mut self, io: IoId) {
        self.due.retain(|due| match due.what {
            What::Beat(other, ..) | What::Answer(other, _) => other != io,
            What::Look(..) => true,
        });
    }

    fn drain(&mut self) {
        while let Some((caller, effect)) = self.credential.poll_effect() {
            match effect {
                Effect::Send { io, request, limit } => self.send(io, &request, limit),
                Effect::WakeAt(at) => {
                    self.due
                        .retain(|due| !matches!(due.what, What::Look(other, _) if other == caller));
                    self.set_timer(at, What::Look(caller, at));
                }
                Effect::Cancel(io) => self.forget(io),
                Effect::Finish(result) => self.finished(caller, &result),
                Effect::Prompt(..) => {}
                Effect::Load { .. } | Effect::Save { .. } => self.check(false, "there is no store"),
            }
        }
        while self.credential.poll_log().is_some() {}
    }

    fn send(&mut self, io: IoId, request: &Request, limit: Duration) {
        let form = request.form.as_ref().map(|form| form.encoded()).unwrap_or_default();
        let is_poll = form.contains("device_code=");
        if is_poll {
            self.polled(io);
        }
        let now = self.now().monotonic;
        let (first, ends) = (now.after(HEARTBEAT.min(limit)), now.after(limit));
        self.set_timer(first, What::Beat(io, first, ends));
        let latency = self.chance.pick(&[3, 3, 90, 90, 2500, 12_000, 100_000]);
        let answer = if is_poll {
            self.answer_to_poll()
        } else {
            self.answer_to_device_request(latency)
        };
        let at = self.time + latency;
        self.due.push(Due {
            at,
            early: 0,
            what: What::Answer(io, answer),
        });
    }

    fn polled(&mut self, io: IoId) {
        self.tally.polls += 1;
        self.check(!self.polls.contains(&io), "nobody takes over from somebody who lives");
        self.polls.push(io);
        self.check(!self.rushed, "a poll that comes too soon is the last");
        let code = self.code.as_ref().unwrap();
        let (heard, before) = self.heard;
        let early = self.errors.early - before.early;
        self.rushed = self.time + early < heard + code.interval;
        let may_be_last = self.time + self.errors.too_soon() + BEFORE_END >= code.issued + self.patience();
        self.check(
            !self.rushed || may_be_last,
            "nobody polls sooner than the interval, but just before the end",
        );
        let wrong =
            self.errors.late - before.late + self.errors.asleep - before.asleep + self.errors.frozen - before.frozen;
        let longest = LONGEST_BACKOFF.max(code.interval) + wrong;
        self.check(self.time <= heard + longest, "polls go on");
    }

    /// How long the flow may last: the code's life, or the caller's patience.
    fn patience(&self) -> u64 {
        let timeout = self
            .credential
            .config()
            .timeout
            .map(|timeout| timeout.as_millis() as u64);
        self.code.as_ref().unwrap().life.min(timeout.unwrap_or(u64::MAX))
    }

    fn answer_to_device_request(&mut self, latency: u64) -> Result<Reply, Fault> {
        if self.chance.below(5) == 0 {
            return Err(dropped());
        }
        let life = self.chance.pick(&[4, 20, 60, 300, 900]);
        let interval = self.chance.pick(&[1, 5, 9]);
        self.code = Some(Code {
            issued: self.time,
            heard: self.time + latency,
            life: life * 1000,
            interval: interval * 1000,
            signs_in_at: self.time + self.chance.below(life * 2000),
        });
        let code = r#""device_code":"DC","user_code":"UC","verification_uri":"https://h/v""#;
        Ok(reply(
            200,
            format!(r#"{{{code},"expires_in":{life},"interval":{interval}}}"#),
        ))
    }

    fn answer_to_poll(&mut self) -> Result<Reply, Fault> {
        let trouble = self.chance.below(10);
        let code = self.code.as_ref().unwrap();
        let error = |error: &str| Ok(reply(400, format!(r#"{{"error":"{error}"}}"#)));
        match trouble {
            0 => Err(dropped()),
            1 => Ok(reply(503, String::new())),
            _ if self.time >= code.issued + code.life => error("expired_token"),
            _ if self.time >= code.signs_in_at => Ok(reply(200, r#"{"access_token":"AT","expires_in":3600}"#.into())),
            2 => error("slow_down"),
            _ => error("authorization_pending"),
        }
    }

    fn finished(&mut self, caller: CallId, result: &Rc<Result<Box<Outcome>, Error>>) {
        self.waiting.retain(|other| *other != caller);
        let failure = match result.as_ref() {
            Ok(_) => {
                self.tally.tokens += 1;
                return;
            }
            Err(Error::Authentication(failure)) => failure,
            Err(other) => panic!("schedule {}: {other:?}", self.number),
        };
        let Some(code) = &self.code else {
            self.tally.failed += 1;
            return;
        };
        if failure.message.starts_with("Timed out") {
            self.tally.timed_out += 1;
            let end = code.issued + self.patience();
            self.check(
                self.time + self.errors.too_soon() + BEFORE_END >= end,
                "nobody gives up before the end",
            );
            let wrong = self.errors.late + self.errors.asleep + self.errors.frozen;
            let late = code.heard - code.issued + wrong;
            self.check(self.time <= end + AFTER_END + late, "it ends when it should");
        } else if failure.response.is_some() {
            self.tally.expired += 1;
            self.check(
                self.time >= code.issued + code.life,
                "the server alone says that a code has expired",
            );
        } else {
            self.tally.failed += 1;
        }
    }

    fn calls(&mut self) {
        let scopes = Scopes::new(["User.Read"]).ok();
        let purpose = Purpose::GetToken;
        let ask = Ask::new(self.credential.config(), purpose, scopes, AskOptions::default()).unwrap();
        let caller = self.credential.call(ask, "correlation".into(), self.now());
        self.waiting.push(caller);
        self.drain();
    }

    fn live(&mut self) {
        let is_odd = self.chance.pick(&[0, 4, 20]);
        self.calls();
        let others = self.chance.below(3);
        for step in 0..100_000 {
            if self.waiting.is_empty() {
                break;
            }
            if step < others {
                self.calls();
            }
            if is_odd > 0 && self.chance.below(is_odd) == 0 {
                self.something_odd_happens();
            }
            if !self.goes_on() {
                break;
            }
        }
        self.check(self.waiting.is_empty(), "it ends");
        self.check(self.credential.is_idle(), "no work is left");
    }
}

fn dropped() -> Fault {
    Fault::Network(Cause {
        text: "connection reset".into(),
        exception: None,
    })
}

fn reply(status: u16, body: String) -> Reply {
    Reply {
        status,
        retry_after: None,
        body: Secret::new(body),
    }
}

#[test]
fn whatever_clocks_do_a_flow_polls_in_time_and_ends_in_time() {
    let schedules = std::env::var("CLOCKS").map_or(SCHEDULES, |schedules| schedules.parse().unwrap());
    let mut all = Tally::default();
    for number in 1..=schedules {
        let mut world = World::new(number);
        world.live();
        all.tokens += world.tally.tokens;
        all.timed_out += world.tally.timed_out;
        all.expired += world.tally.expired;
        all.failed += world.tally.failed;
        all.polls += world.tally.polls;
    }
    // The world is not so hostile that the above means little.
    println!("{all:?}");
    let often = u32::try_from(schedules / 20).unwrap();
    assert!(
        all.tokens > often && all.timed_out > often && all.expired > often && all.polls > 10 * often,
        "{all:?}"
    );
}
