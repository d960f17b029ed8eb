//! `enableSupportLogging`: what whoever supports a program sees of what it does.

use crate::secrecy::shows_no_secret;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::error::Cause;
use entra_device_code::flow::config::Config;
use entra_device_code::protocol::http::Fault;
use serde_json::json;

/// A sign-in with a poll that comes to nothing, a renewal, and a refusal.
fn talk(support_logging: bool) -> Conversation {
    let mut talk = Conversation::new(Config {
        support_logging,
        ..options()
    });
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    let poll = talk.at(5).sends(TOKEN).io;
    talk.at(7).answers(poll, pending());
    let fault = Fault::Network(Cause::text("DC-secret: connection reset"));
    talk.at(12).sends(TOKEN).replied(Err(fault));
    talk.at(22).sends(TOKEN).replied(token("AT1", "RT1"));
    let _ = talk.finishes(ada);
    let renewed = talk.get_token("Mail.Read");
    talk.sends(TOKEN).replied(token("AT2", "RT2"));
    let _ = talk.finishes(renewed);
    let refused = talk.authenticate(Some("User.Read"));
    talk.sends(DEVICE_CODE).replied(error("invalid_client"));
    let _ = talk.finishes(refused);
    talk
}

#[test]
fn requests_polls_renewals_and_failures_are_told_and_no_secret() {
    let log = talk(true).log.clone();
    shows_no_secret(&log.join("\n"));
    let at = "POST https://login.microsoftonline.com/organizations/oauth2/v2.0";
    let expected = [
        format!("Verbose: {at}/devicecode: 200 in 0 ms, correlation id correlation-0"),
        "Info: waiting for the user to enter the code".into(),
        "Verbose: the next request is due in 5000 ms".into(),
        format!("Verbose: {at}/token: 400 authorization_pending in 2000 ms, correlation id correlation-0"),
        "Verbose: the next request is due in 5000 ms".into(),
        format!(
            "Verbose: {at}/token: no reply from login.microsoftonline.com: [redacted]: connection reset in 0 ms, correlation id correlation-0"
        ),
        "Verbose: the next request is due in 10000 ms".into(),
        format!("Verbose: {at}/token: 200 in 0 ms, correlation id correlation-0"),
        "Info: the user signed in".into(),
        "Verbose: account ada-uid.contoso (ada@contoso.com)".into(),
        format!("Verbose: {at}/token: 200 in 0 ms, correlation id correlation-1"),
        "Info: a refresh token was exchanged for an access token".into(),
        format!("Verbose: {at}/devicecode: 400 invalid_client in 0 ms, correlation id correlation-2"),
        "Verbose: a call failed: Authentication failed: AADSTS70000: invalid_client, in words.".into(),
    ];
    assert_eq!(log, expected);
}

#[test]
fn unless_it_is_asked_for_nothing_of_it_is_told() {
    let log = talk(false).log.clone();
    assert!(log.iter().all(|line| !line.starts_with("Verbose")), "{log:#?}");
    assert_eq!(log.len(), 3);
}

#[test]
fn what_a_terminal_would_obey_is_in_no_line() {
    let mut talk = Conversation::new(Config {
        record: Some(crate::known::ada()),
        support_logging: true,
        ..options()
    });
    let caller = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    let named = json!({"preferred_username": "e\u{1b}[2Jv\u{202e}e\u{200b}", "sub": "s\u{9b}"});
    let odd = json!({"id_token": id_token(named), "client_info": base64url(&json!({"uid": "u\u{7}\n", "utid": "t"}))});
    talk.at(5).sends(TOKEN).replied(token_with("AT1", "RT1", odd));
    let record = talk.finishes(caller).record().unwrap();
    assert_eq!(
        (record.username.as_str(), record.home_account_id.as_str()),
        ("e[2Jve", "u\u{7}\n.t")
    );
    talk.logged("Warning: e[2Jve (u .t) signed in, and not ada@contoso.com");
    talk.logged("Verbose: account u .t (e[2Jve)");
    assert!(!talk.log.iter().any(|line| line.chars().any(char::is_control)));
}
