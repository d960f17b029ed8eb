//! Nobody gets anybody else's token.

use crate::expect::signed_in;
use crate::finished::Finished;
use crate::known::{ada, bea};
use crate::silent::cae;
use crate::storing::persistent;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::cache::Item;
use entra_device_code::error::Error;
use entra_device_code::flow::ask::Ask;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::protocol::authority::{Authority, Tenant};
use entra_device_code::protocol::http::Reply;
use entra_device_code::record::AuthenticationRecord;
use serde_json::json;

/// A sign-in of which the server says only what it granted.
fn nobodys(access_token: &str, refresh_token: &str) -> Reply {
    token_with(
        access_token,
        refresh_token,
        json!({"id_token": null, "client_info": null}),
    )
}

impl Conversation {
    /// Somebody answers the prompt of a call, five seconds later.
    fn somebody_signs_in(&mut self, token: Reply) {
        let seconds = self.seconds();
        self.sends("POST …/devicecode").replied(device_code());
        self.prompts("ABCD1234");
        self.at(seconds + 5.0).sends("POST …/token").replied(token);
    }

    fn signs_out(&mut self, record: AuthenticationRecord) -> Finished {
        let ask = Ask::remove_account(self.credential.config(), Some(record)).unwrap();
        let out = self.asks(ask);
        self.finishes(out)
    }
}

#[test]
fn two_whom_the_server_does_not_name_do_not_spend_each_others_tokens() {
    let mut talk = Conversation::new(options());
    talk.signs_in("User.Read", nobodys("ALICE", "ALICE-RT"));
    let bob = talk.authenticate(Some("User.Read"));
    talk.somebody_signs_in(token_with(
        "BOB",
        "unused",
        json!({"id_token": null, "client_info": null, "refresh_token": null}),
    ));
    talk.finishes(bob).failing("no AuthenticationRecord");
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("BOB");
    // Alice's refresh token is not for Bob, in either cache.
    for options in [Default::default(), cae()] {
        let caller = talk.get_token_with("Mail.Read", options);
        let request = talk.sends(DEVICE_CODE).hangs();
        talk.aborts(caller).cancels(request).finishes(caller).aborted();
    }
}

#[test]
fn whom_the_server_does_not_name_is_kept_in_no_store_and_that_is_said() {
    let mut talk = Conversation::new(persistent());
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.somebody_signs_in(nobodys("ALICE", "ALICE-RT"));
    talk.logged("the sign-in can't be kept");
    talk.finishes(caller).with_token("ALICE");
    // Here, it serves as before.
    talk.at(4000);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.sends(TOKEN)
        .with("refresh_token", "ALICE-RT")
        .replied(token("ALICE2", "ALICE-RT2"));
    talk.finishes(caller).with_token("ALICE2");
    talk.at(8000);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.sends(TOKEN)
        .with("refresh_token", "ALICE-RT2")
        .replied(nobodys("ALICE3", "ALICE-RT3"));
    talk.finishes(caller).with_token("ALICE3");

    let out = talk.remove_account();
    talk.loads(false).holds(None);
    talk.loads(true).holds(None);
    talk.forgets(false);
    talk.forgets(true);
    talk.finishes(out).with_accounts(&[]);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn who_was_expected_and_who_signed_in_are_both_named() {
    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..options()
    });
    let caller = talk.authenticate(Some("User.Read"));
    talk.somebody_signs_in(token("AT1", "RT1"));
    assert_eq!(talk.finishes(caller).record().unwrap(), ada());
    assert!(!talk.log.iter().any(|line| line.contains("signed in, and not")));

    let caller = talk.authenticate(Some("User.Read"));
    talk.somebody_signs_in(beas_token("BEA1", "BEA-RT1"));
    talk.logged("bea@contoso.com (bea-uid.contoso) signed in, and not ada@contoso.com (ada-uid.contoso)");
    assert_eq!(talk.finishes(caller).record().unwrap(), bea());

    let caller = talk.authenticate(Some("User.Read"));
    talk.somebody_signs_in(nobodys("NOBODYS", "RT"));
    talk.logged("somebody the service does not name signed in, and not ada@contoso.com");
    talk.finishes(caller).failing("no AuthenticationRecord");
}

/// An OpenID provider on a port of its own that says no more of Ada than it must.
fn provider() -> Config {
    Config {
        authority: Authority::parse("localhost:8602").unwrap().into(),
        tenant: Tenant::parse("t").unwrap(),
        disable_instance_discovery: true,
        ..options()
    }
}

fn endpoints() -> Reply {
    let endpoints = json!({"token_endpoint": "https://localhost:8602/t/token",
        "device_authorization_endpoint": "https://localhost:8602/t/devicecode"});
    reply(200, endpoints.to_string())
}

fn adas_bare_token() -> Reply {
    let bare = json!({"preferred_username": null, "iss": "https://localhost:8602", "aud": ["api", "client"]});
    token_with("AT1", "RT1", json!({"id_token": id_token(bare), "client_info": null}))
}

#[test]
fn a_provider_that_names_only_the_subject_can_be_signed_in_to_and_out_of() {
    let mut talk = Conversation::new(provider());
    let caller = talk.authenticate(Some("User.Read"));
    talk.sends("GET https://localhost:8602/t/…").replied(endpoints());
    talk.somebody_signs_in(adas_bare_token());
    let record = talk.finishes(caller).record().unwrap();
    assert_eq!(
        (record.username.as_str(), record.home_account_id.as_str()),
        ("ada-sub", "ada-sub")
    );
    assert_eq!(
        (record.authority.as_str(), record.client_id.as_str()),
        ("localhost:8602", "client")
    );

    let caller = talk.get_accounts();
    let finished = talk.finishes(caller);
    let [listed] = finished.outcome().accounts.as_slice() else {
        panic!("{finished:?}")
    };
    assert_eq!(
        (&listed.authority, &listed.username),
        (&record.authority, &record.username)
    );
    let stored = talk.credential.context().cache(false).serialize().unwrap();

    // Another library may have written no name at all.
    for stored in [
        stored.clone(),
        stored.replace(r#""username":"ada-sub""#, r#""username":"""#),
    ] {
        let mut talk = Conversation::remembering(
            Config {
                record: Some(record.clone()),
                ..provider()
            },
            &stored,
        );
        let caller = talk.get_token("User.Read");
        talk.finishes(caller).with_token("AT1");
        talk.signs_out(record.clone()).with_accounts(&["ada-sub"]);
        let left = talk.credential.context().cache(false).serialize().unwrap();
        assert!(!left.contains("RT1"), "{left}");
    }
}

#[test]
fn a_cached_token_needs_no_endpoint() {
    let mut talk = Conversation::new(provider());
    let caller = talk.authenticate(Some("User.Read"));
    talk.sends("GET …").replied(endpoints());
    talk.somebody_signs_in(token_with("AT1", "RT1", json!({"refresh_in": 1800})));
    let record = talk.finishes(caller).record().unwrap();
    let stored = talk.credential.context().cache(false).serialize().unwrap();

    let mut talk = Conversation::new(Config {
        record: Some(AuthenticationRecord {
            authority: "localhost:8602".into(),
            ..record
        }),
        persistence: Some(Persistence::Whole),
        ..provider()
    });
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&stored));
    talk.finishes(caller).with_token("AT1");
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");

    // One that had better be renewed is still good when nobody can be reached.
    talk.at(2000);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&stored));
    talk.sends("GET …/openid-configuration").replied(reply(404, "gone"));
    talk.finishes(caller).with_token("AT1");

    // It is no other tenant's, and no other scope's.
    let caller = talk.get_token("Mail.Read");
    talk.loads(false).holds(Some(&stored));
    talk.sends("GET …/openid-configuration").replied(reply(404, "gone"));
    talk.finishes(caller).failing("OpenID Connect metadata");
    let mut talk = Conversation::remembering(
        Config {
            tenant: Tenant::parse("other").unwrap(),
            record: Some(ada()),
            ..provider()
        },
        &stored,
    );
    let caller = talk.get_token("User.Read");
    talk.sends("GET …/openid-configuration").replied(reply(404, "gone"));
    talk.finishes(caller).failing("OpenID Connect metadata");
}

/// The rows of a sign-in of Ada's and one of Bea's, in one cache.
pub(crate) fn both_stored() -> String {
    let mut talk = signed_in(options());
    let caller = talk.authenticate(Some("User.Read"));
    talk.somebody_signs_in(beas_token("BEA1", "BEA-RT1"));
    talk.finishes(caller).record().unwrap();
    talk.credential.context().cache(false).serialize().unwrap()
}

fn adas_stored() -> String {
    signed_in(options())
        .credential
        .context()
        .cache(false)
        .serialize()
        .unwrap()
}

#[test]
fn the_only_account_of_a_store_is_signed_out_by_who_names_none() {
    let (mut plain, mut with_cae) = (adas_stored(), adas_stored());
    let mut talk = Conversation::new(persistent());
    let out = talk.remove_account();
    talk.loads(false).holds(Some(&plain));
    talk.loads(true).holds(Some(&with_cae));
    talk.saves(false).into(&mut plain);
    talk.saves(true).into(&mut with_cae);
    talk.finishes(out).with_accounts(&["ada@contoso.com"]);
    for store in [&plain, &with_cae] {
        assert!(!store.contains("ada-uid") && !store.contains("RT1"), "{store}");
    }
}

#[test]
fn of_several_accounts_none_is_signed_out_unless_one_is_named() {
    let mut store = both_stored();
    for (plain, with_cae) in [(both_stored(), String::new()), (adas_stored(), beas_stored())] {
        let mut talk = Conversation::new(persistent());
        let out = talk.remove_account();
        talk.loads(false).holds(Some(&plain));
        talk.loads(true).holds(Some(&with_cae));
        talk.finishes(out)
            .unavailable("give `removeAccount` one of those that `getAccounts` resolves to");
    }
    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..persistent()
    });
    let ask = Ask::remove_account(talk.credential.config(), Some(bea())).unwrap();
    let out = talk.asks(ask);
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    talk.saves(false).into(&mut store);
    talk.forgets(true);
    talk.finishes(out).with_accounts(&["bea@contoso.com"]);
    assert!(store.contains("RT1") && !store.contains("BEA-RT1"), "{store}");
    // Whose credential it is stays signed in.
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.finishes(caller).with_token("AT1");
}

#[test]
fn who_signs_out_twice_signs_nobody_else_out() {
    let mut store = both_stored();
    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..persistent()
    });
    for signed_out in [&["ada@contoso.com"] as &[&str], &[]] {
        let out = talk.remove_account();
        talk.loads(false).holds(Some(&store));
        talk.loads(true).holds(None);
        talk.saves(false).into(&mut store);
        talk.forgets(true);
        talk.finishes(out).with_accounts(signed_out);
        assert!(store.contains("BEA-RT1"));
    }
}

#[test]
fn a_record_of_another_application_signs_nobody_out() {
    let other = AuthenticationRecord {
        client_id: "other".into(),
        ..ada()
    };
    let error = Ask::remove_account(&options(), Some(other)).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument(why) if why.contains("`record`")));
}

fn beas_stored() -> String {
    let mut talk = Conversation::new(options());
    talk.signs_in("User.Read", beas_token("BEA1", "BEA-RT1"));
    talk.credential.context().cache(false).serialize().unwrap()
}

fn of_store() -> Config {
    Config {
        use_stored_account: true,
        ..persistent()
    }
}

#[test]
fn the_only_account_of_a_store_serves_who_wants_it() {
    for options in [Default::default(), cae()] {
        let with_cae = options.enable_cae;
        let mut talk = Conversation::new(of_store());
        let caller = talk.get_token_with("User.Read", options);
        talk.loads(with_cae).holds(Some(&adas_stored()));
        talk.loads(!with_cae).holds(None);
        talk.finishes(caller).with_token("AT1");
        // From now on, it is hers.
        let caller = talk.get_token_with("User.Read", if with_cae { cae() } else { Default::default() });
        talk.finishes(caller).with_token("AT1");
    }
}

#[test]
fn of_several_accounts_or_none_no_one_is_taken() {
    for (plain, with_cae) in [(both_stored(), String::new()), (adas_stored(), beas_stored())] {
        let mut talk = Conversation::new(of_store());
        let caller = talk.get_token("User.Read");
        talk.loads(false).holds(Some(&plain));
        talk.loads(true).holds(Some(&with_cae));
        talk.finishes(caller).unavailable("`authenticationRecord`");
    }
    let mut talk = Conversation::new(of_store());
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.loads(true).holds(None);
    talk.somebody_signs_in(token("AT1", "RT1"));
    let mut store = String::new();
    talk.saves(false).into(&mut store);
    talk.finishes(caller).with_token("AT1");

    // A record says whose it is, however many there are; and who has signed out is not followed by somebody else.
    let mut store = both_stored();
    let mut talk = Conversation::new(Config {
        record: Some(bea()),
        ..of_store()
    });
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    talk.finishes(caller).with_token("BEA1");
    let out = talk.remove_account();
    talk.loads(false).holds(Some(&store));
    talk.loads(true).holds(None);
    talk.saves(false).into(&mut store);
    talk.forgets(true);
    talk.finishes(out).with_accounts(&["bea@contoso.com"]);
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(Some(&store));
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn who_is_prompted_though_a_sign_in_is_stored_is_told_why() {
    for (store, is_told) in [(adas_stored(), true), (both_stored(), true), (String::new(), false)] {
        let mut talk = Conversation::new(persistent());
        let caller = talk.get_token("User.Read");
        talk.loads(false).holds(Some(&store));
        let request = talk.sends(DEVICE_CODE).hangs();
        let told = talk
            .log
            .iter()
            .filter(|line| line.contains("a sign-in is stored: give"));
        assert_eq!(told.count(), usize::from(is_told));
        talk.aborts(caller).cancels(request).finishes(caller).aborted();
    }
}

#[test]
fn one_sign_in_serves_both_kinds_of_session_and_each_has_its_own_access_token() {
    const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    let mut talk = signed_in(options());
    let caller = talk.get_token_with("User.Read", cae());
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .with("claims", CP1)
        .replied(token("CAE1", "RT2"));
    talk.finishes(caller).with_token("CAE1");
    for (options, token) in [(Default::default(), "AT1"), (cae(), "CAE1")] {
        let caller = talk.get_token_with("User.Read", options);
        talk.finishes(caller).with_token(token);
    }
    // The successor is in one place only, and both kinds find it.
    let held = [false, true].map(|cae| talk.credential.context().cache(cae).serialize().unwrap());
    assert!(held[0].contains("RT2") && !held[0].contains("RT1") && !held[0].contains("CAE1"));
    assert!(!held[1].contains("RT2") && held[1].contains("CAE1") && !held[1].contains("AT1"));
    for (options, spent, access_token, successor) in
        [(cae(), "RT2", "CAE2", "RT3"), (Default::default(), "RT3", "AT2", "RT4")]
    {
        let caller = talk.get_token_with("Mail.Read", options);
        talk.sends(TOKEN)
            .with("refresh_token", spent)
            .replied(token(access_token, successor));
        talk.finishes(caller).with_token(access_token);
    }
    // What the server refuses is refused.
    let caller = talk.get_token_with("Files.Read", cae());
    talk.sends(TOKEN)
        .with("refresh_token", "RT4")
        .replied(error("invalid_grant"));
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn what_the_other_cache_lends_is_written_to_both_stores() {
    let (mut plain, mut with_cae) = (adas_stored(), String::new());
    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..persistent()
    });
    let caller = talk.get_token_with("User.Read", cae());
    talk.loads(true).holds(None);
    talk.loads(false).holds(Some(&plain));
    talk.sends(TOKEN)
        .with("refresh_token", "RT1")
        .replied(token("CAE1", "RT2"));
    talk.saves(true).into(&mut with_cae);
    talk.saves(false).into(&mut plain);
    talk.finishes(caller).with_token("CAE1");
    assert!(
        plain.contains("RT2") && !plain.contains("RT1") && !plain.contains("CAE1"),
        "{plain}"
    );

    // A next process is served from there.
    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..persistent()
    });
    let caller = talk.get_token_with("User.Read", cae());
    talk.loads(true).holds(Some(&with_cae));
    talk.finishes(caller).with_token("CAE1");
}

#[test]
fn a_store_that_could_only_lend_something_is_not_missed() {
    let mut talk = Conversation::new(Config {
        record: Some(ada()),
        ..persistent()
    });
    let caller = talk.get_token("User.Read");
    talk.loads(false).holds(None);
    talk.loads(true).cannot_be_used("no keyring");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn whose_id_differs_in_case_is_somebody_else() {
    let provider = |sub: &str, access_token: &str, refresh_token: &str| {
        let claims = json!({"sub": sub, "preferred_username": sub});
        let fields = json!({"id_token": id_token(claims), "client_info": null});
        token_with(access_token, refresh_token, fields)
    };
    let mut talk = Conversation::new(options());
    talk.signs_in("User.Read", provider("Sub", "UPPER", "UPPER-RT1"));
    talk.at(4000);
    // The one renews while the other signs in.
    let late = talk.get_token("User.Read");
    let renewal = talk.sends(TOKEN).with("refresh_token", "UPPER-RT1").hangs();
    let caller = talk.authenticate(Some("User.Read"));
    talk.somebody_signs_in(provider("sub", "LOWER", "LOWER-RT1"));
    talk.finishes(caller).record().unwrap();
    talk.answers(renewal, provider("Sub", "UPPER2", "UPPER-RT2"));
    talk.finishes(late).with_token("UPPER2");

    let stored = talk.credential.context().cache(false).serialize().unwrap();
    for (id, access_token, refresh_token) in [("Sub", "UPPER2", "UPPER-RT2"), ("sub", "LOWER", "LOWER-RT1")] {
        let record = AuthenticationRecord {
            home_account_id: id.into(),
            username: id.into(),
            ..ada()
        };
        let mut talk = Conversation::after(
            4100,
            Config {
                record: Some(record.clone()),
                ..options()
            },
        );
        talk.credential
            .context()
            .cache(false)
            .reload(&stored, Item::Whole)
            .unwrap();
        let caller = talk.get_token("User.Read");
        talk.finishes(caller).with_token(access_token);
        let caller = talk.get_token("Mail.Read");
        talk.sends(TOKEN)
            .with("refresh_token", refresh_token)
            .replied(provider(id, "AT3", "RT3"));
        talk.finishes(caller).with_token("AT3");
        // Who signs out is the one, and not the other.
        talk.signs_out(record).with_accounts(&[id]);
        let left = talk.credential.context().cache(false).serialize().unwrap();
        let other = if id == "Sub" { "LOWER-RT1" } else { "UPPER-RT2" };
        assert!(left.contains(other) && !left.contains("RT3"), "{left}");
    }
}
