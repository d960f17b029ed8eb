//! Several accounts in one credential, whose store keeps an item for each.

use crate::kept::begun;
use crate::known::{ada, bea};
use crate::partitions::{ADA, BEA, adas_item, names, owners, partitioned};
use crate::stored::Items;
use crate::talk::Conversation;
use crate::wire::*;
use entra_device_code::cache::Item;
use serde_json::json;

/// Signs Bea in where Ada is.
fn signs_bea_in(talk: &mut Conversation, items: &Items) -> entra_device_code::flow::event::CallId {
    let seconds = talk.seconds();
    let caller = talk.authenticate(Some("User.Read"));
    talk.loads_of(ADA, false).holds(items.get(ADA).map(String::as_str));
    talk.shows_a_code();
    talk.at(seconds + 5.0)
        .sends(TOKEN)
        .replied(beas_token("BEA1", "BEA-RT1"));
    caller
}

#[test]
fn two_accounts_in_one_credential_do_not_mix() {
    let mut items = adas_item();
    let before = items[ADA].clone();
    let mut talk = Conversation::new(partitioned(Some(ada())));
    let caller = signs_bea_in(&mut talk, &items);
    talk.saves(false).into_items(&mut items);
    assert_eq!(talk.finishes(caller).record().unwrap(), bea());
    assert_eq!(names(&items), [ADA, BEA]);
    assert_eq!(items[ADA], before);
    assert_eq!(owners(&items[BEA]), [BEA]);
    for item in items.values() {
        assert!(item.contains("appmetadata-login.microsoftonline.com-client"), "{item}");
    }

    // From now on it is Bea's.
    let caller = talk.get_token("Mail.Read");
    talk.loads_of(BEA, false).holds(Some(&items[BEA]));
    talk.sends(TOKEN)
        .with("refresh_token", "BEA-RT1")
        .replied(beas_token("BEA2", "BEA-RT2"));
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("BEA2");
    assert_eq!(items[ADA], before);
    assert_eq!(owners(&items[BEA]), [BEA]);
    assert!(items[BEA].contains("BEA-RT2"));
}

#[test]
fn what_could_not_be_saved_of_one_is_saved_with_the_other() {
    let mut items = adas_item();
    let mut talk = Conversation::after(5000, partitioned(Some(ada())));
    let caller = talk.get_token("User.Read");
    talk.loads_of(ADA, false).holds(Some(&items[ADA]));
    talk.sends(TOKEN).replied(token("AT2", "RT2"));
    assert_eq!(talk.unsaved_accounts(false), [ADA]);
    talk.saves(false).cannot_be_written("disk full");
    talk.logged("disk full");
    talk.finishes(caller).with_token("AT2");

    let caller = signs_bea_in(&mut talk, &items);
    assert_eq!(talk.unsaved_accounts(false), [ADA, BEA]);
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("BEA1");
    assert!(talk.unsaved_accounts(false).is_empty());
    assert!(items[ADA].contains("RT2") && items[BEA].contains("BEA-RT1"));
    assert_eq!(
        (owners(&items[ADA]), owners(&items[BEA])),
        (vec![ADA.to_owned()], vec![BEA.to_owned()])
    );
}

#[test]
fn of_two_items_that_were_to_be_written_the_one_that_was_is_not_written_again() {
    let mut items = adas_item();
    let mut talk = Conversation::after(5000, partitioned(Some(ada())));
    let caller = talk.get_token("User.Read");
    talk.loads_of(ADA, false).holds(Some(&items[ADA]));
    talk.sends(TOKEN).replied(token("AT2", "RT2"));
    talk.saves(false).cannot_be_written("disk full");
    talk.finishes(caller).with_token("AT2");
    let caller = signs_bea_in(&mut talk, &items);
    let save = talk.saves(false);
    // Ada's is written, Bea's is not, so the store says that it failed.
    save.talk.merges_into(false, &mut items, ADA);
    save.cannot_be_written("disk full");
    talk.finishes(caller).with_token("BEA1");

    let caller = talk.get_token("Mail.Read");
    talk.loads_of(BEA, false).holds(None);
    talk.sends(TOKEN)
        .with("refresh_token", "BEA-RT1")
        .replied(beas_token("BEA2", "BEA-RT2"));
    assert_eq!(talk.unsaved_accounts(false), [ADA, BEA]);
    let adas = Item::Account(ADA);
    assert_eq!(talk.credential.merge(false, &items[ADA], adas), Ok(None));
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("BEA2");
    assert!(items[ADA].contains("RT2") && items[BEA].contains("BEA-RT2"));
}

#[test]
fn signing_out_empties_the_users_items_and_no_others() {
    let mut items = adas_item();
    let mut talk = Conversation::new(partitioned(Some(ada())));
    let caller = signs_bea_in(&mut talk, &items);
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("BEA1");
    let mut with_cae = Items::from([(BEA.to_owned(), items[BEA].clone())]);

    let out = talk.remove_account();
    talk.loads_of(BEA, false).holds(Some(&items[BEA]));
    talk.loads_of(BEA, true).holds(Some(&with_cae[BEA]));
    talk.saves(false).into_items(&mut items);
    talk.saves(true).into_items(&mut with_cae);
    talk.finishes(out).with_accounts(&["bea@contoso.com"]);
    assert_eq!((names(&items), with_cae.len()), (vec![ADA], 0));

    // Once more is about her, too, and not about whoever else is there.
    let out = talk.remove_account();
    for enable_cae in [false, true] {
        talk.loads_of(BEA, enable_cae).holds(None);
    }
    talk.forgets(false);
    talk.forgets(true);
    talk.finishes(out).with_accounts(&[]);
    assert_eq!(names(&items), [ADA]);
    let caller = talk.get_token("User.Read");
    let request = talk.sends(DEVICE_CODE).hangs();
    talk.aborts(caller).cancels(request).finishes(caller).aborted();
}

#[test]
fn a_flow_that_is_gone_on_with_is_written_to_its_users_item() {
    let mut items = adas_item();
    let before = items[ADA].clone();
    let mut talk = Conversation::after(60, partitioned(Some(ada())));
    let caller = talk.goes_on(&begun());
    talk.loads_of(ADA, false).holds(Some(&items[ADA]));
    talk.at(60).sends(TOKEN).replied(beas_token("BEA1", "BEA-RT1"));
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("BEA1");
    assert_eq!(items[ADA], before);
    assert_eq!(owners(&items[BEA]), [BEA]);
}

#[test]
fn somebody_the_server_says_nothing_about_is_served_and_gets_into_nobodys_item() {
    let nobody = || json!({"id_token": null, "client_info": null});
    let mut items = Items::new();
    let mut talk = Conversation::new(partitioned(None));
    let caller = talk.get_token("User.Read");
    talk.shows_a_code();
    talk.at(5)
        .sends(TOKEN)
        .replied(token_with("NOBODYS", "NOBODYS-RT", nobody()));
    talk.logged("the sign-in can't be kept");
    talk.finishes(caller).with_token("NOBODYS");
    let caller = talk.get_token("User.Read");
    talk.finishes(caller).with_token("NOBODYS");

    let caller = talk.authenticate(Some("User.Read"));
    talk.shows_a_code();
    talk.at(10).sends(TOKEN).replied(token("AT1", "RT1"));
    talk.saves(false).into_items(&mut items);
    talk.finishes(caller).with_token("AT1");
    assert!(!items[ADA].contains("NOBODYS"), "{}", items[ADA]);
}
