//! One piece of work from beginning to end: what a caller of a method of the credential waits for.
//!
//! | state | what it waits for | next |
//! |---|---|---|
//! | loading | the persistent cache | silent, or interactive; where it stood, if it reads it again |
//! | in line | somebody else's prompt, discovery, or refresh, unless a token still lives; half a second before it reads the cache again | where it stood: it looks again |
//! | discovering | the endpoints of a host | silent, or interactive; no endpoints → **failed**, or a token that still lives |
//! | refreshing | the reply to a refresh token | a token → saving; an OAuth error → the next token, loading again, or interactive; no reply → **failed**, or a token that still lives |
//! | requesting a code | the device authorization | polling, with a prompt; **done**, if somebody else is to go on |
//! | polling | the user | a token → saving; else **failed**; **done** after one poll, if somebody else is to go on |
//! | saving | the persistent cache | **done** |
//!
//! `getToken` goes through silent first if an account is known; `authenticate` never does. `initiateDeviceFlow` ends when
//! there is a code, `acquireTokenByDeviceFlow` begins with polling. What is done in the states from
//! requesting a code to polling is in `sign_in`; loading and saving are in `storing`; accounts are listed and removed in
//! `accounts`. The four are one machine, so each of the files uses the others.

use crate::error::{Error, Failure};
use crate::flow::ask::{Ask, Purpose};
use crate::flow::context::{Account, Context, Level, is_name};
use crate::flow::discovery::Discovery;
use crate::flow::event::Outcome;
use crate::flow::exchange::Exchange;
use crate::flow::polling::{Polled, Polling};
use crate::flow::silent::{Attempt, Decision, Silent};
use crate::flow::step::{Await, Input, Resource, Unfinished};
use crate::protocol::authority::{Authority, Endpoints};
use crate::protocol::http::{Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::token::TokenReply;
use crate::time::{Instant, Now};
use std::rc::Rc;
use std::time::Duration;

/// The machine.
#[derive(Debug)]
pub struct Acquisition {
    pub(super) ask: Rc<Ask>,
    pub(super) correlation_id: String,
    /// When it began, or had waited in line.
    began: Instant,
    /// Whether the cache of the other kind of session is loaded, too.
    pub(super) has_both: bool,
    /// Whether that has changed, too.
    pub(super) changed_both: bool,
    /// Why the store could not be read, if so.
    pub(super) unread: Option<String>,
    /// Who is signed out by this, by id.
    pub(super) signs_out: Option<String>,
    /// How often an account that is signed out was removed again, as another process had stored tokens of it meanwhile.
    pub(super) removals: u8,
    /// Whose token it will get, by id; nothing while that is for a user to say.
    pub(super) whose: Option<String>,
    state: State,
}

/// What comes of a step.
#[derive(Debug)]
pub enum Step {
    /// The machine goes on when what it waits for happens.
    Next(Box<Acquisition>, Await),
    /// The work is done.
    Done(Result<Box<Outcome>, Error>),
}

#[derive(Debug)]
pub(super) enum State {
    /// The item of an account, or the whole cache; which cache; and where to go on.
    Loading(Option<String>, bool, Next),
    InLine(Next),
    Discovering(Box<Discovery>, Next),
    Refreshing(Box<Exchange>, Box<Attempt>, Rc<Endpoints>, Box<Silent>),
    RequestingCode(Box<Exchange>, Rc<Endpoints>),
    Polling(Box<Polling>, Rc<Endpoints>),
    /// And which cache.
    Saving(Box<Outcome>, bool),
}

/// Where to go on.
#[derive(Debug)]
pub(super) enum Next {
    /// From the beginning: somebody else may have signed the user in meanwhile.
    Begin,
    Silent(Box<Silent>),
    /// Once the store was read again.
    Reread(Box<Silent>),
    RequestCode,
    Save(Box<Outcome>, bool),
}

impl Acquisition {
    /// Begins the work.
    pub(super) fn start(ctx: &mut Context, ask: Rc<Ask>, correlation_id: String, now: Now) -> Step {
        let enable_cae = ask.enable_cae;
        let machine = Box::new(Self {
            ask,
            correlation_id,
            began: now.monotonic,
            has_both: false,
            changed_both: false,
            unread: None,
            signs_out: None,
            removals: 0,
            whose: None,
            state: State::InLine(Next::Begin),
        });
        machine.load(ctx, enable_cae, Next::Begin, now)
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
            State::Saving(_, enable_cae) => held.push(Resource::Store {
                enable_cae: *enable_cae,
            }),
            State::Loading(..) | State::InLine(..) => {}
        }
    }

    /// Whether it may get the token of whoever is signed in.
    pub(super) fn is_for(&self, account: Option<&Account>) -> bool {
        let account = account.map(|account| &account.home_account_id);
        self.whose.is_none() || self.whose.as_ref() == account
    }

    /// When a code that was shown to a user can no longer be of use.
    pub(super) const fn code_expires(&self) -> Option<Instant> {
        match &self.state {
            State::Polling(polling, _) => Some(polling.end()),
            _ => None,
        }
    }

    /// When its requests have taken long enough, if a token that still lives waits for them.
    pub(super) fn patience(&self, now: Now) -> Option<Instant> {
        match &self.state {
            State::Discovering(_, Next::Silent(silent)) | State::Refreshing(.., silent) => {
                silent.fallback(silent.patience(now), now).map(|_| silent.ends)
            }
            _ => None,
        }
    }

    /// Goes on.
    pub(super) fn step(mut self: Box<Self>, ctx: &mut Context, input: Input, now: Now) -> Step {
        let mut retry = ctx.config.retry;
        if self.patience(now).is_some() {
            retry.max_retries = 0;
        }
        match std::mem::replace(&mut self.state, State::InLine(Next::Begin)) {
            State::Loading(account, enable_cae, next) => {
                self.loaded(ctx, (account.as_deref(), enable_cae), next, input, now)
            }
            State::InLine(next) => {
                self.began = now.monotonic;
                self.go_on(ctx, next, now)
            }
            State::Discovering(mut discovery, next) => {
                match discovery.step(ctx, input, (retry, &self.correlation_id), now) {
                    Err(Unfinished::Pending(pending)) => self.next(State::Discovering(discovery, next), pending),
                    Err(Unfinished::Failed(error)) => match next {
                        Next::Silent(silent) => unreachable(ctx, &silent, error, now),
                        _ => Step::Done(Err(error)),
                    },
                    Ok(endpoints) => {
                        ctx.discovered(Rc::clone(&discovery.authority), &self.ask.tenant, endpoints);
                        self.go_on(ctx, next, now)
                    }
                }
            }
            State::Refreshing(mut exchange, attempt, endpoints, silent) => match exchange.step(input, retry, now) {
                Err(Unfinished::Pending(pending)) => {
                    self.next(State::Refreshing(exchange, attempt, endpoints, silent), pending)
                }
                Ok(reply) => self.refreshed(ctx, &reply, &exchange.request, (&attempt, &endpoints), silent, now),
                Err(Unfinished::Failed(error)) => unreachable(ctx, &silent, error, now),
            },
            State::RequestingCode(mut exchange, endpoints) => match exchange.step(input, retry, now) {
                Err(Unfinished::Pending(pending)) => self.next(State::RequestingCode(exchange, endpoints), pending),
                Err(Unfinished::Failed(error)) => Step::Done(Err(error)),
                Ok(reply) => self.prompt(ctx, &reply, &exchange.request, endpoints, now),
            },
            State::Polling(mut polling, endpoints) => match polling.step(input, now) {
                Err(Unfinished::Pending(pending)) => self.next(State::Polling(polling, endpoints), pending),
                Err(Unfinished::Failed(error)) => Step::Done(Err(error)),
                Ok(Polled::Paused) => Step::Done(Ok(Outcome::of_flow(polling.flow, None))),
                Ok(Polled::Granted(reply)) => self.signed_in(ctx, &reply, &endpoints, now),
            },
            State::Saving(outcome, enable_cae) => self.saved(ctx, (outcome, enable_cae), input, now),
        }
    }

    #[inline(never)] // It ends most steps.
    pub(super) fn next(mut self: Box<Self>, state: State, pending: Await) -> Step {
        self.state = state;
        Step::Next(self, pending)
    }

    pub(super) fn begin(mut self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        match self.ask.purpose {
            Purpose::RemoveAccount | Purpose::GetAccounts if !self.has_both => self.load_other(ctx, Next::Begin, now),
            Purpose::RemoveAccount => self.remove_account(ctx, now),
            Purpose::GetAccounts => self.list_accounts(ctx),
            Purpose::AcquireTokenByDeviceFlow { .. } => self.go_on_with_flow(ctx, now),
            Purpose::Authenticate | Purpose::InitiateDeviceFlow => self.interact(ctx, None, now),
            Purpose::GetToken => match Silent::start(ctx, self.began) {
                Some(silent) => {
                    self.whose = Some(silent.account().home_account_id.clone());
                    self.silently(ctx, silent, now)
                }
                None => self.without_account(ctx, now),
            },
        }
    }

    pub(super) fn go_on(self: Box<Self>, ctx: &mut Context, next: Next, now: Now) -> Step {
        match next {
            Next::Silent(mut silent) => {
                silent.look_again();
                self.silently(ctx, silent, now)
            }
            Next::Reread(silent) => {
                let enable_cae = self.ask.enable_cae != silent.borrows();
                self.load(ctx, enable_cae, Next::Silent(silent), now)
            }
            Next::Begin => self.begin(ctx, now),
            // Whoever waited for the endpoints may find somebody else prompting by now.
            Next::RequestCode => self.interact(ctx, None, now),
            Next::Save(outcome, enable_cae) => self.save(ctx, outcome, enable_cae, now),
        }
    }

    pub(super) fn silently(self: Box<Self>, ctx: &mut Context, mut silent: Box<Silent>, now: Now) -> Step {
        let Some(scopes) = &self.ask.scopes else {
            return self.interact(ctx, None, now);
        };
        match silent.decide(ctx, &self.ask, scopes, now) {
            Decision::Token(token) => Step::Done(Ok(Outcome::of(token))),
            Decision::Discover(authority) => self.discover(ctx, authority, Next::Silent(silent), now),
            Decision::Reread(wait) if wait.is_zero() => self.go_on(ctx, Next::Reread(silent), now),
            Decision::Reread(wait) => {
                let at = now.monotonic.after(wait);
                self.next(State::InLine(Next::Reread(silent)), Await::Until(at, None))
            }
            Decision::Nothing if silent.borrow() => {
                if self.has_both {
                    return self.silently(ctx, silent, now);
                }
                self.load_other(ctx, Next::Silent(silent), now)
            }
            Decision::Nothing => self.interact(ctx, silent.into_refused(), now),
            Decision::Spend(attempt, endpoints) => {
                if !ctx.config.authority.is_well_known() && ctx.is_held(&Resource::Refresh) {
                    return self.get_in_line(Resource::Refresh, Next::Silent(silent), now);
                }
                let request = silent.request(ctx, &self.ask, &attempt, &endpoints, &self.correlation_id);
                let (exchange, send) = Exchange::start("token request", request);
                self.next(State::Refreshing(exchange, attempt, endpoints, silent), send)
            }
        }
    }

    fn refreshed(
        mut self: Box<Self>,
        ctx: &mut Context,
        reply: &Reply,
        request: &Request,
        (attempt, endpoints): (&Attempt, &Endpoints),
        mut silent: Box<Silent>,
        now: Now,
    ) -> Step {
        if let Some(refused) = OAuthError::read(reply, request) {
            silent.refused(attempt, Failure::refused(refused, reply.status));
            return self.silently(ctx, silent, now);
        }
        let granted = match TokenReply::read(reply) {
            Ok(Some(granted)) => granted,
            Err(why) => return unreachable(ctx, &silent, Error::unfit(why, reply), now),
            Ok(None) => {
                let message = format!(
                    "The token request failed: the server answered with status {} and no OAuth reply",
                    reply.status
                );
                let error = Error::replied(message, reply);
                return unreachable(ctx, &silent, error, now);
            }
        };
        let claims = granted.claims().ok();
        let told = account_of(&granted, claims.as_ref());
        let account = silent.account();
        let home_account_id = match &told {
            Some(told) if account.named().is_some() => told,
            _ => &account.home_account_id,
        };
        let granted_to = (home_account_id.as_str(), claims.as_ref());
        let token = self.keep(ctx, &granted, granted_to, endpoints, Some(&attempt.token), now);
        if silent.borrows() {
            self.changed_both = true;
            let (cache, other) = ctx.both_caches(self.ask.enable_cae);
            cache.take_account(other, account.at(&endpoints.environment));
            if let Some(successor) = &granted.refresh_token {
                other.rotate(&attempt.token, successor, now.wall);
            }
        }
        ctx.log(Level::Info, "a refresh token was exchanged for an access token");
        if ctx.signed_out.contains(&account.home_account_id) {
            ctx.forget(account, &self.ask.tenant);
        }
        let enable_cae = self.ask.enable_cae;
        self.save(ctx, Outcome::of(token), enable_cae, now)
    }

    /// Waits until somebody else is done, which may take long: a token that still lives does not.
    pub(super) fn get_in_line(self: Box<Self>, resource: Resource, next: Next, now: Now) -> Step {
        if let Next::Silent(silent) = &next
            && let Some(step) = fall_back(silent, silent.patience(now), now)
        {
            return step;
        }
        self.next(State::InLine(next), Await::Turn(resource))
    }

    pub(super) fn discover(self: Box<Self>, ctx: &mut Context, authority: Rc<Authority>, next: Next, now: Now) -> Step {
        let resource = Discovery::resource_of(&authority, &self.ask.tenant);
        if ctx.is_held(&resource) {
            return self.get_in_line(resource, next, now);
        }
        let (discovery, send) = Discovery::start(ctx, authority, &self.ask.tenant, &self.correlation_id);
        self.next(State::Discovering(discovery, next), send)
    }

    pub(super) fn done(&self, outcome: Box<Outcome>) -> Step {
        match (self.ask.purpose, &outcome.record) {
            // The token is cached all the same, and whoever asks for it gets it.
            (Purpose::Authenticate, Some(Err(why))) => Step::Done(Err(Error::authentication(format!(
                "The user signed in, but no AuthenticationRecord can be built: {why}"
            )))),
            _ => Step::Done(Ok(outcome)),
        }
    }
}

/// The service can't be reached: whatever has life left is better than an error.
fn unreachable(ctx: &mut Context, silent: &Silent, error: Error, now: Now) -> Step {
    let Some(step) = fall_back(silent, Duration::ZERO, now) else {
        return Step::Done(Err(error));
    };
    ctx.renewal_failed(now);
    ctx.log(
        Level::Warning,
        "renewing a token failed; the cached one still lives and is used",
    );
    step
}

fn fall_back(silent: &Silent, longer_than: Duration, now: Now) -> Option<Step> {
    let token = silent.fallback(longer_than, now)?;
    Some(Step::Done(Ok(Outcome::of(token.clone()))))
}

/// MSAL's home account id: from `client_info`, or the subject where the server sends none.
pub(super) fn account_of(
    granted: &TokenReply,
    claims: Option<&crate::protocol::id_token::IdTokenClaims>,
) -> Option<String> {
    let id = match granted.client_info() {
        Some(Ok(client_info)) => Some(client_info.home_account_id),
        _ => claims.and_then(|claims| claims.subject.clone()),
    };
    id.filter(|id| is_name(id))
}
