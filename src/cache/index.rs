//! All rows of the cache, ordered by the schema's own keys.
//!
//! A key begins with whose row it is, so the rows of an account lie side by side: whatever is asked about one account
//! costs the same with one account in the cache or a hundred thousand.

use crate::cache::entity::{Entity, Kind};
use crate::cache::rows::Rows;
use crate::prelude::*;

/// Ends a key in a position. Sorts below every character of a key.
const END: &str = "\0";

/// The column that says whose row it is.
const OWNER: &str = "home_account_id";

/// The rows by position: the table's letter, our key, [`END`], and the key under which another library filed the row, if
/// that differs from ours.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    rows: Rows,
    /// For a cache that is stored somewhere: what changed here and is not known to be stored yet, the last state of each
    /// row.
    journal: Option<Vec<Change>>,
}

/// A row that changed.
#[derive(Clone, Debug)]
pub(super) struct Change {
    position: String,
    /// Whose row it is; nothing for one that is everybody's.
    owner: Option<String>,
    /// The row as it is now; nothing if it is gone.
    row: Option<Entity>,
    /// Whether it is on its way to the store.
    is_being_saved: bool,
}

/// What one item of a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The whole cache.
    Whole,
    /// The rows of one account, and those that are everybody's.
    Account(&'a str),
}

impl Item<'_> {
    pub(super) fn holds(self, row: &Entity) -> bool {
        self.is_of(owner_of(row))
    }

    fn is_of(self, owner: Option<&str>) -> bool {
        match self {
            Self::Whole => true,
            Self::Account(id) => owner.is_none_or(|owner| owner == id),
        }
    }
}

/// Whose row it is: empty if the server didn't say, nothing if it is everybody's, as an application's metadata are.
fn owner_of(row: &Entity) -> Option<&str> {
    row.has(OWNER).then(|| row.text(OWNER))
}

impl Index {
    /// Files a row under its key, replacing the one that is there.
    pub(super) fn put(&mut self, kind: Kind, entity: Entity) {
        let position = position(kind, &kind.key(&entity), "");
        self.note(&position, &entity, true);
        self.rows.insert(position, entity);
    }

    /// Files a row as somebody else filed it.
    pub(super) fn put_stored(&mut self, kind: Kind, stored_key: &str, entity: Entity) {
        let key = kind.key(&entity);
        let foreign = if key == stored_key { "" } else { stored_key };
        self.rows.insert(position(kind, &key, foreign), entity);
    }

    /// Changes a row where it lies. Its key must stay the same.
    pub(super) fn change(&mut self, position: &str, change: impl FnOnce(&mut Entity)) {
        if let Some(row) = self.rows.get_mut(position) {
            change(row);
            let row = row.clone();
            self.note(position, &row, true);
        }
    }

    pub(super) fn remove(&mut self, position: &str) {
        if let Some(row) = self.rows.remove(position) {
            self.note(position, &row, false);
        }
    }

    /// The rows of a table whose key begins with `prefix`, with their positions.
    pub(super) fn starting_with(&self, kind: Kind, prefix: &str) -> Vec<(&str, &Entity)> {
        let start = text!(kind.letter(), prefix);
        let mut found = Vec::new();
        for (position, row) in self.rows.from(&start) {
            visited();
            if !position.starts_with(&start) {
                break;
            }
            found.push((position.as_str(), row));
        }
        found
    }

    /// Every row, with its table's letter and the key it is stored under; those of a table follow each other.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&str, &str, &Entity)> {
        self.rows.from("").filter_map(|(position, row)| {
            visited();
            let (key, foreign) = split_once(position, 0)?;
            let (letter, key) = key.split_at_checked(1)?;
            Some((letter, if foreign.is_empty() { key } else { foreign }, row))
        })
    }

    /// From now on, remembers what changes until it is [`Self::saved`].
    pub(super) fn keep_journal(&mut self) {
        self.journal.get_or_insert_default();
    }

    /// What has changed and is not known to be saved.
    pub(super) fn journal(&self) -> &[Change] {
        self.journal.as_deref().unwrap_or_default()
    }

    /// The changes to an item are on their way to the store, which holds `stored`. Says whether it holds them already.
    pub(super) fn save(&mut self, item: Item<'_>, stored: &Self) -> bool {
        let mut is_saved = true;
        for change in self.journal.iter_mut().flatten() {
            if item.is_of(change.owner.as_deref()) {
                change.is_being_saved = true;
                is_saved = is_saved && stored.rows.get(&change.position) == change.row.as_ref();
            }
        }
        is_saved
    }

    /// Whether what was on its way is stored now; if not, it is still to be saved.
    pub(super) fn saved(&mut self, stored: bool) {
        if let Some(journal) = &mut self.journal {
            journal.retain(|change| !(stored && change.is_being_saved));
            for change in journal {
                change.is_being_saved = false;
            }
        }
    }

    /// Takes the rows of another index that an item holds, and makes the changes of the journal to them.
    pub(super) fn reload(&mut self, stored: Self, item: Item<'_>) {
        let before = core::mem::replace(&mut self.rows, stored.rows);
        if item != Item::Whole {
            for (position, row) in before.into_rows() {
                if !item.holds(&row) {
                    self.rows.insert(position, row);
                }
            }
        }
        for Change { position, row, .. } in self.journal.iter().flatten() {
            match row {
                Some(row) => self.rows.insert(position.clone(), row.clone()),
                None => drop(self.rows.remove(position)),
            }
        }
    }

    fn note(&mut self, position: &str, row: &Entity, stays: bool) {
        if let Some(journal) = &mut self.journal {
            journal.retain(|other| other.position != position);
            journal.push(Change {
                position: position.to_owned(),
                owner: owner_of(row).map(str::to_owned),
                row: stays.then(|| row.clone()),
                is_being_saved: false,
            });
        }
    }
}

impl Change {
    /// Whose row it is, if that is known.
    pub(super) fn owner(&self) -> &str {
        self.owner.as_deref().unwrap_or_default()
    }
}

fn position(kind: Kind, key: &str, foreign: &str) -> String {
    text!(kind.letter(), key, END, foreign)
}

/// A row was looked at; the tests count them.
#[cfg(not(test))]
const fn visited() {}

#[cfg(test)]
use tests::visited;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::TokenCache;
    use crate::cache::store::{Owner, Whose};
    use crate::time::Timestamp;
    use core::cell::Cell;

    std::thread_local! {
        static VISITED: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn visited() {
        VISITED.set(VISITED.get() + 1);
    }

    /// A cache of so many accounts, each with a row in every table.
    fn cache(accounts: u32) -> TokenCache {
        let mut cache = TokenCache::default();
        for number in 0..accounts {
            let id = format!("uid{number:06}.utid");
            let mut put = |kind, more: &[(&str, Option<&str>)]| {
                let whose = [("home_account_id", Some(id.as_str())), ("environment", Some("h"))];
                cache.index.put(kind, Entity::new(&[&whose, more].concat()));
            };
            let (client_id, realm, target) = (("client_id", Some("c")), ("realm", Some("t")), ("target", Some("s")));
            put(
                Kind::AccessToken,
                &[client_id, realm, target, ("expires_on", Some("5000"))],
            );
            put(Kind::RefreshToken, &[client_id, target, ("family_id", Some("1"))]);
            put(Kind::IdToken, &[client_id, realm]);
            put(
                Kind::Account,
                &[realm, ("username", Some("ada")), ("authority_type", Some("MSSTS"))],
            );
        }
        let application = Entity::new(&[("client_id", Some("c")), ("environment", Some("h"))]);
        cache.index.put(Kind::AppMetadata, application);
        cache
    }

    /// How many rows are looked at for all that a flow asks about one account.
    fn visits(cache: &mut TokenCache, who: u32) -> usize {
        let id = format!("uid{who:06}.utid");
        let owner = Owner {
            home_account_id: &id,
            environment: "h",
        };
        let now = Timestamp::from_unix_secs(1000);
        VISITED.set(0);
        assert!(cache.access_token(owner, "c", "t", &["s"], now).is_some());
        assert_eq!(cache.refresh_tokens(owner, Whose::Family("1")).len(), 1);
        assert_eq!(cache.refresh_tokens(owner, Whose::Client("c")).len(), 1);
        assert!(cache.has_refresh_token_at(owner) && cache.has_account(owner, Some("ada")));
        assert!(cache.family_of("h", "c").is_some());
        cache.remove_account(owner, "c");
        VISITED.get()
    }

    #[test]
    fn a_lookup_costs_the_same_with_one_account_or_a_hundred_thousand() {
        let alone = visits(&mut cache(1), 0);
        let mut crowd = cache(100_000);
        for who in [0, 50_000, 99_999] {
            let visits = visits(&mut crowd, who);
            // Each of a dozen lookups may look at the neighbour to see that it is somebody else's.
            assert!(visits <= alone + 12, "{visits} rows among many, {alone} alone");
        }
    }

    fn account(username: &str) -> Entity {
        let realm = ("realm", Some("t"));
        Entity::new(&[
            ("home_account_id", Some("A")),
            ("environment", Some("h")),
            realm,
            ("username", Some(username)),
        ])
    }

    fn keys(index: &Index) -> Vec<&str> {
        index.rows().map(|(_, key, _)| key).collect()
    }

    #[test]
    fn a_row_keeps_the_key_it_is_stored_under() {
        let mut index = Index::default();
        index.put(Kind::Account, account("ada"));
        index.put_stored(Kind::Account, "theirs", account("ada"));
        assert_eq!(keys(&index), ["a-h-t", "theirs"]);
        index.put(Kind::Account, account("countess"));
        assert_eq!(keys(&index), ["a-h-t", "theirs"]);
    }

    #[test]
    fn the_journal_holds_the_last_state_of_each_row_that_changed() {
        let mut index = Index::default();
        index.put(Kind::Account, account("before"));
        index.keep_journal();
        assert!(index.journal().is_empty());
        index.put(Kind::Account, account("ada"));
        index.put(Kind::Account, account("countess"));
        assert_eq!(index.journal().len(), 1);
        assert!(!index.save(Item::Whole, &Index::default()));
        let position = index.journal()[0].position.clone();
        index.remove(&position);
        index.saved(true);
        assert_eq!(index.journal().len(), 1, "what changed since is not saved");
        index.reload(Index::default(), Item::Whole);
        assert!(keys(&index).is_empty(), "the newer change prevails");
    }
}
