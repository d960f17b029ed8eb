//! The JSON that MSAL libraries exchange: `{"AccessToken": {key: row, …}, "RefreshToken": …}`.

use crate::cache::entity::{Entity, Kind};
use crate::cache::index::Index;
use crate::cache::store::TokenCache;
use serde_json::{Map, Value};

impl TokenCache {
    /// Reads a serialized cache. Empty text is an empty cache.
    ///
    /// # Errors
    /// Says what is wrong: the text is no JSON, or no cache.
    pub fn deserialize(text: &str) -> Result<Self, &'static str> {
        let mut cache = Self::default();
        if text.trim().is_empty() {
            return Ok(cache);
        }
        let Ok(value) = serde_json::from_str(text) else {
            return Err("the token cache is no JSON");
        };
        let Value::Object(tables) = value else {
            return Err("the token cache is no JSON object");
        };
        for (name, table) in tables {
            match (Kind::ALL.into_iter().find(|kind| kind.name() == name), table) {
                (Some(kind), Value::Object(rows)) => cache.read_table(kind, rows),
                (Some(_), _) => return Err("a table of the token cache is no JSON object"),
                (None, strange) => {
                    cache.strange.insert(name, strange);
                }
            }
        }
        Ok(cache)
    }

    fn read_table(&mut self, kind: Kind, rows: Map<String, Value>) {
        for (key, row) in rows {
            match Entity::from_value(row) {
                Ok(row) => self.table_mut(kind).insert(&key, row),
                Err(strange) => {
                    let table = self
                        .strange
                        .entry(kind.name())
                        .or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(table) = table {
                        table.insert(key, strange);
                    }
                }
            }
        }
    }

    /// The whole cache as JSON, with everything others put into it.
    #[must_use]
    pub fn serialize(&self) -> String {
        let mut tables = self.strange.clone();
        for kind in Kind::ALL {
            let mut rows = match tables.remove(kind.name()) {
                Some(Value::Object(strange)) => strange,
                _ => Map::new(),
            };
            for (key, row) in self.table(kind).rows() {
                rows.insert(key.to_owned(), row.as_value().clone());
            }
            if !rows.is_empty() {
                tables.insert(kind.name().to_owned(), Value::Object(rows));
            }
        }
        Value::Object(tables).to_string()
    }

    fn table(&self, kind: Kind) -> &Index {
        match kind {
            Kind::AccessToken => &self.access_tokens,
            Kind::RefreshToken => &self.refresh_tokens,
            Kind::IdToken => &self.id_tokens,
            Kind::Account => &self.accounts,
            Kind::AppMetadata => &self.app_metadata,
        }
    }

    pub(super) fn table_mut(&mut self, kind: Kind) -> &mut Index {
        match kind {
            Kind::AccessToken => &mut self.access_tokens,
            Kind::RefreshToken => &mut self.refresh_tokens,
            Kind::IdToken => &mut self.id_tokens,
            Kind::Account => &mut self.accounts,
            Kind::AppMetadata => &mut self.app_metadata,
        }
    }
}
