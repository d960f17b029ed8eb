//! A store of many accounts, of whom one is asked for: the others' rows are not read, and stay as they are.

use crate::foreign::{FOREIGN, texts};
use crate::*;

/// Others beside those of [`FOREIGN`]: as MSAL writes them, and as nobody should.
const OTHERS: &str = r#"
    "AccessToken": {
        "bea-uid.contoso-login.microsoftonline.com-accesstoken-client-contoso-s": {
            "secret": "BEA-AT", "home_account_id": "Bea-uid.contoso", "n": 1.10, "expires_on" : "1"},
        "a key \u0041": {"home_account_id": "Bea-\u0075id.contoso", "secret": "BEA-ODD"},
        "nobody's": {"home_account_id": null, "secret": "NOBODY-AT"},
        "last one counts": {"home_account_id": "Ada-uid.contoso", "home_account_id": "Bea-uid.contoso", "secret": "BEA-LAST"}
    },
    "Account": {"bea": {"home_account_id": "Bea-uid.contoso"}, "no object": [1, {"home_account_id": "Ada-uid.contoso"}]},
    "#;

fn crowd() -> String {
    FOREIGN.replacen('{', &format!("{{{OTHERS}"), 1)
}

const ADAS: &str = ADA.home_account_id;

/// What we write after Ada's token was renewed, having asked the store for these.
fn renewed(stored: &str, asked_for: &[&str]) -> (TokenCache, String) {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    if asked_for.is_empty() {
        ours.reload(stored, Item::Whole).unwrap();
    }
    for id in asked_for {
        ours.reload_account(stored, id).unwrap();
    }
    let spent = refresh_token(&ours);
    granted(&mut ours, &sign_in(), Some(&spent), at(60));
    let text = ours.merge(stored, Item::Whole).unwrap().unwrap();
    (ours, text)
}

#[test]
fn what_is_written_is_the_same_whoever_else_was_read() {
    // Also where there is somebody whose id differs from hers in its case alone: the keys are the same.
    let twin = signed_in().serialize().unwrap().replace("Ada-uid", "ADA-UID");
    let twin = twin.replace("AT1", "TWIN-AT").replace("RT1", "TWIN-RT");
    let twins = crowd().replacen('{', &format!("{},", twin.strip_suffix('}').unwrap()), 1);
    for stored in [crowd(), twins] {
        let (_, all) = renewed(&stored, &[]);
        for asked_for in [&[ADAS][..], &[ADAS, "bea-uid.contoso"]] {
            let (_, some) = renewed(&stored, asked_for);
            assert_eq!(texts(&some), texts(&all), "{asked_for:?}");
            let rows = texts(&some).into_values().collect::<String>();
            for secret in stored
                .split('"')
                .filter(|text| text.contains("BEA-") || text.contains("TWIN-"))
            {
                assert!(rows.contains(secret), "{secret} in {some}");
            }
        }
    }
}

#[test]
fn the_rows_of_others_are_written_as_they_were() {
    let odd = r#"" a key ": {"home_account_id":  "Bea-uid.contoso", "n": 1.10e400}"#;
    let stored = crowd().replacen(r#""RefreshToken": {"#, &format!(r#""RefreshToken": {{{odd},"#), 1);
    let (_, written) = renewed(&stored, &[ADAS]);
    for row in [
        odd.replacen(": {", ":{", 1).as_str(),
        r#"[1, {"home_account_id": "Ada-uid.contoso"}]"#,
    ] {
        assert!(written.contains(row), "{row} in {written}");
    }
}

#[test]
fn who_was_not_asked_for_is_not_kept_in_memory() {
    let (ours, written) = renewed(&crowd(), &[ADAS]);
    for secret in ["BEA-AT", "BEA-LAST", "NOBODY-AT"] {
        assert!(
            written.contains(secret) && !ours.serialize().unwrap().contains(secret),
            "{secret}"
        );
    }
    let (ours, _) = renewed(&crowd(), &[ADAS, "bea-uid.contoso"]);
    assert!(ours.serialize().unwrap().contains("BEA-AT") && ours.serialize().unwrap().contains("BEA-LAST"));
}

#[test]
fn what_becomes_of_those_who_were_asked_for_before_is_seen() {
    let mut ours = TokenCache::default();
    for id in [ADAS, "Bea-uid.contoso"] {
        ours.reload_account(&crowd(), id).unwrap();
    }
    assert!(ours.serialize().unwrap().contains("NODE-AT") && ours.serialize().unwrap().contains("BEA-AT"));
    ours.reload_account(&crowd().replace("NODE-AT", "NEW-AT"), "Bea-uid.contoso")
        .unwrap();
    assert!(ours.serialize().unwrap().contains("NEW-AT") && ours.serialize().unwrap().contains("BEA-AT"));
    ours.reload_account("", "Bea-uid.contoso").unwrap();
    assert_eq!(ours.serialize().unwrap(), "{}");
}

#[test]
fn who_has_nothing_to_save_learns_of_everybody() {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    assert_eq!(ours.merge(&crowd(), Item::Whole), Ok(None));
    assert!(ours.serialize().unwrap().contains("BEA-AT"));
}
