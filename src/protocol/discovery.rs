//! Finding the endpoints of a host that isn't built in: instance discovery, then OpenID Connect Discovery.

use crate::prelude::*;

use crate::error::{Error, Failure};
use crate::json::Json;
use crate::protocol::authority::{Authority, Endpoints, PUBLIC_CLOUD, Tenant};
use crate::protocol::fields::{Fields, Malformed};
use crate::protocol::http::{Reply, Request, append_pair};
use crate::protocol::oauth_error::OAuthError;
use crate::protocol::url::first_path_segment;

/// What Microsoft knows of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Where the tenant's OpenID Connect metadata is.
    pub tenant_discovery_endpoint: String,
    /// The other hosts of the same cloud.
    pub aliases: Vec<String>,
}

/// Asks Microsoft whether the authority's host is one of its own.
#[must_use]
pub fn instance_request(authority: &Authority, tenant: &Tenant) -> Request {
    let mut query = String::new();
    append_pair(&mut query, "api-version", "1.1");
    append_pair(
        &mut query,
        "authorization_endpoint",
        &authority.authorization_endpoint(tenant),
    );
    Request::get(text!("https://", PUBLIC_CLOUD, "/common/discovery/instance?", &query))
}

/// Reads the reply to [`instance_request`].
///
/// # Errors
/// The host is not known, or the reply is unusable.
pub fn instance_reply(reply: &Reply, authority: &Authority, request: &Request) -> Result<Instance, Error> {
    if let Some(refused) = OAuthError::read(reply, request) {
        let is_unknown = refused.error == "invalid_instance";
        let mut failure = Failure::refused(refused, reply.status);
        if is_unknown {
            failure.message = text!(
                "The authority ",
                authority.url(),
                " is not known to Microsoft. If it is valid and you trust it, construct the credential with `disableInstanceDiscovery: true`."
            );
        }
        return Err(Error::Authentication(Box::new(failure)));
    }
    let unusable = |why: &str| unusable("instance discovery", reply, why);
    let fields = reply.json().ok_or_else(|| unusable("is no JSON object"))?;
    let endpoint = https(&fields, "tenant_discovery_endpoint").map_err(|malformed| unusable(&malformed.text()))?;
    Ok(Instance {
        tenant_discovery_endpoint: endpoint.to_owned(),
        aliases: aliases(fields.get("metadata"), authority.host()),
    })
}

/// The aliases of the group that names `host`.
fn aliases(metadata: Option<&Json>, host: &str) -> Vec<String> {
    let mut others = Vec::new();
    for group in metadata.and_then(Json::as_array).unwrap_or_default() {
        let Json::Object(group) = group else {
            continue;
        };
        let names = group.get("aliases").and_then(Json::as_array).unwrap_or_default();
        if names.iter().any(|name| name.as_str() == Some(host)) {
            for name in names.iter().filter_map(Json::as_str) {
                if name != host {
                    others.push(name.to_owned());
                }
            }
            break;
        }
    }
    others
}

/// Asks for the tenant's metadata (OpenID Connect Discovery §4.1).
#[must_use]
pub fn openid_request(url: &str) -> Request {
    Request::get(url.to_owned())
}

/// Reads the reply to [`openid_request`] (RFC 8414 §2, RFC 8628 §4).
///
/// # Errors
/// The tenant doesn't exist, or the reply is unusable.
pub fn openid_reply(
    reply: &Reply,
    authority: &Authority,
    aliases: Vec<String>,
    request: &Request,
) -> Result<Endpoints, Error> {
    if let Some(refused) = OAuthError::read(reply, request) {
        return Err(Error::refused(refused, reply.status));
    }
    let unusable = |why: &str| unusable("the OpenID Connect metadata", reply, why);
    if reply.status != 200 {
        return Err(unusable(&text!("came with status ", &decimal(u64::from(reply.status)))));
    }
    let fields = reply.json().ok_or_else(|| unusable("is no JSON object"))?;
    let (token, device_authorization) = endpoints(&fields).map_err(|malformed| unusable(&malformed.text()))?;
    Ok(Endpoints {
        device_authorization: device_authorization.map(str::to_owned),
        realm: first_path_segment(token).unwrap_or_default().to_owned(),
        token: token.to_owned(),
        environment: authority.host().to_owned(),
        aliases,
    })
}

/// The token endpoint and, if there is one, the device authorization endpoint.
fn endpoints(fields: &Fields) -> Result<(&str, Option<&str>), Malformed> {
    const DEVICE_AUTHORIZATION: &str = "device_authorization_endpoint";
    let token = https(fields, "token_endpoint")?;
    let device_authorization = match fields.get(DEVICE_AUTHORIZATION) {
        None => None,
        Some(_) => Some(https(fields, DEVICE_AUTHORIZATION)?),
    };
    Ok((token, device_authorization))
}

fn https<'a>(fields: &'a Fields, name: &'static str) -> Result<&'a str, Malformed> {
    let url = fields.required(name)?;
    first_path_segment(url)
        .map(|_| url)
        .ok_or(Malformed::not_a(name, "https URL"))
}

fn unusable(what: &str, reply: &Reply, why: &str) -> Error {
    let message = text!("The reply of ", what, " ", why, ". Check `authority` and `tenantId`.");
    Error::replied(message, reply.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            retry_after: None,
            body: Secret::new(body),
        }
    }

    fn setup() -> (Authority, Tenant) {
        (
            Authority::parse("login.contoso.com").unwrap(),
            Tenant::parse("t").unwrap(),
        )
    }

    fn message(error: Error) -> String {
        match error {
            Error::Authentication(failure) => failure.message,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn instance_discovery_asks_with_api_version_1_1_and_learns_the_aliases() {
        let (authority, tenant) = setup();
        let request = instance_request(&authority, &tenant);
        assert_eq!(
            request.url,
            "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.contoso.com%2Ft%2Foauth2%2Fv2.0%2Fauthorize"
        );
        let body = r#"{"tenant_discovery_endpoint":"https://login.contoso.com/t/v2.0/.well-known/openid-configuration",
            "metadata":[{"aliases":["a.com"]},{"aliases":["login.contoso.com","sts.contoso.com"]}]}"#;
        let instance = instance_reply(&reply(200, body), &authority, &request).unwrap();
        assert_eq!(instance.aliases, ["sts.contoso.com"]);
    }

    #[test]
    fn invalid_instance_says_how_to_trust_the_host() {
        let (authority, tenant) = setup();
        let request = instance_request(&authority, &tenant);
        let error = instance_reply(&reply(400, r#"{"error":"invalid_instance"}"#), &authority, &request).unwrap_err();
        assert!(message(error).contains("disableInstanceDiscovery: true"));
    }

    #[test]
    fn both_endpoints_must_be_https() {
        let (authority, tenant) = setup();
        let request = openid_request(&authority.openid_configuration(&tenant));
        let read = |body: &str| openid_reply(&reply(200, body), &authority, Vec::new(), &request);
        let endpoints =
            read(r#"{"token_endpoint":"https://h/guid/token","device_authorization_endpoint":"https://h/d"}"#).unwrap();
        assert_eq!(endpoints.realm, "guid");
        assert_eq!(endpoints.environment, "login.contoso.com");
        for (body, names) in [
            (r#"{"token_endpoint":"http://h/t"}"#, "token_endpoint"),
            (r#"{"device_authorization_endpoint":"https://h/d"}"#, "token_endpoint"),
            (
                r#"{"token_endpoint":"https://h/t","device_authorization_endpoint":"http://h/d"}"#,
                "device_authorization_endpoint",
            ),
            (r#"{"token_endpoint":7}"#, "token_endpoint"),
            ("<html>", "no JSON object"),
        ] {
            let said = message(read(body).unwrap_err());
            assert!(said.contains(names), "{body}: {said}");
        }
    }
}
