//! Nothing that is shown shows a secret.

use crate::expect::signed_in;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::cache::Item;
use entra_device_code::error::Cause;
use entra_device_code::flow::config::Config;
use entra_device_code::flow::event::IoEvent;
use entra_device_code::protocol::http::Fault;
use entra_device_code::secret::Secret;
use serde_json::json;

const SECRETS: [&str; 6] = ["DC-secret", "AT1", "RT1", "theirs", "eyJ", "signature"];

pub(crate) fn shows_no_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn neither_effects_nor_results_nor_the_credential_itself() {
    let mut talk = signed_in(options());
    let stored = talk.credential.context().cache(false).serialize().unwrap();
    let stored = stored.replacen('{', r#"{"NewTable":{"key":{"secret":"theirs"}},"#, 1);
    talk.credential
        .context()
        .cache(false)
        .reload(&stored, Item::Whole)
        .unwrap();
    shows_no_secret(&format!("{:?} {:#?}", talk.credential, talk.credential));
    let ada = talk.get_token("User.Read");
    shows_no_secret(&format!("{:?}", talk.finishes(ada)));

    let ada = talk.get_token("Mail.Read");
    let refresh = talk.sends(TOKEN);
    shows_no_secret(&format!("{:?}", refresh.request));
    refresh.replied(error("invalid_grant"));
    talk.sends(DEVICE_CODE).replied(device_code());
    let (_, _, prompt) = talk.prompts("ABCD1234");
    shows_no_secret(&format!("{prompt:?}"));
    let poll = talk.at(10).sends(TOKEN);
    shows_no_secret(&format!("{:?}", poll.request));
    let reply = token("AT1", "RT1");
    shows_no_secret(&format!("{reply:?}"));
    poll.replied(reply);
    shows_no_secret(&format!("{:?}", talk.finishes(ada)));
    shows_no_secret(&talk.log.join("\n"));
}

#[test]
fn a_flow_that_is_begun_and_gone_on_with() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    talk.sends(DEVICE_CODE).replied(device_code());
    let finished = talk.finishes(ada);
    shows_no_secret(&format!("{finished:?} {finished:#?}"));

    let kept = crate::kept::begun();
    let ada = talk.goes_on(&kept);
    shows_no_secret(&format!("{:?} {:#?}", talk.credential, talk.credential));
    let poll = talk.at(5).sends(TOKEN);
    shows_no_secret(&format!("{:?}", poll.request));
    let echo = json!({"error": "invalid_grant", "error_description": "DC-secret is unknown"});
    poll.replied(reply(400, echo.to_string()));
    let failure = talk.finishes(ada).failing("[redacted] is unknown");
    shows_no_secret(&format!("{failure:?}"));

    let ada = talk.polls_once(&kept);
    let echo = Err(Fault::Network(Cause::text("no route to DC-secret")));
    talk.at(5).sends(TOKEN).replied(echo);
    shows_no_secret(&format!("{:?}", talk.finishes(ada)));
    shows_no_secret(&talk.log.join("\n"));
}

#[test]
fn what_the_store_holds() {
    let loaded = IoEvent::Loaded(Ok(Some(Secret::new(r#"{"secret":"theirs"}"#))));
    shows_no_secret(&format!("{loaded:?}"));
}

#[test]
fn a_device_code_that_the_server_echoes() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let echo = json!({
        "error": "bad_verification_code",
        "error_description": "AADSTS70018: DC-secret is unknown",
        "trace_id": "DC-secret",
    });
    talk.at(5).sends(TOKEN).replied(reply(400, echo.to_string()));
    let failure = talk.finishes(ada).failing("AADSTS70018: [redacted] is unknown");
    shows_no_secret(&format!("{failure:?}"));
}

#[test]
fn a_refresh_token_that_the_server_echoes() {
    let stored = signed_in(options())
        .credential
        .context()
        .cache(false)
        .serialize()
        .unwrap();
    let mut talk = Conversation::remembering(
        Config {
            disable_automatic_authentication: true,
            record: Some(crate::known::ada()),
            ..options()
        },
        &stored,
    );
    let ada = talk.get_token("Mail.Read");
    let echo = json!({"error": "invalid_grant", "error_description": "RT1 has expired"});
    talk.sends(TOKEN).replied(reply(400, echo.to_string()));
    let required = talk.finishes(ada).required();
    shows_no_secret(&format!("{required:?}"));
    assert!(required.refused.unwrap().message.contains("[redacted] has expired"));
}

#[test]
fn a_body_that_is_no_oauth_reply() {
    let mut talk = signed_in(options());
    let ada = talk.get_token("Mail.Read");
    talk.sends(TOKEN)
        .replied(reply(200, r#"{"refresh_token":"RT1","id_token":"eyJ"}"#));
    let failure = talk.finishes(ada).failing("no OAuth reply");
    shows_no_secret(&format!("{failure:?}"));
    shows_no_secret(&talk.log.join("\n"));
}
