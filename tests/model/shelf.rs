//! The store, and what other processes write to it.

use crate::actions::Foreign;
use crate::broken::Subject;
use crate::server::{id_of, id_token, user_of};
use entra_device_code::cache::Item;
use entra_device_code::flow::config::Persistence;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody whom this process knows nothing of.
pub(crate) const STRANGER: u32 = 9;

/// Which item: that of the whole cache, or of an account.
type Key = (bool, Option<String>);

#[derive(Debug, Default)]
pub(crate) struct Shelf {
    items: BTreeMap<Key, String>,
    /// Those that the subject has written last.
    ours: BTreeSet<Key>,
    /// In what others have stored there are rows of a stranger.
    has_strangers: bool,
}

impl Shelf {
    pub(crate) fn begin_with(&mut self, cache: &str) {
        self.items.insert((false, None), cache.to_owned());
    }

    pub(crate) fn load(&self, enable_cae: bool, account: Option<String>) -> Option<String> {
        self.items.get(&(enable_cae, account)).cloned()
    }

    /// The subject merges what is new into what is stored. `is_written` says whether the store takes it then.
    pub(crate) fn save(
        &mut self,
        subject: &mut Subject,
        (enable_cae, signed_out): (bool, Option<&str>),
        is_written: bool,
    ) {
        let keys: Vec<Key> = match subject.config().persistence {
            Some(Persistence::Partitioned) => {
                let mut accounts = subject.unsaved_accounts(enable_cae);
                accounts.extend(signed_out.map(str::to_owned));
                accounts
                    .into_iter()
                    .map(|account| (enable_cae, Some(account)))
                    .collect()
            }
            _ => vec![(enable_cae, None)],
        };
        for key in keys {
            let item = key.1.as_deref().map_or(Item::Whole, Item::Account);
            let stored = self.items.get(&key).map(String::as_str).unwrap_or_default();
            let Some(merged) = subject.merge(enable_cae, stored, item) else {
                continue;
            };
            if is_written {
                self.ours.insert(key.clone());
                self.items.insert(key, merged);
            }
        }
    }

    pub(crate) fn write(&mut self, foreign: Foreign, user: u32, is_partitioned: bool) {
        let (owner, life) = match foreign {
            Foreign::Renewed => (user, 1_767_230_000),
            Foreign::Expired => (user, 1_767_225_000),
            Foreign::Strangers => (STRANGER, 1_767_230_000),
        };
        let key = (false, is_partitioned.then(|| id_of(user)));
        self.ours.remove(&key);
        self.has_strangers |= foreign == Foreign::Strangers && !is_partitioned;
        let stored = self.items.entry(key).or_default();
        let mut tables: Map<String, Value> = serde_json::from_str(stored).unwrap_or_default();
        let id = id_of(owner);
        for (table, mut row) in [
            (
                "AccessToken",
                json!({"secret": format!("AT-{owner}"), "target": "User.Read", "realm": "organizations",
                    "client_id": "client", "expires_on": life.to_string()}),
            ),
            (
                "RefreshToken",
                json!({"secret": format!("RT-{owner}"), "client_id": "client"}),
            ),
            (
                "Account",
                json!({"realm": "organizations", "username": format!("u{owner}"), "authority_type": "MSSTS"}),
            ),
        ] {
            row["home_account_id"] = json!(id);
            row["environment"] = json!("login.microsoftonline.com");
            let rows = tables.entry(table).or_insert_with(|| json!({}));
            rows[format!("{id}-{table}")] = row;
        }
        *stored = Value::Object(tables).to_string();
    }

    /// The items, and the rows in each.
    fn rows(&self) -> Vec<(&Key, Value)> {
        let mut rows = Vec::new();
        for (key, text) in &self.items {
            let tables: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
            for table in tables.into_iter().filter_map(|(_, table)| table.as_object().cloned()) {
                rows.extend(table.into_iter().map(|(_, row)| (key, row)));
            }
        }
        rows
    }

    /// Whether each row that the subject has written is of whom it says it is, and in the right item; and nobody's is there of
    /// whom nothing is known.
    pub(crate) fn is_each_their_own(&self, unnamed: &BTreeSet<u32>) -> bool {
        let rows = self.rows();
        let mut ours = rows.iter().filter(|(key, _)| self.ours.contains(*key));
        ours.all(|((_, item), row)| {
            let Some(owner) = row["home_account_id"].as_str() else {
                return row.get("secret").is_none();
            };
            let user = user_of(owner).unwrap_or(u32::MAX);
            let is_theirs = row["secret"].as_str().is_none_or(|secret| {
                let is_token = secret.starts_with("AT-") || secret.starts_with("RT-");
                if is_token {
                    user_of(secret) == Some(user)
                } else {
                    secret == id_token(user)
                }
            });
            is_theirs && !unnamed.contains(&user) && item.as_deref().is_none_or(|item| item == owner)
        })
    }

    pub(crate) fn has(&self, user: u32) -> bool {
        let id = id_of(user);
        self.rows()
            .iter()
            .any(|(_, row)| row["home_account_id"].as_str() == Some(&id))
    }

    /// Whether the stranger's three rows are there, if they ever were.
    pub(crate) fn keeps_strangers(&self) -> bool {
        let id = id_of(STRANGER);
        let rows = self.rows();
        let theirs = rows
            .iter()
            .filter(|(_, row)| row["home_account_id"].as_str() == Some(&id));
        !self.has_strangers || theirs.count() == 3
    }
}

/// A token that had better be renewed, and lives for 50 minutes yet.
pub(crate) const AGING: &str = r#"{
    "AccessToken": {"": {"home_account_id": "u0.t", "environment": "id.example", "client_id": "client", "secret": "AT-0",
        "realm": "organizations", "target": "User.Read", "expires_on": "1767228600", "refresh_on": "1767225000"}},
    "RefreshToken": {"": {"home_account_id": "u0.t", "environment": "id.example", "client_id": "client", "secret": "RT-0"}},
    "Account": {"": {"home_account_id": "u0.t", "environment": "id.example", "realm": "organizations", "username": "u0",
        "authority_type": "MSSTS"}}
}"#;
