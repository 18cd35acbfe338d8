//! What is left of a message that is read from one end to the other.

use connect_core::data::Member;

use super::number::Number;
use crate::json::scan::plain_length;
use crate::json::syntax::is_space;

/// The bytes that were not read yet.
///
/// Every step takes what is left before it and gives what is left behind it. So the place where a
/// reader stands is in registers: in a field of the reader each step would wait for the one before
/// to reach memory.
#[derive(Clone, Copy)]
pub(super) struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn len(self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn after(self, count: usize) -> Option<Self> {
        self.0.get(count..).map(Self)
    }

    /// Without the white space in front.
    #[inline(always)]
    pub(super) fn trimmed(self) -> Self {
        match self.0 {
            [first, ..] if is_space(*first) => self.trimmed_further(),
            _ => self,
        }
    }

    #[cold]
    fn trimmed_further(self) -> Self {
        let spaces = self.0.iter().take_while(|it| is_space(**it)).count();
        Self(self.0.get(spaces..).unwrap_or_default())
    }

    /// The byte in front, white space or not.
    #[inline(always)]
    pub(super) fn first(self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Takes the next byte that is not white space, if it is this one.
    #[inline(always)]
    pub(super) fn take(self, expected: u8) -> Option<Self> {
        let rest = self.trimmed();
        (rest.first()? == expected).then(|| rest.after(1))?
    }

    /// Takes a text if it is the next one, byte for byte.
    #[inline(always)]
    pub(super) fn take_text(self, expected: &[u8]) -> Option<Self> {
        self.trimmed().0.strip_prefix(expected).map(Self)
    }

    /// Takes a number.
    #[inline(always)]
    pub(super) fn number(self) -> Option<(Number<'a>, Self)> {
        let rest = self.trimmed();
        let number = Number::read(rest.0)?;
        Some((number, rest.after(number.len())?))
    }

    /// Takes the bytes between quotes, if they stand for themselves.
    #[inline(always)]
    pub(super) fn quoted(self, max_length: usize) -> Option<(&'a [u8], Self)> {
        let inside = self.take(b'"')?;
        let length = plain_length(inside.0);
        let (text, behind) = inside.0.split_at_checked(length)?;
        let (quote, behind) = behind.split_first()?;
        (*quote == b'"' && length <= max_length).then_some((text, Self(behind)))
    }

    /// Takes the name of a member, which mostly looks as it is written by others with all that is
    /// around.
    #[inline(always)]
    pub(super) fn member(self, member: &Member) -> Option<Self> {
        if member.begins(self.0) {
            return self.after(member.len());
        }
        self.spaced_member(member.as_str())
    }

    #[cold]
    fn spaced_member(self, member: &str) -> Option<Self> {
        let (comma, name) = member.strip_suffix("\":")?.split_once('"')?;
        let rest = match comma {
            "" => self,
            _ => self.take(b',')?,
        };
        rest.name(name)
    }

    /// Takes the name of a member and its colon, if it is this one, which has nothing to escape.
    pub(super) fn name(self, expected: &str) -> Option<Self> {
        let name = self.take(b'"')?.0.strip_prefix(expected.as_bytes())?;
        Self(name.strip_prefix(b"\"")?).take(b':')
    }
}
