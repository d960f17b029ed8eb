//! The part of an acquisition in which the user must act: a code is requested, shown, and polled for.

use crate::prelude::*;

use crate::cache::grant::Grant;
use crate::error::{Error, Failure};
use crate::flow::acquisition::{Acquisition, Next, State, account_of};
use crate::flow::ask::Purpose;
use crate::flow::context::{Account, Context, Level};
use crate::flow::device_flow::DeviceFlow;
use crate::flow::event::{Outcome, Prompt};
use crate::flow::exchange::Exchange;
use crate::flow::polling::Polling;
use crate::flow::step::{Await, Resource, Step};
use crate::protocol::authority::Endpoints;
use crate::protocol::device::{self, DeviceAuthorization};
use crate::protocol::http::{Reply, Request};
use crate::protocol::scope::Scopes;
use crate::protocol::token::TokenReply;
use crate::record::AuthenticationRecord;
use crate::time::{Instant, Now, Span};
use alloc::rc::Rc;

/// How long after its end a flow is still asked about: clocks differ, and the server knows best.
const LATE: Span = Span::from_secs(60);

impl Acquisition {
    /// The user must do something, if that is allowed and nobody else is asking them just now.
    pub(super) fn interact(self: Box<Self>, ctx: &mut Context, refused: Option<Failure>) -> Step {
        if self.ask.purpose == Purpose::GetToken && ctx.config.disable_automatic_authentication {
            return Step::Done(Err(self.ask.required(refused)));
        }
        // Who begins a flow for later shows nothing now.
        if ctx.is_held(&Resource::Prompt) && self.ask.purpose != Purpose::InitiateDeviceFlow {
            return self.get_in_line(Resource::Prompt, Next::Begin);
        }
        self.request_code(ctx)
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
        self.next(State::Polling(polling, endpoints), Await::Prompt(prompt, first_poll))
    }

    /// Goes on with a flow that somebody began.
    pub(super) fn go_on_with_flow(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        let Some(endpoints) = ctx.endpoints(&ctx.config.authority, &self.ask.tenant) else {
            let authority = Rc::clone(&ctx.config.authority);
            return self.discover(ctx, authority, Next::Begin);
        };
        let flow = self.ask.flow.as_deref().cloned().map(Box::new);
        let Some(flow) = flow.filter(|flow| flow.expires_on.until(now.wall) < LATE) else {
            return Step::Done(Err(Error::authentication(
                "Timed out waiting for user to authenticate: the device code has expired. Begin another flow.",
            )));
        };
        let (polling, first_poll) = self.polling(ctx, flow, &endpoints, now);
        self.next(State::Polling(polling, endpoints), Await::Until(first_poll))
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
        self: Box<Self>,
        ctx: &mut Context,
        granted: &TokenReply,
        endpoints: &Endpoints,
        now: Now,
    ) -> Step {
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
        if ctx.signed_out.as_deref() == ctx.home_account_id() {
            ctx.signed_out = None;
        }
        ctx.log(Level::Info, "the user signed in");
        if let (true, Ok(record)) = (ctx.config.support_logging, &record) {
            ctx.log(
                Level::Verbose,
                text!("account ", &record.home_account_id, " (", &record.username, ")"),
            );
        }
        let outcome = Outcome {
            token: Some(token),
            record: Some(record),
            ..Outcome::default()
        };
        self.save(ctx, Box::new(outcome), now)
    }
}
