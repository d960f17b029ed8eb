//! The composed machine, checked state by state: whatever callers, users, servers and stores do, in any order, to a depth. The
//! checker is `stateright`. Each promise has a name, which it prints with the history that breaks it.
//!
//! `promises.rs` has what holds, `actions.rs` what may happen, `place.rs`, `world.rs` and `host.rs` where it happens and what is looked
//! at, `answers.rs`, `server.rs` and `shelf.rs` what is answered and stored. `broken.rs` has machines that break the promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod actions;
mod answers;
mod broken;
mod host;
mod machine;
mod place;
mod promises;
mod server;
mod shelf;
mod world;

use broken::Broken;
use machine::Machine;
use place::{AGING, AGING_STORED, PARTITIONED, PLAIN, Place, UNKNOWN, WHOLE};
use promises::Promise;
use stateright::{Checker, HasDiscoveries, Model};

/// Goes so many steps from each start, unless the variable `MODEL_DEPTH` says otherwise.
fn holds(place: Place, depth: usize) {
    let depth = std::env::var("MODEL_DEPTH").map_or(depth, |depth| depth.parse().unwrap());
    let machine = Machine {
        place,
        broken: None,
        starts: place.starts(),
        depth,
    };
    let checker = machine.checker().threads(2).spawn_bfs().join();
    let (all, different) = (checker.state_count(), checker.unique_state_count());
    println!("{all} states, {different} of them different");
    checker.assert_properties();
    assert!(different > 1_000, "{different}");
}

#[test]
fn every_promise_holds_in_every_state_without_a_store() {
    holds(PLAIN, 4);
}

#[test]
fn every_promise_holds_in_every_state_with_a_store() {
    holds(WHOLE, 3);
}

#[test]
fn every_promise_holds_in_every_state_with_an_item_for_each_account() {
    holds(PARTITIONED, 3);
}

#[test]
fn every_promise_holds_in_every_state_while_a_token_ages() {
    holds(AGING, 3);
}

#[test]
fn every_promise_holds_in_every_state_while_a_token_ages_that_is_stored() {
    holds(AGING_STORED, 3);
}

#[test]
fn every_promise_holds_in_every_state_at_a_host_that_is_not_known() {
    holds(UNKNOWN, 3);
}

#[test]
fn a_machine_that_breaks_a_promise_is_found_out() {
    for (broken, promise, place) in Broken::ALL {
        let machine = Machine {
            place,
            broken: Some(broken),
            starts: place.starts(),
            depth: 3,
        };
        let first = HasDiscoveries::AnyOf([promise.name()].into());
        let checker = machine.checker().threads(2).finish_when(first).spawn_dfs().join();
        println!("{broken:?}: {} states", checker.unique_state_count());
        assert!(
            checker.discovery(promise.name()).is_some(),
            "{broken:?} keeps the promise: {}",
            promise.name()
        );
    }
}

#[test]
fn every_promise_has_a_machine_that_breaks_it() {
    for promise in Promise::ALL {
        let is_broken = Broken::ALL.iter().any(|(_, broken, _)| *broken == promise);
        assert!(is_broken, "{}", promise.name());
    }
}
