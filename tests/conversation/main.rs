//! What the credential, its callers, the host and the server say to each other, and when.
//!
//! `talk` is the host: clocks moved by hand, callers with contexts that may end, everything strict. `wire` is what the
//! server says. Each other module is a set of conversations about one thing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod calls;
mod expect;
mod finished;
mod host;
mod kept;
mod stored;
mod talk;
mod wire;

mod server;
mod world;

mod account;
mod accounts;
mod apart;
mod chance;
mod discovering;
mod ending;
mod expiring;
mod family;
mod hanging;
mod headers;
mod initiating;
mod keeping;
mod known;
mod logging;
mod once;
mod outage;
mod outrun;
mod partitions;
mod polling;
mod providers;
mod resuming;
mod retrying;
mod scopes;
mod secrecy;
mod sharing;
mod silent;
mod storing;
mod stranded;
mod together;
mod unusable;
mod vanishing;
mod whose;
mod wrong;
