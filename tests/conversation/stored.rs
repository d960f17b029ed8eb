//! What a test expects of the store.

use crate::talk::Conversation;
use entra_device_code::cache::Item;
use entra_device_code::error::Cause;
use entra_device_code::flow::event::{IoEvent, IoId};
use entra_device_code::secret::Secret;
use std::collections::BTreeMap;

/// What a store holds that keeps an item for each account.
pub(crate) type Items = BTreeMap<String, String>;

/// The persistent cache is being read or written.
#[must_use]
pub(crate) struct Stored<'a> {
    pub(crate) talk: &'a mut Conversation,
    pub(crate) io: IoId,
    pub(crate) enable_cae: bool,
}

impl Stored<'_> {
    /// Reading: it holds this.
    pub(crate) fn holds(self, content: Option<&str>) {
        self.talk.note(format!("the store holds {content:?}"));
        self.talk
            .happens(self.io, IoEvent::Loaded(Ok(content.map(Secret::new))));
    }

    /// Reading fails.
    pub(crate) fn cannot_be_read(self, why: &str) {
        self.talk.happens(self.io, IoEvent::Loaded(Err(Cause::text(why))));
    }

    /// Reading: the store can't work as it is configured.
    pub(crate) fn cannot_be_used(self, why: &str) {
        self.talk.note(format!("the store is unusable: {why}"));
        self.talk.happens(self.io, IoEvent::Unusable(why.to_owned()));
    }

    /// Writing: merged with what it holds, under its lock.
    pub(crate) fn into(self, store: &mut String) {
        self.talk.merges(self.enable_cae, store, Item::Whole);
        self.talk.is_saved(self.io);
    }

    /// Writing: each account into its item.
    pub(crate) fn into_items(self, items: &mut Items) {
        for account in self.talk.unsaved_accounts(self.enable_cae) {
            self.talk.merges_into(self.enable_cae, items, &account);
        }
        self.talk.is_saved(self.io);
    }

    /// Writing: fails after merging.
    pub(crate) fn fails(self, store: &str, why: &str) {
        let merged = self.talk.credential.merge(self.enable_cae, store, Item::Whole);
        assert!(merged.is_ok());
        self.talk.happens(self.io, IoEvent::Saved(Err(Cause::text(why))));
    }

    /// Writing: fails before anything was merged.
    pub(crate) fn cannot_be_written(self, why: &str) {
        self.talk.happens(self.io, IoEvent::Saved(Err(Cause::text(why))));
    }

    /// The store does not answer.
    pub(crate) fn hangs(self) -> IoId {
        self.io
    }
}

impl Conversation {
    pub(crate) fn unsaved_accounts(&mut self, enable_cae: bool) -> Vec<String> {
        let accounts = self.credential.unsaved_accounts(enable_cae);
        accounts.into_iter().map(str::to_owned).collect()
    }

    /// Writes what changed of an account into its item.
    pub(crate) fn merges_into(&mut self, enable_cae: bool, items: &mut Items, account: &str) {
        let mut text = items.remove(account).unwrap_or_default();
        self.merges(enable_cae, &mut text, Item::Account(account));
        if !text.is_empty() {
            items.insert(account.to_owned(), text);
        }
    }

    fn merges(&mut self, enable_cae: bool, stored: &mut String, item: Item<'_>) {
        let merged = self.credential.merge(enable_cae, stored, item);
        if let Some(merged) = merged.expect("the store holds a cache") {
            *stored = merged;
        }
    }

    /// The store is told who signs out: it may have something of theirs that can't be read, though there is nothing to write.
    pub(crate) fn forgets(&mut self, enable_cae: bool) {
        assert!(self.unsaved_accounts(enable_cae).is_empty());
        let save = self.saves(enable_cae).hangs();
        self.is_saved(save);
    }

    /// The store says that it holds what it was given.
    pub(crate) fn is_saved(&mut self, io: IoId) -> &mut Self {
        self.happens(io, IoEvent::Saved(Ok(())));
        self
    }
}
