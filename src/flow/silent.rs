//! Getting a token without the user: from the cache, or with a refresh token. As MSAL for Python does it.
//!
//! The configured host is tried first, then its aliases, as far as they have refresh tokens of the account. At each
//! host: an access token from the cache; else the refresh tokens of the application's family, if it is of one, then its
//! own. An application that has never got a token at this host tries family tokens to find out.

use crate::prelude::*;

use crate::cache::store::{CachedRefreshToken, CachedToken, FAMILY, Freshness, Whose};
use crate::error::{Error, Failure};
use crate::flow::ask::Ask;
use crate::flow::context::{Account, Context};
use crate::protocol::authority::{Authority, Endpoints};
use crate::protocol::http::Request;
use crate::protocol::scope::Scopes;
use crate::protocol::token::refresh_request;
use crate::time::Now;
use alloc::rc::Rc;

/// How far the silent attempt has come.
#[derive(Debug)]
pub(super) struct Silent {
    account: Account,
    /// The hosts still to try, the last one first; it is at work. Filled once the aliases of the first are known.
    hosts: Option<Vec<Rc<Authority>>>,
    /// The attempts left at the host at work, the next one last, once they have been looked up.
    attempts: Option<Vec<Attempt>>,
    /// A token to fall back to.
    fallback: Option<(Freshness, CachedToken)>,
    /// What the server said when it refused at the host at work, and before that.
    refused: Option<Failure>,
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
    /// The user must interact.
    Interact(Option<Failure>),
}

impl Silent {
    /// Nothing if no account is known.
    pub(super) fn start(ctx: &Context) -> Option<Self> {
        Some(Self {
            account: ctx.account.clone()?,
            hosts: None,
            attempts: None,
            fallback: None,
            refused: None,
        })
    }

    pub(super) fn decide(&mut self, ctx: &mut Context, ask: &Ask, scopes: &Scopes, now: Now) -> Decision {
        if self.hosts.is_none() {
            let authority = Rc::clone(&ctx.config.authority);
            let Some(endpoints) = ctx.endpoints(&authority, &ask.tenant) else {
                return Decision::Discover(authority);
            };
            if !self.is_cached(ctx, ask, &endpoints) {
                return Decision::Interact(None);
            }
            let aliases = endpoints.aliases.iter().filter(|alias| {
                let owner = self.account.at(alias);
                ctx.cache(ask.enable_cae).has_refresh_token_at(owner)
            });
            let mut hosts: Vec<Rc<Authority>> = aliases.map(|alias| Rc::new(authority.of_alias(alias))).collect();
            hosts.reverse();
            hosts.push(authority);
            self.hosts = Some(hosts);
        }
        loop {
            let Some(host) = self.hosts.as_ref().and_then(|hosts| hosts.last()).cloned() else {
                return Decision::Interact(self.refused.take());
            };
            let Some(endpoints) = ctx.endpoints(&host, &ask.tenant) else {
                return Decision::Discover(host);
            };
            if self.attempts.is_none()
                && let Some(token) = self.look_up(ctx, ask, scopes, &endpoints, now)
            {
                return Decision::Token(token);
            }
            if let Some(attempt) = self.attempts.as_mut().and_then(Vec::pop) {
                return Decision::Spend(Box::new(attempt), endpoints);
            }
            if let Some((Freshness::Aging, token)) = &self.fallback {
                return Decision::Token(token.clone());
            }
            self.attempts = None;
            if let Some(hosts) = &mut self.hosts {
                hosts.pop();
            }
        }
    }

    /// Whether the cache knows the account, under the configured host or one of its aliases. An account the server told
    /// nothing about has no row of its own.
    fn is_cached(&self, ctx: &mut Context, ask: &Ask, endpoints: &Endpoints) -> bool {
        if self.account.home_account_id.is_none() {
            return true;
        }
        let cache = ctx.cache(ask.enable_cae);
        let username = self.account.username.as_deref();
        let mut hosts = core::iter::once(&endpoints.environment).chain(&endpoints.aliases);
        hosts.any(|host| cache.has_account(self.account.at(host), username))
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
        let config = Rc::clone(&ctx.config);
        let client_id = config.client_id.as_str();
        let cache = ctx.cache(ask.enable_cae);
        let owner = self.account.at(&endpoints.environment);
        if ask.claims.is_none() {
            let token = cache.access_token(owner, client_id, &endpoints.realm, &scopes.wanted(), now.wall);
            match token.map(|token| (token.life.freshness(now.wall), token)) {
                Some((Some(Freshness::Fresh), token)) => return Some(token),
                Some((Some(freshness), token)) => self.fallback = Some((freshness, token)),
                _ => {}
            }
        }
        let family = cache.family_of(&endpoints.environment, client_id);
        let mut attempts = Vec::new();
        let mut add = |whose, stage| {
            let tokens = cache.refresh_tokens(owner, whose);
            attempts.extend(tokens.into_iter().map(|token| Attempt { token, stage }));
        };
        match family.as_deref() {
            None => add(Whose::Family(FAMILY), Stage::Trial),
            Some("") => {}
            Some(family) => add(Whose::Family(family), Stage::Family),
        }
        add(Whose::Client(client_id), Stage::Own);
        attempts.reverse();
        self.attempts = Some(attempts);
        None
    }

    /// The request that spends a refresh token. `X-AnchorMailbox` routes it to where the account lives.
    pub(super) fn request(
        &self,
        ctx: &Context,
        ask: &Ask,
        scopes: &Scopes,
        attempt: &Attempt,
        endpoints: &Endpoints,
        correlation_id: &str,
    ) -> Request {
        let claims = ask.wire_claims();
        let request = refresh_request(
            &endpoints.token,
            &ctx.config.client_id,
            &attempt.token.secret,
            &scopes.with_reserved(),
            claims.as_deref(),
        );
        let mut request = ctx.with_headers(request, correlation_id);
        if let Some(id) = &self.account.home_account_id {
            let mut mailbox = "Oid:".to_owned();
            for c in id.chars() {
                mailbox.push(if c == '.' { '@' } else { c });
            }
            request.headers.push(("x-anchormailbox", mailbox));
        }
        request
    }

    /// The account the refresh token is of.
    pub(super) const fn account(&self) -> &Account {
        &self.account
    }

    /// Its id.
    pub(super) fn home_account_id(&self) -> Option<&str> {
        self.account.home_account_id.as_deref()
    }

    /// The server refused a refresh token.
    pub(super) fn refused(&mut self, attempt: &Attempt, failure: Failure) {
        if attempt.stage == Stage::Trial {
            let mismatch = failure
                .response
                .as_ref()
                .is_some_and(|response| response.client_mismatch);
            if let (true, Some(attempts)) = (mismatch, &mut self.attempts) {
                attempts.retain(|other| other.stage != Stage::Trial);
            }
            return;
        }
        self.refused = Some(failure);
    }

    /// The service can't be reached: whatever has life left, after all the retries, is better than an error.
    pub(super) fn unreachable(self, error: Error, now: Now) -> Result<CachedToken, Error> {
        let token = self.fallback.map(|(_, token)| token);
        token
            .filter(|token| token.life.freshness(now.wall).is_some())
            .ok_or(error)
    }

    /// Somebody else may have renewed meanwhile: look again.
    pub(super) fn look_again(&mut self) {
        self.attempts = None;
    }
}
