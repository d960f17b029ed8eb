//! What a caller asks for, checked.

use crate::error::{Error, Failure, Required};
use crate::flow::config::Config;
use crate::flow::standing::DeviceFlow;
use crate::protocol::authority::Tenant;
use crate::protocol::claims;
use crate::protocol::scope::Scopes;
use crate::record::AuthenticationRecord;
use std::rc::Rc;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Get a token, silently if possible.
    GetToken,
    /// Sign a user in: always with a challenge.
    Authenticate,
    /// Forget the account.
    RemoveAccount,
    /// Begin a device flow that somebody goes on with later.
    InitiateDeviceFlow,
    /// Go on with a device flow.
    AcquireTokenByDeviceFlow {
        /// With one poll only.
        once: bool,
    },
    /// Say which accounts the cache keeps tokens of.
    GetAccounts,
}

impl Purpose {
    /// Whether it is about a flow that outlives its process.
    pub(super) const fn is_of_flow(self) -> bool {
        matches!(self, Self::InitiateDeviceFlow | Self::AcquireTokenByDeviceFlow { .. })
    }
}

/// One call's wish. Callers whose wishes are equal share the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What to do.
    pub purpose: Purpose,
    /// What for.
    pub scopes: Option<Scopes>,
    /// A claims challenge.
    pub claims: Option<String>,
    /// In which tenant.
    pub tenant: Tenant,
    /// The tenant the caller named.
    pub tenant_id: Option<String>,
    /// With Continuous Access Evaluation.
    pub enable_cae: bool,
    /// The flow to go on with.
    pub flow: Option<Rc<DeviceFlow>>,
    /// Whom to sign out.
    pub record: Option<AuthenticationRecord>,
}

/// The options of a call as they come.
#[derive(Clone, Debug, Default)]
pub struct AskOptions {
    /// A claims challenge; an empty one is none.
    pub claims: Option<String>,
    /// The tenant; an empty one is none.
    pub tenant_id: Option<String>,
    /// With Continuous Access Evaluation.
    pub enable_cae: bool,
    /// The environment forbids to name other tenants (`AZURE_IDENTITY_DISABLE_MULTITENANTAUTH`).
    pub multi_tenant_disabled: bool,
}

impl Ask {
    /// Checks what a caller of `getToken` or `authenticate` wants.
    ///
    /// # Errors
    /// An argument is wrong, or the tenant isn't allowed.
    pub fn new(config: &Config, purpose: Purpose, scopes: Option<Scopes>, options: AskOptions) -> Result<Self, Error> {
        let claims = options.claims.filter(|claims| !claims.is_empty());
        if let Some(claims) = &claims {
            claims::validate(claims).map_err(|why| Error::InvalidArgument(format!("`claims` {why}")))?;
        }
        let has_tenants = !config.authority.has_metadata();
        let tenant_id = options.tenant_id.filter(|tenant| has_tenants && !tenant.is_empty());
        let scopes = match (scopes, purpose) {
            (None, Purpose::Authenticate) => Some(default_scopes(config)?),
            (scopes, _) => scopes,
        };
        Ok(Self {
            purpose,
            scopes,
            claims,
            tenant: config.resolve_tenant(tenant_id.as_deref(), options.multi_tenant_disabled)?,
            tenant_id,
            enable_cae: options.enable_cae,
            flow: None,
            record: None,
        })
    }

    /// Signs somebody out: whom the record names, or else the credential's own account.
    ///
    /// # Errors
    /// The record is another application's.
    pub fn remove_account(config: &Config, record: Option<AuthenticationRecord>) -> Result<Self, Error> {
        if record
            .as_ref()
            .is_some_and(|record| record.client_id != config.client_id)
        {
            let why = "`record` is of another client: take one of those that `getAccounts` resolves to";
            return Err(Error::InvalidArgument(why.to_owned()));
        }
        let mut ask = Self::new(config, Purpose::RemoveAccount, None, AskOptions::default())?;
        ask.record = record;
        Ok(ask)
    }

    /// What goes over the wire as `scope`.
    #[must_use]
    pub fn wire_scope(&self, config: &Config) -> String {
        let scopes = self.scopes.as_ref();
        scopes.map_or_else(String::new, |scopes| scopes.with_reserved(&config.reserved_scopes))
    }

    /// What goes over the wire as `claims`.
    #[must_use]
    pub fn wire_claims(&self) -> Option<String> {
        if self.enable_cae {
            return Some(claims::with_capability(self.claims.as_deref()));
        }
        self.claims.clone()
    }

    /// That the user must interact for this.
    #[must_use]
    pub fn required(&self, refused: Option<Failure>) -> Error {
        Error::Required(Box::new(Required {
            scopes: self.scopes.clone(),
            claims: self.claims.clone(),
            tenant_id: self.tenant_id.clone(),
            enable_cae: self.enable_cae,
            refused,
        }))
    }
}

/// What `authenticate` asks for if it isn't told: Azure Resource Manager of the configured cloud.
fn default_scopes(config: &Config) -> Result<Scopes, Error> {
    let scope = config.authority.default_scope();
    scope.and_then(|scope| Scopes::new([scope]).ok()).ok_or_else(|| {
        Error::Unavailable(
            "Authenticating in this environment requires a value for `scopes`: the default scope of its cloud is not known.".into(),
        )
    })
}
