//! A JSON object that somebody else wrote, and what can be read from it.

use crate::prelude::*;

use crate::json::{Json, Object};
use crate::time::Span;

/// The longest span a reply may name; whoever means more means "forever".
const LONGEST: u64 = u32::MAX as u64;

/// A JSON object, read field by field. A field that is `null` counts as absent, as it does for MSAL.
#[derive(Clone)]
pub struct Fields(Object);

impl Fields {
    /// Parses text that is a JSON object.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // A byte-order mark is no JSON, but servers send it.
        Object::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).map(Self)
    }

    /// An object that was parsed already.
    #[must_use]
    pub const fn of(object: Object) -> Self {
        Self(object)
    }

    /// The value of a field that is not `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name).filter(|value| **value != Json::Null)
    }

    /// A field that is a non-empty string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A field that must be a non-empty string.
    ///
    /// # Errors
    /// Says whether it is missing or what it should be.
    pub fn required(&self, name: &'static str) -> Result<&str, Malformed> {
        match self.get(name) {
            None => Err(Malformed::missing(name)),
            Some(_) => self.text(name).ok_or(Malformed::not_a(name, "non-empty string")),
        }
    }

    /// A field that is a number of seconds. Some servers send a string ("900"), some a fraction.
    ///
    /// # Errors
    /// The field is there and is no such number.
    pub fn seconds(&self, name: &'static str) -> Result<Option<Span>, Malformed> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match whole_number(value) {
                Some(seconds) => Ok(Some(Span::from_secs(seconds.min(LONGEST)))),
                None => Err(Malformed::not_a(name, "number of seconds")),
            },
        }
    }
}

/// A number, or a string that holds one, rounded down; a negative one is zero.
#[must_use]
pub fn whole_number(value: &Json) -> Option<u64> {
    let text = match value {
        Json::Number(text) => text.as_str(),
        Json::String(text) => text.trim_ascii(),
        _ => return None,
    };
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, rest) = split_before(text, |byte| !byte.is_ascii_digit());
    let fraction = rest.strip_prefix('.').unwrap_or(rest);
    if digits.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if negative {
        return Some(0);
    }
    Some(whole(digits))
}

/// What is wrong with a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    field: &'static str,
    expected: Option<&'static str>,
}

impl Malformed {
    /// The field is not there.
    #[must_use]
    pub const fn missing(field: &'static str) -> Self {
        Self { field, expected: None }
    }

    /// The field is there and is something else.
    #[must_use]
    pub const fn not_a(field: &'static str, expected: &'static str) -> Self {
        Self {
            field,
            expected: Some(expected),
        }
    }

    /// In words, to follow the name of what was read.
    #[must_use]
    pub fn text(&self) -> String {
        match self.expected {
            None => text!("has no `", self.field, "`"),
            Some(expected) => text!("has a `", self.field, "` that is no ", expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_numbers_or_strings_and_never_overflow() {
        let fields = Fields::parse(
            r#"{"a":900,"b":"900","c":900.7,"d":-5,"e":1e3,"f":true,"g":null,"h":99999999999999999999999,"i":"","j":"9s"}"#,
        )
        .unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(fields.seconds(name), Ok(Some(Span::from_secs(900))), "{name}");
        }
        assert_eq!(fields.seconds("d"), Ok(Some(Span::ZERO)));
        assert_eq!(fields.seconds("g"), Ok(None));
        assert_eq!(fields.seconds("h"), Ok(Some(Span::from_secs(LONGEST))));
        for name in ["e", "f", "i", "j"] {
            let error = fields.seconds(name).unwrap_err();
            assert_eq!(error.text(), format!("has a `{name}` that is no number of seconds"));
        }
    }

    #[test]
    fn a_required_field_says_whether_it_is_missing_or_wrong() {
        let fields = Fields::parse(r#"{"a":"x","b":1,"c":""}"#).unwrap();
        assert_eq!(fields.required("a"), Ok("x"));
        assert_eq!(fields.required("z").unwrap_err().text(), "has no `z`");
        assert_eq!(
            fields.required("b").unwrap_err().text(),
            "has a `b` that is no non-empty string"
        );
        assert_eq!(
            fields.required("c").unwrap_err().text(),
            "has a `c` that is no non-empty string"
        );
    }
}
