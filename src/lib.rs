//! The OAuth 2.0 device code flow (RFC 8628) for Microsoft Entra ID, without I/O: no socket, no clock, no timer.
//!
//! # The map
//!
//! Each part may use those below it, never one above.
//!
//! ```text
//! pkg-template/    JavaScript: the entries and loaders, the errors, and what only JavaScript can reach: stores, files
//!      │
//! src/host/        a crate of its own, WebAssembly only: the exported class, and the driver that performs effects
//!      │
//! flow/            the machines. `credential` takes events and yields effects, callers share its work; one piece of work is
//!      │           an `acquisition`, made of `discovery`, `silent`, `exchange` (retries) and `polling` (RFC 8628 §3.5).
//!      │           `device_flow` is a sign-in that outlives its process
//! cache/           the tokens, in MSAL's schema: `entity` (columns and keys), `row`, `index`, `store` (what is asked of them),
//!      │           `grant` (how a reply becomes rows), `serialized` and `stored` (what other processes see)
//! error            what callers are told went wrong, with its `hint`; `record`: who signed in
//!      │
//! protocol/        what goes over the wire. `authority` has the list of known hosts, `device` the flow's own messages,
//!      │           `token` the token reply, `discovery` the metadata, `http` requests and replies
//! values           `time`, `secret`, `cause`, `text`, `shape` (how ours are written for JavaScript), and `json` (how leniently
//!                  others' JSON is read)
//! ```
//!
//! `error` carries what a server said, and two of the protocol's readers, `device` and `discovery`, say it with an `error`:
//! these two stand above it, the rest of the protocol below.
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
//! `fresh_token` is a question and no event: nothing follows it.
//!
//! Nothing else moves a credential, so whoever holds the events holds the time: the tests move it by hand, and any
//! conversation can be repeated exactly. Here, a server is busy, and two calls that want the same wait for one request:
//!
//! ```
//! use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
//! use entra_device_code::flow::config::Config;
//! use entra_device_code::flow::credential::Credential;
//! use entra_device_code::flow::event::{Effect, IoEvent};
//! use entra_device_code::protocol::authority::{Authority, Tenant};
//! use entra_device_code::protocol::http::Reply;
//! use entra_device_code::protocol::scope::Scopes;
//! use entra_device_code::secret::Secret;
//! use entra_device_code::time::{Instant, Now, Timestamp};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut credential = Credential::new(Config::new(
//!     Config::DEFAULT_CLIENT_ID.into(),
//!     Authority::parse("login.microsoftonline.com")?,
//!     Tenant::parse("contoso.com")?,
//! ));
//! let now = Now {
//!     wall: Timestamp::from_unix_secs(1_767_225_600),
//!     monotonic: Instant::from_millis(0),
//! };
//! let scopes = Scopes::new(["https://graph.microsoft.com/User.Read"])?;
//! let ask = Ask::new(credential.config(), Purpose::GetToken, Some(scopes), AskOptions::default())
//!     .map_err(|error| format!("{error:?}"))?;
//!
//! // An event, and its effects: a request to send. Another call that asks for the same adds none.
//! let ada = credential.call(ask.clone(), "a UUID".into(), now);
//! let Some((by, Effect::Send { io, request, .. })) = credential.poll_effect() else {
//!     return Err("nothing to send".into());
//! };
//! assert_eq!(by, ada);
//! assert_eq!(request.url, "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/devicecode");
//! credential.call(ask, "another UUID".into(), now);
//! while let Some((_, effect)) = credential.poll_effect() {
//!     assert!(!matches!(effect, Effect::Send { .. } | Effect::Prompt(..)));
//! }
//!
//! // The next event. The server is busy, so the effect is a time: then, look again.
//! let busy = Reply { status: 503, retry_after: Some(Duration::from_secs(7)), body: Secret::new("") };
//! credential.handle_io(io, IoEvent::Replied(Ok(busy)), now);
//! let effects: Vec<_> = std::iter::from_fn(|| credential.poll_effect()).collect();
//! let then = now.monotonic.after(Duration::from_secs(7));
//! assert!(effects.iter().any(|(by, effect)| *by == ada && matches!(effect, Effect::WakeAt(at) if *at == then)));
//! # Ok(())
//! # }
//! ```
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

pub mod cache;
mod cause;
pub mod error;
pub mod flow;
pub mod hint;
mod json;
pub mod protocol;
pub mod record;
pub mod secret;
mod shape;
mod text;
pub mod time;
