//! What JavaScript is told, as JSON.

use alloc::string::String;
use entra_device_code::error::{Error, Failure};
use entra_device_code::flow::event::Prompt;
use entra_device_code::json::{Json, Object};
use entra_device_code::protocol::http::Request;
use entra_device_code::protocol::oauth_error::OAuthError;
use entra_device_code::record::AuthenticationRecord;
use entra_device_code::time::{Instant, Span, Timestamp};

/// `{url, headers, body?}`
pub(super) fn request(request: &Request) -> String {
    let mut headers = Object::default();
    for (name, value) in &request.headers {
        headers.push(name, value.as_str().into());
    }
    let mut object = Object::default();
    object.push("url", request.url.as_str().into());
    object.push("headers", Json::Object(headers));
    if let Some(form) = &request.form {
        object.push("body", form.encoded().into());
    }
    object.to_json()
}

pub(super) fn prompt(prompt: &Prompt) -> String {
    let mut object = Object::default();
    object.push("userCode", prompt.user_code.as_str().into());
    object.push("verificationUri", prompt.verification_uri.as_str().into());
    optional(
        &mut object,
        "verificationUriComplete",
        prompt.verification_uri_complete.as_deref(),
    );
    object.push("message", prompt.message.as_str().into());
    object.push("expiresOn", number(prompt.expires_on.as_unix_millis()));
    object.to_json()
}

pub(super) fn record(record: &AuthenticationRecord) -> String {
    let mut object = Object::default();
    object.push("authority", record.authority.as_str().into());
    object.push("clientId", record.client_id.as_str().into());
    object.push("homeAccountId", record.home_account_id.as_str().into());
    object.push("tenantId", record.tenant_id.as_str().into());
    object.push("username", record.username.as_str().into());
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
            let scopes = required.scopes.iter().flat_map(|scopes| scopes.iter().map(Json::from));
            object.push("scopes", Json::Array(scopes.collect()));
            optional(&mut object, "claims", required.claims.as_deref());
            let mut options = Object::default();
            optional(&mut options, "claims", required.claims.as_deref());
            optional(&mut options, "tenantId", required.tenant_id.as_deref());
            if required.enable_cae {
                options.push("enableCae", Json::Bool(true));
            }
            object.push("getTokenOptions", Json::Object(options));
            if let Some(refused) = &required.refused {
                add_failure(&mut object, refused);
            }
            (
                "AuthenticationRequiredError",
                "Interactive authentication is required to get a token. Call 'authenticate' to begin.",
            )
        }
    };
    object.push("kind", kind.into());
    object.push("message", message.into());
    optional(&mut object, "hint", error.hint());
    object.to_json()
}

fn add_failure(object: &mut Object, failure: &Failure) {
    if let Some(status) = failure.status {
        object.push("statusCode", number(u64::from(status)));
    }
    if let Some(response) = &failure.response {
        object.push("errorResponse", Json::Object(error_response(response)));
    }
    if let Some(cause) = failure.cause.as_ref().and_then(|cause| cause.number) {
        object.push("cause", number(u64::from(cause)));
    }
}

fn error_response(response: &OAuthError) -> Object {
    let mut object = Object::default();
    object.push("error", response.error.as_str().into());
    optional(&mut object, "errorDescription", response.description.as_deref());
    let codes = response.codes.iter().map(|code| number(u64::from(*code)));
    object.push("errorCodes", Json::Array(codes.collect()));
    optional(&mut object, "timestamp", response.timestamp.as_deref());
    optional(&mut object, "traceId", response.trace_id.as_deref());
    optional(&mut object, "correlationId", response.correlation_id.as_deref());
    object
}

fn optional(object: &mut Object, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        object.push(name, value.into());
    }
}

fn number(value: u64) -> Json {
    Json::from(value)
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
