use super::*;
use crate::cache::TokenCache;
use crate::cache::entity::{AccessToken, Account, Details, RefreshToken};
use crate::cache::store::{Owner, Whose};
use crate::secret::Secret;
use std::cell::Cell;

std::thread_local! {
    static VISITED: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn visited() {
    VISITED.set(VISITED.get() + 1);
}

/// A cache of so many accounts, each with a row in every table.
fn cache(accounts: u32) -> TokenCache {
    let mut cache = TokenCache::default();
    for number in 0..accounts {
        let row = |secret, details| Entity {
            home_account_id: Some(format!("uid{number:06}.utid")),
            environment: "h".into(),
            client_id: "c".into(),
            realm: "t".into(),
            target: "s".into(),
            secret,
            details,
        };
        let expires_on = Some(Timestamp::from_unix_secs(5000));
        let rows = [
            Details::AccessToken(AccessToken {
                expires_on,
                ..AccessToken::default()
            }),
            Details::RefreshToken(RefreshToken {
                family_id: "1".into(),
                ..RefreshToken::default()
            }),
            Details::IdToken,
        ];
        for details in rows {
            cache.index.put(row(Some(Secret::default()), details));
        }
        let account = Details::Account(Account {
            username: "ada".into(),
            authority_type: "MSSTS".into(),
            ..Account::default()
        });
        cache.index.put(row(None, account));
    }
    cache.index.put(Entity {
        home_account_id: None,
        environment: "h".into(),
        client_id: "c".into(),
        realm: String::new(),
        target: String::new(),
        secret: None,
        details: Details::AppMetadata { family_id: "1".into() },
    });
    cache
}

/// How many rows are looked at for all that a flow asks about one account.
fn visits(cache: &mut TokenCache, who: u32) -> usize {
    let id = format!("uid{who:06}.utid");
    let owner = Owner {
        home_account_id: &id,
        environment: "h",
    };
    let now = Timestamp::from_unix_secs(1000);
    VISITED.set(0);
    assert!(cache.access_token(owner, "c", "t", &["s"], now).is_some());
    assert_eq!(cache.refresh_tokens(owner, Whose::Family("1")).len(), 1);
    assert_eq!(cache.refresh_tokens(owner, Whose::Client("c")).len(), 1);
    assert!(cache.has_refresh_token_at(owner) && cache.has_account(owner, Some("ada")));
    assert!(cache.family_of("h", "c").is_some());
    cache.remove_account(owner, "c");
    VISITED.get()
}

#[test]
fn a_lookup_costs_the_same_with_one_account_or_a_hundred_thousand() {
    let alone = visits(&mut cache(1), 0);
    let mut crowd = cache(100_000);
    for who in [0, 50_000, 99_999] {
        let visits = visits(&mut crowd, who);
        // Each of a dozen lookups may look at the neighbour to see that it is somebody else's.
        assert!(visits <= alone + 12, "{visits} rows among many, {alone} alone");
    }
}

#[test]
fn a_token_that_was_asked_for_before_is_found_without_a_search() {
    let mut cache = cache(1);
    let owner = Owner {
        home_account_id: "uid000000.utid",
        environment: "h",
    };
    let token = |target: String| Entity {
        home_account_id: Some(owner.home_account_id.into()),
        environment: "h".into(),
        client_id: "c".into(),
        realm: "t".into(),
        target,
        secret: Some(Secret::default()),
        details: Details::AccessToken(AccessToken {
            expires_on: Some(Timestamp::from_unix_secs(5000)),
            ..AccessToken::default()
        }),
    };
    for number in 0..1000 {
        cache.index.put(token(format!("s{number}")));
    }
    let visits = |cache: &mut TokenCache, now| {
        VISITED.set(0);
        let found = cache.access_token(owner, "c", "t", &["s7"], Timestamp::from_unix_secs(now));
        (found.is_some(), VISITED.get())
    };
    assert_eq!(visits(&mut cache, 1000), (true, 1002));
    assert_eq!(visits(&mut cache, 1000), (true, 0));
    // One that needs a renewal may have a better one beside it.
    assert!(visits(&mut cache, 4800).1 > 1000);
    cache.index.put(token("s7".into()));
    assert!(visits(&mut cache, 1000).1 > 1000, "another is in its place");
    cache.remove_account(owner, "c");
    assert!(!visits(&mut cache, 1000).0);
}

#[test]
fn a_token_that_is_no_longer_there_is_kept_for_no_question() {
    let owner = Owner {
        home_account_id: "uid000000.utid",
        environment: "h",
    };
    let asked = |cache: &mut TokenCache, now| {
        for wanted in ["s", "S"] {
            let _ = cache.access_token(owner, "c", "t", &[wanted], Timestamp::from_unix_secs(now));
        }
        cache.index.answers.iter().count()
    };
    let mut replaced = cache(1);
    assert_eq!(asked(&mut replaced, 1000), 2);
    let tokens = replaced.index.starting_with(Kind::AccessToken, "");
    let (position, row) = (Rc::clone(tokens[0].0), Rc::downgrade(tokens[0].1));
    let successor = Row::read(Kind::AccessToken, &row.upgrade().unwrap().written().unwrap(), None).unwrap();
    replaced.index.replace(&position, successor);
    assert!(row.upgrade().is_none());
    let mut expired = cache(1);
    assert_eq!((asked(&mut expired, 1000), asked(&mut expired, 5000)), (2, 0));
    let mut removed = cache(1);
    assert_eq!(asked(&mut removed, 1000), 2);
    removed.remove_account(owner, "c");
    assert_eq!(removed.index.answers.iter().count(), 0);
}

/// Ids that differ in nothing but case.
fn cases(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| {
        let letters = (0..12).map(|bit| if number >> bit & 1 == 1 { 'A' } else { 'a' });
        letters.collect()
    })
}

#[test]
fn accounts_are_listed_in_one_go() {
    let mut ordinary = cache(1000);
    let mut realms = TokenCache::default();
    let mut alike = TokenCache::default();
    for (number, id) in cases(1000).enumerate() {
        let mut row = account("ada");
        row.realm = format!("t{number}");
        realms.index.put(row);
        let mut row = account("ada");
        row.home_account_id = Some(id.clone());
        alike.index.put(row);
        let mut row = account("");
        row.home_account_id = Some(id);
        row.client_id = "c".into();
        row.details = Details::RefreshToken(RefreshToken::default());
        alike.index.put(row);
    }
    for (cache, expected) in [(&mut ordinary, 1000), (&mut realms, 0), (&mut alike, 1000)] {
        let mut accounts = Vec::new();
        VISITED.set(0);
        cache.add_accounts(&mut accounts, "h", "c");
        assert_eq!(accounts.len(), expected);
        assert!(VISITED.get() <= 2010, "{} rows", VISITED.get());
    }
}

fn account(username: &str) -> Entity {
    Entity {
        home_account_id: Some("A".into()),
        environment: "h".into(),
        client_id: String::new(),
        realm: "t".into(),
        target: String::new(),
        secret: None,
        details: Details::Account(Account {
            username: username.into(),
            authority_type: "MSSTS".into(),
            ..Account::default()
        }),
    }
}

fn keys(index: &Index) -> Vec<Cow<'_, str>> {
    index.table(Kind::Account).map(|(key, _)| key).collect()
}

#[test]
fn a_row_keeps_the_key_it_is_stored_under() {
    let mut index = Index::default();
    index.put(account("ada"));
    index.put_stored("theirs".into(), Row::new(account("ada")));
    assert_eq!(keys(&index), ["a-h-t", "theirs"]);
    index.put(account("countess"));
    assert_eq!(keys(&index), ["a-h-t", "theirs"]);
}

#[test]
fn the_journal_holds_the_last_state_of_each_row_that_changed() {
    let mut index = Index::default();
    index.put(account("before"));
    index.keep_journal();
    assert_eq!(index.journal().count(), 0);
    index.put(account("ada"));
    index.put(account("countess"));
    assert_eq!(index.journal().count(), 1);
    assert!(!index.save(Item::Whole, &Index::default()));
    let position = Rc::clone(index.rows.iter().next().unwrap().0);
    index.remove(&position);
    index.saved(true);
    assert_eq!(index.journal().count(), 1, "what changed since is not saved");
    index.reload(Index::default(), Item::Whole);
    assert!(keys(&index).is_empty(), "the newer change prevails");
}

#[test]
fn a_place_that_is_filled_again_is_not_empty() {
    let mut index = Index::default();
    for name in ["ada", "countess", "lovelace"] {
        let mut named = account(name);
        named.home_account_id = Some(name.to_owned());
        index.put(named);
    }
    let position = Rc::clone(index.rows.iter().next().unwrap().0);
    for _ in 0..3 {
        let row = Rc::clone(index.rows.get(&position).unwrap());
        index.remove(&position);
        assert_eq!((index.rows.empty, index.rows.places.len()), (1, 3));
        index.put_at(Rc::clone(&position), row);
        assert_eq!(index.rows.empty, 0);
    }
    let positions: Vec<_> = index.rows.iter().map(|(position, _)| Rc::clone(position)).collect();
    for position in &positions {
        index.remove(position);
    }
    assert_eq!(index.rows.iter().count(), 0);
    assert!(index.rows.places.len() <= 1, "empty places are closed up");
}
