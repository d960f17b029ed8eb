//! A sorted map from positions to rows.
//!
//! Why not `BTreeMap`: its balancing is a twentieth of the wasm. Blocks of bounded length do as well for any cache there
//! is: with a hundred thousand rows, there are a few hundred of them.

use crate::cache::entity::Entity;
use crate::prelude::*;

/// A block that has grown to this is divided.
const LONGEST: usize = 512;

type Row = (String, Entity);

/// Blocks of rows, none of them empty, sorted within and among themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows(Vec<Vec<Row>>);

impl Rows {
    /// Puts a row at a position, replacing the one that is there.
    pub(super) fn insert(&mut self, position: String, row: Entity) {
        let (block, at) = self.find(&position);
        let Some(rows) = self.0.get_mut(block) else {
            self.0.push(vec![(position, row)]);
            return;
        };
        match at {
            Err(at) => rows.insert(at, (position, row)),
            Ok(at) => {
                if let Some(place) = rows.get_mut(at) {
                    place.1 = row;
                }
            }
        }
        if rows.len() >= LONGEST {
            let second = rows.split_off(LONGEST / 2);
            self.0.insert(block.saturating_add(1), second);
        }
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, position: &str) -> Option<Entity> {
        let (block, at) = self.find(position);
        let rows = self.0.get_mut(block)?;
        let (_, row) = rows.remove(at.ok()?);
        if rows.is_empty() {
            self.0.remove(block);
        }
        Some(row)
    }

    pub(super) fn get(&self, position: &str) -> Option<&Entity> {
        let (block, at) = self.find(position);
        self.0.get(block)?.get(at.ok()?).map(|(_, row)| row)
    }

    /// Every row, in their order.
    pub(super) fn into_rows(self) -> impl Iterator<Item = Row> {
        self.0.into_iter().flatten()
    }

    pub(super) fn get_mut(&mut self, position: &str) -> Option<&mut Entity> {
        let (block, at) = self.find(position);
        self.0.get_mut(block)?.get_mut(at.ok()?).map(|(_, row)| row)
    }

    /// The rows from a position on, in their order.
    pub(super) fn from(&self, position: &str) -> impl Iterator<Item = &Row> {
        let (mut block, at) = self.find(position);
        let mut at = at.unwrap_or_else(|at| at);
        core::iter::from_fn(move || {
            loop {
                let rows = self.0.get(block)?;
                if let Some(row) = rows.get(at) {
                    at = at.saturating_add(1);
                    return Some(row);
                }
                block = block.saturating_add(1);
                at = 0;
            }
        })
    }

    /// In which block a position is, and where in it: there, or where it would be put.
    fn find(&self, position: &str) -> (usize, Result<usize, usize>) {
        let begins_before = |rows: &Vec<Row>| rows.first().is_some_and(|(first, _)| first.as_str() <= position);
        let block = self.0.partition_point(begins_before).saturating_sub(1);
        let rows = self.0.get(block).map(Vec::as_slice).unwrap_or_default();
        (block, rows.binary_search_by(|(other, _)| other.as_str().cmp(position)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(rows: &Rows, from: &str) -> Vec<String> {
        rows.from(from).map(|(position, _)| position.clone()).collect()
    }

    #[test]
    fn rows_stay_sorted_whatever_the_order_they_come_and_go_in() {
        let mut rows = Rows::default();
        let mut sorted = std::collections::BTreeSet::new();
        for step in 0..20_000_u32 {
            // A walk through 0..5003 that meets every number about four times.
            let position = format!("{:04}", step.wrapping_mul(2_654_435_761) % 5003);
            if step % 3 == 2 {
                assert_eq!(rows.remove(&position).is_some(), sorted.remove(&position));
            } else {
                rows.insert(position.clone(), Entity::new(&[("key", Some(&position))]));
                assert_eq!(rows.get_mut(&position).unwrap().text("key"), position);
                sorted.insert(position);
            }
        }
        assert!(rows.0.len() > 2 && rows.0.iter().all(|block| !block.is_empty() && block.len() < LONGEST));
        for from in ["", "0000", "1234", "4999x", "9"] {
            let expected: Vec<String> = sorted.range(from.to_owned()..).cloned().collect();
            assert_eq!(positions(&rows, from), expected, "{from}");
        }
        for position in sorted {
            assert!(rows.remove(&position).is_some() && rows.remove(&position).is_none());
        }
        assert!(positions(&rows, "").is_empty() && rows.0.is_empty());
    }
}
