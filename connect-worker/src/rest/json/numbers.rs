//! Numbers, which stay what was written.

use super::flaw::{Flaw, described};
use super::scanner::{Scanner, Token};

const MAX_LENGTH: usize = 1000;
const NO_PLUS: &str = "JSON spec does not allow numbers to have plus signs: enable \
                       `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow";
const NO_DIGIT: &str = "expected digit (0-9) to follow minus sign, for valid numeric value";

impl Scanner<'_> {
    /// A number behind its first digit.
    pub(super) fn unsigned_number(&mut self, first: u8) -> Result<Token, Flaw> {
        self.number_from(self.at - 1, first)
    }

    /// A number behind its minus.
    pub(super) fn signed_number(&mut self) -> Result<Token, Flaw> {
        let start = self.at - 1;
        match self.take() {
            None => self.ended_in_token(),
            Some(first @ b'0'..=b'9') => self.number_from(start, first),
            Some(b'.') => self.no_value(b'.'),
            Some(other) => self.no_number(other, '-'),
        }
    }

    /// What follows a plus, which no number has.
    pub(super) fn number_with_plus(&mut self) -> Result<Token, Flaw> {
        match self.take() {
            None => self.ended(" in a Number value"),
            Some(other) => self.no_number(other, '+'),
        }
    }

    fn number_from(&mut self, start: usize, first: u8) -> Result<Token, Flaw> {
        if first == b'0' && self.peek().is_some_and(|it| it.is_ascii_digit()) {
            let message = "Invalid numeric value: Leading zeroes not allowed";
            return Err(Flaw::syntax(message, self.here()));
        }
        self.skip_digits();
        let has_fraction = self.fraction()?;
        let has_exponent = self.exponent()?;
        self.number = start..self.at;
        let length = self.number.len();
        if length > MAX_LENGTH {
            return Err(Flaw::limit(format!(
                "Number value length ({length}) exceeds the maximum allowed ({MAX_LENGTH}, from \
                 `StreamReadConstraints.getMaxNumberLength()`)"
            )));
        }
        self.check_end_of_root()?;
        Ok(match has_fraction || has_exponent {
            true => Token::Float,
            false => Token::Integer,
        })
    }

    fn skip_digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|it| it.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn fraction(&mut self) -> Result<bool, Flaw> {
        if self.peek() != Some(b'.') {
            return Ok(false);
        }
        self.at += 1;
        if self.skip_digits() > 0 {
            return Ok(true);
        }
        let behind = self.take().unwrap_or(b'.');
        self.unexpected_in_number(behind, "Decimal point not followed by a digit")
    }

    fn exponent(&mut self) -> Result<bool, Flaw> {
        if !matches!(self.peek(), Some(b'e' | b'E')) {
            return Ok(false);
        }
        self.at += 1;
        if matches!(self.peek(), Some(b'+' | b'-')) {
            self.at += 1;
        }
        if self.skip_digits() > 0 {
            return Ok(true);
        }
        match self.take() {
            None => self.ended_in_token(),
            Some(behind) => {
                self.unexpected_in_number(behind, "Exponent indicator not followed by a digit")
            }
        }
    }

    /// Behind a number that is the whole document there has to be a blank.
    fn check_end_of_root(&mut self) -> Result<(), Flaw> {
        match self.peek() {
            Some(byte) if self.is_in_root() && !b" \t\r\n".contains(&byte) => {
                self.at += 1;
                self.unexpected(byte, "Expected space separating root-level values")
            }
            _ => Ok(()),
        }
    }

    /// What follows a sign is no digit: an infinity perhaps, which is no JSON.
    fn no_number<T>(&mut self, mut behind: u8, sign: char) -> Result<T, Flaw> {
        if behind == b'I' {
            let Some(next) = self.take() else {
                return self.ended(" in a Number value");
            };
            behind = next;
            let rest = match next {
                b'N' => Some("INF"),
                b'n' => Some("Infinity"),
                _ => None,
            };
            if let Some(rest) = rest {
                let infinity = format!("{sign}{rest}");
                self.expect(&infinity, 3)?;
                return self.non_standard(&infinity);
            }
        }
        match sign {
            '+' => self.unexpected_in_number(b'+', NO_PLUS),
            _ => self.unexpected_in_number(behind, NO_DIGIT),
        }
    }

    fn unexpected_in_number<T>(&self, byte: u8, comment: &str) -> Result<T, Flaw> {
        let shown = described(u32::from(byte));
        let message = format!("Unexpected character ({shown}) in numeric value: {comment}");
        Err(Flaw::syntax(message, self.last()))
    }
}
