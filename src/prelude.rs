//! What every module may use without saying so: `alloc`'s types, as the wasm has no `std`, and ways to make text and to
//! take it apart.
//!
//! `format!` would bring the formatting machinery of `core` into the wasm, which is several kilobytes; nothing here needs
//! more than concatenation and whole numbers. `str`'s searches bring a machine for each kind of pattern; what is searched
//! here is ASCII, and short.

pub(crate) use alloc::borrow::ToOwned;
pub(crate) use alloc::boxed::Box;
pub(crate) use alloc::string::String;
pub(crate) use alloc::vec;
pub(crate) use alloc::vec::Vec;

/// Concatenates strings.
macro_rules! text {
    ($($part:expr),+ $(,)?) => {
        $crate::prelude::join(&[$($part),+], "")
    };
}
pub(crate) use text;

/// The parts with a separator between each two.
pub(crate) fn join(parts: &[&str], separator: &str) -> String {
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(separator);
        }
        text.push_str(part);
    }
    text
}

/// A whole number in decimal.
pub(crate) fn decimal(number: u64) -> String {
    let mut text = if number < 10 {
        String::new()
    } else {
        decimal(number / 10)
    };
    text.push(char::from_digit((number % 10) as u32, 10).unwrap_or('0'));
    text
}

/// The value of decimal digits. Too many of them are a very large number.
pub(crate) fn whole(digits: &str) -> u64 {
    let mut number = 0_u64;
    for digit in digits.bytes() {
        let digit = u64::from(digit.wrapping_sub(b'0'));
        number = number.saturating_mul(10).saturating_add(digit);
    }
    number
}

/// Divides a text before the first ASCII character that `is` what ends its first part, or at its end.
pub(crate) fn split_before(text: &str, is: fn(u8) -> bool) -> (&str, &str) {
    let at = text.bytes().position(is).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, ""))
}

/// What comes before and after the first `separator`, an ASCII character.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at.saturating_add(1)..)?))
}

/// Appends a byte as two hexadecimal digits.
pub(crate) fn push_hex(out: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 15] {
        let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
        out.push(digit.to_ascii_uppercase());
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
