//! Finding the endpoints of a host that isn't built in.
//!
//! | state | event | next |
//! |---|---|---|
//! | asking about the instance | it is known | asking for the metadata |
//! | asking about the instance | `invalid_instance` | **failed** |
//! | asking for the metadata | they are usable | **found** |

use crate::flow::config::Retry;
use crate::flow::context::Context;
use crate::flow::exchange::Exchange;
use crate::flow::step::{Await, Input, Resource, Unfinished};
use crate::protocol::authority::{Authority, Endpoints, Tenant};
use crate::protocol::discovery::{instance_reply, instance_request, openid_reply, openid_request};
use crate::time::Now;
use std::rc::Rc;

#[derive(Debug)]
pub(super) struct Discovery {
    pub(super) authority: Rc<Authority>,
    tenant: Tenant,
    /// The other hosts of the cloud, once the instance is known; nothing while it is asked about.
    aliases: Option<Vec<String>>,
    exchange: Box<Exchange>,
}

impl Discovery {
    /// An alias that a trusted host named needs no instance discovery of its own.
    pub(super) fn start(
        ctx: &Context,
        authority: Rc<Authority>,
        tenant: &Tenant,
        correlation_id: &str,
    ) -> (Box<Self>, Await) {
        let trusted = ctx.config.disable_instance_discovery || authority != ctx.config.authority;
        let asks = !trusted && authority.wants_instance_discovery(tenant);
        let (exchange, send) = if asks {
            let request = instance_request(&authority, tenant);
            let request = ctx.with_headers(request, correlation_id);
            Exchange::start("instance discovery request", request)
        } else {
            openid(ctx, &authority.openid_configuration(tenant), correlation_id)
        };
        let discovery = Self {
            authority,
            tenant: tenant.clone(),
            aliases: (!asks).then(Vec::new),
            exchange,
        };
        (Box::new(discovery), send)
    }

    /// What nobody else need do meanwhile.
    pub(super) fn resource(&self) -> Resource {
        Self::resource_of(&self.authority, &self.tenant)
    }

    /// The discovery of a tenant's endpoints.
    pub(super) fn resource_of(authority: &Authority, tenant: &Tenant) -> Resource {
        Resource::Discovery(format!("{}/{}", authority.url(), tenant.as_str()))
    }

    pub(super) fn step(
        &mut self,
        ctx: &Context,
        input: Input,
        (retry, correlation_id): (Retry, &str),
        now: Now,
    ) -> Result<Endpoints, Unfinished> {
        let reply = self.exchange.step(input, retry, now)?;
        let request = &self.exchange.request;
        if let Some(aliases) = self.aliases.take() {
            return Ok(openid_reply(&reply, (&self.authority, &self.tenant), aliases, request)?);
        }
        let instance = instance_reply(&reply, &self.authority, request)?;
        let (exchange, send) = openid(ctx, &instance.tenant_discovery_endpoint, correlation_id);
        self.exchange = exchange;
        self.aliases = Some(instance.aliases);
        Err(Unfinished::Pending(send))
    }
}

fn openid(ctx: &Context, url: &str, correlation_id: &str) -> (Box<Exchange>, Await) {
    let request = ctx.with_headers(openid_request(url), correlation_id);
    Exchange::start("OpenID Connect metadata request", request)
}
