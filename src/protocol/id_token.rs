//! Who signed in: the claims of the id token and Entra's `client_info`.
//!
//! As MSAL does, the id token is decoded and not validated: it came over TLS from the token endpoint
//! (OpenID Connect Core §3.1.3.7, item 6).

use crate::protocol::fields::Fields;
use base64ct::{Base64UrlUnpadded, Encoding};

/// The claims this crate reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdTokenClaims {
    /// `iss`: the issuer, an https URL.
    pub issuer: Option<String>,
    /// `aud`: the client, or several.
    pub audience: Vec<String>,
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
    /// `email`, `name` or else `sub`: what other providers call the user. OpenID Connect demands none but the last.
    pub other_name: Option<String>,
}

impl IdTokenClaims {
    /// Decodes the payload of a JWT (RFC 7519).
    ///
    /// # Errors
    /// Says what is malformed.
    pub fn decode(id_token: &str) -> Result<Self, &'static str> {
        let payload = id_token.split('.').nth(1).ok_or("the id token is no JWT")?;
        let json = decode(payload);
        let claims = json.as_deref().and_then(Fields::read);
        let claims = claims.ok_or("the id token's payload is no base64url-encoded JSON object")?;
        Ok(Self {
            issuer: claims.text("iss"),
            audience: claims.texts("aud"),
            tenant_id: claims.text("tid"),
            subject: claims.text("sub"),
            object_id: claims.text("oid"),
            preferred_username: claims.shown("preferred_username"),
            upn: claims.shown("upn"),
            other_name: ["email", "name", "sub"].into_iter().find_map(|name| claims.shown(name)),
        })
    }

    /// The user's name, from Entra, ADFS or whoever else, as it may be shown.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        let names = [&self.preferred_username, &self.upn, &self.other_name];
        names.into_iter().find_map(Option::as_deref)
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
        let json = decode(client_info);
        let fields = json.as_deref().and_then(Fields::read);
        let fields = fields.ok_or("`client_info` is no base64url-encoded JSON object")?;
        let (Some(uid), Some(utid)) = (fields.text("uid"), fields.text("utid")) else {
            return Err("`client_info` has no `uid` and `utid`");
        };
        Ok(Self {
            home_account_id: format!("{uid}.{utid}"),
        })
    }
}

fn decode(mut part: &str) -> Option<String> {
    while let Some(shorter) = part.strip_suffix('=') {
        part = shorter;
    }
    let mut bytes = part.as_bytes().to_vec();
    let decoded = Base64UrlUnpadded::decode_in_place(&mut bytes).ok()?;
    str::from_utf8(decoded).ok().map(str::to_owned)
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
        assert_eq!(adfs.audience, ["c", "d"]);
    }

    #[test]
    fn of_the_names_other_providers_give_the_most_telling_is_taken() {
        for (claims, name) in [
            (r#"{"sub":"s","name":"Ada L","email":"ada@home"}"#, Some("ada@home")),
            (r#"{"sub":"s","name":"Ada L"}"#, Some("Ada L")),
            (r#"{"sub":"s","email":""}"#, Some("s")),
            ("{}", None),
        ] {
            assert_eq!(IdTokenClaims::decode(&jwt(claims)).unwrap().username(), name);
        }
    }

    #[test]
    fn a_name_is_what_is_shown_of_it() {
        for name in ["preferred_username", "upn", "email", "name", "sub"] {
            let claims = format!(r#"{{"{name}":"a\u001b[2Jd\u200ba\u202e\udb40\udc41\n"}}"#);
            let claims = IdTokenClaims::decode(&jwt(&claims)).unwrap();
            assert_eq!(claims.username(), Some("a[2Jda"), "{name}");
        }
        let claims = IdTokenClaims::decode(&jwt(r#"{"sub":"s","email":"\u200b","name":"Ada"}"#)).unwrap();
        assert_eq!(claims.username(), Some("Ada"));
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
