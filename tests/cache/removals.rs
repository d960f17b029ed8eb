//! What is removed here must not be missed elsewhere.

use crate::*;

const ADAS: Item<'_> = Item::Account("Ada-uid.contoso");

fn reading(stored: &str, item: Item<'_>) -> TokenCache {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    ours.reload(stored, item).unwrap();
    ours
}

fn signed_in_with(access_token: &str, refresh_token: &str, now: Timestamp) -> String {
    let mut reply = sign_in();
    reply["access_token"] = json!(access_token);
    reply["refresh_token"] = json!(refresh_token);
    let mut cache = TokenCache::default();
    granted(&mut cache, &reply, None, now);
    cache.serialize().unwrap()
}

#[test]
fn what_has_expired_is_dropped_and_that_is_no_change() {
    for item in [Item::Whole, ADAS] {
        let stored = signed_in().serialize().unwrap();
        let mut ours = reading(&stored, item);
        assert_eq!(access_token(&mut ours, "User.Read", at(4000)), None);
        assert!(!ours.has_unsaved() && ours.unsaved_accounts().is_empty());
        assert_eq!(ours.merge(&stored, item), Ok(None));
        assert!(!ours.serialize().unwrap().contains("AT1"));
    }
}

#[test]
fn it_leaves_the_store_with_the_next_change() {
    for item in [Item::Whole, ADAS] {
        let stored = signed_in().serialize().unwrap();
        let mut ours = reading(&stored, item);
        assert_eq!(access_token(&mut ours, "User.Read", at(4000)), None);
        let mut reply = without(sign_in(), &["id_token"]);
        reply["access_token"] = json!("AT-mail");
        reply["scope"] = json!("Mail.Read");
        let spent = refresh_token(&ours);
        granted(&mut ours, &reply, Some(&spent), at(4000));
        let text = ours.merge(&stored, item).unwrap().unwrap();
        assert!(text.contains("AT-mail") && !text.contains("\"AT1\""), "{text}");
        ours.saved(true);
        assert!(!ours.has_unsaved());
    }
}

#[test]
fn what_another_process_put_in_the_place_of_what_expired_is_served_and_stays() {
    for item in [Item::Whole, ADAS] {
        let mut ours = reading(&signed_in().serialize().unwrap(), item);
        assert_eq!(access_token(&mut ours, "User.Read", at(4000)), None);
        let theirs = signed_in_with("AT-theirs", "RT-theirs", at(4000));
        ours.reload(&theirs, item).unwrap();
        assert_eq!(
            access_token(&mut ours, "User.Read", at(4001)).as_deref(),
            Some("AT-theirs")
        );
        let mut reply = sign_in();
        reply["access_token"] = json!("AT-mail");
        reply["scope"] = json!("Mail.Read");
        granted(&mut ours, &reply, None, at(4001));
        let text = ours.merge(&theirs, item).unwrap().unwrap();
        assert!(text.contains("AT-theirs") && text.contains("AT-mail"), "{text}");
    }
}

#[test]
fn a_sign_out_that_could_not_be_saved_does_not_undo_a_later_sign_in_elsewhere() {
    for item in [Item::Whole, ADAS] {
        let mut ours = reading(&signed_in().serialize().unwrap(), item);
        ours.remove_account(ADA, "Client");
        ours.saved(false);
        let theirs = signed_in_with("AT-theirs", "RT-theirs", at(60));
        ours.reload(&theirs, item).unwrap();
        assert!(ours.has_account(ADA, None));
        assert_eq!(
            access_token(&mut ours, "User.Read", at(61)).as_deref(),
            Some("AT-theirs")
        );
        assert_eq!(refresh_token(&ours).secret.expose(), "RT-theirs");
        // What is still of then goes all the same.
        let before = signed_in().serialize().unwrap();
        ours.reload(&before, item).unwrap();
        assert!(!ours.has_account(ADA, None));
    }
}

#[test]
fn forty_thousand_expired_rows_are_dropped_at_once() {
    let mut tables = json_of(&signed_in());
    let row = first_row(&tables, "AccessToken");
    for number in 0..40_000 {
        let mut row = row.clone();
        row["target"] = json!(format!("Scope.{number}"));
        tables["AccessToken"][format!("key-{number}")] = row;
    }
    let mut ours = reading(&tables.to_string(), Item::Whole);
    assert_eq!(access_token(&mut ours, "User.Read", at(4000)), None);
    assert!(json_of(&ours).get("AccessToken").is_none());
}
