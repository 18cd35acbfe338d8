//! Texts and names.

use super::flaw::{Flaw, described};
use super::scanner::Scanner;

const MAX_NAME: usize = 50_000;
/// Where the reference runs out of room for a name, and notices that it is too long.
const NAME_ROOM: usize = 65_536;
const IN_NAME: &str = " in field name";

impl Scanner<'_> {
    /// The text that is the current token.
    pub(super) fn text(&mut self) -> Result<String, Flaw> {
        self.is_text_open = false;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest
            .iter()
            .position(|it| matches!(it, ..b' ' | b'"' | b'\\'));
        if let Some(end) = end
            && rest.get(end) == Some(&b'"')
            && let Ok(text) = std::str::from_utf8(rest.get(..end).unwrap_or_default())
        {
            self.at += end + 1;
            return Ok(text.to_owned());
        }
        self.escaped_text()
    }

    /// Reads a text that nobody has asked for.
    pub(super) fn skip_text(&mut self) -> Result<(), Flaw> {
        if self.is_text_open {
            self.text()?;
        }
        Ok(())
    }

    fn escaped_text(&mut self) -> Result<String, Flaw> {
        // Halves of characters may be written one by one.
        let mut units = Vec::new();
        loop {
            let Some(byte) = self.take() else {
                return self.ended_in_token();
            };
            match byte {
                b'"' => return Ok(String::from_utf16_lossy(&units)),
                b'\\' => units.push(self.escape()?),
                ..b' ' => return self.unquoted(byte, "string value"),
                _ => {
                    let character = self.text_character(byte)?;
                    units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
                }
            }
        }
    }

    fn text_character(&mut self, first: u8) -> Result<char, Flaw> {
        if !matches!(first, 0xe0..=0xef) {
            return self.character(first);
        }
        let code = self.continued(u32::from(first & 0x0f), 2)?;
        char::from_u32(code).ok_or_else(|| {
            let message = format!("Invalid UTF-8: Illegal surrogate character 0x{code:x}");
            Flaw::syntax(message, self.here())
        })
    }

    /// What an escape behind its backslash stands for.
    fn escape(&mut self) -> Result<u16, Flaw> {
        const IN_ESCAPE: &str = " in character escape sequence";
        let Some(kind) = self.take() else {
            return self.ended(IN_ESCAPE);
        };
        let plain = match kind {
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'f' => 0x0c,
            b'r' => b'\r',
            b'"' | b'/' | b'\\' => kind,
            b'u' => {
                let mut unit = 0;
                for _ in 0..4 {
                    let Some(digit) = self.take() else {
                        return self.ended(IN_ESCAPE);
                    };
                    let Some(value) = char::from(digit).to_digit(16) else {
                        let comment = "expected a hex-digit for character escape sequence";
                        return self.unexpected(digit, comment);
                    };
                    unit = unit << 4 | value;
                }
                return Ok(u16::try_from(unit).unwrap_or_default());
            }
            other => {
                let character = u32::from(self.character(other)?);
                let message = format!("Unrecognized character escape {}", described(character));
                return Err(Flaw::syntax(message, self.last()));
            }
        };
        Ok(u16::from(plain))
    }

    /// A name, whose first byte has to be a quote.
    pub(super) fn field_name(&mut self, first: u8) -> Result<String, Flaw> {
        if first != b'"' {
            let character = u32::from(self.character(first)?);
            let comment = "was expecting double-quote to start field name";
            return self.unexpected_character(character, comment);
        }
        if self.peek().is_none() {
            return self.ended(": was expecting closing '\"' for name");
        }
        let mut name = Vec::new();
        loop {
            let Some(byte) = self.take() else {
                return self.ended(IN_NAME);
            };
            match byte {
                b'"' if name.len() > MAX_NAME => return long_name(name.len()),
                b'"' => return self.decoded_name(name),
                b'\\' => {
                    let character = self.escape_in_name()?;
                    name.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                ..b' ' => return self.unquoted(byte, "name"),
                _ => name.push(byte),
            }
            if name.len() > NAME_ROOM {
                return long_name(NAME_ROOM);
            }
        }
    }

    /// In names halves of characters have to be complete.
    fn escape_in_name(&mut self) -> Result<char, Flaw> {
        let unit = self.escape()?;
        let problem = match unit {
            0xd800..=0xdbff => match self.take() {
                None => return self.ended(IN_NAME),
                Some(b'\\') => {
                    let low = self.escape()?;
                    match char::decode_utf16([unit, low]).next() {
                        Some(Ok(character)) => return Ok(character),
                        _ => format!(
                            "Broken surrogate pair in field name: expected low surrogate, got \
                             0x{low:04X}"
                        ),
                    }
                }
                Some(other) => {
                    self.at -= 1;
                    format!(
                        "Broken surrogate pair in field name: expected '\\' to start low \
                         surrogate, got 0x{other:x}"
                    )
                }
            },
            _ => match char::from_u32(u32::from(unit)) {
                Some(character) => return Ok(character),
                None => format!("Unexpected low surrogate in field name: 0x{unit:x}"),
            },
        };
        Err(Flaw::syntax(problem, self.here()))
    }

    /// What is no UTF-8 is noticed at the end of a name.
    fn decoded_name(&self, name: Vec<u8>) -> Result<String, Flaw> {
        let error = match String::from_utf8(name) {
            Ok(name) => return Ok(name),
            Err(error) => error,
        };
        let (start, name) = (error.utf8_error().valid_up_to(), error.as_bytes());
        let rest = name.get(start..).unwrap_or_default();
        let length = match rest.first().copied().unwrap_or_default() {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            other => return self.no_start(other),
        };
        let Some(character) = rest.get(..length) else {
            return self.ended(IN_NAME);
        };
        let message = match character.iter().skip(1).position(|it| it & 0xc0 != 0x80) {
            Some(2) => format!("Invalid UTF-8 middle byte 0x{:x}", character[3]),
            Some(at) => format!(
                "Invalid UTF-8 middle byte 0x{:x}",
                packed(name, start + 1 + at)
            ),
            None => {
                let code = character
                    .iter()
                    .skip(1)
                    .fold(u32::from(character[0] & 0x0f), |code, byte| {
                        code << 6 | u32::from(byte & 0x3f)
                    });
                format!("Invalid UTF-8: Illegal surrogate character 0x{code:x}")
            }
        };
        Err(Flaw::syntax(message, self.here()))
    }

    fn unquoted<T>(&self, byte: u8, wherein: &str) -> Result<T, Flaw> {
        let message = format!(
            "Illegal unquoted character ({}): has to be escaped using backslash to be included in \
             {wherein}",
            described(u32::from(byte))
        );
        Err(Flaw::syntax(message, self.last()))
    }
}

/// A byte of a name as messages show it: the reference keeps names in fours of bytes with a sign,
/// and shows those before it as well.
fn packed(name: &[u8], at: usize) -> u32 {
    let four = name.get(at & !3..=at).unwrap_or_default();
    let signed = |it: &u8| i32::from(it.cast_signed());
    let (first, others) = four.split_first().unwrap_or((&0, &[]));
    let shift = |packed: i32, byte: &u8| packed << 8 | i32::from(*byte);
    others.iter().fold(signed(first), shift).cast_unsigned()
}

fn long_name<T>(length: usize) -> Result<T, Flaw> {
    Err(Flaw::limit(format!(
        "Name length ({length}) exceeds the maximum allowed ({MAX_NAME}, from \
         `StreamReadConstraints.getMaxNameLength()`)"
    )))
}
