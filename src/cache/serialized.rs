//! The JSON that MSAL libraries exchange: `{"AccessToken": {key: row, …}, "RefreshToken": …}`.
//!
//! It may have the tokens of thousands, of whom one is asked for. So only the rows are read that are somebody's who is asked for,
//! and all the rest is written back as it was.

use crate::cache::entity::Kind;
use crate::cache::index::{Index, Item};
use crate::cache::row::Row;
use crate::cache::store::TokenCache;
use crate::cache::strange::Strange;
use crate::json::{self, Guest, Value};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What of a stored cache is nobody's who was asked for, or is not for us to understand: a table, or a row of a table of ours, by its
/// name and its value as it is written.
pub(super) type Other<'a> = (Option<Kind>, Cow<'a, str>, &'a RawValue);

/// Reads a stored cache.
struct Reader<'r, 'a> {
    index: Index,
    rest: Vec<Other<'a>>,
    item: Item<'r>,
    whose: Option<&'r [&'r str]>,
    /// Where the reading is.
    table: Option<Kind>,
}

/// Reads the text of an item: the rows of those who are asked for (see [`Index::owners`]), or of everybody, and those that have no
/// owner; and beside them the rest. Empty text is an empty cache.
pub(super) fn read<'a>(
    text: &'a str,
    item: Item<'_>,
    whose: Option<&[&str]>,
) -> Result<(Index, Vec<Other<'a>>), &'static str> {
    let mut reader = Reader {
        index: Index::default(),
        rest: Vec::new(),
        item,
        whose,
        table: None,
    };
    if text.trim_ascii().is_empty() || matches!(json::read(text, &mut reader), Some(Value::Object)) {
        Ok((reader.index, reader.rest))
    } else {
        Err("the token cache is no JSON object")
    }
}

impl<'a> Guest<'a> for Reader<'_, 'a> {
    fn enters(&mut self, name: &str) -> bool {
        if self.table.is_some() {
            return false;
        }
        self.table = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        self.table.is_some()
    }

    fn leaves(&mut self) {
        self.table = None;
    }

    fn sees(&mut self, name: Cow<'a, str>, value: &'a RawValue) {
        let row = self.table.and_then(|kind| Row::read(kind, value, self.whose));
        match row {
            Some(row) if self.item.holds(&row) => self.index.put_stored(name.into_owned(), row),
            // An account's item has nothing of others.
            Some(row) if Item::Whole.holds(&row) => {}
            _ => self.rest.push((self.table, name, value)),
        }
    }
}

impl TokenCache {
    /// Reads a serialized cache. Empty text is an empty cache.
    ///
    /// # Errors
    /// Says what is wrong: the text is no JSON, or no cache.
    pub fn deserialize(text: &str) -> Result<Self, &'static str> {
        let (index, rest) = read(text, Item::Whole, None)?;
        Ok(Self {
            index,
            strange: Strange::of(&rest),
        })
    }

    /// The whole cache as JSON, with everything others put into it.
    ///
    /// # Errors
    /// Says that it can't be written.
    pub fn serialize(&self) -> Result<String, &'static str> {
        self.written(Item::Whole, &self.strange.rest(), 0)
    }

    /// What an item of a store is to hold, with the rest of what it holds: a text of about that `size`.
    pub(super) fn written(&self, item: Item<'_>, rest: &[Other<'_>], size: usize) -> Result<String, &'static str> {
        let mut text = String::with_capacity(size);
        self.write(&mut text, item, rest)
            .map_err(|_| "the token cache can't be written as JSON")?;
        Ok(text)
    }

    /// What is written already is joined, as serde_json would copy it twice.
    fn write(&self, text: &mut String, item: Item<'_>, rest: &[Other<'_>]) -> serde_json::Result<()> {
        text.push('{');
        for (_, name, table) in rest.iter().filter(|(table, ..)| table.is_none()) {
            put(text, name, table);
        }
        for kind in Kind::ALL {
            let before = text.len();
            for part in ["\"", kind.name(), "\":{"] {
                text.push_str(part);
            }
            let begun = text.len();
            for (_, key, row) in rest.iter().filter(|(table, ..)| *table == Some(kind)) {
                put(text, key, row);
            }
            for (key, row) in self.index.table(kind) {
                if item.holds(row) {
                    put(text, &key, &row.written()?);
                }
            }
            if text.len() == begun {
                text.truncate(before);
            } else {
                close(text);
                text.push(',');
            }
        }
        close(text);
        Ok(())
    }
}

/// Writes a member.
fn put(text: &mut String, name: &str, value: &RawValue) {
    let name = serde_json::to_string(name).unwrap_or_default();
    for part in [&name, ":", value.get(), ","] {
        text.push_str(part);
    }
}

/// Ends an object.
fn close(text: &mut String) {
    if text.as_bytes().last() == Some(&b',') {
        text.truncate(text.len().saturating_sub(1));
    }
    text.push('}');
}
