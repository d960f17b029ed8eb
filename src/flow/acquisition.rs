//! One piece of work from beginning to end: what a caller of `getToken`, `authenticate` or `removeAccount` waits for.
//!
//! | state | what it waits for | next |
//! |---|---|---|
//! | loading | the persistent cache | silent, or interactive |
//! | in line | somebody else's prompt, discovery, or refresh | where it stood: it looks again |
//! | discovering | the endpoints of a host | silent, or interactive |
//! | refreshing | the reply to a refresh token | a token → saving; an OAuth error → the next token, or interactive; no reply → **failed**, or a token that still lives |
//! | requesting a code | the device authorization | polling, with a prompt |
//! | polling | the user | a token → saving; else **failed** |
//! | saving | the persistent cache | **done** |
//!
//! `getToken` goes through silent first if an account is known; `authenticate` never does.

use crate::prelude::*;

use crate::cache::grant::Grant;
use crate::error::{Cause, Error, Failure};
use crate::flow::ask::{Ask, Purpose};
use crate::flow::context::{Account, Context, Level};
use crate::flow::discovery::{Discovered, Discovery};
use crate::flow::event::{Outcome, Prompt};
use crate::flow::exchange::{Exchange, Exchanged};
use crate::flow::polling::{Polled, Polling};
use crate::flow::silent::{Attempt, Decision, Silent};
use crate::protocol::authority::{Authority, Endpoints};
use crate::protocol::device::{self, DeviceAuthorization};
use crate::protocol::http::{Fault, Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::scope::Scopes;
use crate::protocol::token::TokenReply;
use crate::record::AuthenticationRecord;
use crate::secret::Secret;
use crate::time::{Instant, Now, Span};
use alloc::rc::Rc;

/// What a machine is told.
#[derive(Debug)]
pub enum Input {
    /// The request it sent was answered, or not.
    Replied(Result<Reply, Fault>),
    /// The moment it waited for has come.
    Elapsed,
    /// It is its turn.
    Turn,
    /// The store was read.
    Loaded(Result<Option<Secret>, Cause>),
    /// The store was written.
    Saved(Result<(), Cause>),
}

/// What a machine waits for.
#[derive(Debug)]
pub enum Await {
    /// The reply to a request, for `limit` at most if that is less than what a request may take anyway.
    Reply {
        /// What to send.
        request: Rc<Request>,
        /// How long it may take.
        limit: Option<Span>,
    },
    /// A moment.
    Until(Instant),
    /// The user's doing, from a moment on.
    Prompt(Box<Prompt>, Instant),
    /// That nobody else holds a resource.
    Turn(Resource),
    /// The content of a persistent cache.
    Load {
        /// Which one.
        enable_cae: bool,
    },
    /// That a persistent cache is written.
    Save {
        /// Which one.
        enable_cae: bool,
    },
}

/// What only one piece of work may do at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Prompt the user.
    Prompt,
    /// Discover the endpoints of a tenant.
    Discovery(String),
    /// Spend a refresh token of an account. Servers that rotate refresh tokens take the second use of one for theft
    /// (RFC 9700 §4.14.2); Entra does not.
    Refresh,
    /// Save one of the persistent caches. One at a time, so that it is clear which changes are saved; whoever comes
    /// later finds most of theirs saved already.
    Store {
        /// Which one.
        enable_cae: bool,
    },
}

/// What comes of a step.
#[derive(Debug)]
pub enum Step {
    /// The machine goes on when what it waits for happens.
    Next(Box<Acquisition>, Await),
    /// The work is done.
    Done(Result<Outcome, Error>),
}

/// The machine.
#[derive(Debug)]
pub struct Acquisition {
    ask: Ask,
    correlation_id: String,
    state: State,
}

#[derive(Debug)]
enum State {
    Loading,
    InLine(Next),
    Discovering(Box<Discovery>, Next),
    Refreshing(Box<Exchange>, Box<Attempt>, Rc<Endpoints>, Box<Silent>),
    RequestingCode(Box<Exchange>, Rc<Endpoints>),
    Polling(Box<Polling>, Rc<Endpoints>),
    Saving(Box<Outcome>),
}

/// Where to go on.
#[derive(Debug)]
enum Next {
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
            state: State::Loading,
        });
        if ctx.config.persistent {
            let enable_cae = machine.ask.enable_cae;
            return machine.next(State::Loading, Await::Load { enable_cae });
        }
        machine.begin(ctx, now)
    }

    /// What this holds that others may want.
    pub(super) fn held(&self) -> impl Iterator<Item = Resource> {
        let (first, second) = match &self.state {
            State::Refreshing(..) => (Some(Resource::Refresh), None),
            State::RequestingCode(..) | State::Polling(..) => (Some(Resource::Prompt), None),
            State::Discovering(discovery, next) => {
                let prompt = matches!(next, Next::RequestCode).then_some(Resource::Prompt);
                (Some(discovery.resource()), prompt)
            }
            State::Saving(_) => {
                let enable_cae = self.ask.enable_cae;
                (Some(Resource::Store { enable_cae }), None)
            }
            State::Loading | State::InLine(..) => (None, None),
        };
        first.into_iter().chain(second)
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
        match core::mem::replace(&mut self.state, State::Loading) {
            State::Loading => {
                self.loaded(ctx, input);
                self.begin(ctx, now)
            }
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
                    Exchanged::Failed(error) => self.unreachable(ctx, silent, error, now),
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
                Polled::Granted(reply) => self.signed_in(ctx, &reply, &endpoints, now),
            },
            State::Saving(outcome) => self.saved(ctx, outcome, input, now),
        }
    }

    fn next(mut self: Box<Self>, state: State, pending: Await) -> Step {
        self.state = state;
        Step::Next(self, pending)
    }

    fn begin(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        match self.ask.purpose {
            Purpose::RemoveAccount => self.remove_account(ctx, now),
            Purpose::Authenticate => self.interact(ctx, None),
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
            let error = Error::Authentication(Box::new(Failure {
                message: text!(
                    "The token request failed: the server answered with status ",
                    &decimal(u64::from(reply.status)),
                    " and no OAuth reply"
                ),
                status: Some(reply.status),
                ..Failure::default()
            }));
            return self.unreachable(ctx, silent, error, now);
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
        self.save(ctx, Box::new(Outcome::of(token)), now)
    }

    fn unreachable(self: Box<Self>, ctx: &mut Context, silent: Box<Silent>, error: Error, now: Now) -> Step {
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

    /// The user must do something, if that is allowed and nobody else is asking them just now.
    fn interact(self: Box<Self>, ctx: &mut Context, refused: Option<Failure>) -> Step {
        if self.ask.purpose == Purpose::GetToken && ctx.config.disable_automatic_authentication {
            return Step::Done(Err(self.ask.required(refused)));
        }
        if ctx.is_held(&Resource::Prompt) {
            return self.get_in_line(Resource::Prompt, Next::Begin);
        }
        self.request_code(ctx)
    }

    fn get_in_line(self: Box<Self>, resource: Resource, next: Next) -> Step {
        self.next(State::InLine(next), Await::Turn(resource))
    }

    fn request_code(self: Box<Self>, ctx: &mut Context) -> Step {
        let Some(endpoints) = ctx.endpoints(&ctx.config.authority, &self.ask.tenant) else {
            let authority = Rc::clone(&ctx.config.authority);
            return self.discover(ctx, authority, Next::RequestCode);
        };
        let (Some(url), Some(scopes)) = (&endpoints.device_authorization, &self.ask.scopes) else {
            return Step::Done(Err(Error::authentication(text!(
                ctx.config.authority.url(),
                " publishes no `device_authorization_endpoint`: it does not support the device code flow."
            ))));
        };
        let claims = self.ask.wire_claims();
        let request = device::authorization_request(url, &ctx.config.client_id, scopes, claims.as_deref());
        let request = ctx.with_headers(request, &self.correlation_id);
        let (exchange, send) = Exchange::start("device authorization request", request);
        self.next(State::RequestingCode(exchange, endpoints), send)
    }

    fn prompt(
        self: Box<Self>,
        ctx: &mut Context,
        reply: &Reply,
        request: &Request,
        endpoints: Rc<Endpoints>,
        now: Now,
    ) -> Step {
        let authorization = match DeviceAuthorization::read(reply, request) {
            Ok(authorization) => authorization,
            Err(error) => return Step::Done(Err(error)),
        };
        let claims = self.ask.wire_claims();
        let code = &authorization.device_code;
        let request = device::token_request(&endpoints.token, &ctx.config.client_id, code, claims.as_deref());
        let request = ctx.with_headers(request, &self.correlation_id);
        let (polling, first_poll) = Polling::start(&authorization, request, ctx.config.timeout, now);
        let prompt = Prompt {
            expires_on: now.wall.after(authorization.expires_in),
            verification_uri: authorization.verification_uri,
            verification_uri_complete: authorization.verification_uri_complete,
            user_code: authorization.user_code,
            message: authorization.message,
        };
        ctx.log(Level::Info, "waiting for the user to enter the code");
        self.next(
            State::Polling(polling, endpoints),
            Await::Prompt(Box::new(prompt), first_poll),
        )
    }

    fn signed_in(self: Box<Self>, ctx: &mut Context, granted: &TokenReply, endpoints: &Endpoints, now: Now) -> Step {
        let claims = granted.claims();
        let home_account_id = account_of(granted, claims.as_ref().ok());
        let grant = Grant {
            client_id: &Rc::clone(&ctx.config).client_id,
            endpoints,
            scope: &self.ask.scopes.as_ref().map(Scopes::with_reserved).unwrap_or_default(),
            reply: granted,
            home_account_id: home_account_id.as_deref(),
            claims: claims.as_ref().ok(),
            spent: None,
        };
        let token = ctx.cache(self.ask.enable_cae).add(&grant, now.wall);
        let client_info = granted.client_info();
        let record = AuthenticationRecord::from_token(
            claims.as_ref().map_err(|why| *why),
            client_info.as_ref().map(|info| info.as_ref().map_err(|why| *why)),
        );
        ctx.account = Some(match &record {
            Ok(record) => Account::of_record(record),
            Err(_) => Account {
                home_account_id,
                username: None,
            },
        });
        ctx.log(Level::Info, "the user signed in");
        if let (true, Ok(record)) = (ctx.config.support_logging, &record) {
            ctx.log(
                Level::Verbose,
                text!("account ", &record.home_account_id, " (", &record.username, ")"),
            );
        }
        let record = Some(record);
        let token = Some(token);
        self.save(ctx, Box::new(Outcome { token, record }), now)
    }

    fn discover(self: Box<Self>, ctx: &mut Context, authority: Rc<Authority>, next: Next) -> Step {
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
            let config = Rc::clone(&ctx.config);
            let endpoints = ctx.endpoints(&ctx.config.authority, &self.ask.tenant);
            let aliases = endpoints.map(|endpoints| endpoints.aliases.clone()).unwrap_or_default();
            let aliases = aliases.iter().map(String::as_str);
            for host in core::iter::once(config.authority.host()).chain(aliases) {
                ctx.cache(self.ask.enable_cae)
                    .remove_account(account.at(host), &config.client_id);
            }
        }
        self.save(ctx, Box::default(), now)
    }

    fn done(mut self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, now: Now) -> Step {
        match (self.ask.purpose, &outcome.record) {
            (Purpose::RemoveAccount, _) if !self.ask.enable_cae => {
                self.ask.enable_cae = true;
                return Self::start(ctx, self.ask, self.correlation_id, now);
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
        Step::Done(Ok(*outcome))
    }

    fn loaded(&self, ctx: &mut Context, input: Input) {
        let read = match input {
            Input::Loaded(Ok(text)) => {
                let text = text.as_ref().map(Secret::expose).unwrap_or_default();
                ctx.cache(self.ask.enable_cae).reload(text).map_err(str::to_owned)
            }
            Input::Loaded(Err(cause)) => Err(cause.text),
            _ => Err("no answer in time".to_owned()),
        };
        if let Err(why) = read {
            ctx.log(
                Level::Warning,
                text!("reading the persistent token cache failed: ", &why),
            );
        }
    }

    fn save(self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, now: Now) -> Step {
        let enable_cae = self.ask.enable_cae;
        if !ctx.cache(enable_cae).has_unsaved() {
            return self.done(ctx, outcome, now);
        }
        let store = Resource::Store { enable_cae };
        if ctx.is_held(&store) {
            return self.get_in_line(store, Next::Save(outcome));
        }
        self.next(State::Saving(outcome), Await::Save { enable_cae })
    }

    fn saved(self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, input: Input, now: Now) -> Step {
        let saved = match input {
            Input::Saved(saved) => saved,
            _ => Err(Cause::text("no answer in time")),
        };
        ctx.cache(self.ask.enable_cae).saved(saved.is_ok());
        if let Err(cause) = saved {
            let message = text!("writing the persistent token cache failed: ", &cause.text);
            if self.ask.purpose == Purpose::RemoveAccount {
                return Step::Done(Err(Error::Authentication(Box::new(Failure {
                    message: text!("The account was not removed: ", &message),
                    cause: Some(cause),
                    ..Failure::default()
                }))));
            }
            ctx.log(Level::Warning, message);
        }
        self.done(ctx, outcome, now)
    }
}

/// MSAL's home account id: from `client_info`, or the subject where the server sends none.
fn account_of(granted: &TokenReply, claims: Option<&crate::protocol::id_token::IdTokenClaims>) -> Option<String> {
    match granted.client_info() {
        Some(Ok(client_info)) => Some(client_info.home_account_id),
        _ => claims.and_then(|claims| claims.subject.clone()),
    }
}
