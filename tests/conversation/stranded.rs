//! A flow that is begun in a context that ends: nobody waits for it, and nobody goes on with it.

use crate::host::Happened;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::config::{Config, Persistence};

/// Others call, and ask nothing of anybody.
fn others_call(talk: &mut Conversation) {
    for seconds in [60, 70] {
        let other = talk.at(seconds).get_accounts();
        if talk.credential.config().persistence.is_some() {
            for enable_cae in [false, true] {
                talk.loads(enable_cae).holds(None);
            }
        }
        assert!(talk.finishes(other).outcome().accounts.is_empty());
    }
}

#[test]
fn nothing_is_left_of_it_once_others_call() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    let _ = talk.sends(DEVICE_CODE).hangs();
    talk.dies(ada);
    others_call(&mut talk);
    assert!(talk.credential.is_idle());
    talk.signs_in("User.Read", token("AT1", "RT1"));
}

#[test]
fn nor_between_two_attempts() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    talk.sends(DEVICE_CODE).replied(reply(503, ""));
    talk.dies(ada);
    others_call(&mut talk);
    assert!(talk.credential.is_idle());
}

#[test]
fn nor_while_the_store_is_read() {
    let mut talk = Conversation::new(Config {
        persistence: Some(Persistence::Whole),
        ..options()
    });
    let ada = talk.initiates("User.Read");
    let _ = talk.loads(false).hangs();
    talk.dies(ada);
    others_call(&mut talk);
    assert!(talk.credential.is_idle());
}

#[test]
fn who_is_to_prompt_next_sees_to_it_without_waiting_so_long() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    let _ = talk.sends(DEVICE_CODE).by(ada).hangs();
    talk.dies(ada);
    let bea = talk.at(2).get_token("User.Read");
    talk.at(5).sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.sends(DEVICE_CODE).by(bea).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(10).sends(TOKEN).by(bea).replied(token("AT1", "RT1"));
    talk.finishes(bea).with_token("AT1");
    assert!(talk.credential.is_idle());
}

#[test]
fn whoever_lives_gets_a_result_however_long_the_machine_slept() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    let request = talk.sends(DEVICE_CODE).by(ada).hangs();
    talk.dozes_until(60);
    // This comes before the timers and the reply do.
    let bea = talk.get_accounts();
    assert!(talk.finishes(bea).outcome().accounts.is_empty());
    talk.answers(request, device_code());
    talk.keeps(ada);

    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    talk.sends(DEVICE_CODE).by(ada).replied(reply(503, ""));
    talk.dozes_until(60);
    let bea = talk.get_accounts();
    assert!(talk.finishes(bea).outcome().accounts.is_empty());
    talk.at(60).sends(DEVICE_CODE).by(ada).replied(device_code());
    talk.keeps(ada);
}

#[test]
fn however_often_it_slept_they_get_some_result() {
    let mut talk = Conversation::new(options());
    let ada = talk.initiates("User.Read");
    let request = talk.sends(DEVICE_CODE).by(ada).hangs();
    for seconds in [60, 120] {
        // Each time, it falls asleep again before any timer fires.
        talk.dozes_until(seconds);
        let bea = talk.get_accounts();
        assert!(talk.finishes(bea).outcome().accounts.is_empty());
    }
    talk.answers(request, device_code());
    let is_adas = |happened: &Happened| matches!(happened, Happened::Finished(caller, _) if *caller == ada);
    if !talk.happened.iter().any(is_adas) {
        talk.fail("nothing came of it");
    }
    talk.happened.clear();
}
