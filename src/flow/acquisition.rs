//! One piece of work from beginning to end: what a caller of a method of the credential waits for.
//!
//! | state | what it waits for | next |
//! |---|---|---|
//! | loading | the persistent cache | silent, or interactive |
//! | in line | somebody else's prompt, discovery, or refresh | where it stood: it looks again |
//! | discovering | the endpoints of a host | silent, or interactive |
//! | refreshing | the reply to a refresh token | a token → saving; an OAuth error → the next token, or interactive; no reply → **failed**, or a token that still lives |
//! | requesting a code | the device authorization | polling, with a prompt; **done**, if somebody else is to go on |
//! | polling | the user | a token → saving; else **failed**; **done** after one poll, if somebody else is to go on |
//! | saving | the persistent cache | **done** |
//!
//! `getToken` goes through silent first if an account is known; `authenticate` never does. `initiateDeviceFlow` ends when
//! there is a code, `acquireTokenByDeviceFlow` begins with polling. What is done in the states from
//! requesting a code to polling is in `sign_in`; loading and saving are in `storing`.

use crate::prelude::*;

use crate::cache::grant::Grant;
use crate::error::{Error, Failure};
use crate::flow::ask::{Ask, Purpose};
use crate::flow::context::{Account, Context, Level};
use crate::flow::discovery::{Discovered, Discovery};
use crate::flow::event::Outcome;
use crate::flow::exchange::{Exchange, Exchanged};
use crate::flow::polling::{Polled, Polling};
use crate::flow::silent::{Attempt, Decision, Silent};
use crate::flow::step::{Await, Input, Resource, Step};
use crate::protocol::authority::{Authority, Endpoints};
use crate::protocol::http::{Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::scope::Scopes;
use crate::protocol::token::TokenReply;
use crate::time::{Instant, Now};
use alloc::rc::Rc;

/// The machine.
#[derive(Debug)]
pub struct Acquisition {
    pub(super) ask: Ask,
    pub(super) correlation_id: String,
    state: State,
}

#[derive(Debug)]
pub(super) enum State {
    /// The item of an account, or the whole cache.
    Loading(Option<String>),
    InLine(Next),
    Discovering(Box<Discovery>, Next),
    Refreshing(Box<Exchange>, Box<Attempt>, Rc<Endpoints>, Box<Silent>),
    RequestingCode(Box<Exchange>, Rc<Endpoints>),
    Polling(Box<Polling>, Rc<Endpoints>),
    Saving(Box<Outcome>),
}

/// Where to go on.
#[derive(Debug)]
pub(super) enum Next {
    /// From the beginning: somebody else may have signed the user in meanwhile.
    Begin,
    Silent(Box<Silent>),
    RequestCode,
    Save(Box<Outcome>),
}

impl Acquisition {
    /// Begins the work.
    pub(super) fn start(ctx: &mut Context, ask: Ask, correlation_id: String, now: Now) -> Step {
        let machine = Box::new(Self {
            ask,
            correlation_id,
            state: State::Loading(None),
        });
        machine.load(ctx, now)
    }

    /// Adds what this holds that others may want.
    pub(super) fn add_held(&self, held: &mut Vec<Resource>) {
        match &self.state {
            State::Refreshing(..) => held.push(Resource::Refresh),
            State::RequestingCode(..) | State::Polling(..) => held.push(Resource::Prompt),
            State::Discovering(discovery, next) => {
                held.push(discovery.resource());
                if matches!(next, Next::RequestCode) {
                    held.push(Resource::Prompt);
                }
            }
            State::Saving(_) => {
                let enable_cae = self.ask.enable_cae;
                held.push(Resource::Store { enable_cae });
            }
            State::Loading(_) | State::InLine(..) => {}
        }
    }

    /// When a code that was shown to a user can no longer be of use.
    pub(super) const fn code_expires(&self) -> Option<Instant> {
        match &self.state {
            State::Polling(polling, _) => Some(polling.end()),
            _ => None,
        }
    }

    /// Goes on.
    pub(super) fn step(mut self: Box<Self>, ctx: &mut Context, input: Input, now: Now) -> Step {
        match core::mem::replace(&mut self.state, State::Loading(None)) {
            State::Loading(account) => self.loaded(ctx, account.as_deref(), input, now),
            State::InLine(next) => self.go_on(ctx, next, now),
            State::Discovering(discovery, next) => match discovery.step(ctx, input, &self.correlation_id, now) {
                Discovered::Pending(discovery, pending) => self.next(State::Discovering(discovery, next), pending),
                Discovered::Failed(error) => Step::Done(Err(error)),
                Discovered::Found(authority, endpoints) => {
                    ctx.discovered(authority, &self.ask.tenant, endpoints);
                    self.go_on(ctx, next, now)
                }
            },
            State::Refreshing(exchange, attempt, endpoints, silent) => {
                match exchange.step(input, ctx.config.retry, now) {
                    Exchanged::Pending(exchange, pending) => {
                        self.next(State::Refreshing(exchange, attempt, endpoints, silent), pending)
                    }
                    Exchanged::Replied(reply, request) => {
                        self.refreshed(ctx, &reply, &request, (&attempt, &endpoints), silent, now)
                    }
                    Exchanged::Failed(error) => unreachable(ctx, silent, error, now),
                }
            }
            State::RequestingCode(exchange, endpoints) => match exchange.step(input, ctx.config.retry, now) {
                Exchanged::Pending(exchange, pending) => self.next(State::RequestingCode(exchange, endpoints), pending),
                Exchanged::Failed(error) => Step::Done(Err(error)),
                Exchanged::Replied(reply, request) => self.prompt(ctx, &reply, &request, endpoints, now),
            },
            State::Polling(polling, endpoints) => match polling.step(input, now) {
                Polled::Pending(polling, pending) => self.next(State::Polling(polling, endpoints), pending),
                Polled::Failed(error) => Step::Done(Err(error)),
                Polled::Paused(flow) => Step::Done(Ok(Outcome::of_flow(flow, None))),
                Polled::Granted(reply) => self.signed_in(ctx, &reply, &endpoints, now),
            },
            State::Saving(outcome) => self.saved(ctx, outcome, input, now),
        }
    }

    pub(super) fn next(mut self: Box<Self>, state: State, pending: Await) -> Step {
        self.state = state;
        Step::Next(self, pending)
    }

    pub(super) fn begin(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        match self.ask.purpose {
            Purpose::RemoveAccount => self.remove_account(ctx, now),
            Purpose::GetAccounts => self.list_accounts(ctx, now),
            Purpose::AcquireTokenByDeviceFlow { .. } => self.go_on_with_flow(ctx, now),
            Purpose::Authenticate | Purpose::InitiateDeviceFlow => self.interact(ctx, None),
            Purpose::GetToken => match Silent::start(ctx) {
                Some(silent) => self.silently(ctx, Box::new(silent), now),
                None => self.interact(ctx, None),
            },
        }
    }

    fn go_on(self: Box<Self>, ctx: &mut Context, next: Next, now: Now) -> Step {
        match next {
            Next::Silent(mut silent) => {
                silent.look_again();
                self.silently(ctx, silent, now)
            }
            Next::Begin => self.begin(ctx, now),
            // Whoever waited for the endpoints may find somebody else prompting by now.
            Next::RequestCode => self.interact(ctx, None),
            Next::Save(outcome) => self.save(ctx, outcome, now),
        }
    }

    fn silently(self: Box<Self>, ctx: &mut Context, mut silent: Box<Silent>, now: Now) -> Step {
        let Some(scopes) = self.ask.scopes.clone() else {
            return self.interact(ctx, None);
        };
        match silent.decide(ctx, &self.ask, &scopes, now) {
            Decision::Token(token) => Step::Done(Ok(Outcome::of(token))),
            Decision::Discover(authority) => self.discover(ctx, authority, Next::Silent(silent)),
            Decision::Interact(refused) => self.interact(ctx, refused),
            Decision::Spend(attempt, endpoints) => {
                if !ctx.config.authority.is_well_known() && ctx.is_held(&Resource::Refresh) {
                    return self.get_in_line(Resource::Refresh, Next::Silent(silent));
                }
                let request = silent.request(ctx, &self.ask, &scopes, &attempt, &endpoints, &self.correlation_id);
                let (exchange, send) = Exchange::start("token request", request);
                self.next(State::Refreshing(exchange, attempt, endpoints, silent), send)
            }
        }
    }

    fn refreshed(
        self: Box<Self>,
        ctx: &mut Context,
        reply: &Reply,
        request: &Request,
        (attempt, endpoints): (&Attempt, &Endpoints),
        mut silent: Box<Silent>,
        now: Now,
    ) -> Step {
        let fields = reply.json();
        if let Some(refused) = fields
            .as_ref()
            .and_then(|fields| OAuthError::from_fields(fields, request))
        {
            silent.refused(attempt, Failure::refused(refused, reply.status));
            return self.silently(ctx, silent, now);
        }
        let Some(granted) = fields
            .filter(|_| reply.status == 200)
            .and_then(|fields| TokenReply::read(&fields))
        else {
            let message = text!(
                "The token request failed: the server answered with status ",
                &decimal(u64::from(reply.status)),
                " and no OAuth reply"
            );
            let error = Error::replied(message, reply.status);
            return unreachable(ctx, silent, error, now);
        };
        let claims = granted.claims().ok();
        let told = account_of(&granted, claims.as_ref());
        let grant = Grant {
            client_id: &Rc::clone(&ctx.config).client_id,
            endpoints,
            scope: &self.ask.scopes.as_ref().map(Scopes::with_reserved).unwrap_or_default(),
            reply: &granted,
            home_account_id: told.as_deref().or(silent.home_account_id()),
            claims: claims.as_ref(),
            spent: Some(&attempt.token),
        };
        let token = ctx.cache(self.ask.enable_cae).add(&grant, now.wall);
        ctx.log(Level::Info, "a refresh token was exchanged for an access token");
        if ctx.signed_out.is_some() && ctx.signed_out.as_deref() == silent.home_account_id() {
            self.forget(ctx, silent.account());
        }
        self.save(ctx, Outcome::of(token), now)
    }

    pub(super) fn get_in_line(self: Box<Self>, resource: Resource, next: Next) -> Step {
        self.next(State::InLine(next), Await::Turn(resource))
    }

    pub(super) fn discover(self: Box<Self>, ctx: &mut Context, authority: Rc<Authority>, next: Next) -> Step {
        let resource = Discovery::resource_of(&authority, &self.ask.tenant);
        if ctx.is_held(&resource) {
            return self.get_in_line(resource, next);
        }
        let (discovery, send) = Discovery::start(ctx, authority, &self.ask.tenant, &self.correlation_id);
        self.next(State::Discovering(discovery, next), send)
    }

    /// Forgets the account in the one cache, then in the other.
    fn remove_account(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        if let Some(account) = ctx.account.clone() {
            self.forget(ctx, &account);
            ctx.signed_out = account.home_account_id;
        }
        self.save(ctx, Box::default(), now)
    }

    fn forget(&self, ctx: &mut Context, account: &Account) {
        let config = Rc::clone(&ctx.config);
        for host in ctx.hosts(&self.ask.tenant) {
            ctx.cache(self.ask.enable_cae)
                .remove_account(account.at(&host), &config.client_id);
        }
    }

    /// Lists the accounts of both caches, once both are loaded.
    fn list_accounts(mut self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        if !self.ask.enable_cae {
            self.ask.enable_cae = true;
            return self.load(ctx, now);
        }
        let config = Rc::clone(&ctx.config);
        let hosts = ctx.hosts(&self.ask.tenant);
        let mut outcome = Box::<Outcome>::default();
        for enable_cae in [false, true] {
            for host in &hosts {
                ctx.cache(enable_cae)
                    .add_accounts(&mut outcome.accounts, host, &config.client_id);
            }
        }
        Step::Done(Ok(outcome))
    }

    pub(super) fn done(mut self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, now: Now) -> Step {
        match (self.ask.purpose, &outcome.record) {
            (Purpose::RemoveAccount, _) if !self.ask.enable_cae => {
                self.ask.enable_cae = true;
                return self.load(ctx, now);
            }
            (Purpose::RemoveAccount, _) => ctx.account = None,
            // The token is cached all the same, and whoever asks for it gets it.
            (Purpose::Authenticate, Some(Err(why))) => {
                return Step::Done(Err(Error::authentication(text!(
                    "The user signed in, but no AuthenticationRecord can be built: ",
                    why
                ))));
            }
            _ => {}
        }
        Step::Done(Ok(outcome))
    }
}

/// No reply to a refresh token, after all the retries.
fn unreachable(ctx: &mut Context, silent: Box<Silent>, error: Error, now: Now) -> Step {
    match silent.unreachable(error, now) {
        Ok(token) => {
            ctx.log(
                Level::Warning,
                "renewing a token failed; the cached one still lives and is used",
            );
            Step::Done(Ok(Outcome::of(token)))
        }
        Err(error) => Step::Done(Err(error)),
    }
}

/// MSAL's home account id: from `client_info`, or the subject where the server sends none.
pub(super) fn account_of(
    granted: &TokenReply,
    claims: Option<&crate::protocol::id_token::IdTokenClaims>,
) -> Option<String> {
    match granted.client_info() {
        Some(Ok(client_info)) => Some(client_info.home_account_id),
        _ => claims.and_then(|claims| claims.subject.clone()),
    }
}
