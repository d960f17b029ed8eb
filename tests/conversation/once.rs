//! Polling once and no more: somebody else goes on, with the flow as it stands then.

use crate::kept::{Kept, begun, begun_with};
use crate::talk::{Conversation, EPOCH, options};
use crate::wire::*;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::protocol::http::Reply;
use serde_json::json;

/// A process of its own polls once, so many seconds after the flow began; the flow goes on from there.
fn polled(kept: &Kept, seconds: f64, answer: impl Into<crate::expect::Answer>) -> Kept {
    let mut talk = Conversation::after(0, options());
    talk.clock = (seconds * 1000.0) as u64;
    let ada = talk.polls_once(kept);
    let poll = talk.at(seconds).sends(TOKEN);
    assert_eq!(poll.header("client-request-id"), Some("flow-0"));
    poll.replied(answer);
    let kept = talk.keeps(ada);
    assert!(talk.credential.is_idle());
    kept
}

/// Seconds after the beginning at which the next poll is due.
fn due(kept: &Kept) -> f64 {
    let due = kept.said.as_ref().unwrap()["pollAfterTimestamp"].as_u64().unwrap();
    (due - EPOCH * 1000) as f64 / 1000.0
}

fn number(kept: &Kept, name: &str) -> u64 {
    kept.said.as_ref().unwrap()[name].as_u64().unwrap_or_default()
}

#[test]
fn one_request_goes_out_at_once_and_says_how_the_flow_stands() {
    let mut talk = Conversation::after(2, options());
    let ada = talk.polls_once(&begun());
    // Whether a poll is due or not: it was asked for.
    talk.at(2)
        .sends(TOKEN)
        .with("device_code", "DC-secret")
        .replied(pending());
    let finished = talk.finishes(ada);
    let outcome = finished.outcome();
    assert!(outcome.token.is_none() && outcome.record.is_none() && outcome.prompt.is_none());
    assert!(talk.credential.is_idle());
    talk.at(1000).nothing_else();

    let after = polled(&begun(), 2.0, pending()).said.unwrap();
    let due = json!({"pollAfterTimestamp": (EPOCH + 7) * 1000});
    assert_eq!(after, begun().with(due).said.unwrap());
}

#[test]
fn a_user_who_has_signed_in_is_served() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.polls_once(&begun());
    talk.at(60).sends(TOKEN).replied(token("AT1", "RT1"));
    let finished = talk.finishes(ada);
    assert_eq!(finished.record().unwrap(), crate::known::ada());
    assert!(finished.outcome().flow.is_none());
    finished.with_token("AT1");
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");
}

#[test]
fn the_server_may_refuse() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.polls_once(&begun());
    talk.at(60).sends(TOKEN).replied(error("authorization_declined"));
    talk.finishes(ada).refused("authorization_declined");
}

#[test]
fn each_fault_doubles_the_wait_and_the_next_process_remembers() {
    let mut kept = begun();
    let mut now = 5.0;
    let faults: [crate::expect::Answer; 5] = [
        dropped().into(),
        reply(503, "<html>").into(),
        reply(400, "<html>").into(),
        reply(200, "{}").into(),
        dropped().into(),
    ];
    for (fault, wait) in faults.into_iter().zip([10_u32, 20, 40, 60, 60]) {
        kept = polled(&kept, now, fault);
        assert_eq!(
            (due(&kept), number(&kept, "backoff")),
            (now + f64::from(wait), wait.into())
        );
        now = due(&kept);
    }
    // Whoever goes on to the end waits as long as that, and doubles it.
    let mut talk = Conversation::after(now as u64 - 60, options());
    let ada = talk.goes_on(&kept);
    talk.at(now).sends(TOKEN).replied(dropped());
    talk.at(now + 60.0).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    // A proper answer: the interval again.
    kept = polled(&kept, now, pending());
    assert_eq!((due(&kept), number(&kept, "backoff")), (now + 5.0, 0));
}

#[test]
fn slow_down_counts_for_whoever_goes_on() {
    let mut kept = begun();
    for (at, interval) in [(5, 10), (15, 15)] {
        kept = polled(&kept, f64::from(at), error("slow_down"));
        assert_eq!(
            (due(&kept), number(&kept, "interval")),
            (f64::from(at + interval), interval as u64)
        );
    }
    let mut talk = Conversation::after(16, options());
    let ada = talk.goes_on(&kept);
    talk.at(30).sends(TOKEN).replied(pending());
    talk.at(45).sends(TOKEN).replied(error("slow_down"));
    talk.at(65).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_busy_server_is_left_alone_by_whoever_goes_on() {
    let busy = || Reply {
        retry_after: Some(std::time::Duration::from_secs(40)),
        ..error("slow_down")
    };
    for answer in [retry_after(429, 40), retry_after(503, 40), busy()] {
        let kept = polled(&begun(), 5.0, answer);
        assert_eq!(due(&kept), 45.0);
        let mut talk = Conversation::after(6, options());
        let ada = talk.goes_on(&kept);
        talk.at(45).sends(TOKEN).replied(token("AT1", "RT1"));
        talk.finishes(ada).with_token("AT1");
    }
}

#[test]
fn a_wait_ends_just_before_the_flow_does() {
    let due_at = due(&polled(&begun(), 897.0, pending()));
    assert!((899.0..900.0).contains(&due_at), "{due_at}");
    let kept = polled(&begun(), 5.0, retry_after(429, 86_400));
    assert_eq!(due(&kept), 899.0);
}

#[test]
fn the_end_is_not_polled_for_in_ever_shorter_steps() {
    let kept = begun_with(options(), AskOptions::default(), json!({"expires_in": 30}));
    let mut polls = Vec::new();
    let mut next = Some(kept);
    while let Some(kept) = next.take().filter(|_| polls.len() < 20) {
        let now = due(&kept);
        let mut talk = Conversation::after(0, options());
        talk.clock = (now * 1000.0) as u64;
        let ada = talk.polls_once(&kept);
        talk.at(now).sends(TOKEN).replied(pending());
        polls.push(now);
        let finished = talk.finishes(ada);
        if let Ok(outcome) = finished.0.as_ref() {
            next = Some(kept.after(outcome, talk.credential.config()));
        } else {
            finished.timed_out();
        }
    }
    // As in one process, only the wait for the last one is short.
    assert_eq!(polls[..5], [5.0, 10.0, 15.0, 20.0, 25.0]);
    assert!(polls.len() == 6 && polls[5] < 30.0, "{polls:?}");
}

#[test]
fn of_a_flow_that_has_ended_the_server_is_asked_once_if_it_was_just_now() {
    let mut talk = Conversation::after(959, options());
    let ada = talk.polls_once(&begun());
    talk.at(959).sends(TOKEN).replied(pending());
    talk.finishes(ada).timed_out();

    let mut talk = Conversation::after(960, options());
    let ada = talk.polls_once(&begun());
    talk.finishes(ada).timed_out();
}

#[test]
fn a_poll_without_an_answer_is_a_fault() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.polls_once(&begun());
    let poll = talk.at(60).sends(TOKEN).hangs();
    talk.at(90).cancels(poll);
    let kept = talk.keeps(ada);
    assert_eq!((due(&kept), number(&kept, "backoff")), (100.0, 10));
}

#[test]
fn who_gives_up_leaves_nothing() {
    let mut talk = Conversation::after(60, options());
    let ada = talk.polls_once(&begun());
    let poll = talk.at(60).sends(TOKEN).hangs();
    talk.aborts(ada).cancels(poll).finishes(ada).aborted();
    assert!(talk.credential.is_idle());
}
