//! One table of the cache, ordered by the schema's own keys.
//!
//! A key begins with whose row it is, so the rows of an account lie side by side: whatever is asked about one account
//! costs the same with one account in the cache or a hundred thousand.

use crate::cache::entity::{Entity, Kind};
use std::collections::BTreeMap;

/// Sorts below every character of a key, so that `key + END` is the first position behind `key` itself.
const END: char = '\0';

/// A row, and the key under which whoever wrote it filed it. Other libraries' keys may differ from ours; they are kept.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) stored_key: String,
    pub(super) entity: Entity,
}

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Index {
    kind: Kind,
    rows: BTreeMap<String, Row>,
    /// For a cache that is stored somewhere: what changed here and is not known to be stored yet, by stored key. A row
    /// that is gone is `None`.
    journal: Option<Journal>,
}

/// What changed: the last state of each row that did.
pub(super) type Journal = BTreeMap<String, Option<Entity>>;

impl Index {
    pub(super) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            rows: BTreeMap::new(),
            journal: None,
        }
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
    pub(super) fn put_journal_back(&mut self, mut older: Journal) {
        if let Some(journal) = &mut self.journal {
            older.append(journal);
            *journal = older;
        }
    }

    /// Takes the content of another index, and makes the journal's changes to it.
    pub(super) fn reload(&mut self, stored: Self) {
        self.rows = stored.rows;
        for (stored_key, change) in self.journal.clone().unwrap_or_default() {
            match change {
                Some(entity) => self.insert(stored_key, entity),
                None => self.rows.retain(|_, row| row.stored_key != stored_key),
            }
        }
    }

    /// Files a row under its key, replacing the one that is there.
    pub(super) fn put(&mut self, entity: Entity) {
        let key = self.kind.key(&entity);
        self.note(&key, Some(&entity));
        self.insert(key, entity);
    }

    /// Files a row as somebody else filed it.
    pub(super) fn insert(&mut self, stored_key: String, entity: Entity) {
        let mut position = self.kind.key(&entity);
        let is_ours = position == stored_key;
        position.push(END);
        if !is_ours {
            position.push_str(&stored_key);
        }
        self.rows.insert(position, Row { stored_key, entity });
    }

    fn note(&mut self, stored_key: &str, change: Option<&Entity>) {
        if let Some(journal) = &mut self.journal {
            journal.insert(stored_key.to_owned(), change.cloned());
        }
    }

    /// The rows whose key begins with `prefix`, with their positions.
    pub(super) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a String, &'a Entity)> {
        self.rows
            .range::<str, _>((core::ops::Bound::Included(prefix), core::ops::Bound::Unbounded))
            .take_while(move |(position, _)| position.starts_with(prefix))
            .map(|(position, row)| (position, &row.entity))
    }

    /// Changes a row where it lies. Its key must stay the same.
    pub(super) fn change(&mut self, position: &str, change: impl FnOnce(&mut Entity)) {
        if let Some(row) = self.rows.get_mut(position) {
            change(&mut row.entity);
            let Row { stored_key, entity } = row.clone();
            self.note(&stored_key, Some(&entity));
        }
    }

    pub(super) fn remove(&mut self, position: &str) {
        if let Some(row) = self.rows.remove(position) {
            self.note(&row.stored_key, None);
        }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }
}
