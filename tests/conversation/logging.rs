//! `enableSupportLogging`: what whoever supports a program sees of what it does.

use crate::secrecy::shows_no_secret;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::error::Cause;
use entra_device_code::flow::config::Config;
use entra_device_code::protocol::http::Fault;

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
