//! Servers that rotate refresh tokens, and several processes that spend them: whoever comes late finds the successor in the
//! store.

use crate::known::ada;
use crate::silent::cae;
use crate::storing::{persistent, signed_in};
use crate::talk::Conversation;
use crate::wire::*;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::event::CallId;
use serde_json::json;

/// A process that wants a token, and whose refresh token was spent by another.
fn late(config: Config, store: &str) -> (Conversation, CallId) {
    let mut talk = Conversation::after(
        5000,
        Config {
            record: Some(ada()),
            ..config
        },
    );
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(store));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(error("invalid_grant"));
    (talk, caller)
}

fn stored() -> String {
    let mut store = String::new();
    signed_in(persistent(), &mut store);
    store
}

/// What another process stored that had renewed, for `User.Read` or something else.
fn renewed(store: &str, scope: &str) -> String {
    let mut store = store.to_owned();
    let mut talk = Conversation::after(
        5000,
        Config {
            record: Some(ada()),
            ..persistent()
        },
    );
    let caller = talk.get_token(scope);
    talk.loads(false).holds(Some(&store));
    let granted = json!({"scope": scope});
    talk.sends(TOKEN).replied(token_with("AT2", "RT2", granted));
    talk.saves(false).into(&mut store);
    talk.finishes(caller).with_token("AT2");
    store
}

#[test]
fn a_token_that_another_process_got_meanwhile_is_given() {
    let store = stored();
    let (mut talk, caller) = late(persistent(), &store);
    talk.loads(false).holds(Some(&renewed(&store, "User.Read")));
    talk.finishes(caller).with_token("AT2");
}

#[test]
fn a_refresh_token_that_another_process_got_meanwhile_is_spent() {
    let mut store = stored();
    let (mut talk, caller) = late(persistent(), &store);
    store = renewed(&store, "Mail.Read");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .with("refresh_token", "RT2")
        .replied(token("AT3", "RT3"));
    talk.saves(false).into(&mut store);
    talk.finishes(caller).with_token("AT3");
}

#[test]
fn one_that_is_saved_half_a_second_later_is_found_too() {
    let store = stored();
    let (mut talk, caller) = late(persistent(), &store);
    talk.loads(false).holds(Some(&store));
    talk.at(5000.499).nothing_else();
    talk.at(5000.5).loads(false).holds(Some(&renewed(&store, "User.Read")));
    talk.finishes(caller).with_token("AT2");
}

#[test]
fn an_item_of_an_account_is_read_again_as_well() {
    let store = stored();
    let config = Config {
        persistence: Some(Persistence::Partitioned),
        record: Some(ada()),
        ..persistent()
    };
    let mut talk = Conversation::after(5000, config);
    let caller = talk.get_token("User.Read");
    talk.loads_of("ada-uid.contoso", false).holds(Some(&store));
    talk.sends(TOKEN).replied(error("invalid_grant"));
    talk.loads_of("ada-uid.contoso", false)
        .holds(Some(&renewed(&store, "User.Read")));
    talk.finishes(caller).with_token("AT2");
}

#[test]
fn for_one_that_the_other_cache_lends_its_store_is_read_again() {
    let (mut plain, mut with_cae) = (stored(), String::new());
    let mut talk = Conversation::after(
        5000,
        Config {
            record: Some(ada()),
            ..persistent()
        },
    );
    let caller = talk.get_token_with("User.Read", cae());
    talk.loads(true).holds(None);
    talk.loads(false).holds(Some(&plain));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(error("invalid_grant"));
    plain = renewed(&plain, "Mail.Read");
    talk.loads(false).holds(Some(&plain));
    talk.sends(TOKEN)
        .with("refresh_token", "RT2")
        .replied(token("CAE1", "RT3"));
    talk.saves(true).into(&mut with_cae);
    talk.saves(false).into(&mut plain);
    talk.finishes(caller).with_token("CAE1");
    assert!(plain.contains("RT3") && !plain.contains("RT2"), "{plain}");
}

#[test]
fn if_there_is_none_the_user_is_asked() {
    let store = stored();
    let (mut talk, caller) = late(persistent(), &store);
    talk.loads(false).holds(Some(&store));
    talk.at(5000.5).loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

/// Each time the store is read, it holds a refresh token that was spent since, for so many times.
fn always_late(times: u32) -> (Conversation, CallId, String) {
    let store = stored();
    let (mut talk, caller) = late(persistent(), &store);
    let store = renewed(&store, "Mail.Read");
    for number in 2..2 + times {
        let store = store.replace("\"RT2\"", &format!("\"RT{number}\""));
        talk.loads(false).holds(Some(&store));
        talk.sends(TOKEN)
            .with("refresh_token", &format!("RT{number}"))
            .replied(error("invalid_grant"));
    }
    (talk, caller, store)
}

#[test]
fn as_long_as_others_store_another_it_is_spent() {
    let (mut talk, caller, store) = always_late(3);
    let late = store.replace("\"RT2\"", "\"RT4\"");
    let mut store = store.replace("\"RT2\"", "\"RT5\"");
    talk.loads(false).holds(Some(&late));
    talk.at(5000.5).loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .with("refresh_token", "RT5")
        .replied(token("AT3", "RT6"));
    talk.saves(false).into(&mut store);
    talk.finishes(caller).with_token("AT3");
}

#[test]
fn the_store_is_not_read_for_ever_however_often_tokens_are_refused() {
    let (mut talk, caller, store) = always_late(9);
    for (at, number) in [(5000.0, 11), (5000.5, 12)] {
        let store = store.replace("\"RT2\"", &format!("\"RT{number}\""));
        talk.at(at).loads(false).holds(Some(&store));
        talk.sends(TOKEN).replied(error("invalid_grant"));
    }
    talk.loads(true).holds(None);
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn another_refusal_is_no_reason_to_read_it_again() {
    let store = stored();
    let mut talk = Conversation::after(
        5000,
        Config {
            record: Some(ada()),
            ..persistent()
        },
    );
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN).replied(error("interaction_required"));
    talk.loads(true).holds(None);
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}
