//! Bytes that share their buffer: a value cut from a fetched batch costs a reference count.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Bound, Deref, Range, RangeBounds};
use std::sync::Arc;

use bytes::Bytes;

/// A slice of a shared buffer; 16 bytes, and cloning it counts a reference.
///
/// Offsets are 32 bits wide. A slice that lies beyond them gets a buffer handle of its own, still
/// without copying the bytes.
#[derive(Clone, Default)]
pub struct Blob {
    /// `None` when empty, so that empty values neither allocate nor keep a batch alive.
    buffer: Option<Arc<Bytes>>,
    start: u32,
    len: u32,
}

impl Blob {
    /// No bytes; allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            buffer: None,
            start: 0,
            len: 0,
        }
    }

    /// Bytes that live as long as the program.
    #[must_use]
    pub fn from_static(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }

    /// A copy of the given bytes.
    #[must_use]
    pub fn copy_from_slice(bytes: &[u8]) -> Self {
        Bytes::copy_from_slice(bytes).into()
    }

    /// A part of a shared buffer, without copying it.
    ///
    /// # Panics
    ///
    /// When the range lies outside the buffer, or is longer than 4 GiB.
    #[must_use]
    #[inline]
    pub fn slice_of(buffer: &Arc<Bytes>, range: Range<usize>) -> Self {
        assert!(
            range.start <= range.end && range.end <= buffer.len(),
            "range {range:?} outside a buffer of {} bytes",
            buffer.len()
        );
        if range.is_empty() {
            return Self::new();
        }
        let len = u32::try_from(range.len()).expect("a value is shorter than 4 GiB");
        match u32::try_from(range.start) {
            Ok(start) => Self {
                buffer: Some(Arc::clone(buffer)),
                start,
                len,
            },
            Err(_) => Self {
                buffer: Some(Arc::new(buffer.slice(range))),
                start: 0,
                len,
            },
        }
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match &self.buffer {
            Some(buffer) => {
                let start = self.start as usize;
                &buffer[start..start + self.len as usize]
            }
            None => &[],
        }
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A part of this value that shares its buffer.
    ///
    /// # Panics
    ///
    /// When the range lies outside.
    #[must_use]
    #[inline]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        let range = resolve(&range, self.len());
        match self.near(&range) {
            Some((buffer, start, len)) => Self {
                buffer: Some(Arc::clone(buffer)),
                start,
                len,
            },
            None => self.slice_far(range),
        }
    }

    /// Becomes a [`slice`](Self::slice) of another value, where it stays: a value that is made elsewhere is
    /// put together in pieces of one size, asked for in pieces of another, and waited for.
    ///
    /// # Panics
    ///
    /// When the range lies outside.
    #[inline(always)]
    pub(super) fn become_part(&mut self, whole: &Self, range: &Range<usize>) {
        let range = resolve(range, whole.len());
        match whole.near(&range) {
            Some((buffer, start, len)) => {
                self.buffer = Some(Arc::clone(buffer));
                self.start = start;
                self.len = len;
            }
            None => *self = whole.slice_far(range),
        }
    }

    /// What a slice is made of that is not empty and starts within 4 GiB.
    #[inline(always)]
    fn near(&self, range: &Range<usize>) -> Option<(&Arc<Bytes>, u32, u32)> {
        let start = u32::try_from(range.start).ok()?;
        let len = u32::try_from(range.len()).ok().filter(|it| *it > 0)?;
        Some((self.buffer.as_ref()?, self.start.checked_add(start)?, len))
    }

    /// An empty slice, or one that starts beyond 4 GiB.
    #[cold]
    fn slice_far(&self, range: Range<usize>) -> Self {
        let offset = self.start as usize;
        match &self.buffer {
            Some(buffer) => Self::slice_of(buffer, range.start + offset..range.end + offset),
            None => Self::new(),
        }
    }

    /// The bytes as [`Bytes`], sharing the buffer.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match &self.buffer {
            Some(buffer) => {
                let start = self.start as usize;
                buffer.slice(start..start + self.len())
            }
            None => Bytes::new(),
        }
    }
}

/// The range of a value of this length that is meant.
#[inline]
pub(super) fn resolve(range: &impl RangeBounds<usize>, len: usize) -> Range<usize> {
    let start = match range.start_bound() {
        Bound::Included(&it) => it,
        Bound::Excluded(&it) => it + 1,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&it) => it + 1,
        Bound::Excluded(&it) => it,
        Bound::Unbounded => len,
    };
    assert!(
        start <= end && end <= len,
        "range {start}..{end} outside a value of {len} bytes"
    );
    start..end
}

/// Lends parts of a buffer one after the other, without counting a reference for each.
///
/// ```
/// use connect_core::data::{Blob, Window};
///
/// let mut window = Window::new("keyvalue".into());
///
/// assert_eq!(window.at(0..3).as_slice(), b"key");
/// assert_eq!(window.at(3..8).as_slice(), b"value");
/// ```
#[derive(Clone, Debug)]
pub struct Window {
    buffer: Arc<Bytes>,
    /// The part that was lent last, of those that start within 4 GiB.
    near: Blob,
    /// Any other part that was lent.
    far: Blob,
}

impl Window {
    /// A window over a buffer.
    #[must_use]
    pub fn new(buffer: Bytes) -> Self {
        let buffer = Arc::new(buffer);
        Self {
            near: Blob {
                buffer: Some(Arc::clone(&buffer)),
                ..Blob::new()
            },
            far: Blob::new(),
            buffer,
        }
    }

    /// A part of the buffer, which can be cloned to keep it.
    ///
    /// # Panics
    ///
    /// When the range lies outside the buffer, or is longer than 4 GiB.
    #[inline(always)]
    pub fn at(&mut self, range: Range<usize>) -> &Blob {
        if range.start < range.end
            && range.end <= self.buffer.len()
            && let Ok(start) = u32::try_from(range.start)
            && let Ok(len) = u32::try_from(range.len())
        {
            (self.near.start, self.near.len) = (start, len);
            return &self.near;
        }
        self.at_far(range)
    }

    /// An empty part, one that starts beyond 4 GiB, or none.
    #[cold]
    fn at_far(&mut self, range: Range<usize>) -> &Blob {
        self.far = Blob::slice_of(&self.buffer, range);
        &self.far
    }
}

impl From<Bytes> for Blob {
    /// Shares the bytes.
    ///
    /// # Panics
    ///
    /// When they are longer than 4 GiB.
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            return Self::new();
        }
        let len = u32::try_from(bytes.len()).expect("a value is shorter than 4 GiB");
        Self {
            buffer: Some(Arc::new(bytes)),
            start: 0,
            len,
        }
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<&[u8]> for Blob {
    fn from(bytes: &[u8]) -> Self {
        Self::copy_from_slice(bytes)
    }
}

impl<const N: usize> From<&[u8; N]> for Blob {
    fn from(bytes: &[u8; N]) -> Self {
        Self::copy_from_slice(bytes)
    }
}

impl Deref for Blob {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Borrow<[u8]> for Blob {
    fn borrow(&self) -> &[u8] {
        self.as_slice()
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Blob {}

impl PartialEq<[u8]> for Blob {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_slice() == other
    }
}

impl PartialOrd for Blob {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Blob {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl Hash for Blob {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_slice().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_share_the_buffer() {
        let buffer = Arc::new(Bytes::from_static(b"key=value"));

        let value = Blob::slice_of(&buffer, 4..9);
        let part = value.slice(1..=2);

        assert_eq!(part.as_slice(), b"al");
        assert_eq!(part.as_slice().as_ptr(), buffer[5..].as_ptr());
        assert_eq!(Arc::strong_count(&buffer), 3);
    }

    #[test]
    fn an_empty_slice_does_not_keep_the_buffer() {
        let buffer = Arc::new(Bytes::from_static(b"abc"));

        let empty = Blob::slice_of(&buffer, 2..2);

        assert!(empty.is_empty());
        assert_eq!(Arc::strong_count(&buffer), 1);
    }

    #[test]
    fn a_window_lends_any_part() {
        let mut window = Window::new("key=value".into());

        for (start, end) in (0..=9).flat_map(|start| (start..=9).map(move |end| (start, end))) {
            let part = window.at(start..end).clone();
            assert_eq!(part.as_slice(), &b"key=value"[start..end]);
            assert_eq!(part.buffer.is_none(), start == end);
        }
        assert!(std::panic::catch_unwind(move || window.at(4..10).len()).is_err());
        assert!(Window::new(Bytes::new()).at(0..0).is_empty());
    }

    #[test]
    fn a_blob_is_two_words() {
        assert_eq!(size_of::<Blob>(), 16);
    }
}
