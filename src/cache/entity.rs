//! The rows of the cache, and the key MSAL files each under.
//!
//! The columns of a row that somebody else wrote may hold anything: what is no string counts as empty, what is no time as none.
//!
//! They are read and written by their names. Derived, reading them is twice as much code, and writing them brings in the errors
//! that serde_json has for structures.

use crate::json::{self, Members};
use crate::protocol::token::fits_a_header;
use crate::secret::Secret;
use crate::text;
use crate::time::Timestamp;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The tables of the schema, in the order they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
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
    pub(super) const ALL: [Self; 5] = [
        Self::AccessToken,
        Self::RefreshToken,
        Self::IdToken,
        Self::Account,
        Self::AppMetadata,
    ];

    /// Whether its rows hold tokens.
    const fn has_secret(self) -> bool {
        matches!(self, Self::AccessToken | Self::RefreshToken | Self::IdToken)
    }

    /// The name of the table, and of the `credential_type` of its rows.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "AccessToken",
            Self::RefreshToken => "RefreshToken",
            Self::IdToken => "IdToken",
            Self::Account => "Account",
            Self::AppMetadata => "AppMetadata",
        }
    }
}

/// A row's owner: the account's id; empty if the server didn't say, which is written as `null`; none if the row is
/// everybody's.
pub(super) type HomeAccountId = Option<String>;

/// A row of any table: the columns that several have, of which each has some, and those of its own.
#[derive(Debug, Default)]
pub(super) struct Entity {
    pub(super) home_account_id: HomeAccountId,
    /// The authority's host.
    pub(super) environment: String,
    pub(super) client_id: String,
    pub(super) realm: String,
    pub(super) target: String,
    /// The token, in a table of tokens.
    pub(super) secret: Option<Secret>,
    pub(super) details: Details,
}

/// What a table has of its own.
#[derive(Debug, Default)]
pub(super) enum Details {
    AccessToken(AccessToken),
    RefreshToken(RefreshToken),
    #[default]
    IdToken,
    Account(Account),
    AppMetadata {
        family_id: String,
    },
}

/// An access token's own columns.
#[derive(Debug, Default)]
pub(super) struct AccessToken {
    pub(super) token_type: String,
    pub(super) cached_at: Option<Timestamp>,
    pub(super) expires_on: Option<Timestamp>,
    pub(super) extended_expires_on: Option<Timestamp>,
    pub(super) refresh_on: Option<Timestamp>,
    /// Whether it is nobody's to use: it is bound to parameters that we never send, or is no token.
    pub(super) is_unfit: bool,
}

/// When four digits are not enough for a year, in seconds since the Unix epoch. A refresh token that was got then would be younger
/// than any other for ever.
const YEAR_10000: u64 = 253_402_300_800;

/// A refresh token's own columns.
#[derive(Debug, Default)]
pub(super) struct RefreshToken {
    pub(super) last_modification_time: Option<Timestamp>,
    pub(super) family_id: String,
}

/// An account's own columns.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) local_account_id: Option<String>,
    pub(super) username: String,
    pub(super) authority_type: String,
    pub(super) account_source: String,
}

impl Account {
    /// Whether a service issued it that we sign in to.
    pub(super) fn is_of_ours(&self) -> bool {
        matches!(self.authority_type.as_str(), "MSSTS" | "ADFS")
    }
}

impl Entity {
    /// Reads a row of a table; nothing if it is no object, or has an owner who is none of those (see [`Index::owners`]).
    ///
    /// [`Index::owners`]: crate::cache::index::Index::owners
    pub(super) fn read(kind: Kind, row: &str, whose: Option<&[&str]>) -> Option<Self> {
        let columns = json::members(row)?;
        let text = |name| columns.text(name).unwrap_or_default();
        let home_account_id = columns.get("home_account_id").map(|_| text("home_account_id"));
        if let (Some(owner), Some(whose)) = (&home_account_id, whose) {
            let mut owner = owner.clone();
            owner.make_ascii_lowercase();
            if !text::has(whose, &owner) {
                return None;
            }
        }
        // Seconds since the Unix epoch. The schema wants a string; some libraries write a number.
        let time = |name| columns.whole_number(name).map(Timestamp::from_unix_secs);
        let secret = text("secret");
        let details = match kind {
            Kind::AccessToken => Details::AccessToken(AccessToken {
                token_type: text("token_type"),
                expires_on: time("expires_on"),
                refresh_on: time("refresh_on"),
                is_unfit: columns.get("ext_cache_key").is_some() || !fits_a_header(&secret),
                ..AccessToken::default()
            }),
            Kind::RefreshToken => Details::RefreshToken(RefreshToken {
                last_modification_time: time("last_modification_time").filter(|at| at.as_unix_secs() < YEAR_10000),
                family_id: text("family_id"),
            }),
            Kind::IdToken => Details::IdToken,
            Kind::Account => Details::Account(Account {
                username: text("username"),
                authority_type: text("authority_type"),
                ..Account::default()
            }),
            Kind::AppMetadata => Details::AppMetadata {
                family_id: text("family_id"),
            },
        };
        Some(Self {
            home_account_id,
            environment: text("environment"),
            client_id: text("client_id"),
            realm: text("realm"),
            target: text("target"),
            secret: kind.has_secret().then(|| Secret::new(secret)),
            details,
        })
    }

    /// The columns as they are written, in the order of MSAL for Python.
    pub(super) fn columns(&self) -> Members<'static> {
        let columns = &mut Members::default();
        if let Some(secret) = &self.secret {
            put(columns, "credential_type", self.kind().name());
            put(columns, "secret", secret.expose());
        }
        if !matches!(self.details, Details::AppMetadata { .. }) {
            put_or_null(columns, "home_account_id", self.owner().filter(|id| !id.is_empty()));
            put(columns, "environment", &self.environment);
        }
        match &self.details {
            Details::AccessToken(own) => {
                put(columns, "client_id", &self.client_id);
                put(columns, "target", &self.target);
                put(columns, "realm", &self.realm);
                put(columns, "token_type", &own.token_type);
                put_seconds(columns, "cached_at", own.cached_at);
                put_seconds(columns, "expires_on", own.expires_on);
                put_seconds(columns, "extended_expires_on", own.extended_expires_on);
                put_seconds(columns, "refresh_on", own.refresh_on);
            }
            Details::RefreshToken(own) => {
                put(columns, "client_id", &self.client_id);
                put(columns, "target", &self.target);
                put_seconds(columns, "last_modification_time", own.last_modification_time);
                put_family(columns, &own.family_id);
            }
            Details::IdToken => {
                put(columns, "realm", &self.realm);
                put(columns, "client_id", &self.client_id);
            }
            Details::Account(own) => {
                put(columns, "realm", &self.realm);
                put_or_null(columns, "local_account_id", own.local_account_id.as_deref());
                put(columns, "username", &own.username);
                put(columns, "authority_type", &own.authority_type);
                put(columns, "account_source", &own.account_source);
            }
            Details::AppMetadata { family_id } => {
                put(columns, "client_id", &self.client_id);
                put(columns, "environment", &self.environment);
                put_family(columns, family_id);
            }
        }
        std::mem::take(columns)
    }

    /// Which table it belongs to.
    pub(super) const fn kind(&self) -> Kind {
        match &self.details {
            Details::AccessToken(_) => Kind::AccessToken,
            Details::RefreshToken(_) => Kind::RefreshToken,
            Details::IdToken => Kind::IdToken,
            Details::Account(_) => Kind::Account,
            Details::AppMetadata { .. } => Kind::AppMetadata,
        }
    }

    /// The key, as MSAL for Python computes it. Two rows with one key and one owner are the same row.
    pub(super) fn key(&self) -> String {
        let owner = self.owner().unwrap_or_default();
        let Self {
            environment,
            client_id,
            realm,
            target,
            ..
        } = self;
        let rest = match self.kind() {
            Kind::AccessToken => format!("accesstoken-{client_id}-{realm}-{target}"),
            // Entra's refresh tokens serve every tenant, hence no realm.
            Kind::RefreshToken => format!("refreshtoken-{client_id}--{target}"),
            Kind::IdToken => format!("idtoken-{client_id}-{realm}-"),
            Kind::Account => realm.clone(),
            Kind::AppMetadata => return format!("appmetadata-{environment}-{client_id}"),
        };
        let mut key = format!("{owner}-{environment}-{rest}");
        key.make_ascii_lowercase();
        key
    }

    /// Whether an application can use it: a refresh token serves those of its client id and of its family.
    pub(super) fn serves(&self, client_id: &str, family: &str) -> bool {
        match &self.details {
            Details::RefreshToken(own) => {
                self.client_id == client_id || (!family.is_empty() && own.family_id == family)
            }
            _ => true,
        }
    }

    /// Whose row it is.
    pub(super) fn owner(&self) -> Option<&str> {
        self.home_account_id.as_deref()
    }
}

fn put(columns: &mut Members<'_>, name: &str, text: &str) {
    columns.put_text(name, Some(text));
}

fn put_or_null(columns: &mut Members<'_>, name: &str, text: Option<&str>) {
    match text {
        Some(text) => put(columns, name, text),
        None => columns.set(name, Cow::Borrowed(RawValue::NULL)),
    }
}

/// Writes a time, since the Unix epoch, in a string; nothing if it is not known.
pub(super) fn put_seconds(columns: &mut Members<'_>, name: &str, at: Option<Timestamp>) {
    if let Some(at) = at {
        put(columns, name, &at.as_unix_secs().to_string());
    }
}

fn put_family(columns: &mut Members<'_>, family_id: &str) {
    if !family_id.is_empty() {
        put(columns, "family_id", family_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"home_account_id":"Uid.Utid","environment":"login.microsoftonline.com","client_id":"Client",
        "realm":"organizations","target":"User.Read openid","secret":"eyJ0"}"#;

    fn key(kind: Kind, row: &str) -> String {
        Entity::read(kind, row, None).unwrap().key()
    }

    #[test]
    fn keys_are_msals() {
        for (kind, expected) in [
            (
                Kind::AccessToken,
                "uid.utid-login.microsoftonline.com-accesstoken-client-organizations-user.read openid",
            ),
            (
                Kind::RefreshToken,
                "uid.utid-login.microsoftonline.com-refreshtoken-client--user.read openid",
            ),
            (
                Kind::IdToken,
                "uid.utid-login.microsoftonline.com-idtoken-client-organizations-",
            ),
            (Kind::Account, "uid.utid-login.microsoftonline.com-organizations"),
            (Kind::AppMetadata, "appmetadata-login.microsoftonline.com-Client"),
        ] {
            assert_eq!(key(kind, ROW), expected);
        }
    }

    #[test]
    fn a_part_of_a_key_that_is_missing_or_odd_is_empty() {
        for row in [
            r#"{"home_account_id":null,"environment":"h","target":"s"}"#,
            r#"{"realm":7,"environment":"h","client_id":{"a":[1e400]},"target":"s"}"#,
        ] {
            assert_eq!(key(Kind::AccessToken, row), "-h-accesstoken---s");
        }
    }

    #[test]
    fn of_several_columns_with_one_name_the_last_counts() {
        let row = ROW.replace(r#""secret""#, r#""realm":"last","secret""#);
        assert!(key(Kind::Account, &row).ends_with("-last"));
    }

    #[test]
    fn what_is_no_object_is_no_row() {
        for row in ["[]", "[\"a\",\"b\"]", "7", "null", "\"{}\""] {
            for kind in Kind::ALL {
                assert!(Entity::read(kind, row, None).is_none(), "{row}");
            }
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        for kind in Kind::ALL {
            let row = format!("{:?}", Entity::read(kind, ROW, None).unwrap());
            assert!(row.contains("Client") || kind == Kind::Account, "{row}");
            assert!(!row.contains("eyJ0"), "{row}");
        }
    }
}
