//! The constructor's options, in both spellings: this package's, which are Python's in camel case, and those of
//! `@azure/identity`.

use crate::error::Error;
use crate::flow::config::{Config, Retry};
use crate::js::bindings::{Arguments, Bindings, Store};
use crate::js::property::{Options, invalid, is_absent, kind};
use crate::json::{Json, Object};
use crate::protocol::authority::{Authority, PUBLIC_CLOUD, Tenant};
use crate::record::AuthenticationRecord;
use core::time::Duration;
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// What the options say besides the [`Config`].
pub(super) struct Lendings {
    pub(super) fetch: Option<Function>,
    pub(super) prompt: Prompter,
    pub(super) logger: Option<JsValue>,
    pub(super) support_logging: bool,
    pub(super) store: Option<Store>,
}

/// How the user is prompted.
pub(super) enum Prompter {
    /// `console.log` of the server's message.
    Print,
    /// Python's form: `(verificationUri, userCode, expiresOn)`.
    Positional(Function),
    /// `@azure/identity`'s form: `({userCode, verificationUri, message, …})`.
    Info(Function),
}

/// Reads `(options?)` or `(clientId, options?)`.
pub(super) fn read(arguments: &Arguments, bindings: &Bindings) -> Result<(Config, Lendings), JsOrError> {
    let first = arguments.get(0);
    let (positional, options) = if first.is_string() {
        (first.as_string(), arguments.get(1))
    } else if is_absent(&first) && !is_absent(&arguments.get(1)) {
        (None, arguments.get(1))
    } else {
        (None, first)
    };
    let options = Options::new(options, "options")?;
    let record = read_record(&options)?;
    let support_logging = options.boolean("enableSupportLogging")?
        || options
            .options("loggingOptions")?
            .boolean("enableUnsafeSupportLogging")?;
    let store = match options.either(["cachePersistenceOptions", "tokenCachePersistenceOptions"])? {
        None => None,
        Some(given) => Some(bindings.open_store(Options::new(given.value.clone(), given.name).map(|_| &given.value)?)?),
    };
    let config = Config {
        client_id: client_id(positional, &options, record.as_ref())?,
        authority: authority(&options, record.as_ref(), bindings)?,
        tenant: tenant(&options, record.as_ref())?,
        timeout: options.number("timeout")?.and_then(seconds),
        disable_automatic_authentication: options.boolean("disableAutomaticAuthentication")?,
        disable_instance_discovery: options.boolean("disableInstanceDiscovery")?,
        additionally_allowed_tenants: options.texts("additionallyAllowedTenants")?,
        multi_tenant_disabled: bindings
            .environment("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH")
            .is_some_and(|v| !v.is_empty()),
        persistent: store.is_some(),
        support_logging,
        retry: retry(&options)?,
        request_timeout: match options.number("requestTimeout")? {
            Some(0.0) => return Err(invalid("requestTimeout", "must be more than 0 milliseconds").into()),
            Some(given) => milliseconds(given),
            None => Config::DEFAULT_REQUEST_TIMEOUT,
        },
        os: bindings.platform(),
        record,
    };
    let lendings = Lendings {
        fetch: options.function("fetch")?,
        prompt: prompter(&options)?,
        logger: logger(&options)?,
        support_logging,
        store,
    };
    Ok((config, lendings))
}

/// What the constructor throws: an error of ours, or an exception of the JavaScript side.
pub(super) enum JsOrError {
    Error(Error),
    Js(JsValue),
}

impl From<Error> for JsOrError {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<JsValue> for JsOrError {
    fn from(exception: JsValue) -> Self {
        Self::Js(exception)
    }
}

fn client_id(
    positional: Option<String>,
    options: &Options,
    record: Option<&AuthenticationRecord>,
) -> Result<String, Error> {
    let option = options.text(["clientId"])?;
    let given = match (positional, option) {
        (Some(positional), Some(option)) if positional != option => {
            return Err(Error::InvalidArgument(
                "the argument `clientId` and the option `clientId` have different values: give one of them".into(),
            ));
        }
        (positional, option) => positional.or(option),
    };
    match (given, record) {
        (Some(given), _) if given.trim().is_empty() => Err(invalid("clientId", "must not be empty")),
        (Some(given), Some(record)) if given != record.client_id => Err(invalid(
            "authenticationRecord",
            "is of another client: leave out `clientId`, or use the record that `authenticate` returned for it",
        )),
        (Some(given), _) => Ok(given),
        (None, Some(record)) => Ok(record.client_id.clone()),
        (None, None) => Ok(Config::DEFAULT_CLIENT_ID.to_owned()),
    }
}

fn authority(
    options: &Options,
    record: Option<&AuthenticationRecord>,
    bindings: &Bindings,
) -> Result<Authority, Error> {
    let (name, text) = match options.either(["authority", "authorityHost"])? {
        Some(given) => (given.name, given.text()?),
        None => match record {
            Some(record) => ("authenticationRecord.authority", record.authority.clone()),
            None => match bindings
                .environment("AZURE_AUTHORITY_HOST")
                .filter(|host| !host.is_empty())
            {
                Some(host) => ("AZURE_AUTHORITY_HOST", host),
                None => ("authority", PUBLIC_CLOUD.to_owned()),
            },
        },
    };
    Authority::parse(&text).map_err(|why| invalid(name, why))
}

fn tenant(options: &Options, record: Option<&AuthenticationRecord>) -> Result<Tenant, Error> {
    let given = options.text(["tenantId"])?.filter(|tenant| !tenant.is_empty());
    let tenant = match (&given, record) {
        (Some(given), _) => given,
        (None, Some(record)) => &record.tenant_id,
        (None, None) => Config::DEFAULT_TENANT,
    };
    Tenant::parse(tenant).map_err(|why| invalid("tenantId", why))
}

fn read_record(options: &Options) -> Result<Option<AuthenticationRecord>, Error> {
    const NAME: &str = "authenticationRecord";
    let Some(value) = options.get(NAME) else {
        return Ok(None);
    };
    if value.is_string() {
        return Err(invalid(
            NAME,
            "must be a record, not a string: pass it to `AuthenticationRecord.deserialize` first",
        ));
    }
    let fields = Options::new(value, NAME)?;
    let mut map = Object::default();
    for name in [
        "authority",
        "clientId",
        "homeAccountId",
        "tenantId",
        "username",
        "version",
    ] {
        if let Some(value) = fields.get(name) {
            map.push(name, Json::String(value.as_string().unwrap_or_default()));
        }
    }
    AuthenticationRecord::from_fields(&map)
        .map(Some)
        .map_err(|why| invalid(NAME, &why))
}

fn prompter(options: &Options) -> Result<Prompter, Error> {
    match (
        options.function("promptCallback")?,
        options.function("userPromptCallback")?,
    ) {
        (None, None) => Ok(Prompter::Print),
        (Some(callback), None) => Ok(Prompter::Positional(callback)),
        (None, Some(callback)) => Ok(Prompter::Info(callback)),
        (Some(_), Some(_)) => Err(Error::InvalidArgument(
            "`promptCallback` and `userPromptCallback` are the same option: give one of them".into(),
        )),
    }
}

/// A function `(level, message)`, or an object with a method for each level, as `console` and `@azure/logger` have them.
fn logger(options: &Options) -> Result<Option<JsValue>, Error> {
    match options.get("logger") {
        Some(value) if !value.is_object() && !value.is_function() => Err(invalid(
            "logger",
            &format!(
                "must be a function or an object such as `console`, not {}",
                kind(&value)
            ),
        )),
        value => Ok(value),
    }
}

fn retry(options: &Options) -> Result<Retry, Error> {
    let options = options.options("retryOptions")?;
    let default = Retry::default();
    Ok(Retry {
        max_retries: options.number("maxRetries")?.map_or(default.max_retries, whole),
        delay: options.number("retryDelayInMs")?.map_or(default.delay, milliseconds),
        max_delay: options
            .number("maxRetryDelayInMs")?
            .map_or(default.max_delay, milliseconds),
    })
}

/// A number of seconds; nothing for one so large that it never passes.
fn seconds(value: f64) -> Option<Duration> {
    (value < f64::from(u32::MAX)).then(|| milliseconds(value * 1000.0))
}

/// Not negative, as [`Options::number`] saw to; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn milliseconds(value: f64) -> Duration {
    Duration::from_millis(value as u64)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> u32 {
    value as u32
}
