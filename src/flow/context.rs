//! What the machines of one credential share.

use crate::cache::store::{CachedToken, Freshness, Owner};
use crate::cache::{TokenCache, UNNAMED};
use crate::error::Error;
use crate::flow::ask::{Ask, Purpose};
use crate::flow::config::Config;
use crate::flow::step::Resource;
use crate::protocol::authority::{Authority, Endpoints, Tenant};
use crate::protocol::http::{Fault, Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::record::AuthenticationRecord;
use crate::time::{Instant, Now, millis};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// For how long a token that still lives is used after renewing it failed, before that is tried again. What azure-identity
/// waits.
const RENEWS_AFTER: Duration = Duration::from_secs(30);

/// The state of a credential besides its work in progress.
#[derive(Debug)]
pub struct Context {
    /// What it was constructed with.
    pub config: Rc<Config>,
    /// Who is signed in, if anybody is.
    pub account: Option<Account>,
    /// Whose credential this is: who is or was signed in last.
    pub(super) own: Option<Account>,
    /// How many have signed in of whom their server said nothing.
    unnamed: u64,
    /// Who has signed out, by id: what a renewal brings that was under way then must not sign them in again.
    pub(super) signed_out: Vec<String>,
    /// Renewing a token that still lives failed: until then, none that still lives is renewed.
    pub(super) renews_from: Option<Instant>,
    /// The cache of sessions without and with Continuous Access Evaluation.
    caches: [TokenCache; 2],
    /// Endpoints that were discovered.
    discovered: Vec<Discovered>,
    /// What work other than the one at hand holds.
    pub(super) held: Vec<Resource>,
    /// What there is to log.
    pub(super) log: VecDeque<(Level, String)>,
}

/// The endpoints of a tenant at a host.
type Discovered = (Rc<Authority>, Tenant, Rc<Endpoints>);

fn find<'a>(discovered: &'a [Discovered], authority: &Authority, tenant: &Tenant) -> Option<&'a Rc<Endpoints>> {
    let mut found = discovered
        .iter()
        .filter(|(host, whose, _)| **host == *authority && whose == tenant);
    found.next().map(|(_, _, endpoints)| endpoints)
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
    /// `{uid}.{utid}` or the subject; of somebody the server said nothing about, an id that nobody else has.
    pub home_account_id: String,
    /// The name, by which MSAL looks the account up.
    pub username: Option<String>,
}

impl Account {
    /// The account of a record.
    #[must_use]
    pub fn of_record(record: &AuthenticationRecord) -> Self {
        Self {
            home_account_id: record.home_account_id.clone(),
            username: Some(record.username.clone()),
        }
    }

    /// Of which nothing is known but its id.
    pub(super) const fn unknown(home_account_id: String) -> Self {
        Self {
            home_account_id,
            username: None,
        }
    }

    /// The account's rows at a host.
    #[must_use]
    pub fn at<'a>(&'a self, environment: &'a str) -> Owner<'a> {
        Owner {
            home_account_id: &self.home_account_id,
            environment,
        }
    }

    /// The id, if the server told it.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        is_name(&self.home_account_id).then_some(&self.home_account_id)
    }
}

/// Whether an id is one that a server tells.
pub(super) fn is_name(id: &str) -> bool {
    !id.is_empty() && !id.starts_with(UNNAMED)
}

impl Context {
    pub(super) fn new(config: Rc<Config>) -> Self {
        let mut caches: [TokenCache; 2] = Default::default();
        if config.persistence.is_some() {
            for cache in &mut caches {
                cache.keep_journal();
            }
        }
        let account = config.record.as_ref().map(Account::of_record);
        Self {
            account: account.clone(),
            own: account,
            unnamed: 0,
            signed_out: Vec::new(),
            renews_from: None,
            caches,
            discovered: Vec::new(),
            held: Vec::new(),
            log: VecDeque::new(),
            config,
        }
    }

    /// The cache of one kind of session.
    pub fn cache(&mut self, enable_cae: bool) -> &mut TokenCache {
        let [plain, cae] = &mut self.caches;
        if enable_cae { cae } else { plain }
    }

    /// The same, and the other one.
    pub(super) fn both_caches(&mut self, enable_cae: bool) -> (&mut TokenCache, &mut TokenCache) {
        let [plain, cae] = &mut self.caches;
        if enable_cae { (cae, plain) } else { (plain, cae) }
    }

    /// From now on, this is who is signed in.
    pub(super) fn sign_in(&mut self, account: Account) {
        self.own = Some(account.clone());
        self.account = Some(account);
    }

    /// An id for somebody of whom the server says nothing: it is nobody else's, and nothing under it is stored.
    pub(super) fn new_unnamed(&mut self) -> String {
        self.unnamed = self.unnamed.saturating_add(1);
        format!("{UNNAMED}{}", self.unnamed)
    }

    /// Forgets an account in both caches. Says whether there was anything to forget.
    pub(super) fn forget(&mut self, account: &Account, tenant: &Tenant) -> bool {
        let mut is_forgotten = false;
        for host in self.hosts(tenant) {
            for cache in &mut self.caches {
                is_forgotten |= cache.remove_account(account.at(&host), &self.config.client_id);
            }
        }
        is_forgotten
    }

    /// The accounts in both caches.
    pub(super) fn accounts(&self, tenant: &Tenant) -> Vec<AuthenticationRecord> {
        let hosts = self.hosts(tenant);
        let mut accounts = Vec::new();
        for cache in &self.caches {
            for host in &hosts {
                cache.add_accounts(&mut accounts, host, &self.config.client_id);
            }
        }
        let mut records = Vec::new();
        for (home_account_id, username) in accounts {
            records.push(self.record(home_account_id.to_owned(), username.to_owned()));
        }
        records
    }

    /// An account as callers get it.
    pub(super) fn record(&self, home_account_id: String, username: String) -> AuthenticationRecord {
        let config = &self.config;
        AuthenticationRecord {
            authority: config.authority.name().to_owned(),
            client_id: config.client_id.clone(),
            home_account_id,
            tenant_id: config.tenant.as_str().to_owned(),
            username,
        }
    }

    /// The endpoints of a tenant, if they are known.
    pub(super) fn endpoints(&self, authority: &Authority, tenant: &Tenant) -> Option<Rc<Endpoints>> {
        let built_in = self.config.built_in(authority, tenant).map(Rc::new);
        built_in.or_else(|| find(&self.discovered, authority, tenant).map(Rc::clone))
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
    /// host. Most calls end here, so nothing of the account or the configuration is copied.
    pub(super) fn fresh_token(&mut self, ask: &Ask, now: Now) -> Option<CachedToken> {
        let token = self.living_token(ask, now)?;
        (token.life.freshness(now.wall) == Some(Freshness::Fresh)).then_some(token)
    }

    /// The same, but it may need to be renewed.
    pub(super) fn living_token(&mut self, ask: &Ask, now: Now) -> Option<CachedToken> {
        let scopes = ask.scopes.as_ref()?;
        if ask.purpose != Purpose::GetToken || ask.claims.is_some() {
            return None;
        }
        let Self {
            config,
            account,
            caches: [plain, cae],
            discovered,
            ..
        } = self;
        let account = account.as_ref()?;
        let found = find(discovered, &config.authority, &ask.tenant);
        let realm = found.map_or_else(
            || config.authority.likely_realm(&ask.tenant),
            |endpoints| &endpoints.realm,
        );
        let owner = account.at(config.authority.host());
        let cache = if ask.enable_cae { cae } else { plain };
        let token = cache.access_token(owner, &config.client_id, realm, &scopes.wanted(), now.wall)?;
        let is_known = account.named().is_none() || cache.has_account(owner, account.username.as_deref());
        is_known.then_some(token)
    }

    /// A request with the header fields every request carries.
    pub(super) fn with_headers(&self, mut request: Request, correlation_id: &str) -> Request {
        for (name, value) in [
            ("accept", "application/json"),
            ("client-request-id", correlation_id),
            ("x-client-sku", "entra-device-code"),
            ("x-client-ver", env!("CARGO_PKG_VERSION")),
            ("x-client-os", &self.config.os),
            ("x-ms-lib-capability", "retry-after, h429"),
        ] {
            request.add_header(name, value.to_owned());
        }
        request
    }

    /// Drops both caches.
    pub(super) fn forget_tokens(&mut self) {
        for cache in &mut self.caches {
            *cache = TokenCache::default();
        }
    }

    /// Renewing a token failed, and the one that still lives is used.
    pub(super) fn renewal_failed(&mut self, now: Now) {
        self.renews_from = Some(now.monotonic.after(RENEWS_AFTER));
    }

    /// Whether other work holds a resource.
    pub(super) fn is_held(&self, resource: &Resource) -> bool {
        self.held.contains(resource)
    }

    /// How a request went, for whoever supports the program. Without its query and form: there the secrets are.
    pub(super) fn log_reply(&mut self, request: &Request, replied: &Result<Reply, Fault>, took: Duration) {
        if !self.config.support_logging {
            return;
        }
        let method = if request.form.is_some() { "POST" } else { "GET" };
        let (url, _) = request.url.split_once('?').unwrap_or((&request.url, ""));
        let took = millis(took);
        let how = match replied {
            Ok(reply) => match OAuthError::read(reply, request) {
                Some(error) => format!("{} {}", reply.status, error.error),
                None => format!("{}", reply.status),
            },
            Err(fault) => request.redact(&fault.text(request)),
        };
        let id = request.headers.iter().find(|(name, _)| *name == "client-request-id");
        let id = id.map(|(_, id)| id.as_str()).unwrap_or_default();
        self.log(
            Level::Verbose,
            format!("{method} {url}: {how} in {took} ms, correlation id {id}"),
        );
    }

    /// That the next poll, or the next try, is not due yet.
    pub(super) fn log_wait(&mut self, wait: Duration) {
        if self.config.support_logging {
            let line = format!("the next request is due in {} ms", millis(wait));
            self.log(Level::Verbose, line);
        }
    }

    /// Why a call fails, unless its caller gave up.
    pub(super) fn log_failure(&mut self, error: &Error) {
        if self.config.support_logging {
            let why = match error {
                Error::InvalidArgument(why) | Error::Unavailable(why) => why,
                Error::Authentication(failure) => &failure.message,
                Error::Required(_) => "the user must sign in",
                Error::Aborted => return,
            };
            self.log(Level::Verbose, format!("a call failed: {why}"));
        }
    }

    pub(super) fn log(&mut self, level: Level, line: impl Into<String>) {
        self.log.push_back((level, line.into()));
    }
}
