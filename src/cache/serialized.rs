//! The JSON that MSAL libraries exchange: `{"AccessToken": {key: row, …}, "RefreshToken": …}`.

use crate::prelude::*;

use crate::cache::entity::{Entity, Kind};
use crate::cache::index::Item;
use crate::cache::store::TokenCache;
use crate::json::{Json, Object, begin_member};

impl TokenCache {
    /// Reads a serialized cache. Empty text is an empty cache.
    ///
    /// # Errors
    /// Says what is wrong: the text is no JSON, or no cache.
    pub fn deserialize(text: &str) -> Result<Self, &'static str> {
        let mut cache = Self::default();
        if text.trim_ascii().is_empty() {
            return Ok(cache);
        }
        let Some(tables) = Object::parse(text) else {
            return Err("the token cache is no JSON object");
        };
        for (name, table) in tables.into_members() {
            match (Kind::ALL.into_iter().find(|kind| kind.name() == name), table) {
                (Some(kind), Json::Object(rows)) => cache.read_table(kind, rows),
                (Some(_), _) => return Err("a table of the token cache is no JSON object"),
                (None, strange) => cache.strange.push(&name, strange),
            }
        }
        Ok(cache)
    }

    fn read_table(&mut self, kind: Kind, rows: Object) {
        let mut strange = Object::default();
        for (key, row) in rows.into_members() {
            match row {
                Json::Object(row) => self.index.put_stored(kind, &key, Entity::from_object(row)),
                row => strange.push(&key, row),
            }
        }
        if !strange.members().is_empty() {
            self.strange.push(kind.name(), Json::Object(strange));
        }
    }

    /// The whole cache as JSON, with everything others put into it.
    #[must_use]
    pub fn serialize(&self) -> String {
        self.serialize_item(Item::Whole)
    }

    /// What an item of a store holds of it.
    pub(super) fn serialize_item(&self, item: Item<'_>) -> String {
        let mut tables = "{".to_owned();
        for (name, table) in self.strange.members() {
            if Kind::ALL.into_iter().all(|kind| kind.name() != name) {
                begin_member(&mut tables, name);
                table.write(&mut tables);
            }
        }
        for kind in Kind::ALL {
            let before = tables.len();
            begin_member(&mut tables, kind.name());
            tables.push('{');
            let empty = tables.len();
            if let Some(Json::Object(strange)) = self.strange.get(kind.name()) {
                for (key, row) in strange.members() {
                    begin_member(&mut tables, key);
                    row.write(&mut tables);
                }
            }
            for (letter, key, row) in self.index.rows() {
                if letter == kind.letter() && item.holds(row) {
                    begin_member(&mut tables, key);
                    row.as_object().write(&mut tables);
                }
            }
            if tables.len() > empty {
                tables.push('}');
            } else {
                tables.truncate(before);
            }
        }
        tables.push('}');
        tables
    }
}
