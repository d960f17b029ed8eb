//! One request that is not a poll, with its retries.
//!
//! | state | event | next |
//! |---|---|---|
//! | sent | a reply that is not transient | **done** |
//! | sent | no reply, or 408, 429, 5xx; retries left | backing off |
//! | sent | the same; no retries left, or the server asks for more patience than anybody has | **failed** |
//! | backing off | the time is over | sent |

use crate::error::{Error, Failure};
use crate::flow::config::Retry;
use crate::flow::event::IoEvent;
use crate::flow::step::{Await, Input, Unfinished, What};
use crate::hint;
use crate::protocol::http::{Fault, Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::time::Now;
use std::rc::Rc;
use std::time::Duration;

/// The longest wait that a server may ask for: whoever called would rather know.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Exchange {
    what: &'static str,
    pub(super) request: Rc<Request>,
    retries: u32,
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
        Await::Io(What::Send(Rc::clone(&self.request)), Duration::MAX)
    }

    pub(super) fn step(&mut self, input: Input, retry: Retry, now: Now) -> Result<Reply, Unfinished> {
        let replied = match input {
            Input::Done(IoEvent::Replied(Ok(reply))) if !reply.is_fault() => return Ok(reply),
            Input::Done(IoEvent::Replied(replied)) => replied,
            _ => return Err(Unfinished::Pending(self.send())),
        };
        let asked = replied.as_ref().ok().and_then(|reply| reply.retry_after);
        let asked = asked.filter(|asked| !asked.is_zero());
        if self.retries >= retry.max_retries || asked.is_some_and(|asked| asked > LONGEST_WAIT) {
            return Err(self.failure(replied, asked).into());
        }
        let wait = asked.unwrap_or_else(|| backoff(retry, self.retries));
        self.retries = self.retries.saturating_add(1);
        Err(Unfinished::Pending(Await::Until(now.monotonic.after(wait), None)))
    }

    fn failure(&self, replied: Result<Reply, Fault>, asked: Option<Duration>) -> Error {
        let patience = asked.map(|asked| format!(" and asks to wait {} seconds", asked.as_secs()));
        let patience = patience.unwrap_or_default();
        let mut failure = match replied {
            Ok(reply) => Failure {
                message: format!("the server answered with status {}{patience}", reply.status),
                status: Some(reply.status),
                response: OAuthError::read(&reply, &self.request),
                ..Failure::default()
            },
            Err(fault) => no_reply(fault, &self.request),
        };
        failure.message = format!("The {} failed: {}", self.what, failure.message);
        Error::Authentication(Box::new(failure))
    }
}

/// What went wrong if there is no reply.
pub(super) fn no_reply(fault: Fault, request: &Request) -> Failure {
    Failure {
        message: fault.text(request),
        hint: hint::for_fault(&fault),
        cause: fault.into_cause(),
        ..Failure::default()
    }
}

fn backoff(retry: Retry, retries: u32) -> Duration {
    let factor = 1_u32.checked_shl(retries).unwrap_or(u32::MAX);
    retry.delay.saturating_mul(factor).min(retry.max_delay)
}
