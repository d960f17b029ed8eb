//! JSON that somebody else wrote: read without insisting on more than is needed, and written back as it was.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::fmt;

/// No object that is read by its members has more of them. What takes each against each other must not take for ever.
const MOST_MEMBERS: usize = 1000;

/// What a value is, seen from outside; what is inside is as it is written.
///
/// It can be of any kind, so that nothing is unexpected: what serde_json has to say of a kind it didn't expect would be shown
/// to nobody, and brings in how numbers and characters are printed.
pub(crate) enum Value<'a> {
    /// A string.
    Text(String),
    /// An array.
    Items(Vec<&'a RawValue>),
    /// An object.
    Members(Members<'a>),
    /// A number, a truth value or `null`.
    Other,
}

impl<'a> Value<'a> {
    /// Reads text that is one value of JSON; from bytes, as the way from a `str` can panic with characters to print.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_slice(text.as_bytes()).ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Value::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Value::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Value::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Value::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Value::Other)
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = array.next_element()? {
                    items.push(item);
                }
                Ok(Value::Items(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = object.next_entry::<_, &RawValue>()? {
                    members.push((name, Cow::Borrowed(value)));
                }
                Ok(Value::Members(Members(members)))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// A value, as it is written.
pub(crate) fn raw(text: &str) -> Option<&RawValue> {
    serde_json::from_slice(text.as_bytes()).ok()
}

/// The members of an object, however many.
pub(crate) fn object(text: &str) -> Option<Members<'_>> {
    match Value::read(text)? {
        Value::Members(members) => Some(members),
        _ => None,
    }
}

/// The members of an object. A byte-order mark is no JSON, but servers send it.
pub(crate) fn members(text: &str) -> Option<Members<'_>> {
    let members = object(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    (members.0.len() <= MOST_MEMBERS).then_some(members)
}

/// An object's members in their order, each value as it is written.
///
/// `serde_json::Map` would do, but for numbers: in a value, `1.10` becomes `1.1`, and `1e400` is none.
#[derive(Default)]
pub(crate) struct Members<'a>(Vec<(String, Cow<'a, RawValue>)>);

impl<'a> Members<'a> {
    /// A member's value; of several with one name the last.
    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        let member = self.0.iter().rfind(|(other, _)| other == name);
        member.map(|(_, value)| &**value)
    }

    /// A member that is a non-empty string.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text(self.get(name)?.get())
    }

    /// A member that is a whole number, or a string that holds one.
    pub(crate) fn whole_number(&self, name: &str) -> Option<u64> {
        whole_number(self.get(name)?.get())
    }

    /// Sets a member, in its place or at the end.
    pub(crate) fn set(&mut self, name: &str, value: Cow<'a, RawValue>) {
        match self.0.iter_mut().rfind(|(other, _)| other == name) {
            Some((_, place)) => *place = value,
            None => self.push(name, value),
        }
    }

    /// Adds a member, whether there is one of its name or not.
    pub(crate) fn push(&mut self, name: &str, value: Cow<'a, RawValue>) {
        self.0.push((name.to_owned(), value));
    }

    /// Sets a member to a value of ours, or takes it out.
    pub(crate) fn put(&mut self, name: &str, value: Option<Ours<'_>>) {
        if let Some(value) = value.and_then(|value| to_raw_value(&value).ok()) {
            return self.set(name, Cow::Owned(value));
        }
        while let Some(at) = self.0.iter().position(|(other, _)| other == name) {
            self.0.remove(at);
        }
    }

    /// The same, if it is a string.
    pub(crate) fn put_text(&mut self, name: &str, text: Option<&str>) {
        self.put(name, text.map(Ours::Text));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every member in its place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &RawValue)> {
        self.0.iter().map(|(name, value)| (name, &**value))
    }

    /// The members in the order of their names.
    pub(crate) fn sorted(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        let mut sorted: Vec<(&str, &RawValue)> = Vec::with_capacity(self.0.len());
        for (name, value) in &self.0 {
            let at = sorted.partition_point(|(other, _)| *other <= name.as_str());
            sorted.insert(at, (name, value));
        }
        sorted.into_iter()
    }
}

impl PartialEq for Members<'_> {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&other.0);
        self.0.len() == other.0.len()
            && pairs.all(|((name, value), (other, theirs))| name == other && value.get() == theirs.get())
    }
}

/// A value that is not somebody else's. They are few, and so one type: each would bring all that writes it.
pub(crate) enum Ours<'a> {
    Text(&'a str),
    Texts(&'a [String]),
    Number(u64),
    Truth(bool),
}

impl Serialize for Ours<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Texts(texts) => texts.serialize(serializer),
            Self::Number(number) => serializer.serialize_u64(number),
            Self::Truth(truth) => serializer.serialize_bool(truth),
        }
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// A value as it is written. Its `Debug` shows nothing: it may be a token.
#[derive(Clone)]
pub(crate) struct Raw(Box<RawValue>);

impl Raw {
    pub(crate) fn of(value: &RawValue) -> Self {
        Self(value.to_owned())
    }

    pub(crate) fn get(&self) -> &RawValue {
        &self.0
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw")
    }
}

/// A value that is a non-empty string.
pub(crate) fn text(value: &str) -> Option<String> {
    match Value::read(value)? {
        Value::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// A value that is a number, or a string that holds one, rounded down; a negative one is zero. Digits only: `1e3` is none.
pub(crate) fn whole_number(value: &str) -> Option<u64> {
    let string = text(value);
    let number = string.as_deref().map_or(value, str::trim_ascii);
    let (is_negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    // Too many digits are a very large number.
    is_number.then(|| {
        if is_negative {
            0
        } else {
            whole.parse().unwrap_or(u64::MAX)
        }
    })
}

/// A value that is an array; nothing is in one that is something else.
pub(crate) fn items(value: &str) -> Vec<&RawValue> {
    match Value::read(value) {
        Some(Value::Items(items)) => items,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_something_else_counts_as_absent() {
        for odd in [
            "null",
            "7.5e400",
            "1e9",
            "true",
            "\"\"",
            "[[]]",
            "{\"a\":{}}",
            "\"\\ud800\"",
        ] {
            let text = format!(r#"{{"odd":{odd}}}"#);
            let members = members(&text).unwrap();
            assert_eq!(
                (members.text("odd"), members.whole_number("odd")),
                (None, None),
                "{odd}"
            );
            assert!(odd == "[[]]" || items(odd).is_empty(), "{odd}");
        }
        let members = members(r#" {"text":"a\n","number":"12"} "#).unwrap();
        assert_eq!(members.text("text").unwrap(), "a\n");
        assert_eq!(members.whole_number("number"), Some(12));
    }

    #[test]
    fn of_several_members_with_one_name_the_last_counts() {
        let members = members(r#"{"text":"first","else":1,"text":"last","text":7,"text":"the last"}"#).unwrap();
        assert_eq!(members.text("text").unwrap(), "the last");
    }

    #[test]
    fn a_byte_order_mark_is_tolerated() {
        assert!(members("\u{feff}{}").is_some());
        assert!(members("\u{feff}\u{feff}{}").is_none());
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in [
            "",
            "[]",
            r#"["a",1,[]]"#,
            "null",
            "7",
            "-7",
            "7.5",
            "true",
            "\"{}\"",
            "{",
            "{}{}",
            r#"{"text":}"#,
            "<html>",
        ] {
            assert!(members(text).is_none(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let deep = "[".repeat(1_000_000);
        assert!(members(&format!(r#"{{"number":{deep}"#)).is_none());
        let deep = deep + &"]".repeat(1_000_000);
        let text = format!(r#"{{"number":{deep},"text":{deep}}}"#);
        let members = members(&text).unwrap();
        assert_eq!((members.text("text"), members.whole_number("number")), (None, None));
    }

    #[test]
    fn members_are_written_as_they_were_read() {
        let text = r#"{"z":1.10,"a":123456789012345678901234567890,"m":[-0,1E+2],"z":"\ud83d\ude00","e\"":{}}"#;
        let mut members = members(text).unwrap();
        assert_eq!(serde_json::to_string(&members).unwrap(), text);
        assert_eq!(members.get("z").unwrap().get(), r#""\ud83d\ude00""#);
        for name in ["a", "new"] {
            members.set(name, Cow::Owned(RawValue::from_string("2.0".into()).unwrap()));
        }
        let expected = text
            .replace("123456789012345678901234567890", "2.0")
            .replace("{}}", r#"{},"new":2.0}"#);
        assert_eq!(serde_json::to_string(&members).unwrap(), expected);
    }

    #[test]
    fn debug_shows_no_value() {
        let value = serde_json::from_str::<&RawValue>(r#""eyJ0""#).unwrap();
        assert_eq!(format!("{:?}", Raw::of(value)), "Raw");
    }
}
