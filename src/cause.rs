//! What the host caught.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

/// An exception of the host, carried through the core without being looked into.
#[derive(Clone)]
pub struct Cause {
    /// What it says of itself.
    pub text: String,
    /// The exception itself, which the host knows.
    pub exception: Option<Rc<dyn Any>>,
}

impl Cause {
    /// A cause that is only words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            exception: None,
        }
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exception_comes_out_as_it_went_in_and_is_not_shown() {
        let cause = Cause {
            exception: Some(Rc::new(7_u8)),
            ..Cause::text("no network")
        };
        assert_eq!(format!("{:?}", cause.clone()), "no network");
        assert_eq!(cause.exception.unwrap().downcast_ref(), Some(&7_u8));
    }
}
