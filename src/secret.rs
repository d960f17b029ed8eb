//! A string that must not be shown.

use std::fmt;
use std::rc::Rc;
use zeroize::Zeroizing;

/// A token, a device code or anything else that grants access to whoever reads it.
///
/// Its `Debug` shows nothing of the content, it has no `Display`, and its memory is overwritten when the last clone is
/// dropped: clones share it. The content leaves through [`Secret::expose`] alone, so a search for that word finds every
/// place that uses one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Rc<Zeroizing<String>>);

impl Secret {
    /// Takes the string over.
    #[must_use]
    pub fn new(content: impl Into<String>) -> Self {
        Self(Rc::new(Zeroizing::new(content.into())))
    }

    /// The content, for the wire, the cache, or the caller who asked for it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(content: String) -> Self {
        Self::new(content)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
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
