//! What a credential works with that is not its own: the caller's functions, or the host's.

use crate::imports::{self, Store};
use crate::options::{Logger, Options, Prompter};
use crate::results;
use crate::store::{self, Callback};
use crate::values::unavailable;
use entra_device_code::flow::context::Level;
use entra_device_code::flow::event::Prompt;
use js_sys::Function;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

pub(crate) struct Lent {
    fetch: Option<Function>,
    prompter: Prompter,
    logger: Rc<Logger>,
    pub(crate) store: Option<Store>,
    /// What the store logs with.
    _log: Option<store::Lending>,
}

impl Lent {
    /// Opens the store, if there is to be one.
    pub(crate) fn new(options: Options) -> Result<Self, JsValue> {
        let logger = Rc::new(options.logger);
        for warning in &options.warnings {
            logger.warn(warning);
        }
        let mut store = None;
        let mut log = None;
        if let Some(persistence) = options.persistence {
            let logger = Rc::clone(&logger);
            let write = store::Lending::new(Callback::new(move |level: JsValue, line: JsValue| {
                logger.log(level_of(level.as_f64()), &line.as_string().unwrap_or_default());
                Ok(JsValue::UNDEFINED)
            }))?;
            store = Some(imports::open_store(&persistence.description, &write.loan)?);
            log = Some(write);
        }
        Ok(Self {
            fetch: options.fetch,
            prompter: options.prompt,
            logger,
            store,
            _log: log,
        })
    }

    /// The caller's `fetch`, or the host's: looked up at each request, so that instrumentation and mocks work.
    pub(crate) fn fetch(&self) -> Result<Function, JsValue> {
        if let Some(fetch) = &self.fetch {
            return Ok(fetch.clone());
        }
        imports::host_fetch()?
            .dyn_into()
            .map_err(|_| unavailable("this runtime has no `fetch`: give one as an option"))
    }

    /// Shows the user where to go. What it gives may be a promise.
    pub(crate) fn show(&self, prompt: &Prompt) -> Result<JsValue, JsValue> {
        let this = JsValue::UNDEFINED;
        match &self.prompter {
            Prompter::Callback(callback) => callback.call3(
                &this,
                &prompt.verification_uri.as_str().into(),
                &prompt.user_code.as_str().into(),
                &results::date(prompt.expires_on),
            ),
            Prompter::UserCallback(callback) => callback.call1(&this, &results::prompt(prompt)?),
            Prompter::Console => imports::console_log(&prompt.message).map(|()| this),
        }
    }

    pub(crate) fn log(&self, level: Level, line: &str) {
        self.logger.log(level, line);
    }
}

/// The levels as numbers, the most important first.
fn level_of(number: Option<f64>) -> Level {
    match number {
        Some(0.0) => Level::Warning,
        Some(1.0) => Level::Info,
        _ => Level::Verbose,
    }
}
