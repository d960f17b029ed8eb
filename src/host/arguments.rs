//! The arguments of the methods: what a caller asks for.

use crate::given::{Given, sentence, wrong};
use crate::imports::Signal;
use crate::options::{self, variable};
use crate::values::{elements, is_array, is_given, is_object, items, json, not_a, object, text};
use entra_device_code::error::Error;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::device_flow::KeptFlow;
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::record::AuthenticationRecord;
use js_sys::Array;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

const LONGEST_SCOPES: usize = 1 << 16;

/// What a caller asks for, in the caller's own words.
pub(crate) struct Asked {
    /// As they were given: in their order.
    pub(crate) scopes: Vec<String>,
    pub(crate) options: AskOptions,
    pub(crate) signal: Option<Signal>,
    /// The flow to go on with.
    pub(crate) flow: Option<Flow>,
    /// Whom to sign out.
    pub(crate) record: Option<AuthenticationRecord>,
}

/// A flow to go on with.
pub(crate) struct Flow {
    json: String,
    pub(crate) once: bool,
}

/// What a call is to do, once it is known to make sense.
pub(crate) struct Task {
    pub(crate) ask: Rc<Ask>,
    /// The flow to go on with.
    pub(crate) flow: Option<KeptFlow>,
}

/// `(...scopes, options?)` or `(scopes, options?)`, with `scopes` a string or an array of strings.
pub(crate) fn get_token(arguments: &Array) -> Result<Asked, JsValue> {
    // What is asked for most is one scope, and nothing else: it is read without a look at what else there might be.
    let first = arguments.get(0).as_string();
    if let Some(scope) = first.filter(|scope| arguments.length() == 1 && is_plain(scope)) {
        return Ok(Asked::of(vec![scope]));
    }
    let (scopes, options) = split(arguments)?;
    if scopes.is_empty() {
        let why = "must name at least one scope, such as \"https://graph.microsoft.com/.default\"";
        return Err(wrong("scopes", why));
    }
    call_options(scopes, &options)
}

/// Whether it is a scope that nobody would look at twice.
fn is_plain(scope: &str) -> bool {
    scope.len() < 1000 && !scope.trim().is_empty()
}

/// `({scopes?, …}?)` or `(scopes, options?)`.
pub(crate) fn authenticate(arguments: &Array) -> Result<Asked, JsValue> {
    let (mut scopes, options) = split(arguments)?;
    let option = options.get("scopes");
    if !option.is_undefined() {
        if !scopes.is_empty() {
            return Err(wrong(
                "scopes",
                "is given as an argument and as an option: give one of them",
            ));
        }
        scopes = if is_array(&option) {
            scope_list(&option)?
        } else {
            self::scopes(&[option])?
        };
    }
    call_options(scopes, &options)
}

/// `(flow, {once?, abortSignal?}?)`
pub(crate) fn acquire_by_flow(arguments: &Array) -> Result<Asked, JsValue> {
    let flow = arguments.get(0);
    if !is_object(&flow) {
        return Err(wrong(
            "flow",
            &not_a("the object that `initiateDeviceFlow` resolved to", &flow),
        ));
    }
    let options = Given::options(arguments.get(1));
    let once = options.is_set("once");
    // Of what no JSON can be made, that was not made of JSON: it has no members that fit each other.
    let json = json(&flow);
    let signal = signal_of(&options);
    options.check()?;
    let mut asked = Asked::of(Vec::new());
    asked.options.multi_tenant_disabled = is_multi_tenant_disabled();
    asked.signal = signal;
    asked.flow = Some(Flow { json, once });
    Ok(asked)
}

/// `(record?)`
pub(crate) fn remove_account(arguments: &Array) -> Result<Asked, JsValue> {
    const NAME: &str = "record";
    let given = Given::options(object(&[&[(NAME, arguments.get(0))]]));
    let record = options::record(&given, NAME);
    given.check()?;
    let mut asked = Asked::of(Vec::new());
    asked.record = record;
    Ok(asked)
}

impl Asked {
    /// Scopes, and nothing else.
    pub(crate) fn of(scopes: Vec<String>) -> Self {
        Self {
            scopes,
            options: AskOptions::default(),
            signal: None,
            flow: None,
            record: None,
        }
    }

    /// What that means for a credential.
    pub(crate) fn task(&self, purpose: Purpose, config: &Config) -> Result<Task, Error> {
        if let Some(Flow { json, once }) = &self.flow {
            let flow = KeptFlow::read(json, config).map_err(|why| refused("flow", &why))?;
            let ask = flow.ask(config, *once, self.options.multi_tenant_disabled)?;
            return Ok(Task {
                ask: ask.into(),
                flow: Some(flow),
            });
        }
        if purpose == Purpose::RemoveAccount {
            let ask = Ask::remove_account(config, self.record.clone())?;
            return Ok(Task {
                ask: ask.into(),
                flow: None,
            });
        }
        let scopes = match Scopes::new(&self.scopes) {
            Ok(scopes) => Some(scopes),
            Err(_) if self.scopes.is_empty() => None,
            Err(why) => return Err(refused("scopes", why)),
        };
        let ask = Ask::new(config, purpose, scopes, self.options.clone())?;
        Ok(Task {
            ask: ask.into(),
            flow: None,
        })
    }
}

fn refused(name: &str, why: &str) -> Error {
    Error::InvalidArgument(sentence(name, why))
}

/// What comes before the options, and the options.
fn split(arguments: &Array) -> Result<(Vec<String>, Given), JsValue> {
    let mut values = elements(arguments, arguments.length())?;
    while values.pop_if(|last| !is_given(last)).is_some() {}
    let options = Given::options(values.pop_if(|last| is_object(last)).unwrap_or(JsValue::UNDEFINED));
    let scopes = match values.as_slice() {
        [list] if is_array(list) => scope_list(list)?,
        values => scopes(values)?,
    };
    Ok((scopes, options))
}

fn scopes(values: &[JsValue]) -> Result<Vec<String>, JsValue> {
    let mut scopes: Vec<String> = Vec::new();
    let mut length = 0_usize;
    for value in values {
        let scope = scope(value)?;
        length = length.saturating_add(scope.len());
        if length > LONGEST_SCOPES {
            return Err(wrong("scopes", "must not be longer than 64 KiB together"));
        }
        scopes.push(scope);
    }
    Ok(scopes)
}

fn scope(value: &JsValue) -> Result<String, JsValue> {
    if !value.is_string() {
        return Err(wrong("scopes", &not_a("strings", value)));
    }
    match text(value) {
        Ok(scope) if scope.trim().is_empty() => Err(wrong("scopes", "must not hold an empty string")),
        Ok(scope) => Ok(scope),
        Err(why) => Err(wrong("scopes", &why)),
    }
}

fn scope_list(list: &JsValue) -> Result<Vec<String>, JsValue> {
    let items = items(list)?.ok_or_else(|| wrong("scopes", "must be an array of at most 1000 strings"))?;
    scopes(&items)
}

fn call_options(scopes: Vec<String>, options: &Given) -> Result<Asked, JsValue> {
    let mut asked = Asked::of(scopes);
    if !options.are_given() {
        return Ok(asked);
    }
    let tenant_id = options.text("tenantId");
    asked.options = AskOptions {
        claims: options.text("claims"),
        // Of who names no tenant, that forbids nothing.
        multi_tenant_disabled: tenant_id.is_some() && is_multi_tenant_disabled(),
        tenant_id,
        enable_cae: options.is_set("enableCae"),
    };
    asked.signal = signal_of(options);
    options.check()?;
    Ok(asked)
}

/// Asked at each call, as azure-identity does.
fn is_multi_tenant_disabled() -> bool {
    variable("AZURE_IDENTITY_DISABLE_MULTITENANTAUTH").is_some()
}

fn signal_of(options: &Given) -> Option<Signal> {
    for spelling in ["abortSignal", "signal"] {
        options.object(spelling);
    }
    let signal = options.spelling("abortSignal", "signal").and_then(|name| {
        options.having(name, &["addEventListener", "removeEventListener"], |_| {
            "must be an AbortSignal, or have its `addEventListener` and `removeEventListener`".to_owned()
        })
    });
    signal.map(JsCast::unchecked_into)
}
