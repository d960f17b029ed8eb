//! A cache that is also stored somewhere, where other processes write too.
//!
//! What changes here is kept in a journal. Reading takes the stored content and repeats the journal on it; writing does
//! the same under the store's lock. So a row that somebody else added or removed meanwhile stays added or removed, and
//! one that could not be saved is saved the next time.

use crate::cache::entity::Kind;
use crate::cache::index::{Index, Journal};
use crate::cache::store::TokenCache;

/// The changes that are being saved.
#[derive(Clone, Debug, Default)]
pub struct Unsaved(Vec<(Kind, Journal)>);

impl TokenCache {
    /// From now on, remembers what changes until it is saved.
    pub fn keep_journal(&mut self) {
        for kind in Kind::ALL {
            self.table_mut(kind).keep_journal();
        }
    }

    /// Takes what the store holds, and makes the unsaved changes to it.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn reload(&mut self, text: &str) -> Result<(), &'static str> {
        let mut stored = Self::deserialize(text)?;
        // What is being saved may not be in the store yet.
        let being_saved = core::mem::take(&mut self.being_saved);
        for (kind, journal) in &being_saved.0 {
            stored.table_mut(*kind).replay(journal);
        }
        self.being_saved = being_saved;
        for kind in Kind::ALL {
            let table = core::mem::replace(stored.table_mut(kind), Index::new(kind));
            self.table_mut(kind).reload(table);
        }
        self.strange = stored.strange;
        Ok(())
    }

    /// Takes what the store holds, makes the unsaved changes to it, and gives what is to be stored. The changes count as
    /// being saved until [`Self::saved`] tells how that went.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn merge(&mut self, text: &str) -> Result<String, &'static str> {
        self.reload(text)?;
        for kind in Kind::ALL {
            let journal = self.table_mut(kind).take_journal();
            self.being_saved.0.push((kind, journal));
        }
        Ok(self.serialize())
    }

    /// Whether anything changed here that is not known to be saved.
    #[must_use]
    pub fn has_unsaved(&mut self) -> bool {
        !self.being_saved.0.is_empty() || Kind::ALL.into_iter().any(|kind| self.table_mut(kind).has_journal())
    }

    /// Whether what [`Self::merge`] gave is stored now; if not, its changes are unsaved again.
    pub fn saved(&mut self, stored: bool) {
        let changes = core::mem::take(&mut self.being_saved);
        if stored {
            return;
        }
        for (kind, journal) in changes.0.into_iter().rev() {
            self.table_mut(kind).put_journal_back(journal);
        }
    }
}
