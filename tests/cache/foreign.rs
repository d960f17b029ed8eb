//! What others wrote.

use crate::*;

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

#[test]
fn what_others_wrote_survives_a_round_trip_digit_by_digit() {
    let expected: Value = serde_json::from_str(FOREIGN).unwrap();
    let mut cache = TokenCache::deserialize(FOREIGN).unwrap();
    assert_eq!(json_of(&cache), expected);
    for digits in [
        "123456789012345678901234567890.123456789e+400",
        "18446744073709551616",
        "-0.0",
        "1e400",
    ] {
        assert!(cache.serialize().contains(digits), "{digits}");
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
    let json = json_of(&cache);
    assert_eq!(json["RefreshToken"]["some-key"]["secret"], "RT1");
    assert_eq!(json["AccessToken"]["no row"], "but a string");
    assert_eq!(json["Unknown"], expected["Unknown"]);
}

#[test]
fn an_empty_text_is_an_empty_cache() {
    for text in ["", " \n", "{}"] {
        assert_eq!(TokenCache::deserialize(text).unwrap().serialize(), "{}");
    }
}

#[test]
fn garbage_is_refused_and_changes_nothing() {
    let mut cache = signed_in();
    let before = cache.serialize();
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
        assert_eq!(cache.serialize(), before);
    }
}
