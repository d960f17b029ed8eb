//! A request and its reply, without anything that sends them.

use crate::prelude::*;

use crate::error::Cause;
use crate::protocol::fields::Fields;
use crate::secret::Secret;
use crate::time::Span;

/// A request for the host to send. Redirects are never followed.
#[derive(Clone, Debug)]
pub struct Request {
    /// Always an `https:` URL.
    pub url: String,
    /// Header fields besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The form of a POST; a request without one is a GET.
    pub form: Option<Form>,
}

impl Request {
    /// A GET.
    #[must_use]
    pub fn get(url: String) -> Self {
        Self {
            url,
            headers: Vec::new(),
            form: None,
        }
    }

    /// A POST of a form.
    #[must_use]
    pub fn post(url: String, form: Form) -> Self {
        Self {
            url,
            headers: Vec::new(),
            form: Some(form),
        }
    }

    /// `text` without the secrets this request carries, should a server have echoed one in its error.
    #[must_use]
    pub fn redact(&self, text: String) -> String {
        let secrets = self.form.iter().flat_map(|form| &form.secrets);
        secrets.fold(text, |text, secret| without(text, secret.expose()))
    }
}

/// `text` with every occurrence of `secret` blacked out.
fn without(text: String, secret: &str) -> String {
    let mut clean = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = split_around(rest, secret) {
        clean.push_str(before);
        clean.push_str("[redacted]");
        rest = after;
    }
    if clean.is_empty() {
        return text;
    }
    clean.push_str(rest);
    clean
}

/// What is before and after the first occurrence. The search of the standard library is fast on long texts, and large.
fn split_around<'a>(text: &'a str, needle: &str) -> Option<(&'a str, &'a str)> {
    let length = core::num::NonZeroUsize::new(needle.len())?;
    let mut windows = text.as_bytes().windows(length.get());
    let at = windows.position(|window| window == needle.as_bytes())?;
    Some((text.get(..at)?, text.get(at.checked_add(length.get())?..)?))
}

/// An `application/x-www-form-urlencoded` body.
#[derive(Clone, Debug)]
pub struct Form {
    encoded: Secret,
    secrets: Vec<Secret>,
}

impl Form {
    /// Encodes the fields in their order, leaving out those without a value.
    #[must_use]
    pub fn new(fields: &[(&str, Field<'_>)]) -> Self {
        let mut encoder = form_urlencoded::Serializer::new(String::new());
        let mut secrets = Vec::new();
        for (name, field) in fields {
            match field {
                Field::Text(value) => {
                    encoder.append_pair(name, value);
                }
                Field::Optional(Some(value)) => {
                    encoder.append_pair(name, value);
                }
                Field::Optional(None) => {}
                Field::Secret(value) => {
                    encoder.append_pair(name, value.expose());
                    secrets.push((*value).clone());
                }
            }
        }
        Self {
            encoded: Secret::new(encoder.finish()),
            secrets,
        }
    }

    /// The body to send.
    #[must_use]
    pub fn encoded(&self) -> &str {
        self.encoded.expose()
    }
}

/// One field of a [`Form`].
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    /// Always sent.
    Text(&'a str),
    /// Sent if there is a value.
    Optional(Option<&'a str>),
    /// Sent, and shown to nobody.
    Secret(&'a Secret),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// How long the server asks to wait (RFC 9110 §10.2.3). The field is seconds or a date; the host makes a span of it.
    pub retry_after: Option<Span>,
    /// The body, 1 MiB of it at most.
    pub body: Secret,
}

impl Reply {
    /// The body as a JSON object.
    #[must_use]
    pub fn json(&self) -> Option<Fields> {
        Fields::parse(self.body.expose())
    }

    /// Whether the status is one that may be different in a moment.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }
}

/// Why there is no reply.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection failed, or the host refused to make it.
    Network(Cause),
    /// No reply within the time a request may take.
    TimedOut,
    /// The body is longer than 1 MiB.
    TooLarge,
}

impl Fault {
    /// In words, to follow a colon.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Network(cause) => &cause.text,
            Self::TimedOut => "no reply in time",
            Self::TooLarge => "the reply is longer than 1 MiB",
        }
    }

    /// The host's exception, if it was one.
    #[must_use]
    pub fn into_cause(self) -> Option<Cause> {
        match self {
            Self::Network(cause) => Some(cause),
            Self::TimedOut | Self::TooLarge => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded_and_its_secrets_are_taken_out_of_what_a_server_echoes() {
        let code = Secret::new("top secret");
        let form = Form::new(&[
            ("client_id", Field::Text("a b&c")),
            ("claims", Field::Optional(None)),
            ("device_code", Field::Secret(&code)),
        ]);
        assert_eq!(form.encoded(), "client_id=a+b%26c&device_code=top+secret");
        let request = Request::post("https://localhost/".into(), form);
        assert!(!format!("{request:?}").contains("secret\""));
        assert_eq!(
            request.redact("unknown code: top secret".into()),
            "unknown code: [redacted]"
        );
    }
}
