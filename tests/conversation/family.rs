//! Families of applications (FOCI), which share refresh tokens, as MSAL handles them.

use crate::known::ada;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::cache::Item;
use entra_device_code::flow::config::Config;
use serde_json::{Value, json};

/// Application `client` with a cache in which a sibling of the family has signed Ada in.
fn beside_a_sibling() -> Conversation {
    beside_a_sibling_with(options())
}

fn beside_a_sibling_with(options: Config) -> Conversation {
    let stored = {
        let mut talk = Conversation::new(Config {
            client_id: "sibling".into(),
            ..crate::talk::options()
        });
        talk.signs_in("User.Read", token_with("SIB1", "FRT1", json!({"foci": "1"})));
        talk.credential.context().cache(false).serialize().unwrap()
    };
    let options = Config {
        record: Some(ada()),
        ..options
    };
    Conversation::remembering(options, &stored)
}

#[test]
fn a_newcomer_tries_the_familys_token_and_joins() {
    let mut talk = beside_a_sibling();
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN)
        .with("client_id", "client")
        .with("refresh_token", "FRT1")
        .replied(token_with("AT1", "FRT2", json!({"foci": "1"})));
    talk.finishes(ada).with_token("AT1");
    // The family's token was rotated where it lies: the next one spends its successor.
    let ada = talk.get_token("Mail.Read");
    talk.sends(TOKEN)
        .with("refresh_token", "FRT2")
        .replied(token_with("AT2", "FRT3", json!({"foci": "1"})));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn a_newcomer_that_is_not_of_the_family_is_told_so_and_asks_the_user() {
    for mismatch in [
        json!({"suberror": "client_mismatch"}),
        json!({"error_additional_info": ["client_mismatch"]}),
    ] {
        let mut talk = beside_a_sibling();
        let ada = talk.get_token("User.Read");
        talk.sends(TOKEN).with("refresh_token", "FRT1").replied(reply(
            400,
            with(json!({"error": "invalid_grant"}), mismatch).to_string(),
        ));
        talk.shows_a_code();
        talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
        talk.finishes(ada).with_token("AT1");
        // It is known now to be of none, and spends its own.
        let ada = talk.get_token("Mail.Read");
        talk.sends(TOKEN)
            .with("refresh_token", "RT1")
            .replied(token("AT2", "RT2"));
        talk.finishes(ada).with_token("AT2");
    }
}

#[test]
fn a_member_spends_the_familys_token_before_its_own() {
    let mut talk = beside_a_sibling();
    let ada = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(5)
        .sends(TOKEN)
        .replied(token_with("AT1", "OWN1", json!({"foci": "1"})));
    talk.finishes(ada).with_token("AT1");

    // Both are the family's now. The sibling has renewed its own since, so that one is the newer.
    let stored = talk.credential.context().cache(false).serialize().unwrap();
    let mut stored: Value = serde_json::from_str(&stored).unwrap();
    for row in stored["RefreshToken"].as_object_mut().unwrap().values_mut() {
        if row["secret"] == "FRT1" {
            row["last_modification_time"] = json!("1999999999");
        }
    }
    talk.credential
        .context()
        .cache(false)
        .reload(&stored.to_string(), Item::Whole)
        .unwrap();
    let ada = talk.get_token("Mail.Read");
    for refused in ["FRT1", "OWN1"] {
        talk.sends(TOKEN)
            .with("refresh_token", refused)
            .replied(error("invalid_grant"));
    }
    // As one of its own, it is tried once more.
    talk.sends(TOKEN)
        .with("refresh_token", "OWN1")
        .replied(token_with("AT2", "OWN2", json!({"foci": "1"})));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn a_trial_that_fails_says_nothing_about_the_user() {
    let mut talk = beside_a_sibling_with(Config {
        disable_automatic_authentication: true,
        ..options()
    });
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN)
        .with("refresh_token", "FRT1")
        .replied(error("invalid_grant"));
    assert!(talk.finishes(ada).required().refused.is_none());
}
