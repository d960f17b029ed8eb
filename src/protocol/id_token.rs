//! Who signed in: the claims of the id token and Entra's `client_info`.
//!
//! As MSAL does, the id token is decoded and not validated: it came over TLS from the token endpoint
//! (OpenID Connect Core §3.1.3.7, item 6).

use crate::prelude::*;

use crate::json::Json;
use crate::protocol::fields::Fields;

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
    let bytes = base64url(part)?;
    Fields::parse(core::str::from_utf8(&bytes).ok()?)
}

/// Decodes base64url without padding (RFC 4648 §5). The bits that the last character has too many must be zero.
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for quad in text.as_bytes().chunks(4) {
        let mut bits = 0;
        for at in 0..4 {
            bits = (bits << 6) | quad.get(at).map_or(Some(0), |c| sextet(*c))?;
        }
        // Four characters are three bytes, three are two, two are one.
        let [_, decoded @ ..] = u32::to_be_bytes(bits);
        let (used, rest) = decoded.split_at_checked(quad.len().saturating_sub(1))?;
        if used.is_empty() || rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(used);
    }
    Some(bytes)
}

fn sextet(c: u8) -> Option<u32> {
    let (first, value) = match c {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'-' => (b'-', 62),
        b'_' => (b'_', 63),
        _ => return None,
    };
    Some(u32::from(c.wrapping_sub(first)).saturating_add(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64UrlUnpadded, Encoding};

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
    fn base64url_is_read_as_base64ct_reads_it() {
        for text in [
            "", "A", "AA", "AB", "AAA", "AAB", "AAAA", "AA=", "A+", "A/", "-_-_", "ä",
        ] {
            assert_eq!(base64url(text), Base64UrlUnpadded::decode_vec(text).ok(), "{text}");
        }
        for length in 0..=u8::MAX {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(167)).collect();
            assert_eq!(base64url(&Base64UrlUnpadded::encode_string(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn padding_is_tolerated() {
        let padded = "eyJ1aWQiOiJhIiwidXRpZCI6ImJiIn0=";
        assert_eq!(ClientInfo::decode(padded).unwrap().home_account_id, "a.bb");
    }
}
