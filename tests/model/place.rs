//! Where it happens: a credential's configuration, and histories to begin with.

use crate::actions::{Action, Answer, Foreign, Wish};
use crate::server::id_of;
use entra_device_code::flow::config::{Config, Persistence, Retry};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::record::AuthenticationRecord;
use std::time::Duration;

pub(crate) const INTERVAL: u64 = 5_000;

/// A place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: Host,
    pub(crate) persistence: Option<Persistence>,
    /// The credential is given the record of user 0.
    pub(crate) has_record: bool,
    pub(crate) timeout: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    WellKnown,
    /// Its endpoints are asked for, and it is trusted. User 0 has a token there that had better be renewed.
    Trusted,
    /// Microsoft is asked about it, too.
    Unknown,
}

impl Host {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::WellKnown => "login.microsoftonline.com",
            Self::Trusted | Self::Unknown => "id.example",
        }
    }
}

pub(crate) const PLAIN: Place = Place {
    host: Host::WellKnown,
    persistence: None,
    has_record: false,
    timeout: None,
};
pub(crate) const WHOLE: Place = Place {
    persistence: Some(Persistence::Whole),
    timeout: Some(20_000),
    ..PLAIN
};
pub(crate) const PARTITIONED: Place = Place {
    persistence: Some(Persistence::Partitioned),
    has_record: true,
    ..PLAIN
};
pub(crate) const AGING: Place = Place {
    host: Host::Trusted,
    has_record: true,
    timeout: Some(20_000),
    ..PLAIN
};
pub(crate) const AGING_STORED: Place = Place {
    persistence: Some(Persistence::Whole),
    ..AGING
};
pub(crate) const UNKNOWN: Place = Place {
    host: Host::Unknown,
    ..PLAIN
};

const YES: Action = Action::Answer {
    newest: false,
    with: Answer::Yes,
};

impl Place {
    pub(crate) fn config(self) -> Config {
        let record = AuthenticationRecord {
            authority: self.host.name().into(),
            client_id: "client".into(),
            home_account_id: id_of(0),
            tenant_id: "organizations".into(),
            username: "u0".into(),
        };
        Config {
            record: self.has_record.then_some(record),
            disable_instance_discovery: self.host == Host::Trusted,
            persistence: self.persistence,
            timeout: self.timeout.map(Duration::from_millis),
            retry: Retry {
                max_retries: 1,
                ..Retry::default()
            },
            os: "test".into(),
            ..Config::new(
                "client".into(),
                Authority::parse(self.host.name()).unwrap(),
                Tenant::parse("organizations").unwrap(),
            )
        }
    }

    /// Where histories begin.
    pub(crate) fn starts(self) -> Vec<Vec<Action>> {
        let call = Action::Call(Wish::Token);
        // Until a prompt is shown; a store is read before.
        let before: &[Action] = match (self.host, self.persistence, self.has_record) {
            (Host::Trusted, Some(_), _) => &[call, YES, YES],
            (Host::Unknown, ..) => &[call, YES, YES, YES],
            (_, None, _) => &[call, YES],
            (_, Some(_), false) => &[call, YES, YES],
            // There is a token of user 0, and somebody else signs in.
            (_, Some(_), true) => &[
                Action::Write(Foreign::Renewed),
                Action::Call(Wish::Authenticate),
                YES,
                YES,
            ],
        };
        let after: &[Action] = if self.persistence.is_some() { &[YES] } else { &[] };
        let granted = [before, &[Action::Wait(INTERVAL), YES]].concat();
        let signed_in = [&granted, after].concat();
        // The token has expired, and is being renewed.
        let renewing = [Action::Wait(3_000_000), Action::Wait(3_000_000), call];
        // What is stored is known, and about to be removed.
        let signing_out: &[Action] = match self.persistence {
            Some(_) => &[Action::Call(Wish::SignOut), YES, YES],
            None => &[Action::Call(Wish::SignOut)],
        };
        let mut starts = vec![Vec::new(), before.to_vec(), granted];
        for after in [&[], renewing.as_slice(), signing_out] {
            starts.push([signed_in.as_slice(), after].concat());
        }
        starts.dedup();
        starts
    }
}
