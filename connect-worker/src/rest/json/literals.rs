//! Words, and what is taken for one.

use super::flaw::Flaw;
use super::scanner::{Scanner, Token};

const TOKENS: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
/// Longest part of a word that is shown.
const SHOWN: usize = 256;

impl Scanner<'_> {
    /// A word behind its first byte, or nothing that can be a value.
    pub(super) fn literal(&mut self, first: u8) -> Result<Token, Flaw> {
        match first {
            b't' => self.expect("true", 1).map(|()| Token::True),
            b'f' => self.expect("false", 1).map(|()| Token::False),
            b'n' => self.expect("null", 1).map(|()| Token::Null),
            b'+' => self.number_with_plus(),
            b',' | b'}' => self.unexpected(first, "expected a value"),
            b']' if self.is_in_array() => self.unexpected(first, "expected a value"),
            b'N' => {
                self.expect("NaN", 1)?;
                self.non_standard("NaN")
            }
            b'I' => {
                self.expect("Infinity", 1)?;
                self.non_standard("Infinity")
            }
            _ if is_start_of_word(char::from(first)) => self.no_word(char::from(first).into()),
            _ => self.no_value(first),
        }
    }

    /// Reads the rest of a word of which so much is there.
    pub(super) fn expect(&mut self, word: &str, read: usize) -> Result<(), Flaw> {
        let (mut matched, rest) = word.split_at(read);
        for byte in rest.bytes() {
            if self.peek() != Some(byte) {
                return self.no_word(matched.to_owned());
            }
            self.at += 1;
            matched = word.get(..=matched.len()).unwrap_or(word);
        }
        match self.peek() {
            Some(behind @ b'0'..) if !b"]}".contains(&behind) => self.check_end(word, behind),
            _ => Ok(()),
        }
    }

    /// Refuses what goes on where a word ends. Of what is beyond ASCII the reference reads the first
    /// byte twice here, and refuses it.
    fn check_end(&mut self, word: &str, behind: u8) -> Result<(), Flaw> {
        match is_part_of_word(self.character(behind)?) {
            true => self.no_word(word.to_owned()),
            false => Ok(()),
        }
    }

    /// A word of JavaScript, which is none of JSON.
    pub(super) fn non_standard<T>(&self, word: &str) -> Result<T, Flaw> {
        let message = format!(
            "Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to \
             allow"
        );
        Err(Flaw::syntax(message, self.here()))
    }

    pub(super) fn no_value<T>(&self, first: u8) -> Result<T, Flaw> {
        self.unexpected(first, &format!("expected a valid value {TOKENS}"))
    }

    /// Reads on to the end of an unknown word, of which this part is there.
    fn no_word<T>(&mut self, read: String) -> Result<T, Flaw> {
        let mut place = self.here();
        place.column -= read.chars().count();
        let mut word = read;
        while let Some(byte) = self.take() {
            let character = self.character(byte)?;
            if !is_part_of_word(character) {
                break;
            }
            word.push(character);
            if word.chars().count() >= SHOWN {
                word.push_str("...");
                break;
            }
        }
        let message = format!("Unrecognized token '{word}': was expecting {TOKENS}");
        Err(Flaw::syntax(message, place))
    }

    /// The character that begins with this byte, read as leniently as for a message.
    pub(super) fn character(&mut self, first: u8) -> Result<char, Flaw> {
        let code = match first {
            ..0x80 => return Ok(char::from(first)),
            0xc0..=0xdf => self.continued(u32::from(first & 0x1f), 1)?,
            0xe0..=0xef => self.continued(u32::from(first & 0x0f), 2)?,
            0xf0..=0xf7 => self.continued(u32::from(first & 0x07), 3)?,
            _ => return self.no_start(first),
        };
        Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Reads the other bytes of a character.
    pub(super) fn continued(&mut self, first: u32, count: usize) -> Result<u32, Flaw> {
        let mut code = first;
        for _ in 0..count {
            let Some(byte) = self.take() else {
                return self.ended_in_token();
            };
            if byte & 0xc0 != 0x80 {
                let message = format!("Invalid UTF-8 middle byte 0x{byte:x}");
                return Err(Flaw::syntax(message, self.here()));
            }
            code = code << 6 | u32::from(byte & 0x3f);
        }
        Ok(code)
    }

    pub(super) fn no_start<T>(&self, byte: u8) -> Result<T, Flaw> {
        let message = format!("Invalid UTF-8 start byte 0x{byte:x}");
        Err(Flaw::syntax(message, self.here()))
    }
}

/// What the names of a program may begin with.
fn is_start_of_word(it: char) -> bool {
    it.is_alphabetic() || "_$\u{a2}\u{a3}\u{a4}\u{a5}".contains(it)
}

/// What they may consist of, where control characters count as well.
fn is_part_of_word(it: char) -> bool {
    is_start_of_word(it)
        || it.is_numeric()
        || matches!(it, '\0'..='\u{8}' | '\u{e}'..='\u{1b}' | '\u{7f}'..='\u{9f}' | '\u{ad}')
}
