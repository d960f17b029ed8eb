//! Where to sign in: authorities, tenants, and the endpoints of the hosts everyone knows.

use crate::prelude::*;

use crate::protocol::url::{host_name, without_slashes};

/// The hosts of Microsoft's clouds, grouped with their aliases. A tenant lives at
/// `https://{host}/{tenant}/oauth2/v2.0/…` on each; tokens issued at one host of a group serve the others.
///
/// Source: <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>, and the reply of
/// `https://login.microsoftonline.com/common/discovery/instance?api-version=1.1`.
const CLOUDS: &[&[&str]] = &[
    &[
        PUBLIC_CLOUD,
        "login.windows.net",
        "login.microsoft.com",
        "sts.windows.net",
    ],
    &["login.partner.microsoftonline.cn", CHINA],
    &["login.microsoftonline.de"],
    &[GOVERNMENT, "login.usgovcloudapi.net"],
    &["login-us.microsoftonline.com"],
    &["login.sovcloud-identity.fr"],
    &["login.sovcloud-identity.de"],
    &["login.sovcloud-identity.sg"],
];

/// The host of the public cloud, which is the default authority.
pub const PUBLIC_CLOUD: &str = "login.microsoftonline.com";
const CHINA: &str = "login.chinacloudapi.cn";
const GOVERNMENT: &str = "login.microsoftonline.us";

/// What the hosts of Azure AD B2C and Entra External ID end with.
const B2C: &[&str] = &[
    ".b2clogin.com",
    ".b2clogin.cn",
    ".b2clogin.us",
    ".b2clogin.de",
    ".ciamlogin.com",
];

/// An authority: `https://host[:port][/path]`, to which a tenant is appended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Authority {
    /// `https://host[:port][/path]`, without a slash at the end.
    url: String,
    /// The host's name in lower case, without the port: MSAL's *environment*.
    host: String,
    /// The path, empty or starting with a slash.
    path: String,
}

impl Authority {
    /// Parses a host name or an https URL.
    ///
    /// # Errors
    /// Says what an authority must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "must be a host such as \"login.microsoftonline.com\" or an https URL of one";
        let text = without_slashes(text.trim_ascii());
        let rest = match split_once(text, b':').and_then(|(scheme, rest)| Some((scheme, rest.strip_prefix("//")?))) {
            None => text,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => {
                return Err("must be an https URL, not http: tokens would cross the network unprotected");
            }
            Some(_) => return Err(EXPECTED),
        };
        let (origin, path) = split_before(rest, |byte| byte == b'/');
        let host = host_name(origin).ok_or(EXPECTED)?.to_ascii_lowercase();
        let is_odd = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'?' | b'#' | b'\\');
        if path.bytes().any(is_odd) {
            return Err(EXPECTED);
        }
        Ok(Self {
            url: text!("https://", &origin.to_ascii_lowercase(), path),
            host,
            path: path.to_owned(),
        })
    }

    /// The authority of another host of the same cloud.
    #[must_use]
    pub fn of_alias(&self, host: &str) -> Self {
        Self {
            url: text!("https://", host, &self.path),
            host: host.to_owned(),
            path: self.path.clone(),
        }
    }

    /// `https://host[:port][/path]`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host's name, in lower case, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The ARM scope of a known cloud, which `authenticate` asks for by default. The double slash is right: the resource's
    /// id ends with one.
    #[must_use]
    pub fn default_scope(&self) -> Option<&'static str> {
        match self.url.strip_prefix("https://")? {
            PUBLIC_CLOUD => Some("https://management.core.windows.net//.default"),
            CHINA => Some("https://management.core.chinacloudapi.cn//.default"),
            GOVERNMENT => Some("https://management.core.usgovcloudapi.net//.default"),
            _ => None,
        }
    }

    /// Whether this is a host whose endpoints are built in. One with a port or a path is somebody's proxy.
    #[must_use]
    pub fn is_well_known(&self) -> bool {
        self.url
            .strip_prefix("https://")
            .is_some_and(|rest| cloud_of(rest).is_some())
    }

    /// The other hosts of this one's cloud, as far as they are built in.
    pub fn known_aliases(&self) -> impl Iterator<Item = &'static str> + '_ {
        let cloud = cloud_of(&self.host).unwrap_or_default();
        cloud.iter().copied().filter(|alias| *alias != self.host)
    }

    /// Azure AD B2C and Entra External ID (CIAM), which instance discovery doesn't know.
    #[must_use]
    pub fn is_b2c(&self) -> bool {
        B2C.iter().any(|end| self.host.ends_with(end))
    }

    /// The endpoints of a tenant on a well-known host.
    #[must_use]
    pub fn built_in(&self, tenant: &Tenant) -> Option<Endpoints> {
        if !self.is_well_known() || tenant.is_adfs() {
            return None;
        }
        let base = text!(&self.url, "/", tenant.as_str(), "/oauth2/v2.0");
        Some(Endpoints {
            device_authorization: Some(text!(&base, "/devicecode")),
            token: text!(&base, "/token"),
            environment: self.host.clone(),
            realm: tenant.as_str().to_owned(),
            aliases: self.known_aliases().map(str::to_owned).collect(),
        })
    }

    /// Whether an authority's host must be asked about first: it is not well known, and nobody said to trust it.
    #[must_use]
    pub fn wants_instance_discovery(&self, tenant: &Tenant) -> bool {
        !(self.is_well_known() || self.is_b2c() || tenant.is_adfs())
    }

    /// Where the tenant publishes its OpenID Connect metadata. ADFS has it without a version.
    #[must_use]
    pub fn openid_configuration(&self, tenant: &Tenant) -> String {
        let version = if tenant.is_adfs() { "" } else { "/v2.0" };
        text!(
            &self.url,
            "/",
            tenant.as_str(),
            version,
            "/.well-known/openid-configuration"
        )
    }

    /// What instance discovery is asked about: the authorization endpoint this authority would have. As MSAL for Python
    /// does, without the port.
    #[must_use]
    pub fn authorization_endpoint(&self, tenant: &Tenant) -> String {
        text!(
            "https://",
            &self.host,
            &self.path,
            "/",
            tenant.as_str(),
            "/oauth2/v2.0/authorize"
        )
    }
}

fn cloud_of(host: &str) -> Option<&'static [&'static str]> {
    CLOUDS.iter().copied().find(|hosts| hosts.contains(&host))
}

/// A tenant: its id, one of its domains, or `organizations`, `common`, `consumers`, `adfs`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenant(String);

impl Tenant {
    /// Parses a tenant's id or domain.
    ///
    /// # Errors
    /// Says what a tenant must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let valid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
        // A name of dots alone would walk up the URL's path.
        if text.bytes().all(valid) && text.bytes().any(|b| b != b'.') {
            return Ok(Self(text.to_owned()));
        }
        Err(
            "must be a tenant's id or domain (letters, digits, \"-\" and \".\"); see https://learn.microsoft.com/partner-center/find-ids-and-domain-names",
        )
    }

    /// The tenant as it stands in a URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Active Directory Federation Services: a server of one organization, with no tenants.
    #[must_use]
    pub fn is_adfs(&self) -> bool {
        self.0.eq_ignore_ascii_case("adfs")
    }
}

/// Where a tenant's requests go, and how MSAL's cache files what comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// RFC 8628 §3.1. Not every server has one.
    pub device_authorization: Option<String>,
    /// RFC 6749 §3.2.
    pub token: String,
    /// MSAL's *environment*: the authority's host.
    pub environment: String,
    /// MSAL's *realm*: the tenant segment of the token endpoint.
    pub realm: String,
    /// Other hosts of the same cloud.
    pub aliases: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(text: &str) -> Authority {
        Authority::parse(text).unwrap()
    }

    fn tenant(text: &str) -> Tenant {
        Tenant::parse(text).unwrap()
    }

    #[test]
    fn a_host_and_a_url_are_the_same_authority() {
        for text in [
            "login.microsoftonline.com",
            "https://login.microsoftonline.com/",
            " HTTPS://Login.MicrosoftOnline.com// ",
        ] {
            assert_eq!(
                authority(text),
                authority("https://login.microsoftonline.com"),
                "{text}"
            );
        }
        assert_eq!(authority("localhost:8443").host(), "localhost");
        assert_eq!(authority("localhost:8443").url(), "https://localhost:8443");
        assert_eq!(authority("https://[::1]:8443/path").host(), "[::1]");
    }

    #[test]
    fn what_is_no_authority_is_refused() {
        assert!(
            Authority::parse("http://login.microsoftonline.com")
                .unwrap_err()
                .contains("not http")
        );
        for bad in [
            "",
            "ftp://host",
            "https://",
            "https://a b",
            "https://user@host",
            "https://host:port",
            "https://host:",
            "https://host:65536",
            "https://host:99999999999999999999999",
            "host?x",
            "host/a?b",
            "https://[::1",
            "[]",
        ] {
            assert!(Authority::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn well_known_hosts_have_their_endpoints_built_in() {
        for host in CLOUDS.iter().copied().flatten() {
            let endpoints = authority(host).built_in(&tenant("organizations")).unwrap();
            assert_eq!(
                endpoints.token,
                format!("https://{host}/organizations/oauth2/v2.0/token")
            );
            assert_eq!(
                endpoints.device_authorization.unwrap(),
                format!("https://{host}/organizations/oauth2/v2.0/devicecode")
            );
            assert_eq!(
                (endpoints.environment.as_str(), endpoints.realm.as_str()),
                (*host, "organizations")
            );
            assert!(!endpoints.aliases.iter().any(|alias| alias == host));
        }
        assert_eq!(CLOUDS.iter().copied().flatten().count(), 13);
    }

    #[test]
    fn adfs_and_strangers_are_discovered() {
        assert_eq!(authority("login.microsoftonline.com").built_in(&tenant("adfs")), None);
        assert_eq!(
            authority("https://login.microsoftonline.com:444").built_in(&tenant("t")),
            None
        );
        let adfs = authority("adfs.contoso.com");
        assert_eq!(
            adfs.openid_configuration(&tenant("ADFS")),
            "https://adfs.contoso.com/ADFS/.well-known/openid-configuration"
        );
        assert!(!adfs.wants_instance_discovery(&tenant("adfs")));
        assert!(authority("login.contoso.com").wants_instance_discovery(&tenant("t")));
        assert_eq!(
            authority("localhost:8443").openid_configuration(&tenant("t")),
            "https://localhost:8443/t/v2.0/.well-known/openid-configuration"
        );
        assert_eq!(
            authority("localhost:8443").authorization_endpoint(&tenant("t")),
            "https://localhost/t/oauth2/v2.0/authorize"
        );
    }

    #[test]
    fn b2c_hosts_are_told_from_lookalikes() {
        for host in ["contoso.b2clogin.com", "a.b.b2clogin.cn", "contoso.ciamlogin.com"] {
            assert!(authority(host).is_b2c(), "{host}");
        }
        for host in [
            "b2clogin.com",
            "contoso.b2clogin.com.evil.com",
            "evilb2clogin.com",
            "contoso.b2clogin.org",
        ] {
            assert!(!authority(host).is_b2c(), "{host}");
        }
    }

    #[test]
    fn tenants_are_ids_and_domains() {
        for good in [
            "organizations",
            "contoso.onmicrosoft.com",
            "c878a2ab-8ef4-413b-83a0-199afb84d7fb",
        ] {
            assert!(Tenant::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "my tenant",
            "my_tenant",
            "/",
            "\\",
            "\"t\"",
            "..",
            "tenänt",
            "t?x=1",
        ] {
            assert!(Tenant::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_default_scope_is_arms_in_the_configured_cloud() {
        let scope = |host: &str| authority(host).default_scope();
        assert_eq!(
            scope(PUBLIC_CLOUD),
            Some("https://management.core.windows.net//.default")
        );
        assert_eq!(scope(CHINA), Some("https://management.core.chinacloudapi.cn//.default"));
        assert_eq!(
            scope(GOVERNMENT),
            Some("https://management.core.usgovcloudapi.net//.default")
        );
        assert_eq!(scope("login.windows.net"), None);
        assert_eq!(scope("localhost"), None);
    }
}
