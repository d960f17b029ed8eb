//! What the machines of one credential share.

use crate::prelude::*;

use crate::cache::TokenCache;
use crate::cache::store::{CachedToken, Owner};
use crate::flow::ask::{Ask, Purpose};
use crate::flow::config::Config;
use crate::flow::step::Resource;
use crate::protocol::authority::{Authority, Endpoints, Tenant};
use crate::protocol::http::Request;
use crate::record::AuthenticationRecord;
use crate::time::Now;
use alloc::rc::Rc;

/// The state of a credential besides its work in progress.
#[derive(Debug)]
pub struct Context {
    /// What it was constructed with.
    pub config: Rc<Config>,
    /// Who signed in, if anybody did.
    pub account: Option<Account>,
    /// Who signed out last, by id: what a renewal brings that was under way then must not sign them in again.
    pub(super) signed_out: Option<String>,
    /// The cache of sessions without and with Continuous Access Evaluation.
    caches: [TokenCache; 2],
    /// Endpoints that were discovered.
    discovered: Vec<(Rc<Authority>, Tenant, Rc<Endpoints>)>,
    /// What work other than the one at hand holds.
    pub(super) held: Vec<Resource>,
    /// What there is to log.
    pub(super) log: Vec<(Level, String)>,
}

/// How important a log line is; the names are those of `@azure/logger`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something was lost or went wrong without an error that says so.
    Warning,
    /// What happened.
    Info,
    /// What happened, in detail. May name accounts; only with `enableSupportLogging`.
    Verbose,
}

/// Who signed in, as far as the server told.
#[derive(Clone, Debug)]
pub struct Account {
    /// `{uid}.{utid}` or the subject.
    pub home_account_id: Option<String>,
    /// The name, by which MSAL looks the account up.
    pub username: Option<String>,
}

impl Account {
    /// The account of a record.
    #[must_use]
    pub fn of_record(record: &AuthenticationRecord) -> Self {
        Self {
            home_account_id: Some(record.home_account_id.clone()),
            username: Some(record.username.clone()),
        }
    }

    /// The account's rows at a host.
    #[must_use]
    pub fn at<'a>(&'a self, environment: &'a str) -> Owner<'a> {
        Owner {
            home_account_id: self.home_account_id.as_deref().unwrap_or_default(),
            environment,
        }
    }
}

impl Context {
    pub(super) fn new(config: Config) -> Self {
        let mut caches = [TokenCache::default(), TokenCache::default()];
        if config.persistence.is_some() {
            caches.iter_mut().for_each(TokenCache::keep_journal);
        }
        Self {
            account: config.record.as_ref().map(Account::of_record),
            signed_out: None,
            caches,
            discovered: Vec::new(),
            held: Vec::new(),
            log: Vec::new(),
            config: Rc::new(config),
        }
    }

    /// The cache of one kind of session.
    pub fn cache(&mut self, enable_cae: bool) -> &mut TokenCache {
        let [plain, cae] = &mut self.caches;
        if enable_cae { cae } else { plain }
    }

    /// The id of the account, if anybody signed in whom the server named.
    pub(super) fn home_account_id(&self) -> Option<&str> {
        self.account.as_ref()?.home_account_id.as_deref()
    }

    /// The endpoints of a tenant, if they are known.
    pub(super) fn endpoints(&self, authority: &Authority, tenant: &Tenant) -> Option<Rc<Endpoints>> {
        self.config.built_in(authority, tenant).map(Rc::new).or_else(|| {
            let mut known = self.discovered.iter();
            let found = known.find(|(host, whose, _)| **host == *authority && whose == tenant);
            found.map(|(_, _, endpoints)| Rc::clone(endpoints))
        })
    }

    /// The hosts where an account's rows may be: the configured one, and its aliases as far as they are known.
    pub(super) fn hosts(&self, tenant: &Tenant) -> Vec<String> {
        let mut hosts = vec![self.config.authority.host().to_owned()];
        if let Some(endpoints) = self.endpoints(&self.config.authority, tenant) {
            hosts.extend_from_slice(&endpoints.aliases);
        }
        hosts
    }

    pub(super) fn discovered(&mut self, authority: Rc<Authority>, tenant: &Tenant, endpoints: Endpoints) {
        self.discovered.push((authority, tenant.clone(), Rc::new(endpoints)));
    }

    /// The cached token for a call, if it needs nobody's help: not expiring, not past `refresh_on`, at the configured
    /// host.
    pub(super) fn fresh_token(&mut self, ask: &Ask, now: Now) -> Option<CachedToken> {
        use crate::cache::store::Freshness;
        let scopes = ask
            .scopes
            .as_ref()
            .filter(|_| ask.claims.is_none() && ask.purpose == Purpose::GetToken)?;
        let endpoints = self.endpoints(&self.config.authority, &ask.tenant)?;
        let account = self.account.clone()?;
        let config = Rc::clone(&self.config);
        let owner = account.at(&endpoints.environment);
        let cache = self.cache(ask.enable_cae);
        let known = account.home_account_id.is_none() || cache.has_account(owner, account.username.as_deref());
        let token = cache.access_token(owner, &config.client_id, &endpoints.realm, &scopes.wanted(), now.wall)?;
        (known && token.life.freshness(now.wall) == Some(Freshness::Fresh)).then_some(token)
    }

    /// A request with the header fields every request carries.
    pub(super) fn with_headers(&self, mut request: Request, correlation_id: &str) -> Request {
        request.headers.extend([
            ("accept", "application/json".to_owned()),
            ("client-request-id", correlation_id.to_owned()),
            ("x-client-sku", "entra-device-code".to_owned()),
            ("x-client-ver", env!("CARGO_PKG_VERSION").to_owned()),
            ("x-client-os", self.config.os.clone()),
            ("x-ms-lib-capability", "retry-after, h429".to_owned()),
        ]);
        request
    }

    /// Whether other work holds a resource.
    pub(super) fn is_held(&self, resource: &Resource) -> bool {
        self.held.contains(resource)
    }

    pub(super) fn log(&mut self, level: Level, line: impl Into<String>) {
        self.log.push((level, line.into()));
    }
}
