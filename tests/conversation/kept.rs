//! A flow as a program keeps it, between the one that begins it and the one that goes on with it.

use crate::talk::Conversation;
use crate::wire;
use entra_device_code::error::Error;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::device_flow::KeptFlow;
use entra_device_code::flow::event::{CallId, Outcome};
use entra_device_code::protocol::scope::Scopes;
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Kept {
    /// What the program keeps. Nothing before the flow has begun.
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

    /// The same flow with other members; `null` takes one out. Whoever made it knew how to make it fit.
    pub(crate) fn with(&self, other: Value) -> Self {
        Self {
            said: Some(sealed(wire::with(self.said.clone().unwrap(), other))),
            ..self.clone()
        }
    }

    /// The flow as it stands after a call that began it, or went on with it.
    pub(crate) fn after(&self, outcome: &Outcome, config: &Config) -> Self {
        let flow = outcome.flow.as_ref().expect("there is a flow");
        let kept = match (&self.said, &outcome.prompt) {
            (Some(said), _) => read(said, config).unwrap().continued(flow),
            (None, prompt) => {
                let prompt = prompt.as_ref().expect("there is something to show");
                let ask = self.ask(config, Purpose::InitiateDeviceFlow).unwrap();
                let scopes = [self.scope.clone()];
                KeptFlow::begun(flow, prompt, &ask, &scopes, &self.correlation_id, config)
            }
        };
        Self {
            said: Some(written(&kept)),
            ..self.clone()
        }
    }

    /// Its device code.
    pub(crate) fn code(&self) -> &str {
        self.said.as_ref().unwrap()["deviceCode"].as_str().unwrap()
    }

    /// What a credential is asked for, to begin the flow or to go on with it, or why it is not its to go on with.
    pub(crate) fn ask(&self, config: &Config, purpose: Purpose) -> Result<Ask, Error> {
        let Purpose::AcquireTokenByDeviceFlow { once } = purpose else {
            let scopes = Scopes::new([&self.scope]).unwrap();
            return Ask::new(config, purpose, Some(scopes), self.options.clone());
        };
        let kept = read(self.said.as_ref().unwrap(), config).map_err(Error::InvalidArgument)?;
        assert_eq!(kept.correlation_id(), self.correlation_id);
        kept.ask(config, once, false)
    }
}

/// What a program keeps of a flow.
pub(crate) fn written(kept: &KeptFlow) -> Value {
    serde_json::from_str(kept.json()).unwrap()
}

pub(crate) fn read(said: &Value, config: &Config) -> Result<KeptFlow, String> {
    KeptFlow::read(&said.to_string(), config)
}

/// The members with an integrity that fits, as version 1 has it: anyone can compute that.
pub(crate) fn sealed(mut said: Value) -> Value {
    let members = said.as_object_mut().unwrap();
    members.remove("integrity");
    let mut sorted: Vec<Value> = members.iter().map(|(name, value)| json!([name, value])).collect();
    sorted.sort_by_key(|member| member[0].as_str().unwrap().to_owned());
    let (mut one, mut other) = (0x811c_9dc5_u32, 0xcbf2_9ce4_u32);
    for unit in json!(sorted).to_string().encode_utf16() {
        one = (one ^ u32::from(unit)).wrapping_mul(0x0100_0193);
        other = (other ^ u32::from(unit)).wrapping_mul(0x85eb_ca6b);
    }
    said["integrity"] = json!(format!("{one:08x}{other:08x}"));
    said
}

impl Conversation {
    /// A caller gets a flow, and keeps it.
    pub(crate) fn keeps(&mut self, id: CallId) -> Kept {
        let finished = self.finishes(id);
        let outcome = finished.outcome();
        assert!(outcome.token.is_none() && outcome.record.is_none() && outcome.accounts.is_empty());
        let caller = self.callers.iter().find(|caller| caller.id == id).unwrap();
        let kept = caller.kept.as_ref().unwrap();
        kept.after(outcome, self.credential.config())
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
