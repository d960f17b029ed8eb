//! Without the user: what the cache holds, and what a refresh token gets.

use crate::expect::signed_in;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::ask::{Ask, AskOptions, Purpose};
use entra_device_code::flow::config::Config;
use entra_device_code::flow::event::CallId;
use entra_device_code::protocol::scope::Scopes;
use serde_json::{Value, json};

fn signed_in_with(token: Value) -> Conversation {
    let mut talk = Conversation::new(options());
    talk.signs_in("User.Read", token_with("AT1", "RT1", token));
    talk
}

fn claims(claims: &str) -> AskOptions {
    AskOptions {
        claims: Some(claims.into()),
        ..AskOptions::default()
    }
}

pub(crate) fn cae() -> AskOptions {
    AskOptions {
        enable_cae: true,
        ..AskOptions::default()
    }
}

/// A token for `User.Read` from the refresh token `spent`.
pub(crate) fn renews(
    talk: &mut Conversation,
    caller: CallId,
    spent: &str,
    reply: entra_device_code::protocol::http::Reply,
) {
    talk.sends(TOKEN).with("refresh_token", spent).replied(reply);
    talk.finishes(caller).with_token("AT2");
}

#[test]
fn a_fresh_token_is_there_at_once() {
    let mut talk = signed_in(options());
    // Scopes that were granted along with what was asked count; so do reserved ones the server doesn't list.
    for scopes in ["User.Read", "profile", "User.Read openid", "User.Read offline_access"] {
        let caller = talk.get_token(scopes);
        talk.finishes(caller).with_token("AT1");
    }
}

#[test]
fn a_token_with_300_seconds_left_is_renewed_and_one_with_301_is_not() {
    let mut talk = signed_in(options());
    talk.at(5 + 3600 - 301);
    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT1");
    talk.at(5 + 3600 - 300);
    let ada = talk.get_token("User.Read");
    let request = talk
        .sends(TOKEN)
        .with("grant_type", "refresh_token")
        .with("refresh_token", "RT1")
        .with("client_id", "client")
        .with("client_info", "1")
        .with("scope", "User.Read offline_access openid profile")
        .without("claims");
    assert_eq!(request.header("x-anchormailbox"), Some("Oid:ada-uid@contoso"));
    request.replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn the_successor_of_a_refresh_token_is_spent_next() {
    let mut talk = signed_in(options());
    let ada = talk.get_token("Mail.Read");
    renews(
        &mut talk,
        ada,
        "RT1",
        token_with("AT2", "RT2", json!({"scope": "Mail.Read"})),
    );
    let ada = talk.get_token("Files.Read");
    // This server keeps the refresh token as it is.
    renews(
        &mut talk,
        ada,
        "RT2",
        token_with("AT2", "", json!({"scope": "Files.Read", "refresh_token": null})),
    );
    let ada = talk.get_token("Tasks.Read");
    renews(
        &mut talk,
        ada,
        "RT2",
        token_with("AT2", "RT3", json!({"scope": "Tasks.Read"})),
    );
}

#[test]
fn a_token_past_refresh_on_is_renewed_and_good_enough_if_that_fails() {
    let aging = || {
        let mut talk = signed_in_with(json!({"refresh_in": 1800}));
        talk.at(5 + 1800);
        let ada = talk.get_token("User.Read");
        talk.finishes(ada).with_token("AT1");
        talk.at(5 + 1801);
        let ada = talk.get_token("User.Read");
        (talk, ada)
    };
    let (mut talk, ada) = aging();
    renews(&mut talk, ada, "RT1", token("AT2", "RT2"));

    let (mut talk, ada) = aging();
    talk.sends(TOKEN).replied(error("invalid_grant"));
    talk.finishes(ada).with_token("AT1");

    let (mut talk, ada) = aging();
    talk.sends(TOKEN).replied(reply(503, ""));
    talk.finishes(ada).with_token("AT1");
    talk.logged("the cached one still lives");
}

#[test]
fn when_the_service_is_out_an_expiring_token_is_better_than_none() {
    let mut talk = signed_in(options());
    talk.at(3500);
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN).replied(dropped());
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn but_not_if_it_expires_while_the_service_is_tried() {
    let mut talk = signed_in(options());
    talk.at(3602);
    let ada = talk.get_token("User.Read");
    for seconds in [0.0, 0.8, 2.4, 5.6] {
        talk.at(3602.0 + seconds).sends(TOKEN).replied(dropped());
    }
    talk.finishes(ada).failing("connection reset");
}

#[test]
fn when_the_service_is_out_and_the_token_expired_nobody_is_prompted() {
    for (answer, status) in [
        (reply(503, "<html>"), Some(503)),
        (reply(500, r#"{"error":"server_error"}"#), Some(500)),
    ] {
        let mut talk = signed_in(options());
        talk.at(4000);
        let ada = talk.get_token("User.Read");
        for seconds in [0.0, 0.8, 2.4, 5.6] {
            talk.at(4000.0 + seconds).sends(TOKEN).replied(answer.clone());
        }
        assert_eq!(talk.finishes(ada).failing("The token request failed").status, status);
    }
    // What is no OAuth reply is no refusal either.
    for (status, body) in [(200, "{}"), (200, r#"{"access_token":7}"#), (302, ""), (404, "<html>")] {
        let mut talk = signed_in(options());
        talk.at(4000);
        let ada = talk.get_token("User.Read");
        talk.sends(TOKEN).replied(reply(status, body));
        assert_eq!(talk.finishes(ada).failing("no OAuth reply").status, Some(status));
    }
}

#[test]
fn a_refused_refresh_token_means_that_the_user_is_asked() {
    let mut talk = signed_in(options());
    talk.at(4000);
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN).replied(error("invalid_grant"));
    talk.shows_a_code();
    talk.at(4005)
        .sends(TOKEN)
        .with("device_code", "DC-secret")
        .replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn or_that_interaction_is_required() {
    let mut talk = Conversation::new(Config {
        disable_automatic_authentication: true,
        ..options()
    });
    let ada = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    talk.at(4000);
    let ada = talk.get_token_with("User.Read", claims(r#"{"access_token":{}}"#));
    let refused =
        json!({"error": "interaction_required", "error_description": "AADSTS50076: MFA", "error_codes": [50076]});
    talk.sends(TOKEN).replied(reply(400, refused.to_string()));
    let required = talk.finishes(ada).required();
    assert_eq!(required.claims.as_deref(), Some(r#"{"access_token":{}}"#));
    let refused = required.refused.unwrap().response.unwrap();
    assert_eq!(refused.error, "interaction_required");
    assert!(
        entra_device_code::hint::for_error(&refused)
            .unwrap()
            .contains("multifactor")
    );
}

#[test]
fn without_a_refresh_token_the_user_is_asked() {
    let mut talk = signed_in_with(json!({"refresh_token": null}));
    talk.at(4000);
    let ada = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(ada).cancels(request).finishes(ada).aborted();
}

#[test]
fn a_claims_challenge_bypasses_the_cached_token() {
    let challenge = r#"{"access_token":{"nbf":{"essential":true}}}"#;
    let mut talk = signed_in(options());
    let ada = talk.get_token_with("User.Read", claims(challenge));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .with("claims", challenge)
        .replied(error("invalid_grant"));
    talk.sends(DEVICE_CODE).with("claims", challenge).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(10)
        .sends(TOKEN)
        .with("claims", challenge)
        .replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
    // A challenge that is empty is none.
    let ada = talk.get_token_with("User.Read", claims(""));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn continuous_access_evaluation_has_its_own_cache_and_says_cp1() {
    const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    let mut talk = signed_in(options());
    let ada = talk.calls(Purpose::Authenticate, Some("User.Read"), cae());
    talk.sends(DEVICE_CODE).with("claims", CP1).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(10)
        .sends(TOKEN)
        .with("claims", CP1)
        .replied(token("CAE1", "CAE-RT1"));
    talk.finishes(ada).with_token("CAE1");

    let ada = talk.get_token_with("User.Read", cae());
    talk.finishes(ada).with_token("CAE1");
    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT1");

    talk.at(5000);
    let ada = talk.get_token_with("User.Read", cae());
    talk.sends(TOKEN)
        .with("refresh_token", "CAE-RT1")
        .with("claims", CP1)
        .replied(token("CAE2", "CAE-RT2"));
    talk.finishes(ada).with_token("CAE2");
    let ada = talk.get_token("User.Read");
    renews(&mut talk, ada, "RT1", token("AT2", "RT2"));
}

#[test]
fn another_tenant_has_other_tokens_and_the_same_refresh_token() {
    let fabrikam = || AskOptions {
        tenant_id: Some("fabrikam".into()),
        ..AskOptions::default()
    };
    let mut talk = signed_in(options());
    let ada = talk.get_token_with("User.Read", fabrikam());
    talk.sends("POST https://login.microsoftonline.com/fabrikam/oauth2/v2.0/token")
        .with("refresh_token", "RT1")
        .replied(token("FAB1", "RT2"));
    talk.finishes(ada).with_token("FAB1");
    let ada = talk.get_token_with("User.Read", fabrikam());
    talk.finishes(ada).with_token("FAB1");
    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_token_that_is_good_as_it_is_can_be_had_without_a_call() {
    let mut talk = signed_in(options());
    let fresh = |talk: &mut Conversation, seconds: f64, purpose, options: AskOptions| {
        talk.at(seconds);
        let scopes = Some(Scopes::new(["User.Read"]).unwrap());
        let ask = Ask::new(talk.credential.config(), purpose, scopes, options).unwrap();
        let now = talk.now();
        let token = talk.credential.fresh_token(&ask, now);
        assert!(talk.credential.is_idle() && talk.credential.poll_effect().is_none());
        token.map(|token| token.secret.expose().to_owned())
    };
    let none = AskOptions::default;
    let claims = Some("{}".to_owned());
    for (seconds, purpose, options, expected) in [
        (5.0, Purpose::GetToken, none(), Some("AT1")),
        (5.0, Purpose::GetToken, AskOptions { claims, ..none() }, None),
        (5.0, Purpose::GetToken, cae(), None),
        (5.0, Purpose::Authenticate, none(), None),
        (3304.0, Purpose::GetToken, none(), Some("AT1")),
        // With five minutes to live, it is renewed first.
        (3305.0, Purpose::GetToken, none(), None),
    ] {
        let token = fresh(&mut talk, seconds, purpose, options);
        assert_eq!(token.as_deref(), expected, "{purpose:?} at {seconds}");
    }
    let mut talk = signed_in(options());
    talk.closes();
    assert_eq!(fresh(&mut talk, 5.0, Purpose::GetToken, none()), None);
    let mut talk = Conversation::new(options());
    assert_eq!(fresh(&mut talk, 5.0, Purpose::GetToken, none()), None);
}
