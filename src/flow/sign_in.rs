//! The part of an acquisition in which the user must act: a code is requested, shown, and polled for.

use crate::error::{Error, Failure};
use crate::flow::acquisition::{Acquisition, Next, State, Step, account_of};
use crate::flow::ask::Purpose;
use crate::flow::context::{Account, Context, Level};
use crate::flow::event::{Outcome, Prompt};
use crate::flow::exchange::Exchange;
use crate::flow::polling::Polling;
use crate::flow::standing::DeviceFlow;
use crate::flow::step::{Await, Resource};
use crate::protocol::authority::Endpoints;
use crate::protocol::device::{self, DeviceAuthorization};
use crate::protocol::http::{Reply, Request};
use crate::protocol::token::TokenReply;
use crate::record::AuthenticationRecord;
use crate::time::{Instant, Now};
use std::rc::Rc;
use std::time::Duration;

/// How long after its end a flow is still asked about: clocks differ, and the server knows best.
const LATE: Duration = Duration::from_secs(60);

impl Acquisition {
    /// The user must do something, if that is allowed and nobody else is asking them just now.
    pub(super) fn interact(mut self: Box<Self>, ctx: &mut Context, refused: Option<Failure>, now: Now) -> Step {
        self.whose = None;
        if self.ask.purpose == Purpose::GetToken && ctx.config.disable_automatic_authentication {
            return Step::Done(Err(self.ask.required(refused)));
        }
        // Who begins a flow for later shows nothing now.
        if ctx.is_held(&Resource::Prompt) && self.ask.purpose != Purpose::InitiateDeviceFlow {
            return self.get_in_line(Resource::Prompt, Next::Begin, now);
        }
        self.request_code(ctx, now)
    }

    fn discover_ours(self: Box<Self>, ctx: &mut Context, next: Next, now: Now) -> Step {
        let authority = Rc::clone(&ctx.config.authority);
        self.discover(ctx, authority, next, now)
    }

    fn request_code(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        let Some(endpoints) = ctx.endpoints(&ctx.config.authority, &self.ask.tenant) else {
            return self.discover_ours(ctx, Next::RequestCode, now);
        };
        let Some(url) = &endpoints.device_authorization else {
            return Step::Done(Err(Error::authentication(format!(
                "{} publishes no `device_authorization_endpoint`: it does not support the device code flow.",
                ctx.config.authority.url()
            ))));
        };
        let (scope, claims) = (self.ask.wire_scope(&ctx.config), self.ask.wire_claims());
        let request = device::authorization_request(url, &ctx.config.client_id, &scope, claims.as_deref());
        let request = ctx.with_headers(request, &self.correlation_id);
        let (exchange, send) = Exchange::start("device authorization request", request);
        self.next(State::RequestingCode(exchange, endpoints), send)
    }

    pub(super) fn prompt(
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
        let flow = Box::new(DeviceFlow::begun(&authorization, ctx.config.timeout, now));
        let prompt = Box::new(Prompt {
            expires_on: now.wall.after(authorization.expires_in),
            verification_uri: authorization.verification_uri,
            verification_uri_complete: authorization.verification_uri_complete,
            user_code: authorization.user_code,
            message: authorization.message,
        });
        if self.ask.purpose == Purpose::InitiateDeviceFlow {
            return Step::Done(Ok(Outcome::of_flow(flow, Some(prompt))));
        }
        ctx.log(Level::Info, "waiting for the user to enter the code");
        let (polling, first_poll) = self.polling(ctx, flow, &endpoints, now);
        self.next(
            State::Polling(polling, endpoints),
            Await::Until(first_poll, Some(prompt)),
        )
    }

    /// Goes on with a flow that somebody began.
    pub(super) fn go_on_with_flow(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        let Some(endpoints) = ctx.endpoints(&ctx.config.authority, &self.ask.tenant) else {
            return self.discover_ours(ctx, Next::Begin, now);
        };
        let flow = self.ask.flow.as_deref().cloned().map(Box::new);
        let Some(flow) = flow.filter(|flow| flow.expires_on.until(now.wall) < LATE) else {
            return Step::Done(Err(Error::authentication(
                "Timed out waiting for user to authenticate: the device code has expired. Begin another flow.",
            )));
        };
        let (polling, first_poll) = self.polling(ctx, flow, &endpoints, now);
        self.next(State::Polling(polling, endpoints), Await::Until(first_poll, None))
    }

    fn polling(
        &self,
        ctx: &Context,
        flow: Box<DeviceFlow>,
        endpoints: &Endpoints,
        now: Now,
    ) -> (Box<Polling>, Instant) {
        let claims = self.ask.wire_claims();
        let code = &flow.device_code;
        let request = device::token_request(&endpoints.token, &ctx.config.client_id, code, claims.as_deref());
        let request = ctx.with_headers(request, &self.correlation_id);
        let once = self.ask.purpose == Purpose::AcquireTokenByDeviceFlow { once: true };
        Polling::start(flow, request, once, now)
    }

    pub(super) fn signed_in(
        mut self: Box<Self>,
        ctx: &mut Context,
        granted: &TokenReply,
        endpoints: &Endpoints,
        now: Now,
    ) -> Step {
        let claims = granted.claims();
        let told = account_of(granted, claims.as_ref().ok());
        let is_named = told.is_some();
        let home_account_id = told.unwrap_or_else(|| ctx.new_unnamed());
        let granted_to = (home_account_id.as_str(), claims.as_ref().ok());
        let token = self.keep(ctx, granted, granted_to, endpoints, None, now);
        let client_info = granted.client_info();
        let record = AuthenticationRecord::from_token(
            claims.as_ref().map_err(|why| *why),
            client_info.as_ref().map(|info| info.as_ref().map_err(|why| *why)),
            &ctx.config.client_id,
        );
        // Of somebody without a name, nothing is stored that could be found again.
        if let Some(before) = ctx.account.take()
            && before.named().is_none()
        {
            ctx.forget(&before, &self.ask.tenant);
        }
        ctx.signed_out.retain(|id| *id != home_account_id);
        ctx.log(Level::Info, "the user signed in");
        if !is_named && ctx.config.persistence.is_some() {
            let why = "the sign-in can't be kept for later: the service does not say who signed in";
            ctx.log(Level::Warning, why);
        }
        let username = record.as_ref().ok().map(|record| record.username.clone());
        expect(ctx, is_named.then_some(&home_account_id), username.as_deref());
        self.whose = Some(home_account_id.clone());
        ctx.sign_in(Account {
            home_account_id,
            username,
        });
        if let (true, Ok(record)) = (ctx.config.support_logging, &record) {
            ctx.log(
                Level::Verbose,
                format!("account {} ({})", record.home_account_id, record.username),
            );
        }
        let mut outcome = Outcome::of(token);
        outcome.record = Some(record);
        let enable_cae = self.ask.enable_cae;
        self.save(ctx, outcome, enable_cae, now)
    }
}

/// Whoever was given a record, and gets somebody else's token, is told.
fn expect(ctx: &mut Context, home_account_id: Option<&String>, username: Option<&str>) {
    let config = Rc::clone(&ctx.config);
    if let Some(expected) = &config.record
        && home_account_id != Some(&expected.home_account_id)
    {
        let who = match (username, home_account_id) {
            (Some(username), Some(id)) => format!("{username} ({id})"),
            (_, Some(id)) => id.clone(),
            _ => "somebody the service does not name".to_owned(),
        };
        let (username, id) = (&expected.username, &expected.home_account_id);
        let line = format!("{who} signed in, and not {username} ({id}), whose `authenticationRecord` was given");
        ctx.log(Level::Warning, line);
    }
}
