//! `cachePersistenceOptions` as callers write it. What makes no sense is refused, lest tokens be kept elsewhere, or kept
//! worse, than somebody thinks.

use crate::given::Given;
use crate::imports;
use crate::values::{is_array, is_object, items, object, texts};
use entra_device_code::flow::config::Persistence as Layout;
use js_sys::{Array, ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

const SPELLINGS: [&str; 2] = ["cachePersistenceOptions", "tokenCachePersistenceOptions"];
const DEFAULT_NAME: &str = "msal.cache";
const KEY: &str = "must be 32 bytes in a Uint8Array, or a CryptoKey for AES-GCM of 256 bits that may encrypt and decrypt; or a list of such";

/// What comes after the name in that of a file, or of a copy of it, must have room yet.
const LONGEST_NAME: usize = 200;

/// Where the tokens are to be kept.
pub(crate) struct Persistence {
    pub(crate) layout: Layout,
    /// What `openStore` takes: `{place, where, …}`, and the caller's objects.
    pub(crate) description: JsValue,
}

/// Nothing if the tokens are kept in memory. What is wrong, `options` knows.
pub(crate) fn read(options: &Given, warnings: &mut Vec<String>) -> Option<Persistence> {
    for spelling in SPELLINGS {
        options.object(spelling);
    }
    let [one, other] = SPELLINGS;
    let option = options.spelling(one, other)?;
    let given = options.nested(option);
    // `enabled: false` is how users of @azure/identity say that they want none.
    if given.flag("enabled") == Some(false) {
        return None;
    }
    let kept = Kept {
        name: name(&given),
        allow_unencrypted: may_be_plain(&given),
        encryption_key: encryption_keys(&given),
        storage: given.having("storage", &["getItem", "setItem", "removeItem"], |method| {
            ["must have the method `", method, "`"].concat()
        }),
        partitioned: given.flag("partitioned"),
        plugin: plugin(&given, "cachePlugin"),
        plugin_cae: plugin(&given, "cachePluginCae"),
    };
    given.warn(warnings);
    let (place, layout) = kept.place(&given);
    let description = kept.describe(option, place, layout);
    Some(Persistence { layout, description })
}

struct Kept {
    name: String,
    allow_unencrypted: bool,
    encryption_key: Option<JsValue>,
    storage: Option<JsValue>,
    partitioned: Option<bool>,
    plugin: Option<JsValue>,
    plugin_cae: Option<JsValue>,
}

impl Kept {
    fn place(&self, given: &Given) -> (&'static str, Layout) {
        if self.plugin.is_some() {
            let why = "has no effect on a `cachePlugin`: give one of them";
            given.refuse_given(&["storage", "encryptionKey", "name", "partitioned"], why);
            return ("plugin", Layout::Whole);
        }
        if self.plugin_cae.is_some() {
            given.refuse("cachePluginCae", "needs a `cachePlugin` beside it");
        }
        if self.storage.is_some() {
            if self.encryption_key.is_none() && !self.allow_unencrypted {
                let why =
                    "needs an `encryptionKey`, or `allowUnencryptedStorage: true` if it keeps what it holds secret";
                given.refuse("storage", why);
            }
            let partitioned = self.partitioned.unwrap_or(true);
            let layout = if partitioned {
                Layout::Partitioned
            } else {
                Layout::Whole
            };
            return ("storage", layout);
        }
        if self.partitioned.is_some() {
            given.refuse("partitioned", "is for a `storage`: give one");
        }
        ("files", Layout::Whole)
    }

    fn describe(self, option: &str, place: &str, layout: Layout) -> JsValue {
        let layout = match layout {
            Layout::Whole => "whole",
            Layout::Partitioned => "partitioned",
        };
        object(&[&[
            ("place", place.into()),
            ("where", option.into()),
            ("layout", layout.into()),
            ("name", self.name.into()),
            ("allowUnencryptedStorage", self.allow_unencrypted.into()),
            ("encryptionKey", self.encryption_key.into()),
            ("storage", self.storage.into()),
            ("cachePlugin", self.plugin.into()),
            ("cachePluginCae", self.plugin_cae.into()),
        ]])
    }
}

/// The name becomes that of a file, and begins the keys of a storage, some of which end a key at `?`.
fn name(given: &Given) -> String {
    let name = given.text("name").unwrap_or_else(|| DEFAULT_NAME.to_owned());
    let is_odd = |c: u8| matches!(c, b'/' | b'\\' | b'?' | b'\0'..=0x1f | 0x7f);
    if matches!(name.as_str(), "" | "." | "..") || name.bytes().any(is_odd) {
        given.refuse(
            "name",
            "must be the name of a file, without a path or control characters",
        );
    }
    if name.len() > LONGEST_NAME {
        given.refuse("name", "must not be longer than 200 bytes");
    }
    name
}

fn may_be_plain(given: &Given) -> bool {
    const NAMES: [&str; 2] = ["allowUnencryptedStorage", "unsafeAllowUnencryptedStorage"];
    let [one, other] = NAMES;
    let (first, second) = (given.flag(one), given.flag(other));
    given.spelling(one, other);
    first.or(second).unwrap_or(false)
}

/// One key, or a list of them: the first seals, all of them open.
fn encryption_keys(given: &Given) -> Option<JsValue> {
    const NAME: &str = "encryptionKey";
    let value = given.get(NAME);
    if value.is_undefined() {
        return None;
    }
    if value.is_string() {
        let why = "must be 32 bytes, not a string: `Buffer.from(text, \"base64\")` makes bytes of base64";
        given.refuse(NAME, why);
        return None;
    }
    let keys = given.sound(keys_of(&value))?;
    if keys.is_none() {
        given.refuse(NAME, KEY);
    }
    keys
}

fn keys_of(value: &JsValue) -> Result<Option<JsValue>, JsValue> {
    if !is_array(value) {
        return key_of(value);
    }
    let keys = Array::new();
    for item in items(value)?.unwrap_or_default() {
        let Some(key) = key_of(&item)? else { return Ok(None) };
        keys.push(&key);
    }
    Ok((keys.length() > 0).then(|| keys.into()))
}

fn key_of(value: &JsValue) -> Result<Option<JsValue>, JsValue> {
    Ok(match bytes_of(value)? {
        // What becomes of the caller's array is the caller's business.
        Some(bytes) if bytes.length() == 32 => Some(bytes.slice(0, 32).into()),
        Some(_) => None,
        None => is_crypto_key(value)?.then(|| value.clone()),
    })
}

/// The value as a `Uint8Array`, if it is one. Not `instanceof`: in a VM's context, it may be of another.
fn bytes_of(value: &JsValue) -> Result<Option<&Uint8Array>, JsValue> {
    if !ArrayBuffer::is_view(value) {
        return Ok(None);
    }
    let tag = Reflect::get(value, &js_sys::Symbol::to_string_tag())?;
    Ok(is(&tag, "Uint8Array").then(|| value.unchecked_ref()))
}

fn is_crypto_key(key: &JsValue) -> Result<bool, JsValue> {
    if !is_object(key) {
        return Ok(false);
    }
    let usages = texts(&imports::get(key, "usages")?)?.unwrap_or_default();
    let may = |usage: &str| usages.iter().any(|other| other == usage);
    let algorithm = imports::get(key, "algorithm")?;
    Ok(may("encrypt")
        && may("decrypt")
        && is_object(&algorithm)
        && is(&imports::get(&algorithm, "name")?, "AES-GCM")
        && imports::get(&algorithm, "length")?.as_f64() == Some(256.0))
}

fn is(value: &JsValue, text: &str) -> bool {
    value.as_string().as_deref() == Some(text)
}

fn plugin(given: &Given, name: &'static str) -> Option<JsValue> {
    given.having(name, &["beforeCacheAccess", "afterCacheAccess"], |method| {
        ["must have the method `", method, "`, as MSAL's ICachePlugin does"].concat()
    })
}
