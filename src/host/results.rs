//! What callers get: tokens, records, flows and errors, as JavaScript has them.

use crate::arguments::Asked;
use crate::call::Call;
use crate::clock::{milliseconds, timestamp};
use crate::exceptions::exception_of;
use crate::imports::{self, Signal};
use crate::values::{Members, array, create, invalid, object, unavailable};
use entra_device_code::cache::store::CachedToken;
use entra_device_code::error::{Error, Failure};
use entra_device_code::flow::ask::Purpose;
use entra_device_code::flow::config::Config;
use entra_device_code::flow::device_flow::{DeviceFlow, KeptFlow};
use entra_device_code::flow::event::{Outcome, Prompt};
use entra_device_code::record::AuthenticationRecord;
use entra_device_code::time::Timestamp;
use js_sys::{Array, Date, JSON, JsString};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

const REQUIRED: &str = "Interactive authentication is required to get a token. Call 'authenticate' to begin.";

/// The `AccessToken`. As long as a token is in the cache, its string of JavaScript is kept with it: to make such a string again
/// costs more than all the rest of finding a token.
pub(crate) fn access_token(token: &CachedToken) -> Result<JsValue, JsValue> {
    imports::create_access_token(
        &token.secret.form(|| JsString::from(token.secret.expose())),
        timestamp(token.life.expires_on),
        token.life.refresh_on.map(timestamp),
    )
}

/// What a method resolves to.
pub(crate) fn answer(call: &Call, outcome: &Outcome, config: &Config) -> Result<JsValue, JsValue> {
    match call.purpose {
        Purpose::RemoveAccount | Purpose::GetAccounts => {
            let records = Array::new();
            for account in &outcome.accounts {
                records.push(&record(account)?);
            }
            Ok(records.into())
        }
        Purpose::Authenticate => match &outcome.record {
            Some(Ok(signed_in)) => record(signed_in),
            _ => Ok(JsValue::UNDEFINED),
        },
        Purpose::GetToken => match &outcome.token {
            Some(token) => access_token(token),
            None => Ok(JsValue::UNDEFINED),
        },
        Purpose::InitiateDeviceFlow => match (&outcome.flow, &outcome.prompt) {
            (Some(flow), Some(prompt)) => {
                let (ask, scopes) = (&call.task.ask, &call.asked.scopes);
                kept(&KeptFlow::begun(
                    flow,
                    prompt,
                    ask,
                    scopes,
                    &call.correlation_id,
                    config,
                ))
            }
            _ => Ok(JsValue::UNDEFINED),
        },
        Purpose::AcquireTokenByDeviceFlow { .. } => polled(call, outcome),
    }
}

/// `{status: "succeeded", token, …}` or `{status: "pending", flow, retryAfter}`
fn polled(call: &Call, outcome: &Outcome) -> Result<JsValue, JsValue> {
    if let Some(token) = &outcome.token {
        let answer = access_token(token)?;
        imports::set(&answer, "status", &"succeeded".into())?;
        if let Some(Ok(signed_in)) = &outcome.record {
            imports::set(&answer, "authenticationRecord", &record(signed_in)?)?;
        }
        return Ok(answer);
    }
    let (Some(before), Some(flow)) = (&call.task.flow, &outcome.flow) else {
        return Ok(JsValue::UNDEFINED);
    };
    Ok(object(&[&[
        ("status", "pending".into()),
        ("retryAfter", retry_after(flow).into()),
        ("flow", kept(&before.continued(flow))?),
    ]]))
}

/// A flow is JSON, over whose text its checksum goes.
fn kept(flow: &KeptFlow) -> Result<JsValue, JsValue> {
    JSON::parse(flow.json())
}

/// In milliseconds.
fn retry_after(flow: &DeviceFlow) -> f64 {
    milliseconds(crate::clock::now().wall.until(flow.poll_after))
}

fn record(record: &AuthenticationRecord) -> Result<JsValue, JsValue> {
    imports::create_record(&value(record)?)
}

/// What `userPromptCallback` gets.
pub(crate) fn prompt(prompt: &Prompt) -> Result<JsValue, JsValue> {
    let info = value(prompt)?;
    imports::set(&info, "expiresOn", &date(prompt.expires_on))?;
    Ok(info)
}

/// What has a shape, as a plain object.
fn value(shape: &impl Serialize) -> Result<JsValue, JsValue> {
    shape.serialize(&Serializer::json_compatible()).map_err(JsValue::from)
}

pub(crate) fn date(at: Timestamp) -> JsValue {
    Date::new(&timestamp(at).into()).into()
}

/// What a method rejects with.
pub(crate) fn error(error: &Error, asked: &Asked) -> JsValue {
    match error {
        Error::InvalidArgument(message) => invalid(message),
        Error::Aborted => abort_reason(asked.signal.as_ref()),
        Error::Unavailable(message) => unavailable(message),
        Error::Authentication(failure) => failed("AuthenticationError", &failure.message, error, Some(failure), &[]),
        Error::Required(required) => {
            let refused = required.refused.as_ref();
            let claims = non_empty(asked.options.claims.as_deref());
            let details = [
                ("scopes", array(&asked.scopes).into()),
                ("claims", claims.into()),
                ("getTokenOptions", token_options(asked, claims)),
            ];
            failed("AuthenticationRequiredError", REQUIRED, error, refused, &details)
        }
    }
}

/// What to pass to `authenticate`, as the caller passed it to `getToken`.
fn token_options(asked: &Asked, claims: Option<&str>) -> JsValue {
    object(&[&[
        ("claims", claims.into()),
        ("tenantId", non_empty(asked.options.tenant_id.as_deref()).into()),
        ("enableCae", asked.options.enable_cae.then_some(true).into()),
    ]])
}

fn non_empty(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// What is known of a failure, and of what it means for the caller.
fn failed(kind: &str, message: &str, error: &Error, failure: Option<&Failure>, more: &Members<'_>) -> JsValue {
    let response = failure.and_then(|failure| failure.response.as_ref());
    let response = response.map_or(Ok(JsValue::UNDEFINED), value);
    let cause = failure.and_then(|failure| failure.cause.as_ref());
    let details = [
        ("statusCode", failure.and_then(|failure| failure.status).into()),
        ("errorResponse", response.unwrap_or_else(|exception| exception)),
        ("hint", error.hint().into()),
        ("cause", cause.and_then(exception_of).into()),
    ];
    create(kind, message, &[&details, more])
}

/// Why a signal was aborted. The `AbortSignalLike` of older Azure packages doesn't say.
pub(crate) fn abort_reason(signal: Option<&Signal>) -> JsValue {
    match signal.map(|signal| imports::get(signal, "reason")) {
        Some(Ok(reason)) if !reason.is_undefined() => reason,
        _ => {
            let error = js_sys::Error::new("The operation was aborted.");
            error.set_name("AbortError");
            error.into()
        }
    }
}
