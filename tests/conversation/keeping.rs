//! What a program keeps of a flow is all of it, as it was: anything else is refused before anything is sent.

use crate::kept::{Kept, begun, begun_with, read, sealed, written};
use crate::secrecy::shows_no_secret;
use crate::talk::options;
use entra_device_code::flow::ask::{AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::protocol::authority::Tenant;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A flow that has every member there is.
fn complete() -> Kept {
    let options = AskOptions {
        claims: Some(r#"{"a":1}"#.into()),
        tenant_id: Some("contoso.com".into()),
        enable_cae: true,
        ..AskOptions::default()
    };
    let complete = json!({"verification_uri_complete": "https://microsoft.com/devicelogin?c=A"});
    begun_with(crate::talk::options(), options, complete).with(json!({"backoff": 10}))
}

/// Why it is refused.
fn refused(said: &Value, config: &Config) -> String {
    let why = read(said, config).expect_err("it is refused");
    shows_no_secret(&why);
    why
}

#[test]
fn the_checksum_is_what_it_was_in_the_first_release() {
    let said: Value = serde_json::from_str(FIRST).unwrap();
    let kept = read(&said, &options()).unwrap();
    assert_eq!(written(&kept), said);
    assert_eq!(sealed(said.clone()), said);
}

/// As the first release wrote it.
const FIRST: &str = r#"{"userCode":"ABCD1234","verificationUri":"https://microsoft.com/devicelogin","verificationUriComplete":"https://microsoft.com/devicelogin?c=A","message":"Gehe zu \"…\" \\   \u0000  🔑 \b\f\n\r\t/","deviceCode":"DC-secret","authority":"https://login.microsoftonline.com","expiresOnTimestamp":1767226500000,"pollAfterTimestamp":1767225605000,"interval":5,"backoff":9007199254740991,"clientId":"client","tenantId":"contoso.com","requestedTenantId":"contoso.com","scopes":["b","a"],"claims":"{\"a\":1}","enableCae":true,"correlationId":"flow-0","version":"1","integrity":"ddcf72e03f7b20e1"}"#;

#[test]
fn a_change_to_any_member_is_found() {
    let kept = complete();
    let said = kept.said.as_ref().unwrap();
    assert!(read(said, &options()).is_ok());
    let members = said.as_object().unwrap();
    assert_eq!(members.len(), 19);
    for name in members.keys() {
        for other in [json!("other"), json!(7), json!(null), json!([]), json!({})] {
            let mut changed = said.clone();
            changed[name] = other;
            assert!(refused(&changed, &options()).starts_with("was changed"), "{name}");
        }
        let mut less = members.clone();
        less.shift_remove(name);
        assert!(refused(&json!(less), &options()).starts_with("was changed"), "{name}");
    }
    let mut more = said.clone();
    more["more"] = json!(null);
    assert!(refused(&more, &options()).starts_with("was changed"));
    assert!(refused(&json!({}), &options()).starts_with("was changed"));
}

#[test]
fn another_version_is_named() {
    for (version, named) in [
        (json!("2"), "2"),
        (json!(1), "1"),
        (json!(""), ""),
        (json!({"a": []}), r#"{"a":[]}"#),
        (json!(null), "undefined"),
    ] {
        let why = refused(
            begun().with(json!({"version": version})).said.as_ref().unwrap(),
            &options(),
        );
        assert_eq!(
            why,
            format!("has the version {named}, and this release of the package knows version 1")
        );
    }
}

#[test]
fn members_that_no_flow_has_are_refused() {
    for (name, odd) in [
        (
            "scopes",
            vec![
                json!(null),
                json!("a"),
                json!([]),
                json!([""]),
                json!(["a", 7]),
                json!(["a", " \t"]),
            ],
        ),
        ("enableCae", vec![json!(null), json!("yes"), json!(1)]),
        ("correlationId", vec![json!(null), json!(""), json!(7)]),
        ("claims", vec![json!(7), json!(""), json!({"a": 1})]),
        (
            "requestedTenantId",
            vec![json!(false), json!(" "), json!(["contoso.com"])],
        ),
    ] {
        for odd in odd {
            let kept = complete().with(json!({name: odd}));
            let why = refused(kept.said.as_ref().unwrap(), &options());
            assert!(
                why.starts_with("has members that `initiateDeviceFlow` would not have given it"),
                "{name}: {why}"
            );
        }
    }
}

#[test]
fn whose_it_is_is_said() {
    let other = Config {
        client_id: "other".into(),
        ..options()
    };
    assert_eq!(
        refused(begun().said.as_ref().unwrap(), &other),
        "was begun with the clientId client, and this credential's is other"
    );
    let contoso = || Config {
        tenant: Tenant::parse("contoso.com").unwrap(),
        ..options()
    };
    assert_eq!(
        refused(begun().said.as_ref().unwrap(), &contoso()),
        "was begun with the tenantId organizations, and this credential's is contoso.com"
    );
    // A tenant that was named goes before the credential's own.
    assert!(read(complete().said.as_ref().unwrap(), &contoso()).is_ok());
}

#[test]
fn what_else_it_has_stays_with_it_whoever_goes_on() {
    let kept = complete().with(json!({"theirs": {"z": 1.5, "a": "\u{1f511}"}}));
    let said = kept.said.as_ref().unwrap();
    let flow = read(said, &options()).unwrap();
    let ask = flow.ask(&options(), true, false).unwrap();
    let mut standing = (**ask.flow.as_ref().unwrap()).clone();
    standing.backoff = None;
    standing.interval = Duration::from_secs(11);
    let after = kept.with(json!({"backoff": null, "interval": 11}));
    assert_eq!(written(&flow.continued(&standing)), after.said.unwrap());
    // As far as JavaScript counts.
    standing.backoff = Some(Duration::MAX);
    let after = written(&flow.continued(&standing));
    assert_eq!(after["backoff"], 9_007_199_254_740_991_u64);
    assert!(read(&after, &options()).is_ok());
}

#[test]
fn a_flow_asks_for_what_it_was_begun_for() {
    let kept = complete();
    let begins = kept.ask(&options(), Purpose::InitiateDeviceFlow).unwrap();
    let flow = read(kept.said.as_ref().unwrap(), &options()).unwrap();
    for once in [false, true] {
        let goes_on = flow.ask(&options(), once, false).unwrap();
        assert_eq!(goes_on.purpose, Purpose::AcquireTokenByDeviceFlow { once });
        assert_eq!(
            (&goes_on.scopes, &goes_on.claims, &goes_on.tenant, goes_on.enable_cae),
            (&begins.scopes, &begins.claims, &begins.tenant, begins.enable_cae)
        );
    }
}

#[test]
fn the_order_of_the_members_is_that_of_the_first_release() {
    let Value::Object(first) = serde_json::from_str(FIRST).unwrap() else {
        unreachable!()
    };
    let Some(Value::Object(ours)) = begun().said else {
        unreachable!()
    };
    let names = |members: &Map<String, Value>| members.keys().cloned().collect::<Vec<_>>();
    let mut expected = names(&first);
    expected.retain(|name| ours.contains_key(name));
    assert_eq!(names(&ours), expected);
}

#[test]
fn debug_shows_no_device_code() {
    let flow = read(complete().said.as_ref().unwrap(), &options()).unwrap();
    let shown = format!("{flow:?} {flow:#?}");
    shows_no_secret(&shown);
    assert!(shown.contains("interval"), "{shown}");
}
