//! Polling for the token: RFC 8628 §3.5.
//!
//! | state | event | next |
//! |---|---|---|
//! | waiting | the time is over | asking |
//! | asking | `authorization_pending` | waiting: the interval |
//! | asking | `slow_down` | waiting: the interval, which is 5 s longer from now on |
//! | asking | no reply, 408, 429, 5xx, AADSTS50196, or no OAuth JSON | waiting: twice as long as the last time, 60 s at most, or `Retry-After` |
//! | asking | any other OAuth error | **failed** with that error |
//! | asking | a token | **granted**; **failed** if it is of no use |
//! | asking, for the last time | anything but a token or such an error | **failed**: timed out |
//! | asking, with but one poll to make | anything but a token or such an error | **paused**: whoever goes on waits |
//!
//! A wait that would end after the code's life is cut short, so that the last poll goes out just before the end and a
//! user who signs in during the last interval is not lost. The flow ends with the reply to a poll and never by a timer:
//! one that fires late, because the machine slept, still polls once.

use crate::error::{Error, Failure};
use crate::flow::event::IoEvent;
use crate::flow::exchange::no_reply;
use crate::flow::standing::DeviceFlow;
use crate::flow::step::{Await, Input, Unfinished, What};
use crate::hint;
use crate::protocol::http::{Reply, Request};
use crate::protocol::oauth_error::{self, OAuthError};
use crate::protocol::token::TokenReply;
use crate::time::{Instant, Now};
use std::rc::Rc;
use std::time::Duration;

/// AADSTS50196: for now, Entra answers nobody who asks as often as this client. It passes.
const TOO_OFTEN: u32 = 50_196;
/// RFC 8628 §3.5: "the interval MUST be increased by 5 seconds".
const SLOW_DOWN: Duration = Duration::from_secs(5);
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// How long before the end the last poll goes out, unless the whole flow is so short that this would be much of it.
const LAST_POLL_BEFORE_END: Duration = Duration::from_secs(1);
/// How long a reply may come after the end.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Polling {
    request: Rc<Request>,
    /// How the flow stands: the present interval, and the wait if it was lengthened because of a fault.
    pub(super) flow: Box<DeviceFlow>,
    /// Only one poll: then somebody else goes on.
    once: bool,
    end: Instant,
    /// When the last poll goes out at the latest.
    last_poll: Instant,
    /// The poll that is out is the last.
    last: bool,
    /// What went wrong with the last poll, should the flow time out over it.
    fault: Option<Failure>,
}

/// What came of the polls.
#[derive(Debug)]
pub(super) enum Polled {
    /// The one poll there was to be is answered: this is how the flow stands.
    Paused,
    Granted(Box<TokenReply>),
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
            LAST_POLL_BEFORE_END.min(life.checked_div(8).unwrap_or_default())
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
        let first = polling.next_poll(if once { Duration::ZERO } else { due }, now);
        (polling, first)
    }

    /// When the flow ends.
    pub(super) const fn end(&self) -> Instant {
        self.end
    }

    fn next_poll(&self, wait: Duration, now: Now) -> Instant {
        now.monotonic.after(wait).min(self.last_poll).max(now.monotonic)
    }

    pub(super) fn step(&mut self, input: Input, now: Now) -> Result<Polled, Unfinished> {
        match input {
            Input::Done(IoEvent::Replied(Ok(reply))) => self.read(&reply, now),
            Input::Done(IoEvent::Replied(Err(fault))) => {
                let failed = no_reply(fault, &self.request);
                self.faulted(failed, None, now)
            }
            _ => {
                self.last = now.monotonic >= self.last_poll;
                let send = What::Send(Rc::clone(&self.request));
                let limit = now.monotonic.until(self.end).saturating_add(GRACE);
                Err(Unfinished::Pending(Await::Io(send, limit)))
            }
        }
    }

    fn read(&mut self, reply: &Reply, now: Now) -> Result<Polled, Unfinished> {
        // Almost every reply is one of these, and nobody is shown what else it says.
        match oauth_error::error_of(reply).as_deref() {
            Some("authorization_pending") => return self.wait(None, now),
            Some("slow_down") => {
                self.flow.interval = self.flow.interval.saturating_add(SLOW_DOWN);
                return self.wait(reply.retry_after, now);
            }
            _ => {}
        }
        match OAuthError::read(reply, &self.request) {
            Some(error) if !reply.is_fault() && !error.codes.contains(&TOO_OFTEN) => {
                Err(Error::refused(error, reply.status).into())
            }
            _ => {
                match TokenReply::read(reply) {
                    Ok(Some(granted)) => return Ok(Polled::Granted(Box::new(granted))),
                    Err(why) => return Err(Error::unfit(why, reply).into()),
                    Ok(None) => {}
                }
                let failed = Failure {
                    message: format!("the server answered with status {} and no OAuth reply", reply.status),
                    hint: hint::for_reply(reply),
                    ..Failure::default()
                };
                self.faulted(failed, reply.retry_after, now)
            }
        }
    }

    /// The server answered properly: the next wait is the interval again, unless it asked for more.
    fn wait(&mut self, retry_after: Option<Duration>, now: Now) -> Result<Polled, Unfinished> {
        let interval = self.flow.interval;
        self.flow.backoff = retry_after.filter(|asked| *asked > interval);
        self.fault = None;
        let wait = self.flow.backoff.unwrap_or(interval);
        self.pause(wait, now)
    }

    fn faulted(&mut self, failed: Failure, retry_after: Option<Duration>, now: Now) -> Result<Polled, Unfinished> {
        let interval = self.flow.interval;
        let doubled = self.flow.backoff.unwrap_or(interval).saturating_mul(2);
        let wait = match retry_after {
            Some(asked) => asked.max(interval),
            None => doubled.min(LONGEST_BACKOFF).max(interval),
        };
        self.flow.backoff = Some(wait);
        self.fault = Some(failed);
        self.pause(wait, now)
    }

    fn pause(&mut self, wait: Duration, now: Now) -> Result<Polled, Unfinished> {
        if self.last {
            return Err(timed_out(self.fault.take()).into());
        }
        let next = self.next_poll(wait, now);
        if self.once {
            self.flow.poll_after = now.wall.after(now.monotonic.until(next));
            return Ok(Polled::Paused);
        }
        Err(Unfinished::Pending(Await::Until(next, None)))
    }
}

/// The end, over what went wrong with the last poll, if anything did.
fn timed_out(fault: Option<Failure>) -> Error {
    let what = "Timed out waiting for user to authenticate";
    let Some(mut failure) = fault else {
        return Error::authentication(what);
    };
    failure.message = format!("{what}; the last poll failed: {}", failure.message);
    Error::Authentication(Box::new(failure))
}
