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
        "login.microsoftonline.com /",
        "https://login.microsoftonline.com/ / /",
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
        "https://[::1::]",
        "1.2.3.400",
        "host.7",
        "https://login.microsoftonline.com/contoso.com",
        "login.partner.microsoftonline.cn/organizations/",
        " / ",
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
fn a_realm_is_the_first_name_of_the_path() {
    assert_eq!(authority("localhost:8443").likely_realm(&tenant("t")), "t");
    assert_eq!(
        authority("https://host/contoso/policy").likely_realm(&tenant("t")),
        "contoso"
    );
}

#[test]
fn a_provider_is_known_by_where_its_metadata_is() {
    for (url, name, tenant) in [
        (
            "https://id.contoso.com/.well-known/openid-configuration",
            "id.contoso.com",
            "",
        ),
        (
            "HTTPS://ID.contoso.com:8443/realms/Staff/.well-known/openid-configuration",
            "id.contoso.com:8443",
            "realms/Staff",
        ),
        (
            "https://id.contoso.com/.well-known/oauth-authorization-server/o",
            "id.contoso.com",
            "",
        ),
        (
            "https://files.contoso.com/idp.json?v=1",
            "files.contoso.com",
            "idp.json?v=1",
        ),
    ] {
        let (authority, whose) = Authority::of_metadata(url).unwrap();
        assert_eq!((authority.name(), whose.as_str()), (name, tenant), "{url}");
        assert_eq!(authority.likely_realm(&whose), tenant, "{url}");
        assert_eq!(authority.openid_configuration(&whose), url);
        assert!(!authority.wants_instance_discovery(&whose), "{url}");
        // Those of one host are apart.
        assert_eq!(authority.host(), &url[8..]);
    }
}

#[test]
fn what_is_no_url_of_metadata_is_refused() {
    for bad in [
        "",
        "id.contoso.com/.well-known/openid-configuration",
        "http://id.contoso.com/.well-known/openid-configuration",
        "https://id.contoso.com",
        "https://ada@id.contoso.com/x",
        "https://id.contoso.com/x y",
        " https://id.contoso.com/x",
    ] {
        assert!(Authority::of_metadata(bad).unwrap_err().contains("https URL"), "{bad}");
    }
}

#[test]
fn a_well_known_host_whose_metadata_were_named_is_asked_for_them() {
    let url = "https://login.microsoftonline.com/contoso/v2.0/.well-known/openid-configuration";
    let (authority, tenant) = Authority::of_metadata(url).unwrap();
    assert!(!authority.is_well_known() && authority.built_in(&tenant).is_none());
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
