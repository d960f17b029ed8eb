//! The `claims` parameter (OpenID Connect Core §5.5): a claims challenge and the client's capabilities.

use serde_json::{Map, Value};

/// Checks what the caller passed: the text of a JSON object.
///
/// # Errors
/// Says what it is instead. The value itself may be sensitive and is not repeated.
pub fn validate(claims: &str) -> Result<(), &'static str> {
    match serde_json::from_str::<Value>(claims) {
        Ok(Value::Object(_)) => Ok(()),
        Ok(_) => Err("must be a JSON object, as a claims challenge holds it"),
        Err(_) => Err("must be valid JSON, as a claims challenge holds it (decoded from base64)"),
    }
}

/// Merges the capability `CP1` in: the client can handle a claims challenge, so the server may grant tokens for
/// Continuous Access Evaluation.
#[must_use]
pub fn with_capability(claims: Option<&str>) -> String {
    let mut merged = match claims.map(serde_json::from_str::<Value>) {
        Some(Ok(Value::Object(map))) => map,
        _ => Map::new(),
    };
    let mut values = Map::new();
    values.insert("values".into(), Value::Array(vec![Value::String("CP1".into())]));
    let access_token = merged.entry("access_token").or_insert(Value::Null);
    if !access_token.is_object() {
        *access_token = Value::Object(Map::new());
    }
    if let Value::Object(access_token) = access_token {
        access_token.insert("xms_cc".into(), Value::Object(values));
    }
    Value::Object(merged).to_string()
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
