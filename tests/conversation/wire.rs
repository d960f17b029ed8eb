//! What the server says.

use base64ct::{Base64UrlUnpadded, Encoding};
use entra_device_code::error::Cause;
use entra_device_code::protocol::http::{Fault, Reply};
use entra_device_code::secret::Secret;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The endpoints of the default tenant.
pub(crate) const DEVICE_CODE: &str = "POST https://login.microsoftonline.com/organizations/oauth2/v2.0/devicecode";
pub(crate) const TOKEN: &str = "POST https://login.microsoftonline.com/organizations/oauth2/v2.0/token";

/// A reply with a status and a body.
pub(crate) fn reply(status: u16, body: impl Into<String>) -> Reply {
    Reply {
        status,
        retry_after: None,
        body: Secret::new(body),
    }
}

/// A reply whose server asks for patience, for so many seconds.
pub(crate) fn retry_after(status: u16, seconds: u64) -> Reply {
    Reply {
        retry_after: Some(Duration::from_secs(seconds)),
        ..reply(status, "<html>busy</html>")
    }
}

/// An OAuth error (RFC 6749 §5.2).
pub(crate) fn error(error: &str) -> Reply {
    let description = format!("AADSTS70000: {error}, in words.");
    reply(
        400,
        json!({"error": error, "error_description": description}).to_string(),
    )
}

/// RFC 8628 §3.5: the user has not finished.
pub(crate) fn pending() -> Reply {
    error("authorization_pending")
}

/// The connection broke.
pub(crate) fn dropped() -> Result<Reply, Fault> {
    Err(Fault::Network(Cause::text("connection reset")))
}

/// The reply to a device authorization request: 15 minutes, a poll every 5 seconds.
pub(crate) fn device_code() -> Reply {
    device_code_with(json!({}))
}

/// The same, with other fields; `null` takes one out.
pub(crate) fn device_code_with(other: Value) -> Reply {
    let fields = json!({
        "device_code": "DC-secret",
        "user_code": "ABCD1234",
        "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900,
        "interval": 5,
        "message": "Open the page and enter ABCD1234.",
    });
    reply(200, with(fields, other).to_string())
}

/// `fields` with those of `other`, except that a `null` takes a field out.
pub(crate) fn with(fields: Value, other: Value) -> Value {
    let (Value::Object(mut fields), Value::Object(other)) = (fields, other) else {
        unreachable!()
    };
    for (name, value) in other {
        fields.insert(name, value);
    }
    let present: Map<String, Value> = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
    Value::Object(present)
}

/// A token reply for Ada: an access token for an hour, a refresh token, an id token.
pub(crate) fn token(access_token: &str, refresh_token: &str) -> Reply {
    token_with(access_token, refresh_token, json!({}))
}

/// The same, with other fields; `null` takes one out.
pub(crate) fn token_with(access_token: &str, refresh_token: &str, other: Value) -> Reply {
    let fields = json!({
        "token_type": "Bearer",
        "access_token": access_token,
        "refresh_token": refresh_token,
        "expires_in": 3600,
        "ext_expires_in": 3600,
        "scope": "User.Read openid profile",
        "id_token": id_token(json!({})),
        "client_info": base64url(&json!({"uid": "ada-uid", "utid": "contoso"})),
    });
    reply(200, with(fields, other).to_string())
}

/// A token reply for Bea.
pub(crate) fn beas_token(access_token: &str, refresh_token: &str) -> Reply {
    token_with(access_token, refresh_token, bea())
}

/// What a token reply says of Bea.
pub(crate) fn bea() -> Value {
    let name = json!({"sub": "bea-sub", "oid": "bea-oid", "preferred_username": "bea@contoso.com"});
    json!({
        "client_info": base64url(&json!({"uid": "bea-uid", "utid": "contoso"})),
        "id_token": id_token(name),
    })
}

/// Ada's id token, with other claims.
pub(crate) fn id_token(other: Value) -> String {
    let claims = json!({
        "iss": "https://login.microsoftonline.com/contoso/v2.0",
        "aud": "client",
        "tid": "contoso",
        "sub": "ada-sub",
        "oid": "ada-oid",
        "preferred_username": "ada@contoso.com",
    });
    format!(
        "{}.{}.signature",
        base64url(&json!({"alg": "RS256"})),
        base64url(&with(claims, other))
    )
}

/// JSON as JWTs and `client_info` carry it.
pub(crate) fn base64url(value: &Value) -> String {
    Base64UrlUnpadded::encode_string(value.to_string().as_bytes())
}
