//! A string that must not be shown.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;
use zeroize::Zeroizing;

/// A token, a device code or anything else that grants access to whoever reads it.
///
/// Its `Debug` shows nothing of the content, it has no `Display`, and its memory is overwritten when the last clone is
/// dropped: clones share it. The content leaves through [`Secret::expose`] alone, so a search for that word finds every
/// place that uses one.
#[derive(Clone, Default)]
pub struct Secret(Rc<Content>);

#[derive(Default)]
struct Content {
    text: Zeroizing<String>,
    /// See [`Secret::form`].
    form: OnceCell<Box<dyn Any>>,
}

impl Secret {
    /// Takes the string over.
    #[must_use]
    pub fn new(content: impl Into<String>) -> Self {
        Self(Rc::new(Content {
            text: Zeroizing::new(content.into()),
            form: OnceCell::new(),
        }))
    }

    /// The content, for the wire, the cache, or the caller who asked for it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.text
    }

    /// What a host makes of it, once: it is kept with the content, and goes with it. All ask for the same type.
    pub fn form<T: Any + Clone>(&self, make: impl FnOnce() -> T) -> T {
        let kept = self.0.form.get().and_then(|form| form.downcast_ref::<T>());
        kept.cloned().unwrap_or_else(|| {
            let form = make();
            let _ = self.0.form.set(Box::new(form.clone()));
            form
        })
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.expose() == other.expose()
    }
}

impl Eq for Secret {}

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
    use std::rc::Rc;

    #[test]
    fn what_a_host_makes_of_it_is_made_once_and_goes_with_the_last_clone() {
        let secret = Secret::new("eyJ0eXAi");
        let made = secret.form(|| Rc::new(7));
        let clone = secret.clone();
        drop(secret);
        assert!(Rc::ptr_eq(&made, &clone.form(|| Rc::new(0))));
        assert_eq!(Rc::strong_count(&made), 2);
        drop(clone);
        assert_eq!(Rc::strong_count(&made), 1);
    }

    #[test]
    fn debug_shows_nothing_of_the_content() {
        assert_eq!(format!("{:?}", Secret::new("eyJ0eXAi")), "[redacted]");
    }
}
