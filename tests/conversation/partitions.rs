//! A store that keeps an item for each account: which of them are read and written, and what gets into them.

use crate::known::ada;
use crate::silent::cae;
use crate::stored::Items;
use crate::talk::{Conversation, options};
use crate::wire::*;
use entra_device_code::flow::config::{Config, Persistence};
use entra_device_code::protocol::http::Reply;
use entra_device_code::record::AuthenticationRecord;
use serde_json::Value;

pub(crate) const ADA: &str = "ada-uid.contoso";
pub(crate) const BEA: &str = "bea-uid.contoso";

pub(crate) fn partitioned(record: Option<AuthenticationRecord>) -> Config {
    Config {
        persistence: Some(Persistence::Partitioned),
        record,
        ..options()
    }
}

/// Ada's sign-in, and what the store holds then.
pub(crate) fn adas_item() -> Items {
    let mut items = Items::new();
    let mut talk = Conversation::new(partitioned(None));
    talk.signs_in_and_saves(token("AT1", "RT1"), &mut items);
    items
}

impl Conversation {
    /// Signs the first user in, whose items are not read as nobody knows whose they would be.
    pub(crate) fn signs_in_and_saves(&mut self, token: Reply, items: &mut Items) {
        let caller = self.get_token("User.Read");
        self.sends(DEVICE_CODE).replied(device_code());
        self.prompts("ABCD1234");
        self.at(5).sends(TOKEN).replied(token);
        self.saves(false).into_items(items);
        self.finishes(caller).token();
    }
}

pub(crate) fn names(items: &Items) -> Vec<&str> {
    items.keys().map(String::as_str).collect()
}

/// Whose rows an item has, and which tables.
pub(crate) fn owners(item: &str) -> Vec<String> {
    let tables: Value = serde_json::from_str(item).unwrap();
    let rows = tables.as_object().unwrap().values().filter_map(Value::as_object);
    let mut owners: Vec<String> = rows
        .flat_map(|rows| rows.values())
        .filter_map(|row| row["home_account_id"].as_str().map(str::to_owned))
        .collect();
    owners.sort();
    owners.dedup();
    owners
}

#[test]
fn a_sign_in_is_written_to_the_users_item_and_serves_the_next_process() {
    let items = adas_item();
    assert_eq!(names(&items), [ADA]);
    assert_eq!(owners(&items[ADA]), [ADA]);

    let mut talk = Conversation::new(partitioned(Some(ada())));
    let caller = talk.get_token("User.Read");
    talk.loads_of(ADA, false).holds(Some(&items[ADA]));
    talk.finishes(caller).with_token("AT1");
    // What is in memory and good as it is needs no store.
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("AT1");
}

#[test]
fn whoever_is_known_has_an_item_for_each_kind_of_session() {
    let mut talk = Conversation::new(partitioned(Some(ada())));
    let caller = talk.get_token_with("User.Read", cae());
    talk.loads_of(ADA, true).holds(None);
    talk.loads_of(ADA, false).holds(None);
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("CAE1", "RT1"));
    let (mut plain, mut with_cae) = (Items::new(), Items::new());
    assert!(talk.unsaved_accounts(false).is_empty());
    talk.saves(true).into_items(&mut with_cae);
    talk.finishes(caller).with_token("CAE1");
    talk.merges_into(false, &mut plain, ADA);
    assert!(plain.is_empty() && with_cae[ADA].contains("CAE1"));
}

#[test]
fn a_renewal_reads_and_writes_the_item_of_whoever_is_known() {
    let mut items = adas_item();
    let mut talk = Conversation::after(5000, partitioned(Some(ada())));
    let caller = talk.get_token("User.Read");
    talk.loads_of(ADA, false).holds(Some(&items[ADA]));
    let renewal = talk.sends(TOKEN).with("refresh_token", "RT1").hangs();
    // Another process has got a token for something else, and signed Bea in.
    let theirs = items[ADA].replace("AT1", "AT-theirs").replace("User.Read", "Mail.Read");
    let mut merged: Value = serde_json::from_str(&items[ADA]).unwrap();
    let theirs: Value = serde_json::from_str(&theirs).unwrap();
    merged["AccessToken"] = with(merged["AccessToken"].clone(), theirs["AccessToken"].clone());
    items.insert(ADA.into(), merged.to_string());
    items.insert(BEA.into(), "{}".into());
    talk.at(5001).answers(renewal, token("AT2", "RT2"));
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("AT2");
    let item = &items[ADA];
    assert!(
        item.contains("AT-theirs") && item.contains("AT2") && item.contains("RT2"),
        "{item}"
    );
    assert!(!item.contains("RT1"), "{item}");
    assert_eq!(items[BEA], "{}");
}

#[test]
fn an_account_that_another_process_signed_out_stays_signed_out() {
    let items = adas_item();
    let mut talk = Conversation::new(partitioned(Some(ada())));
    let caller = talk.get_token("User.Read");
    talk.loads_of(ADA, false).holds(Some(&items[ADA]));
    talk.finishes(caller).with_token("AT1");
    let caller = talk.get_token("Mail.Read");
    talk.loads_of(ADA, false).holds(None);
    talk.loads_of(ADA, true).holds(None);
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn a_save_whose_context_ends_is_taken_over() {
    let mut items = Items::new();
    let mut talk = Conversation::new(partitioned(None));
    let ada = talk.get_token("User.Read");
    let bea = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    let _ = talk.saves(false).hangs();
    talk.merges_into(false, &mut Items::new(), ADA);
    talk.dies(ada);
    talk.at(9.5).saves(false).into_items(&mut items);
    talk.finishes(bea).with_token("AT1");
    assert!(items[ADA].contains("RT1"));
}

#[test]
fn signing_out_of_a_store_that_cannot_be_written_says_so() {
    let items = adas_item();
    let mut talk = Conversation::new(partitioned(Some(ada())));
    let out = talk.remove_account();
    talk.loads_of(ADA, false).holds(Some(&items[ADA]));
    talk.loads_of(ADA, true).holds(None);
    talk.saves(false).cannot_be_written("read-only file system");
    talk.finishes(out).failing("The account was not removed");
}

#[test]
fn an_item_that_is_no_cache_costs_nobody_a_token() {
    let mut talk = Conversation::new(partitioned(Some(ada())));
    let caller = talk.get_token("User.Read");
    talk.loads_of(ADA, false).holds(Some("garbage"));
    talk.logged("reading the persistent token cache failed");
    talk.loads_of(ADA, true).holds(None);
    talk.shows_a_code();
    talk.at(5).sends(TOKEN).replied(token("AT1", "RT1"));
    let mut items = Items::new();
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("AT1");
    assert_eq!(names(&items), [ADA]);
}
