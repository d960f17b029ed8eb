//! The machines. Nothing here touches a socket, a clock or a timer.
//!
//! `credential` is what a host talks to: it takes an `event` and yields effects, and lets callers share their work;
//! `looking` is how they look after it. A `job` is one piece of work. What it does is an `acquisition`, a state machine
//! composed of smaller ones: `discovery`, `silent`, `exchange` (one request with its retries) and `polling` (RFC 8628 §3.5). Three
//! parts of it have files of their own: `sign_in`, where the user must act, `storing` and `accounts`. The machines speak to each
//! other in terms of `step`, and share a `context`. `ask` is what a caller wants, `config` what the credential was constructed
//! with. `standing` is how a sign-in stands that waits for its user, `device_flow` all that is kept of one that outlives its
//! process.

mod accounts;
pub mod acquisition;
pub mod ask;
pub mod config;
pub mod context;
pub mod credential;
pub mod device_flow;
mod discovery;
pub mod event;
mod exchange;
mod job;
mod looking;
mod polling;
mod sign_in;
mod silent;
mod standing;
pub mod step;
mod storing;
