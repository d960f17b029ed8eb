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
}

impl Index {
    pub(super) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            rows: BTreeMap::new(),
        }
    }

    /// Files a row under its key, replacing the one that is there.
    pub(super) fn put(&mut self, entity: Entity) {
        let key = self.kind.key(&entity);
        self.put_as(key.clone(), key, entity);
    }

    /// Files a row as somebody else filed it.
    pub(super) fn put_stored(&mut self, stored_key: String, entity: Entity) {
        let key = self.kind.key(&entity);
        self.put_as(key, stored_key, entity);
    }

    fn put_as(&mut self, key: String, stored_key: String, entity: Entity) {
        let mut position = key;
        position.push(END);
        if !position.starts_with(&stored_key) {
            position.push_str(&stored_key);
        }
        self.rows.insert(position, Row { stored_key, entity });
    }

    /// The rows whose key begins with `prefix`, with their positions.
    pub(super) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a String, &'a Entity)> {
        self.rows
            .range::<str, _>((core::ops::Bound::Included(prefix), core::ops::Bound::Unbounded))
            .take_while(move |(position, _)| position.starts_with(prefix))
            .map(|(position, row)| (position, &row.entity))
    }

    pub(super) fn at(&self, position: &str) -> Option<&Entity> {
        self.rows.get(position).map(|row| &row.entity)
    }

    pub(super) fn at_mut(&mut self, position: &str) -> Option<&mut Entity> {
        self.rows.get_mut(position).map(|row| &mut row.entity)
    }

    pub(super) fn remove(&mut self, position: &str) {
        self.rows.remove(position);
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }
}
