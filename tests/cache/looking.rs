//! What is found, and for whom.

use crate::*;

#[test]
fn expired_tokens_are_dropped_when_met() {
    let mut cache = signed_in();
    assert!(access_token(&mut cache, "User.Read", at(3599)).is_some());
    assert!(cache.serialize().unwrap().contains("AT1"));
    assert!(access_token(&mut cache, "User.Read", at(3600)).is_none());
    assert!(!cache.serialize().unwrap().contains("AT1"));
    // Without a time that can be read, a token has expired.
    let mut cache = TokenCache::deserialize(&signed_in().serialize().unwrap().replace("1767229200", "soon")).unwrap();
    assert!(access_token(&mut cache, "User.Read", at(0)).is_none());
}

#[test]
fn a_token_serves_who_it_is_for_alone() {
    let mut cache = signed_in();
    let wanted = ["User.Read"];
    let other = Owner {
        home_account_id: "Ada-uid.contoso2",
        ..ADA
    };
    let elsewhere = Owner {
        environment: "login.windows.net",
        ..ADA
    };
    for (owner, client, realm) in [
        (other, "Client", "organizations"),
        (elsewhere, "Client", "organizations"),
        (ADA, "Client2", "organizations"),
        (ADA, "client", "organizations"),
        (ADA, "Client", "organizations2"),
    ] {
        assert!(
            cache.access_token(owner, client, realm, &wanted, at(1)).is_none(),
            "{owner:?} {client} {realm}"
        );
    }
    assert!(
        cache
            .access_token(ADA, "Client", "organizations", &["User.Read", "Mail.Read"], at(1))
            .is_none()
    );
    assert!(cache.access_token(ADA, "Client", "organizations", &[], at(1)).is_none());
    assert!(
        cache
            .access_token(ADA, "Client", "organizations", &["openid", "User.Read"], at(1))
            .is_some()
    );
    // Bound to a key, or to parameters this crate never asks for.
    for (from, to) in [
        ("\"Bearer\"", "\"pop\""),
        ("\"token_type\"", "\"ext_cache_key\":\"k\",\"token_type\""),
    ] {
        let mut cache = TokenCache::deserialize(&cache.serialize().unwrap().replace(from, to)).unwrap();
        assert!(access_token(&mut cache, "User.Read", at(1)).is_none(), "{to}");
    }
}

#[test]
fn a_token_that_would_not_fit_into_a_header_is_served_to_nobody_and_goes_with_its_account() {
    for odd in ["AT1\\r\\nX-Evil: 1", "AT1\\u0000", "\\u00e4", ""] {
        let stored = signed_in().serialize().unwrap();
        let stored = stored.replace(r#""secret":"AT1""#, &format!(r#""secret":"{odd}""#));
        let mut cache = TokenCache::deserialize(&stored).unwrap();
        assert_eq!(access_token(&mut cache, "User.Read", at(1)), None, "{odd}");
        cache.remove_account(ADA, "Client");
        assert!(json_of(&cache)["AccessToken"].is_null());
    }
}

#[test]
fn of_several_tokens_that_fit_the_best_is_taken() {
    let mut cache = signed_in();
    for (secret, scope, expires_in) in [("SHORT", "User.Read A", 200), ("LONG", "User.Read B", 9000)] {
        let mut reply = without(sign_in(), &["refresh_in"]);
        reply["access_token"] = json!(secret);
        reply["scope"] = json!(scope);
        reply["expires_in"] = json!(expires_in);
        granted(&mut cache, &reply, None, at(0));
    }
    assert_eq!(access_token(&mut cache, "User.Read", at(1)).as_deref(), Some("LONG"));
    assert_eq!(access_token(&mut cache, "A", at(1)).as_deref(), Some("SHORT"));
}

#[test]
fn an_account_is_known_by_its_id_and_its_name_in_any_case() {
    let cache = signed_in();
    for name in [None, Some("ada@CONTOSO.com")] {
        assert!(cache.has_account(ADA, name));
    }
    assert!(!cache.has_account(ADA, Some("bea@contoso.com")));
    assert!(!cache.has_account(
        Owner {
            home_account_id: "Ada-uid.contos",
            ..ADA
        },
        None
    ));
}

#[test]
fn removing_an_account_leaves_the_others() {
    let mut cache = signed_in();
    let bea = signed_in()
        .serialize()
        .unwrap()
        .replace("Ada", "Bea")
        .replace("ada-uid", "bea-uid");
    let other_client = signed_in()
        .serialize()
        .unwrap()
        .replace("Client", "Other")
        .replace("client", "other")
        .replace(r#","family_id":"1""#, "");
    let mut all = json_of(&cache);
    for text in [&bea, &other_client] {
        let more: Value = serde_json::from_str(text).unwrap();
        for (table, rows) in more.as_object().unwrap() {
            for (key, row) in rows.as_object().unwrap() {
                all[table][key] = row.clone();
            }
        }
    }
    cache.reload(&all.to_string(), Item::Whole).unwrap();
    cache.remove_account(ADA, "Client");
    let left = json_of(&cache);
    let keys = |table: &str| left[table].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys("Account"),
        ["bea-uid.contoso-login.microsoftonline.com-organizations"]
    );
    assert!(keys("AccessToken").iter().all(|key| key.starts_with("bea-uid")));
    // The refresh token of an application that is no sibling stays, as it does for MSAL.
    assert_eq!(keys("RefreshToken").len(), 2);
    assert!(
        keys("RefreshToken")
            .iter()
            .all(|key| key.starts_with("bea-uid") || key.contains("-other-"))
    );
}
