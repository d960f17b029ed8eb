//! When the service is out: a token that still lives is not held up by it, and nobody waits for longer than is sensible.

use crate::expect::signed_in;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::cache::Item;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::event::CallId;
use entra_device_code::protocol::authority::Authority;
use entra_device_code::protocol::http::{Fault, Reply};
use serde_json::json;

const YEARS: u64 = 315_360_000;

/// Ada's token, which has 50 minutes to live and had better be renewed.
fn aging() -> Conversation {
    let mut talk = Conversation::new(options());
    talk.signs_in("User.Read", token_with("AT1", "RT1", json!({"refresh_in": 300})));
    talk.at(605);
    talk
}

fn elsewhere() -> Config {
    Config {
        authority: Authority::parse("id.example").unwrap().into(),
        disable_instance_discovery: true,
        ..options()
    }
}

const ELSEWHERE: &str = "POST https://id.example/t/token";

fn metadata() -> Reply {
    let endpoints = json!({"token_endpoint": "https://id.example/t/token", "device_authorization_endpoint": "https://id.example/d"});
    reply(200, endpoints.to_string())
}

#[test]
fn who_is_asked_to_wait_for_more_than_a_minute_is_told_at_once() {
    for seconds in [61, 3600, YEARS, u64::MAX / 1000] {
        let told = format!("status 429 and asks to wait {seconds} seconds");
        let mut talk = Conversation::new(options());
        let ada = talk.get_token("User.Read");
        talk.sends(DEVICE_CODE).replied(retry_after(429, seconds));
        assert_eq!(talk.finishes(ada).failing(&told).status, Some(429));

        let mut talk = Conversation::new(elsewhere());
        let ada = talk.get_token("User.Read");
        talk.sends("GET …").replied(retry_after(429, seconds));
        talk.finishes(ada).failing(&told);

        let mut talk = signed_in(options());
        let ada = talk.at(4000).get_token("User.Read");
        talk.sends(TOKEN).replied(retry_after(429, seconds));
        talk.finishes(ada).failing(&told);
    }
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(retry_after(429, 60));
    talk.at(60).sends(DEVICE_CODE).replied(error("unauthorized_client"));
    talk.finishes(ada).refused("unauthorized_client");
}

#[test]
fn who_is_asked_to_wait_for_nothing_waits_as_if_not_asked() {
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.sends(DEVICE_CODE).replied(retry_after(503, 0));
    talk.at(0.8).sends(DEVICE_CODE).replied(error("unauthorized_client"));
    talk.finishes(ada).refused("unauthorized_client");
}

#[test]
fn a_token_that_lives_costs_one_attempt_in_30_seconds() {
    for fault in [
        Err(Fault::TimedOut),
        dropped(),
        Ok(retry_after(429, YEARS)),
        Ok(reply(500, "<html>")),
    ] {
        let mut talk = aging();
        let ada = talk.get_token("User.Read");
        talk.sends(TOKEN).with("refresh_token", "RT1").replied(fault);
        talk.finishes(ada).with_token("AT1");
        talk.logged("the cached one still lives");
        let ada = talk.at(634).get_token("User.Read");
        talk.finishes(ada).with_token("AT1");
        let ada = talk.at(635).get_token("User.Read");
        talk.sends(TOKEN).replied(token("AT2", "RT2"));
        talk.finishes(ada).with_token("AT2");
    }
}

#[test]
fn a_refusal_costs_no_more_while_the_token_lives() {
    let mut talk = aging();
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN).replied(error("invalid_grant"));
    talk.finishes(ada).with_token("AT1");
    let ada = talk.at(634).get_token("User.Read");
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_token_that_lives_waits_ten_seconds_for_its_successor() {
    let mut talk = aging();
    let ada = talk.get_token("User.Read");
    let refresh = talk.sends(TOKEN).hangs();
    talk.at(614.999).nothing_else();
    talk.at(615).cancels(refresh).finishes(ada).with_token("AT1");
}

#[test]
fn a_token_that_is_needed_is_asked_for_although_renewing_another_failed() {
    let mut talk = aging();
    let ada = talk.get_token("User.Read");
    talk.sends(TOKEN).replied(dropped());
    talk.finishes(ada).with_token("AT1");
    let ada = talk.get_token("Mail.Read");
    talk.sends(TOKEN).replied(dropped());
    talk.at(605.8).sends(TOKEN).replied(token("AT2", "RT2"));
    talk.finishes(ada).with_token("AT2");
}

#[test]
fn a_token_that_lives_does_not_wait_for_the_renewal_of_another() {
    let mut talk = Conversation::new(elsewhere());
    let ada = talk.get_token("User.Read");
    talk.sends("GET …").replied(metadata());
    talk.sends("POST https://id.example/d").replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(5)
        .sends(ELSEWHERE)
        .replied(token_with("AT1", "RT1", json!({"refresh_in": 300})));
    talk.finishes(ada).with_token("AT1");
    talk.at(605);
    let mail = talk.get_token("Mail.Read");
    let hanging = talk
        .sends(ELSEWHERE)
        .with("scope", "Mail.Read offline_access openid profile")
        .hangs();
    let ada = talk.get_token("User.Read");
    talk.finishes(ada).with_token("AT1");
    talk.aborts(mail).cancels(hanging).finishes(mail).aborted();
}

const AT_TENANT: &str = "POST https://id.example/organizations/token";

/// The token's realm, which is in the endpoint, is the one that is asked for.
fn tenants_metadata() -> Reply {
    let Reply { body, .. } = metadata();
    reply(200, body.expose().replace("/t/", "/organizations/"))
}

/// A process that finds Ada's token in its store, which lives for that long yet, and knows nothing of the host.
fn at_a_host_unknown(lives: u64, is_asked_about: bool) -> Conversation {
    let config = Config {
        persistence: Some(Persistence::Whole),
        ..elsewhere()
    };
    let mut store = String::new();
    let mut talk = Conversation::new(config.clone());
    let ada = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.sends("GET …").replied(tenants_metadata());
    talk.sends("POST https://id.example/d").replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(5)
        .sends(AT_TENANT)
        .replied(token_with("AT1", "RT1", json!({"refresh_in": 300})));
    talk.saves(false).into(&mut store);
    talk.finishes(ada).with_token("AT1");
    let mut talk = Conversation::after(
        3605 - lives,
        Config {
            record: Some(crate::known::ada()),
            disable_instance_discovery: !is_asked_about,
            ..config
        },
    );
    talk.credential
        .context()
        .cache(false)
        .reload(&store, Item::Whole)
        .unwrap();
    talk
}

/// A call that finds nothing else in the store than it knows.
fn asks(talk: &mut Conversation, scope: &str) -> CallId {
    let store = talk.credential.context().cache(false).serialize().unwrap();
    let caller = talk.get_token(scope);
    talk.loads(false).holds(Some(&store));
    caller
}

#[test]
fn a_token_that_lives_does_not_wait_for_the_discovery_of_another() {
    for lives in [3000, 200, 11] {
        let mut talk = at_a_host_unknown(lives, false);
        let mail = asks(&mut talk, "Mail.Read");
        let hanging = talk.sends("GET …").hangs();
        let ada = asks(&mut talk, "User.Read");
        talk.finishes(ada).with_token("AT1");
        talk.aborts(mail).cancels(hanging).finishes(mail).aborted();
    }
}

#[test]
fn one_with_little_life_left_does_not_wait_for_the_renewal_of_another() {
    let mut talk = at_a_host_unknown(60, false);
    let mail = asks(&mut talk, "Mail.Read");
    talk.sends("GET …").replied(tenants_metadata());
    let hanging = talk.sends(AT_TENANT).hangs();
    let ada = asks(&mut talk, "User.Read");
    talk.finishes(ada).with_token("AT1");
    talk.aborts(mail).cancels(hanging).finishes(mail).aborted();
}

#[test]
fn a_token_that_lives_waits_ten_seconds_for_the_endpoints_too() {
    let mut talk = at_a_host_unknown(3000, false);
    let ada = asks(&mut talk, "User.Read");
    let hanging = talk.sends("GET …").hangs();
    // Whoever has none is not held to that.
    let mail = asks(&mut talk, "Mail.Read");
    talk.at(614.999).nothing_else();
    talk.at(615).cancels(hanging).finishes(ada).with_token("AT1");
    let hanging = talk.sends("GET …").hangs();
    let ada = asks(&mut talk, "User.Read");
    talk.finishes(ada).with_token("AT1");
    talk.at(645).cancels(hanging);
    talk.at(645.8).sends("GET …").replied(tenants_metadata());
    talk.sends(AT_TENANT)
        .replied(token_with("AT2", "RT2", json!({"scope": "Mail.Read"})));
    let save = talk.saves(false).hangs();
    talk.at(646).is_saved(save).finishes(mail).with_token("AT2");
}

#[test]
fn the_ten_seconds_are_for_all_requests_together() {
    let instance = json!({"tenant_discovery_endpoint": "https://id.example/metadata", "metadata": []});
    let mut talk = at_a_host_unknown(3000, true);
    let ada = asks(&mut talk, "User.Read");
    let asked = talk.sends("GET …/instance?…").hangs();
    talk.at(609).answers(asked, reply(200, instance.to_string()));
    let asked = talk.sends("GET https://id.example/metadata").hangs();
    talk.at(613).answers(asked, tenants_metadata());
    let hanging = talk.sends(AT_TENANT).hangs();
    talk.at(614.999).nothing_else();
    talk.at(615).cancels(hanging).finishes(ada).with_token("AT1");
    let ada = asks(&mut talk, "User.Read");
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn what_was_refused_in_the_last_moment_is_not_followed_by_another_try() {
    let mut talk = at_a_host_unknown(200, false);
    let ada = asks(&mut talk, "User.Read");
    let store = talk.credential.context().cache(false).serialize().unwrap();
    let asked = talk.sends("GET …").hangs();
    talk.at(3414.5).answers(asked, tenants_metadata());
    talk.sends(AT_TENANT).replied(error("invalid_grant"));
    talk.loads(false).holds(Some(&store));
    talk.at(3415).loads(false).holds(Some(&store.replace("RT1", "RT2")));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn an_error_in_any_fault_of_the_service_is_no_refusal() {
    for status in [501, 505, 599] {
        let mut talk = signed_in(options());
        let ada = talk.at(4000).get_token("User.Read");
        for seconds in [0.0, 0.8, 2.4, 5.6] {
            talk.at(4000.0 + seconds)
                .sends(TOKEN)
                .replied(reply(status, r#"{"error":"invalid_grant"}"#));
        }
        let failure = talk.finishes(ada).failing("The token request failed");
        assert_eq!(failure.status, Some(status));
    }
}

#[test]
fn entra_tiring_of_a_client_does_not_end_a_sign_in() {
    let tired = json!({"error": "invalid_grant", "error_description": "AADSTS50196: a client request loop", "error_codes": [50196]});
    let mut talk = Conversation::new(options());
    let ada = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(reply(400, tired.to_string()));
    talk.at(15).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn an_alias_that_cannot_be_discovered_does_not_cost_a_token_that_lives() {
    let mut talk = Conversation::new(Config {
        disable_instance_discovery: false,
        ..elsewhere()
    });
    let ada = talk.get_token("User.Read");
    let instance = json!({"tenant_discovery_endpoint": "https://id.example/metadata", "metadata": [{"aliases": ["id.example", "alias.example"]}]});
    talk.sends("GET …/instance?…").replied(reply(200, instance.to_string()));
    talk.sends("GET …").replied(metadata());
    talk.sends("POST https://id.example/d").replied(device_code());
    talk.prompts("ABCD1234");
    talk.at(5).sends(ELSEWHERE).replied(token("AT1", "RT1"));
    talk.finishes(ada).with_token("AT1");
    let cache = talk.credential.context().cache(false);
    let theirs = cache.serialize().unwrap().replace("id.example", "alias.example");
    let mut both: serde_json::Value = serde_json::from_str(&cache.serialize().unwrap()).unwrap();
    let theirs: serde_json::Value = serde_json::from_str(&theirs).unwrap();
    for (key, row) in theirs["RefreshToken"].as_object().unwrap() {
        both["RefreshToken"][key] = row.clone();
    }
    cache.reload(&both.to_string(), Item::Whole).unwrap();
    // With less than five minutes to live, it is renewed first.
    let ada = talk.at(3405).get_token("User.Read");
    talk.sends(ELSEWHERE).replied(error("invalid_grant"));
    talk.sends("GET https://alias.example/…").replied(dropped());
    talk.finishes(ada).with_token("AT1");
}

#[test]
fn a_token_of_no_use_ends_a_sign_in_and_does_not_replace_one_that_lives() {
    for (unfit, why) in [
        (json!({"token_type": "pop"}), "`token_type` that is not `Bearer`"),
        (json!({"access_token": "AT\r\nX: y"}), "`access_token` with characters"),
    ] {
        let mut talk = Conversation::new(options());
        let ada = talk.get_token("User.Read");
        talk.shows_a_code();
        talk.at(5).sends(TOKEN).replied(token_with("AT1", "RT1", unfit.clone()));
        assert_eq!(talk.finishes(ada).failing(why).status, Some(200));

        let mut talk = aging();
        let ada = talk.get_token("User.Read");
        talk.sends(TOKEN).replied(token_with("AT2", "RT2", unfit.clone()));
        talk.finishes(ada).with_token("AT1");
        let ada = talk.at(4000).get_token("User.Read");
        talk.sends(TOKEN).replied(token_with("AT2", "RT2", unfit));
        talk.finishes(ada).failing(why);
    }
}
