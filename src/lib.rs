//! The OAuth 2.0 device code flow (RFC 8628) for Microsoft Entra ID, without I/O: no socket, no clock, no timer.
//!
//! # The map
//!
//! Each part may use those below it, never one above.
//!
//! ```text
//! pkg-template/    JavaScript: the public class, promises, `fetch`, timers, the store
//!      │
//! src/host/        a crate of its own, WebAssembly only: JavaScript's words become events, effects become its words
//!      │
//! flow/            the machines. `credential` takes events and yields effects, callers share its work; one piece of work is
//!      │           an `acquisition`, made of `discovery`, `silent`, `exchange` (retries) and `polling` (RFC 8628 §3.5)
//! cache/           the tokens, in MSAL's schema: `entity` (columns and keys), `store` (what is asked of them), `grant` (how a
//!      │           reply becomes rows), `serialized` and `stored` (what other processes see)
//! protocol/        what goes over the wire. `authority` has the list of known hosts, `device` the flow's own messages,
//!      │           `token` the token reply, `discovery` the metadata, `http` requests and replies
//! values           `time`, `secret`, `json`, and what callers are told: `record`, `error` with its `hint`
//! ```
//!
//! `record` and `error` carry what a server said, so these two know the protocol's values, as the protocol knows them.
//!
//! # The run loop
//!
//! A host holds one [`Credential`](flow::credential::Credential). There is one invariant: **feed an event, then drain the
//! effects until there is none, and only then feed the next event.**
//!
//! ```text
//! call, handle_call, handle_io, prompt_failed, close      an event, with the time at which it happened
//!                      │
//!          poll_effect, poll_log until None               what to do: send, load, save, prompt, wake, finish, cancel
//!                      │
//!          the host does it, and says how it went         the next event
//! ```
//!
//! Nothing else moves a credential, so whoever holds the events holds the time: the tests move it by hand, and any
//! conversation can be repeated exactly.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

extern crate alloc;

pub mod cache;
pub mod error;
pub mod flow;
pub mod hint;
pub mod json;
mod prelude;
pub mod protocol;
pub mod record;
pub mod secret;
pub mod time;
