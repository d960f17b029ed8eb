//! What the server says. Every sign-in is another user's: user 3 has the id `u3.t`, and their tokens are `AT-3` and `RT-3`.

use crate::actions::{Answer, What};
use base64ct::{Base64UrlUnpadded, Encoding};
use entra_device_code::flow::event::IoEvent;
use entra_device_code::protocol::http::{Fault, Reply};
use entra_device_code::secret::Secret;
use std::time::Duration;

/// How long a busy server asks to wait: longer than the interval, or than a wait would be that was doubled.
pub(crate) const RETRY_AFTER: u64 = 17_000;

/// The user of a token, or of an id.
pub(crate) fn user_of(text: &str) -> Option<u32> {
    let digits = text.trim_start_matches(|mark: char| !mark.is_ascii_digit());
    let end = digits.find(|mark: char| !mark.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

pub(crate) fn id_of(user: u32) -> String {
    format!("u{user}.t")
}

/// Answers a request. `user` is whom a token is for.
pub(crate) fn answer(what: What, with: Answer, user: u32) -> IoEvent {
    if with == Answer::Fault {
        return IoEvent::Replied(Err(Fault::TimedOut));
    }
    let (status, body) = match (what, with) {
        (_, Answer::Busy) => (429, "<html>".to_owned()),
        (_, Answer::Pending) => error("authorization_pending"),
        (_, Answer::SlowDown) => error("slow_down"),
        (What::Refresh(_), Answer::No) => error("invalid_grant"),
        (What::Instance, Answer::No) => error("invalid_instance"),
        (_, Answer::No) => error("access_denied"),
        (What::Poll, Answer::Unnamed) => (200, unnamed(user)),
        (What::Poll | What::Refresh(_), Answer::Odd) => (200, r#"{"token_type":7,"access_token":["AT-9"]}"#.to_owned()),
        (_, Answer::Odd) => (
            200,
            r#"{"device_code":7,"token_endpoint":[],"tenant_discovery_endpoint":{}}"#.to_owned(),
        ),
        (What::Instance, _) => (200, INSTANCE.to_owned()),
        (What::Endpoints, _) => (200, ENDPOINTS.to_owned()),
        (What::Code, _) => (200, CODE.to_owned()),
        _ => (200, granted(user)),
    };
    IoEvent::Replied(Ok(Reply {
        status,
        retry_after: (with == Answer::Busy).then(|| Duration::from_millis(RETRY_AFTER)),
        body: Secret::new(body),
    }))
}

const INSTANCE: &str = r#"{"tenant_discovery_endpoint":"https://id.example/organizations/m",
    "metadata":[{"aliases":["id.example","other.example"]}]}"#;
const ENDPOINTS: &str = r#"{"token_endpoint":"https://id.example/organizations/t",
    "device_authorization_endpoint":"https://id.example/d"}"#;
const CODE: &str =
    r#"{"device_code":"DC","user_code":"UC","verification_uri":"https://h/v","expires_in":60,"interval":5}"#;

fn error(error: &str) -> (u16, String) {
    (400, format!(r#"{{"error":"{error}"}}"#))
}

/// A token, with all that says whose it is.
fn granted(user: u32) -> String {
    let client_info = base64url(&format!(r#"{{"uid":"u{user}","utid":"t"}}"#));
    let id_token = id_token(user);
    format!(
        r#"{{"token_type":"Bearer","access_token":"AT-{user}","refresh_token":"RT-{user}","expires_in":4000,"client_info":"{client_info}","id_token":"{id_token}"}}"#
    )
}

fn unnamed(user: u32) -> String {
    format!(r#"{{"token_type":"bearer","access_token":"AT-{user}","refresh_token":"RT-{user}","expires_in":"4000"}}"#)
}

pub(crate) fn id_token(user: u32) -> String {
    let claims = format!(r#"{{"iss":"https://h/t","aud":"client","sub":"s{user}","preferred_username":"u{user}"}}"#);
    format!("e30.{}.s", base64url(&claims))
}

fn base64url(text: &str) -> String {
    Base64UrlUnpadded::encode_string(text.as_bytes())
}
