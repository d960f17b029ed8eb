//! Values as callers give them: of the right type, or refused with a message that names them and says what would be right.

use crate::imports;
use crate::results;
use js_sys::{Array, Function, JsString};
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Longer texts are no option of anybody's, and would fill the memory.
const LONGEST_TEXT: u32 = 1 << 20;

/// An object of options. The first mistake in it is kept, and after it nothing more is read: every option counts as not
/// given then. So whoever reads them asks at the end, by [`Given::check`], whether there was one.
pub(crate) struct Given {
    object: JsValue,
    /// What comes before the name of an option, as the caller would write it.
    within: String,
    mistake: Rc<OnceCell<JsValue>>,
}

impl Given {
    /// The options themselves. None at all count as none given.
    pub(crate) fn options(object: JsValue) -> Self {
        let given = Self {
            within: String::new(),
            mistake: Rc::default(),
            object,
        };
        if is_given(&given.object) && !is_object(&given.object) {
            given.refuse("options", &not_a("an object", &given.object));
        }
        given
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
    pub(crate) fn get(&self, name: &str) -> JsValue {
        if !is_given(&self.object) || self.mistake.get().is_some() {
            return JsValue::UNDEFINED;
        }
        let value = self.sound(imports::get(&self.object, name));
        value.filter(is_given).unwrap_or(JsValue::UNDEFINED)
    }

    /// What was read without an exception.
    pub(crate) fn sound<T>(&self, read: Result<T, JsValue>) -> Option<T> {
        read.map_err(|exception| self.keep(exception)).ok()
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.text_of(name, &self.get(name))
    }

    /// The text of an option that is given as `value`.
    pub(crate) fn text_of(&self, name: &str, value: &JsValue) -> Option<String> {
        if !is_given(value) {
            return None;
        }
        text(value).map_err(|why| self.refuse(name, &why)).ok()
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.typed(name, "a boolean", |value| value.as_bool().is_some())?
            .as_bool()
    }

    /// Whether it is given, and `true`.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.flag(name).unwrap_or(false)
    }

    /// A number that is not negative.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let number = self
            .typed(name, "a number", |value| value.as_f64().is_some())?
            .as_f64()?;
        if number >= 0.0 {
            return Some(number);
        }
        self.refuse(name, "must not be negative or NaN");
        None
    }

    pub(crate) fn function(&self, name: &str) -> Option<Function> {
        self.typed(name, "a function", JsValue::is_function)
            .map(JsCast::unchecked_into)
    }

    pub(crate) fn object(&self, name: &str) -> Option<JsValue> {
        self.typed(name, "an object", is_object)
    }

    fn typed(&self, name: &str, expected: &str, is_typed: fn(&JsValue) -> bool) -> Option<JsValue> {
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
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.sound(crate::arguments::texts(&self.get(name)))?
    }

    /// An object that has these methods.
    pub(crate) fn having(&self, name: &str, methods: &[&str], why: fn(&str) -> String) -> Option<JsValue> {
        let given = self.nested(name);
        if given.object.is_undefined() {
            return None;
        }
        for method in methods {
            if !given.get(method).is_function() {
                self.refuse(name, &why(method));
            }
        }
        Some(given.object)
    }

    /// Refuses options that make no sense beside others.
    pub(crate) fn refuse_given(&self, names: &[&str], why: &str) {
        for name in names {
            if !self.get(name).is_undefined() {
                self.refuse(name, why);
            }
        }
    }

    /// Options that are an option; none if there are none.
    pub(crate) fn nested(&self, name: &str) -> Self {
        Self {
            object: self.object(name).unwrap_or(JsValue::UNDEFINED),
            within: [&self.within, name, "."].concat(),
            mistake: Rc::clone(&self.mistake),
        }
    }

    /// The spelling that is given, of two of one option. Two different values are a mistake.
    pub(crate) fn spelling<'a>(&self, one: &'a str, other: &'a str) -> Option<&'a str> {
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

    /// The names of what is given.
    pub(crate) fn names(&self) -> Array {
        if !is_given(&self.object) {
            return Array::new();
        }
        self.sound(imports::keys(&self.object)).unwrap_or_default()
    }
}

/// A text, or what is wrong with it.
pub(crate) fn text(value: &JsValue) -> Result<String, String> {
    if value.is_string() && value.unchecked_ref::<JsString>().length() > LONGEST_TEXT {
        return Err("must not be longer than 1 MiB".to_owned());
    }
    value.as_string().ok_or_else(|| not_a("a string", value))
}

/// A value as JSON. What is so deep, or so odd, that none can be made of it is the empty text.
pub(crate) fn json(value: &JsValue) -> String {
    let json = imports::stringify(value);
    json.ok().and_then(|json| text(&json).ok()).unwrap_or_default()
}

pub(crate) fn is_given(value: &JsValue) -> bool {
    !(value.is_undefined() || value.is_null())
}

/// Whether it is an object that is neither an array nor a function.
pub(crate) fn is_object(value: &JsValue) -> bool {
    value.is_object() && !is_array(value)
}

/// Of a proxy that was revoked, nobody can say it. To read it fails.
pub(crate) fn is_array(value: &JsValue) -> bool {
    imports::is_array(value).unwrap_or(false)
}

/// What is wrong with an argument or an option.
pub(crate) fn wrong(name: &str, why: &str) -> JsValue {
    results::invalid(&sentence(name, why))
}

pub(crate) fn sentence(name: &str, why: &str) -> String {
    ["`", name, "` ", why].concat()
}

/// That a value is not what it must be. It says what the value is, never the value itself: it may be a secret.
pub(crate) fn not_a(expected: &str, value: &JsValue) -> String {
    let kind = value.js_typeof().as_string().unwrap_or_default();
    let (article, kind) = match kind.as_str() {
        _ if value.is_null() => ("", "null"),
        _ if is_array(value) => ("an ", "array"),
        "undefined" => ("", "undefined"),
        "object" => ("an ", "object"),
        other => ("a ", other),
    };
    ["must be ", expected, ", not ", article, kind].concat()
}
