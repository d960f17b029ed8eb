//! What a test expects of a request, of a result, of the store.

use crate::talk::Conversation;
use crate::wire;
use entra_device_code::error::{Cause, Error, Failure, Required};
use entra_device_code::flow::event::{CallId, Effect, IoEvent, IoId, Outcome};
use entra_device_code::protocol::http::{Fault, Reply, Request};
use entra_device_code::record::AuthenticationRecord;
use entra_device_code::secret::Secret;
use std::rc::Rc;

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

/// The result of a call.
#[must_use]
#[derive(Debug)]
pub(crate) struct Finished(pub(crate) Rc<Result<Box<Outcome>, Error>>);

impl Finished {
    pub(crate) fn outcome(&self) -> &Outcome {
        self.0.as_ref().as_ref().expect("the call succeeds")
    }

    pub(crate) fn token(&self) -> &str {
        let token = self.outcome().token.as_ref().expect("there is a token");
        token.secret.expose()
    }

    pub(crate) fn with_token(self, token: &str) {
        assert_eq!(self.token(), token);
    }

    pub(crate) fn record(&self) -> Result<AuthenticationRecord, &'static str> {
        self.outcome().record.clone().expect("the user signed in")
    }

    /// Authentication failed, and the message says so.
    pub(crate) fn failing(self, message: &str) -> Failure {
        match self.0.as_ref() {
            Err(Error::Authentication(failure)) if failure.message.contains(message) => *failure.clone(),
            other => panic!("expected a failure that says {message:?}, but there is {other:?}"),
        }
    }

    /// The server refused.
    pub(crate) fn refused(self, error: &str) {
        let failure = self.failing("Authentication failed: ");
        assert_eq!(failure.response.expect("an OAuth error").error, error);
    }

    /// There was no sign of the user until the end.
    pub(crate) fn timed_out(self) -> Failure {
        self.failing("Timed out waiting for user to authenticate")
    }

    pub(crate) fn aborted(self) {
        assert!(matches!(self.0.as_ref(), Err(Error::Aborted)), "{:?}", self.0);
    }

    pub(crate) fn unavailable(self, message: &str) {
        match self.0.as_ref() {
            Err(Error::Unavailable(said)) if said.contains(message) => {}
            other => panic!("expected \"unavailable\" that says {message:?}, but there is {other:?}"),
        }
    }

    /// The user must interact.
    pub(crate) fn required(self) -> Required {
        match self.0.as_ref() {
            Err(Error::Required(required)) => *required.clone(),
            other => panic!("expected that interaction is required, but there is {other:?}"),
        }
    }
}

/// The persistent cache is being read or written.
#[must_use]
pub(crate) struct Stored<'a> {
    pub(crate) talk: &'a mut Conversation,
    pub(crate) io: IoId,
    pub(crate) enable_cae: bool,
}

impl Stored<'_> {
    /// Reading: it holds this.
    pub(crate) fn holds(self, content: Option<&str>) {
        self.talk.note(format!("the store holds {content:?}"));
        self.talk
            .happens(self.io, IoEvent::Loaded(Ok(content.map(Secret::new))));
    }

    /// Reading fails.
    pub(crate) fn cannot_be_read(self, why: &str) {
        self.talk.happens(self.io, IoEvent::Loaded(Err(Cause::text(why))));
    }

    /// Writing: merged with what it holds, under its lock.
    pub(crate) fn into(self, store: &mut String) {
        *store = self
            .talk
            .credential
            .merge(self.enable_cae, store)
            .expect("the store holds a cache");
        self.talk.happens(self.io, IoEvent::Saved(Ok(())));
    }

    /// Writing: fails after merging.
    pub(crate) fn fails(self, store: &str, why: &str) {
        let merged = self.talk.credential.merge(self.enable_cae, store);
        assert!(merged.is_ok());
        self.talk.happens(self.io, IoEvent::Saved(Err(Cause::text(why))));
    }

    /// The store does not answer.
    pub(crate) fn hangs(self) -> IoId {
        self.io
    }
}

/// Signs Ada in for `User.Read` with the tokens AT1 and RT1, in the first five seconds.
pub(crate) fn signed_in(options: entra_device_code::flow::config::Config) -> Conversation {
    let mut talk = Conversation::new(options);
    talk.signs_in("User.Read", wire::token("AT1", "RT1"));
    talk
}
