//! A flow as a program keeps it, between the one that begins it and the one that goes on with it.

use crate::talk::Conversation;
use crate::wire;
use entra_device_code::error::Error;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::device_flow::DeviceFlow;
use entra_device_code::flow::event::CallId;
use entra_device_code::json::Object;
use entra_device_code::protocol::scope::Scopes;
use serde_json::{Value, json};
use std::rc::Rc;

#[derive(Clone)]
pub(crate) struct Kept {
    /// What the credential said of it. Nothing before it has begun.
    pub(crate) said: Option<Value>,
    scope: String,
    pub(crate) options: AskOptions,
    pub(crate) correlation_id: String,
}

impl Kept {
    pub(crate) fn of(scope: &str, options: AskOptions, correlation_id: String) -> Self {
        Self {
            said: None,
            scope: scope.to_owned(),
            options,
            correlation_id,
        }
    }

    /// The same flow with other members; `null` takes one out.
    pub(crate) fn with(&self, other: Value) -> Self {
        Self {
            said: Some(wire::with(self.said.clone().unwrap(), other)),
            ..self.clone()
        }
    }

    /// Its device code.
    pub(crate) fn code(&self) -> &str {
        self.said.as_ref().unwrap()["deviceCode"].as_str().unwrap()
    }

    /// What a credential is asked with it, or why it is not its to go on with.
    pub(crate) fn ask(&self, config: &Config, purpose: Purpose) -> Result<Ask, Error> {
        let scopes = Scopes::new([&self.scope]).unwrap();
        let mut ask = Ask::new(config, purpose, Some(scopes), self.options.clone())?;
        if let Some(said) = &self.said {
            let said = Object::parse(&said.to_string()).unwrap();
            let flow = DeviceFlow::read(said, config).map_err(Error::InvalidArgument)?;
            ask.flow = Some(Rc::new(flow));
        }
        Ok(ask)
    }
}

/// What is kept of a flow.
pub(crate) fn written(flow: &DeviceFlow, config: &Config) -> Value {
    let mut numbers = Object::default();
    flow.write(&mut numbers);
    let numbers = serde_json::from_str(&numbers.to_json()).unwrap();
    let secret = flow.device_code.expose();
    wire::with(
        json!({"deviceCode": secret, "authority": config.authority.url()}),
        numbers,
    )
}

impl Conversation {
    /// A caller gets a flow, and keeps it.
    pub(crate) fn keeps(&mut self, id: CallId) -> Kept {
        let finished = self.finishes(id);
        let outcome = finished.outcome();
        assert!(outcome.token.is_none() && outcome.record.is_none() && outcome.accounts.is_empty());
        let said = written(
            outcome.flow.as_ref().expect("there is a flow"),
            self.credential.config(),
        );
        let caller = self.callers.iter().find(|caller| caller.id == id).unwrap();
        Kept {
            said: Some(said),
            ..caller.kept.clone().unwrap()
        }
    }
}

/// What one process begins at the beginning: a flow for `User.Read` that lives for 15 minutes, a poll every 5 seconds.
pub(crate) fn begun() -> Kept {
    begun_with(crate::talk::options(), AskOptions::default(), json!({}))
}

pub(crate) fn begun_with(config: Config, options: AskOptions, authorization: Value) -> Kept {
    let mut talk = Conversation::new(config);
    let ada = talk.initiates_with("User.Read", options);
    talk.sends("POST …/devicecode")
        .replied(wire::device_code_with(authorization));
    talk.keeps(ada)
}
