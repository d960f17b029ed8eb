//! Going on with a flow that another process began, to its end.

use crate::kept::{Kept, begun, begun_with};
use crate::talk::{Conversation, EPOCH, options};
use crate::wire::*;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::protocol::authority::Authority;
use entra_device_code::time::Timestamp;
use serde_json::json;

/// Another process that goes on with a flow so many seconds after it began.
pub(crate) fn resumed(kept: &Kept, seconds: u64) -> (Conversation, entra_device_code::flow::event::CallId) {
    let mut talk = Conversation::after(seconds, options());
    let ada = talk.goes_on(kept);
    (talk, ada)
}

#[test]
fn another_process_polls_at_once_if_a_poll_is_due_and_then_at_the_interval() {
    let (mut talk, ada) = resumed(&begun(), 60);
    let poll = talk
        .at(60)
        .sends(TOKEN)
        .with("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .with("client_id", "client")
        .with("client_info", "1")
        .with("device_code", "DC-secret")
        .with("code", "DC-secret")
        .without("claims");
    assert_eq!(poll.header("client-request-id"), Some("flow-0"));
    poll.replied(pending());
    let poll = talk.at(65).sends(TOKEN);
    assert_eq!(poll.header("client-request-id"), Some("flow-0"));
    poll.replied(token("AT1", "RT1"));

    let finished = talk.finishes(ada);
    let token = finished.outcome().token.as_ref().unwrap();
    assert_eq!(token.secret.expose(), "AT1");
    assert_eq!(token.life.expires_on, Timestamp::from_unix_secs(EPOCH + 65 + 3600));
    assert_eq!(finished.record().unwrap(), crate::known::ada());
    assert!(finished.outcome().flow.is_none() && finished.outcome().prompt.is_none());
}

#[test]
fn the_user_is_known_from_then_on() {
    let (mut talk, ada) = resumed(&begun(), 60);
    talk.at(60).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");
    let caller = talk.get_token("Mail.Read");
    let renewal = talk.sends(TOKEN).with("refresh_token", "RT1");
    assert_eq!(renewal.header("client-request-id"), Some("correlation-2"));
    renewal.replied(token("AT2", "RT2"));
    talk.finishes(caller).with_token("AT2");
}

#[test]
fn the_first_poll_goes_out_when_it_is_due() {
    for seconds in [0, 2, 4] {
        let (mut talk, ada) = resumed(&begun(), seconds);
        talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
        talk.finishes(ada).with_token("AT1");
    }
}

#[test]
fn a_clock_that_is_behind_waits_for_the_interval_and_no_longer() {
    let (minute, day) = (60_000, 86_400_000);
    for behind in [minute, day, EPOCH as i64 * 1000] {
        let mut talk = Conversation::after(60, options());
        talk.wall_offset = -behind;
        let ada = talk.goes_on(&begun());
        for seconds in [65, 70, 75] {
            talk.at(seconds).sends(TOKEN).replied(pending());
        }
        talk.at(80).sends(TOKEN).replied(token("AT1", "RT1"));
        talk.finishes(ada).with_token("AT1");
    }
}

#[test]
fn a_clock_that_is_ahead_polls_no_faster() {
    let mut talk = Conversation::after(10, options());
    talk.wall_offset = 600_000;
    let ada = talk.goes_on(&begun());
    for seconds in [10, 15, 20] {
        talk.at(seconds).sends(TOKEN).replied(pending());
    }
    // A clock that is put right meanwhile changes nothing.
    talk.wall_offset = 0;
    talk.at(25).sends(TOKEN).replied(pending());
    talk.at(30).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn numbers_that_make_no_sense_neither_hurry_nor_delay_it() {
    let never = json!(u64::MAX);
    for (nonsense, seconds) in [
        (json!({"interval": 0, "pollAfterTimestamp": 0}), [60, 61, 62]),
        (json!({"pollAfterTimestamp": never}), [65, 70, 75]),
        (
            json!({"pollAfterTimestamp": never, "expiresOnTimestamp": never}),
            [65, 70, 75],
        ),
        (json!({"interval": -7, "pollAfterTimestamp": "0"}), [60, 61, 62]),
    ] {
        let (mut talk, ada) = resumed(&begun().with(nonsense), 60);
        for seconds in seconds {
            talk.at(seconds).sends(TOKEN).replied(pending());
        }
        talk.aborts(ada).finishes(ada).aborted();
    }
    let forever = json!({"interval": never, "backoff": never, "pollAfterTimestamp": never});
    let (mut talk, ada) = resumed(&begun().with(forever), 60);
    talk.at(899).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn faults_lengthen_the_wait_and_answers_shorten_it_as_ever() {
    let (mut talk, ada) = resumed(&begun(), 60);
    talk.at(60).sends(TOKEN).replied(dropped());
    talk.at(70).sends(TOKEN).replied(reply(503, "<html>"));
    talk.at(90).sends(TOKEN).replied(retry_after(429, 33));
    talk.at(123).sends(TOKEN).replied(error("slow_down"));
    talk.at(133).sends(TOKEN).replied(pending());
    talk.at(143).sends(TOKEN).replied(error("authorization_declined"));
    talk.finishes(ada).refused("authorization_declined");
}

#[test]
fn at_a_strangers_the_endpoint_is_found_anew() {
    let config = Config {
        authority: Authority::parse("id.example").unwrap().into(),
        ..options()
    };
    let instance = json!({"tenant_discovery_endpoint": "https://id.example/metadata"});
    let metadata =
        json!({"token_endpoint": "https://id.example/t", "device_authorization_endpoint": "https://id.example/d"});
    let discovers = |talk: &mut Conversation| {
        talk.sends("GET …/common/discovery/instance?…")
            .replied(reply(200, instance.to_string()));
        talk.sends("GET https://id.example/metadata")
            .replied(reply(200, metadata.to_string()));
    };
    let mut talk = Conversation::new(config.clone());
    let ada = talk.initiates("User.Read");
    discovers(&mut talk);
    talk.sends("POST https://id.example/d").replied(device_code());
    let kept = talk.keeps(ada);

    let mut talk = Conversation::after(2, config);
    let ada = talk.goes_on(&kept);
    discovers(&mut talk);
    talk.at(5)
        .sends("POST https://id.example/t")
        .replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn what_was_asked_for_when_it_began_is_what_is_asked_for_and_filed() {
    let options = || AskOptions {
        claims: Some(r#"{"userinfo":{}}"#.into()),
        enable_cae: true,
        tenant_id: Some("contoso.com".into()),
        ..AskOptions::default()
    };
    let kept = begun_with(crate::talk::options(), options(), json!({}));
    let mut talk = Conversation::after(60, crate::talk::options());
    let ada = talk.goes_on(&kept);
    talk.at(60)
        .sends("POST https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token")
        .with(
            "claims",
            r#"{"userinfo":{},"access_token":{"xms_cc":{"values":["CP1"]}}}"#,
        )
        .replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    let caller = talk.get_token_with(
        "User.Read",
        AskOptions {
            claims: None,
            ..options()
        },
    );
    talk.finishes(caller).with_token("AT1");
    assert_eq!(talk.credential.context().cache(false).serialize().unwrap(), "{}");
}

#[test]
fn a_store_is_read_before_and_written_after() {
    let persistent = || Config {
        persistence: Some(Persistence::Whole),
        ..options()
    };
    let mut store = String::from(r#"{"Theirs":{}}"#);
    let mut talk = Conversation::after(60, persistent());
    let ada = talk.goes_on(&begun());
    talk.loads(false).holds(Some(&store));
    talk.at(60).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.saves(false).into(&mut store);
    talk.finishes(ada).with_token("AT1");
    assert!(store.contains("AT1") && store.contains("Theirs"), "{store}");

    let mut talk = Conversation::after(
        70,
        Config {
            record: Some(crate::known::ada()),
            ..persistent()
        },
    );
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.finishes(caller).with_token("AT1");
}

#[test]
fn without_a_usable_id_token_there_is_a_token_all_the_same() {
    let (mut talk, ada) = resumed(&begun(), 60);
    talk.at(60)
        .sends(TOKEN)
        .replied(token_with("AT1", "RT1", json!({"id_token": null})));
    let finished = talk.finishes(ada);
    assert_eq!(finished.token(), "AT1");
    assert!(finished.record().unwrap_err().contains("`id_token`"));
}

#[test]
fn who_may_not_prompt_may_go_on_with_a_flow() {
    let mut talk = Conversation::after(
        60,
        Config {
            disable_automatic_authentication: true,
            ..options()
        },
    );
    let ada = talk.goes_on(&begun());
    talk.at(60).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}
