//! Another OpenID provider, by where its metadata is.

use crate::kept::read;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::ask::AskOptions;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::protocol::authority::Authority;
use entra_device_code::protocol::scope::reserved_but;
use serde_json::{Value, json};

const STAFF: &str = "https://id.contoso.com/realms/staff/.well-known/openid-configuration";
const GUESTS: &str = "https://id.contoso.com/realms/guests/.well-known/openid-configuration";

fn provider(metadata_url: &str) -> Config {
    let (authority, tenant) = Authority::of_metadata(metadata_url).unwrap();
    Config {
        authority: authority.into(),
        tenant,
        ..options()
    }
}

/// What the provider of the staff publishes.
fn metadata() -> Value {
    json!({
        "issuer": "https://id.contoso.com/realms/staff",
        "token_endpoint": "https://id.contoso.com/realms/staff/token",
        "device_authorization_endpoint": "https://id.contoso.com/realms/staff/device",
    })
}

/// What it grants Ada. It knows nothing of Entra's `client_info`.
fn grant(access_token: &str, refresh_token: &str) -> entra_device_code::protocol::http::Reply {
    let claims = json!({"iss": "https://id.contoso.com/realms/staff", "tid": null, "oid": null});
    let other = json!({"client_info": null, "scope": null, "id_token": id_token(claims)});
    token_with(access_token, refresh_token, other)
}

/// Ada signs in, at the provider of the staff.
fn signed_in(config: Config) -> Conversation {
    let mut talk = Conversation::new(config);
    let ada = talk.get_token("read");
    talk.sends(&format!("GET {STAFF}"))
        .replied(reply(200, metadata().to_string()));
    talk.sends("POST https://id.contoso.com/realms/staff/device")
        .replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(5)
        .sends("POST https://id.contoso.com/realms/staff/token")
        .replied(grant("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    talk
}

#[test]
fn its_metadata_are_read_and_nobody_else_is_asked() {
    let mut talk = signed_in(provider(STAFF));
    let ada = talk.get_token("write");
    talk.sends("POST https://id.contoso.com/realms/staff/token")
        .with("refresh_token", "RT1")
        .replied(grant("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn a_well_known_host_is_asked_too_if_its_metadata_were_named() {
    let url = "https://login.microsoftonline.com/contoso/v2.0/.well-known/openid-configuration";
    let mut talk = Conversation::new(provider(url));
    let ada = talk.get_token("User.Read");
    let asked = talk.sends(&format!("GET {url}")).hangs();
    talk.aborts(ada).cancels(asked).finishes(ada).aborted();
}

#[test]
fn scopes_it_does_not_know_are_not_sent() {
    let excluded = ["offline_access".to_owned(), "profile".to_owned()];
    let mut talk = Conversation::new(Config {
        reserved_scopes: reserved_but(&excluded).unwrap(),
        ..provider(STAFF)
    });
    let ada = talk.get_token("read");
    talk.sends("GET …").replied(reply(200, metadata().to_string()));
    talk.sends("POST …/device")
        .with("scope", "openid read")
        .replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(5).sends("POST …/token").replied(grant("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    let ada = talk.get_token("write");
    talk.sends("POST …/token")
        .with("scope", "openid write")
        .replied(grant("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
    for (scope, token) in [("read", "AT1"), ("write", "AT2")] {
        let ada = talk.get_token(scope);
        talk.finishes(ada).with_token(token);
    }
}

#[test]
fn the_next_process_finds_the_token_without_a_request() {
    let persistence = Some(Persistence::Whole);
    let mut store = String::new();
    {
        let mut talk = Conversation::new(Config {
            persistence,
            ..provider(STAFF)
        });
        let ada = talk.authenticate(Some("read"));
        talk.loads(false).holds(Some(&store));
        talk.sends("GET …").replied(reply(200, metadata().to_string()));
        talk.sends("POST …/device").replied(device_code());
        talk.prompts("ABCD1234");
        talk.at(5).sends("POST …/token").replied(grant("AT1", "RT1"));
        talk.saves(false).into(&mut store);
        let record = talk.finishes(ada).record().unwrap();
        assert_eq!(
            (record.authority.as_str(), record.tenant_id.as_str()),
            ("id.contoso.com", "realms/staff")
        );
        // It is listed as it was returned.
        let listed = talk.get_accounts();
        talk.loads(false).holds(Some(&store));
        talk.loads(true).holds(None);
        assert_eq!(talk.finishes(listed).outcome().accounts, [record]);
    }
    let mut talk = Conversation::new(Config {
        persistence,
        use_stored_account: true,
        ..provider(STAFF)
    });
    let ada = talk.get_token("read");
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    talk.finishes(ada).with_token("AT1");

    // Another provider of the same host never gets to see its refresh token.
    let mut talk = Conversation::new(Config {
        persistence,
        use_stored_account: true,
        ..provider(GUESTS)
    });
    let ada = talk.get_token("read");
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    let guests = metadata().to_string().replace("staff", "guests");
    talk.sends(&format!("GET {GUESTS}")).replied(reply(200, guests));
    let asked = talk.sends("POST https://id.contoso.com/realms/guests/device").hangs();
    talk.aborts(ada).cancels(asked).finishes(ada).aborted();
}

#[test]
fn it_has_no_tenants_so_one_that_a_call_names_means_nothing() {
    let mut talk = signed_in(provider(STAFF));
    let tenant_id = Some("fabrikam".to_owned());
    let options = AskOptions {
        tenant_id,
        ..AskOptions::default()
    };
    let ada = talk.get_token_with("read", options);
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_flow_is_gone_on_with_at_the_provider_that_began_it() {
    let mut talk = Conversation::new(provider(STAFF));
    let ada = talk.initiates("read");
    talk.sends("GET …").replied(reply(200, metadata().to_string()));
    talk.sends("POST …/device").replied(device_code());
    let kept = talk.keeps(ada);
    let said = kept.said.clone().unwrap();
    assert_eq!(
        (&said["authority"], &said["tenantId"]),
        (&json!("https://id.contoso.com"), &json!("realms/staff"))
    );
    assert!(read(&said, &provider(GUESTS)).unwrap_err().contains("realms/guests"));

    let mut talk = Conversation::after(60, provider(STAFF));
    let ada = talk.goes_on(&kept);
    talk.at(60)
        .sends(&format!("GET {STAFF}"))
        .replied(reply(200, metadata().to_string()));
    talk.at(60)
        .sends("POST https://id.contoso.com/realms/staff/token")
        .replied(grant("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn what_its_metadata_lack_is_named_and_so_is_the_option() {
    for (status, lacking, named) in [
        (200, json!({"token_endpoint": null}), "has no `token_endpoint`"),
        (404, json!({}), "`metadataUrl`"),
        (
            200,
            json!({"device_authorization_endpoint": null}),
            "https://id.contoso.com publishes no `device_authorization_endpoint`",
        ),
    ] {
        let mut talk = Conversation::new(provider(STAFF));
        let ada = talk.get_token("read");
        talk.sends("GET …")
            .replied(reply(status, with(metadata(), lacking).to_string()));
        talk.finishes(ada).failing(named);
    }
}
