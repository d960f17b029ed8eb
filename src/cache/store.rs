//! The tables, and what a flow asks of them.

use crate::cache::entity::{AccessToken, Details, Entity, Kind};
use crate::cache::index::{Index, Position};
use crate::cache::row::Row;
use crate::cache::strange::Strange;
use crate::protocol::scope::effective;
use crate::secret::Secret;
use crate::text;
use crate::time::Timestamp;
use std::rc::Rc;
use std::time::Duration;

/// A token with no more than this to live is renewed first; MSAL's value.
const RENEW_BEFORE: Duration = Duration::from_secs(300);

/// The one family of applications there is.
pub(crate) const FAMILY: &str = "1";

/// The cache of one kind of session, with or without Continuous Access Evaluation.
#[derive(Clone, Debug, Default)]
pub struct TokenCache {
    pub(super) index: Index,
    pub(super) strange: Strange,
}

/// Whose rows: an account at one host.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// `{uid}.{utid}`, or the subject. An empty one owns nothing.
    pub home_account_id: &'a str,
    /// The authority's host.
    pub environment: &'a str,
}

impl Owner<'_> {
    fn owns(&self, row: &Entity) -> bool {
        row.owner()
            .is_some_and(|id| !id.is_empty() && id == self.home_account_id)
            && row.environment.eq_ignore_ascii_case(self.environment)
    }

    /// Where the token lies that answered when these scopes were asked for.
    pub(super) fn question(&self, client_id: &str, realm: &str, wanted: &[&str]) -> Position {
        // First that in which questions differ.
        let wanted = wanted.join(" ");
        let question = [&wanted, " ", self.environment, " ", client_id, " ", realm].concat();
        Position::of_answer(self.home_account_id, question)
    }

    /// What the keys of its rows begin with.
    fn prefix(&self, rest: &str) -> String {
        let mut prefix = format!("{}-{}-{rest}", self.home_account_id, self.environment);
        prefix.make_ascii_lowercase();
        prefix
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

impl CachedToken {
    fn of(row: &Row) -> Option<Self> {
        match (&row.entity.secret, &row.entity.details) {
            (Some(secret), Details::AccessToken(own)) => Some(Self {
                secret: secret.clone(),
                life: Life::of(own),
            }),
            _ => None,
        }
    }
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
    fn of(row: &AccessToken) -> Self {
        Self {
            expires_on: row.expires_on.unwrap_or(Timestamp::from_unix_secs(0)),
            refresh_on: row.refresh_on,
        }
    }

    /// How good it is at `now`; nothing if it has expired.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Option<Freshness> {
        let left = now.until(self.expires_on);
        if left == Duration::ZERO {
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
    position: Rc<Position>,
    pub(super) got_at: Option<Timestamp>,
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
        let question = owner.question(client_id, realm, wanted);
        if let Some(row) = self.index.answer(&question)
            && let Some(token) = CachedToken::of(row)
            && token.life.freshness(now) == Some(Freshness::Fresh)
        {
            return Some(token);
        }
        let prefix = owner.prefix(&format!("accesstoken-{client_id}-{realm}-"));
        let mut expired = Vec::new();
        let mut best: Option<((Freshness, Timestamp), &Rc<Row>)> = None;
        for (position, row) in self.index.starting_with(Kind::AccessToken, &prefix) {
            let entity = &row.entity;
            let Details::AccessToken(own) = &entity.details else {
                continue;
            };
            let life = Life::of(own);
            let Some(freshness) = life.freshness(now) else {
                expired.push(Rc::clone(position));
                continue;
            };
            let rank = (freshness, life.expires_on);
            if best.is_none_or(|(held, _)| rank > held)
                && owner.owns(entity)
                && entity.client_id == client_id
                && entity.realm == realm
                && is_bearer(own)
                && (includes(&entity.target, wanted) || answers(&entity.target, &row.asked, wanted, now))
            {
                best = Some((rank, row));
            }
        }
        let found = best.map(|(_, row)| Rc::clone(row));
        for position in expired {
            self.index.drop_expired(&position);
        }
        let row = found?;
        let token = CachedToken::of(&row);
        // What it answers for only for a while is looked up each time.
        if includes(&row.entity.target, wanted) {
            self.index.remember(question, row);
        }
        token
    }

    /// The refresh tokens that may be spent, the newest first: unfit ones are not removed at once, so the newest is the
    /// likeliest to work.
    #[must_use]
    pub fn refresh_tokens(&self, owner: Owner<'_>, whose: Whose<'_>) -> Vec<CachedRefreshToken> {
        let mut found: Vec<CachedRefreshToken> = Vec::new();
        for (position, row) in self.rows_of(Kind::RefreshToken, owner) {
            let Details::RefreshToken(own) = &row.entity.details else {
                continue;
            };
            let is_theirs = match whose {
                Whose::Client(client_id) => row.entity.client_id == client_id,
                Whose::Family(family_id) => own.family_id == family_id,
            };
            if is_theirs {
                // Those that don't say when they were got are older.
                let got_at = own.last_modification_time;
                let at = found.partition_point(|other| other.got_at >= got_at);
                let token = CachedRefreshToken {
                    secret: row.entity.secret.clone().unwrap_or_default(),
                    position: Rc::clone(position),
                    got_at,
                };
                found.insert(at, token);
            }
        }
        found
    }

    /// Whether any refresh token was issued at this host; without one, an alias is not worth a request.
    #[must_use]
    pub fn has_refresh_token_at(&self, owner: Owner<'_>) -> bool {
        !self.rows_of(Kind::RefreshToken, owner).is_empty()
    }

    /// Puts the successor of a refresh token in its place, unless that is another's, or holds another token by now.
    pub fn rotate(&mut self, token: &CachedRefreshToken, successor: &Secret, now: Timestamp) {
        if let Some(row) = self.index.get(&token.position)
            && row.entity.secret.as_ref() == Some(&token.secret)
            && let Some(rotated) = row.rotated(successor, now)
        {
            self.index.replace(&token.position, rotated);
        }
    }

    /// Takes over what another cache knows of an account, but for its tokens.
    pub fn take_account(&mut self, other: &Self, owner: Owner<'_>) {
        for (_, row) in other.rows_of(Kind::Account, owner) {
            self.index.put_row(Rc::clone(row));
        }
    }

    /// Which family an application belongs to: `None` if it has never got a token here, an empty string if it belongs
    /// to none.
    #[must_use]
    pub fn family_of(&self, environment: &str, client_id: &str) -> Option<&str> {
        let prefix = format!("appmetadata-{environment}-{client_id}");
        for (_, row) in self.index.starting_with(Kind::AppMetadata, &prefix) {
            let row = &row.entity;
            if row.environment.eq_ignore_ascii_case(environment)
                && row.client_id == client_id
                && let Details::AppMetadata { family_id } = &row.details
            {
                return Some(family_id);
            }
        }
        None
    }

    /// Whether the account is here, under the name it had when it signed in, as far as that is known.
    #[must_use]
    pub fn has_account(&self, owner: Owner<'_>, username: Option<&str>) -> bool {
        let rows = self.rows_of(Kind::Account, owner);
        rows.iter().any(|(_, row)| match &row.entity.details {
            Details::Account(own) => {
                own.is_of_ours()
                    && username.is_none_or(|name| own.username.is_empty() || own.username.eq_ignore_ascii_case(name))
            }
            _ => false,
        })
    }

    /// Adds the accounts of a host, by id and name (or the id again), that have a refresh token an application can use: its own,
    /// or one of its family. One whose family is not known here can try the one there is. Each is there once, sorted by id.
    pub fn add_accounts<'a>(&'a self, accounts: &mut Vec<(&'a str, &'a str)>, host: &str, client_id: &str) {
        let family = self.family_of(host, client_id).unwrap_or(FAMILY);
        let mut served: Vec<&str> = Vec::new();
        let is_here = |row: &Entity| row.environment.eq_ignore_ascii_case(host);
        for (_, row) in self.index.starting_with(Kind::RefreshToken, "") {
            if is_here(&row.entity) && row.entity.serves(client_id, family) {
                text::add(&mut served, row.entity.owner().unwrap_or_default());
            }
        }
        for (_, row) in self.index.starting_with(Kind::Account, "") {
            let Details::Account(own) = &row.entity.details else {
                continue;
            };
            let id = row.entity.owner().unwrap_or_default();
            if !id.is_empty()
                && is_here(&row.entity)
                && own.is_of_ours()
                && text::has(&served, id)
                && let Err(at) = accounts.binary_search_by_key(&id, |(id, _)| id)
            {
                accounts.insert(at, (id, if own.username.is_empty() { id } else { &own.username }));
            }
        }
    }

    /// Forgets an account at one host: its tokens and itself. Says whether there was anything to forget. Refresh tokens of
    /// applications that share neither the client id nor the family stay, as they do for MSAL.
    pub fn remove_account(&mut self, owner: Owner<'_>, client_id: &str) -> bool {
        let family = self.family_of(owner.environment, client_id).unwrap_or_default();
        let mut doomed = Vec::new();
        for kind in [Kind::AccessToken, Kind::RefreshToken, Kind::IdToken, Kind::Account] {
            for (position, row) in self.rows_of(kind, owner) {
                if row.entity.serves(client_id, family) {
                    doomed.push(Rc::clone(position));
                }
            }
        }
        for position in &doomed {
            self.index.remove(position);
        }
        !doomed.is_empty()
    }

    /// The rows of an account in a table.
    fn rows_of(&self, kind: Kind, owner: Owner<'_>) -> Vec<(&Rc<Position>, &Rc<Row>)> {
        let mut rows = Vec::new();
        for (position, row) in self.index.starting_with(kind, &owner.prefix("")) {
            if owner.owns(&row.entity) {
                rows.push((position, row));
            }
        }
        rows
    }
}

/// Tokens bound to a key or to extra parameters serve only those who ask for just those; what is no token serves nobody.
fn is_bearer(row: &AccessToken) -> bool {
    !row.is_unfit && (row.token_type.is_empty() || row.token_type.eq_ignore_ascii_case("bearer"))
}

/// Whether scopes are among others. Servers write them as they like: `User.Read` for `user.read`.
fn includes(scopes: &str, wanted: &[&str]) -> bool {
    let has = |wanted: &str| {
        scopes
            .split_ascii_whitespace()
            .any(|scope| scope.eq_ignore_ascii_case(wanted))
    };
    wanted.iter().all(|scope| has(scope))
}

/// Whether a token answers for those `wanted` as they were asked for with what it was granted. One that was granted fewer than
/// were asked for answers only for the same.
fn answers(target: &str, asked: &[(String, Timestamp)], wanted: &[&str], now: Timestamp) -> bool {
    let count = |scopes| effective(scopes).len();
    asked.iter().any(|(asked, until)| {
        let is_whole = || wanted.len() == count(asked) || count(target) >= count(asked);
        now < *until && includes(asked, wanted) && is_whole()
    })
}
