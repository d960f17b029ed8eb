//! A row as it lies in the cache: what is looked for in it, and the JSON it was read from.

use crate::cache::entity::{Details, Entity, Kind, put_seconds};
use crate::json::{self, Raw};
use crate::secret::Secret;
use crate::time::Timestamp;
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::time::Duration;

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) entity: Entity,
    /// What an access token was asked for, and until when it answers for that. Known in memory only.
    pub(super) asked: Vec<(String, Timestamp)>,
    /// What the journal says of it.
    pub(super) fate: Fate,
    /// What others wrote is written back as it was: their fields, numbers and order.
    stored: Option<Raw>,
}

/// What has become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Here,
    /// It was removed. What another process has put in its place stays.
    Gone,
    /// It had expired. That is no change: the store loses it when something else is saved.
    Expired,
}

impl Row {
    /// A row of ours.
    pub(super) const fn new(entity: Entity) -> Self {
        Self {
            entity,
            asked: Vec::new(),
            fate: Fate::Here,
            stored: None,
        }
    }

    /// Reads a row that was stored; nothing if it is no object, or of nobody whose rows are wanted (see [`Entity::read`]).
    pub(super) fn read(kind: Kind, row: &RawValue, whose: Option<&[&str]>) -> Option<Self> {
        Some(Self {
            entity: Entity::read(kind, row.get(), whose)?,
            asked: Vec::new(),
            fate: Fate::Here,
            stored: Some(Raw::of(row)),
        })
    }

    /// What is left of the row for the journal: whose it was, and its secret.
    pub(super) fn left(&self, fate: Fate) -> Self {
        let entity = Entity {
            home_account_id: self.entity.home_account_id.clone(),
            // Without what a host made of it.
            secret: self.entity.secret.as_ref().map(|secret| Secret::new(secret.expose())),
            ..Entity::default()
        };
        Self {
            fate,
            ..Self::new(entity)
        }
    }

    /// The same row with the successor of a refresh token in its place. Whatever else it has stays.
    pub(super) fn rotated(&self, successor: &Secret, now: Timestamp) -> Option<Self> {
        let row = self.written().ok()?;
        let mut columns = json::object(row.get())?;
        columns.put_text("secret", Some(successor.expose()));
        let got_at = after_predecessor(self.got_at(), now);
        put_seconds(&mut columns, "last_modification_time", Some(got_at));
        Self::read(self.entity.kind(), &to_raw_value(&columns).ok()?, None)
    }

    /// Whether a row that is stored where it was is the one that was removed.
    pub(super) fn removes(&self, stored: &Self) -> bool {
        self.fate != Fate::Here && self.entity.secret == stored.entity.secret
    }

    /// When a refresh token was got.
    const fn got_at(&self) -> Option<Timestamp> {
        match &self.entity.details {
            Details::RefreshToken(own) => own.last_modification_time,
            _ => None,
        }
    }

    /// Whether this is a refresh token, and another that is stored in its place is not older.
    pub(super) fn is_outlived(&self, stored: &Self) -> bool {
        self.got_at().is_some() && stored.got_at() >= self.got_at() && self.yields_to(stored)
    }

    /// Whether this is a token, and another that is stored in its place serves for as long.
    pub(super) fn yields_to(&self, stored: &Self) -> bool {
        let serves_as_long = match (&self.entity.details, &stored.entity.details) {
            (Details::AccessToken(own), Details::AccessToken(theirs)) => theirs.expires_on >= own.expires_on,
            _ => self.entity.secret.is_some(),
        };
        self.fate == Fate::Here && self.entity.secret != stored.entity.secret && serves_as_long
    }

    /// The row as JSON.
    pub(super) fn written(&self) -> serde_json::Result<Cow<'_, RawValue>> {
        Ok(match &self.stored {
            Some(row) => Cow::Borrowed(row.get()),
            None => Cow::Owned(to_raw_value(&self.entity.columns())?),
        })
    }
}

/// When a refresh token was got: now, but after its predecessor, whatever clocks say. So whoever finds both can tell them apart.
pub(super) fn after_predecessor(predecessor: Option<Timestamp>, now: Timestamp) -> Timestamp {
    predecessor.map_or(now, |before| now.max(before.after(Duration::from_secs(1))))
}

/// Two rows are equal if they say the same, whatever white space is between.
impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        let (Ok(one), Ok(other)) = (self.written(), other.written()) else {
            return false;
        };
        let (one, other) = (one.get(), other.get());
        one == other || json::members(one) == json::members(other)
    }
}
