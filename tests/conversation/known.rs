//! An account that is known from before: from a record, or under another name of the host.

use crate::expect::signed_in;
use crate::silent::renews;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::cache::Item;
use entra_device_code::flow::config::Config;
use entra_device_code::record::AuthenticationRecord;
use serde_json::{Value, json};

/// Ada's record.
pub(crate) fn ada() -> AuthenticationRecord {
    AuthenticationRecord {
        authority: "login.microsoftonline.com".into(),
        client_id: "client".into(),
        home_account_id: "ada-uid.contoso".into(),
        tenant_id: "contoso".into(),
        username: "ada@contoso.com".into(),
    }
}

/// Bea's record.
pub(crate) fn bea() -> AuthenticationRecord {
    AuthenticationRecord {
        home_account_id: "bea-uid.contoso".into(),
        username: "bea@contoso.com".into(),
        ..ada()
    }
}

#[test]
fn a_record_needs_the_account_in_the_cache() {
    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..options()
    });
    let caller = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();

    let stored = {
        let mut talk = signed_in(options());
        talk.credential.context().cache(false).serialize().unwrap()
    };
    let mut talk = Conversation::remembering(
        Config {
            record: Some(ada()),
            ..options()
        },
        &stored,
    );
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");
    let caller = talk.get_token("Mail.Read");
    renews(&mut talk, caller, "RT1", token("AT2", "RT2"));

    // Another user's record gets nothing of it, and one whose name has changed neither, as with MSAL.
    for record in [
        AuthenticationRecord {
            home_account_id: "bea-uid.contoso".into(),
            ..ada()
        },
        AuthenticationRecord {
            username: "countess@contoso.com".into(),
            ..ada()
        },
    ] {
        let mut talk = Conversation::remembering(
            Config {
                record: Some(record),
                ..options()
            },
            &stored,
        );
        let caller = talk.get_token("User.Read");
        let request = talk.sends(DEVICE_CODE).hangs();
        talk.aborts(caller).cancels(request).finishes(caller).aborted();
    }
}

#[test]
fn what_was_cached_under_an_alias_of_the_host_is_found() {
    let stored = {
        let mut talk = signed_in(options());
        let stored = talk.credential.context().cache(false).serialize().unwrap();
        stored.replace("login.microsoftonline.com\"", "login.windows.net\"")
    };
    let mut talk = Conversation::remembering(
        Config {
            record: Some(ada()),
            ..options()
        },
        &stored,
    );
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");
    talk.at(5000);
    let caller = talk.get_token("User.Read");
    talk.sends("POST https://login.windows.net/organizations/oauth2/v2.0/token")
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(caller).with_token("AT2");
}

#[test]
fn the_hosts_are_tried_in_their_order() {
    let mut talk = signed_in(options());
    let stored = talk.credential.context().cache(false).serialize().unwrap();
    let tables = |host: &str| json_of(&stored.replace("login.microsoftonline.com\"", &format!("{host}\"")));
    let keyed = |host: &str, table: &str| {
        let row = tables(host)[table]
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()
            .clone();
        json!({ host: row })
    };
    let hosts = [
        "sts.windows.net",
        "login.microsoftonline.com",
        "login.microsoft.com",
        "login.windows.net",
    ];
    let all = |table: &str| {
        hosts
            .iter()
            .fold(json!({}), |rows, host| with(rows, keyed(host, table)))
    };
    let store = json!({"RefreshToken": all("RefreshToken"), "Account": all("Account")});
    talk.credential
        .context()
        .cache(false)
        .reload(&store.to_string(), Item::Whole)
        .unwrap();
    let ada = talk.get_token("User.Read");
    for host in ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com"] {
        talk.sends(&format!("POST https://{host}/…"))
            .replied(error("invalid_grant"));
    }
    talk.sends("POST https://sts.windows.net/…")
        .replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn a_refusal_at_the_host_and_no_answer_at_its_alias_leave_the_expiring_token() {
    let mut talk = signed_in(options());
    let stored = talk.credential.context().cache(false).serialize().unwrap();
    let both = {
        let alias = stored.replace("login.microsoftonline.com", "login.windows.net");
        let merge = |name: &str| with(json_of(&stored)[name].clone(), json_of(&alias)[name].clone());
        json!({"RefreshToken": merge("RefreshToken"), "Account": merge("Account"), "AccessToken": json_of(&stored)["AccessToken"]})
    };
    talk.credential
        .context()
        .cache(false)
        .reload(&both.to_string(), Item::Whole)
        .unwrap();
    talk.at(3500);
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN).replied(error("invalid_grant"));
    talk.sends("POST https://login.windows.net/…").replied(dropped());
    talk.finishes(ada).with_token("AT1");
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
