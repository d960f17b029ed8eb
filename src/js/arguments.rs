//! The arguments of a method, in their several forms.

use crate::error::Error;
use crate::flow::ask::{Ask, AskOptions, Purpose};
use crate::flow::config::Config;
use crate::js::bindings::Arguments;
use crate::js::property::{Options, invalid, is_absent, is_options, kind};
use crate::protocol::scope::Scopes;
use js_sys::Array;
use wasm_bindgen::prelude::*;

/// What a call asks for, and the signal that aborts it.
pub(super) struct Call {
    pub(super) ask: Ask,
    pub(super) signal: Option<JsValue>,
}

/// `(...scopes, options?)` or `(scopes, options?)`, `scopes` being a string or an array of strings.
pub(super) fn get_token(config: &Config, arguments: &Arguments) -> Result<Call, Error> {
    let (scopes, options) = split(arguments)?;
    let scopes = Scopes::new(scopes).map_err(|why| invalid("scopes", why))?;
    call(config, Purpose::GetToken, Some(scopes), &options)
}

/// `({scopes?, …}?)` or `(scopes, options?)`.
pub(super) fn authenticate(config: &Config, arguments: &Arguments) -> Result<Call, Error> {
    let (scopes, options) = split(arguments)?;
    let scopes = match (scopes.is_empty(), options.get("scopes")) {
        (false, Some(_)) => {
            return Err(Error::InvalidArgument(
                "`scopes` is given as an argument and as an option: give one of them".into(),
            ));
        }
        (_, Some(value)) => texts(&value)?,
        (_, None) => scopes,
    };
    let scopes = match scopes.is_empty() {
        true => None,
        false => Some(Scopes::new(scopes).map_err(|why| invalid("scopes", why))?),
    };
    call(config, Purpose::Authenticate, scopes, &options)
}

/// `()`.
pub(super) fn remove_account(config: &Config) -> Result<Call, Error> {
    call(config, Purpose::RemoveAccount, None, &Options::none())
}

fn call(config: &Config, purpose: Purpose, scopes: Option<Scopes>, options: &Options) -> Result<Call, Error> {
    let asked = AskOptions {
        claims: options.text(["claims"])?,
        tenant_id: options.text(["tenantId"])?,
        enable_cae: options.boolean("enableCae")?,
    };
    let signal = match options.either(["abortSignal", "signal"])? {
        None => None,
        Some(given) if is_options(&given.value) => Some(given.value),
        Some(given) => {
            return Err(invalid(
                given.name,
                &format!("must be an AbortSignal, not {}", kind(&given.value)),
            ));
        }
    };
    let ask = Ask::new(config, purpose, scopes, asked)?;
    Ok(Call { ask, signal })
}

/// Parts the scopes from the options, which come last.
fn split(arguments: &Arguments) -> Result<(Vec<String>, Options), Error> {
    let mut values: Vec<JsValue> = arguments.iter().collect();
    while values.last().is_some_and(is_absent) {
        values.pop();
    }
    let options = match values.last() {
        Some(last) if is_options(last) => Options::new(values.pop().unwrap_or_default(), "options")?,
        _ => Options::none(),
    };
    let scopes = match values.as_slice() {
        [one] => texts(one)?,
        many => many.iter().map(text).collect::<Result<_, _>>()?,
    };
    Ok((scopes, options))
}

/// A string, or an array of strings.
fn texts(value: &JsValue) -> Result<Vec<String>, Error> {
    if Array::is_array(value) {
        return value.unchecked_ref::<Array>().iter().map(|item| text(&item)).collect();
    }
    Ok(vec![text(value)?])
}

fn text(value: &JsValue) -> Result<String, Error> {
    value
        .as_string()
        .ok_or_else(|| invalid("scopes", &format!("must be strings, not {}", kind(value))))
}
