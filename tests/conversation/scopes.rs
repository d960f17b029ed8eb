//! Servers write the scopes they grant as they like; nobody asks twice because of that.

use crate::expect::signed_in;
use crate::talk::{Conversation, options};
use crate::wire::*;
use serde_json::json;

/// Asks for `asked`, which gets a token that was granted `granted`.
fn grants(talk: &mut Conversation, asked: &str, granted: &str, token: &str) {
    let ada = talk.get_token(asked);
    talk.sends(TOKEN)
        .replied(token_with(token, "RT2", json!({"scope": granted})));
    talk.finishes(ada).with_token(token);
}

fn has(talk: &mut Conversation, asked: &str, token: &str) {
    let ada = talk.get_token(asked);
    talk.finishes(ada).with_token(token);
}

#[test]
fn a_scope_is_the_same_in_any_case() {
    let mut talk = signed_in(options());
    for asked in ["user.read", "USER.READ OpenID", "User.Read"] {
        has(&mut talk, asked, "AT1");
    }
    grants(&mut talk, "mail.read", "Mail.Read", "AT2");
    has(&mut talk, "mail.read", "AT2");
    has(&mut talk, "MAIL.READ", "AT2");
}

#[test]
fn a_scope_may_be_granted_in_another_spelling() {
    let mut talk = signed_in(options());
    let asked = "https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/Files.Read";
    grants(&mut talk, asked, "openid Files.Read Mail.Read", "AT2");
    has(&mut talk, asked, "AT2");
    has(&mut talk, "https://graph.microsoft.com/mail.read", "AT2");
    has(&mut talk, "Files.Read", "AT2");
}

#[test]
fn a_server_that_grants_fewer_is_asked_once() {
    let mut talk = signed_in(options());
    grants(&mut talk, "A B", "A", "AT2");
    has(&mut talk, "A B", "AT2");
    has(&mut talk, "A", "AT2");
    // What was not granted may be, if it is asked for by itself.
    grants(&mut talk, "B", "B", "AT3");
    // Nor is it asked again because somebody else was granted the same.
    grants(&mut talk, "A C", "A", "AT4");
    has(&mut talk, "A B", "AT4");
    has(&mut talk, "A C", "AT4");
}

#[test]
fn it_is_asked_again_once_the_token_expires() {
    let mut talk = signed_in(options());
    grants(&mut talk, "A B", "A", "AT2");
    talk.at(3000);
    grants(&mut talk, "A C", "A", "AT3");
    talk.at(3604);
    has(&mut talk, "A B", "AT3");
    talk.at(3606);
    grants(&mut talk, "A B", "A B", "AT4");
    has(&mut talk, "A C", "AT3");
}

#[test]
fn what_was_asked_for_is_known_after_the_store_was_read_again() {
    let mut store = String::new();
    let mut talk = crate::storing::signed_in(crate::storing::persistent(), &mut store);
    let ada = talk.get_token("A B");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .replied(token_with("AT2", "RT2", json!({"scope": "A"})));
    talk.saves(false).into(&mut store);
    talk.finishes(ada).with_token("AT2");
    let ada = talk.get_token("C");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .replied(token_with("AT3", "RT3", json!({"scope": "C"})));
    talk.saves(false).into(&mut store);
    talk.finishes(ada).with_token("AT3");
    has(&mut talk, "A B", "AT2");
    assert!(!store.contains("asked"), "{store}");
}
