//! How values of ours are written for JavaScript: each an object, of texts and lists of numbers.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// What a member of an object holds.
pub(crate) enum Member<'a> {
    Text(&'a str),
    /// A member that may be absent.
    Optional(&'a Option<String>),
    Numbers(&'a [u32]),
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Optional(text) => text.serialize(serializer),
            Self::Numbers(numbers) => serializer.collect_seq(*numbers),
        }
    }
}

/// Writes an object: as a map, since serde-wasm-bindgen keeps a hash map of the names that a struct's fields have.
pub(crate) fn write<S: Serializer>(serializer: S, members: &[(&str, Member<'_>)]) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(None)?;
    for (name, value) in members {
        if !matches!(value, Member::Optional(None)) {
            object.serialize_entry(name, value)?;
        }
    }
    object.end()
}
