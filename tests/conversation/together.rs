//! Several who go on with flows, and others beside them.

use crate::kept::{Kept, begun, begun_with};
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::flow::event::CallId;
use serde_json::json;

/// A flow of Bea's, whose code is another.
fn beas() -> Kept {
    begun_with(options(), AskOptions::default(), json!({"device_code": "DC-bea"}))
}

#[test]
fn those_who_go_on_with_one_flow_share_its_polls() {
    let kept = begun();
    let mut talk = Conversation::after(60, options());
    let ada = talk.goes_on(&kept);
    let bea = talk.goes_on(&kept);
    talk.at(60).sends(TOKEN).replied(pending());
    // However the flow stood when they kept it.
    let cyd = talk.at(61).goes_on(&kept.with(json!({"interval": 50, "backoff": 50})));
    talk.at(65).sends(TOKEN).replied(token("AT1", "RT1"));
    for caller in [ada, bea, cyd] {
        let finished = talk.finishes(caller);
        assert_eq!(finished.record().unwrap(), crate::known::ada());
        finished.with_token("AT1");
    }
}

#[test]
fn those_who_poll_once_share_the_one_poll() {
    let kept = begun();
    let mut talk = Conversation::after(60, options());
    let ada = talk.polls_once(&kept);
    let bea = talk.polls_once(&kept);
    talk.at(60).sends(TOKEN).replied(pending());
    let said = talk.keeps(ada).said;
    assert_eq!(talk.keeps(bea).said, said);
    assert!(talk.credential.is_idle());
}

#[test]
fn who_wants_a_token_meanwhile_waits_for_that_sign_in_and_needs_none() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.goes_on(&begun());
    talk.at(60).sends(TOKEN).replied(pending());
    let bea = talk.at(61).get_token("Mail.Read");
    talk.at(65).sends(TOKEN).by(ada).replied(token("AT1", "RT1"));
    talk.sends(TOKEN)
        .by(bea)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT1");
    talk.finishes(bea).with_token("AT2");
}

#[test]
fn who_waited_in_vain_shows_a_code() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.goes_on(&begun());
    let bea = talk.get_token("Mail.Read");
    talk.at(60).sends(TOKEN).replied(error("authorization_declined"));
    talk.finishes(ada).refused("authorization_declined");
    talk.sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(65).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn who_waited_for_one_poll_shows_a_code() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.polls_once(&begun());
    let bea = talk.get_token("User.Read");
    let poll = talk.at(60).sends(TOKEN).by(ada).hangs();
    talk.at(62).answers(poll, pending());
    talk.keeps(ada);
    talk.sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(67).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn flows_of_several_users_are_gone_on_with_side_by_side() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.goes_on(&begun());
    let bea = talk.goes_on(&beas());
    talk.at(60)
        .sends(TOKEN)
        .with("device_code", "DC-secret")
        .replied(pending());
    talk.sends(TOKEN)
        .with("device_code", "DC-bea")
        .replied(error("slow_down"));
    talk.at(65)
        .sends(TOKEN)
        .with("device_code", "DC-secret")
        .replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    talk.at(70).sends(TOKEN).replied(beas_token("BEA1", "BEA-RT1"));
    talk.finishes(bea).with_token("BEA1");
    // The last to sign in is the one served.
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("BEA1");
}

#[test]
fn it_does_not_wait_for_whoever_is_signing_in() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let bea = talk.at(1).goes_on(&beas());
    talk.at(5);
    for code in ["DC-secret", "DC-bea"] {
        talk.sends(TOKEN).with("device_code", code).replied(pending());
    }
    talk.at(10).sends(TOKEN).by(ada).replied(pending());
    talk.sends(TOKEN).by(bea).replied(beas_token("BEA1", "BEA-RT1"));
    talk.finishes(bea).with_token("BEA1");
    talk.at(15)
        .sends(TOKEN)
        .with("device_code", "DC-secret")
        .replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn who_gives_up_leaves_the_others_alone() {
    let kept = begun();
    let mut talk = Conversation::new(options());
    let ada = talk.goes_on(&kept);
    let bea = talk.goes_on(&kept);
    talk.at(2).aborts(ada).finishes(ada).aborted();
    talk.at(5).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn another_takes_over_from_a_context_that_is_gone_between_two_polls() {
    let kept = begun();
    let mut talk = Conversation::new(options());
    let ada = talk.goes_on(&kept);
    let bea = talk.at(1).goes_on(&kept);
    talk.dies(ada);
    // A little after Ada should have polled.
    talk.at(6.5).sends(TOKEN).by(bea).replied(pending());
    talk.at(11.5).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
}

#[test]
fn a_poll_that_was_out_is_sent_again() {
    let kept = begun();
    let goes_on: [fn(&mut Conversation, &Kept) -> CallId; 2] = [Conversation::goes_on, Conversation::polls_once];
    for goes_on in goes_on {
        let mut talk = Conversation::after(60, options());
        let ada = goes_on(&mut talk, &kept);
        let poll = talk.at(60).sends(TOKEN).by(ada).hangs();
        let bea = goes_on(&mut talk, &kept);
        talk.dies(ada);
        let again = talk.at(65).sends(TOKEN).by(bea);
        assert_eq!(again.io, poll);
        again.replied(token("AT1", "RT1"));
        talk.finishes(bea).with_token("AT1");
        assert!(talk.credential.is_idle());
    }
}

#[test]
fn who_comes_when_the_context_is_long_gone_goes_on_from_there() {
    let kept = begun();
    let mut talk = Conversation::new(options());
    let ada = talk.goes_on(&kept);
    talk.at(5).sends(TOKEN).replied(error("slow_down"));
    talk.dies(ada);
    let bea = talk.at(300).goes_on(&kept);
    talk.sends(TOKEN).by(bea).replied(pending());
    talk.at(310).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
    assert!(talk.credential.is_idle());
}

#[test]
fn who_wants_a_token_sees_a_flow_to_its_end_that_nobody_else_does() {
    let mut talk = Conversation::new(options());
    let ada = talk.goes_on(&begun());
    talk.dies(ada);
    let bea = talk.at(300).get_token("Mail.Read");
    talk.at(301).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.sends(TOKEN)
        .by(bea)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(bea).with_token("AT2");
    assert!(talk.credential.is_idle());
}

#[test]
fn of_a_flow_that_nobody_saw_to_its_end_nothing_is_left() {
    let mut talk = Conversation::new(options());
    let ada = talk.goes_on(&begun());
    talk.dies(ada);
    for seconds in [2000, 2010] {
        let ada = talk.at(seconds).goes_on(&begun());
        talk.finishes(ada).timed_out();
    }
    assert!(talk.credential.is_idle());
}

#[test]
fn nor_of_a_poll_whose_context_is_gone() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.polls_once(&begun());
    let _ = talk.at(60).sends(TOKEN).hangs();
    talk.dies(ada);
    for seconds in [600, 610] {
        let bea = talk.at(seconds).polls_once(&beas());
        talk.at(seconds).sends(TOKEN).by(bea).replied(pending());
        talk.keeps(bea);
    }
    assert!(talk.credential.is_idle());
}
