//! Whose sign-ins an application can use.

use crate::*;

/// Those listed at a host, by name.
fn at_host(cache: &TokenCache, host: &str, client_id: &str) -> Vec<String> {
    let mut accounts = Vec::new();
    cache.add_accounts(&mut accounts, host, client_id);
    accounts.into_iter().map(|(_, name)| name.to_owned()).collect()
}

fn listed(cache: &TokenCache, client_id: &str) -> Vec<String> {
    at_host(cache, HOST, client_id)
}

/// Ada's sign-in at an application, whose reply has these fields besides; `null` takes one out.
fn cache(other: Value) -> TokenCache {
    let mut reply = sign_in();
    for (name, value) in other.as_object().unwrap() {
        match value {
            Value::Null => reply = without(reply, &[name]),
            value => reply[name] = value.clone(),
        }
    }
    let mut cache = TokenCache::default();
    granted(&mut cache, &reply, None, at(0));
    cache
}

fn replaced(cache: &TokenCache, from: &str, to: &str) -> TokenCache {
    let text = cache.serialize().unwrap();
    assert!(text.contains(from), "{from}");
    TokenCache::deserialize(&text.replace(from, to)).unwrap()
}

const ADAS_NAME: [&str; 1] = ["Ada@contoso.com"];
const NONE: [&str; 0] = [];

#[test]
fn its_own_refresh_token_will_do() {
    assert_eq!(listed(&cache(json!({"foci": null})), "Client"), ADAS_NAME);
    assert_eq!(
        listed(&cache(json!({"foci": null, "refresh_token": null})), "Client"),
        NONE
    );
}

#[test]
fn that_of_another_application_will_not() {
    assert_eq!(listed(&cache(json!({"foci": null})), "Other"), NONE);
    // Ids are compared as they are.
    assert_eq!(listed(&cache(json!({"foci": null})), "client"), NONE);
}

#[test]
fn that_of_a_sibling_will_unless_the_application_is_known_to_be_of_no_family() {
    // Of an application that never got a token, nobody knows yet.
    let sibling = cache(json!({}));
    assert_eq!(listed(&sibling, "Newcomer"), ADAS_NAME);
    let with_metadata = |family: Value| {
        let mut tables = json_of(&sibling);
        let mut row = json!({"client_id": "Newcomer", "environment": HOST});
        row["family_id"] = family;
        tables["AppMetadata"]["appmetadata-login.microsoftonline.com-Newcomer"] = row;
        TokenCache::deserialize(&tables.to_string()).unwrap()
    };
    assert_eq!(listed(&with_metadata(json!("1")), "Newcomer"), ADAS_NAME);
    assert_eq!(listed(&with_metadata(json!(null)), "Newcomer"), NONE);
    assert_eq!(listed(&with_metadata(json!("")), "Newcomer"), NONE);
}

#[test]
fn that_of_another_host_or_user_will_not() {
    let cache = cache(json!({"foci": null}));
    assert_eq!(at_host(&cache, "login.windows.net", "Client"), NONE);
    let tables = json_of(&cache);
    let row = |table| first_row(&tables, table);
    for (column, value) in [
        ("environment", "login.windows.net"),
        ("home_account_id", "Bea-uid.contoso"),
    ] {
        let mut token = row("RefreshToken");
        token[column] = json!(value);
        let text = json!({"Account": {"a": row("Account")}, "RefreshToken": {"r": token}}).to_string();
        assert_eq!(
            listed(&TokenCache::deserialize(&text).unwrap(), "Client"),
            NONE,
            "{column}"
        );
    }
    let mut account = row("Account");
    account["environment"] = json!("login.windows.net");
    let text = json!({"Account": {"a": account}, "RefreshToken": {"r": row("RefreshToken")}}).to_string();
    assert_eq!(listed(&TokenCache::deserialize(&text).unwrap(), "Client"), NONE);
    // Hosts have no upper and lower case.
    let shouted = replaced(&cache, "\"login.microsoftonline.com\"", "\"Login.MicrosoftOnline.com\"");
    assert_eq!(listed(&shouted, "Client"), ADAS_NAME);
}

#[test]
fn an_account_without_a_name_is_listed_by_its_id() {
    for nameless in [json!("opaque"), json!(null)] {
        let cache = cache(json!({"id_token": nameless}));
        assert_eq!(listed(&cache, "Client"), ["Ada-uid.contoso"]);
        assert!(cache.has_account(ADA, Some("Ada-uid.contoso")));
    }
}

#[test]
fn each_is_listed_once_however_many_tenants_and_hosts_it_is_known_in() {
    let cache = cache(json!({}));
    let mut tables = json_of(&cache);
    let rows = tables["Account"].as_object().unwrap().clone();
    let mut guest = rows.values().next().unwrap().clone();
    guest["realm"] = json!("fabrikam");
    tables["Account"]["guest"] = guest.clone();
    guest["home_account_id"] = json!("Bea-uid.contoso");
    guest["username"] = json!("Bea@contoso.com");
    tables["Account"]["bea"] = guest;
    let mut token = first_row(&tables, "RefreshToken");
    token["home_account_id"] = json!("Bea-uid.contoso");
    tables["RefreshToken"]["bea"] = token;
    let cache = TokenCache::deserialize(&tables.to_string()).unwrap();
    assert_eq!(listed(&cache, "Client"), ["Ada@contoso.com", "Bea@contoso.com"]);

    let mut accounts = Vec::new();
    for _ in 0..2 {
        cache.add_accounts(&mut accounts, HOST, "Client");
    }
    assert_eq!(accounts.len(), 2);
    assert_eq!(accounts[0].0, "Ada-uid.contoso");
}
