//! Beginning a flow that somebody goes on with later: a code, and nothing else.

use crate::talk::{Conversation, EPOCH, options};
use crate::wire::*;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::flow::config::Config;
use entra_device_code::flow::event::CallId;
use entra_device_code::protocol::authority::Authority;
use entra_device_code::time::Timestamp;
use serde_json::json;
use std::time::Duration;

fn anywhere() -> Config {
    Config {
        authority: Authority::parse("id.example").unwrap().into(),
        disable_instance_discovery: true,
        ..options()
    }
}

const METADATA: &str = "GET https://id.example/organizations/v2.0/.well-known/openid-configuration";

fn endpoints() -> entra_device_code::protocol::http::Reply {
    let endpoints = json!({
        "token_endpoint": "https://id.example/token",
        "device_authorization_endpoint": "https://id.example/d",
    });
    reply(200, endpoints.to_string())
}

/// A call that waits for its user.
fn prompts(talk: &mut Conversation, scope: &str) -> CallId {
    let caller = talk.get_token(scope);
    talk.shows_a_code();
    caller
}

#[test]
fn it_resolves_to_a_flow_that_says_everything_and_nobody_polls() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    let request = talk
        .sends(DEVICE_CODE)
        .with("client_id", "client")
        .with("scope", "User.Read offline_access openid profile");
    assert_eq!(request.fields(), ["client_id", "scope"]);
    assert_eq!(request.header("client-request-id"), Some("flow-0"));
    request.replied(device_code_with(json!({
        "verification_uri_complete": "https://microsoft.com/devicelogin?code=ABCD1234",
        "interval": 7,
    })));

    let finished = talk.finishes(ada);
    let outcome = finished.outcome();
    assert!(outcome.token.is_none() && outcome.record.is_none() && outcome.accounts.is_empty());
    let shown = outcome.prompt.as_ref().unwrap();
    assert_eq!(shown.user_code, "ABCD1234");
    assert_eq!(shown.verification_uri, "https://microsoft.com/devicelogin");
    assert_eq!(
        shown.verification_uri_complete.as_deref(),
        Some("https://microsoft.com/devicelogin?code=ABCD1234")
    );
    assert_eq!(shown.message, "Open the page and enter ABCD1234.");
    assert_eq!(shown.expires_on, Timestamp::from_unix_secs(EPOCH + 900));
    let flow = outcome.flow.as_ref().unwrap();
    assert_eq!(flow.device_code.expose(), "DC-secret");
    assert_eq!(flow.expires_on, Timestamp::from_unix_secs(EPOCH + 900));
    assert_eq!(flow.poll_after, Timestamp::from_unix_secs(EPOCH + 7));
    assert_eq!((flow.interval, flow.backoff), (Duration::from_secs(7), None));

    assert!(talk.credential.is_idle());
    talk.at(1000).nothing_else();
}

#[test]
fn what_is_kept_of_it_is_in_milliseconds_and_seconds() {
    let kept = crate::kept::begun();
    assert_eq!(
        kept.said.unwrap(),
        json!({
            "userCode": "ABCD1234",
            "verificationUri": "https://microsoft.com/devicelogin",
            "message": "Open the page and enter ABCD1234.",
            "deviceCode": "DC-secret",
            "authority": "https://login.microsoftonline.com",
            "expiresOnTimestamp": (EPOCH + 900) * 1000,
            "pollAfterTimestamp": (EPOCH + 5) * 1000,
            "interval": 5,
            "clientId": "client",
            "tenantId": "organizations",
            "scopes": ["User.Read"],
            "enableCae": false,
            "correlationId": "flow-0",
            "version": "1",
            "integrity": "8a4260718d55855c",
        })
    );
}

#[test]
fn claims_and_a_session_with_continuous_access_evaluation_are_asked_for() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates_with(
        "User.Read",
        AskOptions {
            claims: Some(r#"{"userinfo":{}}"#.into()),
            enable_cae: true,
            tenant_id: Some("contoso.com".into()),
            ..AskOptions::default()
        },
    );
    talk.sends("POST https://login.microsoftonline.com/contoso.com/oauth2/v2.0/devicecode")
        .with(
            "claims",
            r#"{"userinfo":{},"access_token":{"xms_cc":{"values":["CP1"]}}}"#,
        )
        .replied(device_code());
    talk.keeps(ada);
}

#[test]
fn the_endpoints_of_a_stranger_are_found_first() {
    let mut talk = Conversation::new(anywhere());
    let ada = talk.initiates("User.Read");
    talk.sends(METADATA).replied(endpoints());
    talk.sends("POST https://id.example/d").replied(device_code());
    let kept = talk.keeps(ada);
    assert_eq!(kept.said.unwrap()["authority"], "https://id.example");
}

#[test]
fn a_timeout_ends_it_before_the_code_and_a_longer_one_does_not_lengthen_it() {
    for (timeout, life) in [(12, 12), (0, 0), (3600, 900)] {
        let config = Config {
            timeout: Some(Duration::from_secs(timeout)),
            ..options()
        };
        let kept = crate::kept::begun_with(config, AskOptions::default(), json!({}));
        assert_eq!(kept.said.unwrap()["expiresOnTimestamp"], (EPOCH + life) * 1000);
    }
}

#[test]
fn each_call_begins_a_flow_of_its_own() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    let bea = talk.initiates("User.Read");
    let first = talk.sends(DEVICE_CODE).by(ada).hangs();
    talk.sends(DEVICE_CODE)
        .by(bea)
        .replied(device_code_with(json!({"device_code": "DC-bea"})));
    assert_eq!(talk.keeps(bea).said.unwrap()["deviceCode"], "DC-bea");
    talk.at(1)
        .answers(first, device_code_with(json!({"device_code": "DC-ada"})));
    assert_eq!(talk.keeps(ada).said.unwrap()["deviceCode"], "DC-ada");
}

#[test]
fn it_does_not_wait_for_whoever_is_signing_in() {
    let mut talk = Conversation::new(options());
    let ada = prompts(&mut talk, "User.Read");
    let bea = talk.at(2).initiates("Mail.Read");
    talk.sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.keeps(bea);
    talk.at(5).sends(TOKEN).by(ada).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");

    let kept = crate::kept::begun();
    let mut talk = Conversation::new(options());
    let ada = talk.goes_on(&kept);
    let bea = talk.at(2).initiates("Mail.Read");
    talk.sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.keeps(bea);
    talk.at(5).sends(TOKEN).by(ada).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn where_the_endpoints_must_be_found_it_does_not_wait_for_whoever_is_signing_in_either() {
    let mut talk = Conversation::new(anywhere());
    let ada = talk.get_token("User.Read");
    let bea = talk.initiates("User.Read");
    let cyd = talk.initiates("User.Read");
    talk.sends(METADATA).replied(endpoints());
    for caller in [ada, bea, cyd] {
        talk.sends("POST https://id.example/d")
            .by(caller)
            .replied(device_code());
    }
    talk.prompts("ABCD1234");
    talk.keeps(bea);
    talk.keeps(cyd);
    talk.at(5)
        .sends("POST https://id.example/token")
        .replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn who_may_not_prompt_may_begin_a_flow() {
    let disable_automatic_authentication = true;
    let config = Config {
        disable_automatic_authentication,
        ..options()
    };
    crate::kept::begun_with(config, AskOptions::default(), json!({}));
}

#[test]
fn it_fails_as_any_sign_in_does() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    talk.sends(DEVICE_CODE).replied(reply(503, ""));
    talk.at(0.8).sends(DEVICE_CODE).replied(error("invalid_client"));
    talk.finishes(ada).refused("invalid_client");

    let ada = talk.initiates("User.Read");
    talk.sends(DEVICE_CODE)
        .replied(device_code_with(json!({"user_code": null})));
    talk.finishes(ada).failing("`user_code`");

    let ada = talk.initiates("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(ada).cancels(request).finishes(ada).aborted();

    let ada = talk.initiates("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.closes().cancels(request).finishes(ada).unavailable("closed");
}
