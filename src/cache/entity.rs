//! A row of the cache, and the key MSAL files it under.

use crate::prelude::*;

use crate::json::{Json, Object};
use crate::protocol::fields::whole_number;
use crate::time::Timestamp;

/// The tables of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What resources accept.
    AccessToken,
    /// What gets new access tokens.
    RefreshToken,
    /// Who signed in, as the server said it.
    IdToken,
    /// Who signed in, as the cache knows it.
    Account,
    /// Which family of clients an application belongs to.
    AppMetadata,
}

impl Kind {
    /// Every table.
    pub const ALL: [Self; 5] = [
        Self::AccessToken,
        Self::RefreshToken,
        Self::IdToken,
        Self::Account,
        Self::AppMetadata,
    ];

    /// The name of the table, and of the `credential_type` of its rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "AccessToken",
            Self::RefreshToken => "RefreshToken",
            Self::IdToken => "IdToken",
            Self::Account => "Account",
            Self::AppMetadata => "AppMetadata",
        }
    }

    /// What its positions in the index begin with.
    pub(super) const fn letter(self) -> &'static str {
        match self {
            Self::AccessToken => "A",
            Self::RefreshToken => "R",
            Self::IdToken => "I",
            Self::Account => "C",
            Self::AppMetadata => "M",
        }
    }

    /// The columns this crate fills, in the order MSAL for Python writes them.
    pub(super) const fn columns(self) -> &'static str {
        match self {
            Self::AccessToken => {
                "credential_type secret home_account_id environment client_id target realm token_type cached_at expires_on extended_expires_on refresh_on"
            }
            Self::RefreshToken => {
                "credential_type secret home_account_id environment client_id target last_modification_time family_id"
            }
            Self::IdToken => "credential_type secret home_account_id environment realm client_id",
            Self::Account => {
                "home_account_id environment realm local_account_id username authority_type account_source"
            }
            Self::AppMetadata => "client_id environment family_id",
        }
    }

    /// The columns a key is made of; what follows a `=` stands for itself.
    const fn key_columns(self) -> &'static str {
        match self {
            Self::AccessToken => "home_account_id environment =accesstoken client_id realm target",
            // Entra's refresh tokens serve every tenant, hence no realm.
            Self::RefreshToken => "home_account_id environment =refreshtoken client_id = target",
            Self::IdToken => "home_account_id environment =idtoken client_id realm =",
            Self::Account => "home_account_id environment realm",
            Self::AppMetadata => "=appmetadata environment client_id",
        }
    }

    /// The key of a row, as MSAL for Python computes it. Two rows with one key are the same row.
    #[must_use]
    pub fn key(self, row: &Entity) -> String {
        let mut parts = Vec::new();
        for part in self.key_columns().split_ascii_whitespace() {
            parts.push(part.strip_prefix('=').unwrap_or_else(|| row.text(part)));
        }
        let mut key = join(&parts, "-");
        if self != Self::AppMetadata {
            key.make_ascii_lowercase();
        }
        key
    }
}

/// One row. Fields this crate doesn't know stay with it. Its `Debug` shows no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity(Object);

impl Entity {
    /// A row of strings; a field without a value is `null`, as MSAL for Python writes it.
    #[must_use]
    pub fn new(fields: &[(&str, Option<&str>)]) -> Self {
        let mut object = Object::default();
        for (name, text) in fields {
            object.push(name, text.map_or(Json::Null, Json::from));
        }
        Self(object)
    }

    /// A row that somebody else wrote.
    #[must_use]
    pub const fn from_object(object: Object) -> Self {
        Self(object)
    }

    /// The row as JSON has it.
    #[must_use]
    pub const fn as_object(&self) -> &Object {
        &self.0
    }

    /// A field's text; empty if it is missing or no string.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Json::as_str).unwrap_or_default()
    }

    /// A field that holds seconds since the Unix epoch. The schema wants a string; some libraries write a number.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.0.get(name).and_then(whole_number).map(Timestamp::from_unix_secs)
    }

    /// Whether the field is there at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// Sets a field.
    pub fn set(&mut self, name: &str, text: &str) {
        self.0.set(name, text.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_msals() {
        let row = Entity::new(&[
            ("home_account_id", Some("Uid.Utid")),
            ("environment", Some("login.microsoftonline.com")),
            ("client_id", Some("Client")),
            ("realm", Some("organizations")),
            ("target", Some("User.Read openid")),
        ]);
        assert_eq!(
            Kind::AccessToken.key(&row),
            "uid.utid-login.microsoftonline.com-accesstoken-client-organizations-user.read openid"
        );
        assert_eq!(
            Kind::RefreshToken.key(&row),
            "uid.utid-login.microsoftonline.com-refreshtoken-client--user.read openid"
        );
        assert_eq!(
            Kind::IdToken.key(&row),
            "uid.utid-login.microsoftonline.com-idtoken-client-organizations-"
        );
        assert_eq!(
            Kind::Account.key(&row),
            "uid.utid-login.microsoftonline.com-organizations"
        );
        assert_eq!(
            Kind::AppMetadata.key(&row),
            "appmetadata-login.microsoftonline.com-Client"
        );
    }

    #[test]
    fn a_missing_part_of_a_key_is_empty() {
        let row = Entity::new(&[
            ("home_account_id", None),
            ("environment", Some("h")),
            ("target", Some("s")),
        ]);
        assert_eq!(Kind::AccessToken.key(&row), "-h-accesstoken---s");
    }

    #[test]
    fn debug_names_fields_and_shows_no_value() {
        let row = Entity::new(&[("secret", Some("eyJ0"))]);
        assert_eq!(format!("{row:?}"), r#"Entity({"secret"})"#);
    }
}
