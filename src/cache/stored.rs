//! A cache that is also stored somewhere, where other processes write too.
//!
//! What changes here is kept in a journal. Reading takes the stored content and repeats the journal on it; writing does
//! the same under the store's lock. So a row that somebody else added or removed meanwhile stays added or removed, and
//! one that could not be saved is saved the next time.
//!
//! A store keeps the whole cache in one [`Item`], as MSAL's own stores do, or each account in an item of its own.

use crate::cache::index::{Item, Position};
use crate::cache::serialized::{self, Other};
use crate::cache::store::TokenCache;
use crate::text;

/// By how many bytes a text may grow, with the rows of a few accounts, without being moved.
const GROWTH: usize = 1 << 16;

impl TokenCache {
    /// From now on, remembers what changes until it is saved.
    pub fn keep_journal(&mut self) {
        self.index.keep_journal();
    }

    /// Takes what an item of the store holds, and makes the unsaved changes to it. What others put there stays there alone.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn reload(&mut self, text: &str, item: Item<'_>) -> Result<(), &'static str> {
        self.load(text, item, None)
    }

    /// The same of a whole cache, but for the rows of those whom nobody has asked for yet: this account is asked for now.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn reload_account(&mut self, text: &str, home_account_id: &str) -> Result<(), &'static str> {
        self.load(text, Item::Whole, Some(home_account_id))
    }

    pub(crate) fn load(&mut self, text: &str, item: Item<'_>, asked_for: Option<&str>) -> Result<(), &'static str> {
        let mut id = asked_for.unwrap_or_default().to_owned();
        id.make_ascii_lowercase();
        let mut whose = self.index.owners();
        text::add(&mut whose, &id);
        let (stored, _) = serialized::read(text, item, asked_for.is_some().then_some(&whose))?;
        self.index.reload(stored, item);
        Ok(())
    }

    /// Takes what an item of the store holds, makes the unsaved changes to it, and gives what is to be stored; nothing if
    /// the store holds every change already, an empty text if the item has nothing left in it. The changes count as being
    /// saved until [`Self::saved`] tells how that went.
    ///
    /// # Errors
    /// Says why the text is no cache. Then nothing changes.
    pub fn merge(&mut self, text: &str, item: Item<'_>) -> Result<Option<String>, &'static str> {
        let whose = self.index.owners();
        // In the whole cache, the rows of those who are not here stay as they are. Where nothing has changed here, whoever is signing
        // out may have been signed in by others meanwhile.
        let is_partial = item == Item::Whole && self.has_unsaved();
        let (stored, rest) = serialized::read(text, item, is_partial.then_some(&whose))?;
        let is_saved = self.index.save(item, &stored);
        self.index.reload(stored, item);
        Ok(if is_saved {
            None
        } else if self.is_empty(item, &rest) {
            Some(String::new())
        } else {
            Some(self.written(item, &rest, text.len().saturating_add(GROWTH))?)
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
    fn is_empty(&self, item: Item<'_>, rest: &[Other<'_>]) -> bool {
        item != Item::Whole && rest.is_empty() && !self.index.has_owned(item)
    }
}
