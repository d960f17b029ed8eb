//! On some hosts a caller's context ends without a word (Cloudflare Workers, when the client has gone). Whoever else
//! waits goes on with the work, in its own context.

use crate::expect::signed_in;
use crate::talk::{Conversation, options};
use crate::wire::*;
use serde_json::json;

#[test]
fn another_takes_over_while_the_user_is_away() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).by(ada).replied(device_code());
    talk.prompts("ABCD1234");
    let bea = talk.at(1).get_token("User.Read");
    talk.at(2).dies(ada);
    // A little after Ada should have polled.
    talk.at(6.5).sends(TOKEN).by(bea).replied(pending());
    talk.at(11.5).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_poll_that_was_out_is_sent_again_within_five_seconds() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    talk.shows_a_code();
    let poll = talk.at(5).sends(TOKEN).by(ada).hangs();
    talk.at(5.5).dies(ada);
    talk.at(9.5);
    let again = talk.sends(TOKEN).by(bea).with("device_code", "DC-secret");
    assert_eq!(again.io, poll);
    again.replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
    talk.logged("took over");
}

#[test]
fn nobody_takes_over_from_a_context_that_lives() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    talk.shows_a_code();
    let poll = talk.at(5).sends(TOKEN).by(ada).hangs();
    talk.at(34).answers(poll, token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_code_that_was_being_asked_for_is_asked_for_again_and_shown_once() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let first = talk.sends(DEVICE_CODE).by(ada).hangs();
    let bea = talk.get_token("User.Read");
    talk.dies(ada);
    talk.at(5).sends(DEVICE_CODE).by(bea).replied(device_code());
    let (_, to, _) = talk.prompts("ABCD1234");
    assert_eq!(to, bea);
    // The first request was answered after all: too late.
    talk.at(6).answers(
        first,
        device_code_with(json!({"user_code": "LATE", "device_code": "DC-late"})),
    );
    talk.at(10)
        .sends(TOKEN)
        .with("device_code", "DC-secret")
        .replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_refresh_is_taken_over() {
    let mut talk = signed_in(options());
    talk.at(4000);
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    let _ = talk.sends(TOKEN).by(ada).hangs();
    talk.dies(ada);
    talk.at(4005)
        .sends(TOKEN)
        .by(bea)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(bea).with_token("AT2");
}

#[test]
fn who_heads_the_line_drives_those_before_it_whose_contexts_ended() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let bea = talk.at(1).get_token("Mail.Read");
    talk.dies(ada);
    // Bea polls for Ada's sign-in, once Ada has had the time to: the code that the user has is still good.
    talk.at(7)
        .sends(TOKEN)
        .by(bea)
        .with("device_code", "DC-secret")
        .replied(pending());
    talk.at(12).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.sends(TOKEN)
        .by(bea)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(bea).with_token("AT2");
}

#[test]
fn who_heads_the_line_leaves_a_poll_to_a_context_that_is_only_late() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(device_code());
    talk.prompts("ABCD1234");
    let bea = talk.at(1).get_token("Mail.Read");
    talk.stalls(ada);
    // Bea looks at 5 s, too.
    talk.at(6).resumes(ada);
    talk.at(6).sends(TOKEN).by(ada).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    talk.sends(TOKEN)
        .by(bea)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(bea).with_token("AT2");
}

#[test]
fn who_heads_the_line_sends_again_what_was_out() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let bea = talk.at(1).get_token("Mail.Read");
    let _ = talk.at(5).sends(TOKEN).by(ada).hangs();
    talk.dies(ada);
    talk.at(10).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.sends(TOKEN)
        .by(bea)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(bea).with_token("AT2");
}

#[test]
fn a_code_nobody_waits_for_any_more_is_polled_for_once_more_then_a_new_one_is_shown() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.dies(ada);
    let bea = talk.at(2000).get_token("User.Read");
    talk.at(2001).sends(TOKEN).by(bea).replied(error("expired_token"));
    talk.sends(DEVICE_CODE)
        .by(bea)
        .replied(device_code_with(json!({"user_code": "NEW"})));
    talk.prompts("NEW");
    talk.at(2006).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_code_that_is_still_good_is_gone_on_with_by_whoever_comes_later() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.dies(ada);
    let bea = talk.at(300).get_token("User.Read");
    talk.sends(TOKEN)
        .by(bea)
        .with("device_code", "DC-secret")
        .replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_code_that_is_still_good_stays_so_whatever_others_ask_for_meanwhile() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.dies(ada);
    for seconds in [300, 310] {
        let other = talk.at(seconds).get_accounts();
        assert!(talk.finishes(other).outcome().accounts.is_empty());
    }
    let bea = talk.at(320).get_token("User.Read");
    talk.sends(TOKEN)
        .by(bea)
        .with("device_code", "DC-secret")
        .replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn who_gave_up_leaves_a_request_behind_and_its_context_ends() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    let _ = talk.sends(DEVICE_CODE).by(ada).hangs();
    talk.at(1).aborts(ada).finishes(ada).aborted();
    talk.at(2).dies(ada);
    // Ada's last sign of life came at 2 seconds.
    talk.at(7).sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(12).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_context_that_was_only_slow_is_served_when_its_successor_ends() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).by(ada).hangs();
    // No timer of Ada's fires for a while.
    talk.stalls(ada);
    talk.at(5).sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.prompts("ABCD1234");
    talk.resumes(ada)
        .answers(request, device_code_with(json!({"user_code": "LATE"})));
    talk.dies(bea);
    talk.at(11.5).sends(TOKEN).by(ada).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn everyone_ends_but_the_last() {
    let mut talk = Conversation::new(options());
    let callers: Vec<_> = (0..5).map(|_| talk.get_token("User.Read")).collect();
    talk.shows_a_code();
    talk.dies(callers[0]);
    talk.at(6.5);
    let _ = talk.sends(TOKEN).by(callers[1]).hangs();
    for caller in &callers[1..4] {
        talk.dies(*caller);
    }
    talk.at(11.5).sends(TOKEN).by(callers[4]).replied(token("AT1", "RT1"));
    talk.finishes(callers[4]).with_token("AT1");
}

#[test]
fn after_a_sleep_those_who_come_first_give_the_others_time_for_a_sign_of_life() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let poll = talk.at(5).sends(TOKEN).by(ada).hangs();
    talk.dozes_until(20);
    let bea = talk.get_token("User.Read");
    let cyd = talk.get_token("User.Read");
    talk.at(22).answers(poll, token("AT1", "RT1"));
    for caller in [ada, bea, cyd] {
        talk.finishes(caller).with_token("AT1");
    }
}
