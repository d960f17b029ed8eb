//! An error reply: RFC 6749 §5.2, with what Microsoft Entra adds.

use crate::prelude::*;

use crate::json::Json;
use crate::protocol::fields::{Fields, whole_number};
use crate::protocol::http::{Reply, Request};

/// What the server said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OAuthError {
    /// `error`: one of the codes of RFC 6749 §5.2 or RFC 8628 §3.5, or the server's own.
    pub error: String,
    /// `error_description`: for people.
    pub description: Option<String>,
    /// `error_codes`: Entra's AADSTS numbers.
    pub codes: Vec<u32>,
    /// `timestamp`: when it happened, as the server writes it.
    pub timestamp: Option<String>,
    /// `trace_id`: for Microsoft's support.
    pub trace_id: Option<String>,
    /// `correlation_id`: the `client-request-id` of the request.
    pub correlation_id: Option<String>,
    /// `error_additional_info` says that the client is not of the token's family.
    pub client_mismatch: bool,
}

impl OAuthError {
    /// Reads an error reply to `request`; secrets of the request that the server echoes are taken out.
    #[must_use]
    pub fn read(reply: &Reply, request: &Request) -> Option<Self> {
        Self::from_fields(&reply.json()?, request)
    }

    /// The same, from the parsed body.
    #[must_use]
    pub fn from_fields(fields: &Fields, request: &Request) -> Option<Self> {
        let text = |name: &str| fields.text(name).map(|text| request.redact(text));
        let error = text("error")?;
        let description = text("error_description");
        let mut codes = Vec::new();
        if let Some(Json::Array(items)) = fields.get("error_codes") {
            for item in items {
                codes.extend(whole_number(item).and_then(|code| u32::try_from(code).ok()));
            }
        } else {
            codes.extend(description.as_deref().and_then(aadsts_code));
        }
        Some(Self {
            error,
            codes,
            description,
            timestamp: text("timestamp"),
            trace_id: text("trace_id"),
            correlation_id: text("correlation_id"),
            client_mismatch: fields.get("error_additional_info").is_some_and(names_client_mismatch),
        })
    }
}

/// "AADSTS70016: …" → 70016, for endpoints that send the text alone.
fn aadsts_code(description: &str) -> Option<u32> {
    let rest = description.strip_prefix("AADSTS")?;
    let (digits, _) = split_before(rest, |byte| !byte.is_ascii_digit());
    u32::try_from(whole(digits)).ok().filter(|_| !digits.is_empty())
}

fn names_client_mismatch(value: &Json) -> bool {
    match value {
        Json::String(text) => text == "client_mismatch",
        Json::Array(items) => items.iter().any(names_client_mismatch),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::http::{Field, Form};
    use crate::secret::Secret;

    fn read(body: &str) -> Option<OAuthError> {
        let form = Form::new(&[("refresh_token", Field::Secret(&Secret::new("0.RT")))]);
        let reply = Reply {
            status: 400,
            retry_after: None,
            body: Secret::new(body),
        };
        OAuthError::read(&reply, &Request::post("https://localhost/".into(), form))
    }

    #[test]
    fn reads_every_field_entra_sends() {
        let error = read(
            r#"{"error":"invalid_grant","error_description":"AADSTS70000: bad","error_codes":[70000,50076],
                "timestamp":"2026-01-01 00:00:00Z","trace_id":"t","correlation_id":"c","error_additional_info":["client_mismatch"]}"#,
        )
        .unwrap();
        assert_eq!(error.error, "invalid_grant");
        assert_eq!(error.codes, [70_000, 50_076]);
        assert_eq!(error.trace_id.as_deref(), Some("t"));
        assert!(error.client_mismatch);
    }

    #[test]
    fn finds_the_code_in_the_description_and_hides_an_echoed_secret() {
        let error = read(r#"{"error":"invalid_grant","error_description":"AADSTS70008: 0.RT expired"}"#).unwrap();
        assert_eq!(error.codes, [70_008]);
        assert_eq!(error.description.as_deref(), Some("AADSTS70008: [redacted] expired"));
    }

    #[test]
    fn what_is_no_oauth_error_is_none() {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"error":{}}"#,
            r#"{"error":""}"#,
            r#"{"error":null}"#,
        ] {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
