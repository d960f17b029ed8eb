//! Who signed in: what `authenticate` returns and a later process starts from.

use crate::prelude::*;

use crate::json::{Json, Object};
use crate::protocol::id_token::{ClientInfo, IdTokenClaims};
use crate::protocol::url::without_slashes;

/// Non-secret information about an account, as `azure.identity.AuthenticationRecord` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationRecord {
    /// The host that issued the id token (with its port, if it names one).
    pub authority: String,
    /// The application that performed the original authentication.
    pub client_id: String,
    /// The account's unique identifier: `{uid}.{utid}`.
    pub home_account_id: String,
    /// The tenant that issued the token, not necessarily the user's home tenant.
    pub tenant_id: String,
    /// The user principal name.
    pub username: String,
}

/// The one version of the serialized form there is.
pub const VERSION: &str = "1.0";

impl AuthenticationRecord {
    /// Builds the record as azure-identity does: `iss`, `aud`, `tid` and the user's name from the id token, the account's
    /// id from `client_info`, or the subject where the server sends none.
    ///
    /// # Errors
    /// Says which part is missing or malformed.
    pub fn from_token(
        claims: Result<&IdTokenClaims, &'static str>,
        client_info: Option<Result<&ClientInfo, &'static str>>,
    ) -> Result<Self, &'static str> {
        let claims = claims?;
        let home_account_id = match client_info {
            Some(client_info) => &client_info?.home_account_id,
            None => claims.subject.as_ref().ok_or("the id token has no `sub`")?,
        };
        let issuer = claims.issuer.as_ref().ok_or("the id token has no `iss`")?;
        let client_id = claims.audience.as_ref().ok_or("the id token has no `aud`")?;
        let username = claims.username();
        let username = username.ok_or("the id token has neither `preferred_username` nor `upn`")?;
        let (authority, tenant_id) = split_issuer(issuer);
        Ok(Self {
            authority: authority.to_owned(),
            client_id: client_id.clone(),
            home_account_id: home_account_id.clone(),
            tenant_id: claims.tenant_id.as_deref().unwrap_or(tenant_id).to_owned(),
            username: username.to_owned(),
        })
    }

    /// Reads the fields of a serialized record.
    ///
    /// # Errors
    /// Says which field is missing, is no string, or which version is not known.
    pub fn from_fields(fields: &Object) -> Result<Self, String> {
        match fields.get("version") {
            None => {}
            Some(Json::String(version)) if version == VERSION => {}
            Some(version) => {
                let mut found = String::new();
                version.write(&mut found);
                return Err(text!(
                    "has the unexpected version ",
                    &found,
                    "; this package supports \"",
                    VERSION,
                    "\""
                ));
            }
        }
        for name in ["authority", "clientId", "homeAccountId", "tenantId", "username"] {
            match fields.get(name) {
                // An OpenID provider without tenants has an issuer without a path, and so a record without a tenant.
                Some(Json::String(value)) if !value.is_empty() || name == "tenantId" => {}
                _ => return Err(text!("must have the non-empty string `", name, "`")),
            }
        }
        let text = |name: &str| fields.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            authority: text("authority"),
            client_id: text("clientId"),
            home_account_id: text("homeAccountId"),
            tenant_id: text("tenantId"),
            username: text("username"),
        })
    }
}

/// `https://host:port/path/` → (`host:port`, `path`).
fn split_issuer(issuer: &str) -> (&str, &str) {
    let rest = split_once(issuer, b':').map_or(issuer, |(_, rest)| without_leading_slashes(rest));
    let (host, path) = split_before(rest, |byte| byte == b'/');
    (host, without_slashes(without_leading_slashes(path)))
}

fn without_leading_slashes(text: &str) -> &str {
    split_before(text, |byte| byte != b'/').1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> IdTokenClaims {
        IdTokenClaims {
            issuer: Some("https://login.microsoftonline.com/contoso-id/v2.0".into()),
            audience: Some("client".into()),
            tenant_id: Some("contoso-id".into()),
            subject: Some("subject".into()),
            object_id: None,
            preferred_username: Some("ada@contoso.com".into()),
            upn: None,
        }
    }

    fn client_info() -> ClientInfo {
        ClientInfo {
            home_account_id: "uid.utid".into(),
        }
    }

    #[test]
    fn is_built_from_the_id_token_and_client_info() {
        let record = AuthenticationRecord::from_token(Ok(&claims()), Some(Ok(&client_info()))).unwrap();
        assert_eq!(record.authority, "login.microsoftonline.com");
        assert_eq!(record.client_id, "client");
        assert_eq!(record.home_account_id, "uid.utid");
        assert_eq!(record.tenant_id, "contoso-id");
        assert_eq!(record.username, "ada@contoso.com");
    }

    #[test]
    fn falls_back_to_subject_issuer_path_and_upn_as_adfs_needs() {
        let adfs = IdTokenClaims {
            issuer: Some("https://adfs.contoso.com:8443/adfs".into()),
            tenant_id: None,
            preferred_username: None,
            upn: Some("ada@contoso.com".into()),
            ..claims()
        };
        let record = AuthenticationRecord::from_token(Ok(&adfs), None).unwrap();
        assert_eq!(record.authority, "adfs.contoso.com:8443");
        assert_eq!(record.home_account_id, "subject");
        assert_eq!(record.tenant_id, "adfs");
        assert_eq!(record.username, "ada@contoso.com");
    }

    #[test]
    fn names_what_is_missing() {
        let nameless = IdTokenClaims {
            preferred_username: None,
            ..claims()
        };
        let error = AuthenticationRecord::from_token(Ok(&nameless), None).unwrap_err();
        assert!(error.contains("preferred_username"), "{error}");
        let error =
            AuthenticationRecord::from_token(Ok(&claims()), Some(Err("client_info is not base64"))).unwrap_err();
        assert!(error.contains("client_info"), "{error}");
    }

    #[test]
    fn refuses_an_unknown_version_and_a_missing_field() {
        let parse = |json: &str| AuthenticationRecord::from_fields(&Object::parse(json).unwrap());
        let whole =
            r#"{"authority":"a","clientId":"c","homeAccountId":"h","tenantId":"t","username":"u","version":"1.0"}"#;
        assert_eq!(parse(whole).unwrap().home_account_id, "h");
        assert!(parse(&whole.replace("1.0", "2.0")).unwrap_err().contains("2.0"));
        assert!(
            parse(&whole.replace("tenantId", "tenant"))
                .unwrap_err()
                .contains("tenantId")
        );
    }
}
