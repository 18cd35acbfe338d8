//! UTF-8 text that shares its buffer.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, RangeBounds};
use std::str::Utf8Error;

use super::Blob;

/// UTF-8 text in a [`Blob`], validated when it is made; cloning it counts a reference.
///
/// Every view as `str` checks the bytes again, which is linear but fast; code that only moves text
/// should use [`as_bytes`](Self::as_bytes), [`len`](Self::len) and comparisons, which do not.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Blob);

impl Text {
    /// The empty text; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(Blob::new())
    }

    /// Text that lives as long as the program.
    #[must_use]
    pub fn from_static(text: &'static str) -> Self {
        Self(Blob::from_static(text.as_bytes()))
    }

    /// Takes the bytes as text, without copying.
    ///
    /// # Errors
    ///
    /// When the bytes are not UTF-8.
    pub fn from_blob(blob: Blob) -> Result<Self, Utf8Error> {
        std::str::from_utf8(&blob)?;
        Ok(Self(blob))
    }

    /// Takes the bytes as text; each maximal ill-formed part becomes U+FFFD.
    /// Copies only when there is such a part.
    #[must_use]
    pub fn from_blob_lossy(blob: Blob) -> Self {
        match String::from_utf8_lossy(&blob) {
            Cow::Owned(repaired) => repaired.into(),
            Cow::Borrowed(_) => Self(blob),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.0.as_slice())
            .unwrap_or_else(|_| unreachable!("text is validated when it is made"))
    }

    /// The UTF-8 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The UTF-8 bytes as a shared value.
    #[must_use]
    pub fn as_blob(&self) -> &Blob {
        &self.0
    }

    /// The UTF-8 bytes as a shared value.
    #[must_use]
    pub fn into_blob(self) -> Blob {
        self.0
    }

    /// Number of UTF-8 bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A part of this text, by byte offsets, that shares its buffer.
    ///
    /// # Panics
    ///
    /// When the range lies outside or cuts a character.
    #[must_use]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        let range = self.0.resolve(range.start_bound(), range.end_bound());
        let bytes = self.as_bytes();
        // A continuation byte never starts a character.
        let is_cut = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        assert!(
            !is_cut(range.start) && !is_cut(range.end),
            "range {range:?} cuts a character"
        );
        Self(self.0.slice(range))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Blob::copy_from_slice(text.as_bytes()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Blob::from(text.into_bytes()))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        text.into_owned().into()
    }
}

impl From<char> for Text {
    fn from(text: char) -> Self {
        text.to_string().into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert!(Text::from_blob(Blob::from(b"\xff")).is_err());
    }

    #[test]
    fn lossy_text_shares_good_bytes_and_repairs_bad_ones() {
        let good = Blob::from(b"good");
        let start = good.as_ptr();

        assert_eq!(Text::from_blob_lossy(good).as_bytes().as_ptr(), start);
        assert_eq!(Text::from_blob_lossy(Blob::from(b"\xffa")), "\u{FFFD}a");
    }

    #[test]
    fn slices_share_and_respect_characters() {
        let text = Text::from("aé☃");

        assert_eq!(text.slice(1..3), "é");
        assert_eq!(text.slice(3..), "☃");
        assert!(std::panic::catch_unwind(|| text.slice(..2)).is_err());
        assert!(std::panic::catch_unwind(|| text.slice(2..)).is_err());
    }
}
