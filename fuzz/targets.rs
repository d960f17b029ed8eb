//! What is fuzzed: each function takes bytes that somebody else chose, and panics where a promise is broken. `cargo fuzz`
//! drives them by coverage; `tests/fuzzing.rs` drives them by chance, for so many rounds, wherever the tests run.

use base64ct::{Base64UrlUnpadded, Encoding};
use entra_device_code::cache::{Item, TokenCache};
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::device_flow::KeptFlow;
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::claims;
use entra_device_code::protocol::device::{DeviceAuthorization, token_request};
use entra_device_code::protocol::discovery::{instance_reply, openid_reply};
use entra_device_code::protocol::http::{Reply, RetryAfter};
use entra_device_code::protocol::id_token::{ClientInfo, IdTokenClaims};
use entra_device_code::protocol::oauth_error::OAuthError;
use entra_device_code::protocol::scope::{RESERVED, Scopes};
use entra_device_code::protocol::token::TokenReply;
use entra_device_code::record::AuthenticationRecord;
use entra_device_code::secret::Secret;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) mod machine;

pub use machine::machine;

pub(crate) const SECRET: &str = "the-device-code";

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

/// The record of an account.
pub(crate) fn record(id: &str) -> AuthenticationRecord {
    AuthenticationRecord {
        authority: "login.microsoftonline.com".into(),
        client_id: "client".into(),
        home_account_id: id.into(),
        tenant_id: "organizations".into(),
        username: "ada".into(),
    }
}

pub(crate) fn config(kind: u8) -> Config {
    Config {
        disable_automatic_authentication: kind & 2 != 0,
        disable_instance_discovery: kind & 4 != 0,
        use_stored_account: kind & 64 != 0,
        record: (kind & 32 != 0).then(|| record("u.t")),
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

/// What programs keep of who signed in, and what servers say of it: the id token's payload, a line break, and `client_info`.
pub fn records(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(record) = kept_record(&text) {
        assert!(!record.home_account_id.is_empty() && !record.username.is_empty());
        let again = serde_json::to_string(&record).expect("a record can be written");
        assert_eq!(
            kept_record(&again),
            Some(record),
            "what is kept is read again to the same"
        );
    }
    let (payload, client_info) = text.split_once('\n').unwrap_or((&text, ""));
    let claims = IdTokenClaims::decode(&format!("e30.{}.s", base64url(payload)));
    let client_info = (!client_info.is_empty()).then(|| ClientInfo::decode(&base64url(client_info)));
    let client_info = client_info.as_ref().map(|info| info.as_ref().map_err(|why| *why));
    let record = AuthenticationRecord::from_token(claims.as_ref().map_err(|why| *why), client_info, "client");
    if let Ok(record) = record {
        assert!(!record.home_account_id.is_empty() && !record.username.is_empty() && !record.client_id.is_empty());
        let written = serde_json::to_string(&record).expect("a record can be written");
        assert_eq!(kept_record(&written), Some(record), "who signed in can be found again");
    }
}

fn kept_record(json: &str) -> Option<AuthenticationRecord> {
    let members: BTreeMap<String, Value> = serde_json::from_str(json).ok()?;
    let version = members.get("version").map(Value::to_string);
    let field = |name: &str| members.get(name)?.as_str().map(str::to_owned);
    AuthenticationRecord::from_fields(version.as_deref(), field).ok()
}

fn base64url(text: &str) -> String {
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

/// How long servers ask to wait.
pub fn retry_after(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let field = text.trim();
    let is_number = !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit());
    match RetryAfter::read(&text) {
        Some(RetryAfter::Span(span)) => {
            assert!(is_number, "{field}");
            assert_eq!(span, Duration::from_secs(field.parse().unwrap_or(u64::MAX)));
        }
        Some(RetryAfter::Date(date)) => assert!(date == field && date.ends_with("GMT")),
        None => assert!(!is_number && !field.ends_with("GMT"), "{field}"),
    }
}

/// What somebody echoes: a secret, a line break, and a text. What is looked for in linear time is what is found at each place.
pub fn redaction(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some((secret, text)) = text
        .split_once('\n')
        .filter(|(secret, _)| (3..100).contains(&secret.len()))
    else {
        return;
    };
    let secret = Secret::new(secret);
    let shown = token_request("https://h/t", "client", &secret, None).redact(text);
    // Beside what was taken out, something may stand that looks like the secret.
    if shown.contains("[redacted]") {
        return;
    }
    assert_eq!(shown, text, "what is no secret stays");
    assert!(!text.contains(secret.expose()), "{text}");
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        assert!(!begins_with(rest, secret.expose()), "{text}");
        let (_, length) = first_byte(rest).unwrap();
        rest = &rest[length..];
    }
}

/// Whether a text begins with a secret, any of whose characters may be encoded.
fn begins_with(mut text: &[u8], secret: &str) -> bool {
    let spaced = |byte| if byte == b'+' { b' ' } else { byte };
    for expected in secret.bytes() {
        match first_byte(text) {
            Some((byte, length)) if spaced(byte) == spaced(expected) => text = &text[length..],
            _ => return false,
        }
    }
    true
}

/// What a text begins with, read from the left: `%2F` is one byte wherever it stands.
fn first_byte(text: &[u8]) -> Option<(u8, usize)> {
    let digits = text.get(1..3).and_then(|digits| str::from_utf8(digits).ok());
    let digits = digits.filter(|digits| text[0] == b'%' && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    match digits {
        Some(digits) => Some((u8::from_str_radix(digits, 16).ok()?, 3)),
        None => Some((*text.first()?, 1)),
    }
}
