//! All rows of the cache, ordered by the schema's own keys.
//!
//! A key begins with whose row it is, so the rows of an account lie side by side: whatever is asked about one account
//! costs the same with one account in the cache or a hundred thousand.

use crate::cache::entity::{Entity, Kind};
use crate::prelude::*;
use alloc::collections::BTreeMap;

/// Ends a key in a position. Sorts below every character of a key.
const END: char = '\0';

/// The rows by position: the table's letter, our key, [`END`], and the key under which another library filed the row, if
/// that differs from ours.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    rows: BTreeMap<String, Entity>,
    /// For a cache that is stored somewhere: what changed here and is not known to be stored yet.
    journal: Option<Journal>,
}

/// What changed: the last state of each row that did, by position; nothing for one that is gone.
pub(super) type Journal = Vec<(String, Option<Entity>)>;

impl Index {
    /// Files a row under its key, replacing the one that is there.
    pub(super) fn put(&mut self, kind: Kind, entity: Entity) {
        let position = position(kind, &kind.key(&entity), "");
        self.note(&position, Some(&entity));
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
            self.note(position, Some(&row));
        }
    }

    pub(super) fn remove(&mut self, position: &str) {
        if self.rows.remove(position).is_some() {
            self.note(position, None);
        }
    }

    /// The rows of a table whose key begins with `prefix`, with their positions.
    pub(super) fn starting_with(&self, kind: Kind, prefix: &str) -> Vec<(&str, &Entity)> {
        let mut start = String::new();
        start.push(kind.letter());
        start.push_str(prefix);
        let mut found = Vec::new();
        for (position, row) in self.rows.range(start.clone()..) {
            if !position.starts_with(&start) {
                break;
            }
            found.push((position.as_str(), row));
        }
        found
    }

    /// Every row, with its table's letter and the key it is stored under; those of a table follow each other.
    pub(super) fn rows(&self) -> impl Iterator<Item = (char, &str, &Entity)> {
        self.rows.iter().filter_map(|(position, row)| {
            let (key, foreign) = position.split_once(END)?;
            let mut key = key.chars();
            let letter = key.next()?;
            Some((letter, if foreign.is_empty() { key.as_str() } else { foreign }, row))
        })
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
            for change in older {
                if !journal.iter().any(|newer| newer.0 == change.0) {
                    journal.push(change);
                }
            }
        }
    }

    /// Whether anything is in the journal.
    pub(super) fn has_journal(&self) -> bool {
        self.journal.as_ref().is_some_and(|journal| !journal.is_empty())
    }

    /// Takes the rows of another index, and makes the changes of the present journal to them, after those of `older`.
    pub(super) fn reload(&mut self, stored: Self, older: &Journal) {
        self.rows = stored.rows;
        for (position, change) in older.iter().chain(self.journal.iter().flatten()) {
            match change {
                Some(row) => drop(self.rows.insert(position.clone(), row.clone())),
                None => drop(self.rows.remove(position)),
            }
        }
    }

    fn note(&mut self, position: &str, change: Option<&Entity>) {
        if let Some(journal) = &mut self.journal {
            journal.retain(|(other, _)| other != position);
            journal.push((position.to_owned(), change.cloned()));
        }
    }
}

fn position(kind: Kind, key: &str, foreign: &str) -> String {
    let mut position = String::new();
    position.push(kind.letter());
    position.push_str(key);
    position.push(END);
    position.push_str(foreign);
    position
}
