//! The part of an acquisition that deals with the persistent cache: it is loaded before the work and saved after it. The work
//! goes on without it if it fails.

use crate::prelude::*;

use crate::cache::Item;
use crate::error::{Cause, Error, Failure};
use crate::flow::acquisition::{Acquisition, Next, State};
use crate::flow::ask::Purpose;
use crate::flow::config::Persistence;
use crate::flow::context::{Context, Level};
use crate::flow::event::Outcome;
use crate::flow::step::{Await, Input, Resource, Step};
use crate::secret::Secret;
use crate::time::Now;

impl Acquisition {
    pub(super) fn load(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        let account = match ctx.config.persistence {
            None => return self.begin(ctx, now),
            Some(Persistence::Whole) => None,
            Some(Persistence::Partitioned) => match ctx.home_account_id() {
                // Nobody's item: there is nothing to load.
                None => return self.begin(ctx, now),
                Some(id) => Some(id.to_owned()),
            },
        };
        let enable_cae = self.ask.enable_cae;
        self.next(State::Loading(account.clone()), Await::Load { enable_cae, account })
    }

    pub(super) fn loaded(self: Box<Self>, ctx: &mut Context, account: Option<&str>, input: Input, now: Now) -> Step {
        let read = match input {
            Input::Loaded(Ok(text)) => {
                let text = text.as_ref().map(Secret::expose).unwrap_or_default();
                let item = account.map_or(Item::Whole, Item::Account);
                ctx.cache(self.ask.enable_cae).reload(text, item).map_err(str::to_owned)
            }
            Input::Loaded(Err(cause)) => Err(cause.text),
            Input::Unusable(why) => return Step::Done(Err(Error::Unavailable(why))),
            _ => Err("no answer in time".to_owned()),
        };
        if let Err(why) = read {
            ctx.log(
                Level::Warning,
                text!("reading the persistent token cache failed: ", &why),
            );
        }
        self.begin(ctx, now)
    }

    pub(super) fn save(self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, now: Now) -> Step {
        let enable_cae = self.ask.enable_cae;
        if !ctx.cache(enable_cae).has_unsaved() {
            return self.done(ctx, outcome, now);
        }
        let store = Resource::Store { enable_cae };
        if ctx.is_held(&store) {
            return self.get_in_line(store, Next::Save(outcome));
        }
        self.next(State::Saving(outcome), Await::Save { enable_cae })
    }

    pub(super) fn saved(self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, input: Input, now: Now) -> Step {
        let saved = match input {
            Input::Saved(saved) => saved,
            _ => Err(Cause::text("no answer in time")),
        };
        ctx.cache(self.ask.enable_cae).saved(saved.is_ok());
        if let Err(cause) = saved {
            let message = text!("writing the persistent token cache failed: ", &cause.text);
            if self.ask.purpose == Purpose::RemoveAccount {
                return Step::Done(Err(Error::Authentication(Box::new(Failure {
                    message: text!("The account was not removed: ", &message),
                    cause: Some(cause),
                    ..Failure::default()
                }))));
            }
            ctx.log(Level::Warning, message);
        }
        self.done(ctx, outcome, now)
    }
}
