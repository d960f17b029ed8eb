//! The fuzz targets, driven by chance: texts that are nearly right, and events in any order. A few seconds of what `cargo fuzz`
//! does for hours by coverage.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    unreachable_pub
)]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::path::Path;

/// How often each target is run. The time this takes is spent mostly in the machine.
const ROUNDS: u32 = 20_000;

/// xorshift: the same chances every time.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    /// A text that is not quite one of the corpus.
    fn bend(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = corpus[self.next(corpus.len())].clone();
        for _ in 0..self.next(5) {
            if bytes.is_empty() {
                break;
            }
            let at = self.next(bytes.len());
            match self.next(5) {
                0 => drop(bytes.remove(at)),
                1 => bytes[at] = u8::try_from(self.next(256)).unwrap(),
                2 => {
                    let other = &corpus[self.next(corpus.len())];
                    let from = self.next(other.len().max(1));
                    let piece = other.get(from..).unwrap_or_default().iter().take(12).copied();
                    bytes.splice(at..at, piece.collect::<Vec<_>>());
                }
                3 => bytes.truncate(at),
                _ => {
                    let other = self.next(bytes.len());
                    bytes.swap(at, other);
                }
            }
        }
        bytes
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

fn drive(name: &str, target: fn(&[u8])) {
    let corpus = corpus(name);
    corpus.iter().for_each(|bytes| target(bytes));
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    for _ in 0..ROUNDS {
        target(&chance.bend(&corpus));
    }
}

#[test]
fn arguments_of_any_kind_are_taken_or_refused() {
    drive("arguments", targets::arguments);
}

#[test]
fn replies_of_any_kind_are_read_or_refused() {
    drive("replies", targets::replies);
}

#[test]
fn whatever_a_store_holds_is_written_back_or_refused() {
    drive("cache", targets::cache);
}

#[test]
fn whatever_is_given_for_a_flow_is_taken_or_refused() {
    drive("flow", targets::flow);
}

#[test]
fn however_long_a_server_asks_to_wait_is_read_or_ignored() {
    drive("retry_after", targets::retry_after);
}

#[test]
fn however_a_secret_is_echoed_it_is_taken_out() {
    drive("redaction", targets::redaction);
}

#[test]
fn whoever_is_said_to_have_signed_in_has_a_record_or_none() {
    drive("records", targets::records);
}

#[test]
fn whatever_follows_lives_as_they_are_every_caller_gets_one_result() {
    drive("machine", targets::machine);
}

#[test]
fn whatever_happens_every_caller_gets_one_result() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..ROUNDS {
        let length = chance.next(160);
        let bytes: Vec<u8> = (0..length).map(|_| u8::try_from(chance.next(256)).unwrap()).collect();
        targets::machine(&bytes);
    }
}
