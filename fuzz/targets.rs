//! What is fuzzed: each function takes bytes that somebody else chose, and panics where a promise is broken. `cargo fuzz`
//! drives them by coverage; `tests/fuzzing.rs` drives them by chance, for so many rounds, wherever the tests run.

use entra_device_code::cache::{Item, TokenCache};
use entra_device_code::error::{Cause, Error};
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::device_flow::KeptFlow;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId, JobId};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::claims;
use entra_device_code::protocol::device::{DeviceAuthorization, token_request};
use entra_device_code::protocol::discovery::{instance_reply, openid_reply};
use entra_device_code::protocol::http::{Fault, Reply};
use entra_device_code::protocol::id_token::{ClientInfo, IdTokenClaims};
use entra_device_code::protocol::oauth_error::OAuthError;
use entra_device_code::protocol::scope::{RESERVED, Scopes};
use entra_device_code::protocol::token::TokenReply;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Timestamp};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::time::Duration;

const SECRET: &str = "the-device-code";

/// What callers write: authorities, tenants, scopes, claims.
pub fn arguments(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let tenant = Tenant::parse(&text);
    if let Ok(authority) = Authority::parse(&text) {
        assert!(authority.url().starts_with("https://"), "{}", authority.url());
        assert_eq!(
            Authority::parse(authority.url()).as_ref(),
            Ok(&authority),
            "what is parsed is parsed again to the same"
        );
        let tenant = tenant.clone().or_else(|_| Tenant::parse("organizations")).unwrap();
        let url = authority.openid_configuration(&tenant);
        assert!(url.starts_with(authority.url()) && !url.contains(' '));
        let _ = (authority.built_in(&tenant), authority.authorization_endpoint(&tenant));
    }
    if let Ok((authority, tenant)) = Authority::of_metadata(&text) {
        assert_eq!(authority.openid_configuration(&tenant), text);
        assert_eq!(Authority::parse(authority.url()).unwrap().url(), authority.url());
    }
    if let Ok(tenant) = tenant {
        assert!(
            !tenant.as_str().contains(['/', '?', '#', '\\', '%']),
            "{}",
            tenant.as_str()
        );
    }
    if let Ok(scopes) = Scopes::new(text.split('\n')) {
        let wire = scopes.with_reserved(RESERVED);
        assert!(scopes.iter().all(|scope| wire.split(' ').any(|other| other == scope)));
        assert_eq!(Scopes::new([wire.as_str()]).unwrap().with_reserved(RESERVED), wire);
    }
    if claims::validate(&text).is_ok() {
        let merged = claims::with_capability(Some(&text));
        // Each value as it is written: a number that is too large for `serde_json::Value` is JSON all the same.
        type Object<'a> = BTreeMap<String, &'a RawValue>;
        let merged: Object<'_> = serde_json::from_str(&merged).expect("claims stay JSON");
        let access_token: Object<'_> = serde_json::from_str(merged["access_token"].get()).expect("an object");
        assert_eq!(access_token["xms_cc"].get(), r#"{"values":["CP1"]}"#);
    }
}

/// What servers say.
pub fn replies(data: &[u8]) {
    let (Some((&status, body)), true) = (data.split_first(), data.len() < 100_000) else {
        return;
    };
    let text = String::from_utf8_lossy(body).into_owned();
    let reply = Reply {
        status: [200, 400, 401, 429, 500, 503, 0, 302][usize::from(status % 8)],
        retry_after: None,
        body: Secret::new(text.as_str()),
    };
    let request = token_request("https://h/t", "client", &Secret::new(SECRET), None);
    if let Some(error) = OAuthError::read(&reply, &request) {
        assert!(!error.error.is_empty());
        let shown = format!("{error:?}{}", serde_json::to_string(&error).unwrap());
        assert!(!shown.contains(SECRET), "an echoed secret is taken out");
    }
    if let Ok(code) = DeviceAuthorization::read(&reply, &request) {
        assert!(code.interval >= Duration::from_secs(1) && code.interval <= Duration::from_secs(60));
        assert!(!code.user_code.is_empty() && !code.verification_uri.is_empty());
        assert!(!format!("{code:?}").contains(code.device_code.expose()) || code.device_code.expose().len() < 12);
    }
    if let Ok(Some(token)) = TokenReply::read(&reply) {
        assert!(!token.access_token.expose().is_empty());
        let _ = (
            token.claims(),
            token.client_info(),
            token.lifetime(),
            token.extended_lifetime(),
        );
    }
    let authority = Authority::parse("login.contoso.com").unwrap();
    if let Ok(instance) = instance_reply(&reply, &authority, &request) {
        assert!(
            instance
                .tenant_discovery_endpoint
                .to_ascii_lowercase()
                .starts_with("https://")
        );
    }
    let tenant = Tenant::parse("contoso").unwrap();
    if let Ok(endpoints) = openid_reply(&reply, (&authority, &tenant), Vec::new(), &request) {
        assert!(endpoints.token.to_ascii_lowercase().starts_with("https://"));
    }
    let _ = (IdTokenClaims::decode(&text), ClientInfo::decode(&text));
}

/// What stores hold.
pub fn cache(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(cache) = TokenCache::deserialize(&text) else {
        return;
    };
    let written = cache.serialize().expect("what was read can be written");
    let again = TokenCache::deserialize(&written).expect("what was written can be read");
    assert_eq!(again.serialize().unwrap(), written, "and is the same then");
    let mut ours = TokenCache::default();
    ours.keep_journal();
    for item in [Item::Whole, Item::Account("uid.utid")] {
        assert_eq!(ours.merge(&text, item), Ok(None), "who changed nothing writes nothing");
    }
    assert!(!ours.has_unsaved());
}

/// What programs keep of a flow.
pub fn flow(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let config = config(0);
    if let Ok(kept) = KeptFlow::read(&text, &config) {
        let ask = kept.ask(&config, true, false);
        assert!(!format!("{kept:?}{ask:?}").contains("deviceCode"));
        assert!(KeptFlow::read(kept.json(), &config).is_ok());
    }
}

fn config(kind: u8) -> Config {
    Config {
        disable_automatic_authentication: kind & 2 != 0,
        disable_instance_discovery: kind & 4 != 0,
        persistence: [None, Some(Persistence::Whole), Some(Persistence::Partitioned), None][usize::from(kind >> 3 & 3)],
        support_logging: true,
        os: "test".into(),
        ..Config::new(
            "client".into(),
            Authority::parse(["login.microsoftonline.com", "id.example"][usize::from(kind & 1)]).unwrap(),
            Tenant::parse("organizations").unwrap(),
        )
    }
}

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
        world.callers.values().all(|done| *done),
        "a caller is left without a result"
    );
    assert!(world.doing.is_empty(), "something goes on after the end");
}

struct World {
    credential: Credential,
    clock: u64,
    /// Whether each has its result.
    callers: BTreeMap<CallId, bool>,
    /// What is under way, and what of it a careless server would repeat.
    doing: BTreeMap<IoId, &'static str>,
    prompts: Vec<JobId>,
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
        match what % 8 {
            0 | 1 => {
                let ask = ask(self.credential.config(), pick(), pick());
                let now = self.now();
                if let Ok(ask) = ask {
                    let call = self.credential.call(ask, "correlation".into(), now);
                    self.callers.insert(call, false);
                }
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
                let found = self.doing.iter().nth(at).map(|(io, echo)| (*io, *echo));
                if let Some((io, echo)) = found {
                    let event = event(pick(), pick(), echo);
                    if !matches!(event, IoEvent::Beat) {
                        self.doing.remove(&io);
                    }
                    let now = self.now();
                    self.credential.handle_io(io, event, now);
                }
            }
        }
    }

    fn drain(&mut self) {
        while let Some((call, effect)) = self.credential.poll_effect() {
            let is_done = self.callers.get(&call).copied().unwrap_or(false);
            match effect {
                Effect::Finish(result) => {
                    let done = self.callers.insert(call, true);
                    assert!(done != Some(true), "a caller gets one result");
                    if let Err(Error::InvalidArgument(why)) = result.as_ref() {
                        panic!("an argument that was good is refused later: {why}");
                    }
                }
                Effect::Send { io, request, .. } => {
                    assert!(request.url.starts_with("https://"), "{}", request.url);
                    let form = request.form.as_ref().map(|form| form.encoded()).unwrap_or_default();
                    let echo = if form.contains(SECRET) { SECRET } else { "words" };
                    self.doing.insert(io, echo);
                }
                Effect::Load { io, .. } | Effect::Save { io, .. } => {
                    self.doing.insert(io, "");
                }
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

fn ask(config: &Config, what: u8, options: u8) -> Result<Ask, Error> {
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
