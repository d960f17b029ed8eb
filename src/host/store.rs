//! Reading and writing the persistent caches. What a store is, [`crate::imports::Store`] says.

use crate::exceptions::{cause, cause_of_store};
use crate::imports::{self, Loan, Store};
use crate::wait::Settled;
use entra_device_code::flow::event::IoEvent;
use entra_device_code::secret::Secret;
use wasm_bindgen::prelude::*;

/// What JavaScript is lent to be called, with two arguments at most. One type for all, as the glue has a function for each.
pub(crate) type Callback = Closure<dyn FnMut(JsValue, JsValue) -> Result<JsValue, JsValue>>;

/// What came of looking into the store.
pub(crate) async fn loaded(loading: Settled) -> IoEvent {
    match loading.await {
        Ok(text) => IoEvent::Loaded(Ok(text.as_string().map(Secret::new))),
        Err(exception) if imports::is_unavailable(&exception).unwrap_or(false) => {
            IoEvent::Unusable(cause(exception).text)
        }
        Err(exception) => IoEvent::Loaded(Err(cause_of_store(&exception))),
    }
}

/// Writes what changed, as the store asks for it. `signed_out` is who is being signed out.
pub(crate) async fn save(
    store: Store,
    enable_cae: bool,
    changes: Result<Lending, JsValue>,
    signed_out: Option<String>,
) -> IoEvent {
    let saving = match &changes {
        Ok(changes) => store.save(enable_cae, &changes.loan, signed_out),
        Err(exception) => Err(exception.clone()),
    };
    let saved = Settled::of(saving).await;
    IoEvent::Saved(saved.map(drop).map_err(|exception| cause_of_store(&exception)))
}

/// What a store is lent. It is let go before the closure is dropped, even if the task is ended: the store may be late, and
/// call it yet.
pub(crate) struct Lending {
    pub(crate) loan: Loan,
    _callback: Callback,
}

impl Lending {
    pub(crate) fn new(callback: Callback) -> Result<Self, JsValue> {
        Ok(Self {
            loan: Loan::new_loan(callback.as_ref())?,
            _callback: callback,
        })
    }
}

impl Drop for Lending {
    fn drop(&mut self) {
        let _ = self.loan.let_go_of_loan();
    }
}
