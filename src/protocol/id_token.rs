//! Who signed in: the claims of the id token and Entra's `client_info`.
//!
//! As MSAL does, the id token is decoded and not validated: it came over TLS from the token endpoint
//! (OpenID Connect Core §3.1.3.7, item 6).

use crate::prelude::*;

use crate::json::Json;
use crate::protocol::fields::Fields;
use base64ct::{Base64UrlUnpadded, Encoding};

/// The claims this crate reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdTokenClaims {
    /// `iss`: the issuer, an https URL.
    pub issuer: Option<String>,
    /// `aud`: the client; the first one if there are several.
    pub audience: Option<String>,
    /// `tid`: the tenant that issued the token.
    pub tenant_id: Option<String>,
    /// `sub`: the user, pairwise for this client.
    pub subject: Option<String>,
    /// `oid`: the user, the same for all clients of the tenant.
    pub object_id: Option<String>,
    /// `preferred_username`: Entra's name of the user.
    pub preferred_username: Option<String>,
    /// `upn`: ADFS's name of the user.
    pub upn: Option<String>,
}

impl IdTokenClaims {
    /// Decodes the payload of a JWT (RFC 7519).
    ///
    /// # Errors
    /// Says what is malformed.
    pub fn decode(id_token: &str) -> Result<Self, &'static str> {
        let (_, rest) = split_once(id_token, b'.').ok_or("the id token is no JWT")?;
        let (payload, _) = split_before(rest, |byte| byte == b'.');
        let claims = decode_object(payload).ok_or("the id token's payload is no base64url-encoded JSON object")?;
        let text = |name: &str| claims.text(name).map(str::to_owned);
        let audience = match claims.get("aud") {
            Some(Json::Array(items)) => items.first().and_then(Json::as_str).map(str::to_owned),
            _ => text("aud"),
        };
        Ok(Self {
            issuer: text("iss"),
            audience,
            tenant_id: text("tid"),
            subject: text("sub"),
            object_id: text("oid"),
            preferred_username: text("preferred_username"),
            upn: text("upn"),
        })
    }

    /// The user's name, from Entra or ADFS.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.preferred_username.as_deref().or(self.upn.as_deref())
    }
}

/// `client_info`: which account it is, as Entra tells it to those who send `client_info=1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientInfo {
    /// `{uid}.{utid}`: the user in the home tenant.
    pub home_account_id: String,
}

impl ClientInfo {
    /// Decodes the base64url-encoded JSON.
    ///
    /// # Errors
    /// Says what is malformed.
    pub fn decode(client_info: &str) -> Result<Self, &'static str> {
        let fields = decode_object(client_info).ok_or("`client_info` is no base64url-encoded JSON object")?;
        match (fields.text("uid"), fields.text("utid")) {
            (Some(uid), Some(utid)) => Ok(Self {
                home_account_id: text!(uid, ".", utid),
            }),
            _ => Err("`client_info` has no `uid` and `utid`"),
        }
    }
}

fn decode_object(part: &str) -> Option<Fields> {
    let (part, padding) = split_before(part, |byte| byte == b'=');
    if padding.bytes().any(|byte| byte != b'=') {
        return None;
    }
    let bytes = Base64UrlUnpadded::decode_vec(part).ok()?;
    Fields::parse(core::str::from_utf8(&bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> String {
        format!("e30.{}.sig", Base64UrlUnpadded::encode_string(payload.as_bytes()))
    }

    #[test]
    fn decodes_entras_and_adfss_names() {
        let entra = IdTokenClaims::decode(&jwt(r#"{"preferred_username":"ada","upn":"x","aud":"c"}"#)).unwrap();
        assert_eq!(entra.username(), Some("ada"));
        let adfs = IdTokenClaims::decode(&jwt(r#"{"upn":"ada","aud":["c","d"]}"#)).unwrap();
        assert_eq!(adfs.username(), Some("ada"));
        assert_eq!(adfs.audience.as_deref(), Some("c"));
    }

    #[test]
    fn says_what_is_malformed() {
        assert!(IdTokenClaims::decode("opaque").unwrap_err().contains("no JWT"));
        for corrupt in ["a.!!.c", "a.e30x=.c", "a.W10.c", ".."] {
            assert!(
                IdTokenClaims::decode(corrupt).unwrap_err().contains("payload"),
                "{corrupt}"
            );
        }
        assert!(ClientInfo::decode("%%%").unwrap_err().contains("base64url"));
        assert!(ClientInfo::decode("e30").unwrap_err().contains("uid"));
    }

    #[test]
    fn padding_is_tolerated() {
        let padded = "eyJ1aWQiOiJhIiwidXRpZCI6ImJiIn0=";
        assert_eq!(ClientInfo::decode(padded).unwrap().home_account_id, "a.bb");
    }
}
