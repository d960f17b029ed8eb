//! What others wrote.

use crate::*;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A cache as MSAL for Node and others leave it: their keys, their fields, their tables, numbers of any size.
pub(crate) const FOREIGN: &str = r#"{
    "AccessToken": {
        "ada-uid.contoso-login.windows.net-accesstoken-client-contoso-user.read--": {
            "homeAccountIdHint": [1, {"deep": null}], "home_account_id": "Ada-uid.contoso",
            "environment": "login.microsoftonline.com", "credential_type": "AccessToken", "client_id": "Client",
            "secret": "NODE-AT", "realm": "organizations", "target": "Calendars.Read", "cached_at": 1767225600,
            "expires_on": 1767229200, "big": 123456789012345678901234567890.123456789e+400, "small": -0.0,
            "token_type": "Bearer"
        },
        "no row": "but a string"
    },
    "RefreshToken": {
        "some-key": {
            "home_account_id": "Ada-uid.contoso", "environment": "login.microsoftonline.com",
            "client_id": "Client", "secret": "NODE-RT", "target": null
        }
    },
    "Unknown": {"x": [18446744073709551616, 1e400, "\ud83d\ude00", "\u0000"]},
    "version": 3
}"#;

/// Each row by the names of its table and itself, as it is written.
pub(crate) fn texts(cache: &str) -> BTreeMap<String, String> {
    let tables: BTreeMap<String, &RawValue> = serde_json::from_str(cache).unwrap();
    let mut texts = BTreeMap::new();
    for (name, table) in tables {
        match serde_json::from_str::<BTreeMap<String, &RawValue>>(table.get()) {
            Ok(rows) => texts.extend(
                rows.iter()
                    .map(|(key, row)| (format!("{name} {key}"), row.get().to_owned())),
            ),
            Err(_) => drop(texts.insert(name, table.get().to_owned())),
        }
    }
    texts
}

#[test]
fn what_others_wrote_survives_a_round_trip_digit_by_digit() {
    let mut cache = TokenCache::deserialize(FOREIGN).unwrap();
    assert_eq!(texts(&cache.serialize().unwrap()), texts(FOREIGN));
    for digits in [
        "123456789012345678901234567890.123456789e+400",
        "18446744073709551616",
        "-0.0",
        "1e400",
    ] {
        assert!(cache.serialize().unwrap().contains(digits), "{digits}");
    }
    // It serves us too, under keys that are not ours and with numbers for times.
    assert_eq!(
        access_token(&mut cache, "Calendars.Read", at(0)).as_deref(),
        Some("NODE-AT")
    );
    let spent = refresh_token(&cache);
    assert_eq!(spent.secret.expose(), "NODE-RT");

    // And it lies where it lay when it was changed.
    granted(&mut cache, &sign_in(), Some(&spent), at(60));
    let after = texts(&cache.serialize().unwrap());
    assert!(after["RefreshToken some-key"].contains(r#""secret":"RT1""#));
    assert_eq!(after["AccessToken no row"], r#""but a string""#);
    assert_eq!(after["Unknown x"], texts(FOREIGN)["Unknown x"]);
}

#[test]
fn an_empty_text_is_an_empty_cache() {
    for text in ["", " \n", "{}"] {
        assert_eq!(TokenCache::deserialize(text).unwrap().serialize().unwrap(), "{}");
    }
}

#[test]
fn garbage_is_refused_and_changes_nothing() {
    let mut cache = signed_in();
    let before = cache.serialize().unwrap();
    for garbage in [
        "garbage",
        "[]",
        "null",
        "{",
        r#"{"AccessToken":[]}"#,
        r#"{"Account":null}"#,
        "\u{1}\u{2}",
    ] {
        assert!(TokenCache::deserialize(garbage).is_err(), "{garbage}");
        assert!(
            cache.reload(garbage, Item::Whole).is_err() && cache.merge(garbage, Item::Whole).is_err(),
            "{garbage}"
        );
        assert_eq!(cache.serialize().unwrap(), before);
    }
}

#[test]
fn a_refresh_token_of_theirs_that_is_renewed_stays_theirs_in_all_else() {
    let row = r#"{"big":1.10,"secret":"NODE-RT","home_account_id":"Ada-uid.contoso","environment":"login.microsoftonline.com","client_id":"Client","last_modification_time":7,"list":[ 1e400 ],"secret":"NODE-RT","target":{"odd":null}}"#;
    let stored = format!(r#"{{"RefreshToken":{{"their key":{row}}}}}"#);
    let mut cache = TokenCache::deserialize(&stored).unwrap();
    assert_eq!(cache.serialize().unwrap(), stored);
    let spent = refresh_token(&cache);
    cache.rotate(&spent, &Secret::new("RT2"), at(60));
    let renewed = row.replace(r#","secret":"NODE-RT","target""#, r#","secret":"RT2","target""#);
    let renewed = renewed.replace(
        r#""last_modification_time":7"#,
        r#""last_modification_time":"1767225660""#,
    );
    let expected = format!(r#"{{"RefreshToken":{{"their key":{renewed}}}}}"#);
    assert_eq!(cache.serialize().unwrap(), expected);
    assert_eq!(refresh_token(&cache).secret.expose(), "RT2");
}
