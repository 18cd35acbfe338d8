//! Cuts a literal into tokens: delimiters, and the runs of text between them.

use std::ops::Range;

/// Where a reader of tokens stands.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

/// A reader of tokens that looks one token ahead.
pub(super) struct Tokens<'a> {
    text: &'a str,
    /// Where the token after the one looked at starts.
    next: usize,
    looked_at: Option<Range<usize>>,
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            next: 0,
            looked_at: None,
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(
            self.looked_at
                .as_ref()
                .map_or(self.next, |token| token.start),
        )
    }

    pub(super) fn rewind(&mut self, mark: Mark) {
        self.next = mark.0;
        self.looked_at = None;
    }

    /// The next byte that [`take`](Self::take) does not skip.
    pub(super) fn first_byte(&self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.mark().0..)?;
        rest.iter().copied().find(|byte| *byte > b' ')
    }

    pub(super) const fn has_next(&self) -> bool {
        self.looked_at.is_some() || self.next < self.text.len()
    }

    /// The next token; empty at the end.
    pub(super) fn next(&mut self) -> Range<usize> {
        match self.looked_at.take() {
            Some(token) => token,
            None => self.cut(),
        }
    }

    /// The text of the next tokens, if there are so many.
    pub(super) fn next_many(&mut self, count: usize) -> Option<&'a str> {
        let start = self.mark();
        for _ in 0..count {
            if !self.has_next() {
                self.rewind(start);
                return None;
            }
            self.next();
        }
        self.text.get(start.0..self.next)
    }

    /// Takes the next token if it is the expected one. White space around it does not count, and
    /// tokens of only white space before it are skipped even if it is another one.
    pub(super) fn take(&mut self, expected: &str) -> bool {
        let mut token = match self.looked_at.take() {
            Some(token) => token,
            None if self.next >= self.text.len() => return false,
            None => self.cut(),
        };
        let mut found = trim(self.slice(token.clone()));
        while found.is_empty() && self.next < self.text.len() {
            token = self.cut();
            found = trim(self.slice(token.clone()));
        }
        let matches = found == expected;
        if !matches {
            self.looked_at = Some(token);
        }
        matches
    }

    pub(super) fn slice(&self, token: Range<usize>) -> &'a str {
        self.text
            .get(token)
            .expect("tokens end at ASCII characters")
    }

    /// A delimiter counts unless an odd number of backslashes stands before it.
    fn cut(&mut self) -> Range<usize> {
        let start = self.next;
        let mut escaped = false;
        for (at, byte) in self.text.bytes().enumerate().skip(start) {
            match byte {
                b'\\' => escaped = !escaped,
                b':' | b',' | b'{' | b'}' | b'[' | b']' | b'"' if !escaped => {
                    self.next = if at > start { at } else { at + 1 };
                    return start..self.next;
                }
                _ => escaped = false,
            }
        }
        self.next = self.text.len();
        start..self.next
    }
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

        assert!(!reader.take("{"));
        assert!(reader.take("["));
        assert!(reader.take("1"));
        assert!(!reader.take("1"));
    }
}
