//! A device flow as a value that outlives its process: what one process began with a device authorization request, another
//! goes on with.

use crate::error::Error;
use crate::flow::ask::{Ask, AskOptions, Purpose};
use crate::flow::config::Config;
use crate::flow::event::Prompt;
pub use crate::flow::standing::DeviceFlow;
use crate::json::{self, Members, Ours};
use crate::protocol::scope::Scopes;
use crate::secret::Secret;
use crate::text;
use crate::time::Timestamp;
use serde_json::value::RawValue;
use std::rc::Rc;
use std::time::Duration;

/// The one version of the stored form there is.
const VERSION: &str = "1";

/// JavaScript's numbers are whole up to this.
const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// A flow as the caller keeps it, in JSON: what to show, how it stands, what was asked for, and for whom. Whatever else it has
/// stays with it.
#[derive(Clone, Debug)]
pub struct KeptFlow {
    json: Secret,
    asked: Rc<Asked>,
    flow: Rc<DeviceFlow>,
}

/// The members that say what for.
#[derive(Debug)]
struct Asked {
    requested_tenant_id: Option<String>,
    scopes: Vec<String>,
    claims: Option<String>,
    enable_cae: bool,
    correlation_id: String,
}

impl KeptFlow {
    /// The flow that begins with what a call resulted in: `scopes` are those the caller named, as they were named.
    #[must_use]
    pub fn begun(
        flow: &DeviceFlow,
        prompt: &Prompt,
        ask: &Ask,
        scopes: &[String],
        correlation_id: &str,
        config: &Config,
    ) -> Self {
        let mut members = Members::default();
        members.put_text("userCode", Some(prompt.user_code.as_str()));
        members.put_text("verificationUri", Some(prompt.verification_uri.as_str()));
        members.put_text("verificationUriComplete", prompt.verification_uri_complete.as_deref());
        members.put_text("message", Some(prompt.message.as_str()));
        members.put_text("deviceCode", Some(flow.device_code.expose()));
        members.put_text("authority", Some(config.authority.url()));
        put_standing(&mut members, flow);
        members.put_text("clientId", Some(config.client_id.as_str()));
        let tenant_id = ask.tenant_id.as_deref();
        members.put_text("tenantId", Some(tenant_id.unwrap_or(config.tenant.as_str())));
        members.put_text("requestedTenantId", tenant_id);
        members.put("scopes", Some(Ours::Texts(scopes)));
        members.put_text("claims", ask.claims.as_deref());
        members.put("enableCae", Some(Ours::Truth(ask.enable_cae)));
        members.put_text("correlationId", Some(correlation_id));
        members.put_text("version", Some(VERSION));
        let asked = Asked {
            requested_tenant_id: ask.tenant_id.clone(),
            scopes: scopes.to_vec(),
            claims: ask.claims.clone(),
            enable_cae: ask.enable_cae,
            correlation_id: correlation_id.to_owned(),
        };
        Self::sealed(members, Rc::new(asked), flow)
    }

    /// The same flow after a poll.
    #[must_use]
    pub fn continued(&self, flow: &DeviceFlow) -> Self {
        let mut members = json::members(self.json.expose()).unwrap_or_default();
        put_standing(&mut members, flow);
        Self::sealed(members, Rc::clone(&self.asked), flow)
    }

    /// The flow with the integrity that fits.
    fn sealed(mut members: Members<'_>, asked: Rc<Asked>, flow: &DeviceFlow) -> Self {
        let integrity = checksum(&members);
        members.put_text("integrity", Some(integrity.as_str()));
        Self {
            json: Secret::new(serde_json::to_string(&members).unwrap_or_default()),
            asked,
            flow: Rc::new(flow.clone()),
        }
    }

    /// Reads what was kept of a flow, and checks that it is this credential's to go on with.
    ///
    /// # Errors
    /// Says what is wrong with it, or whose it is.
    pub fn read(json: &str, config: &Config) -> Result<Self, String> {
        let members = json::members(json).unwrap_or_default();
        let text = |name: &str| members.text(name);
        if text("integrity").is_none_or(|integrity| integrity != checksum(&members)) {
            return Err(
                "was changed, or is incomplete: it must be all that `initiateDeviceFlow` resolved to, as it was".into(),
            );
        }
        let said = |name: &str| match members.get(name) {
            Some(value) => text(name).unwrap_or_else(|| text::trim(value.get(), '"').to_owned()),
            None => "undefined".to_owned(),
        };
        if text("version").as_deref() != Some(VERSION) {
            return Err(format!(
                "has the version {}, and this release of the package knows version {VERSION}",
                said("version")
            ));
        }
        let asked = Asked::read(&members).ok_or("has members that `initiateDeviceFlow` would not have given it")?;
        // Whether this credential may get tokens for a tenant that was named is seen when it is asked to.
        let is_named = asked.requested_tenant_id.is_some();
        for (name, ours, is_free) in [
            ("clientId", config.client_id.as_str(), false),
            ("tenantId", config.tenant.as_str(), is_named),
        ] {
            let theirs = said(name);
            if theirs != ours && !is_free {
                return Err(format!(
                    "was begun with the {name} {theirs}, and this credential's is {ours}"
                ));
            }
        }
        let (theirs, ours) = (said("authority"), config.authority.url());
        if theirs != ours {
            return Err(format!("was begun at {theirs}, and this credential is at {ours}"));
        }
        let flow = standing(&members).ok_or("must have all that `initiateDeviceFlow` resolved to")?;
        Ok(Self {
            json: Secret::new(json),
            asked: Rc::new(asked),
            flow: Rc::new(flow),
        })
    }

    /// What the caller keeps, as JSON. It has the device code.
    #[must_use]
    pub fn json(&self) -> &str {
        self.json.expose()
    }

    /// What to ask a credential for to go on with the flow: to its end, or with one poll. The environment may forbid to name
    /// other tenants.
    ///
    /// # Errors
    /// The credential may not get tokens for the tenant that was named.
    pub fn ask(&self, config: &Config, once: bool, multi_tenant_disabled: bool) -> Result<Ask, Error> {
        let purpose = Purpose::AcquireTokenByDeviceFlow { once };
        let options = AskOptions {
            claims: self.asked.claims.clone(),
            tenant_id: self.asked.requested_tenant_id.clone(),
            enable_cae: self.asked.enable_cae,
            multi_tenant_disabled,
        };
        let mut ask = Ask::new(config, purpose, Scopes::new(&self.asked.scopes).ok(), options)?;
        ask.flow = Some(Rc::clone(&self.flow));
        Ok(ask)
    }

    /// What all requests of the flow are sent with, in whatever process.
    #[must_use]
    pub fn correlation_id(&self) -> &str {
        &self.asked.correlation_id
    }
}

impl Asked {
    fn read(members: &Members<'_>) -> Option<Self> {
        let text = |value: &RawValue| json::text(value.get()).filter(|text| !text.trim().is_empty());
        let optional = |name| match members.get(name) {
            Some(value) if value.get() != "null" => text(value).map(Some),
            _ => Some(None),
        };
        let mut scopes = Vec::new();
        for scope in json::items(members.get("scopes")?.get()) {
            scopes.push(text(scope)?);
        }
        if scopes.is_empty() {
            return None;
        }
        Some(Self {
            requested_tenant_id: optional("requestedTenantId")?,
            scopes,
            claims: optional("claims")?,
            enable_cae: match members.get("enableCae")?.get() {
                "true" => true,
                "false" => false,
                _ => return None,
            },
            correlation_id: text(members.get("correlationId")?)?,
        })
    }
}

/// How a flow stands, if it has all members that say so.
fn standing(members: &Members<'_>) -> Option<DeviceFlow> {
    let number = |name| members.whole_number(name);
    Some(DeviceFlow {
        device_code: Secret::new(members.text("deviceCode")?),
        expires_on: Timestamp::from_unix_millis(number("expiresOnTimestamp")?),
        interval: Duration::from_secs(number("interval")?.max(1)),
        backoff: number("backoff").map(Duration::from_secs),
        poll_after: Timestamp::from_unix_millis(number("pollAfterTimestamp")?),
    })
}

/// In whole seconds, rounded up.
fn seconds(span: Duration) -> u64 {
    let started = u64::from(span.subsec_millis() > 0);
    span.as_secs().saturating_add(started).min(LARGEST_NUMBER)
}

/// Writes how a flow stands.
fn put_standing(members: &mut Members<'_>, flow: &DeviceFlow) {
    for (name, number) in [
        ("expiresOnTimestamp", Some(flow.expires_on.as_unix_millis())),
        ("pollAfterTimestamp", Some(flow.poll_after.as_unix_millis())),
        ("interval", Some(seconds(flow.interval))),
        ("backoff", flow.backoff.map(seconds)),
    ] {
        members.put(name, number.map(Ours::Number));
    }
}

/// A checksum of all members, in whatever order they come. Whoever holds a flow holds its device code, and could poll without
/// us: this keeps nobody out. It finds a flow whose parts don't belong together, before anything is sent on its behalf.
///
/// FNV-1a, twice, with different primes, over the UTF-16 of the sorted members' JSON: releases go on with each other's flows.
fn checksum(members: &Members<'_>) -> String {
    let mut text = String::new();
    for (name, value) in members.sorted() {
        if name != "integrity" {
            let name = serde_json::to_string(name).unwrap_or_default();
            text.push_str(if text.is_empty() { "[[" } else { ",[" });
            for part in [&name, ",", value.get(), "]"] {
                text.push_str(part);
            }
        }
    }
    text.push(']');
    let (mut one, mut other) = (0x811c_9dc5_u32, 0xcbf2_9ce4_u32);
    for unit in text.encode_utf16().map(u32::from) {
        one = (one ^ unit).wrapping_mul(0x0100_0193);
        other = (other ^ unit).wrapping_mul(0x85eb_ca6b);
    }
    format!("{one:08x}{other:08x}")
}
