//! How a flow ends that another process began: with its last poll, too late, or because somebody wants it to.

use crate::kept::{begun, begun_with};
use crate::resuming::resumed;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::flow::config::Config;
use entra_device_code::protocol::http::Reply;
use serde_json::json;
use std::time::Duration;

#[test]
fn the_last_poll_goes_out_just_before_the_end() {
    let (mut talk, ada) = resumed(&begun(), 890);
    for seconds in [890, 895, 899] {
        talk.at(seconds).sends(TOKEN).replied(pending());
    }
    talk.finishes(ada).timed_out();
}

#[test]
fn the_timeout_of_whoever_began_it_counts() {
    let timeout = Some(Duration::from_secs(12));
    let short = Config { timeout, ..options() };
    let kept = begun_with(short.clone(), AskOptions::default(), json!({}));
    let (mut talk, ada) = resumed(&kept, 2);
    for seconds in [5.0, 10.0, 11.0] {
        talk.at(seconds).sends(TOKEN).replied(pending());
    }
    talk.finishes(ada).timed_out();

    let mut talk = Conversation::after(60, short);
    let ada = talk.goes_on(&begun());
    talk.at(60).sends(TOKEN).replied(pending());
    talk.at(65).sends(TOKEN).replied(pending());
    talk.at(70).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn of_a_flow_that_ended_a_while_ago_the_server_is_asked_once() {
    for seconds in [900, 930, 959] {
        let asked = |answer: Reply| {
            let (mut talk, ada) = resumed(&begun(), seconds);
            talk.at(seconds as u32).sends(TOKEN).replied(answer);
            talk.finishes(ada)
        };
        asked(error("expired_token")).refused("expired_token");
        asked(error("authorization_declined")).refused("authorization_declined");
        asked(pending()).timed_out();
        asked(error("slow_down")).timed_out();
        asked(retry_after(503, 10)).timed_out();
        asked(token("AT1", "RT1")).with_token("AT1");
    }
}

#[test]
fn of_a_flow_that_ended_long_ago_nobody_is_asked() {
    for seconds in [960, 3600, 86_400 * 365] {
        let (mut talk, ada) = resumed(&begun(), seconds);
        let failure = talk.finishes(ada).timed_out();
        assert!(failure.message.contains("Begin another"), "{}", failure.message);
    }
    let mut talk = Conversation::after(60, options());
    talk.wall_offset = 86_400_000;
    let ada = talk.goes_on(&begun());
    talk.finishes(ada).timed_out();
}

#[test]
fn giving_up_and_closing_end_it() {
    let (mut talk, ada) = resumed(&begun(), 2);
    talk.at(3).aborts(ada).finishes(ada).aborted();
    talk.at(100).nothing_else();

    let (mut talk, ada) = resumed(&begun(), 60);
    let poll = talk.at(60).sends(TOKEN).hangs();
    talk.at(61).aborts(ada).cancels(poll).finishes(ada).aborted();

    let (mut talk, ada) = resumed(&begun(), 60);
    let poll = talk.at(60).sends(TOKEN).hangs();
    talk.at(61).closes().cancels(poll).finishes(ada).unavailable("closed");
    let ada = talk.goes_on(&begun());
    talk.finishes(ada).unavailable("closed");
}
