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
mod known;
mod stored;
mod talk;
mod vanishing;
mod wire;

mod expiring;
mod initiating;
mod once;
mod resuming;
mod stranded;
mod together;
mod wrong;

mod account;
mod chance;

mod discovering;
mod ending;
mod family;
mod polling;
mod retrying;
mod secrecy;
mod server;
mod sharing;
mod silent;
mod storing;
