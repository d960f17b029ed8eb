//! Several callers: one prompt, and a result for each.

use crate::expect::signed_in;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::event::CallId;
use entra_device_code::protocol::authority::Authority;
use serde_json::json;

#[test]
fn fifty_callers_with_five_scopes_see_one_code() {
    let mut talk = Conversation::new(options());
    let scopes = ["A.Read", "B.Read", "C.Read", "D.Read", "E.Read"];
    let callers: Vec<CallId> = (0..50).map(|n| talk.get_token(scopes[n % 5])).collect();
    talk.sends(DEVICE_CODE)
        .with("scope", "A.Read offline_access openid profile")
        .replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(5).sends(TOKEN).replied(pending());
    let poll = talk.at(10).sends(TOKEN).with("device_code", "DC-secret").hangs();
    talk.answers(poll, token_with("AT-A.Read", "RT1", json!({"scope": "A.Read"})));
    // The others go on silently, side by side.
    for scope in &scopes[1..] {
        let wire = format!("{scope} offline_access openid profile");
        let granted = token_with(&format!("AT-{scope}"), "RT1", json!({"scope": scope}));
        talk.sends(TOKEN)
            .with("refresh_token", "RT1")
            .with("scope", &wire)
            .replied(granted);
    }
    for (n, caller) in callers.into_iter().enumerate() {
        talk.finishes(caller).with_token(&format!("AT-{}", scopes[n % 5]));
    }
}

#[test]
fn who_joins_late_is_served_too() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let bea = talk.at(3).get_token("User.Read");
    let poll = talk.at(5).sends(TOKEN).hangs();
    let cyd = talk.at(6).get_token("User.Read");
    talk.answers(poll, token("AT1", "RT1"));
    for caller in [ada, bea, cyd] {
        talk.finishes(caller).with_token("AT1");
    }
}

#[test]
fn a_failure_is_shared_by_those_who_asked_for_the_same_and_the_next_in_line_begins() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    let cyd = talk.get_token("Mail.Read");
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(error("authorization_declined"));
    talk.finishes(ada).refused("authorization_declined");
    talk.finishes(bea).refused("authorization_declined");
    talk.sends(DEVICE_CODE)
        .with("scope", "Mail.Read offline_access openid profile")
        .replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(10).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(cyd).with_token("AT1");
}

#[test]
fn forty_nine_give_up_and_the_fiftieth_is_served() {
    let mut talk = Conversation::new(options());
    let callers: Vec<CallId> = (0..50).map(|_| talk.get_token("User.Read")).collect();
    talk.shows_a_code();
    talk.at(2);
    for caller in &callers[..49] {
        talk.aborts(*caller).finishes(*caller).aborted();
    }
    talk.at(5).sends(TOKEN).by(callers[49]).replied(token("AT1", "RT1"));
    talk.finishes(callers[49]).with_token("AT1");
}

#[test]
fn the_flow_ends_with_the_last_caller_and_the_next_in_line_begins() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    let cyd = talk.get_token("Mail.Read");
    talk.shows_a_code();
    talk.at(1).aborts(ada).finishes(ada).aborted();
    talk.at(2).aborts(bea).finishes(bea).aborted();
    talk.sends(DEVICE_CODE).by(cyd).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(7).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(cyd).with_token("AT1");
}

#[test]
fn who_gives_up_in_line_leaves_the_others_alone() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("Mail.Read");
    talk.shows_a_code();
    talk.at(1).aborts(bea).finishes(bea).aborted();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_request_whose_sender_gave_up_is_not_sent_again() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).by(ada).hangs();
    talk.at(1).aborts(ada).finishes(ada).aborted();
    talk.at(20).answers(request, device_code());
    let (_, to, _) = talk.prompts("ABCD1234");
    assert_eq!(to, bea);
    let poll = talk.at(25).sends(TOKEN).by(bea).hangs();
    talk.at(40).answers(poll, token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_prompt_is_shown_once_however_many_drive_the_flow() {
    let mut talk = Conversation::new(options());
    let callers: Vec<CallId> = (0..4).map(|_| talk.get_token("User.Read")).collect();
    talk.shows_a_code();
    for (n, caller) in callers[..3].iter().enumerate() {
        talk.at(5 * (n as i32 + 1)).sends(TOKEN).by(*caller).replied(pending());
        talk.aborts(*caller).finishes(*caller).aborted();
    }
    talk.at(20).sends(TOKEN).by(callers[3]).replied(token("AT1", "RT1"));
    talk.finishes(callers[3]).with_token("AT1");
}

#[test]
fn calls_that_differ_in_anything_but_order_are_different() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read Mail.Read");
    let bea = talk.get_token("Mail.Read User.Read");
    let cyd = talk.authenticate(Some("User.Read Mail.Read"));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    talk.finishes(bea).with_token("AT1");
    // `authenticate` is a challenge of its own.
    talk.shows_a_code();
    talk.at(10).sends(TOKEN).replied(token("AT2", "RT2"));
    talk.finishes(cyd).with_token("AT2");
}

#[test]
fn one_refresh_serves_all_who_ask_for_the_same() {
    let mut talk = signed_in(options());
    talk.at(4000);
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
    talk.finishes(bea).with_token("AT2");
}

#[test]
fn entra_takes_refreshes_side_by_side() {
    let mut talk = signed_in(options());
    let ada = talk.get_token("Mail.Read");
    let bea = talk.get_token("Files.Read");
    let mail = talk.sends(TOKEN).with("refresh_token", "RT1").hangs();
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token("AT3", "RT3"));
    talk.finishes(bea).with_token("AT3");
    talk.at(7).answers(mail, token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn others_get_one_refresh_after_the_other_as_they_may_rotate_tokens() {
    let mut talk = Conversation::new(Config {
        authority: Authority::parse("id.example").unwrap().into(),
        disable_instance_discovery: true,
        ..options()
    });
    let ada = talk.get_token("User.Read");
    let endpoints = json!({"token_endpoint": "https://id.example/t/token", "device_authorization_endpoint": "https://id.example/d"});
    talk.sends("GET …").replied(reply(200, endpoints.to_string()));
    talk.sends("POST https://id.example/d").replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(5)
        .sends("POST https://id.example/t/token")
        .replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");

    let ada = talk.get_token("Mail.Read");
    let bea = talk.get_token("Files.Read");
    let cyd = talk.get_token("Mail.Read Files.Read");
    let mail = talk.sends("POST …/token").with("refresh_token", "RT1").hangs();
    // What Ada got may serve others who look again, so the third asks for nothing.
    talk.at(10)
        .answers(mail, token_with("AT2", "RT2", json!({"scope": "Mail.Read Files.Read"})));
    talk.finishes(ada).with_token("AT2");
    talk.finishes(bea).with_token("AT2");
    talk.finishes(cyd).with_token("AT2");

    let ada = talk.get_token("D.Read");
    let bea = talk.get_token("E.Read");
    talk.sends("POST …/token")
        .with("refresh_token", "RT2")
        .replied(token_with("AT3", "RT3", json!({"scope": "D.Read"})));
    talk.sends("POST …/token")
        .with("refresh_token", "RT3")
        .replied(token_with("AT4", "RT4", json!({"scope": "E.Read"})));
    talk.finishes(ada).with_token("AT3");
    talk.finishes(bea).with_token("AT4");
}

#[test]
fn who_calls_after_a_sign_out_does_not_share_what_is_under_way_for_whoever_was_signed_in() {
    let mut talk = signed_in(options());
    let before = talk.at(4000).get_token("User.Read");
    let refresh = talk.sends(TOKEN).with("refresh_token", "RT1").hangs();
    let out = talk.remove_account();
    talk.finishes(out).with_accounts(&["ada@contoso.com"]);
    let after = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.answers(refresh, token("AT2", "RT2"));
    talk.finishes(before).with_token("AT2");
    talk.at(4005).sends(TOKEN).replied(beas_token("BEA1", "BEA-RT1"));
    talk.finishes(after).with_token("BEA1");
}

#[test]
fn who_calls_after_another_has_signed_in_does_not_share_what_is_under_way_for_whoever_was_before() {
    let mut talk = signed_in(options());
    let before = talk.get_token("Mail.Read");
    let refresh = talk.sends(TOKEN).with("refresh_token", "RT1").hangs();
    let bea = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(10).sends(TOKEN).replied(beas_token("BEA1", "BEA-RT1"));
    talk.finishes(bea).with_token("BEA1");
    let after = talk.get_token("Mail.Read");
    talk.sends(TOKEN)
        .with("refresh_token", "BEA-RT1")
        .replied(beas_token("BEA2", "BEA-RT2"));
    talk.finishes(after).with_token("BEA2");
    talk.answers(refresh, token("AT2", "RT2"));
    talk.finishes(before).with_token("AT2");
}

#[test]
fn who_calls_after_a_sign_out_shares_a_prompt_that_is_there() {
    let mut talk = signed_in(options());
    let before = talk.at(4000).get_token("User.Read");
    talk.sends(TOKEN).replied(error("invalid_grant"));
    talk.shows_a_code();
    let out = talk.remove_account();
    talk.finishes(out).with_accounts(&["ada@contoso.com"]);
    let after = talk.get_token("User.Read");
    talk.at(4005).sends(TOKEN).replied(error("authorization_declined"));
    for caller in [before, after] {
        talk.finishes(caller).refused("authorization_declined");
    }
}

#[test]
fn who_calls_after_a_sign_out_does_not_get_what_is_being_saved_of_whoever_was_signed_in() {
    let mut talk = Conversation::new(Config {
        persistence: Some(Persistence::Whole),
        ..options()
    });
    let before = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    let save = talk.saves(false).hangs();
    let out = talk.remove_account();
    talk.loads(false).holds(None);
    talk.loads(true).holds(None);
    let after = talk.get_token("User.Read");
    let load = talk.loads(false).hangs();
    talk.is_saved(save).finishes(before).with_token("AT1");
    talk.saves(false).cannot_be_written("full");
    talk.finishes(out).failing("full");
    talk.aborts(after).cancels(load).finishes(after).aborted();
}
