//! The persistent cache.

use crate::flow::event::{CallId, IoEvent, IoId};
use crate::host::{Host, cause};
use core::time::Duration;
use js_sys::Promise;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

impl Host {
    pub(super) fn load(self: &Rc<Self>, call: CallId, io: IoId, enable_cae: bool, limit: Duration) {
        let loading = self.lent.load(enable_cae);
        self.report(call, io, limit, loading, |loaded| {
            IoEvent::Loaded(loaded.map(|text| text.as_string()).map_err(cause))
        });
    }

    pub(super) fn save(self: &Rc<Self>, call: CallId, io: IoId, enable_cae: bool, limit: Duration) {
        let host = Rc::downgrade(self);
        let merge = Closure::<dyn Fn(String) -> Result<String, JsValue>>::new(move |stored: String| {
            let host = host.upgrade().ok_or(JsValue::UNDEFINED)?;
            host.with(|credential| credential.merge(enable_cae, &stored))
                .map_err(|why| js_sys::Error::new(why).into())
        });
        let saving = self.lent.save(enable_cae, merge.as_ref().unchecked_ref());
        self.report(call, io, limit, saving, move |saved| {
            drop(merge);
            IoEvent::Saved(saved.map(|_| ()).map_err(cause))
        });
    }

    fn report(
        self: &Rc<Self>,
        call: CallId,
        io: IoId,
        limit: Duration,
        doing: Result<Promise, JsValue>,
        event: impl FnOnce(Result<JsValue, JsValue>) -> IoEvent + 'static,
    ) {
        let in_flight = self.begin_io(call, io, limit);
        let host = Rc::clone(self);
        spawn_local(async move {
            let done = match doing {
                Ok(promise) => JsFuture::from(promise).await,
                Err(exception) => Err(exception),
            };
            drop(in_flight);
            host.handle_io(call, io, event(done));
        });
    }
}
