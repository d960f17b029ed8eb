//! Flows that are not a credential's to go on with, and those that are: what was kept of them is what is read.

use crate::kept::{Kept, begun, begun_with, read, written};
use crate::secrecy::shows_no_secret;
use crate::server::Chance;
use crate::talk::options;
use entra_device_code::error::Error;
use entra_device_code::flow::ask::{AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::device_flow::{DeviceFlow, KeptFlow};
use entra_device_code::flow::event::Prompt;
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::secret::Secret;
use entra_device_code::time::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const ONCE: Purpose = Purpose::AcquireTokenByDeviceFlow { once: true };

/// Why a flow is not to be gone on with.
fn refused(kept: &Kept, config: &Config) -> String {
    for once in [false, true] {
        let asked = kept.ask(config, Purpose::AcquireTokenByDeviceFlow { once });
        match asked.expect_err("it is refused") {
            Error::InvalidArgument(why) => {
                shows_no_secret(&why);
                if once {
                    return why;
                }
            }
            Error::Authentication(failure) => {
                shows_no_secret(&failure.message);
                if once {
                    return failure.message;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    unreachable!()
}

#[test]
fn one_that_was_begun_elsewhere_names_both_places() {
    let elsewhere = |authority: &str| Config {
        authority: Authority::parse(authority).unwrap().into(),
        ..options()
    };
    // Not even another host of the same cloud.
    for authority in [
        "login.windows.net",
        "login.microsoftonline.com:8443",
        "proxy.contoso.com/login",
    ] {
        let why = refused(&begun(), &elsewhere(authority));
        for part in ["https://login.microsoftonline.com,", &format!("https://{authority}")] {
            assert!(why.contains(part), "{part} in {why}");
        }
    }
    for nonsense in [json!(null), json!(7), json!({})] {
        refused(&begun().with(json!({"authority": nonsense})), &options());
    }
    let kept = begun();
    assert!(kept.ask(&elsewhere("https://Login.MicrosoftOnline.com/"), ONCE).is_ok());
}

#[test]
fn one_in_a_tenant_that_is_not_allowed_here() {
    let allowing = |tenant: &str, allowed: &[&str]| Config {
        tenant: Tenant::parse(tenant).unwrap(),
        additionally_allowed_tenants: allowed.iter().map(|&tenant| tenant.to_owned()).collect(),
        ..options()
    };
    let in_contoso = AskOptions {
        tenant_id: Some("contoso.com".into()),
        ..AskOptions::default()
    };
    let kept = begun_with(allowing("fabrikam.com", &["contoso.com"]), in_contoso, json!({}));
    let why = refused(&kept, &allowing("fabrikam.com", &[]));
    assert!(why.contains("contoso.com"), "{why}");
    let ask = |config| kept.ask(&config, Purpose::AcquireTokenByDeviceFlow { once: false });
    assert_eq!(
        ask(allowing("fabrikam.com", &["*"])).unwrap().tenant.as_str(),
        "contoso.com"
    );
}

#[test]
fn one_that_lacks_something_or_has_something_else_in_its_place() {
    for name in ["deviceCode", "expiresOnTimestamp", "pollAfterTimestamp", "interval"] {
        let wrong = match name {
            "deviceCode" => vec![json!(null), json!(""), json!(7), json!(["DC-secret"]), json!({})],
            _ => vec![
                json!(null),
                json!(""),
                json!("soon"),
                json!(true),
                json!([5]),
                json!({}),
            ],
        };
        for value in wrong {
            let why = refused(&begun().with(json!({name: value})), &options());
            assert!(
                why.contains("must have all that `initiateDeviceFlow` resolved to"),
                "{name}: {why}"
            );
        }
    }
}

#[test]
fn what_was_kept_is_what_is_read() {
    let mut chance = Chance(0x5eed);
    let ask = Kept::of("User.Read", AskOptions::default(), "correlation".into());
    let ask = ask.ask(&options(), Purpose::InitiateDeviceFlow).unwrap();
    let scopes = ["User.Read".to_owned()];
    let prompt = Prompt {
        user_code: "UC".into(),
        verification_uri: "https://h/v".into(),
        verification_uri_complete: None,
        message: "enter UC".into(),
        expires_on: Timestamp::from_unix_millis(0),
    };
    for _ in 0..2000 {
        let letters: Vec<char> = "DC-éß\"\\/ \u{1f600}\u{0}\n&=+%".chars().collect();
        let code: String = (0..=chance.below(40)).map(|_| chance.pick(&letters)).collect();
        let mut seconds = || {
            let magnitude = chance.below(33);
            chance.below(1 + (1 << magnitude))
        };
        let flow = DeviceFlow {
            device_code: Secret::new(code),
            expires_on: Timestamp::from_unix_millis(seconds() * 1009),
            interval: Duration::from_secs(seconds().max(1)),
            backoff: Some(seconds()).filter(|backoff| *backoff > 0).map(Duration::from_secs),
            poll_after: Timestamp::from_unix_millis(seconds() * 1013),
        };
        let kept = written(&KeptFlow::begun(
            &flow,
            &prompt,
            &ask,
            &scopes,
            "correlation",
            &options(),
        ));
        let kept = serde_json::from_str(&kept.to_string()).unwrap();
        let reread = read(&kept, &options()).unwrap();
        let ask = reread.ask(&options(), true, false).unwrap();
        let read = ask.flow.as_ref().unwrap();
        assert_eq!(read.device_code.expose(), flow.device_code.expose());
        assert_eq!((read.expires_on, read.poll_after), (flow.expires_on, flow.poll_after));
        assert_eq!((read.interval, read.backoff), (flow.interval, flow.backoff));
        assert_eq!(written(&reread), kept);
        assert_eq!(written(&reread.continued(read)), kept);
    }
}

#[test]
fn what_others_added_and_how_they_ordered_it_does_not_matter() {
    let Value::Object(members) = begun().with(json!({"more": {"of": "theirs"}})).said.unwrap() else {
        unreachable!()
    };
    let reversed: Vec<String> = members
        .iter()
        .rev()
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    let text = format!("{{ {} }}", reversed.join(" ,\n"));
    let read = KeptFlow::read(&text, &options()).unwrap();
    let ask = read.ask(&options(), true, false).unwrap();
    assert_eq!(ask.flow.unwrap().device_code.expose(), "DC-secret");
}
