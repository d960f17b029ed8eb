//! What servers write for people, who may read it on a terminal.

/// The text in one line, less what a terminal obeys or does not show: control characters, marks of direction, characters of no
/// width, and tags.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' => {}
            c => plain.push(c),
        }
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_a_terminal_obeys_or_hides_is_left_out() {
        for (text, expected) in [
            ("Öffne die Seite — 打开 🙂", "Öffne die Seite — 打开 🙂"),
            ("one\r\n\ttwo\nthree", "one two three"),
            ("\u{1b}[2J\u{1b}]0;title\u{7}red", "[2J]0;titlered"),
            ("a\0b\u{8}c\u{7f}d\u{9b}e\u{85}f", "abcdef"),
            ("gro\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}up", "group"),
            ("\u{202e}moc.live\u{202c}\u{2066}\u{200f}\u{61c}", "moc.live"),
            ("hi\u{e0041}\u{e007f}\u{e0100}", "hi"),
            (" \u{a0}\u{3000}\u{200b} \n", ""),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}
