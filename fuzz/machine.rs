//! Whole lives of a credential.

use super::{SECRET, config, record};
use entra_device_code::cache::{Item, TokenCache};
use entra_device_code::error::{Cause, Error};
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::device_flow::KeptFlow;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId, JobId, Outcome};
use entra_device_code::protocol::http::{Fault, Reply};
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Timestamp};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// The whole machine: bytes choose what happens, and what is answered.
pub fn machine(data: &[u8]) {
    let Some((&kind, data)) = data.split_first() else {
        return;
    };
    let mut world = World {
        credential: Credential::new(config(kind)),
        clock: 0,
        callers: BTreeMap::new(),
        doing: BTreeMap::new(),
        prompts: Vec::new(),
        flows: Vec::new(),
        store: BTreeMap::new(),
    };
    let mut bytes = data.iter().copied();
    while let Some(what) = bytes.next() {
        world.happens(what, &mut bytes);
        world.drain();
    }
    // However it stands: everything ends when it is closed.
    world.credential.close();
    world.drain();
    assert!(
        world.callers.values().all(|caller| caller.is_done),
        "a caller is left without a result"
    );
    assert!(world.doing.is_empty(), "something goes on after the end");
}

struct World {
    credential: Credential,
    clock: u64,
    callers: BTreeMap<CallId, Caller>,
    doing: BTreeMap<IoId, Doing>,
    prompts: Vec<JobId>,
    /// The flows that somebody may go on with.
    flows: Vec<KeptFlow>,
    store: BTreeMap<Key, String>,
}

/// Which item of the store: of which cache, and whose.
type Key = (bool, Option<String>);

struct Caller {
    ask: Rc<Ask>,
    /// The flow it goes on with.
    flow: Option<KeptFlow>,
    is_done: bool,
}

/// What is under way.
struct Doing {
    /// What a careless server would repeat.
    echo: &'static str,
    /// What is read, or written.
    item: Option<Key>,
    is_save: bool,
}

impl World {
    fn now(&self) -> Now {
        Now {
            wall: Timestamp::from_unix_millis(1_767_225_600_000 + self.clock),
            monotonic: Instant::from_millis(self.clock),
        }
    }

    fn happens(&mut self, what: u8, bytes: &mut impl Iterator<Item = u8>) {
        let mut pick = || bytes.next().unwrap_or_default();
        match what % 10 {
            0 | 1 => {
                if let Ok(ask) = ask(self.credential.config(), pick(), pick()) {
                    self.call(ask, None);
                }
            }
            8 => {
                let (at, how) = (usize::from(pick()) % self.flows.len().max(1), pick());
                if let Some(flow) = self.flows.get(at).cloned() {
                    let (once, disabled) = (how & 1 != 0, how & 2 != 0);
                    let flow =
                        KeptFlow::read(flow.json(), self.credential.config()).expect("what was kept can be read");
                    if let Ok(ask) = flow.ask(self.credential.config(), once, disabled) {
                        self.call(ask, Some(flow));
                    }
                }
            }
            9 => {
                let stored = STORED[usize::from(pick()) % STORED.len()];
                let account = (pick() & 1 != 0).then(|| "u.t".to_owned());
                self.store.insert((pick() & 1 != 0, account), stored.to_owned());
            }
            2 => self.clock += [0, 1, 999, 1000, 5000, 60_000, 900_000, 90_000_000][usize::from(pick() % 8)],
            3 => {
                let at = usize::from(pick()) % self.callers.len().max(1);
                let event = if pick() % 4 == 0 {
                    CallEvent::Aborted
                } else {
                    CallEvent::Look
                };
                if let Some((&call, _)) = self.callers.iter().nth(at) {
                    let now = self.now();
                    self.credential.handle_call(call, event, now);
                }
            }
            4 if pick() % 16 == 0 => self.credential.close(),
            5 => {
                if let Some(job) = self.prompts.pop() {
                    let now = self.now();
                    let cause = Cause {
                        text: "no terminal".into(),
                        exception: None,
                    };
                    self.credential.prompt_failed(job, cause, now);
                }
            }
            _ => {
                let at = usize::from(pick()) % self.doing.len().max(1);
                let found = self.doing.iter().nth(at).map(|(io, doing)| (*io, doing.echo));
                if let Some((io, echo)) = found {
                    let mut event = event(pick(), pick(), echo);
                    if !matches!(event, IoEvent::Beat)
                        && let Some(doing) = self.doing.remove(&io)
                    {
                        event = self.store(event, &doing);
                    }
                    let now = self.now();
                    self.credential.handle_io(io, event, now);
                }
            }
        }
    }

    fn call(&mut self, ask: Ask, flow: Option<KeptFlow>) {
        let (ask, now) = (Rc::new(ask), self.now());
        let call = self.credential.call(Rc::clone(&ask), "correlation".into(), now);
        let is_done = false;
        self.callers.insert(call, Caller { ask, flow, is_done });
    }

    /// The store answers with what it holds, and takes what is written, as the others do with what they like.
    fn store(&mut self, event: IoEvent, doing: &Doing) -> IoEvent {
        match (event, &doing.item) {
            (IoEvent::Loaded(Ok(None)), Some(key)) => IoEvent::Loaded(Ok(self.store.get(key).map(Secret::new))),
            (IoEvent::Saved(saved), Some((enable_cae, signed_out))) if doing.is_save => {
                let is_partitioned = self.credential.config().persistence == Some(Persistence::Partitioned);
                let mut accounts = vec![None];
                if is_partitioned {
                    let unsaved = self.credential.unsaved_accounts(*enable_cae);
                    accounts = unsaved.into_iter().map(|account| Some(account.to_owned())).collect();
                    accounts.extend(signed_out.clone().map(Some));
                }
                for account in accounts {
                    let item = account.as_deref().map_or(Item::Whole, Item::Account);
                    let key = (*enable_cae, account.clone());
                    let stored = self.store.get(&key).map(String::as_str).unwrap_or_default();
                    match self.credential.merge(*enable_cae, stored, item) {
                        Ok(Some(merged)) if saved.is_ok() => {
                            let written = TokenCache::deserialize(&merged).expect("what is written can be read");
                            assert!(!written.has_unsaved() && !merged.contains(SECRET));
                            self.store.insert(key, merged);
                        }
                        Ok(_) => {}
                        Err(why) => {
                            return IoEvent::Saved(Err(Cause {
                                text: why.into(),
                                exception: None,
                            }));
                        }
                    }
                }
                IoEvent::Saved(saved)
            }
            (event, _) => event,
        }
    }

    /// Whoever begins a flow keeps it, and so does whoever polled once.
    fn keep(&mut self, call: CallId, outcome: &Outcome) {
        let (Some(flow), Some(caller)) = (&outcome.flow, self.callers.get(&call)) else {
            return;
        };
        let kept = match (&outcome.prompt, &caller.flow) {
            (Some(prompt), _) => {
                let (scopes, config) = (["User.Read".to_owned()], self.credential.config());
                KeptFlow::begun(flow, prompt, &caller.ask, &scopes, "correlation", config)
            }
            (None, Some(kept)) => kept.continued(flow),
            (None, None) => panic!("a flow that nobody began"),
        };
        self.flows.push(kept);
    }

    fn opens(&mut self, io: IoId, item: Key, is_save: bool) {
        let item = Some(item);
        let doing = Doing {
            echo: "",
            item,
            is_save,
        };
        self.doing.insert(io, doing);
    }

    fn drain(&mut self) {
        while let Some((call, effect)) = self.credential.poll_effect() {
            let is_done = self.callers.get(&call).is_some_and(|caller| caller.is_done);
            match effect {
                Effect::Finish(result) => {
                    assert!(!is_done, "a caller gets one result");
                    if let Ok(outcome) = result.as_ref() {
                        self.keep(call, outcome);
                    }
                    if let Some(caller) = self.callers.get_mut(&call) {
                        caller.is_done = true;
                    }
                    if let Err(Error::InvalidArgument(why)) = result.as_ref() {
                        panic!("an argument that was good is refused later: {why}");
                    }
                }
                Effect::Send { io, request, .. } => {
                    assert!(request.url.starts_with("https://"), "{}", request.url);
                    let form = request.form.as_ref().map(|form| form.encoded()).unwrap_or_default();
                    let echo = if form.contains(SECRET) { SECRET } else { "words" };
                    let doing = Doing {
                        echo,
                        item: None,
                        is_save: false,
                    };
                    self.doing.insert(io, doing);
                }
                Effect::Load {
                    io,
                    enable_cae,
                    account,
                    ..
                } => self.opens(io, (enable_cae, account), false),
                Effect::Save {
                    io,
                    enable_cae,
                    signed_out,
                    ..
                } => self.opens(io, (enable_cae, signed_out), true),
                Effect::Cancel(io) => {
                    self.doing.remove(&io);
                }
                Effect::Prompt(job, prompt) => {
                    assert!(!is_done, "nobody is prompted after the end");
                    assert!(!prompt.user_code.is_empty());
                    self.prompts.push(job);
                }
                Effect::WakeAt(_) => assert!(!is_done, "nobody wakes up after the end"),
            }
        }
        while let Some((_, line)) = self.credential.poll_log() {
            assert!(!line.contains(SECRET) && !line.contains("an-access-token"), "{line}");
        }
    }
}

const STORED: [&str; 4] = [
    "",
    "{",
    r#"{"AccessToken":{"k":{"home_account_id":"u.t","environment":"login.microsoftonline.com","client_id":"client","realm":"organizations","target":"User.Read","secret":"theirs","expires_on":"1767229200"}},"RefreshToken":{"k":{"home_account_id":"u.t","environment":"login.microsoftonline.com","client_id":"client","secret":"their-refresh"}},"Account":{"k":{"home_account_id":"u.t","environment":"login.microsoftonline.com","realm":"organizations","username":"ada","authority_type":"MSSTS"}}}"#,
    r#"{"RefreshToken":{"k":{"home_account_id":"other.t","environment":"id.example","client_id":"client","secret":"s"},"l":7},"Foreign":[1.10]}"#,
];

fn ask(config: &Config, what: u8, options: u8) -> Result<Ask, Error> {
    if what % 6 == 3 {
        let whom = [None, Some("u.t"), Some("other.t")][usize::from(options % 3)];
        return Ask::remove_account(config, whom.map(record));
    }
    let purpose = [
        Purpose::GetToken,
        Purpose::GetToken,
        Purpose::Authenticate,
        Purpose::RemoveAccount,
        Purpose::InitiateDeviceFlow,
        Purpose::GetAccounts,
    ][usize::from(what % 6)];
    let scopes =
        Scopes::new([["User.Read", "Mail.Read", "openid", "https://vault/.default"][usize::from(what >> 4 & 3)]]);
    let options = AskOptions {
        enable_cae: options & 1 != 0,
        claims: (options & 2 != 0).then(|| r#"{"a":1}"#.to_owned()),
        tenant_id: (options & 4 != 0).then(|| "contoso.com".to_owned()),
        ..AskOptions::default()
    };
    Ask::new(config, purpose, scopes.ok(), options)
}

fn event(what: u8, more: u8, echo: &str) -> IoEvent {
    let reply = |status, body: &str| {
        IoEvent::Replied(Ok(Reply {
            status,
            retry_after: (more & 0x80 != 0).then(|| Duration::from_secs(u64::from(more))),
            body: Secret::new(body),
        }))
    };
    let error = |error: &str| reply(400, &format!(r#"{{"error":"{error}","error_description":"{echo}"}}"#));
    match what % 20 {
        0 => reply(
            200,
            &format!(
                r#"{{"device_code":"{SECRET}","user_code":"ABCD","verification_uri":"https://h/v","expires_in":{},"interval":{}}}"#,
                u32::from(more) * 60,
                more % 9
            ),
        ),
        1 | 2 => reply(
            200,
            r#"{"access_token":"an-access-token","refresh_token":"the-refresh-token","expires_in":3600,"scope":"User.Read openid profile","client_info":"eyJ1aWQiOiJ1IiwidXRpZCI6InQifQ","token_type":"Bearer","id_token":"e30.eyJpc3MiOiJodHRwczovL2gvdCIsImF1ZCI6ImNsaWVudCIsInN1YiI6InMiLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhZGEifQ.s"}"#,
        ),
        3 => reply(
            200,
            r#"{"access_token":"an-access-token","expires_in":60,"refresh_in":1}"#,
        ),
        4 => error("authorization_pending"),
        5 => error("slow_down"),
        6 => error("invalid_grant"),
        7 => error("access_denied"),
        8 => reply(503, "<html>"),
        9 => reply(429, ""),
        10 => reply(200, "{"),
        11 => reply(
            200,
            r#"{"token_endpoint":"https://id.example/t/token","device_authorization_endpoint":"https://id.example/t/code","tenant_discovery_endpoint":"https://id.example/d"}"#,
        ),
        12 => IoEvent::Replied(Err(Fault::Network(Cause {
            text: echo.into(),
            exception: None,
        }))),
        13 => IoEvent::Replied(Err(Fault::TooLarge)),
        14 => IoEvent::Loaded(Ok(None)),
        15 => IoEvent::Loaded(Ok(Some(Secret::new(
            r#"{"AccessToken":{"k":{"secret":7}},"Foreign":[1.10]}"#,
        )))),
        16 => IoEvent::Loaded(Err(Cause {
            text: "no disk".into(),
            exception: None,
        })),
        17 => IoEvent::Saved(if more & 1 == 0 {
            Ok(())
        } else {
            Err(Cause {
                text: "full".into(),
                exception: None,
            })
        }),
        18 => IoEvent::Unusable("no keyring".into()),
        _ => IoEvent::Beat,
    }
}
