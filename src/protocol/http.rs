//! A request and its reply, without anything that sends them.

use crate::cause::Cause;
use crate::protocol::redaction::without;
use crate::secret::Secret;
use crate::text;
use std::time::Duration;

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

    /// Adds a header field, unless no host would send its value: it would fail to send the request for ever.
    pub fn add_header(&mut self, name: &'static str, value: String) {
        if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            self.headers.push((name, value));
        }
    }

    /// Where it goes to: `host[:port]`.
    fn host(&self) -> &str {
        self.url.split('/').nth(2).unwrap_or_default()
    }

    /// Whether it asks for the token of a device code.
    pub(super) fn polls(&self) -> bool {
        let form = self.form.as_ref();
        // It is never the first field.
        form.is_some_and(|form| text::find(form.encoded(), "&device_code=").is_some())
    }

    /// `text` without the secrets this request carries, should a server have echoed one in its error.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let Some(form) = &self.form else {
            return text;
        };
        for secret in &form.secrets {
            text = without(text, secret.expose());
        }
        text
    }
}

/// An `application/x-www-form-urlencoded` body.
#[derive(Clone, Debug)]
pub struct Form {
    encoded: Secret,
    secrets: Vec<Secret>,
}

impl Form {
    /// Encodes the fields in their order, leaving out those without a value. Their names are plain.
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
            if !encoded.is_empty() {
                encoded.push('&');
            }
            encoded.push_str(name);
            encoded.push('=');
            push_encoded(&mut encoded, value);
        }
        // It stays for as long as a flow is polled for.
        encoded.shrink_to_fit();
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

/// Adds a value as a form has it.
fn push_encoded(encoded: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => {
                encoded.push('%');
                for digit in [byte >> 4, byte & 15] {
                    let digit = char::from_digit(digit.into(), 16).unwrap_or_default();
                    encoded.push(digit.to_ascii_uppercase());
                }
            }
        }
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
    pub retry_after: Option<Duration>,
    /// The body, 1 MiB of it at most.
    pub body: Secret,
}

impl Reply {
    /// Whether the service could not answer: what the body says is no verdict on the request, and the same request may well
    /// succeed in a moment.
    #[must_use]
    pub const fn is_fault(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }
}

/// What `Retry-After` says (RFC 9110 §10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter<'a> {
    /// To wait for so long.
    Span(Duration),
    /// To wait until then: the host reads dates.
    Date(&'a str),
}

impl<'a> RetryAfter<'a> {
    /// Reads the field; nothing if it says neither.
    #[must_use]
    pub fn read(field: &'a str) -> Option<Self> {
        let field = field.trim();
        if !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Span(Duration::from_secs(field.parse().unwrap_or(u64::MAX))));
        }
        field.ends_with("GMT").then_some(Self::Date(field))
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
    /// In words, to follow a colon; secrets of the request are taken out.
    #[must_use]
    pub fn text(&self, request: &Request) -> String {
        let host = request.host();
        match self {
            Self::Network(cause) => format!("no reply from {host}: {}", request.redact(&cause.text)),
            Self::TimedOut => format!("no reply from {host} in time"),
            Self::TooLarge => format!("the reply from {host} is longer than 1 MiB"),
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
    fn what_the_service_could_not_answer_is_no_fault_of_the_request() {
        let reply = |status| Reply {
            status,
            retry_after: None,
            body: Secret::new(""),
        };
        let all = |is: fn(&Reply) -> bool| (0..=999).filter(|&status| is(&reply(status))).collect::<Vec<u16>>();
        assert_eq!(
            all(Reply::is_fault),
            [408, 429].into_iter().chain(500..600).collect::<Vec<_>>()
        );
    }

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        let span = |seconds| Some(RetryAfter::Span(Duration::from_secs(seconds)));
        for (field, read) in [
            ("7", span(7)),
            (" 007\t", span(7)),
            ("0", span(0)),
            ("99999999999999999999", span(u64::MAX)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            (
                "Fri, 31 Dec 1999 23:59:59 GMT",
                Some(RetryAfter::Date("Fri, 31 Dec 1999 23:59:59 GMT")),
            ),
        ] {
            assert_eq!(RetryAfter::read(field), read, "{field}");
        }
    }

    #[test]
    fn values_are_encoded_as_everybody_does() {
        let mut text: String = ('\0'..='\u{ff}').collect();
        text.push('\u{1f600}');
        let form = Form::new(&[("a", Field::Text(&text)), ("b", Field::Text(""))]);
        let expected: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        assert_eq!(form.encoded(), format!("a={expected}&b="));
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
        for spelling in ["top secret", "top+secret", "top%20secret"] {
            assert_eq!(
                request.redact(&format!("unknown code: {spelling}!")),
                "unknown code: [redacted]!"
            );
        }
    }
}
