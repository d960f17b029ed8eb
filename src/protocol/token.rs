//! A successful token reply (RFC 6749 §5.1), and how a refresh token is spent (§6).

use crate::protocol::fields::Fields;
use crate::protocol::http::{Field, Form, Reply, Request};
use crate::protocol::id_token::{ClientInfo, IdTokenClaims};
use crate::secret::Secret;
use std::time::Duration;

/// How long a token is taken to live if the server doesn't say; MSAL's value.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(600);

/// A longer list of scopes is nobody's, and each is looked at for each that is asked for.
const LONGEST_SCOPE: usize = 1 << 16;

/// What the server granted. What is malformed in it besides the access token doesn't cost the caller the token.
#[derive(Clone, Debug)]
pub struct TokenReply {
    /// The access token.
    pub access_token: Secret,
    expires_in: Option<Duration>,
    ext_expires_in: Option<Duration>,
    /// When Entra would like it to be renewed.
    pub refresh_in: Option<Duration>,
    /// What it is good for, if the server says; else what was asked.
    pub scope: Option<String>,
    token_type: Option<String>,
    /// A refresh token, or its successor.
    pub refresh_token: Option<Secret>,
    /// The id token, undecoded.
    pub id_token: Option<Secret>,
    /// Who it is for, undecoded.
    pub client_info: Option<Secret>,
    /// The family of client ids that share refresh tokens (FOCI).
    pub family_id: Option<String>,
}

impl TokenReply {
    /// Reads a reply; nothing if it carries no access token.
    ///
    /// # Errors
    /// Says why the token is of no use.
    pub fn read(reply: &Reply) -> Result<Option<Self>, &'static str> {
        let Some(fields) = Fields::read(reply.body.expose()).filter(|_| reply.status == 200) else {
            return Ok(None);
        };
        let Some(access_token) = fields.secret("access_token") else {
            return Ok(None);
        };
        if !fits_a_header(access_token.expose()) {
            return Err("has an `access_token` with characters that no token has");
        }
        // RFC 6749 §7.1: a token whose type is not understood must not be used.
        let token_type = fields.text("token_type");
        if token_type
            .as_deref()
            .is_some_and(|other| !other.eq_ignore_ascii_case("Bearer"))
        {
            return Err("has a `token_type` that is not `Bearer`");
        }
        Ok(Some(Self {
            access_token,
            expires_in: fields.span("expires_in"),
            ext_expires_in: fields.span("ext_expires_in"),
            refresh_in: fields.span("refresh_in"),
            scope: fields.text("scope").filter(|scope| scope.len() <= LONGEST_SCOPE),
            token_type,
            refresh_token: fields.secret("refresh_token"),
            id_token: fields.secret("id_token"),
            client_info: fields.secret("client_info"),
            family_id: fields.text_or_number("foci"),
        }))
    }

    /// How long the access token lives.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.expires_in.unwrap_or(DEFAULT_LIFETIME)
    }

    /// How long it may be used while the service is out; Entra's own.
    #[must_use]
    pub fn extended_lifetime(&self) -> Duration {
        self.ext_expires_in.unwrap_or_else(|| self.lifetime())
    }

    /// `token_type`, as the server writes it.
    #[must_use]
    pub fn token_type(&self) -> &str {
        self.token_type.as_deref().unwrap_or("Bearer")
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
        let client_info = self.client_info.as_ref()?;
        Some(ClientInfo::decode(client_info.expose()))
    }
}

/// Whether an access token has characters, and those of one (RFC 6749 appendix A.12). A line break in it would be one in the header of
/// whoever uses it.
#[inline(never)] // It is asked in two places.
pub(crate) fn fits_a_header(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| matches!(byte, b' '..=b'~'))
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

    fn read(body: &str) -> Option<TokenReply> {
        read_or_refuse(body).unwrap()
    }

    fn read_or_refuse(body: &str) -> Result<Option<TokenReply>, &'static str> {
        TokenReply::read(&Reply {
            status: 200,
            retry_after: None,
            body: Secret::new(body),
        })
    }

    #[test]
    fn a_token_that_would_not_fit_into_a_header_is_refused() {
        for bad in [r"a\r\nX: y", r"a\nb", r"a\u0000", r"a\u007f", r"\u00e4", r"a\u200bb"] {
            let why = read_or_refuse(&format!(r#"{{"access_token":"{bad}"}}"#)).unwrap_err();
            assert!(why.contains("`access_token`"), "{bad}");
        }
        assert!(read(r#"{"access_token":"!az AZ~"}"#).is_some());
    }

    #[test]
    fn debug_shows_nothing_of_the_user() {
        let reply = read(r#"{"access_token":"at","client_info":"eyJ1aWQi"}"#).unwrap();
        assert!(!format!("{reply:?}").contains("eyJ1"));
    }

    #[test]
    fn a_token_of_another_type_is_refused() {
        for bad in ["pop", "mac", "Bearer2", "Bearer "] {
            let why = read_or_refuse(&format!(r#"{{"access_token":"at","token_type":"{bad}"}}"#)).unwrap_err();
            assert!(why.contains("`token_type`"), "{bad}");
        }
        for good in [r#""bearer""#, r#""BEARER""#, "null", r#""""#] {
            let body = format!(r#"{{"access_token":"at","token_type":{good}}}"#);
            assert!(read(&body).is_some(), "{good}");
        }
    }

    #[test]
    fn a_list_of_scopes_without_end_counts_as_none() {
        let scopes = "a ".repeat(1 << 15);
        let reply = |scopes: &str| read(&format!(r#"{{"access_token":"at","scope":"{scopes}"}}"#)).unwrap();
        assert!(reply(&scopes).scope.is_some() && reply(&format!("{scopes}b")).scope.is_none());
    }

    #[test]
    fn a_malformed_field_does_not_cost_the_token() {
        let body = r#"{"access_token":"at","expires_in":{},"refresh_token":7,"scope":[],"foci":1}"#;
        let reply = read(body).unwrap();
        assert_eq!(reply.lifetime(), DEFAULT_LIFETIME);
        assert!(reply.refresh_token.is_none() && reply.scope.is_none());
        assert_eq!(reply.family_id.as_deref(), Some("1"));
        assert!(reply.claims().unwrap_err().contains("no `id_token`"));
    }

    #[test]
    fn a_reply_without_an_access_token_is_none() {
        for body in ["{}", r#"{"access_token":""}"#, r#"{"access_token":1}"#] {
            assert!(read(body).is_none(), "{body}");
        }
    }
}
