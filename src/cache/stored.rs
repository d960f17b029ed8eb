//! A cache that is also stored somewhere, where other processes write too.
//!
//! What changes here is kept in a journal. Reading takes the stored content and repeats the journal on it; writing does
//! the same under the store's lock. So a row that somebody else added or removed meanwhile stays added or removed, and
//! one that could not be saved is saved the next time.
//!
//! A store keeps the whole cache in one [`Item`], as MSAL's own stores do, or each account in an item of its own.

use crate::cache::index::{Item, Position};
use crate::cache::store::TokenCache;
use crate::text;

impl TokenCache {
    /// From now on, remembers what changes until it is saved.
    pub fn keep_journal(&mut self) {
        self.index.keep_journal();
    }

    /// Takes what an item of the store holds, and makes the unsaved changes to it.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn reload(&mut self, text: &str, item: Item<'_>) -> Result<(), &'static str> {
        self.adopt(Self::read(text, item)?, item);
        Ok(())
    }

    fn adopt(&mut self, stored: Self, item: Item<'_>) {
        self.index.reload(stored.index, item);
        self.strange = stored.strange;
    }

    /// Takes what an item of the store holds, makes the unsaved changes to it, and gives what is to be stored; nothing if
    /// the store holds every change already, an empty text if the item has nothing left in it. The changes count as being
    /// saved until [`Self::saved`] tells how that went.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn merge(&mut self, text: &str, item: Item<'_>) -> Result<Option<String>, &'static str> {
        let stored = Self::read(text, item)?;
        let is_saved = self.index.save(item, &stored.index);
        self.adopt(stored, item);
        Ok(if is_saved {
            None
        } else if self.is_empty(item) {
            Some(String::new())
        } else {
            Some(self.serialize_item(item)?)
        })
    }

    /// Whether anything changed here that is not known to be saved.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        self.index.journal().next().is_some()
    }

    /// The accounts with changes that are not known to be saved.
    #[must_use]
    pub fn unsaved_accounts(&self) -> Vec<&str> {
        let mut accounts: Vec<&str> = Vec::new();
        for owner in self.index.journal().map(Position::owner) {
            if !owner.is_empty() {
                text::add(&mut accounts, owner);
            }
        }
        accounts
    }

    /// Whether what [`Self::merge`] gave is stored now; if not, its changes are unsaved again.
    pub fn saved(&mut self, stored: bool) {
        self.index.saved(stored);
    }

    /// Whether an account's item has nothing of the account any more. A whole cache is never empty: others may look for it.
    fn is_empty(&self, item: Item<'_>) -> bool {
        item != Item::Whole && self.strange.is_empty() && !self.index.has_owned(item)
    }
}
