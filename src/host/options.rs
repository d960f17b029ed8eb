//! The options of a credential, in both spellings: this package's, which are Python's in camel case, and those of
//! @azure/identity.

use crate::clock::whole;
use crate::given::Given;
use crate::imports;
use crate::persistence::{self, Persistence};
use crate::values::{is_given, is_object, json, not_a, text};
use entra_device_code::flow::config::{Config, Persistence as Layout, Retry};
use entra_device_code::flow::context::Level;
use entra_device_code::protocol::authority::{Authority, PUBLIC_CLOUD, Tenant};
use entra_device_code::protocol::scope::reserved_but;
use entra_device_code::record::AuthenticationRecord;
use js_sys::{Array, Function};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;

const METADATA_URL: &str = "metadataUrl";

/// More seconds than this are as good as no limit.
const LONGEST_TIMEOUT: f64 = 4_294_967_296.0;

/// What a credential is constructed with, beside its configuration.
pub(crate) struct Options {
    pub(crate) persistence: Option<Persistence>,
    pub(crate) fetch: Option<Function>,
    pub(crate) prompt: Prompter,
    pub(crate) logger: Logger,
    /// What is to be said of them.
    pub(crate) warnings: Vec<String>,
}

/// Who shows the user where to go.
pub(crate) enum Prompter {
    /// `promptCallback`, with three arguments.
    Callback(Function),
    /// `userPromptCallback`, with one.
    UserCallback(Function),
    /// Nobody: the message is printed.
    Console,
}

/// Who takes log lines.
pub(crate) enum Logger {
    Function(Function),
    Object(JsValue),
    /// Nobody but the console, for those who asked for more lines.
    Console {
        enabled: bool,
    },
}

impl Logger {
    /// Says it in any case: without a logger, on the console.
    pub(crate) fn warn(&self, line: &str) {
        if matches!(self, Self::Console { .. }) {
            print(imports::console_warn, line);
        } else {
            self.log(Level::Warning, line);
        }
    }

    /// A logger that throws is no reason to fail.
    pub(crate) fn log(&self, level: Level, line: &str) {
        // As @azure/logger has the levels, and as `console` has them.
        let (name, method) = match level {
            Level::Warning => ("warning", "warn"),
            Level::Info => ("info", "info"),
            Level::Verbose => ("verbose", "debug"),
        };
        let _ = match self {
            Self::Function(function) => function.call2(&JsValue::UNDEFINED, &name.into(), &line.into()),
            Self::Object(object) => {
                let by = |name| imports::get(object, name).ok().filter(JsValue::is_function);
                match by(name).or_else(|| by(method)) {
                    Some(method) => method.unchecked_ref::<Function>().call1(object, &line.into()),
                    None => return,
                }
            }
            Self::Console { enabled: true } => return print(imports::console_debug, line),
            Self::Console { enabled: false } => return,
        };
    }
}

fn print(write: fn(&str) -> Result<(), JsValue>, line: &str) {
    let _ = write(&["entra-device-code: ", line].concat());
}

/// `(options?)` or `(clientId, options?)`.
pub(crate) fn read(arguments: &Array) -> Result<(Config, Options), JsValue> {
    let (first, second) = (arguments.get(0), arguments.get(1));
    let is_positional = first.is_string() || !is_given(&first);
    let given = Given::options(if is_positional { second } else { first.clone() });
    let client_id = if is_positional {
        given.text_of("clientId", &first)
    } else {
        None
    };
    let record = record(&given, "authenticationRecord");
    let mut warnings = Vec::new();
    let unsafe_logging = given.nested("loggingOptions").flag("enableUnsafeSupportLogging");
    let support_logging = given.flag("enableSupportLogging").or(unsafe_logging).unwrap_or(false);
    let persistence = persistence::read(&given, &mut warnings);
    let client_id = client_id_of(client_id, &given, record.as_ref());
    let place = match given.text(METADATA_URL) {
        Some(url) => provider(&given, &url),
        None => authority(&given, record.as_ref()).zip(tenant(&given, record.as_ref())),
    };
    let Some((authority, tenant)) = place else {
        return Err(given.mistake());
    };
    let config = Config {
        client_id,
        authority: Rc::new(authority),
        tenant,
        timeout: timeout(&given),
        record,
        use_stored_account: use_stored_account(&given, persistence.as_ref()),
        disable_automatic_authentication: given.is_set("disableAutomaticAuthentication"),
        disable_instance_discovery: given.is_set("disableInstanceDiscovery"),
        reserved_scopes: reserved_scopes(&given),
        additionally_allowed_tenants: texts(&given, "additionallyAllowedTenants"),
        persistence: persistence.as_ref().map(|persistence| persistence.layout),
        support_logging,
        retry: retry(&given, &mut warnings),
        request_timeout: request_timeout(&given),
        os: imports::platform().unwrap_or_else(|_| "unknown".to_owned()),
    };
    let mut options = Options {
        persistence,
        fetch: given.function("fetch"),
        prompt: prompter(&given),
        logger: logger(&given, support_logging),
        warnings,
    };
    given.warn(&mut options.warnings);
    given.check()?;
    Ok((config, options))
}

/// An `AuthenticationRecord`, or an object with the same fields. Read one by one: the object is the caller's.
pub(crate) fn record(given: &Given, name: &'static str) -> Option<AuthenticationRecord> {
    if given.get(name).is_string() {
        let why = "must be an object, not a string: `AuthenticationRecord.deserialize(text)` makes one";
        given.refuse(name, why);
    }
    given.object(name)?;
    let fields = given.nested(name);
    let version = fields.member("version");
    let version = (!version.is_undefined()).then(|| json(&version));
    let field = |name: &str| text(&fields.member(name)).ok();
    let record = AuthenticationRecord::from_fields(version.as_deref(), field);
    record.map_err(|why| given.refuse(name, &why)).ok()
}

/// Of a store that has no list of its items, nobody knows whose there are.
fn use_stored_account(given: &Given, persistence: Option<&Persistence>) -> bool {
    const NAME: &str = "useStoredAccount";
    let is_wanted = given.is_set(NAME);
    let layout = persistence.map(|persistence| persistence.layout);
    if is_wanted && layout != Some(Layout::Whole) {
        let why =
            "needs `cachePersistenceOptions`; a `storage` in them needs `partitioned: false`, to know its accounts";
        given.refuse(NAME, why);
    }
    is_wanted
}

fn client_id_of(positional: Option<String>, given: &Given, record: Option<&AuthenticationRecord>) -> String {
    let option = given.text("clientId");
    if positional.is_some() && option.is_some() && positional != option {
        let why = "is given as an argument and as an option, with different values: give one";
        given.refuse("clientId", why);
    }
    let client_id = positional.or(option);
    if client_id.as_deref().is_some_and(|id| id.trim().is_empty()) {
        given.refuse("clientId", "must not be empty");
    }
    let known = record.map(|record| record.client_id.as_str());
    let client_id = client_id.unwrap_or_else(|| known.unwrap_or(Config::DEFAULT_CLIENT_ID).to_owned());
    if known.is_some_and(|known| known != client_id) {
        let why = "is of another client: leave out `clientId`, or use the record that `authenticate` returned for it";
        given.refuse("authenticationRecord", why);
    }
    client_id
}

/// Another provider than Microsoft's. It has no tenants but itself.
fn provider(given: &Given, url: &str) -> Option<(Authority, Tenant)> {
    let why = "and `metadataUrl` both say where to sign in: give one of them";
    given.refuse_given(&["authority", "authorityHost", "tenantId"], why);
    let provider = Authority::of_metadata(url);
    provider.map_err(|why| given.refuse(METADATA_URL, why)).ok()
}

/// The option, else the record's, else the environment's, else the public cloud's. An empty text counts as none, as it does
/// for Python.
fn authority(given: &Given, record: Option<&AuthenticationRecord>) -> Option<Authority> {
    let spellings = (given.text("authority"), given.text("authorityHost"));
    let name = given.spelling("authority", "authorityHost").unwrap_or("authority");
    let option = spellings.0.or(spellings.1);
    let variable = variable("AZURE_AUTHORITY_HOST");
    let (name, text) = first_given(&[
        (name, option.as_deref()),
        (
            "authenticationRecord.authority",
            record.map(|record| record.authority.as_str()),
        ),
        ("AZURE_AUTHORITY_HOST", variable.as_deref()),
        ("authority", Some(PUBLIC_CLOUD)),
    ]);
    Authority::parse(text).map_err(|why| given.refuse(name, why)).ok()
}

fn tenant(given: &Given, record: Option<&AuthenticationRecord>) -> Option<Tenant> {
    let option = given.text("tenantId");
    let (name, text) = first_given(&[
        ("tenantId", option.as_deref()),
        (
            "authenticationRecord.tenantId",
            record.map(|record| record.tenant_id.as_str()),
        ),
        ("tenantId", Some(Config::DEFAULT_TENANT)),
    ]);
    Tenant::parse(text).map_err(|why| given.refuse(name, why)).ok()
}

/// The first that is given and not empty. The last is what holds if none is.
fn first_given<'a>(texts: &[(&'a str, Option<&'a str>)]) -> (&'a str, &'a str) {
    for (name, text) in texts {
        match text {
            Some(text) if !text.is_empty() => return (name, text),
            _ => {}
        }
    }
    ("", "")
}

pub(crate) fn variable(name: &str) -> Option<String> {
    imports::environment(name).ok()?.filter(|value| !value.is_empty())
}

fn timeout(given: &Given) -> Option<Duration> {
    const NAME: &str = "timeout";
    let seconds = given.number(NAME).filter(|seconds| *seconds < LONGEST_TIMEOUT)?;
    let millis = (seconds * 1000.0).round();
    if millis == 0.0 {
        let why = "must be more than 0 seconds: leave it out to wait as long as the code lives";
        given.refuse(NAME, why);
    }
    Some(milliseconds(millis))
}

fn request_timeout(given: &Given) -> Duration {
    const NAME: &str = "requestTimeout";
    let Some(millis) = given.number(NAME) else {
        return Config::DEFAULT_REQUEST_TIMEOUT;
    };
    if millis == 0.0 {
        given.refuse(NAME, "must be more than 0 milliseconds");
    }
    milliseconds(millis.ceil().min(2_147_483_648.0))
}

fn retry(given: &Given, warnings: &mut Vec<String>) -> Retry {
    let given = given.nested("retryOptions");
    let span = |name, default| {
        let millis = given.number(name);
        millis.map_or(default, |millis| milliseconds(millis.min(LONGEST_TIMEOUT)))
    };
    let default = Retry::default();
    let retry = Retry {
        max_retries: given.number("maxRetries").map_or(default.max_retries, |count| {
            u32::try_from(whole(count)).unwrap_or(u32::MAX)
        }),
        delay: span("retryDelayInMs", default.delay),
        max_delay: span("maxRetryDelayInMs", default.max_delay),
    };
    given.warn(warnings);
    retry
}

fn milliseconds(millis: f64) -> Duration {
    Duration::from_millis(whole(millis))
}

fn texts(given: &Given, name: &'static str) -> Vec<String> {
    let texts = given.texts(name);
    if texts.is_none() && !given.get(name).is_undefined() {
        given.refuse(name, "must be an array of strings");
    }
    texts.unwrap_or_default()
}

fn reserved_scopes(given: &Given) -> String {
    const NAME: &str = "excludeScopes";
    let reserved = reserved_but(&texts(given, NAME));
    reserved.map_err(|why| given.refuse(NAME, why)).unwrap_or_default()
}

fn prompter(given: &Given) -> Prompter {
    match (given.function("promptCallback"), given.function("userPromptCallback")) {
        (Some(callback), other) => {
            if other.is_some() {
                let why = "and `userPromptCallback` are the same option: give one of them";
                given.refuse("promptCallback", why);
            }
            Prompter::Callback(callback)
        }
        (None, Some(callback)) => Prompter::UserCallback(callback),
        (None, None) => Prompter::Console,
    }
}

fn logger(given: &Given, enabled: bool) -> Logger {
    let logger = given.get("logger");
    if let Some(function) = logger.dyn_ref::<Function>() {
        return Logger::Function(function.clone());
    }
    if is_object(&logger) {
        return Logger::Object(logger);
    }
    if !logger.is_undefined() {
        given.refuse("logger", &not_a("a function or an object such as `console`", &logger));
    }
    Logger::Console { enabled }
}
