//! Conversations by chance: callers come, give up and vanish, processes end and others go on with their flows, the server
//! and the store say anything, clocks jump, timers are late.
//!
//! Whatever happens, every caller gets exactly one result, the user sees one code at a time, nobody polls too fast, no
//! item has rows of another account, and nothing is left behind. A seed that fails is named and fails again.

use crate::partitions::owners;
use crate::world::{Caller, Doing, Tally, What, World};
use entra_device_code::cache::Item;
use entra_device_code::error::Cause;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Persistence;
use entra_device_code::flow::event::{CallEvent, CallId, IoEvent};
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::secret::Secret;
use std::time::Duration;

impl World {
    fn someone_calls(&mut self) {
        let purpose = self.chance.pick(&[
            Purpose::GetToken,
            Purpose::GetToken,
            Purpose::GetToken,
            Purpose::GetToken,
            Purpose::Authenticate,
            Purpose::RemoveAccount,
            Purpose::GetAccounts,
            Purpose::InitiateDeviceFlow,
        ]);
        let scope = self.chance.pick(&["A.Read", "B.Read", "C.Read"]);
        let options = AskOptions {
            claims: self.chance.one_in(8).then(|| r#"{"access_token":{}}"#.into()),
            enable_cae: self.chance.one_in(6),
            tenant_id: None,
            ..AskOptions::default()
        };
        if purpose == Purpose::InitiateDeviceFlow {
            let kept = crate::kept::Kept::of(scope, options, "correlation".into());
            let ask = kept.ask(self.credential.config(), purpose).unwrap();
            return self.calls(ask, Some(kept));
        }
        let offline = matches!(purpose, Purpose::RemoveAccount | Purpose::GetAccounts);
        let scopes = (!offline).then(|| Scopes::new([scope]).unwrap());
        let options = if offline { AskOptions::default() } else { options };
        let ask = Ask::new(self.credential.config(), purpose, scopes, options).unwrap();
        self.calls(ask, None);
    }

    fn someone_goes_on_with_a_flow(&mut self) {
        if self.flows.is_empty() {
            return;
        }
        // One of the latest: the others are likely over.
        let latest = self.flows.len().min(3) as u64;
        let flow = &self.flows[self.flows.len() - 1 - self.chance.below(latest) as usize];
        let purpose = Purpose::AcquireTokenByDeviceFlow { once: flow.once };
        let kept = flow.kept.clone();
        let ask = kept.ask(self.credential.config(), purpose).unwrap();
        let now = self.now();
        let ends_at = now
            .monotonic
            .after(now.wall.until(ask.flow.as_ref().unwrap().expires_on));
        let is_joined = |caller: &Caller| {
            let theirs = caller.kept.as_ref().filter(|theirs| theirs.said.is_some());
            !caller.is_done && theirs.is_some_and(|theirs| theirs.code() == kept.code())
        };
        let is_joined = self.callers.values().any(is_joined);
        let number: usize = kept.code().strip_prefix("DC-").unwrap().parse().unwrap();
        let code = &mut self.codes[number - 1];
        code.resumed += 1;
        code.ends_at.push(ends_at);
        if !is_joined {
            // What others have learned from the server is not in what was kept.
            code.interval = ask.flow.as_ref().unwrap().interval;
        }
        self.tally.resumed += 1;
        self.calls(ask, Some(kept));
    }

    fn calls(&mut self, ask: Ask, kept: Option<crate::kept::Kept>) {
        let caller = Caller {
            purpose: ask.purpose,
            kept,
            wakes_at: None,
            is_dead: false,
            is_done: false,
        };
        let now = self.now();
        let id = self.credential.call(ask, "correlation".into(), now);
        self.callers.insert(id, caller);
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

    /// Another process empties what the store holds of somebody, or all of it.
    fn others_empty_the_store(&mut self) {
        let enable_cae = self.chance.one_in(2);
        self.store[usize::from(enable_cae)].clear();
        self.items[usize::from(enable_cae)].pop_first();
    }

    /// Time goes to the next thing that is due, and it happens.
    fn something_happens(&mut self) -> bool {
        let looks = self.callers.values().filter(|c| !c.is_dead).filter_map(|c| c.wakes_at);
        let due = self.doing.iter().map(|doing| doing.beats_at.min(doing.answers_at));
        let Some(next) = looks.chain(due).min() else {
            return false;
        };
        self.clock += self.now().monotonic.until(next).as_millis() as u64;
        let now = self.now();
        if let Some(at) = self.doing.iter().position(|doing| doing.answers_at <= now.monotonic) {
            let doing = self.doing.remove(at);
            self.answer(doing);
        } else if let Some(doing) = self.doing.iter_mut().find(|doing| doing.beats_at <= now.monotonic) {
            let next = now.monotonic.after(Duration::from_secs(1));
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
            What::Load(..) if self.chance.one_in(10) => self.bad_load(),
            What::Load(cae, None) => IoEvent::Loaded(Ok(Some(Secret::new(self.store[usize::from(cae)].as_str())))),
            What::Load(cae, Some(account)) => {
                let item = self.items[usize::from(cae)].get(&account);
                IoEvent::Loaded(Ok(item.map(|item| Secret::new(item.as_str()))))
            }
            What::Save(cae) if self.credential.config().persistence == Some(Persistence::Partitioned) => {
                IoEvent::Saved(self.save_items(cae))
            }
            What::Save(cae) => IoEvent::Saved(self.save_whole(cae)),
            What::Send(request) => IoEvent::Replied(self.reply(&request)),
        };
        self.credential.handle_io(io, event, self.now());
    }

    fn bad_load(&mut self) -> IoEvent {
        match self.chance.below(3) {
            0 => IoEvent::Loaded(Ok(Some(Secret::new("garbage")))),
            1 => IoEvent::Loaded(Err(Cause::text("no such disk"))),
            _ => IoEvent::Unusable("no keyring".into()),
        }
    }

    fn save_whole(&mut self, enable_cae: bool) -> Result<(), Cause> {
        let stored = &mut self.store[usize::from(enable_cae)];
        let merged = self.credential.merge(enable_cae, stored, Item::Whole).unwrap();
        if self.chance.one_in(4) {
            return Err(Cause::text("disk full"));
        }
        *stored = merged.unwrap_or_else(|| stored.clone());
        let again = self.credential.merge(enable_cae, stored, Item::Whole).unwrap();
        self.check(again.is_none(), "what was written is not to be written again");
        Ok(())
    }

    fn save_items(&mut self, enable_cae: bool) -> Result<(), Cause> {
        let accounts = self.credential.unsaved_accounts(enable_cae);
        let accounts: Vec<String> = accounts.into_iter().map(str::to_owned).collect();
        for account in accounts {
            let mut stored = self.items[usize::from(enable_cae)].remove(&account).unwrap_or_default();
            let item = Item::Account(&account);
            let merged = self.credential.merge(enable_cae, &stored, item).unwrap();
            let fails = self.chance.one_in(6);
            if !fails {
                stored = merged.unwrap_or(stored);
                let again = self.credential.merge(enable_cae, &stored, item).unwrap();
                let is_as_it_was = again.is_none_or(|again| again == stored && again.is_empty());
                self.check(is_as_it_was, "what was written is not to be written again");
                self.tally.items += 1;
            }
            if !stored.is_empty() {
                self.check(
                    owners(&stored).iter().all(|owner| *owner == account),
                    "an item has the rows of its account",
                );
                self.items[usize::from(enable_cae)].insert(account, stored);
            }
            if fails {
                return Err(Cause::text("disk full"));
            }
        }
        Ok(())
    }

    fn live(&mut self) {
        for _ in 0..self.chance.below(150) {
            match self.chance.below(28) {
                0..4 => self.someone_calls(),
                4 => self.someone_gives_up(),
                5 => self.someone_vanishes(),
                6 => self.wall_offset = self.chance.pick(&[0, 3_600_000, -3_600_000]),
                7 if self.chance.one_in(6) => self.clock += self.chance.below(2_000_000),
                8 if self.chance.one_in(6) => self.restart(),
                9 if self.chance.one_in(3) => self.others_empty_the_store(),
                10 => self.someone_goes_on_with_a_flow(),
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
        self.check(self.credential.is_idle(), "no work is left");
    }
}

#[test]
fn whatever_happens_everyone_is_served_and_nothing_is_left() {
    let mut all = Tally::default();
    for seed in 1..=1200 {
        let mut world = World::new(seed);
        world.live();
        all.add(&world.tally);
    }
    // The world is not so hostile that the above means little.
    println!("{all:?}");
    assert!(all.results > 2_000 && all.prompts > 800, "{all:?}");
}
