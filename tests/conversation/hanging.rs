//! A store that does not answer, while a token still lives.

use crate::storing::{persistent, signed_in};
use crate::talk::Conversation;
use crate::wire::*;
use entra_device_code::flow::config::Config;
use serde_json::json;

/// Ada's token, which has 50 minutes to live and had better be renewed, in memory and in the store.
fn aging(config: Config, store: &mut String) -> Conversation {
    let mut talk = Conversation::new(config);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.shows_a_code();
    let granted = token_with("AT1", "RT1", json!({"refresh_in": 300}));
    talk.at(5).sends(TOKEN).replied(granted);
    talk.saves(false).into(store);
    talk.finishes(caller).with_token("AT1");
    talk.at(605);
    talk
}

#[test]
fn it_leaves_time_to_renew_the_token() {
    let mut store = String::new();
    let mut talk = aging(persistent(), &mut store);
    let ada = talk.get_token("User.Read");
    let load = talk.loads(false).hangs();
    talk.at(609.999).nothing_else();
    talk.at(610).cancels(load).logged("no answer in time");
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.saves(false).into(&mut store);
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn the_ten_seconds_are_for_the_store_and_the_renewal_together() {
    let mut talk = aging(persistent(), &mut String::new());
    let ada = talk.get_token("User.Read");
    let load = talk.loads(false).hangs();
    talk.at(610).cancels(load);
    let refresh = talk.sends(TOKEN).hangs();
    talk.at(614.999).nothing_else();
    talk.at(615).cancels(refresh).finishes(ada).with_token("AT1");
}

#[test]
fn a_token_that_has_expired_or_is_about_to_waits_for_it() {
    for (at, until) in [(3600.0, 3615.0), (4000.0, 4015.0)] {
        let mut store = String::new();
        let mut talk = signed_in(persistent(), &mut store);
        let ada = talk.at(at).get_token("User.Read");
        let load = talk.loads(false).hangs();
        talk.at(until - 0.001).nothing_else();
        talk.at(until).cancels(load);
        talk.sends(TOKEN).replied(token("AT2", "RT2"));
        talk.saves(false).into(&mut store);
        talk.finishes(ada).with_token("AT2");
    }
}

#[test]
fn who_has_waited_in_line_may_renew_a_token_for_ten_seconds_from_then() {
    let mut store = String::new();
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.shows_a_code();
    let bea = talk.get_token("Mail.Read");
    talk.loads(false).holds(None);
    let granted = json!({"scope": "User.Read Mail.Read", "expires_in": 200});
    talk.at(5).sends(TOKEN).replied(pending());
    talk.at(10).sends(TOKEN).replied(pending());
    talk.at(15).sends(TOKEN).replied(token_with("AT1", "RT1", granted));
    let refresh = talk.sends(TOKEN).with("refresh_token", "RT1").hangs();
    talk.saves(false).into(&mut store);
    talk.finishes(ada).with_token("AT1");
    talk.at(25).cancels(refresh).finishes(bea).with_token("AT1");
}
