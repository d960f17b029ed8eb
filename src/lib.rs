//! The OAuth 2.0 device code flow (RFC 8628) for Microsoft Entra ID, without I/O.
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
pub mod error;
pub mod flow;
pub mod hint;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
mod js;
pub mod json;
pub mod protocol;
pub mod record;
pub mod secret;
pub mod time;
