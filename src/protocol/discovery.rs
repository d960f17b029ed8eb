//! Finding the endpoints of a host that isn't built in: instance discovery, then OpenID Connect Discovery.

use crate::error::Error;
use crate::protocol::authority::{Authority, Endpoints, PUBLIC_CLOUD, Tenant};
use crate::protocol::fields::Fields;
use crate::protocol::http::{Field, Form, Reply, Request};
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
    let query = Form::new(&[
        ("api-version", Field::Text("1.1")),
        (
            "authorization_endpoint",
            Field::Text(&authority.authorization_endpoint(tenant)),
        ),
    ]);
    let query = query.encoded();
    Request::get(format!("https://{PUBLIC_CLOUD}/common/discovery/instance?{query}"))
}

/// Reads the reply to [`instance_request`].
///
/// # Errors
/// The host is not known, or the reply is unusable.
pub fn instance_reply(reply: &Reply, authority: &Authority, request: &Request) -> Result<Instance, Error> {
    Error::refuse(reply, request).map_err(|mut error| {
        if let Error::Authentication(failure) = &mut error
            && failure.response.as_ref().is_some_and(|said| said.error == "invalid_instance")
        {
            failure.message = format!(
                "The authority {} is not known to Microsoft. If it is valid and you trust it, construct the credential with `disableInstanceDiscovery: true`.",
                authority.url()
            );
        }
        error
    })?;
    let instance = Fields::of_reply(reply).and_then(|fields| {
        Ok(Instance {
            tenant_discovery_endpoint: https(&fields, "tenant_discovery_endpoint")?,
            aliases: aliases(&fields, authority.host()),
        })
    });
    instance.map_err(|why| unusable("instance discovery", reply, &why))
}

/// The aliases of the group that names `host`, as far as the groups can be read.
fn aliases(fields: &Fields<'_>, host: &str) -> Vec<String> {
    for group in fields.items("metadata") {
        let Some(group) = Fields::read(group.get()) else {
            continue;
        };
        let mut names = group.texts("aliases");
        if let Some(at) = names.iter().position(|name| name == host) {
            names.remove(at);
            return names;
        }
    }
    Vec::new()
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
    (authority, tenant): (&Authority, &Tenant),
    aliases: Vec<String>,
    request: &Request,
) -> Result<Endpoints, Error> {
    Error::refuse(reply, request)?;
    let endpoints = Fields::of_reply(reply).and_then(|fields| endpoints(&fields));
    let (token, device_authorization) =
        endpoints.map_err(|why| unusable("the OpenID Connect metadata", reply, &why))?;
    let realm = if authority.has_metadata() {
        tenant.as_str()
    } else {
        first_path_segment(&token).unwrap_or_default()
    };
    Ok(Endpoints {
        device_authorization,
        realm: realm.to_owned(),
        token,
        environment: authority.host().to_owned(),
        aliases,
    })
}

/// The token endpoint and, if there is one, the device authorization endpoint.
fn endpoints(fields: &Fields<'_>) -> Result<(String, Option<String>), String> {
    const DEVICE_AUTHORIZATION: &str = "device_authorization_endpoint";
    let token = https(fields, "token_endpoint")?;
    let device_authorization = match fields.get(DEVICE_AUTHORIZATION) {
        None => None,
        Some(_) => Some(https(fields, DEVICE_AUTHORIZATION)?),
    };
    Ok((token, device_authorization))
}

fn https(fields: &Fields<'_>, name: &str) -> Result<String, String> {
    let url = fields.required(name)?;
    match first_path_segment(&url) {
        Some(_) => Ok(url),
        None => Err(fields.unfit(name, "https URL")),
    }
}

fn unusable(what: &str, reply: &Reply, why: &str) -> Error {
    let message = format!("The reply of {what} {why}. Check `authority` and `tenantId`, or `metadataUrl`.");
    Error::replied(message, reply)
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
    fn what_comes_with_another_status_is_no_instance() {
        let (authority, tenant) = setup();
        let request = instance_request(&authority, &tenant);
        let body = r#"{"tenant_discovery_endpoint":"https://evil.example/metadata"}"#;
        for status in [201, 204, 302, 404] {
            let error = instance_reply(&reply(status, body), &authority, &request).unwrap_err();
            assert!(message(error).contains(&format!("came with status {status}")));
        }
    }

    #[test]
    fn an_endpoint_that_is_no_url_is_refused() {
        let (authority, tenant) = setup();
        let request = openid_request(&authority.openid_configuration(&tenant));
        for bad in [
            "https://",
            "https:///token",
            "https://h:99999/token",
            "https://h:x/token",
            "https://a b/token",
            "https://user@h/token",
            "https://[1::2::3]/token",
            "https://[zz]/token",
            "https://1.2.3.400/token",
            "https://h.1.2/token",
            "https://h.0x1/token",
            "https://h.0X/token",
            "https://0xg.0xAf/token",
            "https://xn--/token",
            "https://a.XN--.b/token",
            "https://xn--a/token",
            "https://a.Xn--0:1/token",
            r"https://h/to\u0000ken",
            "https://h/to ken",
        ] {
            for (name, other) in [
                ("token_endpoint", "device_authorization_endpoint"),
                ("device_authorization_endpoint", "token_endpoint"),
            ] {
                let body = format!(r#"{{"{name}":"{bad}","{other}":"https://h/x"}}"#);
                let error = openid_reply(&reply(200, &body), (&authority, &tenant), Vec::new(), &request).unwrap_err();
                let said = message(error);
                assert!(
                    said.contains(&format!("`{name}` that is no https URL")),
                    "{bad}: {said}"
                );
            }
        }
    }

    #[test]
    fn both_endpoints_must_be_https() {
        let (authority, tenant) = setup();
        let request = openid_request(&authority.openid_configuration(&tenant));
        let read = |body: &str| openid_reply(&reply(200, body), (&authority, &tenant), Vec::new(), &request);
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
