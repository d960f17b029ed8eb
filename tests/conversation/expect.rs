//! What a test expects of a request.

use crate::talk::Conversation;
use crate::wire;
use entra_device_code::flow::event::{CallId, Effect, IoId};
use entra_device_code::protocol::http::{Fault, Reply, Request};

/// `POST https://…`.
pub(crate) fn line(request: &Request) -> String {
    let method = if request.form.is_some() { "POST" } else { "GET" };
    format!("{method} {}", request.url)
}

/// Whether a text is what was expected, of which each `…` stands for any part.
pub(crate) fn matches(text: &str, expected: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    false
}

/// An effect in a transcript.
pub(crate) fn effect_line(effect: &Effect) -> String {
    match effect {
        Effect::Send { io, request, .. } => format!("{io:?} {}", line(request)),
        Effect::Prompt(job, prompt) => format!("{job:?} prompts {}", prompt.user_code),
        other => format!("{other:?}"),
    }
}

/// A reply in a transcript.
pub(crate) fn shown(replied: &Result<Reply, Fault>) -> String {
    match replied {
        Ok(reply) => format!("{} {}", reply.status, reply.body.expose()),
        Err(fault) => format!("{fault:?}"),
    }
}

/// A reply, or a fault.
pub(crate) struct Answer(pub(crate) Result<Reply, Fault>);

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self(Ok(reply))
    }
}

impl From<Result<Reply, Fault>> for Answer {
    fn from(replied: Result<Reply, Fault>) -> Self {
        Self(replied)
    }
}

/// A request that was sent just now.
#[must_use]
pub(crate) struct Sent<'a> {
    pub(crate) talk: &'a mut Conversation,
    pub(crate) io: IoId,
    pub(crate) by: CallId,
    pub(crate) request: Request,
}

impl Sent<'_> {
    /// The server answers at once.
    pub(crate) fn replied(self, reply: impl Into<Answer>) {
        self.talk.answers(self.io, reply);
    }

    /// No answer for now; one may come with [`Conversation::answers`].
    pub(crate) fn hangs(self) -> IoId {
        self.io
    }

    /// Whose context sent it.
    pub(crate) fn by(self, caller: CallId) -> Self {
        assert_eq!(self.by, caller, "who sends {}", line(&self.request));
        self
    }

    /// A field of the form.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        assert_eq!(
            self.field(name).as_deref(),
            Some(value),
            "`{name}` of {}",
            line(&self.request)
        );
        self
    }

    /// The form has no such field.
    pub(crate) fn without(self, name: &str) -> Self {
        assert_eq!(self.field(name), None, "`{name}` of {}", line(&self.request));
        self
    }

    /// The names of the form's fields, in order.
    pub(crate) fn fields(&self) -> Vec<String> {
        let form = self
            .request
            .form
            .as_ref()
            .map(|form| form.encoded())
            .unwrap_or_default();
        form_urlencoded::parse(form.as_bytes())
            .map(|(name, _)| name.into_owned())
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.request.headers.iter().filter(|(known, _)| *known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is sent twice");
        value
    }

    fn field(&self, name: &str) -> Option<String> {
        let form = self.request.form.as_ref()?.encoded().as_bytes();
        form_urlencoded::parse(form)
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// Signs Ada in for `User.Read` with the tokens AT1 and RT1, in the first five seconds.
pub(crate) fn signed_in(options: entra_device_code::flow::config::Config) -> Conversation {
    let mut talk = Conversation::new(options);
    talk.signs_in("User.Read", wire::token("AT1", "RT1"));
    talk
}
