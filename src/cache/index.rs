//! All rows of the cache, ordered by the schema's own keys.
//!
//! A key begins with whose row it is, so the rows of an account lie side by side: whatever is asked about one account
//! costs the same with one account in the cache or a hundred thousand.

use crate::cache::entity::{Entity, Kind};
use crate::cache::row::{Fate, Row};
use crate::text;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where a row lies. Keys are in lower case; owners are as they are, so that two whose ids differ in nothing but case lie side
/// by side.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    kind: Kind,
    key: String,
    owner: Option<String>,
    /// The key under which another library filed the row, if that differs from ours.
    foreign: String,
}

/// Rows by their positions. Neither changes, so that several maps share them.
///
/// A row that is taken out leaves its place empty, as to close a tree up at once is more code than all else that is asked of it.
/// Places are closed up when half of them are empty.
#[derive(Clone, Debug, Default)]
struct Rows {
    places: BTreeMap<Rc<Position>, Option<Rc<Row>>>,
    empty: usize,
}

/// All rows, and what became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    rows: Rows,
    /// Whether the cache is stored somewhere.
    keeps_journal: bool,
    /// What changed here and is not known to be stored yet: each row, or what is left of it.
    journal: Rows,
    /// Which of these changes are on their way to the store.
    saving: Vec<(Rc<Position>, Rc<Row>)>,
    /// Which row answers a question: so that what was asked before is found without a search, however many rows there are.
    answers: Rows,
}

/// What one item of a store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The whole cache.
    Whole,
    /// The rows of one account, and those that are everybody's.
    Account(&'a str),
}

/// What the id begins with of somebody whose server said nothing of them. No row that is read has such an owner, and none is
/// stored.
pub(crate) const UNNAMED: &str = "\0";

impl Item<'_> {
    pub(super) fn holds(self, row: &Row) -> bool {
        self.is_of(row.entity.owner())
    }

    fn is_of(self, owner: Option<&str>) -> bool {
        match self {
            Self::Whole => owner.is_none_or(|owner| !owner.starts_with(UNNAMED)),
            Self::Account(id) => owner.is_none_or(|owner| owner == id),
        }
    }
}

impl Position {
    fn of(entity: &Entity) -> Self {
        Self {
            kind: entity.kind(),
            key: entity.key(),
            owner: entity.home_account_id.clone(),
            foreign: String::new(),
        }
    }

    /// Where the answer to a question about somebody lies.
    pub(super) fn of_answer(owner: &str, question: String) -> Self {
        Self {
            kind: Kind::AccessToken,
            key: question,
            owner: Some(owner.to_owned()),
            foreign: String::new(),
        }
    }

    /// The key of those whose row lies beside another's with the same key.
    fn key_apart(&self) -> String {
        format!("{}#{}", self.key, self.owner())
    }

    /// Whose row it is, if that is known.
    pub(super) fn owner(&self) -> &str {
        self.owner.as_deref().unwrap_or_default()
    }
}

impl Rows {
    fn get(&self, position: &Position) -> Option<&Rc<Row>> {
        self.places.get(position)?.as_ref()
    }

    fn get_mut(&mut self, position: &Position) -> Option<&mut Row> {
        self.places.get_mut(position)?.as_mut().and_then(Rc::get_mut)
    }

    fn insert(&mut self, position: Rc<Position>, row: Rc<Row>) -> Option<Rc<Row>> {
        let before = self.places.insert(position, Some(row))?;
        if before.is_none() {
            self.empty = self.empty.saturating_sub(1);
        }
        before
    }

    fn remove(&mut self, position: &Position) -> Option<Rc<Row>> {
        let row = self.places.get_mut(position)?.take()?;
        self.empty = self.empty.saturating_add(1);
        if self.empty > self.places.len() / 2 {
            self.empty = 0;
            for (position, row) in std::mem::take(&mut self.places) {
                if let Some(row) = row {
                    self.insert(position, row);
                }
            }
        }
        Some(row)
    }

    /// Whose refresh tokens among these others have replaced by now: they had read what we wrote, and spent it. A server that
    /// retires what is spent takes no other than theirs.
    fn outlived_in(&self, stored: &Self) -> Vec<&str> {
        let mut owners = Vec::new();
        for (position, row) in self.iter() {
            if stored.get(position).is_some_and(|theirs| row.is_outlived(theirs)) {
                text::add(&mut owners, position.owner());
            }
        }
        owners
    }

    fn iter(&self) -> impl Iterator<Item = (&Rc<Position>, &Rc<Row>)> {
        self.places
            .iter()
            .filter_map(|(position, row)| Some((position, row.as_ref()?)))
    }
}

impl Index {
    /// Files a row under its key, replacing the one that is there.
    pub(super) fn put(&mut self, entity: Entity) {
        self.put_row(Rc::new(Row::new(entity)));
    }

    /// The same for an access token that answers a `question`, and for what was `asked` until it expires, `until` then, beside
    /// what was granted. So does it for what was asked of its predecessors, until they would have expired.
    pub(super) fn put_answer(
        &mut self,
        token: Entity,
        question: Position,
        (asked, until): (&str, Timestamp),
        now: Timestamp,
    ) {
        let mut row = Row::new(token);
        if let Some(before) = self.rows.get(&Position::of(&row.entity)) {
            for (other, until) in &before.asked {
                if now < *until && other != asked {
                    row.asked.push((other.clone(), *until));
                }
            }
        }
        row.asked.push((asked.to_owned(), until));
        let row = Rc::new(row);
        // What it takes the place of need not be looked for among the answers.
        self.answers.remove(&question);
        self.put_row(Rc::clone(&row));
        self.remember(question, row);
    }

    /// From now on, this row answers the question, as long as it is there.
    pub(super) fn remember(&mut self, question: Position, row: Rc<Row>) {
        self.answers.insert(Rc::new(question), row);
    }

    /// The row that answers a question, if that is known.
    pub(super) fn answer(&self, question: &Position) -> Option<&Row> {
        self.answers.get(question).map(|row| &**row)
    }

    pub(super) fn put_row(&mut self, row: Rc<Row>) {
        self.put_at(Rc::new(Position::of(&row.entity)), row);
    }

    fn put_at(&mut self, position: Rc<Position>, row: Rc<Row>) {
        self.note(&position, &row);
        if let Some(before) = self.rows.insert(position, row) {
            self.let_go(&before);
        }
    }

    /// A row is no longer there: no secret of it is kept for a question that may never come again.
    fn let_go(&mut self, row: &Rc<Row>) {
        if Rc::strong_count(row) > 1 {
            self.answers = Rows::default();
        }
    }

    /// Files a row as somebody else filed it.
    pub(super) fn put_stored(&mut self, stored_key: String, row: Row) {
        let mut position = Position::of(&row.entity);
        if position.key != stored_key && position.key_apart() != stored_key {
            position.foreign = stored_key;
        }
        self.rows.insert(Rc::new(position), Rc::new(row));
    }

    pub(super) fn get(&self, position: &Position) -> Option<&Row> {
        self.rows.get(position).map(|row| &**row)
    }

    /// Puts a row in the place of another that has the same key.
    pub(super) fn replace(&mut self, position: &Rc<Position>, row: Row) {
        self.put_at(Rc::clone(position), Rc::new(row));
    }

    pub(super) fn remove(&mut self, position: &Rc<Position>) {
        self.take(position, Fate::Gone);
    }

    /// Removes a row that has expired.
    pub(super) fn drop_expired(&mut self, position: &Rc<Position>) {
        self.take(position, Fate::Expired);
    }

    fn take(&mut self, position: &Rc<Position>, fate: Fate) {
        if let Some(row) = self.rows.remove(position) {
            self.let_go(&row);
            self.note(position, &Rc::new(row.left(fate)));
        }
    }

    /// Remembers what has become of a row.
    fn note(&mut self, position: &Rc<Position>, row: &Rc<Row>) {
        if self.keeps_journal && Item::Whole.holds(row) {
            self.journal.insert(Rc::clone(position), Rc::clone(row));
        }
    }

    /// The rows of a table whose key begins with `prefix`, with their positions.
    pub(super) fn starting_with(&self, kind: Kind, prefix: &str) -> Vec<(&Rc<Position>, &Rc<Row>)> {
        let start = Position {
            kind,
            key: prefix.to_owned(),
            owner: None,
            foreign: String::new(),
        };
        let mut found = Vec::new();
        for (position, row) in self.rows.places.range(start..) {
            visited();
            if position.kind != kind || !position.key.starts_with(prefix) {
                break;
            }
            found.extend(row.as_ref().map(|row| (position, row)));
        }
        found
    }

    /// Every row of a table, with the key it is stored under: its own, but where that is another's already.
    pub(super) fn table(&self, kind: Kind) -> impl Iterator<Item = (Cow<'_, str>, &Row)> {
        let mut last = "";
        let rows = self.starting_with(kind, "").into_iter();
        rows.map(move |(position, row)| {
            let key = if !position.foreign.is_empty() {
                Cow::Borrowed(position.foreign.as_str())
            } else if position.key == last {
                Cow::Owned(position.key_apart())
            } else {
                last = &position.key;
                Cow::Borrowed(last)
            };
            (key, &**row)
        })
    }

    /// Those whose rows are here, or were, sorted; in lower case, as the keys of those who differ in nothing but case are the same.
    pub(super) fn owners(&self) -> Vec<&str> {
        let mut owners = Vec::new();
        for rows in [&self.rows, &self.journal] {
            for (position, _) in rows.iter() {
                let owner = position.owner.as_deref(); // A key begins with it.
                if let Some(owner) = owner.and_then(|owner| position.key.get(..owner.len())) {
                    text::add(&mut owners, owner);
                }
            }
        }
        owners
    }

    /// Whether an item holds a row of somebody's.
    pub(super) fn has_owned(&self, item: Item<'_>) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|(_, row)| row.entity.kind() != Kind::AppMetadata && item.holds(row))
    }

    /// From now on, remembers what changes until it is [`Self::saved`].
    pub(super) const fn keep_journal(&mut self) {
        self.keeps_journal = true;
    }

    /// Where something has changed and is not known to be saved.
    pub(super) fn journal(&self) -> impl Iterator<Item = &Position> {
        let changes = self.journal.iter().filter(|(_, row)| row.fate != Fate::Expired);
        changes.map(|(position, _)| &**position)
    }

    /// The changes to an item are on their way to the store, which holds `stored`. Says whether it holds them already.
    pub(super) fn save(&mut self, item: Item<'_>, stored: &Self) -> bool {
        let mut is_saved = true;
        let outlived = self.journal.outlived_in(&stored.rows);
        for (position, row) in self.journal.iter() {
            if item.holds(row) {
                self.saving.push((Rc::clone(position), Rc::clone(row)));
                let theirs = stored.rows.get(position);
                is_saved &= match row.fate {
                    Fate::Here => theirs == Some(row) || is_outdone(&outlived, position, row, theirs),
                    Fate::Gone => !theirs.is_some_and(|theirs| row.removes(theirs)),
                    Fate::Expired => true,
                };
            }
        }
        is_saved
    }

    /// Whether what was on its way is stored now; if not, it is still to be saved.
    pub(super) fn saved(&mut self, stored: bool) {
        for (position, row) in std::mem::take(&mut self.saving) {
            let change = self.journal.get(&position);
            if stored && change.is_some_and(|change| Rc::ptr_eq(change, &row)) {
                self.journal.remove(&position);
            }
        }
    }

    /// Takes the rows of another index, which an item holds, and makes the changes of the journal to them.
    pub(super) fn reload(&mut self, stored: Self, item: Item<'_>) {
        self.answers = Rows::default();
        let before = std::mem::replace(&mut self.rows, stored.rows);
        for (position, row) in before.iter() {
            if !item.holds(row) {
                self.rows.insert(Rc::clone(position), Rc::clone(row));
            } else if !row.asked.is_empty()
                && let Some(stored) = self.rows.get_mut(position)
                && stored.entity.secret == row.entity.secret
            {
                stored.asked = row.asked.clone();
            }
        }
        // The account of somebody who has signed in anew elsewhere stays with the tokens.
        let mut signed_in: Vec<&str> = Vec::new();
        let outlived = self.journal.outlived_in(&self.rows);
        for (position, row) in self.journal.iter() {
            let owner = position.owner();
            let stored = self.rows.get(position);
            let removes = stored.is_some_and(|stored| row.removes(stored));
            let stays = text::has(&signed_in, owner);
            let is_token = row.entity.secret.is_some();
            if row.fate == Fate::Here {
                if !is_outdone(&outlived, position, row, stored) {
                    self.rows.insert(Rc::clone(position), Rc::clone(row));
                }
            } else if row.fate == Fate::Gone && is_token && stored.is_some() && !removes {
                text::add(&mut signed_in, owner);
            } else if removes && (row.fate == Fate::Expired || is_token || !stays) {
                self.rows.remove(position);
            }
        }
    }
}

/// Whether what others have put in the place of a row stays: it is one of those whose refresh tokens are `outlived`.
fn is_outdone(outlived: &[&str], position: &Position, row: &Row, theirs: Option<&Rc<Row>>) -> bool {
    text::has(outlived, position.owner()) && theirs.is_some_and(|theirs| row.yields_to(theirs))
}

/// A row was looked at; the tests count them.
#[cfg(not(test))]
const fn visited() {}

#[cfg(test)]
use tests::visited;

#[cfg(test)]
mod tests;
