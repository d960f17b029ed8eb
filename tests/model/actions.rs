//! What may happen.

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Call(Wish),
    /// The server, the network or the store answers the oldest or the newest thing under way.
    Answer {
        newest: bool,
        with: Answer,
    },
    /// So many milliseconds go by, and every timer that is due fires.
    Wait(u64),
    Abort(usize),
    /// A caller's context is gone: nothing is done on its behalf any more, and nobody says so.
    Vanish(usize),
    PromptFails,
    Close,
    /// Another process writes to the store.
    Write(Foreign),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wish {
    Token,
    OtherToken,
    Authenticate,
    SignOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    /// What was asked for: a code, a token, what is stored.
    Yes,
    /// A token, and not a word of whose it is. Its lifetime is a text.
    Unnamed,
    Pending,
    SlowDown,
    /// Declined, not known, or the refresh token is refused.
    No,
    /// No answer, or none that means anything.
    Fault,
    /// 429, with `Retry-After`.
    Busy,
    /// What was asked for, of the wrong types.
    Odd,
}

/// What another process writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Foreign {
    /// A newer token of the account that is signed in.
    Renewed,
    /// Its token, which has expired.
    Expired,
    /// Rows of somebody else; into the account's item, too, if each account has one.
    Strangers,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Instance,
    Endpoints,
    Code,
    Poll,
    /// With a refresh token of this user.
    Refresh(u32),
    Load,
    Save,
}

impl What {
    /// How it may be answered.
    pub(crate) const fn answers(self) -> &'static [Answer] {
        use Answer::{Busy, Fault, No, Odd, Pending, SlowDown, Unnamed, Yes};
        match self {
            Self::Poll => &[Yes, Unnamed, Pending, SlowDown, No, Fault, Busy, Odd],
            Self::Code | Self::Refresh(_) | Self::Instance => &[Yes, No, Fault, Busy, Odd],
            Self::Endpoints => &[Yes, Fault, Odd],
            Self::Load | Self::Save => &[Yes, Fault],
        }
    }
}
