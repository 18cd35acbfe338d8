//! UTF-8 text: short ones in place, parts of a fetched batch shared with it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range, RangeBounds};
use std::str::Utf8Error;

use smol_str::SmolStr;

use super::Blob;
use super::blob::resolve;

mod short;

use short::Short;
pub(super) use short::{AnyShortPart, ShortPart};

/// The bit of each byte that no ASCII character has.
const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

/// UTF-8 text, validated when it is made; cloning it never copies more than a few bytes.
///
/// A short text is kept in place, one that was made here in an allocation of its own, and a part of
/// a [`Blob`] shares the buffer. A view of a part as `str` checks the bytes again, which is
/// linear but fast; code that only moves text should use [`as_bytes`](Self::as_bytes),
/// [`len`](Self::len) and comparisons, which do not.
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Own(SmolStr),
    Part(Blob),
    Short(Short),
}

/// Bytes that are no text, and where they stop being one.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{error}")]
pub struct NotUtf8 {
    blob: Blob,
    error: Utf8Error,
}

impl NotUtf8 {
    /// The bytes as they were.
    #[must_use]
    pub fn into_blob(self) -> Blob {
        self.blob
    }
}

// A value is larger by one word.
const _: () = assert!(size_of::<Text>() == 24);

impl Text {
    /// Texts of at most so many bytes are kept in place.
    pub const SHORT: usize = 23;

    /// The empty text; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self::from_static("")
    }

    /// Text that lives as long as the program.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Repr::Own(SmolStr::new_static(text)))
    }

    /// Room for a short part.
    pub(super) const SHORT_PART: Self = Self(Repr::Short(Short::EMPTY));

    /// Becomes a short part, if there is room for one.
    #[inline(always)]
    pub(super) const fn copy_short(&mut self, part: ShortPart<'_>) {
        if let Repr::Short(short) = &mut self.0 {
            short.copy(part);
        }
    }

    /// Room for a part that shares a buffer.
    pub(super) const SHARED_PART: Self = Self(Repr::Part(Blob::new()));

    /// Becomes a text that shares a part of bytes, which has to be UTF-8, if there is room for one.
    #[inline(always)]
    pub(super) fn share(&mut self, bytes: &Blob, range: &Range<usize>) {
        if let Repr::Part(blob) = &mut self.0 {
            blob.become_part(bytes, range);
        }
    }

    /// Becomes any short part, if there is room for one.
    pub(super) fn copy_any_short(&mut self, part: AnyShortPart<'_>) {
        if let Repr::Short(short) = &mut self.0 {
            short.copy_any(part);
        }
    }

    pub(super) const fn own(text: SmolStr) -> Self {
        Self(Repr::Own(text))
    }

    /// Takes the bytes as text, without copying more than a few.
    ///
    /// # Errors
    ///
    /// When the bytes are not UTF-8; they are in the error.
    #[inline]
    pub fn from_blob(blob: Blob) -> Result<Self, NotUtf8> {
        if Self::would_share(&blob) {
            return Ok(Self(Repr::Part(blob)));
        }
        match std::str::from_utf8(&blob) {
            Ok(text) => Ok(text.into()),
            Err(error) => Err(NotUtf8 { blob, error }),
        }
    }

    /// Whether bytes become a text that shares them.
    #[inline]
    pub(super) fn would_share(bytes: &Blob) -> bool {
        bytes.len() > Self::SHORT && is_text(bytes)
    }

    /// Takes the bytes as text; each maximal ill-formed part becomes U+FFFD, and so does a surrogate
    /// that was written like a character. Copies only when there is such a part, or few bytes.
    #[must_use]
    #[inline]
    pub fn from_blob_lossy(blob: Blob) -> Self {
        Self::from_blob(blob).unwrap_or_else(|it| repaired(&it.blob).into())
    }

    /// The text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Own(text) => text,
            Repr::Part(_) | Repr::Short(_) => simdutf8::basic::from_utf8(self.as_bytes())
                .unwrap_or_else(|_| unreachable!("text is validated when it is made")),
        }
    }

    /// The UTF-8 bytes.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Own(text) => text.as_bytes(),
            Repr::Part(blob) => blob,
            Repr::Short(text) => text.as_bytes(),
        }
    }

    /// Number of UTF-8 bytes.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Own(text) => text.len(),
            Repr::Part(blob) => blob.len(),
            Repr::Short(text) => text.len(),
        }
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is anything to give back when the text is dropped.
    #[inline]
    pub(super) fn owns_memory(&self) -> bool {
        match &self.0 {
            Repr::Own(text) => text.is_heap_allocated(),
            Repr::Part(_) => true,
            Repr::Short(_) => false,
        }
    }

    /// A part of this text, by byte offsets. A long one shares the buffer of a [`Blob`].
    ///
    /// # Panics
    ///
    /// When the range lies outside or cuts a character.
    #[must_use]
    #[inline]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        let range = resolve(&range, self.len());
        match self.buffer_for(&range) {
            Some(bytes) => Self(Repr::Part(bytes.slice(range))),
            None => self.copied(range),
        }
    }

    /// The bytes that a part of this text would share; `None` if it would not, because the text has no
    /// buffer or the part is short.
    #[inline]
    pub(super) fn buffer_for(&self, range: &Range<usize>) -> Option<&Blob> {
        let Repr::Part(blob) = &self.0 else {
            return None;
        };
        if range.len() <= Self::SHORT {
            return None;
        }
        // The rest of it was looked at when the whole became a text.
        let bytes = blob.as_slice();
        let cuts = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        assert!(
            !cuts(range.start) && !cuts(range.end),
            "a part cuts no character"
        );
        Some(blob)
    }

    /// A part that does not share a buffer.
    pub(super) fn copied(&self, range: Range<usize>) -> Self {
        let part = self.as_bytes().get(range);
        let part = part.and_then(|it| std::str::from_utf8(it).ok());
        part.expect("a part lies inside and cuts no character")
            .into()
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // Compares texts that are in place without a look at their length.
            (Repr::Own(one), Repr::Own(other)) => one == other,
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Repr::Own(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Own(text.into()))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self(Repr::Own(text.into()))
    }
}

impl From<char> for Text {
    fn from(text: char) -> Self {
        Self(Repr::Own(text.encode_utf8(&mut [0; 4]).into()))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Whether bytes are UTF-8. Most text is ASCII, which is told in a third of the time when it is short.
#[inline]
fn is_text(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let high = words
        .iter()
        .fold(0, |high, it| high | u64::from_ne_bytes(*it));
    let high_of_rest = rest.iter().fold(0, |high, it| high | it);
    let is_ascii = high & HIGH_BITS == 0 && high_of_rest.is_ascii();
    is_ascii || simdutf8::basic::from_utf8(bytes).is_ok()
}

/// The text of bytes, where what is ill-formed is replaced as Java does.
fn repaired(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let error = match std::str::from_utf8(rest) {
            Ok(good) => return text + good,
            Err(error) => error,
        };
        let (good, bad) = rest.split_at(error.valid_up_to());
        text.push_str(std::str::from_utf8(good).unwrap_or_default());
        text.push(char::REPLACEMENT_CHARACTER);
        let length = match bad {
            [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => 3,
            [0xED, 0xA0..=0xBF, ..] => 2,
            _ => error.error_len().unwrap_or(bad.len()),
        };
        rest = bad.get(length..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert!(Text::from_blob(Blob::from(b"\xff")).is_err());
    }

    #[test]
    fn a_bad_byte_is_found_wherever_it_is() {
        for (len, at) in (24..150).flat_map(|len| (0..len).map(move |at| (len, at))) {
            for (byte, is_text) in [(b'a', true), (0x7F, true), (0x80, false), (0xFF, false)] {
                let mut bytes = vec![b'x'; len];
                bytes[at] = byte;
                assert_eq!(
                    Text::from_blob(bytes.into()).is_ok(),
                    is_text,
                    "{byte} at {at} of {len}"
                );
            }
        }
    }

    #[test]
    fn lossy_text_shares_good_bytes_and_repairs_bad_ones() {
        let good = Blob::from(b"more bytes than are kept in place");
        let start = good.as_ptr();

        assert_eq!(Text::from_blob_lossy(good).as_bytes().as_ptr(), start);
        for (bytes, text) in [
            (&b"\xffa"[..], "\u{FFFD}a"),
            (b"\xe2\x82A", "\u{FFFD}A"),
            (b"\xf4\x90", "\u{FFFD}\u{FFFD}"),
            (b"\xed\xa8\xa4", "\u{FFFD}"),
            (b"\xed\xa0\xc3\xa4", "\u{FFFD}\u{e4}"),
            (b"\xf0\x9f\x98", "\u{FFFD}"),
        ] {
            assert_eq!(Text::from_blob_lossy(Blob::copy_from_slice(bytes)), text);
        }
    }

    #[test]
    fn long_parts_of_a_blob_share_it() {
        let blob = Blob::from(b"[\"more bytes than are kept in place\"]");
        let start = blob[2..].as_ptr();

        let text = Text::from_blob(blob).unwrap();

        assert_eq!(text.slice(2..35).as_bytes().as_ptr(), start);
        assert_eq!(text.slice(2..6), "more");
    }

    #[test]
    fn texts_are_equal_wherever_they_are_kept() {
        let words = "more bytes than are kept in place";
        let part = Text::from_blob(Blob::from(words.as_bytes())).unwrap();
        let hash = |text: &Text| foldhash::fast::FixedState::default().hash_one(text);

        assert_eq!(part, Text::from(words));
        assert_eq!(Text::from_static("more"), part.slice(..4));
        assert_eq!(hash(&part), hash(&words.into()));
    }

    #[test]
    fn slices_respect_characters() {
        for text in ["aé☃", "aé☃ and more bytes than are kept in place"] {
            let text = Text::from_blob(Blob::from(text.as_bytes())).unwrap();

            assert_eq!(text.slice(1..3), "é");
            assert_eq!(text.slice(3..6), "☃");
            assert!(std::panic::catch_unwind(|| text.slice(..2)).is_err());
            assert!(std::panic::catch_unwind(|| text.slice(2..)).is_err());
        }
        let text = Text::from_blob(Blob::from("more bytes than are kept in place é".as_bytes()));
        let text = text.unwrap();
        assert_eq!(text.slice(5..).len(), 31);
        assert!(std::panic::catch_unwind(|| text.slice(..text.len() - 1)).is_err());
    }
}
