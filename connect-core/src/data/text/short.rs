//! Short texts that are cut from longer ones.

use std::ops::Range;

use super::HIGH_BITS;

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

    /// Becomes a part of any text. Words that mostly overlap take less time than the call that copies any
    /// number of bytes.
    pub(super) fn copy_any(&mut self, part: AnyShortPart<'_>) {
        self.len = part.len;
        let (len, part) = (usize::from(part.len), part.bytes);
        let bytes = &mut self.bytes[..len];
        if let (Some(first), Some(last)) = (part.first_chunk::<8>(), part.last_chunk::<8>()) {
            bytes[..8].copy_from_slice(first);
            if let Some(middle) = part.get(8..16) {
                bytes[8..16].copy_from_slice(middle);
            }
            bytes[len - 8..].copy_from_slice(last);
        } else if let (Some(first), Some(last)) = (part.first_chunk::<4>(), part.last_chunk::<4>())
        {
            bytes[..4].copy_from_slice(first);
            bytes[len - 4..].copy_from_slice(last);
        } else {
            for (to, from) in bytes.iter_mut().zip(part) {
                *to = *from;
            }
        }
    }
}

/// A short part of a text, all ASCII, wherever it is.
#[derive(Clone, Copy)]
pub(in crate::data) struct AnyShortPart<'a> {
    len: u8,
    bytes: &'a [u8],
}

impl<'a> AnyShortPart<'a> {
    /// None if the part is not short, or not ASCII.
    pub(in crate::data) fn of(bytes: &'a [u8]) -> Option<Self> {
        let len = u8::try_from(bytes.len()).ok()?;
        (usize::from(len) <= COPIED && bytes.is_ascii()).then_some(Self { len, bytes })
    }
}

/// A short part of a text that goes on behind it.
#[derive(Clone, Copy)]
pub(in crate::data) struct ShortPart<'a> {
    len: u8,
    bytes: &'a [u8; COPIED],
}

impl<'a> ShortPart<'a> {
    /// A part, by byte offsets; none if it is not short, if the text ends too soon behind it, or if not
    /// all that would be copied is ASCII.
    #[inline(always)]
    pub(in crate::data) fn of(text: &'a [u8], range: &Range<usize>) -> Option<Self> {
        let len = range.end.checked_sub(range.start)?;
        let (_, rest) = text.split_at_checked(range.start)?;
        let bytes: &[u8; COPIED] = rest.first_chunk()?;
        let len = u8::try_from(len).ok()?;
        (usize::from(len) <= COPIED && is_ascii(bytes)).then_some(Self { len, bytes })
    }
}

/// Three words, of which two overlap, hold all bytes.
#[inline(always)]
fn is_ascii(bytes: &[u8; COPIED]) -> bool {
    let word = |at: usize| {
        bytes[at..]
            .first_chunk()
            .map_or(0, |it| u64::from_ne_bytes(*it))
    };
    (word(0) | word(8) | word(COPIED - 8)) & HIGH_BITS == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Value;

    #[test]
    fn short_parts_of_ascii_are_copied() {
        let text =
            "short, and many more bytes than are kept in place, then é, and more than that again";
        let bytes = text.as_bytes();

        for (start, end) in
            (0..=text.len()).flat_map(|start| (0..=text.len() + 1).map(move |end| (start, end)))
        {
            let part = bytes.get(start..end).filter(|it| it.len() <= COPIED);
            let expected = part.and_then(|it| str::from_utf8(it).ok().filter(|it| it.is_ascii()));
            let mut value = Value::Null;

            let is_copied = value.copy_short_part(bytes, &(start..end));

            assert_eq!(is_copied, expected.is_some(), "{start}..{end}");
            assert_eq!(value, expected.into());
            assert_eq!(value.as_str(), expected);
            assert!(!value.owns_memory());
        }
    }

    #[test]
    fn short_parts_are_texts_like_others() {
        let mut value = Value::from("anything");
        value.copy_short_part(b"\"short\" and many more bytes", &(1..6));
        let text = value.as_text().unwrap();

        assert_eq!((text.len(), text.as_str()), (5, "short"));
        assert_eq!(text.slice(1..3), "ho");
        assert_eq!(text.clone(), "short");
        assert!(std::panic::catch_unwind(|| text.slice(..6)).is_err());
    }
}
