//! Signing in on purpose, the record of it, and signing out.

use crate::expect::signed_in;
use crate::finished::Finished;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::protocol::authority::Authority;
use serde_json::json;

/// `authenticate` whose token reply has other fields.
fn authenticated(token: serde_json::Value) -> (Conversation, Finished) {
    let mut talk = Conversation::new(options());
    let ada = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token_with("AT1", "RT1", token));
    let finished = talk.finishes(ada);
    (talk, finished)
}

#[test]
fn authenticate_gives_a_record() {
    let (_, finished) = authenticated(json!({}));
    assert_eq!(finished.record().unwrap(), crate::known::ada());
}

#[test]
fn authenticate_challenges_the_user_even_with_a_fresh_token() {
    let mut talk = signed_in(options());
    let ada = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(10).sends(TOKEN).replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn without_scopes_it_is_for_the_clouds_resource_manager() {
    for (host, scope) in [
        (
            "login.microsoftonline.com",
            "https://management.core.windows.net//.default",
        ),
        (
            "login.chinacloudapi.cn",
            "https://management.core.chinacloudapi.cn//.default",
        ),
        (
            "login.microsoftonline.us",
            "https://management.core.usgovcloudapi.net//.default",
        ),
    ] {
        let mut talk = Conversation::new(Config {
            authority: Authority::parse(host).unwrap().into(),
            ..options()
        });
        let ada = talk.authenticate(None);
        let scopes = format!("{scope} offline_access openid profile");
        let request = talk.sends("POST …/devicecode").with("scope", &scopes).hangs();
        talk.aborts(ada).cancels(request).finishes(ada).aborted();
    }
    let elsewhere = Config {
        authority: Authority::parse("login.contoso.com").unwrap().into(),
        ..options()
    };
    let error = Ask::new(&elsewhere, Purpose::Authenticate, None, AskOptions::default()).unwrap_err();
    assert!(matches!(error, entra_device_code::error::Error::Unavailable(why) if why.contains("`scopes`")));
}

#[test]
fn without_a_usable_id_token_there_is_no_record_but_a_token() {
    for (fields, missing) in [
        (json!({"id_token": null}), "`id_token`"),
        (json!({"id_token": "opaque"}), "no JWT"),
        (json!({"id_token": "a.b!.c"}), "payload"),
        (json!({"id_token": id_token(json!({"iss": null}))}), "`iss`"),
        (
            json!({"id_token": id_token(json!({"preferred_username": null, "sub": null}))}),
            "no name",
        ),
        (json!({"client_info": "!"}), "`client_info`"),
    ] {
        let (mut talk, finished) = authenticated(fields);
        let failure = finished.failing("The user signed in, but no AuthenticationRecord can be built");
        assert!(failure.message.contains(missing), "{}", failure.message);
        let ada = talk.get_token("User.Read");
        talk.finishes(ada).with_token("AT1");
        let ada = talk.get_token("Mail.Read");
        talk.sends(TOKEN)
            .with("refresh_token", "RT1")
            .replied(token("AT2", "RT2"));
        talk.finishes(ada).with_token("AT2");
    }
}

#[test]
fn somebody_the_server_says_nothing_about_is_still_served() {
    let mut talk = Conversation::new(options());
    let nobody = json!({"id_token": null, "client_info": null});
    talk.signs_in("User.Read", token_with("AT1", "RT1", nobody));
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");
    talk.at(5000);
    let caller = talk.get_token("User.Read");
    let request = talk.sends(TOKEN).with("refresh_token", "RT1");
    assert_eq!(request.header("x-anchormailbox"), None);
    request.replied(token_with("AT2", "RT2", json!({"id_token": null, "client_info": null})));
    talk.finishes(caller).with_token("AT2");
}

#[test]
fn the_last_to_sign_in_is_the_one_served() {
    let mut talk = signed_in(options());
    let bea = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(10).sends(TOKEN).replied(beas_token("BEA1", "BEA-RT1"));
    assert_eq!(talk.finishes(bea).record().unwrap().username, "bea@contoso.com");
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("BEA1");
}

#[test]
fn remove_account_forgets_the_account_in_both_caches() {
    let mut talk = signed_in(options());
    let cae = || AskOptions {
        enable_cae: true,
        ..AskOptions::default()
    };
    let ada = talk.calls(Purpose::Authenticate, Some("User.Read"), cae());
    talk.shows_a_code();
    talk.at(10).sends(TOKEN).replied(token("CAE1", "CAE-RT1"));
    talk.finishes(ada).with_token("CAE1");

    let out = talk.remove_account();
    talk.finishes(out).with_accounts(&["ada@contoso.com"]);
    for enable_cae in [false, true] {
        let left = talk.credential.context().cache(enable_cae).serialize().unwrap();
        assert!(!left.contains("ada-uid") && !left.contains("RT1"), "{left}");
    }
    talk.signs_in("User.Read", token("AT2", "RT2"));
}

#[test]
fn remove_account_without_an_account_is_fine() {
    let mut talk = Conversation::new(options());
    let out = talk.remove_account();
    talk.finishes(out).with_accounts(&[]);
}
