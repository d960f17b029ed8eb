//! How a piece of work goes on: what it is told, and what it waits for then.

use crate::prelude::*;

use crate::error::{Cause, Error};
use crate::flow::acquisition::Acquisition;
use crate::flow::event::{Outcome, Prompt};
use crate::protocol::http::{Fault, Reply, Request};
use crate::secret::Secret;
use crate::time::{Instant, Span};
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
    /// The store can't work as it is configured.
    Unusable(String),
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
        /// Whose item, if each account has its own.
        account: Option<String>,
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
    Done(Result<Box<Outcome>, Error>),
}
