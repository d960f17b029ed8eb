//! Secrets are taken out of what others say.

/// What is shorter is never a token, and would black out half of what people are to read.
const SHORTEST_SECRET: usize = 3;

/// `text` without a secret, should somebody have echoed it: as it is, or with any of its characters as a form or a URL has them.
pub(super) fn without(text: String, secret: &str) -> String {
    // Most texts are too short to hold one: to look for it would be much of what a poll costs.
    if secret.len() < SHORTEST_SECRET || secret.len() > text.len() {
        return text;
    }
    let mut secret = secret.as_bytes().to_vec();
    let text = without_spelled(&text, &secret, |rest| (*rest.first().unwrap_or(&0), 1));
    for byte in &mut secret {
        *byte = spaced(*byte);
    }
    without_spelled(&text, &secret, decoded)
}

/// As `str::replace`, in linear time whatever a server echoes, but `str`'s own search, with what it may panic about, is 4 KB, gzipped,
/// of what every app loads. This is the search of Knuth, Morris and Pratt, in what `read` makes of a text: the byte that it begins
/// with, and how much of the text says so.
fn without_spelled(text: &str, secret: &[u8], read: fn(&[u8]) -> (u8, usize)) -> String {
    // To each start of the secret, how much of its end is a start, too.
    let mut starts = vec![0];
    let mut matched = 0;
    for byte in secret.iter().skip(1) {
        matched = matched_with(*byte, matched, secret, &starts);
        starts.push(matched);
    }
    let mut shown = Vec::new();
    // Where each byte that was read is shown.
    let mut places = Vec::new();
    matched = 0;
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (byte, length) = read(rest);
        let (spelled, further) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        places.push(shown.len());
        shown.extend_from_slice(spelled);
        rest = further;
        matched = matched_with(byte, matched, secret, &starts);
        if matched == secret.len() {
            places.truncate(places.len().saturating_sub(matched.saturating_sub(1)));
            shown.truncate(places.pop().unwrap_or_default());
            shown.extend_from_slice(b"[redacted]");
            matched = 0;
        }
    }
    String::from_utf8(shown).unwrap_or_default()
}

/// How much of the secret's start a text ends with, now that a byte follows what ended with so much of it.
#[inline(never)] // The secret and the text are both looked at so.
fn matched_with(byte: u8, mut matched: usize, secret: &[u8], starts: &[usize]) -> usize {
    while secret.get(matched) != Some(&byte) {
        match matched.checked_sub(1).and_then(|last| starts.get(last)) {
            Some(shorter) => matched = *shorter,
            None => return 0,
        }
    }
    matched.saturating_add(1)
}

/// The byte that a text begins with, as `%2F` or as it is.
fn decoded(text: &[u8]) -> (u8, usize) {
    if let [b'%', high, low, ..] = text
        && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
    {
        return (spaced(u8::try_from(high << 4 | low).unwrap_or_default()), 3);
    }
    (spaced(*text.first().unwrap_or(&0)), 1)
}

/// A plus is a space in a form, and a plus in a URL: both count as the same.
const fn spaced(byte: u8) -> u8 {
    if byte == b'+' { b' ' } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_wherever_it_is() {
        for secret in ["aab", "abab", "aaa", "abcabd", "äöä", "%41", "a+b", "a%2"] {
            for text in [
                "aaab",
                "ababab",
                "abababab",
                "aaaaaaa",
                "abcabcabd",
                "aabaab",
                "äöäöä",
                "",
                "b",
                "%%41",
                "a+b+b",
                "%aab",
                "a%2%20",
            ] {
                assert_eq!(
                    without(text.to_owned(), secret),
                    text.replace(secret, "[redacted]"),
                    "{secret} in {text}"
                );
            }
        }
    }

    #[test]
    fn a_secret_is_taken_out_however_each_of_its_characters_is_written() {
        for secret in ["a/b+c", "x%2Fy", "top secret", "äöä", "==="] {
            let mut written = vec![String::new()];
            for byte in secret.bytes() {
                let mut spellings = vec![format!("%{byte:02X}"), format!("%{byte:02x}")];
                match byte {
                    b' ' => spellings.extend(["+".to_owned(), " ".to_owned()]),
                    // As it is, that begins the spelling of another.
                    b'%' => {}
                    0..=127 => spellings.push(char::from(byte).to_string()),
                    _ => {}
                }
                let longer = |start: &String| spellings.iter().map(|end| format!("{start}{end}")).collect::<Vec<_>>();
                written = written.iter().flat_map(longer).collect();
            }
            assert!(written.len() > 20, "{}", written.len());
            for spelled in written {
                let text = format!("the code {spelled}, 100%, and {spelled}{spelled}");
                let expected = "the code [redacted], 100%, and [redacted][redacted]";
                assert_eq!(without(text, secret), expected, "{secret} as {spelled}");
            }
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is_written() {
        for text in ["a%2fb%", "%zz%4", "100%25+1", "%C3%A4", "seCret", "se%63re"] {
            assert_eq!(without(text.to_owned(), "secret"), text);
        }
    }
}
