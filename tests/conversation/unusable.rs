//! A store that can't work as it is configured: the call ends before anything is sent.

use crate::kept::begun;
use crate::known::ada;
use crate::storing::{persistent, signed_in, signs_out};
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::event::CallId;

const WHY: &str = "Persistence is not available: no keyring.";

#[test]
fn whatever_is_called_ends_with_that() {
    let calls: [fn(&mut Conversation) -> CallId; 7] = [
        |talk| talk.get_token("User.Read"),
        |talk| talk.authenticate(Some("User.Read")),
        |talk| talk.remove_account(),
        |talk| talk.get_accounts(),
        |talk| talk.initiates("User.Read"),
        |talk| talk.goes_on(&begun()),
        |talk| talk.polls_once(&begun()),
    ];
    for calls in calls {
        let mut talk = Conversation::new(persistent());
        let caller = calls(&mut talk);
        talk.loads(false).cannot_be_used(WHY);
        talk.finishes(caller).unavailable(WHY);
        assert!(talk.credential.is_idle());
        talk.at(100).nothing_else();
    }
}

#[test]
fn an_account_whose_item_cannot_be_used_is_not_served_from_elsewhere() {
    let mut talk = Conversation::new(Config {
        persistence: Some(Persistence::Partitioned),
        record: Some(ada()),
        ..options()
    });
    let caller = talk.get_token("User.Read");
    talk.loads_of("ada-uid.contoso", false).cannot_be_used(WHY);
    talk.finishes(caller).unavailable(WHY);
}

#[test]
fn all_who_asked_for_the_same_are_told_and_the_next_call_tries_again() {
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    let cyd = talk.get_token("Mail.Read");
    talk.loads(false).cannot_be_used(WHY);
    for caller in [ada, bea] {
        talk.finishes(caller).unavailable(WHY);
    }
    talk.loads(false).cannot_be_used(WHY);
    talk.finishes(cyd).unavailable(WHY);

    let ada = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    let mut store = String::new();
    talk.saves(false).into(&mut store);
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn the_second_of_two_stores_may_be_the_one() {
    let mut talk = Conversation::new(persistent());
    let caller = talk.get_accounts();
    talk.loads(false).holds(None);
    talk.loads(true).cannot_be_used(WHY);
    talk.finishes(caller).unavailable(WHY);

    // Who signs out and is told so stays known, and may try again.
    let mut store = String::new();
    let mut talk = signed_in(persistent(), &mut store);
    let out = talk.remove_account();
    talk.loads(false).holds(Some(&store));
    talk.loads(true).cannot_be_used(WHY);
    talk.finishes(out).unavailable(WHY);
    signs_out(&mut talk, &mut store);
}

#[test]
fn what_comes_at_once_from_memory_needs_no_store() {
    let mut store = String::new();
    let mut talk = signed_in(persistent(), &mut store);
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");
}
