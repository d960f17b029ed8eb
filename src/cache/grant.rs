//! How a token reply becomes rows, field by field as MSAL for Python writes them.

use crate::prelude::*;

use crate::cache::entity::{Entity, Kind};
use crate::cache::store::{CachedRefreshToken, CachedToken, TokenCache};
use crate::protocol::authority::Endpoints;
use crate::protocol::device;
use crate::protocol::id_token::IdTokenClaims;
use crate::protocol::scope::sorted;
use crate::protocol::token::TokenReply;
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
    /// The account, as far as the reply tells.
    pub home_account_id: Option<&'a str>,
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
        let environment = Some(endpoints.environment.as_str());
        let realm = Some(endpoints.realm.as_str());
        let target = sorted(reply.scope.as_deref().unwrap_or(grant.scope).split_ascii_whitespace());
        let expires_on = now.after(reply.expires_in).as_unix_secs();
        let refresh_on = reply.refresh_in.map(|span| now.after(span).as_unix_secs());
        let secs = decimal;

        let mut access_token = Entity::new(&[
            ("credential_type", Some("AccessToken")),
            ("secret", Some(reply.access_token.expose())),
            ("home_account_id", home_account_id),
            ("environment", environment),
            ("client_id", Some(client_id)),
            ("target", Some(&target)),
            ("realm", realm),
            ("token_type", Some(&reply.token_type)),
            ("cached_at", Some(&secs(now.as_unix_secs()))),
            ("expires_on", Some(&secs(expires_on))),
            (
                "extended_expires_on",
                Some(&secs(now.after(reply.ext_expires_in).as_unix_secs())),
            ),
        ]);
        if let Some(refresh_on) = refresh_on {
            access_token.set("refresh_on", &secs(refresh_on));
        }
        self.index.put(Kind::AccessToken, access_token);

        if let (Some(home_account_id), None) = (home_account_id, grant.spent) {
            self.index.put(
                Kind::Account,
                Entity::new(&[
                    ("home_account_id", Some(home_account_id)),
                    ("environment", environment),
                    ("realm", realm),
                    (
                        "local_account_id",
                        claims.and_then(|c| c.object_id.as_deref().or(c.subject.as_deref())),
                    ),
                    (
                        "username",
                        Some(claims.and_then(IdTokenClaims::username).unwrap_or_default()),
                    ),
                    (
                        "authority_type",
                        Some(if endpoints.realm == "adfs" { "ADFS" } else { "MSSTS" }),
                    ),
                    ("account_source", Some(device::GRANT_TYPE)),
                ]),
            );
        }
        if let Some(id_token) = &reply.id_token {
            self.index.put(
                Kind::IdToken,
                Entity::new(&[
                    ("credential_type", Some("IdToken")),
                    ("secret", Some(id_token.expose())),
                    ("home_account_id", home_account_id),
                    ("environment", environment),
                    ("realm", realm),
                    ("client_id", Some(client_id)),
                ]),
            );
        }
        match (&reply.refresh_token, grant.spent) {
            (None, _) => {}
            (Some(successor), Some(spent)) => self.rotate(spent, successor, now),
            (Some(refresh_token), None) => {
                let mut row = Entity::new(&[
                    ("credential_type", Some("RefreshToken")),
                    ("secret", Some(refresh_token.expose())),
                    ("home_account_id", home_account_id),
                    ("environment", environment),
                    ("client_id", Some(client_id)),
                    ("target", Some(&target)),
                    ("last_modification_time", Some(&secs(now.as_unix_secs()))),
                ]);
                if let Some(family_id) = &reply.family_id {
                    row.set("family_id", family_id);
                }
                self.index.put(Kind::RefreshToken, row);
            }
        }
        let mut app_metadata = Entity::new(&[("client_id", Some(client_id)), ("environment", environment)]);
        if let Some(family_id) = &reply.family_id {
            app_metadata.set("family_id", family_id);
        }
        self.index.put(Kind::AppMetadata, app_metadata);

        CachedToken {
            secret: reply.access_token.clone(),
            expires_on: Timestamp::from_unix_secs(expires_on),
            refresh_on: refresh_on.map(Timestamp::from_unix_secs),
        }
    }
}
