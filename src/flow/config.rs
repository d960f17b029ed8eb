//! What a credential was constructed with.

use crate::error::Error;
use crate::protocol::authority::{Authority, Endpoints, Tenant};
use crate::protocol::scope::RESERVED;
use crate::record::AuthenticationRecord;
use std::rc::Rc;
use std::time::Duration;

/// The options of a credential, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The application users sign in to.
    pub client_id: String,
    /// Where they sign in.
    pub authority: Rc<Authority>,
    /// Which tenant they sign in to.
    pub tenant: Tenant,
    /// How long to wait for the user; the code's life, if that is shorter or nothing is given.
    pub timeout: Option<Duration>,
    /// Who signed in earlier.
    pub record: Option<AuthenticationRecord>,
    /// Without a record, take the account that is stored, if there is one.
    pub use_stored_account: bool,
    /// Never begin an interaction by itself.
    pub disable_automatic_authentication: bool,
    /// Never ask Microsoft about the authority.
    pub disable_instance_discovery: bool,
    /// What is asked for beside the scopes of a call.
    pub reserved_scopes: String,
    /// Other tenants a call may name; `*` is any.
    pub additionally_allowed_tenants: Vec<String>,
    /// How caches are stored, if they are.
    pub persistence: Option<Persistence>,
    /// Whether log lines may name accounts.
    pub support_logging: bool,
    /// How failed requests are repeated.
    pub retry: Retry,
    /// How long one request may take.
    pub request_timeout: Duration,
    /// What is sent as `x-client-os`.
    pub os: String,
}

/// How a store keeps the caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Each in one item.
    Whole,
    /// One item an account.
    Partitioned,
}

/// How requests besides polls are repeated when the network or the service fails.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// How often at most, besides the first time.
    pub max_retries: u32,
    /// How long to wait before the first repetition; then twice that, and so on.
    pub delay: Duration,
    /// The longest such wait.
    pub max_delay: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_retries: 3,
            delay: Duration::from_millis(800),
            max_delay: Duration::from_secs(64),
        }
    }
}

impl Config {
    /// The default application: Azure's development tools.
    pub const DEFAULT_CLIENT_ID: &'static str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
    /// The default tenant: any work or school account.
    pub const DEFAULT_TENANT: &'static str = "organizations";
    /// How long one request may take unless told otherwise.
    pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

    /// With the defaults for all else. Nothing is stored, and what is sent as `x-client-os` is `unknown`.
    #[must_use]
    pub fn new(client_id: String, authority: Authority, tenant: Tenant) -> Self {
        Self {
            client_id,
            authority: Rc::new(authority),
            tenant,
            timeout: None,
            record: None,
            use_stored_account: false,
            disable_automatic_authentication: false,
            disable_instance_discovery: false,
            reserved_scopes: RESERVED.to_owned(),
            additionally_allowed_tenants: Vec::new(),
            persistence: None,
            support_logging: false,
            retry: Retry::default(),
            request_timeout: Self::DEFAULT_REQUEST_TIMEOUT,
            os: "unknown".to_owned(),
        }
    }

    /// Which tenant a call is for, where the environment may have `disabled` that it names another than ours.
    ///
    /// # Errors
    /// The tenant is malformed, or the credential may not get tokens for it.
    pub fn resolve_tenant(&self, asked: Option<&str>, disabled: bool) -> Result<Tenant, Error> {
        let Some(asked) = asked else {
            return Ok(self.tenant.clone());
        };
        let tenant = Tenant::parse(asked).map_err(|why| Error::InvalidArgument(format!("`tenantId` {why}")))?;
        if tenant == self.tenant || self.tenant.is_adfs() || disabled {
            return Ok(self.tenant.clone());
        }
        let allowed = &self.additionally_allowed_tenants;
        let listed = allowed.iter().any(|other| other == "*" || other == asked);
        let free = allowed.is_empty() && self.tenant.as_str() == Self::DEFAULT_TENANT;
        if listed || free {
            return Ok(tenant);
        }
        Err(Error::authentication(format!(
            "The credential is not configured to acquire tokens for tenant {asked}. Add it to `additionallyAllowedTenants`, or add \"*\" to allow any tenant."
        )))
    }

    /// The endpoints of a tenant, if they are built in.
    #[must_use]
    pub fn built_in(&self, authority: &Authority, tenant: &Tenant) -> Option<Endpoints> {
        let mut endpoints = authority.built_in(tenant)?;
        if self.disable_instance_discovery {
            endpoints.aliases.clear();
        }
        Some(endpoints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(tenant: &str, allowed: &[&str]) -> Config {
        let authority = Authority::parse("login.microsoftonline.com").unwrap();
        Config {
            additionally_allowed_tenants: allowed.iter().map(|&t| t.into()).collect(),
            ..Config::new("client".into(), authority, Tenant::parse(tenant).unwrap())
        }
    }

    #[test]
    fn tenants_are_resolved_as_azure_identity_does() {
        let resolve = |config: &Config, asked| config.resolve_tenant(asked, false).map(|t| t.as_str().to_owned());
        assert_eq!(resolve(&config("t", &[]), None).unwrap(), "t");
        assert_eq!(resolve(&config("t", &[]), Some("t")).unwrap(), "t");
        assert_eq!(resolve(&config("t", &["u"]), Some("u")).unwrap(), "u");
        assert_eq!(resolve(&config("t", &["*"]), Some("v")).unwrap(), "v");
        assert_eq!(resolve(&config("organizations", &[]), Some("v")).unwrap(), "v");
        assert_eq!(resolve(&config("adfs", &[]), Some("v")).unwrap(), "adfs");
        assert!(matches!(
            resolve(&config("t", &[]), Some("v")),
            Err(Error::Authentication(_))
        ));
        assert!(matches!(
            resolve(&config("organizations", &["u"]), Some("v")),
            Err(Error::Authentication(_))
        ));
        assert!(matches!(
            resolve(&config("t", &["*"]), Some("a b")),
            Err(Error::InvalidArgument(_))
        ));
        let disabled = config("t", &["*"]).resolve_tenant(Some("v"), true);
        assert_eq!(disabled.unwrap().as_str(), "t");
    }
}
