//! Polling for the token: RFC 8628 §3.5.
//!
//! | state | event | next |
//! |---|---|---|
//! | waiting | the time is over | asking |
//! | asking | `authorization_pending` | waiting: the interval |
//! | asking | `slow_down` | waiting: the interval, which is 5 s longer from now on |
//! | asking | no reply, 408, 429, 5xx, or no OAuth JSON | waiting: twice as long as the last time, 60 s at most, or `Retry-After` |
//! | asking | any other OAuth error | **failed** with that error |
//! | asking | a token | **granted** |
//! | asking, for the last time | anything but a token or such an error | **failed**: timed out |
//! | asking, with but one poll to make | anything but a token or such an error | **paused**: whoever goes on waits |
//!
//! A wait that would end after the code's life is cut short, so that the last poll goes out just before the end and a
//! user who signs in during the last interval is not lost. The flow ends with the reply to a poll and never by a timer:
//! one that fires late, because the machine slept, still polls once.

use crate::prelude::*;

use crate::error::{Cause, Error, Failure};
use crate::flow::device_flow::DeviceFlow;
use crate::flow::step::{Await, Input};
use crate::protocol::http::{Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::token::TokenReply;
use crate::time::{Instant, Now, Span};
use alloc::rc::Rc;

/// RFC 8628 §3.5: "the interval MUST be increased by 5 seconds".
const SLOW_DOWN: Span = Span::from_secs(5);
const LONGEST_BACKOFF: Span = Span::from_secs(60);
/// How long before the end the last poll goes out, unless the whole flow is so short that this would be much of it.
const LAST_POLL_BEFORE_END: Span = Span::from_secs(1);
/// How long a reply may come after the end.
const GRACE: Span = Span::from_secs(5);

#[derive(Debug)]
pub(super) struct Polling {
    request: Rc<Request>,
    /// How the flow stands: the present interval, and the wait if it was lengthened because of a fault.
    flow: Box<DeviceFlow>,
    /// Only one poll: then somebody else goes on.
    once: bool,
    end: Instant,
    /// When the last poll goes out at the latest.
    last_poll: Instant,
    /// The poll that is out is the last.
    last: bool,
    /// What went wrong with the last poll, should the flow time out over it.
    fault: Option<(String, Option<Cause>)>,
}

#[derive(Debug)]
pub(super) enum Polled {
    Pending(Box<Polling>, Await),
    /// The one poll there was to be is answered: this is how the flow stands.
    Paused(Box<DeviceFlow>),
    Granted(Box<TokenReply>),
    Failed(Error),
}

impl Polling {
    /// Begins to poll with `request`, or goes on with it; the first poll goes out when it is due, or at once if it is to be
    /// the only one.
    pub(super) fn start(flow: Box<DeviceFlow>, request: Request, once: bool, now: Now) -> (Box<Self>, Instant) {
        let life = now.wall.until(flow.expires_on);
        let end = now.monotonic.after(life);
        // Whoever polls once, again and again, must not approach the end in ever shorter steps.
        let before_end = if once && life <= LAST_POLL_BEFORE_END {
            life
        } else {
            LAST_POLL_BEFORE_END.min(Span::from_millis(life.as_millis() / 8))
        };
        // However far off the clock of whoever began the flow is, nobody waits longer than that.
        let longest = flow.backoff.unwrap_or(flow.interval).max(flow.interval);
        let due = now.wall.until(flow.poll_after).min(longest);
        let polling = Box::new(Self {
            request: Rc::new(request),
            flow,
            once,
            end,
            last_poll: end.before(before_end),
            last: false,
            fault: None,
        });
        let first = polling.next_poll(if once { Span::ZERO } else { due }, now);
        (polling, first)
    }

    /// When the flow ends.
    pub(super) const fn end(&self) -> Instant {
        self.end
    }

    fn next_poll(&self, wait: Span, now: Now) -> Instant {
        now.monotonic.after(wait).min(self.last_poll).max(now.monotonic)
    }

    pub(super) fn step(mut self: Box<Self>, input: Input, now: Now) -> Polled {
        match input {
            Input::Replied(Ok(reply)) => self.read(&reply, now),
            Input::Replied(Err(fault)) => {
                let text = self.request.redact(fault.text());
                self.faulted(text, fault.into_cause(), None, now)
            }
            _ => {
                self.last = now.monotonic >= self.last_poll;
                let request = Rc::clone(&self.request);
                let limit = Some(now.monotonic.until(self.end).plus(GRACE));
                Polled::Pending(self, Await::Reply { request, limit })
            }
        }
    }

    fn read(mut self: Box<Self>, reply: &Reply, now: Now) -> Polled {
        let fields = reply.json();
        let error = fields
            .as_ref()
            .and_then(|fields| OAuthError::from_fields(fields, &self.request));
        match error {
            Some(error) if error.error == "authorization_pending" => self.wait(None, now),
            Some(error) if error.error == "slow_down" => {
                self.flow.interval = self.flow.interval.plus(SLOW_DOWN);
                self.wait(reply.retry_after, now)
            }
            Some(error) if !reply.is_fault() => Polled::Failed(Error::refused(error, reply.status)),
            _ => {
                let granted = fields
                    .filter(|_| reply.status == 200)
                    .and_then(|fields| TokenReply::read(&fields));
                if let Some(granted) = granted {
                    return Polled::Granted(Box::new(granted));
                }
                let text = text!(
                    "the server answered with status ",
                    &decimal(u64::from(reply.status)),
                    " and no OAuth reply"
                );
                self.faulted(text, None, reply.retry_after, now)
            }
        }
    }

    /// The server answered properly: the next wait is the interval again, unless it asked for more.
    fn wait(mut self: Box<Self>, retry_after: Option<Span>, now: Now) -> Polled {
        let interval = self.flow.interval;
        self.flow.backoff = retry_after.filter(|asked| *asked > interval);
        self.fault = None;
        let wait = self.flow.backoff.unwrap_or(interval);
        self.pause(wait, now)
    }

    fn faulted(mut self: Box<Self>, text: String, cause: Option<Cause>, retry_after: Option<Span>, now: Now) -> Polled {
        let interval = self.flow.interval;
        let doubled = self.flow.backoff.unwrap_or(interval).times(2);
        let wait = match retry_after {
            Some(asked) => asked.max(interval),
            None => doubled.min(LONGEST_BACKOFF).max(interval),
        };
        self.flow.backoff = Some(wait);
        self.fault = Some((text, cause));
        self.pause(wait, now)
    }

    fn pause(mut self: Box<Self>, wait: Span, now: Now) -> Polled {
        if self.last {
            return Polled::Failed(timed_out(self.fault));
        }
        let next = self.next_poll(wait, now);
        if self.once {
            self.flow.poll_after = now.wall.after(now.monotonic.until(next));
            return Polled::Paused(self.flow);
        }
        Polled::Pending(self, Await::Until(next))
    }
}

/// The end, over what went wrong with the last poll, if anything did.
fn timed_out(fault: Option<(String, Option<Cause>)>) -> Error {
    let mut failure = Failure {
        message: "Timed out waiting for user to authenticate".into(),
        ..Failure::default()
    };
    if let Some((text, cause)) = fault {
        failure.message = text!(&failure.message, "; the last poll failed: ", &text);
        failure.cause = cause;
    }
    Error::Authentication(Box::new(failure))
}
