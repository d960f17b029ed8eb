//! How a piece of work goes on: what it is told, and what it waits for then.

use crate::error::Error;
use crate::flow::event::{IoEvent, Prompt};
use crate::protocol::http::Request;
use crate::time::Instant;
use std::rc::Rc;
use std::time::Duration;

/// What a machine is told.
#[derive(Debug)]
pub enum Input {
    /// The host did what it was to do, or could not.
    Done(IoEvent),
    /// The moment it waited for has come, or its turn; or the host takes too long.
    Elapsed,
}

/// What a machine waits for.
#[derive(Debug)]
pub enum Await {
    /// What the host is to do, and for how long at most. No request takes longer than the configuration allows.
    Io(What, Duration),
    /// A moment, or from then on what the user does who is prompted.
    Until(Instant, Option<Box<Prompt>>),
    /// That nobody else holds a resource.
    Turn(Resource),
}

/// What a host does.
#[derive(Clone, Debug)]
pub enum What {
    /// Send a request.
    Send(Rc<Request>),
    /// Read a persistent cache.
    Load {
        /// Which one.
        enable_cae: bool,
        /// Whose item, if each account has its own.
        account: Option<String>,
    },
    /// Write a persistent cache.
    Save {
        /// Which one.
        enable_cae: bool,
        /// Who is being signed out, by id.
        signed_out: Option<String>,
    },
}

/// Why a part of a machine has no result.
#[derive(Debug)]
pub(super) enum Unfinished {
    /// It waits for something.
    Pending(Await),
    /// There will be none.
    Failed(Error),
}

impl From<Error> for Unfinished {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
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
