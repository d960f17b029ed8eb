//! The `claims` parameter (OpenID Connect Core §5.5): a claims challenge and the client's capabilities.

use crate::prelude::*;

use crate::json::{Json, Object};

/// Checks what the caller passed: the text of a JSON object.
///
/// # Errors
/// Says what it is instead. The value itself may be sensitive and is not repeated.
pub fn validate(claims: &str) -> Result<(), &'static str> {
    match Json::parse(claims) {
        Some(Json::Object(_)) => Ok(()),
        Some(_) => Err("must be a JSON object, as a claims challenge holds it"),
        None => Err("must be valid JSON, as a claims challenge holds it (decoded from base64)"),
    }
}

/// Merges the capability `CP1` in: the client can handle a claims challenge, so the server may grant tokens for
/// Continuous Access Evaluation.
#[must_use]
pub fn with_capability(claims: Option<&str>) -> String {
    let mut merged = claims.and_then(Object::parse).unwrap_or_default();
    let mut capabilities = Object::default();
    capabilities.push("values", Json::Array(vec!["CP1".into()]));
    let mut access_token = match merged.get("access_token") {
        Some(Json::Object(access_token)) => access_token.clone(),
        _ => Object::default(),
    };
    access_token.set("xms_cc", Json::Object(capabilities));
    merged.set("access_token", Json::Object(access_token));
    merged.to_json()
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
