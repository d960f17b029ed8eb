//! A successful token reply (RFC 6749 §5.1), and how a refresh token is spent (§6).

use crate::prelude::*;

use crate::json::Json;
use crate::protocol::fields::Fields;
use crate::protocol::http::{Field, Form, Request};
use crate::protocol::id_token::{ClientInfo, IdTokenClaims};
use crate::secret::Secret;
use crate::time::Span;

/// How long a token is taken to live if the server doesn't say; MSAL's value.
const DEFAULT_LIFETIME: Span = Span::from_secs(600);

/// What the server granted.
#[derive(Clone, Debug)]
pub struct TokenReply {
    /// The access token.
    pub access_token: Secret,
    /// How long it lives.
    pub expires_in: Span,
    /// How long it may be used while the service is out; Entra's own.
    pub ext_expires_in: Span,
    /// When Entra would like it to be renewed.
    pub refresh_in: Option<Span>,
    /// What it is good for, if the server says; else what was asked.
    pub scope: Option<String>,
    /// `token_type`, as the server writes it.
    pub token_type: String,
    /// A refresh token, or its successor.
    pub refresh_token: Option<Secret>,
    /// The id token, undecoded.
    pub id_token: Option<Secret>,
    /// Who it is for, undecoded.
    pub client_info: Option<String>,
    /// The family of client ids that share refresh tokens (FOCI).
    pub family_id: Option<String>,
}

impl TokenReply {
    /// Reads a reply that carries an access token. What else is malformed in it doesn't cost the caller the token.
    #[must_use]
    pub fn read(fields: &Fields) -> Option<Self> {
        let access_token = Secret::new(fields.text("access_token")?);
        let span = |name| fields.seconds(name).ok().flatten();
        let secret = |name: &str| fields.text(name).map(Secret::new);
        let expires_in = span("expires_in").unwrap_or(DEFAULT_LIFETIME);
        let family_id = match fields.get("foci") {
            Some(Json::Number(number)) => Some(number.clone()),
            _ => fields.text("foci").map(str::to_owned),
        };
        Some(Self {
            access_token,
            expires_in,
            ext_expires_in: span("ext_expires_in").unwrap_or(expires_in),
            refresh_in: span("refresh_in"),
            scope: fields.text("scope").map(str::to_owned),
            token_type: fields.text("token_type").unwrap_or("Bearer").to_owned(),
            refresh_token: secret("refresh_token"),
            id_token: secret("id_token"),
            client_info: fields.text("client_info").map(str::to_owned),
            family_id,
        })
    }

    /// The id token's claims, or what is wrong with it.
    ///
    /// # Errors
    /// There is no id token, or it is malformed.
    pub fn claims(&self) -> Result<IdTokenClaims, &'static str> {
        let id_token = self.id_token.as_ref().ok_or("the token reply has no `id_token`")?;
        IdTokenClaims::decode(id_token.expose())
    }

    /// The account's id, if the server sent it, or what is wrong with it.
    #[must_use]
    pub fn client_info(&self) -> Option<Result<ClientInfo, &'static str>> {
        self.client_info.as_deref().map(ClientInfo::decode)
    }
}

/// RFC 6749 §6, with Entra's `client_info=1`.
#[must_use]
pub fn refresh_request(
    url: &str,
    client_id: &str,
    refresh_token: &Secret,
    scope: &str,
    claims: Option<&str>,
) -> Request {
    Request::post(
        url.to_owned(),
        Form::new(&[
            ("client_id", Field::Text(client_id)),
            ("grant_type", Field::Text("refresh_token")),
            ("client_info", Field::Text("1")),
            ("refresh_token", Field::Secret(refresh_token)),
            ("scope", Field::Text(scope)),
            ("claims", Field::Optional(claims)),
        ]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_field_does_not_cost_the_token() {
        let body = r#"{"access_token":"at","expires_in":{},"refresh_token":7,"scope":[],"foci":1}"#;
        let reply = TokenReply::read(&Fields::parse(body).unwrap()).unwrap();
        assert_eq!(reply.expires_in, DEFAULT_LIFETIME);
        assert!(reply.refresh_token.is_none() && reply.scope.is_none());
        assert_eq!(reply.family_id.as_deref(), Some("1"));
        assert!(reply.claims().unwrap_err().contains("no `id_token`"));
    }

    #[test]
    fn a_reply_without_an_access_token_is_none() {
        for body in ["{}", r#"{"access_token":""}"#, r#"{"access_token":1}"#] {
            assert!(TokenReply::read(&Fields::parse(body).unwrap()).is_none(), "{body}");
        }
    }
}
