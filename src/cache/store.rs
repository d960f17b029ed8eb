//! The tables, and what a flow asks of them.

use crate::prelude::*;

use crate::cache::entity::{Entity, Kind};
use crate::cache::index::Index;
use crate::json::Object;
use crate::secret::Secret;
use crate::time::{Span, Timestamp};

/// A token with no more than this to live is renewed first; MSAL's value.
const RENEW_BEFORE: Span = Span::from_secs(300);

/// The one family of applications there is.
pub(crate) const FAMILY: &str = "1";

/// The cache of one kind of session, with or without Continuous Access Evaluation.
#[derive(Clone, Debug, Default)]
pub struct TokenCache {
    pub(super) index: Index,
    /// Tables and rows of others that this crate doesn't understand and must not lose.
    pub(super) strange: Object,
}

/// Whose rows: an account at one host.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// `{uid}.{utid}`; empty for a sign-in the server said nothing about.
    pub home_account_id: &'a str,
    /// The authority's host.
    pub environment: &'a str,
}

impl Owner<'_> {
    fn owns(&self, row: &Entity) -> bool {
        row.text("home_account_id") == self.home_account_id
            && row.text("environment").eq_ignore_ascii_case(self.environment)
    }

    fn prefix(&self, rest: &[&str]) -> String {
        let mut parts = vec![self.home_account_id, self.environment];
        parts.extend_from_slice(rest);
        parts.push("");
        join(&parts, "-").to_ascii_lowercase()
    }
}

/// A cached access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedToken {
    /// The token.
    pub secret: Secret,
    /// How long it is good.
    pub life: Life,
}

/// How long an access token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// When it expires.
    pub expires_on: Timestamp,
    /// When the server would like it to be renewed.
    pub refresh_on: Option<Timestamp>,
}

/// How good a cached token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// It has life left, but is better renewed first.
    Expiring,
    /// Good to use, but the server would like it to be renewed.
    Aging,
    /// Good to use.
    Fresh,
}

impl Life {
    fn of(row: &Entity) -> Self {
        Self {
            expires_on: row.time("expires_on").unwrap_or(Timestamp::from_unix_secs(0)),
            refresh_on: row.time("refresh_on"),
        }
    }

    /// How good it is at `now`; nothing if it has expired.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Option<Freshness> {
        let left = now.until(self.expires_on);
        if left == Span::ZERO {
            None
        } else if left <= RENEW_BEFORE {
            Some(Freshness::Expiring)
        } else if self.refresh_on.is_some_and(|refresh_on| refresh_on < now) {
            Some(Freshness::Aging)
        } else {
            Some(Freshness::Fresh)
        }
    }
}

/// A cached refresh token, and where it lies.
#[derive(Clone, Debug)]
pub struct CachedRefreshToken {
    /// The token.
    pub secret: Secret,
    pub(super) position: String,
}

/// Which refresh tokens to look for.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Those of one application.
    Client(&'a str),
    /// Those of a family of applications (FOCI).
    Family(&'a str),
}

impl TokenCache {
    /// The best access token that carries all scopes `wanted`. Expired ones met on the way are dropped.
    pub fn access_token(
        &mut self,
        owner: Owner<'_>,
        client_id: &str,
        realm: &str,
        wanted: &[&str],
        now: Timestamp,
    ) -> Option<CachedToken> {
        if wanted.is_empty() {
            return None;
        }
        let prefix = owner.prefix(&["accesstoken", client_id, realm]);
        let mut expired = Vec::new();
        let mut best = None;
        for (position, row) in self.index.starting_with(Kind::AccessToken, &prefix) {
            let life = Life::of(row);
            let Some(freshness) = life.freshness(now) else {
                expired.push(position.to_owned());
                continue;
            };
            let rank = (freshness, life.expires_on);
            if best.is_none_or(|(held, _)| rank > held)
                && owner.owns(row)
                && row.text("client_id") == client_id
                && row.text("realm") == realm
                && is_bearer(row)
                && carries(row.text("target"), wanted)
            {
                best = Some((rank, row));
            }
        }
        let token = best.map(|(_, row)| CachedToken {
            secret: Secret::new(row.text("secret")),
            life: Life::of(row),
        });
        for position in expired {
            self.index.remove(&position);
        }
        token
    }

    /// The refresh tokens that may be spent, the newest first: unfit ones are not removed at once, so the newest is the
    /// likeliest to work.
    #[must_use]
    pub fn refresh_tokens(&self, owner: Owner<'_>, whose: Whose<'_>) -> Vec<CachedRefreshToken> {
        let mut found: Vec<(&str, &Entity)> = Vec::new();
        for (position, row) in self
            .index
            .starting_with(Kind::RefreshToken, &owner.prefix(&["refreshtoken"]))
        {
            let is_theirs = match whose {
                Whose::Client(client_id) => row.text("client_id") == client_id,
                Whose::Family(family_id) => row.text("family_id") == family_id,
            };
            if is_theirs && owner.owns(row) {
                let at = found.partition_point(|(_, other)| modified(other) >= modified(row));
                found.insert(at, (position, row));
            }
        }
        let tokens = found.into_iter().map(|(position, row)| CachedRefreshToken {
            secret: Secret::new(row.text("secret")),
            position: position.to_owned(),
        });
        tokens.collect()
    }

    /// Whether any refresh token was issued at this host; without one, an alias is not worth a request.
    #[must_use]
    pub fn has_refresh_token_at(&self, owner: Owner<'_>) -> bool {
        let prefix = owner.prefix(&["refreshtoken"]);
        self.index
            .starting_with(Kind::RefreshToken, &prefix)
            .into_iter()
            .any(|(_, row)| owner.owns(row))
    }

    /// Puts the successor of a refresh token in its place.
    pub fn rotate(&mut self, token: &CachedRefreshToken, successor: &Secret, now: Timestamp) {
        self.index.change(&token.position, |row| {
            row.set("secret", successor.expose());
            row.set("last_modification_time", &decimal(now.as_unix_secs()));
        });
    }

    /// Which family an application belongs to: `None` if it has never got a token here, an empty string if it belongs
    /// to none.
    #[must_use]
    pub fn family_of(&self, environment: &str, client_id: &str) -> Option<String> {
        let key = join(&["appmetadata", environment, client_id], "-");
        let (_, row) = self
            .index
            .starting_with(Kind::AppMetadata, &key)
            .into_iter()
            .find(|(_, row)| {
                row.text("environment").eq_ignore_ascii_case(environment) && row.text("client_id") == client_id
            })?;
        Some(row.text("family_id").to_owned())
    }

    /// Whether the account is here, under the name it had when it signed in, if that is known.
    #[must_use]
    pub fn has_account(&self, owner: Owner<'_>, username: Option<&str>) -> bool {
        self.index
            .starting_with(Kind::Account, &owner.prefix(&[]))
            .into_iter()
            .any(|(_, row)| {
                owner.owns(row)
                    && matches!(row.text("authority_type"), "MSSTS" | "ADFS")
                    && username.is_none_or(|name| row.text("username").eq_ignore_ascii_case(name))
            })
    }

    /// Adds the accounts of a host, by id and name, that have a refresh token an application can use: its own, or one of
    /// its family. One whose family is not known here can try the one there is.
    pub fn add_accounts(&self, accounts: &mut Vec<(String, String)>, host: &str, client_id: &str) {
        let family = self.family_of(host, client_id).unwrap_or_else(|| FAMILY.to_owned());
        for (_, row) in self.index.starting_with(Kind::Account, "") {
            let (home_account_id, username) = (row.text("home_account_id"), row.text("username"));
            let owner = Owner {
                home_account_id,
                environment: host,
            };
            let is_named = !home_account_id.is_empty() && !username.is_empty();
            let is_new = accounts.iter().all(|(id, _)| id != home_account_id);
            let has = |whose| !self.refresh_tokens(owner, whose).is_empty();
            if is_named
                && is_new
                && self.has_account(owner, Some(username))
                && (has(Whose::Client(client_id)) || !family.is_empty() && has(Whose::Family(&family)))
            {
                accounts.push((home_account_id.to_owned(), username.to_owned()));
            }
        }
    }

    /// Forgets an account at one host: its tokens and itself. Refresh tokens of applications that share neither the
    /// client id nor the family stay, as they do for MSAL.
    pub fn remove_account(&mut self, owner: Owner<'_>, client_id: &str) {
        let family = self.family_of(owner.environment, client_id).unwrap_or_default();
        let ours = |row: &Entity| {
            row.text("client_id") == client_id || (!family.is_empty() && row.text("family_id") == family)
        };
        let prefix = owner.prefix(&[]);
        for kind in [Kind::AccessToken, Kind::IdToken, Kind::Account, Kind::RefreshToken] {
            let rows = self.index.starting_with(kind, &prefix).into_iter();
            let doomed = rows.filter(|(_, row)| owner.owns(row) && (kind != Kind::RefreshToken || ours(row)));
            let positions: Vec<String> = doomed.map(|(position, _)| position.to_owned()).collect();
            for position in positions {
                self.index.remove(&position);
            }
        }
    }
}

/// When a refresh token was got, for those that say so; others are older.
fn modified(row: &Entity) -> Option<Timestamp> {
    row.time("last_modification_time")
}

/// Tokens bound to a key or to extra parameters serve only those who ask for just those.
fn is_bearer(row: &Entity) -> bool {
    let token_type = row.text("token_type");
    (token_type.is_empty() || token_type.eq_ignore_ascii_case("bearer")) && !row.has("ext_cache_key")
}

fn carries(target: &str, wanted: &[&str]) -> bool {
    // MSAL's keys are in lower case, so that it finds just these scopes however they are written.
    if target.eq_ignore_ascii_case(&join(wanted, " ")) {
        return true;
    }
    wanted
        .iter()
        .all(|scope| target.split_ascii_whitespace().any(|granted| granted == *scope))
}
