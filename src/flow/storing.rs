//! The part of an acquisition that deals with the persistent cache: it is loaded before the work and saved after it. The work
//! goes on without it if it fails.

use crate::cache::Item;
use crate::cache::grant::Grant;
use crate::cache::store::{CachedRefreshToken, CachedToken};
use crate::error::{Cause, Error};
use crate::flow::acquisition::{Acquisition, Next, State, Step};
use crate::flow::ask::Purpose;
use crate::flow::config::Persistence;
use crate::flow::context::{Account, Context, Level};
use crate::flow::event::{IoEvent, Outcome};
use crate::flow::silent::BRIEF;
use crate::flow::step::{Await, Input, Resource, What};
use crate::protocol::authority::Endpoints;
use crate::protocol::id_token::IdTokenClaims;
use crate::protocol::token::TokenReply;
use crate::secret::Secret;
use crate::time::Now;
use std::rc::Rc;
use std::time::Duration;

/// How long the persistent cache may take; then the call goes on without it.
const STORE_LIMIT: Duration = Duration::from_secs(15);

/// The same for a token that still lives, and should be renewed: the rest of what it waits is for that.
const BRIEF_LIMIT: Duration = Duration::from_secs(5);

/// How often an account is removed again that another process stores tokens of.
const MOST_REMOVALS: u8 = 3;

impl Acquisition {
    pub(super) fn load(self: Box<Self>, ctx: &mut Context, enable_cae: bool, next: Next, now: Now) -> Step {
        let whose = self.whose(ctx);
        let account = match ctx.config.persistence {
            None => return self.go_on(ctx, next, now),
            Some(Persistence::Whole) => None,
            // Nobody's item: there is nothing to load.
            Some(Persistence::Partitioned) if whose.is_none() => return self.go_on(ctx, next, now),
            Some(Persistence::Partitioned) => whose.clone(),
        };
        let living = ctx.living_token(&self.ask, now);
        let lives = living.is_some_and(|token| now.wall.until(token.life.expires_on) > BRIEF);
        let limit = if lives { BRIEF_LIMIT } else { STORE_LIMIT };
        let state = State::Loading(whose, enable_cae, next);
        self.next(state, Await::Io(What::Load { enable_cae, account }, limit))
    }

    /// Whose tokens it is about, if that is known.
    fn whose(&self, ctx: &Context) -> Option<String> {
        let named = self.ask.record.as_ref().map(|record| record.home_account_id.as_str());
        let known = match self.ask.purpose {
            Purpose::RemoveAccount => &ctx.own,
            _ => &ctx.account,
        };
        named.or_else(|| known.as_ref()?.named()).map(str::to_owned)
    }

    /// Loads the cache of the other kind of session, too.
    pub(super) fn load_other(mut self: Box<Self>, ctx: &mut Context, next: Next, now: Now) -> Step {
        let enable_cae = !self.ask.enable_cae;
        self.has_both = true;
        self.load(ctx, enable_cae, next, now)
    }

    pub(super) fn loaded(
        mut self: Box<Self>,
        ctx: &mut Context,
        (whose, enable_cae): (Option<&str>, bool),
        next: Next,
        input: Input,
        now: Now,
    ) -> Step {
        let read = match input {
            Input::Done(IoEvent::Loaded(Ok(text))) => {
                let text = text.as_ref().map(Secret::expose).unwrap_or_default();
                let (item, whose) = match (whose, ctx.config.persistence) {
                    (Some(id), Some(Persistence::Partitioned)) => (Item::Account(id), None),
                    // Who asks for accounts asks for everybody.
                    _ => (Item::Whole, whose.filter(|_| self.ask.purpose != Purpose::GetAccounts)),
                };
                let read = ctx.cache(enable_cae).load(text, item, whose);
                read.map_err(str::to_owned)
            }
            Input::Done(IoEvent::Loaded(Err(cause))) => self.unread(cause.text),
            // From there, something would only have been borrowed.
            Input::Done(IoEvent::Unusable(_))
                if matches!(next, Next::Silent(_)) && enable_cae != self.ask.enable_cae =>
            {
                Ok(())
            }
            Input::Done(IoEvent::Unusable(why)) => return Step::Done(Err(Error::Unavailable(why))),
            _ => {
                // The other cache is in the same store: who wants a token isn't made to wait for that as well.
                self.has_both |= self.ask.purpose == Purpose::GetToken;
                self.unread("no answer in time".to_owned())
            }
        };
        if let Err(why) = read {
            ctx.log(Level::Warning, unreadable(&why));
        }
        self.go_on(ctx, next, now)
    }

    /// The store gave nothing, and the reason.
    fn unread(&mut self, why: String) -> Result<(), String> {
        self.unread = Some(unreadable(&why));
        Err(why)
    }

    /// Puts what was granted, and to whom, into the cache.
    pub(super) fn keep(
        &self,
        ctx: &mut Context,
        reply: &TokenReply,
        (home_account_id, claims): (&str, Option<&IdTokenClaims>),
        endpoints: &Endpoints,
        spent: Option<&CachedRefreshToken>,
        now: Now,
    ) -> CachedToken {
        let config = Rc::clone(&ctx.config);
        let grant = Grant {
            client_id: &config.client_id,
            endpoints,
            scope: &self.ask.wire_scope(&config),
            reply,
            home_account_id,
            claims,
            spent,
        };
        ctx.cache(self.ask.enable_cae).add(&grant, now.wall)
    }

    pub(super) fn save(self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, enable_cae: bool, now: Now) -> Step {
        // Who signs out leaves nothing that can't be read either, or could not be once: what that is, the store knows.
        let is_told = self.signs_out.is_some() && self.removals == 0 && ctx.config.persistence.is_some();
        if !ctx.cache(enable_cae).has_unsaved() && !is_told {
            return self.save_other(ctx, outcome, enable_cae, now);
        }
        let store = Resource::Store { enable_cae };
        if ctx.is_held(&store) {
            return self.get_in_line(store, Next::Save(outcome, enable_cae), now);
        }
        let signed_out = self.signs_out.clone();
        let save = Await::Io(What::Save { enable_cae, signed_out }, STORE_LIMIT);
        self.next(State::Saving(outcome, enable_cae), save)
    }

    /// After the one cache, the other, if that changed, too.
    fn save_other(mut self: Box<Self>, ctx: &mut Context, outcome: Box<Outcome>, enable_cae: bool, now: Now) -> Step {
        if std::mem::take(&mut self.changed_both) {
            return self.save(ctx, outcome, !enable_cae, now);
        }
        if let Some(home_account_id) = self.signs_out.clone()
            && ctx.forget(&Account::unknown(home_account_id), &self.ask.tenant)
        {
            // Renewed by another process, between our reading and our writing.
            if self.removals == MOST_REMOVALS {
                return Step::Done(Err(Error::authentication(
                    "The account was not removed: another process signs it in again and again.",
                )));
            }
            self.removals = self.removals.saturating_add(1);
            self.changed_both = true;
            return self.save(ctx, outcome, false, now);
        }
        self.done(outcome)
    }

    pub(super) fn saved(
        self: Box<Self>,
        ctx: &mut Context,
        (outcome, enable_cae): (Box<Outcome>, bool),
        input: Input,
        now: Now,
    ) -> Step {
        let saved = match input {
            Input::Done(IoEvent::Saved(saved)) => saved,
            _ => Err(Cause::text("no answer in time")),
        };
        ctx.cache(enable_cae).saved(saved.is_ok());
        if let Err(cause) = saved {
            let message = format!("writing the persistent token cache failed: {}", cause.text);
            if self.ask.purpose == Purpose::RemoveAccount {
                let message = format!("The account was not removed: {message}");
                return Step::Done(Err(Error::caused(message, cause)));
            }
            ctx.log(Level::Warning, message);
        }
        self.save_other(ctx, outcome, enable_cae, now)
    }
}

fn unreadable(why: &str) -> String {
    format!("reading the persistent token cache failed: {why}")
}
