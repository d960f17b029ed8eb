//! A timer that is cleared when it is dropped.

use crate::time::millis;
use core::time::Duration;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, millis: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// The longest delay `setTimeout` knows; a longer one would fire at once.
const LONGEST: u64 = 0x7fff_ffff;

pub(super) struct Timer(JsValue);

impl Timer {
    pub(super) fn start(delay: Duration, fired: impl FnOnce() + 'static) -> Self {
        let callback = Closure::once_into_js(fired);
        // Exact: the value is below 2^31.
        #[allow(clippy::cast_precision_loss)]
        let delay = millis(delay).min(LONGEST) as f64;
        Self(set_timeout(&callback, delay))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}
