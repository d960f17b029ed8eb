//! A string that must not be shown.

use crate::prelude::*;

use core::fmt;
use zeroize::Zeroize;

/// A token, a device code or anything else that grants access to whoever reads it.
///
/// Its `Debug` shows nothing of the content, it has no `Display`, and its memory is overwritten when it is dropped.
/// The content leaves through [`Secret::expose`] alone, so a search for that word finds every place that uses one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the string over.
    #[must_use]
    pub fn new(content: impl Into<String>) -> Self {
        Self(content.into())
    }

    /// The content, for the wire, the cache, or the caller who asked for it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_shows_nothing_of_the_content() {
        assert_eq!(format!("{:?}", Secret::new("eyJ0eXAi")), "[redacted]");
    }
}
