//! What the host throws, and what the core is told of it.

use crate::imports;
use entra_device_code::error::Cause;
use entra_device_code::protocol::http::{Form, Request};
use std::any::Any;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The exception with its own words.
pub(crate) fn cause(exception: JsValue) -> Cause {
    Cause {
        text: text_of(&exception),
        exception: Some(Rc::new(exception)),
    }
}

/// What `fetch` threw: as it is, unless it repeats what the request or its reply keeps secret.
pub(crate) fn cause_of_fetch(exception: JsValue, request: &Request) -> Cause {
    let text = text_of(&exception);
    let form = request.form.as_ref().map(Form::encoded).unwrap_or_default();
    match imports::repeats_secrets(&exception, form) {
        Ok(false) => Cause {
            text,
            exception: Some(Rc::new(exception)),
        },
        _ => own(&exception, &request.redact(&text)),
    }
}

/// What a store threw is never shown: it may repeat what it holds.
pub(crate) fn cause_of_store(exception: &JsValue) -> Cause {
    own(exception, &text_of(exception))
}

/// Our own exception, with its name, its code, and what of its text is discreet.
fn own(exception: &JsValue, text: &str) -> Cause {
    let text = imports::discreet_text(text).unwrap_or_default();
    let own = imports::discreet_error(exception, &text).ok();
    Cause {
        text,
        exception: own.map(|own| Rc::new(own) as Rc<dyn Any>),
    }
}

/// The exception that a cause was made of.
pub(crate) fn exception_of(cause: &Cause) -> Option<&JsValue> {
    cause.exception.as_ref()?.downcast_ref()
}

/// What an exception says. Anything can be thrown, even what can't be made a string.
fn text_of(exception: &JsValue) -> String {
    let message = member(exception, "message");
    let said = imports::to_text(message.as_ref().unwrap_or(exception));
    let said = said.unwrap_or_else(|_| "an exception that says nothing".to_owned());
    // `fetch` says "fetch failed" and hides why in the cause: Node in its code, Deno in its message.
    let why = member(exception, "cause");
    let why = why.and_then(|cause| {
        let code = member(&cause, "code").filter(JsValue::is_string);
        code.or_else(|| member(&cause, "message"))
    });
    match why.map(|why| imports::to_text(&why)) {
        Some(Ok(why)) if !why.is_empty() && why != said => [&said, " (", &why, ")"].concat(),
        _ => said,
    }
}

fn member(value: &JsValue, name: &str) -> Option<JsValue> {
    if !(value.is_object() || value.is_function()) {
        return None;
    }
    let member = imports::get(value, name).ok()?;
    (!(member.is_undefined() || member.is_null())).then_some(member)
}
