//! What stands between tokens.

use super::flaw::{Flaw, described};
use super::scanner::Scanner;

const RECORD_SEPARATOR: u8 = 0x1e;

impl Scanner<'_> {
    /// Reads the next byte that is no blank; `None` at the end of the document.
    pub(super) fn skip_blanks(&mut self) -> Result<Option<u8>, Flaw> {
        while let Some(byte) = self.take() {
            match byte {
                b' ' | b'\t' => {}
                b'\n' => self.start_row(),
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    self.start_row();
                }
                0..b' ' => return self.no_blank(byte),
                b'/' => {
                    return self.unexpected(
                        byte,
                        "maybe a (non-standard) comment? (not recognized as one since Feature \
                         'ALLOW_COMMENTS' not enabled for parser)",
                    );
                }
                _ => return Ok(Some(byte)),
            }
        }
        Ok(None)
    }

    /// The same where the document must not end.
    pub(super) fn something_after_blanks(&mut self) -> Result<u8, Flaw> {
        match self.skip_blanks()? {
            Some(byte) => Ok(byte),
            None => self.ended(&format!(" within/between {} entries", self.scope_name())),
        }
    }

    /// Reads the colon behind a name, and the first byte of the value.
    pub(super) fn skip_colon(&mut self) -> Result<u8, Flaw> {
        match self.something_after_blanks()? {
            b':' => self.something_after_blanks(),
            other => self.unexpected(
                other,
                "was expecting a colon to separate field name and value",
            ),
        }
    }

    pub(super) fn start_row(&mut self) {
        self.row += 1;
        self.row_start = self.at;
    }

    fn no_blank<T>(&self, byte: u8) -> Result<T, Flaw> {
        let mut message = format!(
            "Illegal character ({}): only regular white space (\\r, \\n, \\t) is allowed between \
             tokens",
            described(u32::from(byte))
        );
        if byte == RECORD_SEPARATOR {
            message.push_str(
                " (consider enabling `JsonReadFeature.ALLOW_RS_CONTROL_CHAR` to allow use of \
                 Record Separators (\\u001E))",
            );
        }
        Err(Flaw::syntax(message, self.here()))
    }
}
