//! An error reply: RFC 6749 §5.2, with what Microsoft Entra adds.

use crate::json;
use crate::protocol::fields::Fields;
use crate::protocol::http::{Reply, Request};
use crate::protocol::plain::plain;
use crate::shape::{self, Member};
use serde::{Serialize, Serializer};

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
    /// It answers a poll for the token of a device code.
    pub of_poll: bool,
}

impl Serialize for OAuthError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = [
            ("error", Member::Text(&self.error)),
            ("errorDescription", Member::Optional(&self.description)),
            ("errorCodes", Member::Numbers(&self.codes)),
            ("timestamp", Member::Optional(&self.timestamp)),
            ("traceId", Member::Optional(&self.trace_id)),
            ("correlationId", Member::Optional(&self.correlation_id)),
        ];
        shape::write(serializer, &members)
    }
}

impl OAuthError {
    /// Reads an error reply to `request`; secrets of the request that the server echoes are taken out.
    #[must_use]
    pub fn read(reply: &Reply, request: &Request) -> Option<Self> {
        let fields = Fields::read(reply.body.expose())?;
        // An echo that was taken apart by what is not shown is one again without that.
        let text = |name: &str| {
            fields
                .text(name)
                .map(|text| request.redact(&plain(&request.redact(&text))))
        };
        let error = text("error").filter(|error| !error.is_empty())?;
        let description = text("error_description");
        let mut codes = Vec::new();
        for number in fields.items("error_codes") {
            if let Some(code) = code(number.get()) {
                codes.push(code);
            }
        }
        if codes.is_empty()
            && let Some(code) = description.as_deref().and_then(aadsts_code)
        {
            codes.push(code);
        }
        Some(Self {
            error,
            description,
            codes,
            timestamp: text("timestamp"),
            trace_id: text("trace_id"),
            correlation_id: text("correlation_id"),
            client_mismatch: is_client_mismatch(&fields),
            of_poll: request.polls(),
        })
    }
}

/// The `error` of a reply, in the server's own words.
pub(crate) fn error_of(reply: &Reply) -> Option<String> {
    Fields::read(reply.body.expose())?.text("error")
}

fn code(number: &str) -> Option<u32> {
    u32::try_from(json::whole_number(number)?).ok()
}

/// "AADSTS70016: …" → 70016, for endpoints that send the text alone.
fn aadsts_code(description: &str) -> Option<u32> {
    let rest = description.strip_prefix("AADSTS")?;
    let end = rest.bytes().position(|byte| !byte.is_ascii_digit());
    code(rest.get(..end.unwrap_or(rest.len()))?)
}

/// The text, or an array that holds it.
fn is_client_mismatch(fields: &Fields<'_>) -> bool {
    let texts = fields.texts("error_additional_info");
    texts.iter().any(|text| text == "client_mismatch")
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
    fn is_written_as_javascript_has_it_without_what_is_absent() {
        let written = |body| serde_json::to_string(&read(body).unwrap()).unwrap();
        assert_eq!(
            written(
                r#"{"correlation_id":"c","trace_id":"t","timestamp":"2026","error_codes":["7",8,{}],"error":"e",
                    "error_description":"d","error_additional_info":"client_mismatch"}"#
            ),
            r#"{"error":"e","errorDescription":"d","errorCodes":[7,8],"timestamp":"2026","traceId":"t","correlationId":"c"}"#
        );
        assert_eq!(
            written(r#"{"error":"e","trace_id":7,"error_codes":null}"#),
            r#"{"error":"e","errorCodes":[]}"#
        );
    }

    #[test]
    fn finds_the_code_in_the_description_and_hides_an_echoed_secret() {
        let error = read(r#"{"error":"invalid_grant","error_description":"AADSTS70008: 0.RT expired"}"#).unwrap();
        assert_eq!(error.codes, [70_008]);
        assert_eq!(error.description.as_deref(), Some("AADSTS70008: [redacted] expired"));
    }

    #[test]
    fn what_a_terminal_would_obey_is_left_out_and_hides_no_echo() {
        let error = read(
            r#"{"error":"invalid\u001b[1mgrant","error_description":"AADSTS70008: 0\u200b.R\u0000T\r\nTrace\u202e ID",
                "trace_id":"t\u0007","timestamp":"2026\u009b","correlation_id":"c\ud83d\ude42\udb40\udc41"}"#,
        )
        .unwrap();
        assert_eq!(error.error, "invalid[1mgrant");
        assert_eq!(error.description.as_deref(), Some("AADSTS70008: [redacted] Trace ID"));
        assert_eq!(error.trace_id.as_deref(), Some("t"));
        assert_eq!(error.timestamp.as_deref(), Some("2026"));
        assert_eq!(error.correlation_id.as_deref(), Some("c\u{1f642}"));
    }

    #[test]
    fn a_long_secret_and_a_long_text_take_no_long_while() {
        let code = Secret::new(format!("{}b", "a".repeat(200_000)));
        let form = Form::new(&[("device_code", Field::Secret(&code))]);
        let request = Request::post("https://localhost/".into(), form);
        let text = "a".repeat(1_000_000);
        assert_eq!(request.redact(&text), text);
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
