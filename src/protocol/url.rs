//! What this crate needs of URLs. The host parses them again before it sends anything.

use crate::prelude::*;

/// The text without the slashes it ends with.
pub(crate) fn without_slashes(mut text: &str) -> &str {
    while let Some(rest) = text.strip_suffix('/') {
        text = rest;
    }
    text
}

/// The host of `host[:port]`; `[::1]` keeps its brackets.
pub(super) fn host_name(origin: &str) -> Option<&str> {
    let bracketed = origin
        .bytes()
        .position(|byte| byte == b']')
        .filter(|_| origin.starts_with('['));
    let (host, port) = match bracketed {
        Some(end) => origin.split_at_checked(end.checked_add(1)?)?,
        None => split_before(origin, |byte| byte == b':'),
    };
    let is_port = match port.strip_prefix(':') {
        Some(digits) => !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && whole(digits) <= 65_535,
        None => port.is_empty(),
    };
    let is_host = if host.starts_with('[') {
        let is_ipv6 = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'[' | b']' | b':' | b'.');
        host.len() > 2 && host.bytes().all(is_ipv6)
    } else {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        !host.is_empty() && host.bytes().all(is_name)
    };
    (is_port && is_host).then_some(host)
}

/// The first segment of an https URL's path, or nothing if the URL is no such.
#[must_use]
pub fn first_path_segment(url: &str) -> Option<&str> {
    let rest = url
        .get(..8)
        .filter(|scheme| scheme.eq_ignore_ascii_case("https://"))
        .and(url.get(8..))?;
    let (origin, path) = split_before(rest, |byte| byte == b'/');
    host_name(origin)?;
    let (_, path) = split_before(path, |byte| byte != b'/');
    let (segment, _) = split_before(path, |byte| matches!(byte, b'/' | b'?' | b'#'));
    Some(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_realm_is_the_first_segment_of_an_https_url() {
        assert_eq!(first_path_segment("https://h/t/oauth2/v2.0/token"), Some("t"));
        assert_eq!(first_path_segment("https://h:1/token?x"), Some("token"));
        assert_eq!(first_path_segment("https://h"), Some(""));
        assert_eq!(first_path_segment("http://h/t"), None);
        assert_eq!(first_path_segment("/t/token"), None);
    }
}
