//! What is asked of the allocator: counts, which are the same however busy a machine is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use allocation_counter::{AllocationInfo, measure};
use base64ct::{Base64UrlUnpadded, Encoding};
use entra_device_code::cache::store::Owner;
use entra_device_code::cache::{Item, TokenCache};
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::credential::Credential;
use entra_device_code::flow::event::{CallEvent, CallId, Effect, IoEvent, IoId};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::http::Reply;
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::secret::Secret;
use entra_device_code::time::{Instant, Now, Timestamp};
use serde_json::{Value, json};

fn now(seconds: u64) -> Now {
    Now {
        wall: Timestamp::from_unix_secs(1_767_225_600 + seconds),
        monotonic: Instant::from_millis(1000 * seconds),
    }
}

fn config() -> Config {
    Config {
        disable_instance_discovery: true,
        ..Config::new(
            "client".into(),
            Authority::parse("login.microsoftonline.com").unwrap(),
            Tenant::parse("contoso").unwrap(),
        )
    }
}

fn ask() -> Ask {
    let scopes = Scopes::new(["User.Read"]).unwrap();
    Ask::new(&config(), Purpose::GetToken, Some(scopes), AskOptions::default()).unwrap()
}

/// What the server is asked next, of all that is to be done.
fn request(credential: &mut Credential) -> Option<IoId> {
    let mut sent = None;
    while let Some((_, effect)) = credential.poll_effect() {
        if let Effect::Send { io, .. } = effect {
            sent = Some(io);
        }
    }
    sent
}

fn answer(credential: &mut Credential, io: IoId, status: u16, body: &Value, now: Now) {
    let reply = Reply {
        status,
        retry_after: None,
        body: Secret::new(body.to_string()),
    };
    credential.handle_io(io, IoEvent::Replied(Ok(reply)), now);
}

/// A credential whose user has got a code at 0 s, and its call.
fn with_a_code() -> (Credential, CallId) {
    let mut credential = Credential::new(config());
    let call = credential.call(ask(), "id".into(), now(0));
    let io = request(&mut credential).unwrap();
    let code = json!({"device_code": "d".repeat(240), "user_code": "ABCD", "verification_uri": "https://localhost/",
        "expires_in": 900, "interval": 5, "message": "Enter ABCD."});
    answer(&mut credential, io, 200, &code, now(0));
    assert!(request(&mut credential).is_none());
    (credential, call)
}

fn poll(credential: &mut Credential, call: CallId, status: u16, body: &Value, at: u64) {
    credential.handle_call(call, CallEvent::Look, now(at));
    let io = request(credential).unwrap();
    answer(credential, io, status, body, now(at));
    request(credential);
}

fn at_most(taken: &AllocationInfo, times: u64, bytes: u64) {
    assert!(taken.count_total > 0, "nothing is counted");
    assert!(
        taken.count_total <= times && taken.bytes_total <= bytes,
        "{} times, {} bytes in all",
        taken.count_total,
        taken.bytes_total
    );
}

#[test]
fn a_token_from_memory_takes_little() {
    let (mut credential, call) = with_a_code();
    let info = json!({"uid": "u", "utid": "t"}).to_string();
    let tokens = json!({"token_type": "Bearer", "access_token": "a".repeat(1600), "refresh_token": "r".repeat(1300),
        "expires_in": 3600, "client_info": Base64UrlUnpadded::encode_string(info.as_bytes())});
    poll(&mut credential, call, 200, &tokens, 5);
    let ask = ask();
    let taken = measure(|| assert!(credential.fresh_token(&ask, now(6)).is_some()));
    at_most(&taken, 10, 400);
}

#[test]
fn a_poll_takes_little() {
    let (mut credential, call) = with_a_code();
    let pending =
        json!({"error": "authorization_pending", "error_description": "AADSTS70016: pending", "error_codes": [70016]});
    poll(&mut credential, call, 400, &pending, 5);
    let taken = measure(|| poll(&mut credential, call, 400, &pending, 10));
    at_most(&taken, 11, 1050);
}

/// A cache of so many accounts.
fn crowd(accounts: u32) -> String {
    let mut tables = json!({"AccessToken": {}, "RefreshToken": {}, "Account": {}});
    for number in 0..accounts {
        let row = json!({"home_account_id": format!("uid{number}.utid"), "environment": "h", "client_id": "c", "realm": "t",
            "target": "s", "secret": "s".repeat(1000), "authority_type": "MSSTS"});
        for table in ["AccessToken", "RefreshToken", "Account"] {
            tables[table][format!("{table} {number}")] = row.clone();
        }
    }
    tables.to_string()
}

#[test]
fn of_a_store_what_is_asked_for_is_copied_and_what_is_written_once() {
    let text = crowd(1000);
    let size = text.len() as u64;
    let mut cache = TokenCache::default();
    cache.keep_journal();
    let loaded = measure(|| cache.reload_account(&text, "uid7.utid").unwrap());
    at_most(&loaded, 12_500, size * 7 / 10);
    let owner = Owner {
        home_account_id: "uid7.utid",
        environment: "h",
    };
    assert!(cache.remove_account(owner, "c"));
    let saved = measure(|| assert!(cache.merge(&text, Item::Whole).unwrap().is_some()));
    assert!(saved.bytes_total > size / 2);
    at_most(&saved, 19_000, size * 7 / 10 + size + (1 << 16) + size / 10);
}
