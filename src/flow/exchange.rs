//! One request that is not a poll, with its retries.
//!
//! | state | event | next |
//! |---|---|---|
//! | sent | a reply that is not transient | **done** |
//! | sent | no reply, or 408, 429, 500, 502, 503, 504; retries left | backing off |
//! | sent | the same; no retries left | **failed** |
//! | backing off | the time is over | sent |

use crate::prelude::*;

use crate::error::{Error, Failure};
use crate::flow::config::Retry;
use crate::flow::step::{Await, Input};
use crate::protocol::http::{Fault, Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::time::{Now, Span};
use alloc::rc::Rc;

#[derive(Debug)]
pub(super) struct Exchange {
    what: &'static str,
    request: Rc<Request>,
    retries: u32,
}

#[derive(Debug)]
pub(super) enum Exchanged {
    Pending(Box<Exchange>, Await),
    Replied(Reply, Rc<Request>),
    Failed(Error),
}

impl Exchange {
    /// `what` names the request in errors: "The {what} …".
    pub(super) fn start(what: &'static str, request: Request) -> (Box<Self>, Await) {
        let exchange = Box::new(Self {
            what,
            request: Rc::new(request),
            retries: 0,
        });
        let send = exchange.send();
        (exchange, send)
    }

    fn send(&self) -> Await {
        Await::Reply {
            request: Rc::clone(&self.request),
            limit: None,
        }
    }

    pub(super) fn step(mut self: Box<Self>, input: Input, retry: Retry, now: Now) -> Exchanged {
        let replied = match input {
            Input::Replied(Ok(reply)) if !reply.is_transient() => {
                return Exchanged::Replied(reply, self.request);
            }
            Input::Replied(replied) => replied,
            _ => {
                let send = self.send();
                return Exchanged::Pending(self, send);
            }
        };
        if self.retries >= retry.max_retries {
            return Exchanged::Failed(self.failure(replied));
        }
        let asked = replied.ok().and_then(|reply| reply.retry_after);
        let wait = asked.unwrap_or_else(|| backoff(retry, self.retries));
        self.retries = self.retries.saturating_add(1);
        Exchanged::Pending(self, Await::Until(now.monotonic.after(wait)))
    }

    fn failure(self, replied: Result<Reply, Fault>) -> Error {
        let what = self.what;
        Error::Authentication(Box::new(match replied {
            Ok(reply) => Failure {
                message: text!(
                    "The ",
                    what,
                    " failed: the server answered with status ",
                    &decimal(u64::from(reply.status))
                ),
                status: Some(reply.status),
                response: OAuthError::read(&reply, &self.request),
                cause: None,
            },
            Err(fault) => Failure {
                message: text!("The ", what, " failed: ", &self.request.redact(fault.text())),
                cause: fault.into_cause(),
                ..Failure::default()
            },
        }))
    }
}

fn backoff(retry: Retry, retries: u32) -> Span {
    let factor = 2_u32.checked_pow(retries).unwrap_or(u32::MAX);
    retry.delay.times(factor).min(retry.max_delay)
}
