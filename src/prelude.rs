//! What every module may use without saying so: `alloc`'s types, as the wasm has no `std`, and two ways to make text.
//!
//! `format!` would bring the formatting machinery of `core` into the wasm, which is several kilobytes; nothing here needs
//! more than concatenation and whole numbers.

pub(crate) use alloc::borrow::ToOwned;
pub(crate) use alloc::boxed::Box;
pub(crate) use alloc::string::String;
pub(crate) use alloc::vec;
pub(crate) use alloc::vec::Vec;

/// Concatenates strings.
macro_rules! text {
    ($($part:expr),+ $(,)?) => {
        $crate::prelude::concatenate(&[$($part),+])
    };
}
pub(crate) use text;

/// What [`text!`] expands to.
pub(crate) fn concatenate(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// A whole number in decimal.
pub(crate) fn decimal(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit(u32::try_from(number % 10).unwrap_or(0), 10).unwrap_or('0'));
        number /= 10;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn decimal_writes_what_to_string_does() {
        for number in [0, 7, 10, 409, 1_790_000_000, u64::MAX] {
            assert_eq!(super::decimal(number), number.to_string());
        }
    }
}
