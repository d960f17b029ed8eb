//! Getting a token without the user: from the cache, or with a refresh token. As MSAL for Python does it.
//!
//! The configured host is tried first, then its aliases, as far as they have refresh tokens of the account. At each
//! host: an access token from the cache; else the refresh tokens of the application's family, if it is of one, then its
//! own. An application that has never got a token at this host tries family tokens to find out. If they are no good, another
//! process may have spent them: the store is read again before the user is asked.
//!
//! When that comes to nothing, the refresh tokens of the other cache are tried, at the same hosts. Entra binds a refresh token
//! to the user and the application; only access tokens differ with Continuous Access Evaluation, so only they are kept apart.
//! The successor of such a refresh token stays where that was: each is in one cache only, as servers that rotate them demand.

use crate::cache::store::{CachedRefreshToken, CachedToken, FAMILY, Freshness, Whose};
use crate::error::Failure;
use crate::flow::ask::Ask;
use crate::flow::context::{Account, Context};
use crate::protocol::authority::{Authority, Endpoints};
use crate::protocol::http::Request;
use crate::protocol::scope::Scopes;
use crate::protocol::token::refresh_request;
use crate::secret::Secret;
use crate::time::{Instant, Now};
use std::rc::Rc;
use std::time::Duration;

/// How often the store is read again when a refresh token is no good: at once, and after a while, as whoever spent it may be
/// saving its successor just now. That successor may be spent by yet another process: each that is has the same again, but for
/// the last of so many.
const MOST_REREADS: u32 = 2;
const MOST_OUTRUN: usize = 10;
const REREAD_AFTER: Duration = Duration::from_millis(500);

/// How long a token that still lives waits for its successor: for the store and all requests together, but for the store that
/// this is saved in.
pub(super) const BRIEF: Duration = Duration::from_secs(10);

/// How far the silent attempt has come.
#[derive(Debug)]
pub(super) struct Silent {
    account: Account,
    /// Whether it is at the refresh tokens of the other cache.
    borrows: bool,
    /// The hosts still to try, the last one first; it is at work. Filled once the aliases of the first are known.
    hosts: Option<Vec<Rc<Authority>>>,
    /// The attempts left at the host at work, the next one last, once they have been looked up.
    attempts: Option<Vec<Attempt>>,
    /// A token to fall back to.
    fallback: Option<(Freshness, CachedToken)>,
    /// When that is given at the latest, if it still lives then.
    pub(super) ends: Instant,
    /// What the server said when it refused at the host at work, and before that.
    refused: Option<Failure>,
    /// The refresh tokens that were refused at the host at work.
    unfit: Vec<Secret>,
    /// One of those was no good: another process may have spent it, and stored its successor.
    is_outrun: bool,
    /// How often the store was read again because of the last of those.
    rereads: u32,
    /// The server said that the application is not of the family.
    is_no_relative: bool,
}

/// A refresh token to spend.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) token: CachedRefreshToken,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A family token, to find out whether the application is of the family. Its error says nothing.
    Trial,
    /// A family token.
    Family,
    /// One of the application's own.
    Own,
}

/// What to do next.
#[derive(Debug)]
pub(super) enum Decision {
    Token(CachedToken),
    Discover(Rc<Authority>),
    Spend(Box<Attempt>, Rc<Endpoints>),
    /// Read the store again, after a while.
    Reread(Duration),
    /// Nothing is left to try.
    Nothing,
}

impl Silent {
    /// Nothing if no account is known. `began` is when the call did.
    pub(super) fn start(ctx: &Context, began: Instant) -> Option<Box<Self>> {
        let account = ctx.account.clone()?;
        Some(Box::new(Self {
            account,
            borrows: false,
            hosts: None,
            attempts: None,
            fallback: None,
            ends: began.after(BRIEF),
            refused: None,
            unfit: Vec::new(),
            is_outrun: false,
            rereads: 0,
            is_no_relative: false,
        }))
    }

    pub(super) fn decide(&mut self, ctx: &mut Context, ask: &Ask, scopes: &Scopes, now: Now) -> Decision {
        if self.hosts.is_none() {
            let authority = Rc::clone(&ctx.config.authority);
            let Some(endpoints) = ctx.endpoints(&authority, &ask.tenant) else {
                // A cached token needs no endpoint.
                let place = (authority.host(), authority.likely_realm(&ask.tenant));
                if self.is_cached(ctx, ask, place.0)
                    && let Some(token) = self.cached(ctx, ask, scopes, place, now)
                {
                    return Decision::Token(token);
                }
                return Decision::Discover(authority);
            };
            let mut is_cached = self.is_cached(ctx, ask, &endpoints.environment);
            let mut hosts = Vec::new();
            for alias in endpoints.aliases.iter().rev() {
                is_cached |= self.is_cached(ctx, ask, alias);
                let cache = ctx.cache(ask.enable_cae != self.borrows);
                if cache.has_refresh_token_at(self.account.at(alias)) {
                    hosts.push(Rc::new(authority.of_alias(alias)));
                }
            }
            if !is_cached {
                return Decision::Nothing;
            }
            hosts.push(authority);
            self.hosts = Some(hosts);
        }
        loop {
            let Some(host) = self.hosts.as_ref().and_then(|hosts| hosts.last()).cloned() else {
                return Decision::Nothing;
            };
            let Some(endpoints) = ctx.endpoints(&host, &ask.tenant) else {
                return Decision::Discover(host);
            };
            if self.attempts.is_none()
                && let Some(token) = self.look_up(ctx, ask, scopes, &endpoints, now)
            {
                return Decision::Token(token);
            }
            while let Some(attempt) = self.attempts.as_mut().and_then(Vec::pop) {
                if !(self.is_no_relative && attempt.stage == Stage::Trial) {
                    return Decision::Spend(Box::new(attempt), endpoints);
                }
            }
            if let Some((Freshness::Aging, token)) = &self.fallback {
                ctx.renewal_failed(now);
                return Decision::Token(token.clone());
            }
            self.attempts = None;
            if self.is_outrun && ctx.config.persistence.is_some() && self.rereads < MOST_REREADS {
                let wait = REREAD_AFTER.saturating_mul(self.rereads);
                self.rereads = self.rereads.saturating_add(1);
                return Decision::Reread(wait);
            }
            self.unfit.clear();
            self.is_outrun = false;
            self.is_no_relative = false;
            if let Some(hosts) = &mut self.hosts {
                hosts.pop();
            }
        }
    }

    /// Whether the cache knows the account at a host. An account the server told nothing about has no row of its own.
    fn is_cached(&self, ctx: &mut Context, ask: &Ask, host: &str) -> bool {
        let cache = ctx.cache(ask.enable_cae != self.borrows);
        let username = self.account.username.as_deref();
        self.account.named().is_none() || cache.has_account(self.account.at(host), username)
    }

    /// A token that is good as it is. Another that lives is kept to fall back to.
    fn cached(
        &mut self,
        ctx: &mut Context,
        ask: &Ask,
        scopes: &Scopes,
        (environment, realm): (&str, &str),
        now: Now,
    ) -> Option<CachedToken> {
        let config = Rc::clone(&ctx.config);
        let rests = ctx.renews_from.is_some_and(|from| now.monotonic < from);
        let cache = ctx.cache(ask.enable_cae);
        let owner = self.account.at(environment);
        if ask.claims.is_some() || self.borrows {
            return None;
        }
        let token = cache.access_token(owner, &config.client_id, realm, &scopes.wanted(), now.wall)?;
        match token.life.freshness(now.wall)? {
            Freshness::Fresh => return Some(token),
            _ if rests => return Some(token),
            freshness => self.fallback = Some((freshness, token)),
        }
        None
    }

    /// Looks into the cache: a token that is good as it is, or the attempts to make and what to fall back to.
    fn look_up(
        &mut self,
        ctx: &mut Context,
        ask: &Ask,
        scopes: &Scopes,
        endpoints: &Endpoints,
        now: Now,
    ) -> Option<CachedToken> {
        let place = (endpoints.environment.as_str(), endpoints.realm.as_str());
        let token = self.cached(ctx, ask, scopes, place, now);
        if token.is_some() {
            return token;
        }
        let config = Rc::clone(&ctx.config);
        let client_id = config.client_id.as_str();
        let cache = ctx.cache(ask.enable_cae != self.borrows);
        let owner = self.account.at(&endpoints.environment);
        let family = cache.family_of(&endpoints.environment, client_id);
        let mut attempts = Vec::new();
        let mut add = |whose, stage| {
            let mut tokens = cache.refresh_tokens(owner, whose);
            while let Some(token) = tokens.pop() {
                if !self.unfit.contains(&token.secret) {
                    attempts.push(Attempt { token, stage });
                }
            }
        };
        add(Whose::Client(client_id), Stage::Own);
        match family {
            None => add(Whose::Family(FAMILY), Stage::Trial),
            Some("") => {}
            Some(family) => add(Whose::Family(family), Stage::Family),
        }
        self.attempts = Some(attempts);
        None
    }

    /// The request that spends a refresh token. `X-AnchorMailbox` routes it to where the account lives.
    pub(super) fn request(
        &self,
        ctx: &Context,
        ask: &Ask,
        attempt: &Attempt,
        endpoints: &Endpoints,
        correlation_id: &str,
    ) -> Request {
        let claims = ask.wire_claims();
        let request = refresh_request(
            &endpoints.token,
            &ctx.config.client_id,
            &attempt.token.secret,
            &ask.wire_scope(&ctx.config),
            claims.as_deref(),
        );
        let mut request = ctx.with_headers(request, correlation_id);
        if let Some(id) = self.account.named() {
            request.add_header("x-anchormailbox", format!("Oid:{}", id.replace('.', "@")));
        }
        request
    }

    /// The account the refresh token is of.
    pub(super) const fn account(&self) -> &Account {
        &self.account
    }

    /// Whether the refresh token is the other cache's.
    pub(super) const fn borrows(&self) -> bool {
        self.borrows
    }

    /// Tries the other cache, if that wasn't tried yet.
    pub(super) fn borrow(&mut self) -> bool {
        self.hosts = None;
        self.rereads = 0;
        !std::mem::replace(&mut self.borrows, true)
    }

    /// What the server said when it refused.
    pub(super) fn into_refused(self) -> Option<Failure> {
        self.refused
    }

    /// The server refused a refresh token.
    pub(super) fn refused(&mut self, attempt: &Attempt, failure: Failure) {
        let response = failure.response.as_ref();
        self.unfit.push(attempt.token.secret.clone());
        if attempt.stage == Stage::Trial {
            self.is_no_relative |= response.is_some_and(|response| response.client_mismatch);
            return;
        }
        if response.is_some_and(|response| response.error == "invalid_grant") {
            self.is_outrun = true;
            if self.unfit.len() <= MOST_OUTRUN {
                self.rereads = 0;
            }
        }
        self.refused = Some(failure);
    }

    /// The token to fall back to, if it lives for longer than that.
    pub(super) fn fallback(&self, longer_than: Duration, now: Now) -> Option<&CachedToken> {
        let (_, token) = self.fallback.as_ref()?;
        (now.wall.until(token.life.expires_on) > longer_than).then_some(token)
    }

    /// For how long its successor is waited for yet.
    pub(super) const fn patience(&self, now: Now) -> Duration {
        now.monotonic.until(self.ends)
    }

    /// Somebody else may have renewed meanwhile: look again.
    pub(super) fn look_again(&mut self) {
        self.attempts = None;
    }
}
