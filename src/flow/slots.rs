//! A map from ids that only grow.

use crate::prelude::*;

/// Values by id, in the order of their ids. New ids are larger than all before, so that insertion is a push.
#[derive(Debug)]
pub(crate) struct Slots<K, V>(Vec<(K, V)>);

impl<K, V> Default for Slots<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord, V> Slots<K, V> {
    /// Puts a value under an id that is new, or replaces the value of one that is not.
    pub(crate) fn insert(&mut self, id: K, value: V) {
        match self.position(id) {
            Ok(at) => {
                if let Some(slot) = self.0.get_mut(at) {
                    slot.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (id, value)),
        }
    }

    pub(crate) fn get(&self, id: K) -> Option<&V> {
        let at = self.position(id).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, id: K) -> Option<&mut V> {
        let at = self.position(id).ok()?;
        self.0.get_mut(at).map(|(_, value)| value)
    }

    pub(crate) fn remove(&mut self, id: K) -> Option<V> {
        let at = self.position(id).ok()?;
        Some(self.0.remove(at).1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest id.
    pub(crate) fn first(&self) -> Option<K> {
        self.0.first().map(|(id, _)| *id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(id, value)| (id, value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(id, value)| (&*id, value))
    }

    fn position(&self, id: K) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(&id))
    }
}
