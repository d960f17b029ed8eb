//! The token cache as other libraries see it: the same rows under the same keys, and nothing of theirs lost.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod accounts;
mod case;
mod crowd;
mod foreign;
mod items;
mod looking;
mod removals;
mod rows;
mod stores;

use base64ct::{Base64UrlUnpadded, Encoding};
use entra_device_code::cache::grant::Grant;
use entra_device_code::cache::store::{CachedRefreshToken, Owner, Whose};
use entra_device_code::cache::{Item, TokenCache};
use entra_device_code::protocol::authority::{Authority, Endpoints, Tenant};
use entra_device_code::protocol::http::Reply;
use entra_device_code::protocol::token::TokenReply;
use entra_device_code::secret::Secret;
use entra_device_code::time::Timestamp;
use serde_json::{Value, json};

pub(crate) const HOST: &str = "login.microsoftonline.com";
pub(crate) const NOON: u64 = 1_767_225_600;

pub(crate) const ADA: Owner<'_> = Owner {
    home_account_id: "Ada-uid.contoso",
    environment: HOST,
};

/// The id of somebody of whom the server said nothing.
pub(crate) const NOBODY: &str = "\0nobody";

pub(crate) fn at(secs: u64) -> Timestamp {
    Timestamp::from_unix_secs(NOON + secs)
}

pub(crate) fn endpoints() -> Endpoints {
    Authority::parse(HOST)
        .unwrap()
        .built_in(&Tenant::parse("organizations").unwrap())
        .unwrap()
}

pub(crate) fn first_row(tables: &Value, table: &str) -> Value {
    tables[table].as_object().unwrap().values().next().unwrap().clone()
}

fn json_of(cache: &TokenCache) -> Value {
    serde_json::from_str(&cache.serialize().unwrap()).unwrap()
}

pub(crate) fn base64url(value: &Value) -> String {
    Base64UrlUnpadded::encode_string(value.to_string().as_bytes())
}

pub(crate) fn id_token() -> String {
    let claims = json!({"iss": "https://login.microsoftonline.com/contoso/v2.0", "aud": "Client", "tid": "contoso",
        "sub": "ada-sub", "oid": "ada-oid", "preferred_username": "Ada@contoso.com"});
    format!("e30.{}.sig", base64url(&claims))
}

/// What Entra replies when Ada signs in.
pub(crate) fn sign_in() -> Value {
    json!({
        "token_type": "Bearer", "access_token": "AT1", "refresh_token": "RT1", "expires_in": 3600,
        "ext_expires_in": 7200, "refresh_in": 1800, "scope": "profile User.Read openid", "id_token": id_token(),
        "client_info": base64url(&json!({"uid": "Ada-uid", "utid": "contoso"})), "foci": "1",
    })
}

pub(crate) fn without(mut reply: Value, names: &[&str]) -> Value {
    for name in names {
        reply.as_object_mut().unwrap().remove(*name);
    }
    reply
}

pub(crate) fn granted(cache: &mut TokenCache, reply: &Value, spent: Option<&CachedRefreshToken>, now: Timestamp) {
    let reply = Reply {
        status: 200,
        retry_after: None,
        body: Secret::new(reply.to_string()),
    };
    let reply = TokenReply::read(&reply).unwrap().unwrap();
    let claims = reply.claims().ok();
    let home_account_id = reply
        .client_info()
        .and_then(Result::ok)
        .map(|info| info.home_account_id);
    let grant = Grant {
        client_id: "Client",
        endpoints: &endpoints(),
        scope: "User.Read offline_access openid profile",
        reply: &reply,
        home_account_id: home_account_id.as_deref().unwrap_or(NOBODY),
        claims: claims.as_ref(),
        spent,
    };
    cache.add(&grant, now);
}

pub(crate) fn signed_in() -> TokenCache {
    let mut cache = TokenCache::default();
    granted(&mut cache, &sign_in(), None, at(0));
    cache
}

/// The secret of the token that carries a scope.
pub(crate) fn access_token(cache: &mut TokenCache, scope: &str, now: Timestamp) -> Option<String> {
    let token = cache.access_token(ADA, "Client", "organizations", &[scope], now)?;
    Some(token.secret.expose().to_owned())
}

pub(crate) fn refresh_token(cache: &TokenCache) -> CachedRefreshToken {
    cache.refresh_tokens(ADA, Whose::Client("Client")).remove(0)
}
