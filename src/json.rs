//! JSON that somebody else wrote: read without insisting on more than is needed, and written back as it was.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
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
    Text(Cow<'a, str>),
    /// An array.
    Items(Vec<&'a RawValue>),
    /// An object, whose members a [`Guest`] has seen.
    Object,
    /// A number, a truth value or `null`.
    Other,
}

/// Sees the members of an object one by one, so that a long text is gone through once, and nothing is kept that isn't wanted.
pub(crate) trait Guest<'a> {
    /// Whether the value of this name is to be entered, and its members seen in its place. It must be an object then.
    fn enters(&mut self, _name: &str) -> bool {
        false
    }

    /// The value that was entered is at its end.
    fn leaves(&mut self) {}

    /// A member that isn't entered.
    fn sees(&mut self, name: Cow<'a, str>, value: &'a RawValue);
}

impl<'a> Guest<'a> for () {
    fn sees(&mut self, _: Cow<'a, str>, _: &'a RawValue) {}
}

/// Reads text that is one value of JSON, whose members a guest sees; it may have seen some if it is none. From bytes, as the way from a `str` can panic with characters to print.
pub(crate) fn read<'a>(text: &'a str, guest: &mut dyn Guest<'a>) -> Option<Value<'a>> {
    let mut deserializer = serde_json::Deserializer::from_slice(text.as_bytes());
    let value = deserializer.deserialize_any(Any(guest)).ok()?;
    deserializer.end().ok()?;
    Some(value)
}

/// Reads any value. One type for all, as deserializing is compiled for each.
struct Any<'g, 'a>(&'g mut dyn Guest<'a>);

impl<'a> Visitor<'a> for Any<'_, 'a> {
    type Value = Value<'a>;

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
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = array.next_element()? {
            items.push(item);
        }
        Ok(Value::Items(items))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut value = Value::Object;
        while let Some(Name(name)) = object.next_key()? {
            if !object.next_value_seed(Member(name, &mut *self.0))? {
                value = Value::Other;
            }
        }
        Ok(value)
    }
}

/// A member's name, which is copied only if it is escaped.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Any(&mut ()))? {
            Value::Text(text) => Ok(Self(text)),
            _ => Ok(Self(Cow::Borrowed(""))),
        }
    }
}

/// Shows a member to a guest; says whether it is an object, if it must be.
struct Member<'g, 'a>(Cow<'a, str>, &'g mut dyn Guest<'a>);

impl<'a> DeserializeSeed<'a> for Member<'_, 'a> {
    type Value = bool;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<bool, D::Error> {
        let Self(name, guest) = self;
        if !guest.enters(&name) {
            guest.sees(name, Deserialize::deserialize(deserializer)?);
            return Ok(true);
        }
        let inner = deserializer.deserialize_any(Any(&mut *guest))?;
        guest.leaves();
        Ok(matches!(inner, Value::Object))
    }
}

/// A value, as it is written.
pub(crate) fn raw(text: &str) -> Option<&RawValue> {
    serde_json::from_slice(text.as_bytes()).ok()
}

/// The members of an object, however many.
pub(crate) fn object(text: &str) -> Option<Members<'_>> {
    let mut members = Members::default();
    match read(text, &mut members)? {
        Value::Object => Some(members),
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
pub(crate) struct Members<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'a> Guest<'a> for Members<'a> {
    fn sees(&mut self, name: Cow<'a, str>, value: &'a RawValue) {
        self.0.push((name, Cow::Borrowed(value)));
    }
}

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
            None => self.0.push((Cow::Owned(name.to_owned()), value)),
        }
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

    /// The members in the order of their names.
    pub(crate) fn sorted(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        let mut sorted: Vec<(&str, &RawValue)> = Vec::with_capacity(self.0.len());
        for (name, value) in &self.0 {
            let at = sorted.partition_point(|(other, _)| *other <= &**name);
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
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
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
    match read(value, &mut ())? {
        Value::Text(text) if !text.is_empty() => Some(text.into_owned()),
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
    match read(value, &mut ()) {
        Some(Value::Items(items)) => items,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
