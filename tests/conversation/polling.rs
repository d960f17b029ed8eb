//! Waiting for the user: RFC 8628 §3.5, and what else may happen in fifteen minutes.

use crate::talk::{Conversation, EPOCH, options};
use crate::wire::*;
use entra_device_code::flow::config::Config;
use entra_device_code::protocol::http::Fault;
use entra_device_code::time::Timestamp;
use serde_json::json;
use std::time::Duration;

/// A call whose code has just been shown.
fn prompted(options: Config) -> (Conversation, entra_device_code::flow::event::CallId) {
    prompted_with(options, json!({}))
}

fn prompted_with(
    options: Config,
    authorization: serde_json::Value,
) -> (Conversation, entra_device_code::flow::event::CallId) {
    let mut talk = Conversation::new(options);
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(device_code_with(authorization));
    talk.prompts("ABCD1234");
    (talk, ada)
}

#[test]
fn a_user_signs_in() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    let request = talk
        .sends(DEVICE_CODE)
        .with("client_id", "client")
        .with("scope", "User.Read offline_access openid profile");
    assert_eq!(request.fields(), ["client_id", "scope"]);
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("client-request-id"), Some("correlation-0"));
    assert_eq!(request.header("x-client-sku"), Some("entra-device-code"));
    assert_eq!(request.header("x-client-os"), Some("test"));
    assert_eq!(request.header("x-ms-lib-capability"), Some("retry-after, h429"));
    request.replied(device_code());

    let (_, _, prompt) = talk.prompts("ABCD1234");
    assert_eq!(prompt.verification_uri, "https://microsoft.com/devicelogin");
    assert_eq!(prompt.message, "Open the page and enter ABCD1234.");
    assert_eq!(prompt.expires_on, Timestamp::from_unix_secs(EPOCH + 900));

    talk.at(5).sends(TOKEN).replied(pending());
    let poll = talk
        .at(10)
        .sends(TOKEN)
        .with("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        .with("device_code", "DC-secret")
        .with("code", "DC-secret")
        .with("client_id", "client")
        .with("client_info", "1")
        .without("claims");
    assert_eq!(poll.header("client-request-id"), Some("correlation-0"));
    poll.replied(token("AT1", "RT1"));

    let finished = talk.finishes(ada);
    let token = finished.outcome().token.as_ref().unwrap();
    assert_eq!(token.secret.expose(), "AT1");
    assert_eq!(token.life.expires_on, Timestamp::from_unix_secs(EPOCH + 10 + 3600));
    assert_eq!(finished.record().unwrap().username, "ada@contoso.com");
}

#[test]
fn slow_down_lengthens_every_wait_by_5_seconds_for_good() {
    let (mut talk, ada) = prompted(options());
    talk.at(5).sends(TOKEN).replied(error("slow_down"));
    talk.at(15).sends(TOKEN).replied(pending());
    talk.at(25).sends(TOKEN).replied(error("slow_down"));
    talk.at(40).sends(TOKEN).replied(pending());
    talk.at(55).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn the_interval_is_what_the_server_says_within_reason() {
    for (interval, seconds) in [
        (json!(null), 5),
        (json!("7"), 7),
        (json!(0), 1),
        (json!(-3), 1),
        (json!(86_400), 60),
        (json!(12.9), 12),
    ] {
        let (mut talk, ada) = prompted_with(options(), json!({"interval": interval}));
        talk.at(seconds).sends(TOKEN).replied(pending());
        talk.at(2 * seconds).sends(TOKEN).replied(token("AT1", "RT1"));
        talk.finishes(ada).with_token("AT1");
    }
}

#[test]
fn the_wait_begins_with_the_end_of_the_last_reply() {
    let (mut talk, ada) = prompted(options());
    let poll = talk.at(5).sends(TOKEN).hangs();
    talk.at(12).answers(poll, pending());
    talk.at(17).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn an_oauth_error_ends_it() {
    for reason in [
        "authorization_declined",
        "access_denied",
        "expired_token",
        "bad_verification_code",
        "invalid_client",
        "something_new",
    ] {
        let (mut talk, ada) = prompted(options());
        talk.at(5).sends(TOKEN).replied(error(reason));
        talk.finishes(ada).refused(reason);
    }
}

#[test]
fn an_oauth_error_is_told_with_its_status_and_a_hint() {
    let (mut talk, ada) = prompted(options());
    talk.at(5).sends(TOKEN).replied(reply(
        401,
        r#"{"error":"invalid_client","error_description":"AADSTS7000218: The request body…","error_codes":[7000218]}"#,
    ));
    let failure = talk.finishes(ada).failing("AADSTS7000218: The request body…");
    assert_eq!(failure.status, Some(401));
    assert!(
        entra_device_code::hint::for_error(&failure.response.unwrap())
            .unwrap()
            .contains("public client flows")
    );
}

#[test]
fn the_hint_of_a_poll_goes_by_what_the_server_says_of_the_code() {
    for (said, codes, hint) in [
        ("invalid_grant", "70000", "redeemed"),
        ("invalid_grant", "54005", "redeemed"),
        ("invalid_grant", "", "redeemed"),
        ("invalid_grant", "70000,53003", "Conditional Access"),
        ("authorization_declined", "70000", "declined"),
        ("access_denied", "70000", "declined"),
        ("access_denied", "53003", "Conditional Access"),
        ("expired_token", "70000", "before it expires"),
        ("bad_verification_code", "70000", "exactly as shown"),
    ] {
        let (mut talk, ada) = prompted(options());
        let body = format!(r#"{{"error":"{said}","error_codes":[{codes}]}}"#);
        talk.at(5).sends(TOKEN).replied(reply(400, body));
        let refused = talk.finishes(ada).failing(said).response.unwrap();
        let hinted = entra_device_code::hint::for_error(&refused).unwrap();
        assert!(hinted.contains(hint), "{said} {codes}: {hinted}");
    }
}

#[test]
fn a_page_in_the_place_of_the_last_reply_is_told_with_a_hint() {
    let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 8, "interval": 8}));
    talk.at(7).sends(TOKEN).replied(reply(200, "<html>"));
    let failure = talk.finishes(ada).timed_out();
    assert!(failure.message.ends_with("status 200 and no OAuth reply"));
    assert!(failure.hint.unwrap().contains("open a page in a browser"));
}

#[test]
fn a_user_who_never_comes_is_polled_for_until_just_before_the_code_expires() {
    let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 17}));
    talk.at(5).sends(TOKEN).replied(pending());
    talk.at(10).sends(TOKEN).replied(pending());
    talk.at(15).sends(TOKEN).replied(pending());
    talk.at(16).sends(TOKEN).replied(pending());
    talk.finishes(ada).timed_out();
}

#[test]
fn the_last_poll_may_win() {
    let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 8}));
    talk.at(5).sends(TOKEN).replied(pending());
    talk.at(7).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn the_last_polls_reply_may_come_a_little_late() {
    let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 8, "interval": 8}));
    let last = talk.at(7).sends(TOKEN).hangs();
    talk.at(12).answers(last, token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");

    let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 8, "interval": 8}));
    let last = talk.at(7).sends(TOKEN).hangs();
    talk.at(13).cancels(last);
    talk.finishes(ada).timed_out();
}

#[test]
fn a_short_flow_is_not_cut_short_by_its_last_poll() {
    let short = Config {
        timeout: Some(Duration::from_secs(4)),
        ..options()
    };
    let (mut talk, ada) = prompted_with(short, json!({}));
    // Half a second before the end, not a whole one.
    talk.at(3.5).sends(TOKEN).replied(pending());
    talk.finishes(ada).timed_out();
}

#[test]
fn slow_down_does_not_cost_the_last_poll() {
    let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 12}));
    talk.at(5).sends(TOKEN).replied(error("slow_down"));
    talk.at(11).sends(TOKEN).replied(error("slow_down"));
    talk.finishes(ada).timed_out();
}

#[test]
fn a_shorter_timeout_prevails_over_the_codes_life() {
    let timeout = Some(Duration::from_secs(12));
    let (mut talk, ada) = prompted(Config { timeout, ..options() });
    talk.at(5).sends(TOKEN).replied(pending());
    talk.at(10).sends(TOKEN).replied(pending());
    talk.at(11).sends(TOKEN).replied(pending());
    talk.finishes(ada).timed_out();
}

#[test]
fn the_codes_life_prevails_over_a_longer_timeout() {
    let timeout = Some(Duration::from_secs(3600));
    let (mut talk, ada) = prompted_with(Config { timeout, ..options() }, json!({"expires_in": 9}));
    talk.at(5).sends(TOKEN).replied(pending());
    talk.at(8).sends(TOKEN).replied(pending());
    talk.finishes(ada).timed_out();
}

#[test]
fn a_timeout_of_nothing_still_polls_once() {
    let timeout = Some(Duration::ZERO);
    let (mut talk, ada) = prompted(Config { timeout, ..options() });
    talk.at(0).sends(TOKEN).replied(pending());
    talk.finishes(ada).timed_out();
}

#[test]
fn no_fault_ends_polling_and_each_doubles_the_wait() {
    let (mut talk, ada) = prompted(options());
    talk.at(5).sends(TOKEN).replied(dropped());
    talk.at(15)
        .sends(TOKEN)
        .replied(reply(503, "<html>Service Unavailable</html>"));
    talk.at(35).sends(TOKEN).replied(reply(400, "<html>Bad Request</html>"));
    talk.at(75).sends(TOKEN).replied(reply(200, "{}"));
    // 80 seconds would be next, were it not for the limit.
    talk.at(135).sends(TOKEN).replied(reply(302, ""));
    talk.at(195).sends(TOKEN).replied(Err(Fault::TooLarge));
    // A proper answer: the interval again.
    talk.at(255).sends(TOKEN).replied(pending());
    talk.at(260).sends(TOKEN).replied(reply(500, "oops"));
    talk.at(270)
        .sends(TOKEN)
        .replied(reply(503, r#"{"error":"temporarily_unavailable"}"#));
    talk.at(290).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn whatever_the_service_says_of_its_own_fault_is_no_verdict() {
    let (mut talk, ada) = prompted(options());
    for (seconds, status) in [(5, 501), (15, 505), (35, 599)] {
        let body = r#"{"error":"access_denied"}"#;
        talk.at(seconds).sends(TOKEN).replied(reply(status, body));
    }
    talk.at(75).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_poll_without_an_answer_is_given_up_after_the_time_a_request_may_take() {
    let (mut talk, ada) = prompted(options());
    let poll = talk.at(5).sends(TOKEN).hangs();
    talk.at(35).cancels(poll);
    talk.answers(poll, token("too", "late"));
    talk.at(45).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_busy_server_says_how_long_to_wait() {
    let (mut talk, ada) = prompted(options());
    talk.at(5).sends(TOKEN).replied(retry_after(429, 20));
    talk.at(25).sends(TOKEN).replied(retry_after(503, 35));
    // Never sooner than the interval.
    talk.at(60).sends(TOKEN).replied(retry_after(429, 1));
    talk.at(65).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn however_long_a_busy_server_wants_to_be_left_alone_there_is_a_last_poll() {
    let (mut talk, ada) = prompted(options());
    talk.at(5).sends(TOKEN).replied(retry_after(429, 86400));
    talk.at(899).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_fault_of_the_last_poll_is_told() {
    let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 8, "interval": 8}));
    talk.at(7).sends(TOKEN).replied(dropped());
    let failure = talk.finishes(ada).timed_out();
    assert!(
        failure
            .message
            .ends_with("the last poll failed: no reply from login.microsoftonline.com: connection reset"),
        "{}",
        failure.message
    );
    assert_eq!(failure.cause.unwrap().text, "connection reset");
}

#[test]
fn a_wall_clock_that_jumps_changes_nothing() {
    for hour in [3_600_000, -3_600_000] {
        let (mut talk, ada) = prompted_with(options(), json!({"expires_in": 12}));
        talk.at(2).wall_offset = hour;
        talk.at(5).sends(TOKEN).replied(pending());
        talk.wall_offset = 0;
        talk.at(10).sends(TOKEN).replied(pending());
        talk.at(11).sends(TOKEN).replied(pending());
        talk.finishes(ada).timed_out();
    }
}

#[test]
fn after_a_long_sleep_one_last_poll_decides() {
    let (mut talk, ada) = prompted(options());
    talk.at(5).sends(TOKEN).replied(pending());
    talk.sleeps_until(4 * 3600).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");

    let (mut talk, ada) = prompted(options());
    talk.sleeps_until(4 * 3600).sends(TOKEN).replied(error("expired_token"));
    talk.finishes(ada).refused("expired_token");

    let (mut talk, ada) = prompted(options());
    talk.sleeps_until(4 * 3600).sends(TOKEN).replied(pending());
    talk.finishes(ada).timed_out();
}

#[test]
fn after_a_short_sleep_polling_goes_on_as_before() {
    let (mut talk, ada) = prompted(options());
    talk.sleeps_until(300).sends(TOKEN).replied(pending());
    talk.at(305).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_poll_that_was_out_when_the_machine_fell_asleep_has_timed_out_when_it_wakes_up() {
    let (mut talk, ada) = prompted(options());
    let poll = talk.at(5).sends(TOKEN).hangs();
    talk.sleeps_until(300).cancels(poll);
    talk.at(310).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}
