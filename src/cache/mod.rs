//! The token cache: MSAL's unified schema, so that what one side writes serves the others.
//!
//! `entity` is one row, `index` all rows by their keys (`rows` keeps them sorted), `store` the cache and the questions a flow
//! asks of it, `grant` how a token reply becomes rows, `serialized` the JSON that MSAL libraries exchange, `stored` how
//! several writers share one store.

pub mod entity;
pub mod grant;
mod index;
mod rows;
mod serialized;
pub mod store;
pub mod stored;

pub use index::Item;
pub use store::TokenCache;
