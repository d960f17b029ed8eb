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

/// A process that has got the successor of a refresh token, and what the store holds once it has written that.
fn renewed(stored: &str, successor: &str, now: Timestamp) -> (TokenCache, String) {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    ours.reload(stored, Item::Whole).unwrap();
    let spent = refresh_token(&ours);
    let mut reply = sign_in();
    for (name, what) in [
        ("refresh_token", ""),
        ("access_token", "AT of "),
        ("id_token", "ID of "),
    ] {
        reply[name] = json!(format!("{what}{successor}"));
    }
    granted(&mut ours, &reply, Some(&spent), now);
    let stored = merged(&mut ours, stored);
    (ours, stored)
}

/// Within the second in which the user signed in.
#[test]
fn whoever_looks_again_after_a_save_leaves_the_successor_that_another_has_got_since() {
    let (mut a, stored) = renewed(&signed_in().serialize().unwrap(), "RT2", at(0));
    let (mut b, stored) = renewed(&stored, "RT3", at(0));
    assert_eq!(a.merge(&stored, Item::Whole), Ok(None));
    assert_eq!(refresh_token(&a).secret.expose(), "RT3");
    assert_eq!(b.merge(&stored, Item::Whole), Ok(None));
}

#[test]
fn whoever_finds_an_older_one_writes_theirs_again() {
    let first = signed_in().serialize().unwrap();
    let (_, second) = renewed(&first, "RT2", at(0));
    let (mut c, third) = renewed(&second, "RT3", at(0));
    // Somebody who had read the store long before has written it now.
    for overwritten in [first, second] {
        assert_eq!(merged(&mut c, &overwritten), third);
    }
    c.saved(true);
    assert!(!c.has_unsaved());
}

#[test]
fn a_save_that_had_succeeded_but_did_not_say_so_is_not_made_up_for_over_a_younger_one() {
    let (mut a, stored) = renewed(&signed_in().serialize().unwrap(), "RT2", at(60));
    a.saved(false);
    let (_, stored) = renewed(&stored, "RT3", at(120));
    a.reload(&stored, Item::Whole).unwrap();
    assert_eq!(refresh_token(&a).secret.expose(), "RT3");
    let text = a.merge(&stored, Item::Whole).unwrap().unwrap_or(stored);
    assert!(text.contains("\"RT3\"") && !text.contains("\"RT2\""), "{text}");
}

#[test]
fn two_who_renew_at_once_do_not_overwrite_each_other_again_and_again() {
    let first = signed_in().serialize().unwrap();
    let (mut a, _) = renewed(&first, "RT2a", at(0));
    let (mut b, stored) = renewed(&first, "RT2b", at(0));
    assert_eq!(a.merge(&stored, Item::Whole), Ok(None));
    assert_eq!(b.merge(&stored, Item::Whole), Ok(None));
}

#[test]
fn a_sign_in_prevails_over_what_a_clock_that_is_ahead_has_stored() {
    let (_, stored) = renewed(&signed_in().serialize().unwrap(), "RT2", at(7200));
    let mut ours = TokenCache::default();
    ours.keep_journal();
    ours.reload(&stored, Item::Whole).unwrap();
    let mut reply = sign_in();
    reply["refresh_token"] = json!("anew");
    granted(&mut ours, &reply, None, at(60));
    assert!(merged(&mut ours, &stored).contains("\"anew\""));
    assert_eq!(refresh_token(&ours).secret.expose(), "anew");
}

#[test]
fn a_time_that_no_clock_shows_is_not_younger_than_a_sign_in() {
    let stored = signed_in().serialize().unwrap();
    let got_at = |time: u64| format!("\"last_modification_time\":\"{time}\"");
    for time in [253_402_300_800, u64::MAX / 1000, u64::MAX] {
        let stored = stored.replace(&got_at(NOON), &got_at(time));
        assert!(stored.contains(&got_at(time)));
        let (_, renewed) = renewed(&stored, "RT2", at(60));
        assert!(renewed.contains(&got_at(NOON + 60)), "{renewed}");
        let mut ours = TokenCache::default();
        ours.keep_journal();
        ours.reload(&stored, Item::Whole).unwrap();
        granted(&mut ours, &sign_in(), None, at(60));
        let anew = stored.replace("RT1", "RT0");
        assert!(merged(&mut ours, &anew).contains("\"RT1\""));
    }
}

#[test]
fn beside_a_younger_refresh_token_an_access_token_is_written_that_lives_longer() {
    let first = signed_in().serialize().unwrap();
    let (mut ours, _) = renewed(&first, "RT2a", at(60));
    let got_at = |time: u64| format!("\"last_modification_time\":\"{time}\"");
    // Somebody has renewed for other scopes.
    let theirs = first.replace("RT1", "RT2b").replace(&got_at(NOON), &got_at(NOON + 120));
    let text = merged(&mut ours, &theirs);
    assert!(
        text.contains("\"AT of RT2a\"") && text.contains("\"RT2b\"") && !text.contains("\"RT2a\""),
        "{text}"
    );
}
