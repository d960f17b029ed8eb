//! How a call ends before its time: the caller gives up, the credential is closed, the prompt can't be shown.

use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::config::Config;

#[test]
fn a_caller_gives_up_before_the_code_is_there() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.at(1).aborts(ada).cancels(request).finishes(ada).aborted();
    // What the server had to say interests nobody any more.
    talk.answers(request, device_code());
}

#[test]
fn a_caller_gives_up_while_the_user_is_away() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.at(3).aborts(ada).finishes(ada).aborted();
    talk.at(1000);
}

#[test]
fn a_caller_gives_up_while_a_poll_is_out() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let poll = talk.at(5).sends(TOKEN).hangs();
    talk.aborts(ada).cancels(poll).finishes(ada).aborted();
    talk.answers(poll, token("too", "late"));
}

#[test]
fn a_caller_gives_up_between_two_attempts() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(reply(503, ""));
    talk.at(0.5).aborts(ada).finishes(ada).aborted();
    talk.at(1000);
}

#[test]
fn giving_up_twice_or_after_the_end_does_nothing() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(ada).cancels(request).finishes(ada).aborted();
    talk.aborts(ada);
}

#[test]
fn after_giving_up_the_next_call_starts_anew() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.at(3).aborts(ada).finishes(ada).aborted();
    talk.signs_in("User.Read", token("AT1", "RT1"));
}

#[test]
fn close_ends_every_call_now_and_later() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let poll = talk.at(5).sends(TOKEN).hangs();
    let bea = talk.get_token("User.Read");
    let cyd = talk.get_token("Mail.Read");
    talk.closes().cancels(poll);
    for caller in [ada, bea, cyd] {
        talk.finishes(caller).unavailable("closed");
    }
    let late = talk.get_token("User.Read");
    talk.finishes(late).unavailable("closed");
    let late = talk.authenticate(Some("User.Read"));
    talk.finishes(late).unavailable("closed");
}

#[test]
fn close_before_and_after_the_prompt() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.closes().cancels(request).finishes(ada).unavailable("closed");

    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.at(2).closes().finishes(ada).unavailable("closed");
    talk.at(1000);
}

#[test]
fn a_prompt_that_fails_ends_the_sign_in_for_all() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(device_code());
    let bea = talk.get_token("User.Read");
    let (sign_in, _, _) = talk.prompts("ABCD1234");
    talk.prompt_fails(sign_in, "no terminal");
    for caller in [ada, bea] {
        let failure = talk.finishes(caller).failing("The prompt callback failed: no terminal");
        assert_eq!(failure.cause.unwrap().text, "no terminal");
    }
    talk.at(10).prompt_fails(sign_in, "again");
}

#[test]
fn a_prompt_may_fail_later_while_a_poll_is_out() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(device_code());
    let (sign_in, _, _) = talk.prompts("ABCD1234");
    let poll = talk.at(5).sends(TOKEN).hangs();
    talk.at(6).prompt_fails(sign_in, "mail bounced").cancels(poll);
    talk.finishes(ada).failing("mail bounced");
}

#[test]
fn a_credential_works_on_after_any_failure() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(error("invalid_client"));
    talk.finishes(ada).refused("invalid_client");
    talk.signs_in("User.Read", token("AT1", "RT1"));
}

#[test]
fn who_may_not_prompt_is_told_that_the_user_must_interact() {
    let disable_automatic_authentication = true;
    let mut talk = Conversation::new(Config {
        disable_automatic_authentication,
        ..options()
    });
    let ada = talk.get_token("User.Read");
    let required = talk.finishes(ada).required();
    assert_eq!(required.scopes.unwrap().iter().collect::<Vec<_>>(), ["User.Read"]);
    assert!(required.refused.is_none());

    // `authenticate` is the user's own wish.
    let ada = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");

    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT1");
}
