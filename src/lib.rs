//! The OAuth 2.0 device code flow (RFC 8628) for Microsoft Entra ID, without I/O.
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
