//! Cuts a literal into tokens: delimiters, and the runs of text between them.

use std::ops::Range;

/// Where a reader of tokens stands.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

/// A reader of tokens.
pub(super) struct Tokens<'a> {
    text: &'a str,
    /// Where the next token starts.
    next: usize,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, next: 0 }
    }

    pub(super) const fn mark(&self) -> Mark {
        Mark(self.next)
    }

    pub(super) const fn rewind(&mut self, mark: Mark) {
        self.next = mark.0;
    }

    pub(super) const fn has_next(&self) -> bool {
        self.next < self.text.len()
    }

    /// The bytes from the next token on.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.next..]
    }

    /// The first byte from here on that is not white space.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().iter().copied().find(|byte| *byte > b' ')
    }

    /// The next token; empty at the end. A delimiter counts unless an odd number of backslashes
    /// stands before it.
    pub(super) fn next(&mut self) -> Range<usize> {
        let start = self.next;
        let mut escaped = false;
        for (at, byte) in (start..).zip(self.rest()) {
            match byte {
                b'\\' => escaped = !escaped,
                delimiter if is_delimiter(*delimiter) && !escaped => {
                    self.next = if at > start { at } else { at + 1 };
                    return start..self.next;
                }
                _ => escaped = false,
            }
        }
        self.next = self.text.len();
        start..self.next
    }

    /// The text of the next tokens, if there are so many.
    pub(super) fn next_many(&mut self, count: usize) -> Option<&'a str> {
        let start = self.next;
        for _ in 0..count {
            if !self.has_next() {
                self.next = start;
                return None;
            }
            self.next();
        }
        self.text.get(start..self.next)
    }

    /// Takes the next token if it is the expected delimiter. White space before a delimiter does
    /// not count and is skipped, even if it is another one.
    pub(super) fn take(&mut self, expected: u8) -> bool {
        let mut bytes = (self.next..).zip(self.rest());
        match bytes.find(|(_, byte)| **byte > b' ') {
            Some((at, byte)) if is_delimiter(*byte) => {
                let found = *byte == expected;
                self.next = at + usize::from(found);
                found
            }
            _ => false,
        }
    }

    /// The next token that is not white space, without white space around it.
    pub(super) fn next_word(&mut self) -> &'a str {
        let mut word = "";
        while word.is_empty() && self.has_next() {
            let token = self.next();
            word = trim(self.slice(token));
        }
        word
    }

    pub(super) fn slice(&self, token: Range<usize>) -> &'a str {
        self.text
            .get(token)
            .expect("tokens end at ASCII characters")
    }
}

pub(super) const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b':' | b',' | b'{' | b'}' | b'[' | b']' | b'"')
}

/// Removes control characters and spaces at both ends; other white space stays.
pub(super) fn trim(text: &str) -> &str {
    let is_kept = |byte: &u8| *byte > b' ';
    let bytes = text.as_bytes();
    let start = bytes.iter().position(is_kept).unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(is_kept)
        .map_or(start, |last| last + 1);
    text.get(start..end).expect("ASCII characters are cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, tokens: &[&str]) {
        let mut reader = Tokens::new(text);
        let mut found = Vec::new();
        while reader.has_next() {
            let token = reader.next();
            found.push(reader.slice(token));
        }
        assert_eq!(found, tokens);
    }

    #[test]
    fn delimiters_are_tokens_unless_escaped() {
        check("a:b", &["a", ":", "b"]);
        check(r"a\:b", &[r"a\:b"]);
        check(r"a\\:b", &[r"a\\", ":", "b"]);
        check("[é,☃]", &["[", "é", ",", "☃", "]"]);
    }

    #[test]
    fn a_token_not_taken_stays() {
        let mut reader = Tokens::new("  [ 1 ");

        assert!(!reader.take(b'{'));
        assert!(reader.take(b'['));
        assert!(!reader.take(b']'));
        assert_eq!(reader.peek(), Some(b'1'));
        assert_eq!(reader.next_word(), "1");
        assert_eq!(reader.peek(), None);
        assert_eq!(reader.next_word(), "");
    }
}
