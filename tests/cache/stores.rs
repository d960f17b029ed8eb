//! Several writers, one store.

use crate::foreign::FOREIGN;
use crate::*;

/// What is to be stored.
fn merged(ours: &mut TokenCache, stored: &str) -> String {
    ours.merge(stored, Item::Whole).unwrap().unwrap()
}

#[test]
fn writers_that_share_a_store_keep_each_others_changes() {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    ours.reload(&signed_in().serialize().unwrap(), Item::Whole).unwrap();
    assert!(!ours.has_unsaved());
    // We renew; somebody else adds Bea; a third has removed the id token.
    let spent = refresh_token(&ours);
    let mut reply = sign_in();
    reply["refresh_token"] = json!("RT2");
    granted(&mut ours, &without(reply, &["id_token"]), Some(&spent), at(60));
    let mut theirs = json_of(&signed_in());
    theirs.as_object_mut().unwrap().remove("IdToken");
    theirs["Account"]["bea"] = json!({"home_account_id": "bea"});
    assert!(ours.has_unsaved());
    let merged: Value = serde_json::from_str(&merged(&mut ours, &theirs.to_string())).unwrap();
    assert_eq!(merged["Account"]["bea"]["home_account_id"], "bea");
    assert!(merged.get("IdToken").is_none());
    assert!(merged["RefreshToken"].to_string().contains("RT2"));
    ours.saved(true);
    assert!(!ours.has_unsaved());
}

#[test]
fn a_failed_save_is_made_up_for_and_newer_changes_prevail() {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    granted(&mut ours, &sign_in(), None, at(0));
    merged(&mut ours, "");
    let mut newer = sign_in();
    newer["access_token"] = json!("AT2");
    granted(&mut ours, &newer, None, at(60));
    ours.saved(false);
    let merged = merged(&mut ours, "{}");
    assert!(
        merged.contains("AT2") && !merged.contains("AT1") && merged.contains("RT1"),
        "{merged}"
    );
}

#[test]
fn what_was_removed_here_is_removed_there() {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    let store = TokenCache::deserialize(FOREIGN).unwrap().serialize().unwrap();
    ours.reload(&store, Item::Whole).unwrap();
    ours.remove_account(ADA, "Client");
    let merged = merged(&mut ours, &store);
    assert!(
        !merged.contains("NODE-AT") && !merged.contains("NODE-RT") && merged.contains("but a string"),
        "{merged}"
    );
}

#[test]
fn of_two_attempts_that_failed_the_second_ones_changes_prevail() {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    for access_token in ["AT1", "AT2"] {
        let mut reply = sign_in();
        reply["access_token"] = json!(access_token);
        granted(&mut ours, &reply, None, at(0));
        merged(&mut ours, "");
    }
    ours.saved(false);
    let merged = merged(&mut ours, "{}");
    assert!(merged.contains("AT2") && !merged.contains("AT1"), "{merged}");
}
