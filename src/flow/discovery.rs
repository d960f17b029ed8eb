//! Finding the endpoints of a host that isn't built in.
//!
//! | state | event | next |
//! |---|---|---|
//! | asking about the instance | it is known | asking for the metadata |
//! | asking about the instance | `invalid_instance` | **failed** |
//! | asking for the metadata | they are usable | **found** |

use crate::prelude::*;

use crate::error::Error;
use crate::flow::acquisition::{Await, Input, Resource};
use crate::flow::context::Context;
use crate::flow::exchange::{Exchange, Exchanged};
use crate::protocol::authority::{Authority, Endpoints, Tenant};
use crate::protocol::discovery::{instance_reply, instance_request, openid_reply, openid_request};
use crate::time::Now;

#[derive(Debug)]
pub(super) struct Discovery {
    authority: Authority,
    tenant: Tenant,
    state: State,
    exchange: Exchange,
}

#[derive(Debug)]
enum State {
    Instance,
    OpenId { aliases: Vec<String> },
}

#[derive(Debug)]
pub(super) enum Discovered {
    Pending(Discovery, Await),
    Found(Authority, Endpoints),
    Failed(Error),
}

impl Discovery {
    /// An alias that a trusted host named needs no instance discovery of its own.
    pub(super) fn start(ctx: &Context, authority: Authority, tenant: &Tenant, correlation_id: &str) -> (Self, Await) {
        let trusted = ctx.config.disable_instance_discovery || authority != ctx.config.authority;
        let tenant = tenant.clone();
        if !trusted && authority.wants_instance_discovery(&tenant) {
            let mut request = instance_request(&authority, &tenant);
            ctx.headers(&mut request, correlation_id);
            let (exchange, send) = Exchange::start("instance discovery request", request);
            let state = State::Instance;
            return (
                Self {
                    authority,
                    tenant,
                    state,
                    exchange,
                },
                send,
            );
        }
        let url = authority.openid_configuration(&tenant);
        let (exchange, send) = openid(ctx, &url, correlation_id);
        let state = State::OpenId { aliases: Vec::new() };
        (
            Self {
                authority,
                tenant,
                state,
                exchange,
            },
            send,
        )
    }

    /// What nobody else need do meanwhile.
    pub(super) fn resource(&self) -> Resource {
        Resource::Discovery(self.authority.clone(), self.tenant.clone())
    }

    pub(super) fn step(self, ctx: &Context, input: Input, correlation_id: &str, now: Now) -> Discovered {
        let Self {
            authority,
            tenant,
            state,
            exchange,
        } = self;
        let (reply, request) = match exchange.step(input, ctx.config.retry, now) {
            Exchanged::Pending(exchange, pending) => {
                return Discovered::Pending(
                    Self {
                        authority,
                        tenant,
                        state,
                        exchange,
                    },
                    pending,
                );
            }
            Exchanged::Failed(error) => return Discovered::Failed(error),
            Exchanged::Replied(reply, request) => (reply, request),
        };
        match state {
            State::Instance => match instance_reply(&reply, &authority, &request) {
                Err(error) => Discovered::Failed(error),
                Ok(instance) => {
                    let (exchange, send) = openid(ctx, &instance.tenant_discovery_endpoint, correlation_id);
                    let aliases = instance.aliases;
                    let state = State::OpenId { aliases };
                    Discovered::Pending(
                        Self {
                            authority,
                            tenant,
                            state,
                            exchange,
                        },
                        send,
                    )
                }
            },
            State::OpenId { aliases } => match openid_reply(&reply, &authority, aliases, &request) {
                Err(error) => Discovered::Failed(error),
                Ok(endpoints) => Discovered::Found(authority, endpoints),
            },
        }
    }
}

fn openid(ctx: &Context, url: &str, correlation_id: &str) -> (Exchange, Await) {
    let mut request = openid_request(url);
    ctx.headers(&mut request, correlation_id);
    Exchange::start("OpenID Connect metadata request", request)
}
