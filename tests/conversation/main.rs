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
mod initiating;
mod known;
mod once;
mod partitions;
mod polling;
mod resuming;
mod retrying;
mod secrecy;
mod sharing;
mod silent;
mod storing;
mod stranded;
mod together;
mod unusable;
mod vanishing;
mod wrong;
