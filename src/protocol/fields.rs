//! What a server says, read field by field.
//!
//! Servers are lenient with themselves: numbers come as strings, and what is not there as `null`; a field that is odd must not
//! cost the user a token. Where it does matter which field is missing or what it should be, an error says so in words that help
//! who runs a server; serde's own name types and places in the text. So this reads by name, where a derived type would need
//! an exception at each field.

use crate::json::{self, Members};
use crate::protocol::http::Reply;
use crate::protocol::plain::plain;
use crate::secret::Secret;
use serde_json::value::RawValue;
use std::time::Duration;

/// The longest span a reply may name; whoever means more means "forever".
const LONGEST: u64 = u32::MAX as u64;

/// The fields of a JSON object. One that is `null` counts as absent, as it does for MSAL.
pub(super) struct Fields<'a>(Members<'a>);

impl<'a> Fields<'a> {
    /// Reads a reply that must be an object.
    ///
    /// # Errors
    /// Says what it is instead, to follow the name of what was asked for.
    pub(super) fn of_reply(reply: &'a Reply) -> Result<Self, String> {
        let fields = Self::read(reply.body.expose());
        if reply.status == 200 {
            return fields.ok_or_else(|| "is no JSON object: no sign-in service sent it".to_owned());
        }
        let besides = if fields.is_some() { "" } else { " and is no JSON object" };
        Err(format!("came with status {}{besides}", reply.status))
    }

    /// Reads text that is a JSON object.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        json::members(text).map(Self)
    }

    /// The value of a field that is not `null`.
    pub(super) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).filter(|value| value.get() != "null")
    }

    /// A field that is a non-empty string.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.text(name)
    }

    /// The same for people to read; one that shows nothing counts as absent.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        let text = plain(&self.text(name)?);
        (!text.is_empty()).then_some(text)
    }

    /// A field that is a non-empty string, not to be shown.
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }

    /// A field that is a non-empty string, or a number.
    pub(super) fn text_or_number(&self, name: &str) -> Option<String> {
        let value = self.get(name)?.get();
        let is_number = matches!(value.as_bytes().first(), Some(b'-' | b'0'..=b'9'));
        json::text(value).or_else(|| is_number.then(|| value.to_owned()))
    }

    /// A field that is a span in seconds.
    pub(super) fn span(&self, name: &str) -> Option<Duration> {
        self.0.whole_number(name).map(span)
    }

    /// A field that is an array.
    pub(super) fn items(&self, name: &str) -> Vec<&RawValue> {
        self.get(name).map(|value| json::items(value.get())).unwrap_or_default()
    }

    /// The non-empty strings of a field that is an array, or the field if it is one itself.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let mut values = self.items(name);
        if let Some(value) = self.get(name) {
            values.push(value);
        }
        let mut texts = Vec::new();
        for value in values {
            if let Some(text) = json::text(value.get()) {
                texts.push(text);
            }
        }
        texts
    }

    /// A field that must be a non-empty string.
    ///
    /// # Errors
    /// Says whether it is missing or what it should be.
    pub(super) fn required(&self, name: &str) -> Result<String, String> {
        self.text(name).ok_or_else(|| self.unfit(name, "non-empty string"))
    }

    /// The same for people to read.
    ///
    /// # Errors
    /// Says whether it is missing or what it should be.
    pub(super) fn required_shown(&self, name: &str) -> Result<String, String> {
        self.shown(name).ok_or_else(|| self.unfit(name, "non-empty string"))
    }

    /// A field that is a number of seconds. Some servers send a string ("900"), some a fraction.
    ///
    /// # Errors
    /// The field is there and is no such number.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>, String> {
        match self.span(name) {
            None if self.get(name).is_some() => Err(self.unfit(name, "number of seconds")),
            span => Ok(span),
        }
    }

    /// What is wrong with a field, in words, to follow the name of what was read.
    pub(super) fn unfit(&self, name: &str, expected: &str) -> String {
        match self.get(name) {
            None => format!("has no `{name}`"),
            Some(_) => format!("has a `{name}` that is no {expected}"),
        }
    }
}

/// So many seconds, as a reply names them.
fn span(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_numbers_or_strings_and_never_overflow() {
        let fields = Fields::read(
            r#"{"a":900,"b":"900","c":900.7,"d":-5,"e":1e3,"f":true,"g":null,"h":99999999999999999999999,"i":"","j":"9s"}"#,
        )
        .unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(fields.seconds(name), Ok(Some(Duration::from_secs(900))), "{name}");
        }
        assert_eq!(fields.seconds("d"), Ok(Some(Duration::ZERO)));
        assert_eq!(fields.seconds("g"), Ok(None));
        assert_eq!(fields.seconds("h"), Ok(Some(Duration::from_secs(LONGEST))));
        for name in ["e", "f", "i", "j"] {
            let error = fields.seconds(name).unwrap_err();
            assert_eq!(error, format!("has a `{name}` that is no number of seconds"));
        }
    }

    #[test]
    fn an_odd_field_counts_as_absent() {
        for odd in ["null", "7.5e400", "true", "\"\"", "{\"a\":{}}", "\"\\ud800\""] {
            let json = format!(r#"{{"a":{odd},"b":"x"}}"#);
            let fields = Fields::read(&json).unwrap();
            assert!(fields.text("a").is_none() && fields.items("a").is_empty(), "{odd}");
            assert_eq!(fields.text("b").unwrap(), "x");
        }
        let fields = Fields::read(r#"{"a":["b",7,null],"n":7,"s":"7"}"#).unwrap();
        assert_eq!(fields.items("a").len(), 3);
        assert_eq!(fields.text_or_number("n"), fields.text_or_number("s"));
    }

    #[test]
    fn a_required_field_says_whether_it_is_missing_or_wrong() {
        let fields = Fields::read(r#"{"a":"x","b":1,"c":""}"#).unwrap();
        assert_eq!(fields.required("a"), Ok("x".to_owned()));
        assert_eq!(fields.required("z").unwrap_err(), "has no `z`");
        assert_eq!(
            fields.required("b").unwrap_err(),
            "has a `b` that is no non-empty string"
        );
        assert_eq!(
            fields.required("c").unwrap_err(),
            "has a `c` that is no non-empty string"
        );
    }
}
