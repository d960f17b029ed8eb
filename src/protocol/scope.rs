//! The scopes of a call (RFC 6749 §3.3).

use crate::prelude::*;

/// What MSAL adds to every request, so that a refresh token and an id token come back.
const RESERVED: &str = "offline_access openid profile";

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

    /// What goes over the wire: these and the reserved ones, sorted.
    #[must_use]
    pub fn with_reserved(&self) -> String {
        sorted(&text!(&self.0, " ", RESERVED))
    }

    /// Which scopes a cached token must carry to serve this call.
    ///
    /// Servers grant the reserved ones without always listing them, so they count only if nothing else was asked;
    /// `offline_access` is never listed.
    #[must_use]
    pub fn wanted(&self) -> Vec<&str> {
        let without = |unwanted: &str| {
            let mut wanted = Vec::new();
            for scope in self.iter() {
                if unwanted.split_ascii_whitespace().all(|other| other != scope) {
                    wanted.push(scope);
                }
            }
            wanted
        };
        let wanted = without(RESERVED);
        if wanted.is_empty() {
            return without("offline_access");
        }
        wanted
    }
}

/// Scopes as the cache files them: sorted, each once, separated by spaces.
#[must_use]
pub fn sorted(scopes: &str) -> String {
    // A handful needs no sorting algorithm, which the wasm would pay for.
    let mut sorted = Vec::new();
    for scope in scopes.split_ascii_whitespace() {
        if let Err(at) = sorted.binary_search(&scope) {
            sorted.insert(at, scope);
        }
    }
    join(&sorted, " ")
}

#[cfg(test)]
mod tests {
    use super::Scopes;

    #[test]
    fn the_reserved_scopes_are_always_sent_once() {
        let wire = "User.Read offline_access openid profile";
        assert_eq!(Scopes::new(["User.Read"]).unwrap().with_reserved(), wire);
        assert_eq!(
            Scopes::new(["openid", "User.Read", "profile"]).unwrap().with_reserved(),
            wire
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
