//! Which accounts are listed: those a token can be had for without their user.

use crate::expect::signed_in;
use crate::silent::cae;
use crate::stored::Items;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::cache::Item;
use entra_device_code::flow::ask::Purpose;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::flow::event::Outcome;
use entra_device_code::record::AuthenticationRecord;
use serde_json::{Value, json};

const ADA: (&str, &str) = ("ada-uid.contoso", "ada@contoso.com");
const BEA: (&str, &str) = ("bea-uid.contoso", "bea@contoso.com");

/// The ids and names that are listed.
fn listed(talk: &mut Conversation) -> Vec<(String, String)> {
    let caller = talk.get_accounts();
    let finished = talk.finishes(caller);
    let outcome = finished.outcome();
    assert!(outcome.token.is_none() && outcome.record.is_none() && outcome.flow.is_none());
    names(outcome)
}

fn names(outcome: &Outcome) -> Vec<(String, String)> {
    let records = outcome.accounts.iter();
    let names = records.map(|record| (record.home_account_id.clone(), record.username.clone()));
    names.collect()
}

fn is(listed: Vec<(String, String)>, expected: &[(&str, &str)]) {
    let listed: Vec<(&str, &str)> = listed.iter().map(|(id, name)| (id.as_str(), name.as_str())).collect();
    assert_eq!(listed, expected);
}

/// A credential whose caches hold these texts.
fn holding(config: Config, plain: &str, with_cae: &str) -> Conversation {
    let mut talk = Conversation::new(config);
    for (enable_cae, text) in [(false, plain), (true, with_cae)] {
        let cache = talk.credential.context().cache(enable_cae);
        cache.reload(text, Item::Whole).unwrap();
    }
    talk
}

/// The cache that Ada's sign-in leaves.
fn adas() -> String {
    signed_in(options())
        .credential
        .context()
        .cache(false)
        .serialize()
        .unwrap()
}

fn beas() -> String {
    let mut talk = Conversation::new(options());
    talk.signs_in("User.Read", beas_token("BEA1", "BEA-RT1"));
    talk.credential.context().cache(false).serialize().unwrap()
}

/// The rows of two caches in one.
fn both(one: &str, other: &str) -> String {
    let (mut one, other): (Value, Value) = (serde_json::from_str(one).unwrap(), serde_json::from_str(other).unwrap());
    for (table, rows) in other.as_object().unwrap() {
        one[table] = with(one[table].clone(), rows.clone());
    }
    one.to_string()
}

/// Whoever is listed can be served without a prompt.
fn each_is_served(config: &Config, text: &str) -> usize {
    let listed = listed(&mut holding(config.clone(), text, ""));
    for (home_account_id, username) in &listed {
        let record = AuthenticationRecord {
            home_account_id: home_account_id.clone(),
            username: username.clone(),
            ..crate::known::ada()
        };
        let mut talk = holding(
            Config {
                record: Some(record),
                disable_automatic_authentication: true,
                ..config.clone()
            },
            text,
            "",
        );
        let caller = talk.get_token("Other.Read");
        talk.sends("POST …/token").replied(token("AT2", "RT2"));
        talk.finishes(caller).with_token("AT2");
    }
    listed.len()
}

#[test]
fn what_is_listed_is_a_record_that_a_credential_starts_from() {
    let mut talk = signed_in(options());
    let caller = talk.get_accounts();
    let finished = talk.finishes(caller);
    let [account] = finished.outcome().accounts.as_slice() else {
        panic!("{finished:?}")
    };
    assert_eq!(
        json!(account),
        json!({
            "authority": "login.microsoftonline.com", "clientId": "client", "homeAccountId": ADA.0,
            "tenantId": "organizations", "username": ADA.1,
        })
    );
}

#[test]
fn nobody_has_signed_in() {
    is(listed(&mut Conversation::new(options())), &[]);
}

#[test]
fn whoever_signed_in_is_listed_until_they_sign_out() {
    let mut talk = signed_in(options());
    is(listed(&mut talk), &[ADA]);
    // Not because of a token that has expired meanwhile.
    talk.at(100_000);
    is(listed(&mut talk), &[ADA]);
    let out = talk.remove_account();
    assert!(talk.finishes(out).outcome().token.is_none());
    is(listed(&mut talk), &[]);
}

#[test]
fn both_caches_are_looked_into_and_each_account_is_listed_once() {
    is(listed(&mut holding(options(), &adas(), &adas())), &[ADA]);
    is(listed(&mut holding(options(), "", &adas())), &[ADA]);
    is(
        listed(&mut holding(options(), &beas(), &both(&adas(), &beas()))),
        &[ADA, BEA],
    );
}

#[test]
fn whoever_signed_in_at_another_host_of_the_cloud_is_listed_once_too() {
    let there = adas().replace("login.microsoftonline.com\"", "login.windows.net\"");
    is(listed(&mut holding(options(), &there, "")), &[ADA]);
    is(listed(&mut holding(options(), &both(&adas(), &there), &there)), &[ADA]);
    let elsewhere = adas().replace("login.microsoftonline.com\"", "login.microsoftonline.us\"");
    is(listed(&mut holding(options(), &elsewhere, "")), &[]);
}

#[test]
fn whoever_is_listed_can_be_served() {
    let there = adas().replace("login.microsoftonline.com\"", "login.windows.net\"");
    let sibling = |text: &str| {
        text.replace("\"client\"", "\"sibling\"")
            .replace(r#""secret":"RT1""#, r#""secret":"FRT1","family_id":"1""#)
    };
    for (text, count) in [
        (both(&adas(), &beas()), 2),
        (there, 1),
        (sibling(&adas()), 1),
        (sibling(&adas()).replace("FRT1\",\"family_id\":\"1\"", "RT1\""), 0),
    ] {
        assert_eq!(each_is_served(&options(), &text), count, "{text}");
    }
}

#[test]
fn whoever_is_listed_can_be_served_by_who_is_told_not_to_ask_about_other_hosts() {
    let trusting = Config {
        disable_instance_discovery: true,
        ..options()
    };
    each_is_served(
        &trusting,
        &adas().replace("login.microsoftonline.com\"", "login.windows.net\""),
    );
}

#[test]
fn an_account_of_another_kind_of_provider_is_not_listed() {
    // It would not be found by its record.
    let text = adas().replace("\"MSSTS\"", "\"Generic\"");
    is(listed(&mut holding(options(), &text, "")), &[]);
}

#[test]
fn a_family_we_know_nothing_of_serves_nobody() {
    let sibling = adas().replace("\"client\"", "\"sibling\"");
    let text = sibling.replace(r#""secret":"RT1""#, r#""secret":"FRT1","family_id":"2""#);
    is(listed(&mut holding(options(), &text, "")), &[]);
}

#[test]
fn somebody_without_an_id_is_not_listed() {
    let text = adas().replace("\"ada-uid.contoso\"", "\"\"");
    is(listed(&mut holding(options(), &text, "")), &[]);
}

#[test]
fn both_stores_are_read_first_and_nothing_is_sent() {
    let persistent = Config {
        persistence: Some(Persistence::Whole),
        ..options()
    };
    let mut talk = Conversation::new(persistent);
    let ada = talk.get_accounts();
    let bea = talk.get_accounts();
    talk.loads(false).holds(Some(&adas()));
    talk.loads(true).cannot_be_read("no such file");
    for caller in [ada, bea] {
        is(names(talk.finishes(caller).outcome()), &[ADA]);
    }
}

#[test]
fn who_was_asked_for_a_token_of_one_lists_everybody() {
    let store = crate::whose::both_stored();
    let mut talk = Conversation::new(Config {
        record: Some(crate::known::ada()),
        persistence: Some(Persistence::Whole),
        ..options()
    });
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.finishes(caller).with_token("AT1");
    let memory = talk.credential.context().cache(false).serialize().unwrap();
    assert!(memory.contains("RT1") && !memory.contains("BEA"), "{memory}");
    let caller = talk.get_accounts();
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    is(names(talk.finishes(caller).outcome()), &[ADA, BEA]);
}

#[test]
fn nobody_is_signed_out_only_where_the_store_could_be_read() {
    for unread in [false, true] {
        let mut talk = Conversation::new(Config {
            persistence: Some(Persistence::Whole),
            ..options()
        });
        let out = talk.remove_account();
        for enable_cae in [false, true] {
            let load = talk.loads(enable_cae);
            if enable_cae == unread {
                load.cannot_be_read("keyring is locked");
            } else {
                load.holds(None);
            }
        }
        talk.finishes(out).failing(
            "Who is to be signed out is not known: reading the persistent token cache failed: keyring is locked",
        );

        let out = talk.remove_account();
        let load = talk.loads(false).hangs();
        talk.at(15).cancels(load);
        talk.loads(true).holds(None);
        talk.finishes(out).failing("no answer in time");
    }
}

#[test]
fn of_a_store_with_an_item_for_each_the_known_ones_are_read() {
    let partitioned = |record| Config {
        persistence: Some(Persistence::Partitioned),
        record,
        ..options()
    };
    let mut talk = Conversation::new(partitioned(None));
    is(listed(&mut talk), &[]);

    let mut talk = Conversation::new(partitioned(Some(crate::known::ada())));
    let caller = talk.get_accounts();
    talk.loads_of(ADA.0, false).holds(None);
    talk.loads_of(ADA.0, true).holds(Some(&adas()));
    is(names(talk.finishes(caller).outcome()), &[ADA]);

    // That Ada is known is no reason to list her.
    let mut talk = Conversation::new(partitioned(Some(crate::known::ada())));
    let caller = talk.get_accounts();
    for enable_cae in [false, true] {
        talk.loads_of(ADA.0, enable_cae).holds(None);
    }
    is(names(talk.finishes(caller).outcome()), &[]);
}

#[test]
fn whoever_else_signed_in_here_is_listed_though_their_items_are_not_read() {
    let mut talk = Conversation::new(Config {
        persistence: Some(Persistence::Partitioned),
        ..options()
    });
    let mut items = Items::new();
    talk.signs_in_and_saves(token("AT1", "RT1"), &mut items);
    let caller = talk.authenticate(Some("User.Read"));
    talk.loads_of(ADA.0, false).holds(Some(&items[ADA.0]));
    talk.shows_a_code();
    talk.at(10).sends(TOKEN).replied(beas_token("BEA1", "BEA-RT1"));
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("BEA1");

    let caller = talk.get_accounts();
    talk.loads_of(BEA.0, false).holds(Some(&items[BEA.0]));
    talk.loads_of(BEA.0, true).holds(None);
    is(names(talk.finishes(caller).outcome()), &[ADA, BEA]);
}

#[test]
fn listing_waits_for_nobody() {
    let mut talk = signed_in(options());
    let ada = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    is(listed(&mut talk), &[ADA]);
    talk.at(10).sends(TOKEN).replied(beas_token("BEA1", "BEA-RT1"));
    talk.finishes(ada).with_token("BEA1");
    is(listed(&mut talk), &[ADA, BEA]);

    let ada = talk.calls(Purpose::Authenticate, Some("User.Read"), cae());
    let request = talk.sends(DEVICE_CODE).hangs();
    is(listed(&mut talk), &[ADA, BEA]);
    talk.aborts(ada).cancels(request).finishes(ada).aborted();
    talk.closes();
    let late = talk.get_accounts();
    talk.finishes(late).unavailable("closed");
}

#[test]
fn in_items_that_nobody_lists_whom_to_sign_out_must_be_said() {
    let config = || Config {
        persistence: Some(Persistence::Partitioned),
        ..options()
    };
    let mut talk = Conversation::new(config());
    is(listed(&mut talk), &[]);
    let out = talk.remove_account();
    talk.finishes(out).unavailable("give `removeAccount` the record");

    // Whoever has signed in here is known, also when they have signed out.
    let mut items = Items::new();
    talk.signs_in_and_saves(token("AT1", "RT1"), &mut items);
    for signed_out in [&[ADA.1] as &[&str], &[]] {
        let out = talk.remove_account();
        for enable_cae in [false, true] {
            talk.loads_of(ADA.0, enable_cae)
                .holds(items.get(ADA.0).filter(|_| !enable_cae).map(String::as_str));
        }
        if signed_out.is_empty() {
            talk.forgets(false);
        } else {
            talk.saves(false).into_items(&mut items);
        }
        talk.forgets(true);
        talk.finishes(out).with_accounts(signed_out);
    }
}
