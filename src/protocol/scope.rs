//! The scopes of a call (RFC 6749 §3.3).

use crate::text;

/// What MSAL adds to every request, so that a refresh token and an id token come back.
pub const RESERVED: &str = "offline_access openid profile";
const RESERVED_NAMES: [&str; 3] = ["offline_access", "openid", "profile"];

/// At least one scope: sorted, each once, separated by spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scopes(String);

impl Scopes {
    /// Takes what the caller asked for. One string may hold several scopes, separated by spaces, as on the wire.
    ///
    /// # Errors
    /// Says what is wrong: there is none, or one of them is empty.
    pub fn new<S: AsRef<str>>(asked: impl IntoIterator<Item = S>) -> Result<Self, &'static str> {
        let mut scopes = String::new();
        for scope in asked {
            if scope.as_ref().trim_ascii().is_empty() {
                return Err("must not be an empty string");
            }
            scopes.push_str(scope.as_ref());
            scopes.push(' ');
        }
        if scopes.is_empty() {
            return Err("must name at least one scope, such as \"https://graph.microsoft.com/.default\"");
        }
        Ok(Self(sorted(&scopes)))
    }

    /// The scopes as the caller asked for them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split_ascii_whitespace()
    }

    /// What goes over the wire: these and those of the reserved ones that are sent, sorted.
    #[must_use]
    pub fn with_reserved(&self, reserved: &str) -> String {
        sorted(&format!("{} {reserved}", self.0))
    }

    /// Which scopes a cached token must carry to serve this call.
    #[must_use]
    pub fn wanted(&self) -> Vec<&str> {
        effective(&self.0)
    }
}

/// The reserved scopes but these, which the provider does not know. MSAL for Python has it as `exclude_scopes`.
///
/// # Errors
/// Says what may be left out.
pub fn reserved_but(excluded: &[String]) -> Result<String, &'static str> {
    let mut reserved = RESERVED_NAMES.to_vec();
    for scope in excluded {
        let at = reserved.iter().position(|reserved| reserved == scope);
        reserved.remove(at.ok_or("must name some of \"openid\", \"profile\" and \"offline_access\", each once")?);
    }
    Ok(reserved.join(" "))
}

/// The scopes that count. Servers grant the reserved ones without always listing them, so they count only if there is nothing
/// else; `offline_access` is never listed.
#[must_use]
pub fn effective(scopes: &str) -> Vec<&str> {
    let (mut effective, mut reserved) = (Vec::new(), Vec::new());
    for scope in scopes.split_ascii_whitespace() {
        match RESERVED_NAMES.iter().find(|name| name.eq_ignore_ascii_case(scope)) {
            None => effective.push(scope),
            Some(&"offline_access") => {}
            Some(_) => reserved.push(scope),
        }
    }
    if effective.is_empty() { reserved } else { effective }
}

/// Scopes as the cache files them: sorted, each once, separated by spaces.
#[must_use]
pub fn sorted(scopes: &str) -> String {
    let mut sorted: Vec<&str> = Vec::new();
    for scope in scopes.split_ascii_whitespace() {
        text::add(&mut sorted, scope);
    }
    sorted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, Scopes, reserved_but};

    #[test]
    fn the_reserved_scopes_are_always_sent_once() {
        let wire = "User.Read offline_access openid profile";
        for asked in ["User.Read", "openid User.Read profile"] {
            assert_eq!(Scopes::new([asked]).unwrap().with_reserved(RESERVED), wire);
        }
    }

    #[test]
    fn reserved_scopes_that_a_provider_does_not_know_are_left_out() {
        let but = |excluded: &[&str]| reserved_but(&excluded.iter().map(|&scope| scope.into()).collect::<Vec<_>>());
        assert_eq!(but(&[]).unwrap(), RESERVED);
        assert_eq!(but(&["offline_access", "profile"]).unwrap(), "openid");
        assert_eq!(but(&["openid", "profile", "offline_access"]).unwrap(), "");
        for bad in ["User.Read", "", "openid profile", "OpenID"] {
            assert!(but(&[bad]).unwrap_err().contains("offline_access"), "{bad}");
        }
        // Who asks for one gets it all the same.
        let asked = Scopes::new(["profile"]).unwrap();
        assert_eq!(
            asked.with_reserved(&but(&["profile"]).unwrap()),
            "offline_access openid profile"
        );
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        assert_eq!(Scopes::new(["b", "a", "b"]), Scopes::new(["a b"]));
    }

    #[test]
    fn no_scope_and_an_empty_scope_are_refused() {
        assert!(Scopes::new(Vec::<String>::new()).is_err());
        assert!(Scopes::new([""]).is_err());
        assert!(Scopes::new(["a", "  "]).is_err());
    }

    #[test]
    fn a_cached_token_need_not_list_the_reserved_scopes() {
        assert_eq!(Scopes::new(["openid", "User.Read"]).unwrap().wanted(), ["User.Read"]);
        assert_eq!(Scopes::new(["openid", "offline_access"]).unwrap().wanted(), ["openid"]);
        assert!(Scopes::new(["offline_access"]).unwrap().wanted().is_empty());
    }
}
