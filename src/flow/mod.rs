//! The machines. Nothing here touches a socket, a clock or a timer.
//!
//! `credential` is what a host talks to: it takes events and yields effects, and lets callers share their work. One
//! piece of work is an `acquisition`, a state machine composed of smaller ones: `discovery`, `silent`, `exchange` (one
//! request with its retries) and `polling` (RFC 8628 §3.5).

pub mod acquisition;
pub mod ask;
pub mod config;
pub mod context;
pub mod credential;
mod discovery;
pub mod event;
mod exchange;
mod polling;
mod silent;
pub(crate) mod slots;
