//! Ids that differ in nothing but case: MSAL's keys are in lower case, and would be the same.

use crate::*;

/// A sign-in of somebody with this id, with tokens to tell it by.
fn of(uid: &str) -> Value {
    let mut reply = sign_in();
    reply["client_info"] = json!(base64url(&json!({"uid": uid, "utid": "contoso"})));
    reply["access_token"] = json!(format!("{uid}-AT"));
    reply["refresh_token"] = json!(format!("{uid}-RT"));
    reply
}

/// The tokens that somebody with this id is served.
fn served(cache: &mut TokenCache, uid: &str) -> (Option<String>, Vec<String>) {
    let id = format!("{uid}.contoso");
    let owner = Owner {
        home_account_id: &id,
        environment: HOST,
    };
    let token = cache.access_token(owner, "Client", "organizations", &["User.Read"], at(1));
    let refresh_tokens = cache.refresh_tokens(owner, Whose::Client("Client")).into_iter();
    (
        token.map(|token| token.secret.expose().to_owned()),
        refresh_tokens.map(|token| token.secret.expose().to_owned()).collect(),
    )
}

fn each_has_their_own(cache: &mut TokenCache) {
    for uid in ["Uid", "uid"] {
        let own = (Some(format!("{uid}-AT")), vec![format!("{uid}-RT")]);
        assert_eq!(served(cache, uid), own);
    }
}

#[test]
fn neither_overwrites_the_other_in_memory_or_in_a_store() {
    let mut cache = TokenCache::default();
    for uid in ["Uid", "uid", "Uid", "uid"] {
        granted(&mut cache, &of(uid), None, at(0));
    }
    each_has_their_own(&mut cache);
    let text = cache.serialize().unwrap();
    each_has_their_own(&mut TokenCache::deserialize(&text).unwrap());
    assert_eq!(json_of(&cache)["RefreshToken"].as_object().unwrap().len(), 2);

    // Two processes, of which neither knows the other's.
    let mut stored = String::new();
    for uid in ["Uid", "uid"] {
        let mut ours = TokenCache::default();
        ours.keep_journal();
        granted(&mut ours, &of(uid), None, at(0));
        stored = ours.merge(&stored, Item::Whole).unwrap().unwrap();
    }
    each_has_their_own(&mut TokenCache::deserialize(&stored).unwrap());

    // One signs in again after the other has signed out, and has one refresh token still.
    let other = Owner {
        home_account_id: "Uid.contoso",
        environment: HOST,
    };
    assert!(cache.remove_account(other, "Client"));
    assert_eq!(served(&mut cache, "Uid"), (None, Vec::new()));
    granted(&mut cache, &of("uid"), None, at(0));
    assert_eq!(served(&mut cache, "uid").1, ["uid-RT"]);
}

#[test]
fn items_of_two_accounts_that_are_read_one_after_the_other_are_both_known() {
    let mut cache = TokenCache::default();
    cache.keep_journal();
    for uid in ["Uid", "uid"] {
        let mut theirs = TokenCache::default();
        granted(&mut theirs, &of(uid), None, at(0));
        let id = format!("{uid}.contoso");
        cache.reload(&theirs.serialize().unwrap(), Item::Account(&id)).unwrap();
    }
    each_has_their_own(&mut cache);
}

#[test]
fn a_removal_that_is_not_saved_yet_is_of_whom_it_was() {
    let mut ours = TokenCache::default();
    ours.keep_journal();
    let stored = |uid| {
        let mut theirs = TokenCache::default();
        granted(&mut theirs, &of(uid), None, at(0));
        theirs.serialize().unwrap()
    };
    ours.reload(&stored("Uid"), Item::Whole).unwrap();
    let owner = Owner {
        home_account_id: "Uid.contoso",
        environment: HOST,
    };
    assert!(ours.remove_account(owner, "Client"));
    ours.reload(&stored("uid"), Item::Whole).unwrap();
    assert_eq!(served(&mut ours, "uid").1, ["uid-RT"]);
}

#[test]
fn who_signs_out_is_found_where_another_process_put_them() {
    for order in [["Uid", "uid"], ["uid", "Uid"]] {
        let mut theirs = TokenCache::default();
        for uid in order {
            granted(&mut theirs, &of(uid), None, at(0));
        }
        let mut ours = TokenCache::default();
        granted(&mut ours, &of("Uid"), None, at(0));
        ours.keep_journal();
        let owner = Owner {
            home_account_id: "Uid.contoso",
            environment: HOST,
        };
        assert!(ours.remove_account(owner, "Client"));
        let stored = ours.merge(&theirs.serialize().unwrap(), Item::Whole).unwrap().unwrap();
        let mut stored = TokenCache::deserialize(&stored).unwrap();
        assert_eq!(served(&mut stored, "Uid"), (None, Vec::new()));
        assert_eq!(served(&mut stored, "uid").1, ["uid-RT"]);
        assert_eq!(json_of(&stored)["Account"].as_object().unwrap().len(), 1);
    }
}

#[test]
fn a_successor_is_put_in_no_place_but_that_of_what_was_spent() {
    let mut cache = signed_in();
    let spent = refresh_token(&cache);
    // Meanwhile, Ada has signed in again.
    let mut again = sign_in();
    again["refresh_token"] = json!("RT2");
    granted(&mut cache, &again, None, at(60));
    cache.rotate(&spent, &Secret::new("late"), at(61));
    assert_eq!(refresh_token(&cache).secret.expose(), "RT2");
}

#[test]
fn an_item_brings_in_nothing_of_another_account() {
    let mut theirs = signed_in();
    granted(&mut theirs, &of("Uid"), None, at(0));
    let mut ours = TokenCache::default();
    ours.keep_journal();
    let text = theirs.serialize().unwrap();
    ours.reload(&text, Item::Account("Ada-uid.contoso")).unwrap();
    assert!(access_token(&mut ours, "User.Read", at(1)).is_some());
    assert_eq!(served(&mut ours, "Uid"), (None, Vec::new()));
}
