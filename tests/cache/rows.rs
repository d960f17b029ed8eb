//! What a token reply becomes.

use crate::*;

#[test]
fn a_sign_in_becomes_the_rows_that_msal_for_python_writes() {
    // What `SerializableTokenCache` of msal 1.39 makes of the same reply at the same time.
    let python = json!({
        "AccessToken": {
            "ada-uid.contoso-login.microsoftonline.com-accesstoken-client-organizations-user.read openid profile": {
                "credential_type": "AccessToken", "secret": "AT1", "home_account_id": "Ada-uid.contoso",
                "environment": "login.microsoftonline.com", "client_id": "Client", "target": "User.Read openid profile",
                "realm": "organizations", "token_type": "Bearer", "cached_at": "1767225600",
                "expires_on": "1767229200", "extended_expires_on": "1767232800", "refresh_on": "1767227400",
            },
        },
        "Account": {
            "ada-uid.contoso-login.microsoftonline.com-organizations": {
                "home_account_id": "Ada-uid.contoso", "environment": "login.microsoftonline.com",
                "realm": "organizations", "local_account_id": "ada-oid", "username": "Ada@contoso.com",
                "authority_type": "MSSTS", "account_source": "urn:ietf:params:oauth:grant-type:device_code",
            },
        },
        "IdToken": {
            "ada-uid.contoso-login.microsoftonline.com-idtoken-client-organizations-": {
                "credential_type": "IdToken", "secret": id_token(), "home_account_id": "Ada-uid.contoso",
                "environment": "login.microsoftonline.com", "realm": "organizations", "client_id": "Client",
            },
        },
        "RefreshToken": {
            "ada-uid.contoso-login.microsoftonline.com-refreshtoken-client--user.read openid profile": {
                "credential_type": "RefreshToken", "secret": "RT1", "home_account_id": "Ada-uid.contoso",
                "environment": "login.microsoftonline.com", "client_id": "Client",
                "target": "User.Read openid profile", "last_modification_time": "1767225600", "family_id": "1",
            },
        },
        "AppMetadata": {
            "appmetadata-login.microsoftonline.com-Client": {
                "client_id": "Client", "environment": "login.microsoftonline.com", "family_id": "1",
            },
        },
    });
    assert_eq!(json_of(&signed_in()), python);
}

#[test]
fn what_the_reply_does_not_say_is_assumed_or_left_out_as_msal_does() {
    let mut cache = TokenCache::default();
    let sparse = without(
        sign_in(),
        &[
            "token_type",
            "expires_in",
            "ext_expires_in",
            "refresh_in",
            "scope",
            "foci",
            "refresh_token",
        ],
    );
    granted(&mut cache, &sparse, None, at(0));
    let json = json_of(&cache);
    let row = json["AccessToken"].as_object().unwrap().values().next().unwrap();
    assert_eq!(row["token_type"], "Bearer");
    assert_eq!(row["expires_on"], (NOON + 600).to_string());
    assert_eq!(row["extended_expires_on"], (NOON + 600).to_string());
    assert_eq!(row["target"], "User.Read offline_access openid profile");
    assert!(row.get("refresh_on").is_none());
    assert!(json.get("RefreshToken").is_none());
    let app = &json["AppMetadata"]["appmetadata-login.microsoftonline.com-Client"];
    assert!(app.get("family_id").is_none());
}

#[test]
fn without_client_info_and_id_token_there_is_a_token_that_is_written_nowhere() {
    let mut cache = TokenCache::default();
    cache.keep_journal();
    granted(
        &mut cache,
        &without(sign_in(), &["client_info", "id_token"]),
        None,
        at(0),
    );
    assert_eq!(json_of(&cache), json!({}));
    assert!(!cache.has_unsaved());
    let mut has_token = |home_account_id| {
        let owner = Owner {
            home_account_id,
            environment: HOST,
        };
        let token = cache.access_token(owner, "Client", "organizations", &["User.Read"], at(1));
        token.is_some() && !cache.refresh_tokens(owner, Whose::Client("Client")).is_empty()
    };
    assert!(has_token(NOBODY) && !has_token("") && !has_token("\0other"));
    // Reading a store costs nobody the token.
    cache.reload("{}", Item::Whole).unwrap();
    assert_eq!(
        access_token(&mut cache, "User.Read", at(1)),
        None,
        "and it is not Ada's"
    );
    let owner = Owner {
        home_account_id: NOBODY,
        environment: HOST,
    };
    assert!(
        cache
            .access_token(owner, "Client", "organizations", &["User.Read"], at(1))
            .is_some()
    );
}

#[test]
fn rows_of_nobody_that_are_stored_are_nobodys_and_stay() {
    for owner in [json!(null), json!(""), json!(NOBODY)] {
        let mut tables = json_of(&signed_in());
        for table in ["AccessToken", "RefreshToken", "Account", "IdToken"] {
            let mut row = first_row(&tables, table);
            row["home_account_id"] = owner.clone();
            tables[table] = json!({"theirs": row});
        }
        let mut cache = TokenCache::deserialize(&tables.to_string()).unwrap();
        for home_account_id in ["", NOBODY] {
            let owner = Owner {
                home_account_id,
                environment: HOST,
            };
            let token = cache.access_token(owner, "Client", "organizations", &["User.Read"], at(1));
            assert!(token.is_none() && !cache.has_refresh_token_at(owner) && !cache.has_account(owner, None));
            assert!(!cache.remove_account(owner, "Client"));
        }
        assert_eq!(json_of(&cache), tables);
    }
}

#[test]
fn a_refresh_rotates_the_token_where_it_lies_and_makes_no_account() {
    let mut cache = signed_in();
    let before = json_of(&cache);
    let spent = refresh_token(&cache);
    let mut reply = without(sign_in(), &["refresh_in"]);
    reply["access_token"] = json!("AT2");
    reply["refresh_token"] = json!("RT2");
    reply["scope"] = json!("Mail.Read");
    granted(&mut cache, &reply, Some(&spent), at(60));
    let after = json_of(&cache);
    let rotated = after["RefreshToken"].as_object().unwrap();
    let (key, row) = rotated.iter().next().unwrap();
    assert_eq!(rotated.len(), 1);
    assert_eq!(
        (&row["secret"], &row["last_modification_time"]),
        (&json!("RT2"), &json!((NOON + 60).to_string()))
    );
    assert_eq!(row["target"], before["RefreshToken"][key]["target"]);
    assert_eq!(after["Account"], before["Account"]);
    assert_eq!(after["AccessToken"].as_object().unwrap().len(), 2);

    // Somebody signed Ada out meanwhile: she stays signed out.
    let mut cache = TokenCache::default();
    granted(&mut cache, &reply, Some(&spent), at(60));
    let json = json_of(&cache);
    assert!(json.get("Account").is_none() && json.get("RefreshToken").is_none());
}

#[test]
fn a_new_token_replaces_the_old_one_of_the_same_scopes() {
    let mut cache = signed_in();
    let mut again = sign_in();
    again["access_token"] = json!("AT2");
    granted(&mut cache, &again, None, at(60));
    assert_eq!(json_of(&cache)["AccessToken"].as_object().unwrap().len(), 1);
    assert_eq!(access_token(&mut cache, "User.Read", at(61)).as_deref(), Some("AT2"));
}
