//! How a token reply becomes rows, field by field as MSAL for Python writes them.

use crate::prelude::*;

use crate::cache::entity::{Entity, Kind};
use crate::cache::store::{CachedRefreshToken, CachedToken, Life, TokenCache};
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
        let life = Life {
            expires_on: whole_secs(now.after(reply.expires_in)),
            refresh_on: reply.refresh_in.map(|span| whole_secs(now.after(span))),
        };
        let target = sorted(reply.scope.as_deref().unwrap_or(grant.scope));
        let is_adfs = endpoints.realm == "adfs";
        let local_account_id = claims.and_then(|claims| claims.object_id.as_deref().or(claims.subject.as_deref()));
        let (cached_at, expires_on) = (secs(now), secs(life.expires_on));
        let extended_expires_on = secs(now.after(reply.ext_expires_in));
        let refresh_on = life.refresh_on.map(secs);
        let mut known = vec![
            ("home_account_id", home_account_id),
            ("environment", Some(endpoints.environment.as_str())),
            ("client_id", Some(client_id)),
            ("realm", Some(&endpoints.realm)),
            ("target", Some(&target)),
            ("token_type", Some(&reply.token_type)),
            ("cached_at", Some(&cached_at)),
            ("last_modification_time", Some(&cached_at)),
            ("expires_on", Some(&expires_on)),
            ("extended_expires_on", Some(&extended_expires_on)),
            ("local_account_id", local_account_id),
            (
                "username",
                Some(claims.and_then(IdTokenClaims::username).unwrap_or_default()),
            ),
            ("authority_type", Some(if is_adfs { "ADFS" } else { "MSSTS" })),
            ("account_source", Some(device::GRANT_TYPE)),
        ];
        for optional in [
            ("refresh_on", refresh_on.as_deref()),
            ("family_id", reply.family_id.as_deref()),
        ] {
            if optional.1.is_some() {
                known.push(optional);
            }
        }
        self.file(Kind::AccessToken, reply.access_token.expose(), &known);
        if home_account_id.is_some() && grant.spent.is_none() {
            self.file(Kind::Account, "", &known);
        }
        if let Some(id_token) = &reply.id_token {
            self.file(Kind::IdToken, id_token.expose(), &known);
        }
        match (&reply.refresh_token, grant.spent) {
            (None, _) => {}
            (Some(successor), Some(spent)) => self.rotate(spent, successor, now),
            (Some(refresh_token), None) => self.file(Kind::RefreshToken, refresh_token.expose(), &known),
        }
        self.file(Kind::AppMetadata, "", &known);
        CachedToken {
            secret: reply.access_token.clone(),
            life,
        }
    }

    /// Files a row: those columns of its table that are `known`.
    fn file(&mut self, kind: Kind, secret: &str, known: &[(&str, Option<&str>)]) {
        let mut row = vec![];
        for name in kind.columns().split_ascii_whitespace() {
            match known.iter().find(|(other, _)| *other == name) {
                Some(field) => row.push(*field),
                None if name == "credential_type" => row.push((name, Some(kind.name()))),
                None if name == "secret" => row.push((name, Some(secret))),
                None => {}
            }
        }
        self.index.put(kind, Entity::new(&row));
    }
}

/// The schema's times are decimal strings.
fn secs(at: Timestamp) -> String {
    decimal(at.as_unix_secs())
}

fn whole_secs(at: Timestamp) -> Timestamp {
    Timestamp::from_unix_secs(at.as_unix_secs())
}
