//! A store with an item for each account: whose rows get where, and when there is nothing to write.

use crate::foreign::FOREIGN;
use crate::*;

const ADAS: Item<'_> = Item::Account("Ada-uid.contoso");
const BEAS: Item<'_> = Item::Account("Bea-uid.contoso");

fn beas_sign_in() -> Value {
    let mut reply = sign_in();
    reply["client_info"] = json!(base64url(&json!({"uid": "Bea-uid", "utid": "contoso"})));
    reply["access_token"] = json!("BEA-AT");
    reply["refresh_token"] = json!("BEA-RT");
    reply
}

/// A cache in which both have signed in, and nothing is saved yet.
fn both_signed_in() -> TokenCache {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    granted(&mut ours, &sign_in(), None, at(0));
    granted(&mut ours, &beas_sign_in(), None, at(60));
    ours
}

/// What is to be stored.
fn merged(ours: &mut TokenCache, stored: &str, item: Item<'_>) -> String {
    ours.merge(stored, item).unwrap().expect("there is something to write")
}

/// Whose rows a text has.
fn owners(text: &str) -> Vec<String> {
    let tables: Value = serde_json::from_str(text).unwrap();
    let rows = tables.as_object().unwrap().values().filter_map(Value::as_object);
    let ids = rows.flat_map(|rows| rows.values()).map(|row| &row["home_account_id"]);
    let mut owners: Vec<String> = ids.filter_map(Value::as_str).map(str::to_owned).collect();
    owners.sort();
    owners.dedup();
    owners
}

#[test]
fn each_gets_its_own_rows_and_what_is_said_of_the_application() {
    let mut ours = both_signed_in();
    assert_eq!(ours.unsaved_accounts(), ["Ada-uid.contoso", "Bea-uid.contoso"]);
    for (item, owner, secrets) in [
        (ADAS, "Ada-uid.contoso", ["AT1", "RT1"]),
        (BEAS, "Bea-uid.contoso", ["BEA-AT", "BEA-RT"]),
    ] {
        let text = merged(&mut ours, "", item);
        assert_eq!(owners(&text), [owner]);
        for part in secrets.iter().chain(&["appmetadata-login.microsoftonline.com-Client"]) {
            assert!(text.contains(part), "{part} in {text}");
        }
        let tables: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(tables.as_object().unwrap().len(), 5);
    }
    ours.saved(true);
    assert!(!ours.has_unsaved() && ours.unsaved_accounts().is_empty());
}

#[test]
fn saving_one_leaves_the_others_changes_unsaved() {
    let mut ours = both_signed_in();
    let adas = merged(&mut ours, "", ADAS);
    // What is being saved is not known to be saved yet.
    assert_eq!(ours.unsaved_accounts(), ["Ada-uid.contoso", "Bea-uid.contoso"]);
    ours.saved(true);
    assert!(ours.has_unsaved());
    assert_eq!(ours.unsaved_accounts(), ["Bea-uid.contoso"]);
    assert_eq!(ours.merge(&adas, ADAS), Ok(None));
    assert!(merged(&mut ours, "", BEAS).contains("BEA-RT"));
    ours.saved(false);
    assert_eq!(ours.unsaved_accounts(), ["Bea-uid.contoso"]);
    assert!(merged(&mut ours, "", BEAS).contains("BEA-RT"));
    ours.saved(true);
    assert!(!ours.has_unsaved());
}

#[test]
fn what_failed_to_be_saved_is_not_taken_for_saved_when_another_item_is() {
    let mut ours = both_signed_in();
    merged(&mut ours, "", ADAS);
    ours.saved(false);
    merged(&mut ours, "", BEAS);
    ours.saved(true);
    assert_eq!(ours.unsaved_accounts(), ["Ada-uid.contoso"]);
    assert!(merged(&mut ours, "", ADAS).contains("RT1"));
}

#[test]
fn what_was_stored_needs_no_writing_unless_somebody_overwrote_it() {
    for item in [Item::Whole, ADAS] {
        let mut ours = TokenCache::default();
        ours.keep_journal();
        assert_eq!(ours.merge("", item), Ok(None));
        granted(&mut ours, &sign_in(), None, at(0));
        let stored = merged(&mut ours, "", item);
        // Until it is known to be saved, it is looked for.
        assert_eq!(ours.merge(&stored, item), Ok(None));
        assert_eq!(merged(&mut ours, "", item), stored);
        let got_at = |time: u64| format!("\"last_modification_time\":\"{time}\"");
        let theirs = stored.replace("RT1", "RT0").replace(&got_at(NOON), &got_at(NOON - 1));
        assert_eq!(merged(&mut ours, &theirs, item), stored);
        // What others added besides is no reason to write, and stays.
        let more = stored.replacen('{', r#"{"Theirs":{"key":{"a":1}},"#, 1);
        assert_eq!(ours.merge(&more, item), Ok(None));
        // So is their own way of writing it down.
        assert_eq!(ours.merge(&stored.replace(',', " ,\n"), item), Ok(None));
        ours.saved(true);
        assert!(!ours.has_unsaved());
        // From now on, it is theirs to change.
        assert_eq!(ours.merge("", item), Ok(None));
        assert_eq!(ours.merge(&theirs, item), Ok(None));
    }
}

#[test]
fn what_was_removed_needs_no_writing_if_it_is_gone_there_too() {
    for item in [Item::Whole, ADAS] {
        let mut ours = TokenCache::default();
        ours.keep_journal();
        let stored = signed_in().serialize().unwrap();
        ours.reload(&stored, item).unwrap();
        ours.remove_account(ADA, "Client");
        assert_eq!(ours.clone().merge("", item), Ok(None));
        let merged = merged(&mut ours, &stored, item);
        assert!(!merged.contains("AT1") && !merged.contains("RT1"), "{merged}");
        assert_eq!(ours.merge(&merged, item), Ok(None));
    }
}

#[test]
fn what_another_process_wrote_to_the_item_meanwhile_is_kept() {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    ours.reload(&signed_in().serialize().unwrap(), ADAS).unwrap();
    let spent = refresh_token(&ours);
    let mut reply = without(sign_in(), &["id_token"]);
    reply["access_token"] = json!("AT2");
    reply["refresh_token"] = json!("RT2");
    granted(&mut ours, &reply, Some(&spent), at(60));
    // They have got a token for something else, and removed the id token.
    let mut theirs = json_of(&signed_in());
    theirs.as_object_mut().unwrap().remove("IdToken");
    let mut row = first_row(&theirs, "AccessToken");
    row["secret"] = json!("AT-theirs");
    row["target"] = json!("Mail.Read");
    theirs["AccessToken"]["their key"] = row;
    let text = merged(&mut ours, &theirs.to_string(), ADAS);
    for part in ["AT2", "RT2", "AT-theirs", "their key"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("IdToken\":{\"ada") && !text.contains("RT1"), "{text}");
    assert_eq!(
        access_token(&mut ours, "Mail.Read", at(61)).as_deref(),
        Some("AT-theirs")
    );
}

#[test]
fn reading_one_item_does_not_forget_what_is_known_of_another() {
    let mut ours = both_signed_in();
    let (adas, beas) = (merged(&mut ours, "", ADAS), merged(&mut ours, "", BEAS));
    ours.saved(true);
    // Bea was signed out elsewhere, and Ada renewed.
    ours.reload("", BEAS).unwrap();
    ours.reload(&adas.replace("AT1", "AT2"), ADAS).unwrap();
    assert_eq!(owners(&ours.serialize().unwrap()), ["Ada-uid.contoso"]);
    assert_eq!(access_token(&mut ours, "User.Read", at(1)).as_deref(), Some("AT2"));
    ours.reload(&beas, BEAS).unwrap();
    assert_eq!(
        owners(&ours.serialize().unwrap()),
        ["Ada-uid.contoso", "Bea-uid.contoso"]
    );
}

#[test]
fn rows_of_another_account_that_got_into_an_item_are_not_written_to_it_again() {
    let both = both_signed_in().serialize().unwrap();
    let mut ours = TokenCache::default();
    ours.keep_journal();
    ours.reload(&both, ADAS).unwrap();
    granted(&mut ours, &sign_in(), None, at(120));
    assert_eq!(ours.unsaved_accounts(), ["Ada-uid.contoso"]);
    assert_eq!(owners(&merged(&mut ours, &both, ADAS)), ["Ada-uid.contoso"]);
}

#[test]
fn signing_out_leaves_an_empty_text_unless_there_is_something_left() {
    let signs_out = |stored: &str, client_id: &str, item| {
        let mut ours = TokenCache::default();
        ours.keep_journal();
        ours.reload(stored, item).unwrap();
        ours.remove_account(ADA, client_id);
        merged(&mut ours, stored, item)
    };
    let stored = signed_in().serialize().unwrap();
    assert_eq!(signs_out(&stored, "Client", ADAS), "");
    // A whole cache is never empty: others may look for it.
    let whole = signs_out(&stored, "Client", Item::Whole);
    assert!(whole.contains("AppMetadata") && owners(&whole).is_empty(), "{whole}");
    // Refresh tokens of applications that are no siblings stay, as they do for MSAL.
    let others = stored.replace(r#","family_id":"1""#, "");
    let left = signs_out(&others, "Other", ADAS);
    assert!(left.contains("RT1") && !left.contains("AT1"), "{left}");
    // And so does what we don't understand.
    let left = signs_out(FOREIGN, "Client", ADAS);
    assert!(left.contains("\"Unknown\"") && left.contains("but a string"), "{left}");
    assert!(!left.contains("NODE-RT"), "{left}");
}

#[test]
fn an_item_that_is_no_cache_is_refused_and_nothing_is_lost() {
    let mut ours = both_signed_in();
    for garbage in ["garbage", "[]", r#"{"Account":7}"#] {
        assert!(ours.reload(garbage, ADAS).is_err() && ours.merge(garbage, ADAS).is_err());
    }
    assert_eq!(ours.unsaved_accounts(), ["Ada-uid.contoso", "Bea-uid.contoso"]);
    assert!(merged(&mut ours, "", ADAS).contains("AT1"));
}
