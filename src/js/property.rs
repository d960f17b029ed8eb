//! Reading the properties of an object that a caller wrote, each with an error that names it.

use crate::error::Error;
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;

/// An options object, or none.
#[derive(Clone)]
pub(super) struct Options(JsValue);

/// A value and the spelling under which it was given.
pub(super) struct Given {
    pub(super) name: &'static str,
    pub(super) value: JsValue,
}

pub(super) fn invalid(name: &str, why: &str) -> Error {
    Error::InvalidArgument(format!("`{name}` {why}"))
}

impl Options {
    /// `what` names the argument in the error.
    pub(super) fn new(value: JsValue, what: &str) -> Result<Self, Error> {
        if is_absent(&value) || is_options(&value) {
            return Ok(Self(value));
        }
        Err(invalid(what, &format!("must be an object, not {}", kind(&value))))
    }

    pub(super) fn none() -> Self {
        Self(JsValue::UNDEFINED)
    }

    /// A property that is there. One that can't be read counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<JsValue> {
        if !self.0.is_object() {
            return None;
        }
        Reflect::get(&self.0, &name.into())
            .ok()
            .filter(|value| !is_absent(value))
    }

    /// A property that has several spellings. Two of them with different values are a mistake.
    pub(super) fn either<const N: usize>(&self, names: [&'static str; N]) -> Result<Option<Given>, Error> {
        let mut found: Option<Given> = None;
        for name in names {
            let Some(value) = self.get(name) else {
                continue;
            };
            match &found {
                None => found = Some(Given { name, value }),
                Some(other) if js_sys::Object::is(&other.value, &value) => {}
                Some(other) => {
                    return Err(Error::InvalidArgument(format!(
                        "`{}` and `{name}` are the same option and have different values: give one of them",
                        other.name
                    )));
                }
            }
        }
        Ok(found)
    }

    pub(super) fn text<const N: usize>(&self, names: [&'static str; N]) -> Result<Option<String>, Error> {
        self.either(names)?.map(|given| given.text()).transpose()
    }

    pub(super) fn boolean(&self, name: &'static str) -> Result<bool, Error> {
        match self.get(name) {
            None => Ok(false),
            Some(value) => value
                .as_bool()
                .ok_or_else(|| invalid(name, &format!("must be a boolean, not {}", kind(&value)))),
        }
    }

    pub(super) fn function(&self, name: &'static str) -> Result<Option<Function>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(value) if value.is_function() => Ok(Some(value.unchecked_into())),
            Some(value) => Err(invalid(name, &format!("must be a function, not {}", kind(&value)))),
        }
    }

    /// A number that is not negative.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<f64>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match value.as_f64() {
            Some(number) if number >= 0.0 => Ok(Some(number)),
            Some(_) => Err(invalid(name, "must not be negative or NaN")),
            None => Err(invalid(name, &format!("must be a number, not {}", kind(&value)))),
        }
    }

    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<String>, Error> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(value) if Array::is_array(&value) => {
                let items: Array = value.unchecked_into();
                items
                    .iter()
                    .map(|item| {
                        item.as_string()
                            .ok_or_else(|| invalid(name, &format!("must hold strings, not {}", kind(&item))))
                    })
                    .collect()
            }
            Some(value) => Err(invalid(
                name,
                &format!("must be an array of strings, not {}", kind(&value)),
            )),
        }
    }

    pub(super) fn options(&self, name: &'static str) -> Result<Self, Error> {
        self.get(name)
            .map_or_else(|| Ok(Self::none()), |value| Self::new(value, name))
    }
}

impl Given {
    pub(super) fn text(&self) -> Result<String, Error> {
        self.value
            .as_string()
            .ok_or_else(|| invalid(self.name, &format!("must be a string, not {}", kind(&self.value))))
    }
}

pub(super) fn is_absent(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// An object that is neither an array nor a function.
pub(super) fn is_options(value: &JsValue) -> bool {
    value.is_object() && !value.is_function() && !Array::is_array(value)
}

/// What a value is, for an error message.
pub(super) fn kind(value: &JsValue) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    if Array::is_array(value) {
        return "an array".to_owned();
    }
    let name = value.js_typeof().as_string().unwrap_or_default();
    match name.as_str() {
        "undefined" => name,
        "object" => "an object".to_owned(),
        _ => format!("a {name}"),
    }
}
