//! The device code flow's own messages: RFC 8628 §3.1 to §3.5.

use crate::error::Error;
use crate::protocol::fields::Fields;
use crate::protocol::http::{Field, Form, Reply, Request};
use crate::secret::Secret;
use std::time::Duration;

/// The grant type of RFC 8628 §3.4.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How long to wait between polls if the server doesn't say (RFC 8628 §3.2).
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// How long a code lives if the server doesn't say. RFC 8628 requires it to; MSAL assumes this.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(1800);

/// The reply to a device authorization request (RFC 8628 §3.2).
#[derive(Clone, Debug)]
pub struct DeviceAuthorization {
    /// What the client polls with.
    pub device_code: Secret,
    /// What the user types.
    pub user_code: String,
    /// Where the user types it.
    pub verification_uri: String,
    /// The same with the code filled in, for a QR code.
    pub verification_uri_complete: Option<String>,
    /// How long both codes live.
    pub expires_in: Duration,
    /// How long to wait between polls: 1 to 60 seconds.
    pub interval: Duration,
    /// Entra's sentence to show the user, or ours.
    pub message: String,
}

/// RFC 8628 §3.1.
#[must_use]
pub fn authorization_request(url: &str, client_id: &str, scope: &str, claims: Option<&str>) -> Request {
    Request::post(
        url.to_owned(),
        Form::new(&[
            ("client_id", Field::Text(client_id)),
            ("scope", Field::Text(scope)),
            ("claims", Field::Optional(claims)),
        ]),
    )
}

impl DeviceAuthorization {
    /// Reads the reply to [`authorization_request`].
    ///
    /// # Errors
    /// The server refused, or the reply is unusable; says which field is.
    pub fn read(reply: &Reply, request: &Request) -> Result<Self, Error> {
        Error::refuse(reply, request)?;
        let read = Fields::of_reply(reply).and_then(|fields| Self::from_fields(&fields));
        read.map_err(|why| {
            let message = format!("The reply to the device authorization request {why}");
            Error::replied(message, reply)
        })
    }

    fn from_fields(fields: &Fields<'_>) -> Result<Self, String> {
        let user_code = fields.required_shown("user_code")?;
        // RFC 8628 says `verification_uri`; earlier drafts, and servers that followed them, `verification_url`.
        let verification_uri = match fields.get("verification_uri") {
            None => fields.shown("verification_url"),
            Some(_) => None,
        };
        let verification_uri = match verification_uri {
            None => fields.required_shown("verification_uri")?,
            Some(url) => url,
        };
        let device_code = fields.required("device_code")?;
        let expires_in = fields.seconds("expires_in")?.unwrap_or(DEFAULT_LIFETIME);
        let interval = fields.seconds("interval")?.unwrap_or(DEFAULT_INTERVAL);
        let message = match fields.shown("message") {
            Some(message) => message,
            None => format!(
                "To sign in, use a web browser to open the page {verification_uri} and enter the code {user_code} to authenticate."
            ),
        };
        Ok(Self {
            device_code: Secret::new(device_code),
            user_code,
            verification_uri,
            verification_uri_complete: fields.shown("verification_uri_complete"),
            expires_in,
            interval: interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL),
            message,
        })
    }
}

/// RFC 8628 §3.4, with the fields Entra expects besides: the code once more as `code`, and `client_info=1`.
#[must_use]
pub fn token_request(url: &str, client_id: &str, device_code: &Secret, claims: Option<&str>) -> Request {
    Request::post(
        url.to_owned(),
        Form::new(&[
            ("client_id", Field::Text(client_id)),
            ("grant_type", Field::Text(GRANT_TYPE)),
            ("client_info", Field::Text("1")),
            ("device_code", Field::Secret(device_code)),
            ("code", Field::Secret(device_code)),
            ("claims", Field::Optional(claims)),
        ]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<DeviceAuthorization, String> {
        let reply = Reply {
            status: 200,
            retry_after: None,
            body: Secret::new(body),
        };
        let request = authorization_request("https://h/d", "client", "s", None);
        DeviceAuthorization::read(&reply, &request).map_err(|error| match error {
            Error::Authentication(failure) => failure.message,
            other => format!("{other:?}"),
        })
    }

    fn with(extra: &str) -> String {
        format!(r#"{{"device_code":"d","user_code":"ABCD","verification_uri":"https://h/v","expires_in":900{extra}}}"#)
    }

    #[test]
    fn the_interval_defaults_to_5_and_stays_within_1_and_60_seconds() {
        for (interval, seconds) in [
            ("", 5),
            (r#","interval":null"#, 5),
            (r#","interval":7"#, 7),
            (r#","interval":"7""#, 7),
            (r#","interval":0"#, 1),
            (r#","interval":-1"#, 1),
            (r#","interval":86400"#, 60),
            (r#","interval":1e0"#, 0),
        ] {
            let read = read(&with(interval));
            match seconds {
                0 => assert!(read.unwrap_err().contains("`interval`"), "{interval}"),
                _ => assert_eq!(read.unwrap().interval, Duration::from_secs(seconds), "{interval}"),
            }
        }
    }

    #[test]
    fn a_reply_without_a_message_gets_one() {
        let message = read(&with("")).unwrap().message;
        assert!(message.contains("https://h/v") && message.contains("ABCD"), "{message}");
        assert_eq!(read(&with(r#","message":"Hi""#)).unwrap().message, "Hi");
        for blank in ["", "  ", r"\u200b\n", r"\u001b"] {
            let read = read(&with(&format!(r#","message":"{blank}""#))).unwrap();
            assert_eq!(read.message, message, "{blank}");
        }
    }

    #[test]
    fn what_a_user_is_shown_has_nothing_that_a_terminal_obeys() {
        let body = r#"{"device_code":"d","user_code":"AB\u202eCD","verification_uri":"https://h/\u001b[2Jv",
            "verification_uri_complete":"https://h/v?\u0007c","message":"Go\r\nto \u001b]0;x\u0007it"}"#;
        let read = read(body).unwrap();
        assert_eq!(read.user_code, "ABCD");
        assert_eq!(read.verification_uri, "https://h/[2Jv");
        assert_eq!(read.verification_uri_complete.unwrap(), "https://h/v?c");
        assert_eq!(read.message, "Go to ]0;xit");
    }

    #[test]
    fn the_draft_name_of_the_verification_uri_is_understood() {
        let draft = r#"{"device_code":"d","user_code":"A","verification_url":"https://h/v"}"#;
        let read = read(draft).unwrap();
        assert_eq!(read.verification_uri, "https://h/v");
        assert_eq!(read.expires_in, DEFAULT_LIFETIME);
    }

    #[test]
    fn says_which_field_is_unusable() {
        for (body, names) in [
            (r#"{"user_code":"A","verification_uri":"u"}"#, "has no `device_code`"),
            (r#"{"device_code":"d","verification_uri":"u"}"#, "has no `user_code`"),
            (r#"{"device_code":"d","user_code":"A"}"#, "has no `verification_uri`"),
            (
                r#"{"device_code":"d","user_code":" \u200b","verification_uri":"u"}"#,
                "`user_code` that is no",
            ),
            (
                r#"{"device_code":"d","user_code":7,"verification_uri":"u"}"#,
                "`user_code` that is no",
            ),
            (
                r#"{"device_code":"d","user_code":"A","verification_uri":"u","expires_in":{}}"#,
                "`expires_in` that is no",
            ),
            ("<html></html>", "no JSON object"),
            ("[]", "no JSON object"),
        ] {
            let said = read(body).unwrap_err();
            assert!(said.contains(names), "{body}: {said}");
        }
    }
}
