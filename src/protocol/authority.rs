//! Where to sign in: authorities, tenants, and the endpoints of the hosts everyone knows.

use crate::protocol::url::{after, first_path_segment, host_name, split_path, without_scheme};
use crate::text;

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
    /// Where its metadata is, if that was said.
    metadata: Option<String>,
}

impl Authority {
    /// Parses a host name or an https URL.
    ///
    /// # Errors
    /// Says what an authority must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "must be a host such as \"login.microsoftonline.com\" or an https URL of one";
        // "localhost /" is what azure-identity takes, too.
        let mut text = text.trim_ascii();
        while let Some(shorter) = text.strip_suffix('/') {
            text = shorter.trim_ascii_end();
        }
        if after(text, "http://").is_some() {
            return Err("must be an https URL, not http: tokens would cross the network unprotected");
        }
        // Of another scheme, the colon remains, of a port that is missing.
        let rest = without_scheme(text).unwrap_or(text);
        let (origin, path) = split_path(rest);
        let host = host_name(origin).ok_or(EXPECTED)?.to_ascii_lowercase();
        let is_odd = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'?' | b'#' | b'\\');
        if path.bytes().any(is_odd) {
            return Err(EXPECTED);
        }
        if !path.is_empty() && cloud_of(&host).is_some() {
            return Err("must be Microsoft's host alone: a tenant is given as `tenantId`");
        }
        Ok(Self {
            url: format!("https://{}{path}", origin.to_ascii_lowercase()),
            host,
            metadata: None,
        })
    }

    /// Another OpenID provider, by the URL of its metadata (OpenID Connect Discovery §4, RFC 8414 §3). Its tenant is the issuer's
    /// path. A host may have several, whose refresh tokens are their own: the environment is all of the URL but its scheme.
    ///
    /// # Errors
    /// Says what the URL must be.
    pub fn of_metadata(url: &str) -> Result<(Self, Tenant), &'static str> {
        let first = first_path_segment(url).filter(|name| !name.is_empty());
        let rest = first.and_then(|_| without_scheme(url)).ok_or(
            "must be the https URL of a provider's metadata, such as \"https://id.contoso.com/.well-known/openid-configuration\"",
        )?;
        let end = text::find(rest, "/.well-known/");
        let (origin, tenant) = split_path(end.and_then(|end| rest.get(..end)).unwrap_or(rest));
        let authority = Self {
            url: format!("https://{}", origin.to_ascii_lowercase()),
            host: rest.to_owned(),
            metadata: Some(url.to_owned()),
        };
        Ok((
            authority,
            Tenant(tenant.strip_prefix('/').unwrap_or_default().to_owned()),
        ))
    }

    /// Whether this is a provider whose metadata's URL was given. It has no other tenants.
    #[must_use]
    pub const fn has_metadata(&self) -> bool {
        self.metadata.is_some()
    }

    /// The authority of another host of the same cloud.
    #[must_use]
    pub fn of_alias(&self, host: &str) -> Self {
        Self {
            url: format!("https://{host}{}", self.path()),
            host: host.to_owned(),
            metadata: None,
        }
    }

    /// `https://host[:port][/path]`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `host[:port][/path]`, as a record has it.
    #[must_use]
    pub fn name(&self) -> &str {
        without_scheme(&self.url).unwrap_or_default()
    }

    /// The path, empty or starting with a slash.
    fn path(&self) -> &str {
        split_path(self.name()).1
    }

    /// MSAL's *environment*: the host's name, in lower case, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The ARM scope of a known cloud, which `authenticate` asks for by default. The double slash is right: the resource's
    /// id ends with one.
    #[must_use]
    pub fn default_scope(&self) -> Option<&'static str> {
        match self.name() {
            PUBLIC_CLOUD => Some("https://management.core.windows.net//.default"),
            CHINA => Some("https://management.core.chinacloudapi.cn//.default"),
            GOVERNMENT => Some("https://management.core.usgovcloudapi.net//.default"),
            _ => None,
        }
    }

    /// Whether this is a host whose endpoints are built in. One with a port or a path is somebody's proxy.
    #[must_use]
    pub fn is_well_known(&self) -> bool {
        !self.has_metadata() && cloud_of(self.name()).is_some()
    }

    /// Azure AD B2C and Entra External ID (CIAM), which instance discovery doesn't know.
    #[must_use]
    pub fn is_b2c(&self) -> bool {
        B2C.iter().any(|end| self.host.ends_with(end))
    }

    /// Whether the endpoints of a tenant are built in.
    #[must_use]
    pub fn has_built_in(&self, tenant: &Tenant) -> bool {
        self.is_well_known() && !tenant.is_adfs()
    }

    /// The endpoints of a tenant on a well-known host. Their environment is the host, their realm the tenant.
    #[must_use]
    pub fn built_in(&self, tenant: &Tenant) -> Option<Endpoints> {
        let cloud = cloud_of(&self.host).filter(|_| self.has_built_in(tenant))?;
        let mut aliases = Vec::new();
        for alias in cloud {
            if *alias != self.host {
                aliases.push((*alias).to_owned());
            }
        }
        let base = format!("{}/{}/oauth2/v2.0", self.url, tenant.as_str());
        Some(Endpoints {
            device_authorization: Some(format!("{base}/devicecode")),
            token: format!("{base}/token"),
            environment: self.host.clone(),
            realm: tenant.as_str().to_owned(),
            aliases,
        })
    }

    /// The realm of a tenant's tokens as long as its endpoints are not known, if these are below the authority, as Entra's are.
    #[must_use]
    pub fn likely_realm<'a>(&'a self, tenant: &'a Tenant) -> &'a str {
        let first = first_path_segment(&self.url).filter(|name| !name.is_empty());
        first.unwrap_or(tenant.as_str())
    }

    /// Whether an authority's host must be asked about first: it is not well known, and nobody said to trust it.
    #[must_use]
    pub fn wants_instance_discovery(&self, tenant: &Tenant) -> bool {
        !(self.has_metadata() || self.is_well_known() || self.is_b2c() || tenant.is_adfs())
    }

    /// Where the tenant publishes its OpenID Connect metadata. ADFS has it without a version.
    #[must_use]
    pub fn openid_configuration(&self, tenant: &Tenant) -> String {
        if let Some(url) = &self.metadata {
            return url.clone();
        }
        let version = if tenant.is_adfs() { "" } else { "/v2.0" };
        format!(
            "{}/{}{version}/.well-known/openid-configuration",
            self.url,
            tenant.as_str()
        )
    }

    /// What instance discovery is asked about: the authorization endpoint this authority would have. As MSAL for Python
    /// does, without the port.
    #[must_use]
    pub fn authorization_endpoint(&self, tenant: &Tenant) -> String {
        format!(
            "https://{}{}/{}/oauth2/v2.0/authorize",
            self.host,
            self.path(),
            tenant.as_str()
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
    /// MSAL's *environment*: the authority's host. Of a provider whose metadata's URL was given, that URL.
    pub environment: String,
    /// MSAL's *realm*: the tenant segment of the token endpoint. Of such a provider, the tenant.
    pub realm: String,
    /// Other hosts of the same cloud.
    pub aliases: Vec<String>,
}

#[cfg(test)]
mod tests;
