//! What goes over the wire: requests as they are built, replies as they are read. No state, no time.

pub mod authority;
pub mod claims;
pub mod device;
pub mod discovery;
mod fields;
pub mod http;
pub mod id_token;
pub mod oauth_error;
pub(crate) mod plain;
mod redaction;
pub mod scope;
pub mod token;
pub mod url;
