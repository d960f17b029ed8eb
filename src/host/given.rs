//! Values as callers give them: of the right type, or refused with a message that names them and says what would be right.

use crate::imports;
use crate::shared::Shared;
use crate::values::{self, invalid, is_given, is_object, not_a, text};
use js_sys::Function;
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// An object of options. The first mistake in it is kept, and after it nothing more is read: every option counts as not
/// given then. So whoever reads them asks at the end, by [`Given::check`], whether there was one.
pub(crate) struct Given {
    object: JsValue,
    /// What comes before the name of an option, as the caller would write it.
    within: String,
    mistake: Rc<OnceCell<JsValue>>,
    /// The names that were asked for, which are all there are.
    known: Shared<Vec<&'static str>>,
}

impl Given {
    /// The options themselves. None at all count as none given.
    pub(crate) fn options(object: JsValue) -> Self {
        let given = Self {
            within: String::new(),
            mistake: Rc::default(),
            known: Shared::default(),
            object,
        };
        if given.are_given() && !is_object(&given.object) {
            given.refuse("options", &not_a("an object", &given.object));
        }
        given
    }

    /// Whether there are any.
    pub(crate) fn are_given(&self) -> bool {
        is_given(&self.object)
    }

    /// Whether what was read was right.
    pub(crate) fn check(&self) -> Result<(), JsValue> {
        self.mistake.get().cloned().map_or(Ok(()), Err)
    }

    /// What was wrong.
    pub(crate) fn mistake(&self) -> JsValue {
        self.mistake.get().cloned().unwrap_or(JsValue::UNDEFINED)
    }

    /// What is wrong with an option.
    pub(crate) fn refuse(&self, name: &str, why: &str) {
        self.keep(wrong(&[&self.within, name].concat(), why));
    }

    /// Keeps a mistake, if it is the first.
    pub(crate) fn keep(&self, mistake: JsValue) {
        let _ = self.mistake.set(mistake);
    }

    /// An option; `undefined` if it is not given.
    pub(crate) fn get(&self, name: &'static str) -> JsValue {
        self.known.with(|known| known.push(name));
        self.member(name)
    }

    /// A member of the object, which may have others.
    pub(crate) fn member(&self, name: &str) -> JsValue {
        if !self.are_given() || self.mistake.get().is_some() {
            return JsValue::UNDEFINED;
        }
        let value = self.sound(imports::get(&self.object, name));
        value.filter(is_given).unwrap_or(JsValue::UNDEFINED)
    }

    /// What was read without an exception.
    pub(crate) fn sound<T>(&self, read: Result<T, JsValue>) -> Option<T> {
        read.map_err(|exception| self.keep(exception)).ok()
    }

    pub(crate) fn text(&self, name: &'static str) -> Option<String> {
        self.text_of(name, &self.get(name))
    }

    /// The text of an option that is given as `value`.
    pub(crate) fn text_of(&self, name: &str, value: &JsValue) -> Option<String> {
        if !is_given(value) {
            return None;
        }
        let text = text(value).map_err(|why| self.refuse(name, &why)).ok()?;
        // Half a surrogate pair is no character, and is read as this one.
        if text.chars().any(|c| c == char::REPLACEMENT_CHARACTER) {
            self.refuse(name, "must not hold half a character");
        }
        Some(text)
    }

    pub(crate) fn flag(&self, name: &'static str) -> Option<bool> {
        self.typed(name, "a boolean", |value| value.as_bool().is_some())?
            .as_bool()
    }

    /// Whether it is given, and `true`.
    pub(crate) fn is_set(&self, name: &'static str) -> bool {
        self.flag(name).unwrap_or(false)
    }

    /// A number that is not negative.
    pub(crate) fn number(&self, name: &'static str) -> Option<f64> {
        let number = self
            .typed(name, "a number", |value| value.as_f64().is_some())?
            .as_f64()?;
        if number >= 0.0 {
            return Some(number);
        }
        self.refuse(name, "must not be negative or NaN");
        None
    }

    pub(crate) fn function(&self, name: &'static str) -> Option<Function> {
        self.typed(name, "a function", JsValue::is_function)
            .map(JsCast::unchecked_into)
    }

    pub(crate) fn object(&self, name: &'static str) -> Option<JsValue> {
        self.typed(name, "an object", is_object)
    }

    fn typed(&self, name: &'static str, expected: &str, is_typed: fn(&JsValue) -> bool) -> Option<JsValue> {
        let value = self.get(name);
        if value.is_undefined() {
            return None;
        }
        if !is_typed(&value) {
            self.refuse(name, &not_a(expected, &value));
            return None;
        }
        Some(value)
    }

    /// An array of strings.
    pub(crate) fn texts(&self, name: &'static str) -> Option<Vec<String>> {
        self.sound(values::texts(&self.get(name)))?
    }

    /// An object that has these methods.
    pub(crate) fn having(&self, name: &'static str, methods: &[&str], why: fn(&str) -> String) -> Option<JsValue> {
        let given = self.nested(name);
        if given.object.is_undefined() {
            return None;
        }
        for method in methods {
            if !given.member(method).is_function() {
                self.refuse(name, &why(method));
            }
        }
        Some(given.object)
    }

    /// Refuses options that make no sense beside others.
    pub(crate) fn refuse_given(&self, names: &[&'static str], why: &str) {
        for name in names {
            if !self.get(name).is_undefined() {
                self.refuse(name, why);
            }
        }
    }

    /// Options that are an option; none if there are none.
    pub(crate) fn nested(&self, name: &'static str) -> Self {
        Self {
            object: self.object(name).unwrap_or(JsValue::UNDEFINED),
            within: [&self.within, name, "."].concat(),
            mistake: Rc::clone(&self.mistake),
            known: Shared::default(),
        }
    }

    /// The spelling that is given, of two of one option. Two different values are a mistake.
    pub(crate) fn spelling(&self, one: &'static str, other: &'static str) -> Option<&'static str> {
        let (first, second) = (self.get(one), self.get(other));
        if first.is_undefined() {
            return (!second.is_undefined()).then_some(other);
        }
        if !second.is_undefined() && first != second {
            let why = [
                "and `",
                other,
                "` are the same option and have different values: give one of them",
            ];
            self.refuse(one, &why.concat());
        }
        Some(one)
    }

    /// Warns of what is no option, once all have been asked for: it is misspelt, or another library's.
    pub(crate) fn warn(&self, warnings: &mut Vec<String>) {
        if !self.are_given() {
            return;
        }
        let known = self.known.take();
        let names = self.sound(imports::keys(&self.object)).unwrap_or_default();
        for at in 0..names.length() {
            let name = names.get(at).as_string().unwrap_or_default();
            if !known.contains(&name.as_str()) {
                let warning = match known.iter().find(|known| is_like(&name, known)) {
                    Some(known) => ["is no option and has no effect: did you mean `", known, "`?"].concat(),
                    None => "is no option and has no effect".to_owned(),
                };
                warnings.push(sentence(&[&self.within, name.as_str()].concat(), &warning));
            }
        }
    }
}

/// Whether one name is the other but for its case, underscores or a letter, or lacks its end.
fn is_like(name: &str, known: &str) -> bool {
    let letters = name.bytes().filter(|letter| *letter != b'_');
    let others = letters.zip(known.bytes());
    let other = others.filter(|(one, other)| !one.eq_ignore_ascii_case(other)).count();
    name.len() > 3 && other <= usize::from(name.len() > 8)
}

/// What is wrong with an argument or an option.
pub(crate) fn wrong(name: &str, why: &str) -> JsValue {
    invalid(&sentence(name, why))
}

pub(crate) fn sentence(name: &str, why: &str) -> String {
    ["`", name, "` ", why].concat()
}
