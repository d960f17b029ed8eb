//! What is asked of texts, in less code than `str` and the standard collections have for it: their searches and their trees are
//! kilobytes of the WebAssembly.

/// Where a text has this part, which is not empty. For short parts: of a long one, each place is compared anew.
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    let mut places = text.as_bytes().windows(part.len());
    places.position(|place| place == part.as_bytes())
}

/// A text without a mark at its ends.
#[inline(never)] // `trim_matches` is that large.
pub(crate) fn trim(mut text: &str, mark: char) -> &str {
    while let Some(shorter) = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark)) {
        text = shorter;
    }
    text
}

/// Adds a text to others that are sorted, each there once.
pub(crate) fn add<'a>(sorted: &mut Vec<&'a str>, text: &'a str) {
    if let Err(at) = place(sorted, text) {
        sorted.insert(at, text);
    }
}

/// Whether a text is one of those that were added.
pub(crate) fn has(sorted: &[&str], text: &str) -> bool {
    place(sorted, text).is_ok()
}

#[inline(never)] // Each search would be another copy.
fn place(sorted: &[&str], text: &str) -> Result<usize, usize> {
    sorted.binary_search(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_place_is_found() {
        for (text, part) in [
            ("a::b::", "::"),
            ("aab", "ab"),
            ("ä=", "="),
            ("a", "ab"),
            ("", "a"),
            ("ab", "c"),
        ] {
            assert_eq!(find(text, part), text.find(part), "{part} in {text}");
        }
    }

    #[test]
    fn marks_are_trimmed_at_the_ends_alone() {
        for text in ["", "/", "//", "a", "/a", "a//", "//a/b//"] {
            assert_eq!(trim(text, '/'), text.trim_matches('/'), "{text}");
        }
    }

    #[test]
    fn each_is_there_once_and_in_its_place() {
        let mut sorted = Vec::new();
        for text in ["b", "a", "c", "b", "", "a"] {
            add(&mut sorted, text);
        }
        assert_eq!(sorted, ["", "a", "b", "c"]);
    }
}
