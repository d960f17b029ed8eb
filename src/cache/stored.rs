//! A cache that is also stored somewhere, where other processes write too.
//!
//! What changes here is kept in a journal. Reading takes the stored content and repeats the journal on it; writing does
//! the same under the store's lock. So a row that somebody else added or removed meanwhile stays added or removed, and
//! one that could not be saved is saved the next time.

use crate::cache::store::TokenCache;
use crate::prelude::*;

impl TokenCache {
    /// From now on, remembers what changes until it is saved.
    pub fn keep_journal(&mut self) {
        self.index.keep_journal();
    }

    /// Takes what the store holds, and makes the unsaved changes to it.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn reload(&mut self, text: &str) -> Result<(), &'static str> {
        let stored = Self::deserialize(text)?;
        // What is being saved may not be in the store yet.
        self.index.reload(stored.index, &self.being_saved);
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
        self.being_saved.append(&mut self.index.take_journal());
        Ok(self.serialize())
    }

    /// Whether anything changed here that is not known to be saved.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        !self.being_saved.is_empty() || self.index.has_journal()
    }

    /// Whether what [`Self::merge`] gave is stored now; if not, its changes are unsaved again.
    pub fn saved(&mut self, stored: bool) {
        let changes = core::mem::take(&mut self.being_saved);
        if !stored {
            self.index.put_journal_back(changes);
        }
    }
}
