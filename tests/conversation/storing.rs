//! A cache that outlives the process: read before use, merged on write, and never worth a token.

use crate::known::{self, ada};
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::cache::Item;
use entra_device_code::flow::ask::Ask;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::event::{CallId, IoId};
use serde_json::{Value, json};

pub(crate) fn persistent() -> Config {
    Config {
        persistence: Some(Persistence::Whole),
        ..options()
    }
}

/// Ada's sign-in, with a store that holds `store` before and after.
pub(crate) fn signed_in(config: Config, store: &mut String) -> Conversation {
    let mut talk = Conversation::new(config);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(store));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.saves(false).into(store);
    talk.finishes(caller).with_token("AT1");
    talk
}

/// Ada signs out, and nothing of hers stays in the store.
pub(crate) fn signs_out(talk: &mut Conversation, store: &mut String) {
    let out = talk.remove_account();
    talk.loads(false).holds(Some(store));
    talk.loads(true).holds(None);
    talk.saves(false).into(store);
    talk.forgets(true);
    talk.finishes(out).with_accounts(&["ada@contoso.com"]);
    assert!(!store.contains("ada-uid"), "{store}");
}

fn row(text: &str, table: &str, fields: Value) -> String {
    let mut cache: Value = if text.is_empty() {
        json!({})
    } else {
        serde_json::from_str(text).unwrap()
    };
    cache[table]["somebody-elses-key"] = fields;
    cache.to_string()
}

#[test]
fn it_is_read_before_and_written_after_and_serves_the_next_process() {
    let mut store = String::new();
    signed_in(persistent(), &mut store);

    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..persistent()
    });
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.finishes(caller).with_token("AT1");
    // What is in memory and good as it is needs no store.
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");

    talk.at(5000);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.saves(false).into(&mut store);
    talk.finishes(caller).with_token("AT2");
    assert!(store.contains("RT2") && !store.contains("RT1"), "{store}");
}

#[test]
fn a_store_that_cannot_be_read_or_written_costs_nobody_a_token() {
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    talk.loads(false).cannot_be_read("keyring is locked");
    talk.logged("keyring is locked");
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.saves(false).fails("", "disk full");
    talk.logged("disk full");
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_store_that_does_not_answer_costs_nobody_a_token() {
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    let load = talk.loads(false).hangs();
    talk.at(15).cancels(load);
    talk.shows_a_code();
    talk.at(20).sends(TOKEN).replied(token("AT1", "RT1"));
    let save = talk.saves(false).hangs();
    talk.at(35).cancels(save);
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn garbage_is_no_cache_and_nothing_is_made_of_it() {
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    talk.loads(false).holds(Some("garbage"));
    talk.logged("reading the persistent token cache failed");
    assert!(talk.credential.merge(false, "garbage", Item::Whole).is_err());
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(ada).cancels(request).finishes(ada).aborted();
}

#[test]
fn what_could_not_be_saved_is_saved_the_next_time() {
    let mut talk = Conversation::new(persistent());
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.saves(false).fails("", "disk full");
    talk.finishes(caller).with_token("AT1");

    // Reading an empty store does not forget it either.
    let mut store = String::new();
    let caller = talk.get_token("Mail.Read");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token_with("AT2", "RT2", json!({"scope": "Mail.Read"})));
    talk.saves(false).into(&mut store);
    talk.finishes(caller).with_token("AT2");
    for part in ["AT1", "AT2", "RT2", "ada@contoso.com"] {
        assert!(store.contains(part), "{part} in {store}");
    }
}

#[test]
fn what_others_wrote_meanwhile_stays_and_what_they_removed_stays_removed() {
    let mut store = row("", "Account", json!({"home_account_id": "bea"}));
    store = row(&store, "SomethingNew", json!({"secret": "theirs"}));
    let mut talk = signed_in(persistent(), &mut store);
    assert!(
        store.contains("somebody-elses-key") && store.contains("theirs") && store.contains("AT1"),
        "{store}"
    );

    // Another process signs Bea out and Cyd in while we wait for a token.
    let mut theirs = store.replace("\"bea\"", "\"cyd\"");
    let caller = talk.get_token("Mail.Read");
    talk.loads(false).holds(Some(&store));
    let refresh = talk.sends(TOKEN).hangs();
    talk.at(6)
        .answers(refresh, token_with("AT2", "RT2", json!({"scope": "Mail.Read"})));
    talk.saves(false).into(&mut theirs);
    talk.finishes(caller).with_token("AT2");
    assert!(
        theirs.contains("\"cyd\"") && !theirs.contains("\"bea\"") && theirs.contains("AT2"),
        "{theirs}"
    );

    // Another process signs Ada out: the next call asks the user.
    let caller = talk.get_token("Files.Read");
    talk.loads(false).holds(Some("{}"));
    talk.loads(true).holds(None);
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn a_store_that_is_read_while_it_is_written_does_not_lose_what_is_on_its_way() {
    let mut store = String::new();
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    let save = talk.saves(false).hangs();
    let written = talk.credential.merge(false, &store, Item::Whole).unwrap().unwrap();
    // Somebody else begins, and still sees the old content.
    let bea = talk.get_token("Mail.Read");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token_with("AT2", "RT2", json!({"scope": "Mail.Read"})));
    // Two do not write at once.
    talk.at(6).nothing_else();
    store = written;
    talk.is_saved(save);
    talk.finishes(ada).with_token("AT1");
    talk.saves(false).into(&mut store);
    talk.finishes(bea).with_token("AT2");
    for part in ["AT1", "AT2", "RT2"] {
        assert!(store.contains(part), "{part} in {store}");
    }
}

#[test]
fn several_changes_are_written_at_once() {
    let mut store = String::new();
    let mut talk = signed_in(persistent(), &mut store);
    let callers: Vec<_> = ["A.Read", "B.Read", "C.Read"]
        .map(|scope| (scope, talk.get_token(scope)))
        .into();
    for _ in &callers {
        talk.loads(false).holds(Some(&store));
    }
    for (scope, _) in &callers {
        talk.sends(TOKEN)
            .replied(token_with(scope, "RT1", json!({"scope": scope})));
    }
    talk.saves(false).into(&mut store);
    talk.finishes(callers[0].1).with_token("A.Read");
    // The first one wrote what the others had got, too.
    for (scope, caller) in &callers[1..] {
        assert!(store.contains(scope));
        talk.finishes(*caller).with_token(scope);
    }
}

#[test]
fn who_gives_up_while_it_is_saved_leaves_the_change_for_the_next() {
    let mut store = String::new();
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    let save = talk.saves(false).hangs();
    talk.credential.merge(false, &store, Item::Whole).unwrap();
    talk.aborts(ada).cancels(save).finishes(ada).aborted();

    let bea = talk.get_token("Mail.Read");
    talk.loads(false).holds(Some(&store));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token_with("AT2", "RT2", json!({"scope": "Mail.Read"})));
    talk.saves(false).into(&mut store);
    talk.finishes(bea).with_token("AT2");
    assert!(store.contains("AT1") && store.contains("AT2"), "{store}");
}

#[test]
fn a_save_whose_context_ends_is_taken_over() {
    let mut store = String::new();
    let mut talk = Conversation::new(persistent());
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    let _ = talk.saves(false).hangs();
    talk.credential.merge(false, &store, Item::Whole).unwrap();
    talk.dies(ada);
    talk.at(9.5).saves(false).into(&mut store);
    talk.finishes(bea).with_token("AT1");
    assert!(store.contains("AT1"));
}

#[test]
fn signing_out_removes_the_account_from_both_stores_or_says_that_it_did_not() {
    let mut store = String::new();
    let mut talk = signed_in(persistent(), &mut store);
    signs_out(&mut talk, &mut store);

    let mut store = String::new();
    let mut talk = signed_in(persistent(), &mut store);
    let out = talk.remove_account();
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    talk.saves(false).fails(&store, "read-only file system");
    talk.finishes(out).failing("The account was not removed");

    // It may be tried again.
    signs_out(&mut talk, &mut store);
}

#[test]
fn signing_out_removes_what_another_process_renewed_meanwhile() {
    let mut store = String::new();
    let mut talk = signed_in(persistent(), &mut store);
    let out = talk.remove_account();
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    for n in 2..=3 {
        store = store
            .replace("RT1", &format!("RT{n}"))
            .replace(&format!("RT{}", n - 1), &format!("RT{n}"));
        talk.saves(false).into(&mut store);
        if n == 2 {
            talk.forgets(true);
        }
    }
    talk.saves(false).into(&mut store);
    talk.finishes(out).with_accounts(&["ada@contoso.com"]);
    assert!(!store.contains("ada-uid") && !store.contains("RT"), "{store}");
}

#[test]
fn signing_out_tells_the_store_to_remove_what_cannot_be_read() {
    for is_readable in [false, true] {
        let mut talk = Conversation::new(Config {
            record: Some(ada()),
            ..persistent()
        });
        let out = talk.remove_account();
        if is_readable {
            // What could not be read before may be set aside.
            talk.loads(false).holds(None);
        } else {
            talk.loads(false).cannot_be_read("it can't be opened");
        }
        talk.loads(true).holds(None);
        talk.forgets(false);
        talk.forgets(true);
        talk.finishes(out).with_accounts(&[]);
    }
}

#[test]
fn signing_out_ends_however_often_another_process_signs_in() {
    let mut store = String::new();
    let mut talk = signed_in(persistent(), &mut store);
    let held = store.clone();
    let out = talk.remove_account();
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    for n in 2..=5 {
        store = held.replace("RT1", &format!("RT{n}"));
        talk.saves(false).into(&mut store);
        if n == 2 {
            talk.forgets(true);
        }
    }
    talk.finishes(out)
        .failing("The account was not removed: another process signs it in again and again");
}

/// Ada signs out while a token of hers is renewed: the caller who waits for it, and the request.
fn signs_out_while_renewing(store: &mut String) -> (Conversation, CallId, IoId) {
    let mut talk = signed_in(persistent(), store);
    talk.at(3400);
    let late = talk.get_token("User.Read");
    talk.loads(false).holds(Some(store));
    let renewal = talk.sends(TOKEN).with("refresh_token", "RT1").hangs();
    let out = talk.remove_account();
    talk.loads(false).holds(Some(store));
    talk.loads(true).holds(None);
    talk.saves(false).into(store);
    talk.forgets(true);
    assert!(talk.finishes(out).outcome().token.is_none());
    (talk, late, renewal)
}

#[test]
fn a_renewal_that_was_under_way_signs_nobody_in_again_who_has_signed_out() {
    let mut store = String::new();
    let (mut talk, late, renewal) = signs_out_while_renewing(&mut store);

    talk.at(3401).answers(renewal, token("AT2", "RT2"));
    talk.saves(false).into(&mut store);
    talk.finishes(late).with_token("AT2");
    assert!(!store.contains("ada-uid") && !store.contains("RT2"), "{store}");
    let next = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(next).cancels(request).finishes(next).aborted();
}

#[test]
fn nor_does_it_if_somebody_else_signs_out_after_them() {
    let mut store = String::new();
    let (mut talk, late, renewal) = signs_out_while_renewing(&mut store);
    let ask = Ask::remove_account(talk.credential.config(), Some(known::bea())).unwrap();
    let out = talk.asks(ask);
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    talk.forgets(false);
    talk.forgets(true);
    talk.finishes(out).with_accounts(&[]);

    talk.at(3401).answers(renewal, token("AT2", "RT2"));
    talk.saves(false).into(&mut store);
    talk.finishes(late).with_token("AT2");
    assert!(!store.contains("ada-uid") && !store.contains("AT2"), "{store}");
}

#[test]
fn whoever_signs_in_again_stays_though_a_renewal_of_before_comes_late() {
    let mut store = String::new();
    let (mut talk, late, renewal) = signs_out_while_renewing(&mut store);
    let again = talk.authenticate(Some("Mail.Read"));
    talk.loads(false).holds(Some(&store));
    talk.shows_a_code();
    talk.at(3405)
        .sends(TOKEN)
        .replied(token_with("AT3", "RT3", json!({"scope": "Mail.Read"})));
    talk.saves(false).into(&mut store);
    talk.finishes(again).record().unwrap();

    talk.at(3406).answers(renewal, token("AT2", "RT2"));
    talk.saves(false).into(&mut store);
    talk.finishes(late).with_token("AT2");
    assert!(store.contains("RT3") && store.contains("ada@contoso.com"), "{store}");
}
