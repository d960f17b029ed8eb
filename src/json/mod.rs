//! JSON (RFC 8259), as much of it as this crate needs.
//!
//! Numbers stay the text they are and objects keep their order, so that what other libraries wrote into a shared cache
//! is written back just as it was. Why not serde_json: reading and writing one of its values costs the wasm 39 KB (19
//! gzipped), most of that for errors, floats and formatting that nobody would see; this costs 7 (3 gzipped). The tests
//! compare the two, text by text.

mod parser;

use crate::prelude::*;

use core::fmt;
use parser::Parser;

/// A JSON value.
#[derive(Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// A JSON object: its members in their order.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Object(Vec<(String, Json)>);

impl Json {
    /// Parses a whole text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Parser::new(text).whole()
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Appends the value as JSON.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(text) => out.push_str(text),
            Self::String(text) => write_string(text, out),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => object.write(out),
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::Number(decimal(number))
    }
}

impl Object {
    /// Parses a text that is an object.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match Json::parse(text)? {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// A member's value; of several with one name the last, as everywhere.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0
            .iter()
            .rev()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value)
    }

    /// Sets a member, in its place or at the end.
    pub fn set(&mut self, name: &str, value: Json) {
        match self.0.iter_mut().rev().find(|(other, _)| other == name) {
            Some((_, place)) => *place = value,
            None => self.push(name, value),
        }
    }

    /// Adds a member whose name is known to be new.
    pub fn push(&mut self, name: &str, value: Json) {
        self.0.push((name.to_owned(), value));
    }

    /// The members.
    #[must_use]
    pub fn members(&self) -> &[(String, Json)] {
        &self.0
    }

    /// The members, for good.
    #[must_use]
    pub fn into_members(self) -> Vec<(String, Json)> {
        self.0
    }

    /// Appends the object as JSON.
    pub fn write(&self, out: &mut String) {
        out.push('{');
        for (name, value) in &self.0 {
            begin_member(out, name);
            value.write(out);
        }
        out.push('}');
    }

    /// The object as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

/// Nothing of the content: it may be a token.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json")
    }
}

/// The names alone: a value may be a token.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Writes a member's name, and the comma before it if it is not the first, to an object that begins somewhere in `out`.
pub fn begin_member(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    write_string(name, out);
    out.push(':');
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                out.push_str("\\u00");
                push_hex(out, c as u8);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::Json;
    use serde_json::Value;

    fn ours(text: &str) -> Option<String> {
        Json::parse(text).map(|value| {
            let mut out = String::new();
            value.write(&mut out);
            out
        })
    }

    /// Both read the same, and what we write says the same to serde_json.
    fn compare(text: &str) {
        let theirs: Option<Value> = serde_json::from_str(text).ok();
        let read_back = ours(text).map(|json| serde_json::from_str::<Value>(&json).unwrap());
        assert_eq!(read_back, theirs, "{text}");
    }

    #[test]
    fn agrees_with_serde_json_on_what_is_json_and_what_it_says() {
        for text in [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "12",
            "1.5",
            "1e5",
            "1E+5",
            "1.0e-7",
            "\"\"",
            "[]",
            "{}",
            " [ 1 , 2 ] ",
            "{\"a\":{\"b\":[null,true]}}",
            "\"\\u00e9\\n\\\"\\\\\\/\\b\\f\\t\\r\"",
            "\"\\ud83d\\ude00\"",
            "\"é😀\"",
            "{\"a\":1,\"b\":2}",
            "123456789012345678901234567890",
            "1.10",
            "\"\u{7f}\u{2028}\"",
            // and what is none
            "",
            " ",
            "nul",
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "1e+",
            "\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\n\"",
            "[1,]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "{\"a\":1,}",
            "1 2",
            "[",
            "{",
            "]",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "tru",
            "NaN",
            "Infinity",
            "'a'",
            "\u{feff}1",
        ] {
            compare(text);
        }
    }

    #[test]
    fn agrees_with_serde_json_on_what_chance_makes_of_json() {
        let seed = br#"{"k":[1,-2.5e3,"a\u0041\ud83d\ude00\n",true,null,{"x":{}}],"":"\\\""} "#;
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..20_000 {
            let mut bytes = seed.to_vec();
            for _ in 0..next() % 4 + 1 {
                let at = usize::try_from(next()).unwrap() % bytes.len();
                match next() % 3 {
                    0 => drop(bytes.remove(at)),
                    1 => bytes[at] = seed[usize::try_from(next()).unwrap() % seed.len()],
                    _ => bytes.swap(at, seed.len() / 2),
                }
            }
            compare(&String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn numbers_and_order_are_written_as_they_were_read() {
        let text = r#"{"z":1.10,"a":123456789012345678901234567890,"m":[-0,1E+2]}"#;
        assert_eq!(ours(text).unwrap(), text);
    }

    #[test]
    fn deep_nesting_is_refused_and_does_not_exhaust_the_stack() {
        assert!(ours(&"[".repeat(1_000_000)).is_none());
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(ours(&deep(90)).is_some());
        assert!(ours(&deep(200)).is_none());
    }

    #[test]
    fn debug_shows_no_value() {
        let json = Json::parse(r#"{"secret":"eyJ0"}"#).unwrap();
        assert_eq!(format!("{json:?}"), "Json");
    }
}
