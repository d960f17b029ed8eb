//! What this crate needs of URLs. The host parses them again before it sends anything.

use crate::text;

/// The host of `host[:port]`; `[::1]` keeps its brackets.
pub(super) fn host_name(origin: &str) -> Option<&str> {
    let colon = origin
        .bytes()
        .rposition(|b| b == b':')
        .filter(|_| !origin.ends_with(']'));
    let (host, port) = origin.split_at_checked(colon.unwrap_or(origin.len()))?;
    let port = port.strip_prefix(':').unwrap_or("0");
    let is_host = match host.strip_prefix('[') {
        Some(address) => address.strip_suffix(']').is_some_and(is_ipv6),
        None => {
            let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
            let mut is_host = host.bytes().all(is_name);
            let mut last = "";
            for label in host.split('.') {
                // It says nothing, or nothing that names may have. Which longer ones do, only tables tell.
                is_host &= after(label, "xn--").is_none_or(|encoded| encoded.len() > 1);
                last = label;
            }
            // A name that ends with a number, hexadecimal ones too, is an address. One that is empty, or ends with a dot, is neither.
            let is_address = after(last, "0x").is_some() || last.bytes().all(|b| b.is_ascii_digit());
            is_host && (!is_address || is_ipv4(host))
        }
    };
    (is_host && is_number(port, 65_535)).then_some(host)
}

/// Digits, which are no more than so many.
#[inline(never)] // `parse` is large.
fn is_number(text: &str, most: u64) -> bool {
    // `parse` alone would take a sign.
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u64>().is_ok_and(|number| number <= most)
}

/// Four numbers up to 255, as `std::net::Ipv4Addr` reads them, whose parser is much code for a yes or no.
fn is_ipv4(address: &str) -> bool {
    let is_byte = |text: &str| (text == "0" || !text.starts_with('0')) && is_number(text, 255);
    address.split('.').all(is_byte) && address.bytes().filter(|b| *b == b'.').count() == 3
}

/// RFC 4291 §2.2: eight groups, of which `::` may stand for some.
fn is_ipv6(address: &str) -> bool {
    match text::find(address, "::").and_then(|at| Some((address.get(..at)?, address.get(at.checked_add(2)?..)?))) {
        Some((head, tail)) => !head.contains('.') && groups(head).saturating_add(groups(tail)) < 8,
        None => groups(address) == 8,
    }
}

/// How many groups that is, and too many if it is something else. An IPv4 address at the end is two.
fn groups(text: &str) -> usize {
    let mut groups = 0_usize;
    let mut parts = text.split(':').filter(|_| !text.is_empty());
    while let Some(part) = parts.next() {
        let is_hex = matches!(part.len(), 1..=4) && part.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_hex {
            let is_end = is_ipv4(part) && parts.next().is_none();
            return if is_end { groups.saturating_add(2) } else { usize::MAX };
        }
        groups = groups.saturating_add(1);
    }
    groups
}

/// An https URL but for its scheme, or nothing if the URL is no such.
pub(super) fn without_scheme(url: &str) -> Option<&str> {
    after(url, "https://")
}

/// What follows a scheme, however that is written.
pub(super) fn after<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// `host[:port]`, and the path from its slash on.
pub(super) fn split_path(rest: &str) -> (&str, &str) {
    let slash = rest.bytes().position(|b| b == b'/');
    slash.and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""))
}

/// The first segment of an https URL's path, or nothing if the URL is no such.
#[must_use]
pub fn first_path_segment(url: &str) -> Option<&str> {
    let rest = without_scheme(url)?;
    let (origin, path) = split_path(rest);
    host_name(origin)?;
    if !path.bytes().all(|b| matches!(b, b'!'..=b'~')) {
        return None;
    }
    let path = text::trim(path, '/');
    let end = path.bytes().position(|b| matches!(b, b'/' | b'?' | b'#'));
    path.get(..end.unwrap_or(path.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn addresses_are_those_of_the_standard_library() {
        let parts = [
            "", "1", "0", "01", "255", "256", "+1", "fFfF", "12345", "g", ":", "::", ".", "1.2.3.4", "1:2:3:4",
        ];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            texts = texts
                .iter()
                .flat_map(|text| parts.map(|part| format!("{text}{part}")))
                .collect();
        }
        let mut valid = 0;
        for text in texts
            .iter()
            .flat_map(|text| ["", "1:2:3:", "1.2."].map(|start| format!("{start}{text}")))
        {
            assert_eq!(is_ipv4(&text), text.parse::<Ipv4Addr>().is_ok(), "{text}");
            assert_eq!(is_ipv6(&text), text.parse::<Ipv6Addr>().is_ok(), "{text}");
            valid += usize::from(is_ipv4(&text)) + usize::from(is_ipv6(&text));
        }
        assert!(valid > 1000, "{valid}");
    }

    #[test]
    fn names_in_other_scripts_are_taken() {
        for host in ["xn--4ca.example", "XN--BCHER-KVA", "axn--", "xn-"] {
            assert_eq!(host_name(host), Some(host));
        }
    }

    #[test]
    fn the_realm_is_the_first_segment_of_an_https_url() {
        assert_eq!(first_path_segment("https://h/t/oauth2/v2.0/token"), Some("t"));
        assert_eq!(first_path_segment("https://h:1/token?x"), Some("token"));
        assert_eq!(first_path_segment("https://h"), Some(""));
        assert_eq!(first_path_segment("http://h/t"), None);
        assert_eq!(first_path_segment("/t/token"), None);
    }
}
