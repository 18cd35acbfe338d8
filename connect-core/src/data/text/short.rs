//! Short texts that are cut from longer ones.

use std::ops::Range;

/// Bytes that are copied, whatever the length of the text is. Two moves copy as many straight to where
/// they stay; any number of bytes takes a call. With the length they leave room to tell a text that is
/// such a one from others.
const COPIED: usize = 22;

/// A short text: the first of the bytes that were copied. The others mean nothing.
#[derive(Clone)]
pub(super) struct Short {
    len: u8,
    bytes: [u8; COPIED],
}

impl Short {
    /// No text; room for one.
    pub(super) const EMPTY: Self = Self {
        len: 0,
        bytes: [0; COPIED],
    };

    /// The bytes of the text.
    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len()).unwrap_or_default()
    }

    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    /// Becomes a part of a text.
    #[inline(always)]
    pub(super) const fn copy(&mut self, part: ShortPart<'_>) {
        (self.len, self.bytes) = (part.len, *part.bytes);
    }
}

/// A short part of a text that goes on behind it.
#[derive(Clone, Copy)]
pub(in crate::data) struct ShortPart<'a> {
    len: u8,
    bytes: &'a [u8; COPIED],
}

impl<'a> ShortPart<'a> {
    /// A part, by byte offsets; none if it cuts a character, is not short, or if the text ends too soon
    /// behind it.
    #[inline(always)]
    pub(in crate::data) fn of(text: &'a str, range: &Range<usize>) -> Option<Self> {
        let is_part = text.is_char_boundary(range.start) && text.is_char_boundary(range.end);
        let len = range.end.checked_sub(range.start)?;
        let (_, rest) = text.as_bytes().split_at_checked(range.start)?;
        let bytes = rest.first_chunk()?;
        let len = u8::try_from(len).ok()?;
        (is_part && usize::from(len) <= COPIED).then_some(Self { len, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    #[test]
    fn short_parts_are_copied_where_enough_follows() {
        let text = "short, é☃ and many more bytes than are kept in place";

        for (start, end) in
            (0..=text.len()).flat_map(|start| (0..=text.len() + 1).map(move |end| (start, end)))
        {
            let part = text.get(start..end).filter(|it| it.len() <= COPIED);
            let expected = part.filter(|_| start + COPIED <= text.len());
            let mut value = Value::Null;

            let is_copied = value.copy_short_part(text, &(start..end));

            assert_eq!(is_copied, expected.is_some(), "{start}..{end}");
            assert_eq!(value, expected.into());
            assert_eq!(value.as_str(), expected);
            assert!(!value.owns_memory());
        }
    }

    #[test]
    fn short_parts_are_texts_like_others() {
        let mut value = Value::from("anything");
        value.copy_short_part("\"aé☃\" and many more bytes", &(1..7));
        let text = value.as_text().unwrap();

        assert_eq!((text.len(), text.as_str()), (6, "aé☃"));
        assert_eq!(text.slice(1..3), "é");
        assert_eq!(text.clone(), "aé☃");
        assert!(std::panic::catch_unwind(|| text.slice(..2)).is_err());
    }
}
