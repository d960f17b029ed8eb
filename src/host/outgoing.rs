//! What JavaScript is told, as JSON.

use alloc::string::String;
use alloc::vec::Vec;
use entra_device_code::error::{Error, Failure};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::event::{Outcome, Prompt};
use entra_device_code::json::{Json, Object};
use entra_device_code::protocol::http::{Form, Request};
use entra_device_code::protocol::oauth_error::OAuthError;
use entra_device_code::record::AuthenticationRecord;
use entra_device_code::time::{Instant, Span, Timestamp};

/// `{url, headers, body?}`
pub(super) fn request(request: &Request) -> String {
    let mut headers = Object::default();
    for (name, value) in &request.headers {
        headers.push(name, value.as_str().into());
    }
    let mut object = texts(&[
        ("url", Some(&request.url)),
        ("body", request.form.as_ref().map(Form::encoded)),
    ]);
    object.push("headers", Json::Object(headers));
    object.to_json()
}

pub(super) fn prompt(prompt: &Prompt) -> Object {
    let mut object = texts(&[
        ("userCode", Some(&prompt.user_code)),
        ("verificationUri", Some(&prompt.verification_uri)),
        ("verificationUriComplete", prompt.verification_uri_complete.as_deref()),
        ("message", Some(&prompt.message)),
    ]);
    object.push("expiresOn", prompt.expires_on.as_unix_millis().into());
    object
}

/// What a call results in besides a token: how a flow stands, who signed in, or the accounts.
pub(super) fn answer(outcome: &Outcome, config: &Config) -> Option<String> {
    if let Some(flow) = &outcome.flow {
        let mut kept = Object::default();
        if let Some(shown) = &outcome.prompt {
            kept = prompt(shown);
            let code = flow.device_code.expose();
            add_texts(
                &mut kept,
                &[("deviceCode", Some(code)), ("authority", Some(config.authority.url()))],
            );
        }
        flow.write(&mut kept);
        return Some(kept.to_json());
    }
    match &outcome.record {
        Some(Ok(signed_in)) => Some(record(signed_in)),
        None if outcome.token.is_none() => {
            let mut accounts = Vec::new();
            for (id, username) in &outcome.accounts {
                let account = texts(&[
                    ("authority", Some(config.authority.host())),
                    ("homeAccountId", Some(id)),
                    ("username", Some(username)),
                ]);
                accounts.push(Json::Object(account));
            }
            Some(array(accounts))
        }
        _ => None,
    }
}

pub(super) fn texts_array(texts: Vec<&str>) -> String {
    array(texts.into_iter().map(Json::from).collect())
}

fn array(items: Vec<Json>) -> String {
    let mut out = String::new();
    Json::Array(items).write(&mut out);
    out
}

fn record(record: &AuthenticationRecord) -> String {
    let object = texts(&[
        ("authority", Some(&record.authority)),
        ("clientId", Some(&record.client_id)),
        ("homeAccountId", Some(&record.home_account_id)),
        ("tenantId", Some(&record.tenant_id)),
        ("username", Some(&record.username)),
    ]);
    object.to_json()
}

/// `{kind, message, …}`: the class, and what its constructor takes.
pub(super) fn error(error: &Error) -> String {
    let mut object = Object::default();
    let (kind, message) = match error {
        Error::InvalidArgument(message) => ("TypeError", message.as_str()),
        Error::Unavailable(message) => ("CredentialUnavailableError", message.as_str()),
        Error::Aborted => ("AbortError", ""),
        Error::Authentication(failure) => {
            add_failure(&mut object, failure);
            ("AuthenticationError", failure.message.as_str())
        }
        Error::Required(required) => {
            // What was asked for, the driver knows of each caller itself: in its own words and order.
            if let Some(refused) = &required.refused {
                add_failure(&mut object, refused);
            }
            (
                "AuthenticationRequiredError",
                "Interactive authentication is required to get a token. Call 'authenticate' to begin.",
            )
        }
    };
    add_texts(
        &mut object,
        &[("kind", Some(kind)), ("message", Some(message)), ("hint", error.hint())],
    );
    object.to_json()
}

fn add_failure(object: &mut Object, failure: &Failure) {
    if let Some(status) = failure.status {
        object.push("statusCode", u64::from(status).into());
    }
    if let Some(response) = &failure.response {
        object.push("errorResponse", Json::Object(error_response(response)));
    }
    if let Some(cause) = failure.cause.as_ref().and_then(|cause| cause.number) {
        object.push("cause", u64::from(cause).into());
    }
}

fn error_response(response: &OAuthError) -> Object {
    let mut codes = Vec::new();
    for code in &response.codes {
        codes.push(Json::from(u64::from(*code)));
    }
    let mut object = texts(&[
        ("error", Some(&response.error)),
        ("errorDescription", response.description.as_deref()),
    ]);
    object.push("errorCodes", Json::Array(codes));
    add_texts(
        &mut object,
        &[
            ("timestamp", response.timestamp.as_deref()),
            ("traceId", response.trace_id.as_deref()),
            ("correlationId", response.correlation_id.as_deref()),
        ],
    );
    object
}

/// An object of those members that have a value.
fn texts(members: &[(&str, Option<&str>)]) -> Object {
    let mut object = Object::default();
    add_texts(&mut object, members);
    object
}

fn add_texts(object: &mut Object, members: &[(&str, Option<&str>)]) {
    for (name, value) in members {
        if let Some(value) = value {
            object.push(name, (*value).into());
        }
    }
}

/// Exact until the year 287396.
#[allow(clippy::cast_precision_loss)]
pub(super) fn timestamp(at: Timestamp) -> f64 {
    at.as_unix_millis() as f64
}

pub(super) fn instant(at: Instant) -> f64 {
    milliseconds(Instant::from_millis(0).until(at))
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn milliseconds(span: Span) -> f64 {
    span.as_millis() as f64
}
