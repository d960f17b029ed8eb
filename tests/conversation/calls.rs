//! What callers do: they call, give up and vanish.

use crate::host::Caller;
use crate::kept::Kept;
use crate::talk::Conversation;
use crate::wire;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::event::{CallEvent, CallId};
use entra_device_code::protocol::http::Reply;
use entra_device_code::protocol::scope::Scopes;

impl Conversation {
    pub(crate) fn get_token(&mut self, scope: &str) -> CallId {
        self.get_token_with(scope, AskOptions::default())
    }

    pub(crate) fn get_token_with(&mut self, scope: &str, options: AskOptions) -> CallId {
        self.calls(Purpose::GetToken, Some(scope), options)
    }

    pub(crate) fn authenticate(&mut self, scope: Option<&str>) -> CallId {
        self.calls(Purpose::Authenticate, scope, AskOptions::default())
    }

    pub(crate) fn remove_account(&mut self) -> CallId {
        self.calls(Purpose::RemoveAccount, None, AskOptions::default())
    }

    pub(crate) fn get_accounts(&mut self) -> CallId {
        self.calls(Purpose::GetAccounts, None, AskOptions::default())
    }

    pub(crate) fn calls(&mut self, purpose: Purpose, scope: Option<&str>, options: AskOptions) -> CallId {
        let scopes = scope.map(|scope| Scopes::new([scope]).unwrap());
        let ask = Ask::new(self.credential.config(), purpose, scopes, options).expect("a valid call");
        self.asks(ask)
    }

    pub(crate) fn asks(&mut self, ask: Ask) -> CallId {
        self.begins(ask, format!("correlation-{}", self.callers.len()), None)
    }

    /// Begins a flow for somebody to go on with.
    pub(crate) fn initiates(&mut self, scope: &str) -> CallId {
        self.initiates_with(scope, AskOptions::default())
    }

    pub(crate) fn initiates_with(&mut self, scope: &str, options: AskOptions) -> CallId {
        let kept = Kept::of(scope, options, format!("flow-{}", self.callers.len()));
        let ask = kept.ask(self.credential.config(), Purpose::InitiateDeviceFlow);
        let ask = ask.expect("a valid call");
        self.begins(ask, kept.correlation_id.clone(), Some(kept))
    }

    /// Goes on with a flow to its end.
    pub(crate) fn goes_on(&mut self, kept: &Kept) -> CallId {
        self.goes_on_with(kept, false)
    }

    /// Polls once for a flow.
    pub(crate) fn polls_once(&mut self, kept: &Kept) -> CallId {
        self.goes_on_with(kept, true)
    }

    fn goes_on_with(&mut self, kept: &Kept, once: bool) -> CallId {
        let purpose = Purpose::AcquireTokenByDeviceFlow { once };
        let ask = kept.ask(self.credential.config(), purpose).expect("a valid flow");
        self.begins(ask, kept.correlation_id.clone(), Some(kept.clone()))
    }

    fn begins(&mut self, ask: Ask, correlation_id: String, kept: Option<Kept>) -> CallId {
        let scopes = ask.scopes.as_ref().map(|scopes| scopes.iter().collect::<Vec<_>>());
        let called = format!("{:?} {scopes:?}", ask.purpose);
        let id = self.credential.call(ask, correlation_id, self.now());
        self.note(format!("{id:?} calls: {called}"));
        self.callers.push(Caller {
            id,
            wakes_at: None,
            is_dead: false,
            is_waiting: true,
            kept,
        });
        self.drain();
        id
    }

    pub(crate) fn aborts(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?} aborts"));
        self.credential.handle_call(id, CallEvent::Aborted, self.now());
        self.drain();
        self
    }

    /// The caller's context ends without a word: nothing of what it does goes on.
    pub(crate) fn dies(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?}'s context ends"));
        let caller = self.callers.iter_mut().find(|caller| caller.id == id).unwrap();
        caller.is_dead = true;
        caller.wakes_at = None;
        self.doing.retain(|doing| doing.by != id);
        self
    }

    /// The timers of a caller's context do not fire for a while.
    pub(crate) fn stalls(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?}'s context stalls"));
        self.stalled.push(id);
        self
    }

    pub(crate) fn resumes(&mut self, id: CallId) -> &mut Self {
        self.note(format!("{id:?}'s context goes on"));
        self.stalled.retain(|other| *other != id);
        self
    }

    pub(crate) fn closes(&mut self) -> &mut Self {
        self.note("the credential is closed".into());
        self.credential.close();
        self.drain();
        self
    }

    /// The user signs in from beginning to end, at this very moment if the last poll is.
    pub(crate) fn signs_in(&mut self, scope: &str, token: Reply) -> &mut Self {
        let seconds = self.seconds();
        let caller = self.get_token(scope);
        self.sends(wire::DEVICE_CODE).replied(wire::device_code());
        self.prompts("ABCD1234");
        self.at(seconds + 5.0).sends(wire::TOKEN).replied(token);
        self.finishes(caller).token();
        self
    }
}
