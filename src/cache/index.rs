//! One table of the cache, ordered by the schema's own keys.
//!
//! A key begins with whose row it is, so the rows of an account lie side by side: whatever is asked about one account
//! costs the same with one account in the cache or a hundred thousand.

use crate::cache::entity::{Entity, Kind};
use std::collections::BTreeMap;

/// Ends a key in a position. Sorts below every character of a key.
const END: char = '\0';

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Index {
    kind: Kind,
    /// The rows by position: our key, [`END`], and the key under which another library filed the row, if that differs.
    rows: BTreeMap<String, Entity>,
    /// For a cache that is stored somewhere: what changed here and is not known to be stored yet.
    journal: Option<Journal>,
}

/// What changed: the last state of each row that did, by the key it is stored under; nothing for one that is gone.
pub(super) type Journal = Vec<(String, Option<Entity>)>;

impl Index {
    pub(super) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            rows: BTreeMap::new(),
            journal: None,
        }
    }

    /// Files a row under its key, replacing the one that is there.
    pub(super) fn put(&mut self, entity: Entity) {
        let key = self.kind.key(&entity);
        self.note(&key, Some(&entity));
        self.insert(&key, entity);
    }

    /// Files a row as somebody else filed it.
    pub(super) fn insert(&mut self, stored_key: &str, entity: Entity) {
        let mut position = self.kind.key(&entity);
        let is_ours = position == stored_key;
        position.push(END);
        if !is_ours {
            position.push_str(stored_key);
        }
        self.rows.insert(position, entity);
    }

    /// Changes a row where it lies. Its key must stay the same.
    pub(super) fn change(&mut self, position: &str, change: impl FnOnce(&mut Entity)) {
        if let Some(row) = self.rows.get_mut(position) {
            change(row);
            let row = row.clone();
            self.note(stored_key(position), Some(&row));
        }
    }

    pub(super) fn remove(&mut self, position: &str) {
        if self.rows.remove(position).is_some() {
            self.note(stored_key(position), None);
        }
    }

    /// The rows whose key begins with `prefix`, with their positions.
    pub(super) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Entity)> {
        self.rows
            .range::<str, _>((core::ops::Bound::Included(prefix), core::ops::Bound::Unbounded))
            .inspect(|_| visited())
            .take_while(move |(position, _)| position.starts_with(prefix))
            .map(|(position, row)| (position.as_str(), row))
    }

    /// Every row, with the key it is stored under.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&str, &Entity)> {
        self.rows
            .iter()
            .inspect(|_| visited())
            .map(|(position, row)| (stored_key(position), row))
    }

    /// From now on, remembers what changes until [`Self::take_journal`].
    pub(super) fn keep_journal(&mut self) {
        self.journal.get_or_insert_default();
    }

    /// What has changed since the last time; the next journal begins empty.
    pub(super) fn take_journal(&mut self) -> Journal {
        self.journal.as_mut().map(core::mem::take).unwrap_or_default()
    }

    /// Puts an older journal back before the present one, whose changes prevail.
    pub(super) fn put_journal_back(&mut self, older: Journal) {
        if let Some(journal) = &mut self.journal {
            for (key, change) in older {
                if !journal.iter().any(|(newer, _)| *newer == key) {
                    journal.push((key, change));
                }
            }
        }
    }

    /// Takes the content of another index, and makes the journal's changes to it.
    pub(super) fn reload(&mut self, stored: Self) {
        self.rows = stored.rows;
        let journal = self.journal.clone().unwrap_or_default();
        self.replay(&journal);
    }

    /// Makes the changes of a journal once more.
    pub(super) fn replay(&mut self, journal: &Journal) {
        for (key, change) in journal {
            match change {
                Some(row) => self.insert(key, row.clone()),
                None => self.rows.retain(|position, _| stored_key(position) != key),
            }
        }
    }

    /// Whether anything is in the journal.
    pub(super) fn has_journal(&self) -> bool {
        self.journal.as_ref().is_some_and(|journal| !journal.is_empty())
    }

    fn note(&mut self, stored_key: &str, change: Option<&Entity>) {
        if let Some(journal) = &mut self.journal {
            journal.retain(|(other, _)| other != stored_key);
            journal.push((stored_key.to_owned(), change.cloned()));
        }
    }
}

/// The key under which the row at a position is stored.
fn stored_key(position: &str) -> &str {
    match position.split_once(END) {
        Some((key, "")) => key,
        Some((_, stored_key)) => stored_key,
        None => position,
    }
}

/// A row was looked at; the tests count them.
#[cfg(not(test))]
const fn visited() {}

#[cfg(test)]
use tests::visited;

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::cache::TokenCache;
    use crate::cache::store::{Owner, Whose};
    use crate::time::Timestamp;
    use core::cell::Cell;

    thread_local! {
        static VISITED: Cell<usize> = const { Cell::new(0) };
    }

    pub(in crate::cache) fn visited() {
        VISITED.set(VISITED.get() + 1);
    }

    /// A cache of so many accounts, each with a row in every table.
    fn cache(accounts: u32) -> TokenCache {
        let mut cache = TokenCache::default();
        for number in 0..accounts {
            let id = format!("uid{number:06}.utid");
            let row = |more: &[(&str, Option<&str>)]| {
                let common = [("home_account_id", Some(id.as_str())), ("environment", Some("h"))];
                Entity::new(&[&common, more].concat())
            };
            let of_client = ("client_id", Some("c"));
            let times = ("expires_on", Some("5000"));
            let target = ("target", Some("s"));
            cache
                .access_tokens
                .put(row(&[of_client, ("realm", Some("t")), target, times]));
            cache
                .refresh_tokens
                .put(row(&[of_client, target, ("family_id", Some("1"))]));
            cache.id_tokens.put(row(&[of_client, ("realm", Some("t"))]));
            cache
                .accounts
                .put(row(&[("realm", Some("t")), ("username", Some("ada"))]));
        }
        cache
            .app_metadata
            .put(Entity::new(&[("client_id", Some("c")), ("environment", Some("h"))]));
        cache
    }

    #[test]
    fn a_lookup_costs_the_same_with_one_account_or_a_hundred_thousand() {
        let visits = |cache: &mut TokenCache, who: u32| {
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
        };
        let alone = visits(&mut cache(1), 0);
        let mut crowd = cache(100_000);
        for who in [0, 50_000, 99_999] {
            let visits = visits(&mut crowd, who);
            // Each of a dozen lookups may look at the neighbour to see that it is somebody else's.
            assert!(visits <= alone + 12, "{visits} rows among many, {alone} alone");
        }
    }

    #[test]
    fn a_rows_position_tells_the_key_it_is_stored_under() {
        let row = || {
            Entity::new(&[
                ("home_account_id", Some("A")),
                ("environment", Some("h")),
                ("realm", Some("t")),
            ])
        };
        let mut index = Index::new(Kind::Account);
        index.put(row());
        index.insert("theirs", row());
        let keys: Vec<&str> = index.rows().map(|(key, _)| key).collect();
        assert_eq!(keys, ["a-h-t", "theirs"]);
        index.put(row());
        assert_eq!(index.rows().count(), 2);
    }

    #[test]
    fn the_journal_holds_the_last_state_of_each_row_that_changed() {
        let row = |name| {
            let realm = ("realm", Some("t"));
            Entity::new(&[
                ("home_account_id", Some("a")),
                ("environment", Some("h")),
                realm,
                ("username", Some(name)),
            ])
        };
        let mut index = Index::new(Kind::Account);
        index.put(row("before"));
        index.keep_journal();
        assert!(!index.has_journal());
        index.put(row("ada"));
        index.put(row("countess"));
        let journal = index.take_journal();
        assert_eq!(journal.len(), 1);
        assert!(!index.has_journal());
        index.remove("a-h-t\0");
        index.put_journal_back(journal);
        index.reload(Index::new(Kind::Account));
        assert_eq!(index.rows().count(), 0, "the newer change prevails");
    }
}
