//! Requests that are not polls are repeated when the network or the service fails.

use crate::expect::signed_in;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::error::Cause;
use entra_device_code::flow::config::{Config, Retry};
use entra_device_code::protocol::authority::Authority;
use entra_device_code::protocol::http::Fault;
use serde_json::json;

#[test]
fn three_times_after_0_8_then_1_6_then_3_2_seconds() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(dropped());
    talk.at(0.8).sends(DEVICE_CODE).replied(reply(503, "<html>"));
    talk.at(2.4).sends(DEVICE_CODE).replied(reply(408, ""));
    talk.at(5.6).sends(DEVICE_CODE).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(10.6).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn then_the_last_failure_is_told() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    for seconds in [0.0, 0.8, 2.4] {
        talk.at(seconds).sends(DEVICE_CODE).replied(dropped());
    }
    talk.at(5.6)
        .sends(DEVICE_CODE)
        .replied(reply(504, r#"{"error":"temporarily_unavailable"}"#));
    let failure = talk.finishes(ada).failing("The device authorization request failed");
    assert_eq!(failure.status, Some(504));
    assert_eq!(failure.response.unwrap().error, "temporarily_unavailable");
}

#[test]
fn a_broken_connection_is_told_with_its_cause() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    for seconds in [0.0, 0.8, 2.4, 5.6] {
        talk.at(seconds).sends(DEVICE_CODE).replied(dropped());
    }
    let failure = talk.finishes(ada).failing("connection reset");
    assert_eq!(
        (failure.status, failure.cause.unwrap().text.as_str()),
        (None, "connection reset")
    );
    assert_eq!(
        failure.message,
        "The device authorization request failed: no reply from login.microsoftonline.com: connection reset"
    );
}

#[test]
fn a_network_error_comes_with_a_hint() {
    let network = |text: &str| Fault::Network(Cause::text(text));
    for (fault, hint) in [
        (network("fetch failed (ENOTFOUND)"), "can't be resolved"),
        (
            network("client error (Connect): dns error: failed"),
            "can't be resolved",
        ),
        (
            network("fetch failed (SELF_SIGNED_CERT_IN_CHAIN)"),
            "NODE_EXTRA_CA_CERTS",
        ),
        (network("fetch failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)"), "DENO_CERT"),
        (network("invalid peer certificate: UnknownIssuer"), "DENO_CERT"),
        (network("fetch failed (ECONNREFUSED)"), "proxy"),
        (Fault::TimedOut, "proxy"),
        (Fault::TooLarge, "open a page in a browser"),
    ] {
        let mut talk = Conversation::new(options());
        let ada = talk.get_token("User.Read");
        for seconds in [0.0, 0.8, 2.4, 5.6] {
            talk.at(seconds).sends(DEVICE_CODE).replied(Err(fault.clone()));
        }
        let failure = talk.finishes(ada).failing("login.microsoftonline.com");
        assert!(failure.hint.unwrap().contains(hint), "{fault:?}");
    }
}

#[test]
fn a_page_in_the_place_of_a_reply_is_told_as_what_it_is() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE)
        .replied(reply(200, "<html>Welcome to our hotel</html>"));
    let failure = talk
        .finishes(ada)
        .failing("is no JSON object: no sign-in service sent it");
    assert!(failure.hint.unwrap().contains("open a page in a browser"));
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(reply(302, ""));
    let failure = talk.finishes(ada).failing("came with status 302");
    assert!(failure.hint.unwrap().contains("open a page in a browser"));
}

#[test]
fn a_server_may_ask_for_more_patience() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(retry_after(429, 17));
    talk.at(17).sends(DEVICE_CODE).replied(retry_after(503, 13));
    talk.at(30).sends(DEVICE_CODE).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(31).aborts(ada).finishes(ada).aborted();
}

#[test]
fn a_request_without_an_answer_counts_as_failed() {
    let mut talk = Conversation::new(Config {
        request_timeout: std::time::Duration::from_secs(10),
        ..options()
    });
    let ada = talk.get_token("User.Read");
    let first = talk.sends(DEVICE_CODE).hangs();
    talk.at(10).cancels(first);
    talk.at(10.8).sends(DEVICE_CODE).replied(error("unauthorized_client"));
    talk.finishes(ada).refused("unauthorized_client");
}

#[test]
fn a_refusal_is_not_repeated() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(error("unauthorized_client"));
    talk.finishes(ada).refused("unauthorized_client");
}

#[test]
fn every_fault_of_the_service_may_pass() {
    for status in [501, 505, 599] {
        let mut talk = Conversation::new(options());
        let ada = talk.get_token("User.Read");
        for seconds in [0.0, 0.8, 2.4, 5.6] {
            talk.at(seconds).sends(DEVICE_CODE).replied(reply(status, "<html>"));
        }
        assert_eq!(
            talk.finishes(ada).failing(&format!("with status {status}")).status,
            Some(status)
        );
    }
}

#[test]
fn each_request_of_a_discovery_has_its_own_retries() {
    let mut talk = Conversation::new(Config {
        authority: Authority::parse("h.example").unwrap().into(),
        ..options()
    });
    let ada = talk.get_token("User.Read");
    talk.sends("GET …/instance?…").replied(reply(500, ""));
    let metadata = "https://h.example/organizations/v2.0/.well-known/openid-configuration";
    talk.at(0.8)
        .sends("GET …/instance?…")
        .replied(reply(200, json!({"tenant_discovery_endpoint": metadata}).to_string()));
    for seconds in [0.8, 1.6, 3.2, 6.4] {
        talk.at(seconds)
            .sends(&format!("GET {metadata}"))
            .replied(reply(502, ""));
    }
    assert_eq!(
        talk.finishes(ada)
            .failing("The OpenID Connect metadata request failed")
            .status,
        Some(502)
    );
}

#[test]
fn a_refresh_is_repeated_too() {
    let mut talk = signed_in(options());
    talk.at(5000);
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN).with("grant_type", "refresh_token").replied(dropped());
    talk.at(5000.8)
        .sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn how_often_and_how_fast_can_be_set() {
    let retry = Retry {
        max_retries: 5,
        delay: std::time::Duration::from_secs(10),
        max_delay: std::time::Duration::from_secs(30),
    };
    let mut talk = Conversation::new(Config { retry, ..options() });
    let ada = talk.get_token("User.Read");
    for seconds in [0, 10, 30, 60, 90, 120] {
        talk.at(seconds).sends(DEVICE_CODE).replied(dropped());
    }
    talk.finishes(ada).failing("connection reset");
}
