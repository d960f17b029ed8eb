//! The JSON that MSAL libraries exchange: `{"AccessToken": {key: row, …}, "RefreshToken": …}`.

use crate::cache::entity::Kind;
use crate::cache::index::Item;
use crate::cache::row::Row;
use crate::cache::store::TokenCache;
use crate::json::{self, Members, Raw};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;

impl TokenCache {
    /// Reads a serialized cache. Empty text is an empty cache.
    ///
    /// # Errors
    /// Says what is wrong: the text is no JSON, or no cache.
    pub fn deserialize(text: &str) -> Result<Self, &'static str> {
        Self::read(text, Item::Whole)
    }

    /// The same of what an item of a store holds.
    pub(super) fn read(text: &str, item: Item<'_>) -> Result<Self, &'static str> {
        let mut cache = Self::default();
        if text.trim_ascii().is_empty() {
            return Ok(cache);
        }
        let tables = json::object(text).ok_or("the token cache is no JSON object")?;
        for (name, table) in tables.iter() {
            match Kind::ALL.into_iter().find(|kind| kind.name() == name.as_str()) {
                Some(kind) => cache.read_table(kind, table, item)?,
                None => cache.strange.tables.push((name.clone(), Raw::of(table))),
            }
        }
        Ok(cache)
    }

    fn read_table(&mut self, kind: Kind, table: &RawValue, item: Item<'_>) -> Result<(), &'static str> {
        let rows = json::object(table.get()).ok_or("a table of the token cache is no JSON object")?;
        for (key, row) in rows.iter() {
            match Row::read(kind, row) {
                Some(row) if item.holds(&row) => self.index.put_stored(key.clone(), row),
                // An account's item has nothing of others.
                Some(row) if Item::Whole.holds(&row) => {}
                _ => self.strange.rows.push((kind, key.clone(), Raw::of(row))),
            }
        }
        Ok(())
    }

    /// The whole cache as JSON, with everything others put into it.
    ///
    /// # Errors
    /// Says that it can't be written.
    pub fn serialize(&self) -> Result<String, &'static str> {
        self.serialize_item(Item::Whole)
    }

    /// What an item of a store holds of it.
    pub(super) fn serialize_item(&self, item: Item<'_>) -> Result<String, &'static str> {
        self.written(item)
            .map_err(|_| "the token cache can't be written as JSON")
    }

    fn written(&self, item: Item<'_>) -> serde_json::Result<String> {
        let mut tables = Members::default();
        for (name, table) in &self.strange.tables {
            tables.push(name, Cow::Borrowed(table.get()));
        }
        for kind in Kind::ALL {
            let mut rows = Members::default();
            for (table, key, row) in &self.strange.rows {
                if *table == kind {
                    rows.push(key, Cow::Borrowed(row.get()));
                }
            }
            for (key, row) in self.index.table(kind) {
                if item.holds(row) {
                    rows.push(&key, row.written()?);
                }
            }
            if !rows.is_empty() {
                tables.push(kind.name(), Cow::Owned(to_raw_value(&rows)?));
            }
        }
        serde_json::to_string(&tables)
    }
}
