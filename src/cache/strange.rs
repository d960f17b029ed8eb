//! What others put into the cache and this crate doesn't understand.

use crate::cache::entity::Kind;
use crate::json::Raw;

/// Tables, and rows that are no objects, in their order. They must not be lost.
#[derive(Clone, Debug, Default)]
pub(super) struct Strange {
    pub(super) tables: Vec<(String, Raw)>,
    pub(super) rows: Vec<(Kind, String, Raw)>,
}

impl Strange {
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.rows.is_empty()
    }
}
