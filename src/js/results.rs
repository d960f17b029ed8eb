//! What comes out: tokens, records, prompts, log lines, errors.

use crate::error::{Error, Failure};
use crate::flow::ask::{Ask, Purpose};
use crate::flow::context::Level;
use crate::flow::event::{Outcome, Prompt};
use crate::host::Lent;
use crate::js::bindings::{Bindings, GLOBAL, console_debug, console_log};
use crate::js::options::{Lendings, Prompter};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::scope::Scopes;
use crate::time::Timestamp;
use js_sys::{Array, Date, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// What the options and the JavaScript side lend to one credential.
pub(super) struct FromJs {
    pub(super) bindings: Bindings,
    pub(super) lendings: Lendings,
}

impl Lent for FromJs {
    fn fetch(&self) -> Result<Function, JsValue> {
        if let Some(fetch) = &self.lendings.fetch {
            return Ok(fetch.clone());
        }
        let fetch = GLOBAL.with(|global| Reflect::get(global, &"fetch".into()))?;
        fetch
            .dyn_into()
            .map_err(|_| js_sys::Error::new("this runtime has no `fetch`: give one as an option").into())
    }

    fn prompt(&self, prompt: &Prompt) -> Result<JsValue, JsValue> {
        match &self.lendings.prompt {
            Prompter::Print => {
                console_log(&prompt.message);
                Ok(JsValue::UNDEFINED)
            }
            Prompter::Positional(callback) => callback.call3(
                &JsValue::UNDEFINED,
                &prompt.verification_uri.as_str().into(),
                &prompt.user_code.as_str().into(),
                &date(prompt.expires_on),
            ),
            Prompter::Info(callback) => {
                let info = Details::new();
                info.text("userCode", Some(&prompt.user_code));
                info.text("verificationUri", Some(&prompt.verification_uri));
                info.text("verificationUriComplete", prompt.verification_uri_complete.as_deref());
                info.text("message", Some(&prompt.message));
                info.set("expiresOn", &date(prompt.expires_on));
                callback.call1(&JsValue::UNDEFINED, &info.0)
            }
        }
    }

    fn log(&self, level: Level, line: &str) {
        // As console has them, and as @azure/logger has them.
        let (name, names) = match level {
            Level::Warning => ("warning", ["warning", "warn"]),
            Level::Info => ("info", ["info", "info"]),
            Level::Verbose => ("verbose", ["verbose", "debug"]),
        };
        let Some(logger) = &self.lendings.logger else {
            if self.lendings.support_logging {
                console_debug(line);
            }
            return;
        };
        // A logger that throws is no reason to fail.
        let _ = match logger.dyn_ref::<Function>() {
            Some(function) => function.call2(&JsValue::UNDEFINED, &name.into(), &line.into()),
            None => {
                let method = names.iter().find_map(|name| {
                    Reflect::get(logger, &(*name).into())
                        .ok()
                        .and_then(|method| method.dyn_into::<Function>().ok())
                });
                method.map_or(Ok(JsValue::UNDEFINED), |method| method.call1(logger, &line.into()))
            }
        };
    }

    fn load(&self, enable_cae: bool) -> Result<Promise, JsValue> {
        let store = self.lendings.store.as_ref().ok_or(JsValue::UNDEFINED)?;
        store.load(enable_cae)
    }

    fn save(&self, enable_cae: bool, merge: &Function) -> Result<Promise, JsValue> {
        let store = self.lendings.store.as_ref().ok_or(JsValue::UNDEFINED)?;
        store.save(enable_cae, merge)
    }

    fn result(&self, ask: &Ask, outcome: Outcome) -> Result<JsValue, JsValue> {
        match (ask.purpose, outcome.token, outcome.record) {
            (Purpose::GetToken, Some(token), _) => Ok(self.bindings.create_token(
                token.secret.expose(),
                millis(token.expires_on),
                token.refresh_on.map(millis),
            )),
            (Purpose::Authenticate, _, Some(Ok(record))) => Ok(self.bindings.create_record(
                &record.authority,
                &record.client_id,
                &record.home_account_id,
                &record.tenant_id,
                &record.username,
            )),
            (Purpose::Authenticate, _, Some(Err(why))) => Err(self.error(&Error::authentication(format!(
                "The user signed in, but no AuthenticationRecord can be built: {why}."
            )))),
            _ => Ok(JsValue::UNDEFINED),
        }
    }

    fn error(&self, error: &Error) -> JsValue {
        let details = Details::new();
        let (kind, message) = match error {
            Error::InvalidArgument(message) => ("TypeError", message.as_str()),
            Error::Unavailable(message) => ("CredentialUnavailableError", message.as_str()),
            Error::Aborted => ("AbortError", "The operation was aborted."),
            Error::Authentication(failure) => {
                details.failure(failure);
                ("AuthenticationError", failure.message.as_str())
            }
            Error::Required(required) => {
                let scopes = required
                    .scopes
                    .iter()
                    .flat_map(Scopes::iter)
                    .map(JsValue::from)
                    .collect::<Array>();
                details.set("scopes", &scopes);
                details.text("claims", required.claims.as_deref());
                let options = Details::new();
                options.text("claims", required.claims.as_deref());
                options.text("tenantId", required.tenant_id.as_deref());
                if required.enable_cae {
                    options.set("enableCae", &JsValue::TRUE);
                }
                details.set("getTokenOptions", &options.0);
                if let Some(refused) = &required.refused {
                    details.failure(refused);
                }
                (
                    "AuthenticationRequiredError",
                    "Interactive authentication is required to get a token. Call 'authenticate' to begin.",
                )
            }
        };
        details.text("hint", error.hint());
        self.bindings.create_error(kind, message, &details.0)
    }
}

/// The properties of an error, or another object that is built up.
struct Details(Object);

impl Details {
    fn new() -> Self {
        Self(Object::new())
    }

    fn set(&self, name: &str, value: &JsValue) {
        // A plain object of our own takes any property.
        let _ = Reflect::set(&self.0, &name.into(), value);
    }

    fn text(&self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.set(name, &value.into());
        }
    }

    fn failure(&self, failure: &Failure) {
        if let Some(status) = failure.status {
            self.set("statusCode", &JsValue::from(status));
        }
        if let Some(response) = &failure.response {
            self.set("errorResponse", &error_response(response).0);
        }
        let cause = failure.cause.as_ref().and_then(|cause| cause.value.as_ref());
        if let Some(cause) = cause.and_then(|value| value.downcast_ref::<JsValue>()) {
            self.set("cause", cause);
        }
    }
}

fn error_response(response: &OAuthError) -> Details {
    let details = Details::new();
    details.text("error", Some(&response.error));
    details.text("errorDescription", response.description.as_deref());
    details.set(
        "errorCodes",
        &response
            .codes
            .iter()
            .map(|code| JsValue::from(*code))
            .collect::<Array>(),
    );
    details.text("timestamp", response.timestamp.as_deref());
    details.text("traceId", response.trace_id.as_deref());
    details.text("correlationId", response.correlation_id.as_deref());
    details
}

fn date(at: Timestamp) -> JsValue {
    Date::new(&millis(at).into()).into()
}

/// Exact until the year 287396.
#[allow(clippy::cast_precision_loss)]
fn millis(at: Timestamp) -> f64 {
    at.as_unix_millis() as f64
}
