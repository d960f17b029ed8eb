//! The `claims` parameter (OpenID Connect Core §5.5): a claims challenge and the client's capabilities.

use crate::json::{self, Value};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;

/// What the access token's claim `xms_cc` says of a client that can handle a claims challenge.
const CAPABILITY: &str = r#"{"values":["CP1"]}"#;

/// Checks what the caller passed: the text of a JSON object.
///
/// # Errors
/// Says what it is instead. The value itself may be sensitive and is not repeated.
pub fn validate(claims: &str) -> Result<(), &'static str> {
    match json::read(claims, &mut ()) {
        Some(Value::Object) => Ok(()),
        Some(_) => Err("must be a JSON object, as a claims challenge holds it"),
        None => Err("must be valid JSON, as a claims challenge holds it (decoded from base64)"),
    }
}

/// Merges the capability `CP1` in: the client can handle a claims challenge, so the server may grant tokens for
/// Continuous Access Evaluation.
#[must_use]
pub fn with_capability(claims: Option<&str>) -> String {
    let mut claims = claims.and_then(json::object).unwrap_or_default();
    let theirs = claims.get("access_token").map_or("{}", RawValue::get);
    let mut access_token = json::object(theirs).unwrap_or_default();
    if let Some(values) = json::raw(CAPABILITY) {
        access_token.set("xms_cc", Cow::Borrowed(values));
    }
    if let Ok(access_token) = to_raw_value(&access_token) {
        claims.set("access_token", Cow::Owned(access_token));
    }
    serde_json::to_string(&claims).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capability_alone() {
        assert_eq!(
            with_capability(None),
            r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#
        );
    }

    #[test]
    fn the_capability_joins_a_challenge() {
        let challenge = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"}},"userinfo":{"x":null}}"#;
        assert_eq!(
            with_capability(Some(challenge)),
            r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"xms_cc":{"values":["CP1"]}},"userinfo":{"x":null}}"#
        );
        assert_eq!(with_capability(Some(r#"{"access_token":null}"#)), with_capability(None));
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        assert!(validate(r#"{"access_token":{}}"#).is_ok());
        assert!(validate("{").unwrap_err().contains("valid JSON"));
        for other in ["[]", "null", "\"{}\"", "1"] {
            assert!(validate(other).unwrap_err().contains("JSON object"), "{other}");
        }
    }
}
