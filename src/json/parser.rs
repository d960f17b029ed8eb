//! Reads JSON.

use crate::json::{Json, Object};
use crate::prelude::*;

/// Deeper nesting than this is refused, as parsing it would exhaust the stack.
const DEEPEST: u32 = 100;

/// What is left of a text.
pub(super) struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// The one value that the text is.
    pub(super) fn whole(mut self) -> Option<Json> {
        let value = self.value(0)?;
        self.skip_space();
        self.rest.is_empty().then_some(value)
    }

    fn skip_space(&mut self) {
        self.skip_until(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'));
    }

    /// Takes what comes before the first byte that `is` the end.
    fn skip_until(&mut self, is: fn(u8) -> bool) -> &'a str {
        let (taken, rest) = split_before(self.rest, is);
        self.rest = rest;
        taken
    }

    /// Takes `token`, if the rest begins with it.
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        let depth = depth.saturating_add(1);
        self.skip_space();
        match self.rest.as_bytes().first()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Json::String),
            b't' => self.eat("true").then_some(Json::Bool(true)),
            b'f' => self.eat("false").then_some(Json::Bool(false)),
            b'n' => self.eat("null").then_some(Json::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: u32) -> Option<Json> {
        let mut members = Vec::new();
        while self.goes_on("}", members.is_empty())? {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            if !self.eat(":") {
                return None;
            }
            members.push((name, self.value(depth)?));
        }
        Some(Json::Object(Object(members)))
    }

    fn array(&mut self, depth: u32) -> Option<Json> {
        let mut items = Vec::new();
        while self.goes_on("]", items.is_empty())? {
            items.push(self.value(depth)?);
        }
        Some(Json::Array(items))
    }

    /// Whether a list goes on: takes its `end`, or what is before its next item.
    fn goes_on(&mut self, end: &str, begins: bool) -> Option<bool> {
        if begins {
            self.next();
        }
        self.skip_space();
        if self.eat(end) {
            return Some(false);
        }
        (begins || self.eat(",")).then_some(true)
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    fn number(&mut self) -> Option<Json> {
        let start = self.rest;
        self.eat("-");
        if !(self.eat("0") || self.digits()) {
            return None;
        }
        if self.eat(".") && !self.digits() {
            return None;
        }
        if self.eat("e") || self.eat("E") {
            let _ = self.eat("+") || self.eat("-");
            if !self.digits() {
                return None;
            }
        }
        let length = start.len().checked_sub(self.rest.len())?;
        Some(Json::Number(start.get(..length)?.to_owned()))
    }

    /// Takes digits, and says whether there was any.
    fn digits(&mut self) -> bool {
        !self.skip_until(|byte| !byte.is_ascii_digit()).is_empty()
    }

    fn string(&mut self) -> Option<String> {
        if !self.eat("\"") {
            return None;
        }
        let mut text = String::new();
        loop {
            // What needs no second look is taken whole.
            let plain = self.skip_until(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            text.push_str(plain);
            match self.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.next()? {
            c @ ('"' | '\\' | '/') => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(),
            _ => return None,
        })
    }

    /// Four hexadecimal digits, or two such escapes that are a surrogate pair. A lone surrogate is no character.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        if !self.eat("\\u") {
            return None;
        }
        let second = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        let high = first.checked_sub(0xd800)?;
        char::from_u32((high << 10 | second).checked_add(0x1_0000)?)
    }

    fn hex(&mut self) -> Option<u32> {
        let mut value = 0;
        for _ in 0..4 {
            value = value << 4 | self.next()?.to_digit(16)?;
        }
        Some(value)
    }
}
