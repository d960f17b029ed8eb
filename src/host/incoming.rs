//! What JavaScript says. It has checked that each option is of the right type; what the value means is checked here.

use alloc::borrow::ToOwned;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use entra_device_code::cache::Item;
use entra_device_code::error::Error;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::{Config, Persistence, Retry};
use entra_device_code::flow::device_flow::DeviceFlow;
use entra_device_code::json::{Json, Object};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::fields::whole_number;
use entra_device_code::protocol::scope::Scopes;
use entra_device_code::record::AuthenticationRecord;
use entra_device_code::time::Span;

/// Reads the options.
pub(super) fn config(options: &Object) -> Result<Config, String> {
    let text = |name: &str| options.get(name).and_then(Json::as_str).unwrap_or_default();
    let flag = |name: &str| options.get(name) == Some(&Json::Bool(true));
    let span = |name: &str| options.get(name).and_then(whole_number).map(Span::from_millis);
    let record = match options.get("authenticationRecord") {
        Some(Json::Object(fields)) => {
            Some(AuthenticationRecord::from_fields(fields).map_err(|why| named("authenticationRecord", &why))?)
        }
        _ => None,
    };
    let default = Retry::default();
    Ok(Config {
        client_id: text("clientId").to_owned(),
        authority: Rc::new(Authority::parse(text("authority")).map_err(|why| named(text("authorityName"), why))?),
        tenant: Tenant::parse(text("tenantId")).map_err(|why| named(text("tenantName"), why))?,
        timeout: span("timeout"),
        record,
        disable_automatic_authentication: flag("disableAutomaticAuthentication"),
        disable_instance_discovery: flag("disableInstanceDiscovery"),
        additionally_allowed_tenants: match options.get("additionallyAllowedTenants") {
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).map(ToOwned::to_owned).collect(),
            _ => Vec::new(),
        },
        multi_tenant_disabled: flag("multiTenantDisabled"),
        persistence: match text("persistence") {
            "whole" => Some(Persistence::Whole),
            "partitioned" => Some(Persistence::Partitioned),
            _ => None,
        },
        support_logging: flag("enableSupportLogging"),
        retry: Retry {
            max_retries: match options.get("maxRetries").and_then(whole_number) {
                Some(given) => u32::try_from(given).unwrap_or(u32::MAX),
                None => default.max_retries,
            },
            delay: span("retryDelayInMs").unwrap_or(default.delay),
            max_delay: span("maxRetryDelayInMs").unwrap_or(default.max_delay),
        },
        request_timeout: span("requestTimeout").unwrap_or(Config::DEFAULT_REQUEST_TIMEOUT),
        os: text("os").to_owned(),
    })
}

/// What is wrong with an argument.
fn named(name: &str, why: &str) -> String {
    let mut text = String::new();
    for part in ["`", name, "` ", why] {
        text.push_str(part);
    }
    text
}

/// Which method was called.
pub(super) const fn purpose(number: u8) -> Purpose {
    match number {
        0 => Purpose::GetToken,
        1 => Purpose::Authenticate,
        2 => Purpose::RemoveAccount,
        3 => Purpose::InitiateDeviceFlow,
        4 => Purpose::GetAccounts,
        5 => Purpose::AcquireTokenByDeviceFlow { once: false },
        _ => Purpose::AcquireTokenByDeviceFlow { once: true },
    }
}

/// What a caller wants.
pub(super) fn ask(
    config: &Config,
    purpose: Purpose,
    scopes: &str,
    options: AskOptions,
    flow: Option<&str>,
) -> Result<Ask, Error> {
    let scopes = match Scopes::new([scopes]) {
        Ok(scopes) => Some(scopes),
        Err(why) if purpose == Purpose::GetToken => return Err(wrong("scopes", why)),
        Err(_) => None,
    };
    let mut ask = Ask::new(config, purpose, scopes, options)?;
    if let Some(flow) = flow {
        let flow = Object::parse(flow).unwrap_or_default();
        let flow = DeviceFlow::read(flow, config).map_err(|why| wrong("flow", &why))?;
        ask.flow = Some(Rc::new(flow));
    }
    Ok(ask)
}

fn wrong(name: &str, why: &str) -> Error {
    Error::InvalidArgument(named(name, why))
}

/// Which item of a store.
pub(super) fn item(account: Option<&str>) -> Item<'_> {
    account.map_or(Item::Whole, Item::Account)
}

/// A span.
pub(super) fn milliseconds(value: f64) -> Span {
    Span::from_millis(whole(value))
}

/// Times are whole and not negative; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) const fn whole(value: f64) -> u64 {
    value as u64
}
