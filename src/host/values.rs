//! Values of JavaScript, as they come in and as they go out.

use crate::imports;
use js_sys::{Array, JsString, Object, Reflect};
use wasm_bindgen::prelude::*;

/// Longer texts are no option of anybody's, and would fill the memory.
const LONGEST_TEXT: u32 = 1 << 20;

/// Of an array with more items than this, none is read.
const MOST_ITEMS: u32 = 1000;

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

/// The items of an array, which is the caller's; nothing if it is none, or has too many.
pub(crate) fn items(list: &JsValue) -> Result<Option<Vec<JsValue>>, JsValue> {
    if !is_array(list) {
        return Ok(None);
    }
    let length = imports::get(list, "length")?.as_f64().unwrap_or(f64::MAX);
    if length > f64::from(MOST_ITEMS) {
        return Ok(None);
    }
    let length = u32::try_from(crate::clock::whole(length)).unwrap_or(0);
    elements(list, length).map(Some)
}

pub(crate) fn elements(list: &JsValue, length: u32) -> Result<Vec<JsValue>, JsValue> {
    let mut elements = Vec::new();
    for at in 0..length {
        elements.push(Reflect::get_u32(list, at)?);
    }
    Ok(elements)
}

/// The strings of an array; nothing if it is none, or holds something else.
pub(crate) fn texts(list: &JsValue) -> Result<Option<Vec<String>>, JsValue> {
    let Some(items) = items(list)? else { return Ok(None) };
    let mut texts = Vec::new();
    for item in &items {
        match text(item) {
            Ok(text) => texts.push(text),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(texts))
}

pub(crate) fn array(texts: &[String]) -> Array {
    let array = Array::new();
    for text in texts {
        array.push(&text.into());
    }
    array
}

/// Members of an object; one that is `undefined` is none.
pub(crate) type Members<'a> = [(&'a str, JsValue)];

pub(crate) fn object(members: &[&Members<'_>]) -> JsValue {
    let object = Object::new();
    for members in members {
        for (name, value) in *members {
            if !value.is_undefined() {
                let _ = imports::set(&object, name, value);
            }
        }
    }
    object.into()
}

pub(crate) fn invalid(message: &str) -> JsValue {
    create("TypeError", message, &[])
}

pub(crate) fn unavailable(message: &str) -> JsValue {
    create("CredentialUnavailableError", message, &[])
}

pub(crate) fn create(kind: &str, message: &str, details: &[&Members<'_>]) -> JsValue {
    imports::create_error(kind, message, &object(details)).unwrap_or_else(|exception| exception)
}
