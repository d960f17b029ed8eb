//! What a test expects of a result.

use entra_device_code::error::{Error, Failure, Required};
use entra_device_code::flow::event::Outcome;
use entra_device_code::record::AuthenticationRecord;
use std::rc::Rc;

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

    /// These accounts, by name.
    pub(crate) fn with_accounts(self, names: &[&str]) {
        let accounts = self.outcome().accounts.iter();
        assert_eq!(
            accounts.map(|account| account.username.as_str()).collect::<Vec<_>>(),
            names
        );
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
