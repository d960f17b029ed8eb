//! A request and its reply, without anything that sends them.

use crate::prelude::*;

use crate::error::Cause;
use crate::protocol::fields::Fields;
use crate::secret::Secret;
use crate::time::Span;

/// What is shorter is never a token, and would black out half of what people are to read.
const SHORTEST_SECRET: usize = 3;

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
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if let Some(form) = &self.form {
            for secret in &form.secrets {
                if secret.expose().len() >= SHORTEST_SECRET {
                    text = without(text, secret.expose());
                }
            }
        }
        text
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
        let mut encoded = String::new();
        let mut secrets = Vec::new();
        for (name, field) in fields {
            let value = match field {
                Field::Text(value) | Field::Optional(Some(value)) => value,
                Field::Optional(None) => continue,
                Field::Secret(value) => {
                    secrets.push((*value).clone());
                    value.expose()
                }
            };
            append_pair(&mut encoded, name, value);
        }
        Self {
            encoded: Secret::new(encoded),
            secrets,
        }
    }

    /// The body to send.
    #[must_use]
    pub fn encoded(&self) -> &str {
        self.encoded.expose()
    }
}

/// Appends a pair to a form or a query (<https://url.spec.whatwg.org/#concept-urlencoded-serializer>).
pub(super) fn append_pair(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    append_encoded(form, name);
    form.push('=');
    append_encoded(form, value);
}

fn append_encoded(form: &mut String, text: &str) {
    for piece in form_urlencoded::byte_serialize(text.as_bytes()) {
        form.push_str(piece);
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

    /// Whether the same request may well succeed in a moment: the list of `azure-core` for Python.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self.status, 408 | 429 | 500 | 502 | 503 | 504)
    }

    /// Whether the service could not answer, so that what the body says is no verdict on the request.
    #[must_use]
    pub const fn is_fault(&self) -> bool {
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
    fn some_statuses_are_worth_a_retry_and_all_of_the_services_faults_are_none_of_the_requests() {
        let reply = |status| Reply {
            status,
            retry_after: None,
            body: Secret::new(""),
        };
        let all = |is: fn(&Reply) -> bool| (0..=999).filter(|&status| is(&reply(status))).collect::<Vec<u16>>();
        assert_eq!(all(Reply::is_transient), [408, 429, 500, 502, 503, 504]);
        assert_eq!(
            all(Reply::is_fault),
            [408, 429].into_iter().chain(500..600).collect::<Vec<_>>()
        );
    }

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
        assert_eq!(request.redact("unknown code: top secret"), "unknown code: [redacted]");
    }
}
