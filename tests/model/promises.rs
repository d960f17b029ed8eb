//! What holds whatever happens. `broken.rs` has a machine for each promise that breaks it.

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    OnePrompt,
    NoPollTooSoon,
    EndsWithItsCode,
    EndsUnanswered,
    TokenIsKept,
    AbortWins,
    NothingRunsOn,
    NothingAfterTheEnd,
    EachTheirOwn,
    OthersStay,
    SignedOutStaysOut,
    LivingTokenIsNotHeldUp,
}

impl Promise {
    pub(crate) const ALL: [Self; 12] = [
        Self::OnePrompt,
        Self::NoPollTooSoon,
        Self::EndsWithItsCode,
        Self::EndsUnanswered,
        Self::TokenIsKept,
        Self::AbortWins,
        Self::NothingRunsOn,
        Self::NothingAfterTheEnd,
        Self::EachTheirOwn,
        Self::OthersStay,
        Self::SignedOutStaysOut,
        Self::LivingTokenIsNotHeldUp,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::OnePrompt => "never two prompts at once",
            Self::NoPollTooSoon => "never a poll sooner than the interval, or than the server asked for",
            Self::EndsWithItsCode => "a sign-in ends with its code, or its timeout",
            Self::EndsUnanswered => "every operation ends, though nobody answers any more",
            Self::TokenIsKept => "a token that is received is returned or cached",
            Self::AbortWins => "who aborts has a result at once, and so has everybody when the credential is closed",
            Self::NothingRunsOn => "when the last caller is gone, nothing is left running",
            Self::NothingAfterTheEnd => "no effect after the end, whatever comes in late",
            Self::EachTheirOwn => "nobody gets what is of another account, and no row is stored as another's",
            Self::OthersStay => "what another process stored of others stays",
            Self::SignedOutStaysOut => "who has signed out is not stored any more",
            Self::LivingTokenIsNotHeldUp => "a token that lives is not held up",
        }
    }
}
