//! How a token reply becomes rows, field by field as MSAL for Python writes them.

use crate::cache::entity::{AccessToken, Account, Details, Entity, RefreshToken};
use crate::cache::index::UNNAMED;
use crate::cache::row::after_predecessor;
use crate::cache::store::{CachedRefreshToken, CachedToken, Life, Owner, TokenCache, Whose};
use crate::protocol::authority::Endpoints;
use crate::protocol::device;
use crate::protocol::id_token::IdTokenClaims;
use crate::protocol::scope::{effective, sorted};
use crate::protocol::token::TokenReply;
use crate::secret::Secret;
use crate::time::Timestamp;

/// A token reply, and what it replies to.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// Who it was granted to.
    pub client_id: &'a str,
    /// Where it was granted.
    pub endpoints: &'a Endpoints,
    /// The scopes that were sent, for servers that don't say which they granted.
    pub scope: &'a str,
    /// What was granted.
    pub reply: &'a TokenReply,
    /// The account.
    pub home_account_id: &'a str,
    /// The id token's claims, if it has usable ones.
    pub claims: Option<&'a IdTokenClaims>,
    /// The refresh token that was spent; none if the user signed in.
    pub spent: Option<&'a CachedRefreshToken>,
}

impl TokenCache {
    /// Files what was granted, and gives the access token back as it is filed.
    pub fn add(&mut self, grant: &Grant<'_>, now: Timestamp) -> CachedToken {
        let Grant {
            client_id,
            endpoints,
            reply,
            claims,
            home_account_id,
            ..
        } = *grant;
        let life = Life {
            expires_on: whole_secs(now.after(reply.lifetime())),
            refresh_on: reply.refresh_in.map(|span| whole_secs(now.after(span))),
        };
        let realm = &endpoints.realm;
        let family_id = reply.family_id.clone().unwrap_or_default();
        let is_named = !home_account_id.starts_with(UNNAMED);
        let row = |secret: Option<&Secret>, details| Entity {
            home_account_id: Some(home_account_id.to_owned()),
            environment: endpoints.environment.clone(),
            client_id: client_id.to_owned(),
            target: sorted(reply.scope.as_deref().unwrap_or(grant.scope)),
            realm: realm.clone(),
            secret: secret.cloned(),
            details,
        };
        let access_token = Details::AccessToken(AccessToken {
            token_type: reply.token_type().to_owned(),
            cached_at: Some(now),
            expires_on: Some(life.expires_on),
            extended_expires_on: Some(now.after(reply.extended_lifetime())),
            refresh_on: life.refresh_on,
            is_unfit: false,
        });
        let access_token = row(Some(&reply.access_token), access_token);
        let owner = Owner {
            home_account_id,
            environment: &endpoints.environment,
        };
        let question = owner.question(client_id, realm, &effective(grant.scope));
        let asked = (grant.scope, life.expires_on);
        self.index.put_answer(access_token, question, asked, now);
        let mut rows = Vec::new();
        if is_named && grant.spent.is_none() {
            let local_account_id =
                claims.and_then(|claims| claims.object_id.clone().or_else(|| claims.subject.clone()));
            let username = claims.and_then(IdTokenClaims::username).unwrap_or_default();
            let authority_type = if realm == "adfs" { "ADFS" } else { "MSSTS" };
            let account = Details::Account(Account {
                local_account_id,
                username: username.to_owned(),
                authority_type: authority_type.to_owned(),
                account_source: device::GRANT_TYPE.to_owned(),
            });
            rows.push(row(None, account));
        }
        if let Some(id_token) = &reply.id_token {
            rows.push(row(Some(id_token), Details::IdToken));
        }
        match (&reply.refresh_token, grant.spent) {
            (None, _) => {}
            (Some(successor), Some(spent)) => self.rotate(spent, successor, now),
            (Some(refresh_token), None) => {
                let before = self.refresh_tokens(owner, Whose::Client(client_id));
                let latest = before.first().and_then(|token| token.got_at);
                let details = Details::RefreshToken(RefreshToken {
                    last_modification_time: Some(after_predecessor(latest, whole_secs(now))),
                    family_id: family_id.clone(),
                });
                rows.push(row(Some(refresh_token), details));
            }
        }
        if is_named {
            let mut metadata = row(None, Details::AppMetadata { family_id });
            metadata.home_account_id = None;
            rows.push(metadata);
        }
        for row in rows {
            self.index.put(row);
        }
        CachedToken {
            secret: reply.access_token.clone(),
            life,
        }
    }
}

/// As the schema has it.
fn whole_secs(at: Timestamp) -> Timestamp {
    Timestamp::from_unix_secs(at.as_unix_secs())
}
