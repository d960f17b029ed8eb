//! What can go wrong, as the caller is told of it.

pub use crate::cause::Cause;
use crate::hint;
use crate::protocol::http::{Reply, Request};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::scope::Scopes;

/// Why a call failed. Each variant is one of the classes JavaScript sees.
#[derive(Clone, Debug)]
pub enum Error {
    /// An argument is wrong (`TypeError`). The message names it and says what would be right. Nothing was sent.
    InvalidArgument(String),
    /// Authentication failed (`AuthenticationError`, alias `ClientAuthenticationError`).
    Authentication(Box<Failure>),
    /// The credential can't attempt to authenticate (`CredentialUnavailableError`).
    Unavailable(String),
    /// The user must interact and the credential was told not to begin that by itself (`AuthenticationRequiredError`).
    Required(Box<Required>),
    /// The caller gave up. The host rejects with the reason of the caller's signal.
    Aborted,
}

/// The details of a failed authentication.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// One sentence for people.
    pub message: String,
    /// The HTTP status of the reply that ended it.
    pub status: Option<u16>,
    /// The server's error reply (RFC 6749 §5.2).
    pub response: Option<OAuthError>,
    /// What the host caught: an exception of `fetch` or of the prompt callback.
    pub cause: Option<Cause>,
    /// What would help, where there is no error reply to tell it by.
    pub hint: Option<&'static str>,
}

/// What [`Error::Required`] tells the caller to authenticate for.
#[derive(Clone, Debug)]
pub struct Required {
    /// The scopes of the call.
    pub scopes: Option<Scopes>,
    /// The claims of the call.
    pub claims: Option<String>,
    /// The tenant the call named.
    pub tenant_id: Option<String>,
    /// Whether the call asked for Continuous Access Evaluation.
    pub enable_cae: bool,
    /// The error with which the server refused to renew silently.
    pub refused: Option<Failure>,
}

impl Error {
    /// An authentication failure that has nothing to add to its message.
    #[must_use]
    pub fn authentication(message: impl Into<String>) -> Self {
        Self::failed(message.into(), None, None)
    }

    /// An authentication failure that an exception of the host is to blame for.
    #[must_use]
    pub fn caused(message: String, cause: Cause) -> Self {
        Self::failed(message, None, Some(cause))
    }

    /// An authentication failure that a reply is to blame for, though it is no OAuth error.
    #[must_use]
    pub fn replied(message: String, reply: &Reply) -> Self {
        Self::failed(message, Some(reply), None)
    }

    fn failed(message: String, reply: Option<&Reply>, cause: Option<Cause>) -> Self {
        Self::Authentication(Box::new(Failure {
            message,
            status: reply.map(|reply| reply.status),
            response: None,
            cause,
            hint: reply.and_then(hint::for_reply),
        }))
    }

    /// The server granted a token that is of no use.
    #[must_use]
    pub fn unfit(why: &str, reply: &Reply) -> Self {
        Self::replied(format!("The reply to the token request {why}"), reply)
    }

    /// Reads an error reply, where it ends the call.
    ///
    /// # Errors
    /// The server answered with an OAuth error.
    pub fn refuse(reply: &Reply, request: &Request) -> Result<(), Self> {
        match OAuthError::read(reply, request) {
            Some(refused) => Err(Self::refused(refused, reply.status)),
            None => Ok(()),
        }
    }

    /// The server answered with an OAuth error.
    #[must_use]
    pub fn refused(response: OAuthError, status: u16) -> Self {
        Self::Authentication(Box::new(Failure::refused(response, status)))
    }

    /// What would help, for the errors people meet most.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Authentication(failure) => failure.hint(),
            Self::Required(required) => required.refused.as_ref().and_then(Failure::hint),
            _ => None,
        }
    }
}

impl Failure {
    /// The server answered with an OAuth error.
    #[must_use]
    pub fn refused(response: OAuthError, status: u16) -> Self {
        let said = response.description.as_deref().unwrap_or(&response.error);
        Self {
            message: format!("Authentication failed: {said}"),
            status: Some(status),
            response: Some(response),
            ..Self::default()
        }
    }

    fn hint(&self) -> Option<&'static str> {
        self.hint.or_else(|| self.response.as_ref().and_then(hint::for_error))
    }
}
