//! Who signed in: what `authenticate` returns and a later process starts from.

use crate::protocol::id_token::{ClientInfo, IdTokenClaims};
use crate::shape::{self, Member};
use crate::text;
use serde::{Deserialize, Serialize, Serializer};

/// Non-secret information about an account, as `azure.identity.AuthenticationRecord` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
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

impl Serialize for AuthenticationRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = [
            ("authority", Member::Text(&self.authority)),
            ("clientId", Member::Text(&self.client_id)),
            ("homeAccountId", Member::Text(&self.home_account_id)),
            ("tenantId", Member::Text(&self.tenant_id)),
            ("username", Member::Text(&self.username)),
        ];
        shape::write(serializer, &members)
    }
}

/// The one version of the serialized form there is.
pub const VERSION: &str = "1.0";

impl AuthenticationRecord {
    /// Builds the record as azure-identity does: `iss`, `aud`, `tid` and the user's name from the id token, the account's
    /// id from `client_info`, or the subject where the server sends none. If the token is for several applications, it is
    /// of `client_id`, if that is one of them.
    ///
    /// # Errors
    /// Says which part is missing or malformed.
    pub fn from_token(
        claims: Result<&IdTokenClaims, &'static str>,
        client_info: Option<Result<&ClientInfo, &'static str>>,
        client_id: &str,
    ) -> Result<Self, &'static str> {
        let claims = claims?;
        let home_account_id = match client_info {
            Some(client_info) => &client_info?.home_account_id,
            None => claims.subject.as_ref().ok_or("the id token has no `sub`")?,
        };
        let issuer = claims.issuer.as_ref().ok_or("the id token has no `iss`")?;
        let mut audience = claims.audience.iter();
        let ours = audience.clone().find(|client| *client == client_id);
        let client_id = ours.or_else(|| audience.next()).ok_or("the id token has no `aud`")?;
        let username = claims.username();
        let username = username.ok_or("the id token has no name, and no `sub`")?;
        let (authority, tenant_id) = split_issuer(issuer);
        if authority.is_empty() {
            return Err("the id token's `iss` names no host");
        }
        Ok(Self {
            authority: authority.to_owned(),
            client_id: client_id.clone(),
            home_account_id: home_account_id.clone(),
            tenant_id: claims.tenant_id.as_deref().unwrap_or(tenant_id).to_owned(),
            username: username.to_owned(),
        })
    }

    /// Builds the record from the fields of a serialized one: `version` as JSON, if it has one, and what gives a field that
    /// is a string.
    ///
    /// # Errors
    /// Says which field is missing, is no string, or which version is not known.
    pub fn from_fields(version: Option<&str>, field: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        if let Some(version) = version.filter(|version| text::trim(version, '"') != VERSION) {
            return Err(format!(
                "has the unexpected version {version}; this package supports \"{VERSION}\""
            ));
        }
        let mut record = Self::default();
        for (name, place) in [
            ("authority", &mut record.authority),
            ("clientId", &mut record.client_id),
            ("homeAccountId", &mut record.home_account_id),
            ("tenantId", &mut record.tenant_id),
            ("username", &mut record.username),
        ] {
            // An OpenID provider without tenants has an issuer without a path, and so a record without a tenant.
            *place = field(name)
                .filter(|text| !text.is_empty() || name == "tenantId")
                .ok_or_else(|| format!("must have the non-empty string `{name}`"))?;
        }
        Ok(record)
    }
}

/// `https://host:port/path/` → (`host:port`, `path`).
fn split_issuer(issuer: &str) -> (&str, &str) {
    let rest = issuer.split_once(':').map_or(issuer, |(_, rest)| text::trim(rest, '/'));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    (host, text::trim(path, '/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> IdTokenClaims {
        IdTokenClaims {
            issuer: Some("https://login.microsoftonline.com/contoso-id/v2.0".into()),
            audience: vec!["client".into()],
            tenant_id: Some("contoso-id".into()),
            subject: Some("subject".into()),
            object_id: None,
            preferred_username: Some("ada@contoso.com".into()),
            upn: None,
            other_name: None,
        }
    }

    fn client_info() -> ClientInfo {
        ClientInfo {
            home_account_id: "uid.utid".into(),
        }
    }

    #[test]
    fn is_built_from_the_id_token_and_client_info() {
        let record = AuthenticationRecord::from_token(Ok(&claims()), Some(Ok(&client_info())), "client").unwrap();
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
        let record = AuthenticationRecord::from_token(Ok(&adfs), None, "client").unwrap();
        assert_eq!(record.authority, "adfs.contoso.com:8443");
        assert_eq!(record.home_account_id, "subject");
        assert_eq!(record.tenant_id, "adfs");
        assert_eq!(record.username, "ada@contoso.com");
    }

    #[test]
    fn names_what_is_missing() {
        let nobodys = IdTokenClaims {
            audience: Vec::new(),
            ..claims()
        };
        let error = AuthenticationRecord::from_token(Ok(&nobodys), None, "client").unwrap_err();
        assert!(error.contains("`aud`"), "{error}");
        let no_base64 = Some(Err("client_info is not base64"));
        let error = AuthenticationRecord::from_token(Ok(&claims()), no_base64, "client").unwrap_err();
        assert!(error.contains("client_info"), "{error}");
    }

    #[test]
    fn of_several_applications_it_is_of_ours() {
        let shared = IdTokenClaims {
            audience: vec!["api".into(), "client".into()],
            ..claims()
        };
        for (client_id, expected) in [("client", "client"), ("api", "api"), ("other", "api")] {
            let record = AuthenticationRecord::from_token(Ok(&shared), None, client_id).unwrap();
            assert_eq!(record.client_id, expected);
        }
    }

    #[test]
    fn an_issuer_without_a_host_is_none_to_come_back_to() {
        for issuer in ["https://", ":", "/"] {
            let claims = IdTokenClaims {
                issuer: Some(issuer.into()),
                ..claims()
            };
            let record = AuthenticationRecord::from_token(Ok(&claims), None, "client");
            assert_eq!(record, Err("the id token's `iss` names no host"), "{issuer}");
        }
    }

    #[test]
    fn refuses_an_unknown_version_and_a_missing_field() {
        let parse = |json: &str| {
            let fields: serde_json::Value = serde_json::from_str(json).unwrap();
            let version = fields.get("version").map(ToString::to_string);
            AuthenticationRecord::from_fields(version.as_deref(), |name| fields[name].as_str().map(str::to_owned))
        };
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
