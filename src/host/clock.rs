//! The host's clocks.

use crate::time::{Instant, Now, Timestamp};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// What both clocks show. Looked up at each call, so that a test's fake clocks work.
pub(super) fn now() -> Now {
    Now {
        wall: Timestamp::from_unix_millis(whole(date_now())),
        monotonic: Instant::from_millis(whole(performance_now())),
    }
}

/// Milliseconds are whole and not negative; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn whole(millis: f64) -> u64 {
    millis as u64
}
