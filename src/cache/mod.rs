//! The token cache: MSAL's unified schema, so that what one side writes serves the others.
//!
//! `entity` has the columns of each table and the keys, `row` is one row with the JSON it was read from, `index` all rows by
//! their keys, `store` the cache and the questions a flow asks of it, `grant` how a token reply becomes rows, `serialized`
//! the JSON that MSAL libraries exchange, `strange` what of it is not ours to understand, `stored` how several writers share
//! one store.

mod entity;
pub mod grant;
mod index;
mod row;
mod serialized;
pub mod store;
mod stored;
mod strange;

pub use index::Item;
pub(crate) use index::UNNAMED;
pub use store::TokenCache;
