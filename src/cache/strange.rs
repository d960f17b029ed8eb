//! What others put into the cache and this crate doesn't understand.

use crate::cache::entity::Kind;
use crate::cache::serialized::Other;
use crate::json::Raw;

/// Tables, and rows that are no objects, in their order, as they are written. They must not be lost.
#[derive(Clone, Debug, Default)]
pub(super) struct Strange(Vec<(Option<Kind>, String, Raw)>);

impl Strange {
    pub(super) fn of(rest: &[Other<'_>]) -> Self {
        let raw = |(table, name, value): &Other<'_>| (*table, name.to_string(), Raw::of(value));
        Self(rest.iter().map(raw).collect())
    }

    pub(super) fn rest(&self) -> Vec<Other<'_>> {
        let rest = self.0.iter();
        rest.map(|(table, name, value)| (*table, name.as_str().into(), value.get()))
            .collect()
    }
}
