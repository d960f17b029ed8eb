//! Where to go: well-known hosts, strangers, ADFS, B2C, and what their replies may lack.

use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::flow::config::Config;
use entra_device_code::flow::event::CallId;
use entra_device_code::protocol::authority::{Authority, Tenant};
use serde_json::{Value, json};

const INSTANCE: &str = "GET https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.contoso.com%2Forganizations%2Foauth2%2Fv2.0%2Fauthorize";
const METADATA: &str = "GET https://login.contoso.com/organizations/v2.0/.well-known/openid-configuration";

fn at(authority: &str, tenant: &str) -> Config {
    Config {
        authority: Authority::parse(authority).unwrap().into(),
        tenant: Tenant::parse(tenant).unwrap(),
        ..options()
    }
}

fn contoso() -> Config {
    at("login.contoso.com", "organizations")
}

fn instance() -> Value {
    json!({"tenant_discovery_endpoint": "https://login.contoso.com/organizations/v2.0/.well-known/openid-configuration"})
}

fn metadata() -> Value {
    json!({
        "token_endpoint": "https://login.contoso.com/organizations/token",
        "device_authorization_endpoint": "https://login.contoso.com/organizations/devicecode",
    })
}

/// The rest of a sign-in once the endpoints are known.
fn completes(talk: &mut Conversation, caller: CallId, base: &str) {
    let seconds = talk.seconds();
    talk.sends(&format!("POST {base}/devicecode")).replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(seconds + 5.0)
        .sends(&format!("POST {base}/token"))
        .replied(token("AT1", "RT1"));
    talk.finishes(caller).with_token("AT1");
}

#[test]
fn a_well_known_host_is_not_asked_where_its_endpoints_are() {
    for (host, tenant) in [
        ("login.microsoftonline.us", "organizations"),
        ("login.partner.microsoftonline.cn", "contoso.cn"),
    ] {
        let mut talk = Conversation::new(at(host, tenant));
        let ada = talk.get_token("User.Read");
        completes(&mut talk, ada, &format!("https://{host}/{tenant}/oauth2/v2.0"));
    }
}

#[test]
fn a_stranger_is_asked_about_then_asked() {
    let mut talk = Conversation::new(contoso());
    let ada = talk.get_token("User.Read");
    let asked = talk.sends(INSTANCE);
    assert_eq!(asked.header("client-request-id"), Some("correlation-0"));
    asked.replied(reply(200, instance().to_string()));
    talk.sends(METADATA).replied(reply(200, metadata().to_string()));
    completes(&mut talk, ada, "https://login.contoso.com/organizations");
}

#[test]
fn the_endpoints_are_discovered_once_in_a_credentials_life() {
    let mut talk = Conversation::new(contoso());
    let ada = talk.get_token("User.Read");
    talk.sends(INSTANCE).replied(reply(200, instance().to_string()));
    talk.sends(METADATA).replied(reply(200, metadata().to_string()));
    completes(&mut talk, ada, "https://login.contoso.com/organizations");
    let again = talk.authenticate(Some("User.Read"));
    completes(&mut talk, again, "https://login.contoso.com/organizations");
    // Another tenant has endpoints of its own.
    let tenant_id = Some("fabrikam".to_owned());
    let other = talk.get_token_with(
        "User.Read",
        AskOptions {
            tenant_id,
            ..AskOptions::default()
        },
    );
    let asked = talk.sends("GET …fabrikam%2Foauth2%2Fv2.0%2Fauthorize").hangs();
    talk.aborts(other).cancels(asked).finishes(other).aborted();
}

#[test]
fn a_failed_discovery_is_tried_anew_by_the_next_call() {
    let mut talk = Conversation::new(contoso());
    let ada = talk.get_token("User.Read");
    talk.sends(INSTANCE).replied(reply(200, "{}"));
    talk.finishes(ada).failing("tenant_discovery_endpoint");
    let ada = talk.get_token("User.Read");
    talk.sends(INSTANCE).replied(reply(200, instance().to_string()));
    talk.sends(METADATA).replied(reply(200, metadata().to_string()));
    completes(&mut talk, ada, "https://login.contoso.com/organizations");
}

#[test]
fn an_unknown_instance_is_refused_with_a_word_on_how_to_trust_it() {
    let mut talk = Conversation::new(contoso());
    let ada = talk.get_token("User.Read");
    talk.sends(INSTANCE).replied(error("invalid_instance"));
    let failure = talk.finishes(ada).failing("disableInstanceDiscovery: true");
    assert_eq!(failure.response.unwrap().error, "invalid_instance");
}

#[test]
fn instance_discovery_can_be_left_out() {
    let disable_instance_discovery = true;
    let mut talk = Conversation::new(Config {
        disable_instance_discovery,
        ..contoso()
    });
    let ada = talk.get_token("User.Read");
    talk.sends(METADATA).replied(reply(200, metadata().to_string()));
    completes(&mut talk, ada, "https://login.contoso.com/organizations");
}

#[test]
fn adfs_and_b2c_are_unknown_to_instance_discovery_and_trusted() {
    for (host, tenant, configuration) in [
        (
            "adfs.contoso.com",
            "adfs",
            "https://adfs.contoso.com/adfs/.well-known/openid-configuration",
        ),
        (
            "contoso.b2clogin.com",
            "contoso.onmicrosoft.com",
            "https://contoso.b2clogin.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration",
        ),
        (
            "contoso.ciamlogin.com",
            "contoso.onmicrosoft.com",
            "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration",
        ),
    ] {
        let mut talk = Conversation::new(at(host, tenant));
        let ada = talk.get_token("User.Read");
        talk.sends(&format!("GET {configuration}"))
            .replied(reply(200, metadata().to_string()));
        completes(&mut talk, ada, "https://login.contoso.com/organizations");
    }
}

#[test]
fn an_adfs_user_is_known_by_the_subject_and_the_upn() {
    let mut talk = Conversation::new(at("adfs.contoso.com", "adfs"));
    let ada = talk.authenticate(Some("User.Read"));
    let endpoints = json!({
        "token_endpoint": "https://adfs.contoso.com/adfs/oauth2/token",
        "device_authorization_endpoint": "https://adfs.contoso.com/adfs/oauth2/devicecode",
    });
    talk.sends("GET …").replied(reply(200, endpoints.to_string()));
    talk.sends("POST https://adfs.contoso.com/adfs/oauth2/devicecode")
        .replied(device_code());
    talk.prompts("ABCD1234");
    let claims =
        json!({"iss": "https://adfs.contoso.com/adfs", "tid": null, "preferred_username": null, "upn": "ada@contoso"});
    talk.at(5)
        .sends("POST https://adfs.contoso.com/adfs/oauth2/token")
        .replied(token_with(
            "AT1",
            "RT1",
            json!({"client_info": null, "id_token": id_token(claims)}),
        ));
    let record = talk.finishes(ada).record().unwrap();
    assert_eq!(
        (record.home_account_id.as_str(), record.tenant_id.as_str()),
        ("ada-sub", "adfs")
    );
    assert_eq!(
        (record.username.as_str(), record.authority.as_str()),
        ("ada@contoso", "adfs.contoso.com")
    );

    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn what_an_instance_reply_lacks_is_named() {
    for (body, named) in [
        ("{}".to_owned(), "has no `tenant_discovery_endpoint`"),
        (
            json!({"tenant_discovery_endpoint": 1}).to_string(),
            "`tenant_discovery_endpoint` that is no non-empty string",
        ),
        (
            json!({"tenant_discovery_endpoint": "http://login.contoso.com/x"}).to_string(),
            "no https URL",
        ),
        ("<html>".to_owned(), "is no JSON object"),
    ] {
        let mut talk = Conversation::new(contoso());
        let ada = talk.get_token("User.Read");
        talk.sends(INSTANCE).replied(reply(200, body));
        assert_eq!(talk.finishes(ada).failing(named).status, Some(200));
    }
}

#[test]
fn what_the_metadata_lack_is_named() {
    for (other, named) in [
        (json!({"token_endpoint": null}), "has no `token_endpoint`"),
        (json!({"token_endpoint": ["x"]}), "`token_endpoint` that is no"),
        (
            json!({"token_endpoint": "http://login.contoso.com/token"}),
            "`token_endpoint` that is no https URL",
        ),
        (
            json!({"device_authorization_endpoint": "http://x/d"}),
            "`device_authorization_endpoint` that is no https URL",
        ),
        (
            json!({"device_authorization_endpoint": null}),
            "does not support the device code flow",
        ),
    ] {
        let mut talk = Conversation::new(contoso());
        let ada = talk.get_token("User.Read");
        talk.sends(INSTANCE).replied(reply(200, instance().to_string()));
        talk.sends(METADATA)
            .replied(reply(200, with(metadata(), other).to_string()));
        talk.finishes(ada).failing(named);
    }
    for (status, body, named) in [
        (200, "<html>", "is no JSON object"),
        (404, "{}", "came with status 404"),
    ] {
        let mut talk = Conversation::new(contoso());
        let ada = talk.get_token("User.Read");
        talk.sends(INSTANCE).replied(reply(200, instance().to_string()));
        talk.sends(METADATA).replied(reply(status, body));
        talk.finishes(ada).failing(named);
    }
}

#[test]
fn an_unknown_tenant_is_refused_with_a_hint() {
    let mut talk = Conversation::new(contoso());
    let ada = talk.get_token("User.Read");
    talk.sends(INSTANCE).replied(reply(200, instance().to_string()));
    let unknown = json!({"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found.", "error_codes": [90002]});
    talk.sends(METADATA).replied(reply(400, unknown.to_string()));
    let failure = talk.finishes(ada).failing("AADSTS90002");
    assert!(
        entra_device_code::hint::for_error(&failure.response.unwrap())
            .unwrap()
            .contains("tenantId")
    );
}

#[test]
fn what_a_device_authorization_lacks_is_named_and_nobody_is_prompted() {
    for (other, named) in [
        (json!({"device_code": null}), "has no `device_code`"),
        (json!({"device_code": 7}), "`device_code` that is no non-empty string"),
        (json!({"user_code": ""}), "`user_code` that is no non-empty string"),
        (json!({"verification_uri": null}), "has no `verification_uri`"),
        (
            json!({"expires_in": "soon"}),
            "`expires_in` that is no number of seconds",
        ),
        (json!({"interval": [5]}), "`interval` that is no number of seconds"),
    ] {
        let mut talk = Conversation::new(options());
        let ada = talk.get_token("User.Read");
        talk.sends(DEVICE_CODE).replied(device_code_with(other));
        talk.finishes(ada).failing(named);
    }
    for (status, body) in [(200, "[]"), (302, ""), (404, "<html>")] {
        let mut talk = Conversation::new(options());
        let ada = talk.get_token("User.Read");
        talk.sends(DEVICE_CODE).replied(reply(status, body));
        assert_eq!(talk.finishes(ada).failing("is no JSON object").status, Some(status));
    }
}

#[test]
fn only_one_discovery_of_a_tenant_is_under_way() {
    let mut talk = Conversation::new(contoso());
    let ada = talk.get_token("User.Read");
    let asked = talk.sends(INSTANCE).hangs();
    let bea = talk.get_token("Mail.Read");
    talk.at(2).answers(asked, reply(200, instance().to_string()));
    talk.sends(METADATA).replied(reply(200, metadata().to_string()));
    completes(&mut talk, ada, "https://login.contoso.com/organizations");
    talk.sends("POST …/token")
        .with("refresh_token", "RT1")
        .replied(token("AT2", "RT2"));
    talk.finishes(bea).with_token("AT2");
}

#[test]
fn those_who_waited_for_the_same_discovery_do_not_all_prompt() {
    let mut talk = Conversation::new(Config {
        record: Some(crate::known::ada()),
        ..contoso()
    });
    // A silent attempt discovers; two others want the user.
    let ada = talk.get_token("User.Read");
    let asked = talk.sends(INSTANCE).hangs();
    let bea = talk.authenticate(Some("Mail.Read"));
    let cyd = talk.authenticate(Some("Files.Read"));
    talk.answers(asked, reply(200, instance().to_string()));
    talk.sends(METADATA).replied(reply(200, metadata().to_string()));
    for caller in [ada, bea, cyd] {
        completes(&mut talk, caller, "https://login.contoso.com/organizations");
    }
}
