//! Reading and writing the persistent caches. What a store is, [`crate::imports::Store`] says.

use crate::driver::Driver;
use crate::exceptions::{cause, cause_of_store};
use crate::imports::{self, Loan};
use crate::results::texts;
use crate::wait::Settled;
use entra_device_code::flow::event::IoEvent;
use entra_device_code::secret::Secret;
use std::rc::Rc;
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

/// Writes what changed. `signed_out` is who is being signed out.
pub(crate) async fn save(driver: Rc<Driver>, enable_cae: bool, signed_out: Option<String>) -> IoEvent {
    let Some(store) = driver.store() else {
        return IoEvent::Saved(Ok(()));
    };
    let whose = Rc::clone(&driver);
    let lent = Lending::new(Callback::new(move |stored: JsValue, account: JsValue| {
        let Some(stored) = stored.as_string() else {
            return Ok(texts(&whose.unsaved_accounts(enable_cae)).into());
        };
        let merged = whose.merge(enable_cae, &stored, account.as_string().as_deref());
        merged.map(JsValue::from).map_err(JsValue::from_str)
    }));
    let saving = match &lent {
        Ok(lent) => store.save(enable_cae, &lent.loan, signed_out),
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
