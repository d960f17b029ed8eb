//! The part of an acquisition that deals with who is signed in: whom the caches know, and how they are forgotten.

use crate::error::Error;
use crate::flow::acquisition::{Acquisition, Next, Step};
use crate::flow::config::Persistence;
use crate::flow::context::{Account, Context, Level};
use crate::flow::event::Outcome;
use crate::flow::step::Resource;
use crate::time::Now;

impl Acquisition {
    /// Lists the accounts of both caches.
    pub(super) fn list_accounts(&self, ctx: &Context) -> Step {
        let mut outcome = Box::<Outcome>::default();
        outcome.accounts = ctx.accounts(&self.ask.tenant);
        Step::Done(Ok(outcome))
    }

    /// Nobody is known to the credential, but somebody may be to its store.
    pub(super) fn without_account(self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        // Whoever has signed out here is not to be followed by somebody else.
        if ctx.config.persistence.is_none() || ctx.own.is_some() {
            return self.interact(ctx, None, now);
        }
        let is_wanted = ctx.config.use_stored_account;
        if is_wanted && !self.has_both {
            return self.load_other(ctx, Next::Begin, now);
        }
        let accounts = ctx.accounts(&self.ask.tenant);
        match accounts.as_slice() {
            [only] if is_wanted => {
                ctx.sign_in(Account::of_record(only));
                self.begin(ctx, now)
            }
            [_, _, ..] if is_wanted => Step::Done(Err(several(
                "give one of those that `getAccounts` resolves to as `authenticationRecord`",
            ))),
            accounts => {
                if !accounts.is_empty() && !ctx.is_held(&Resource::Prompt) {
                    let hint = "a sign-in is stored: give its `authenticationRecord`, or `useStoredAccount`, to use it";
                    ctx.log(Level::Info, hint);
                }
                self.interact(ctx, None, now)
            }
        }
    }

    /// Forgets an account in both caches: the one that is named, the credential's own, or the only one there is.
    pub(super) fn remove_account(mut self: Box<Self>, ctx: &mut Context, now: Now) -> Step {
        let named = self.ask.record.as_ref().map(Account::of_record);
        let account = match named.or_else(|| ctx.own.clone()) {
            Some(account) => account,
            None => match ctx.accounts(&self.ask.tenant).as_slice() {
                [] if ctx.config.persistence == Some(Persistence::Partitioned) => {
                    let why = "Whose tokens the `storage` has is not known: give `removeAccount` the record of `authenticate`, or `partitioned: false`.";
                    return Step::Done(Err(Error::Unavailable(why.to_owned())));
                }
                [] => {
                    let unread = self
                        .unread
                        .map(|why| format!("Who is to be signed out is not known: {why}"));
                    return Step::Done(
                        unread.map_or_else(|| Ok(Box::default()), |why| Err(Error::authentication(why))),
                    );
                }
                [only] => Account::of_record(only),
                _ => {
                    return Step::Done(Err(several(
                        "give `removeAccount` one of those that `getAccounts` resolves to",
                    )));
                }
            },
        };
        let mut outcome = Box::<Outcome>::default();
        let mut is_forgotten = ctx.forget(&account, &self.ask.tenant);
        for enable_cae in [false, true] {
            // What was forgotten before, and could not be saved.
            let unsaved = ctx.cache(enable_cae).unsaved_accounts();
            is_forgotten |= unsaved.contains(&account.home_account_id.as_str());
        }
        if let (true, Some(id)) = (is_forgotten, account.named()) {
            let username = account.username.clone().unwrap_or_else(|| id.to_owned());
            outcome.accounts.push(ctx.record(id.to_owned(), username));
        }
        if ctx
            .account
            .as_ref()
            .is_some_and(|known| known.home_account_id == account.home_account_id)
        {
            ctx.account = None;
        }
        let id = account.home_account_id;
        if !ctx.signed_out.contains(&id) {
            ctx.signed_out.push(id.clone());
        }
        self.signs_out = Some(id);
        self.changed_both = true;
        self.save(ctx, outcome, false, now)
    }
}

fn several(how: &str) -> Error {
    Error::Unavailable(format!("Several accounts are signed in: {how}."))
}
