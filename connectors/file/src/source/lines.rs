//! Cuts what was read into lines that share its buffer.
//!
//! Bytes are added at the end and leave as whole lines: what is not ended yet stays, however often
//! more is added, and is searched for an end only once.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use connect_core::data::{Blob, Text};
use memchr::{Memchr2, memchr2_iter, memrchr2};

/// Room for one read. A large file is read in pieces of this size, which stay in the processor's cache
/// until their lines are sent.
pub(super) const READ_SIZE: usize = 64 << 10;

/// Room for one read of a file that does not tell how much is left.
pub(super) const SMALL_READ_SIZE: usize = 8 << 10;

/// Longest line: the size of the largest array in the reference.
const LONGEST_LINE: usize = i32::MAX as usize;

/// Bytes on their way to become lines.
///
/// A line ends with `\n`, `\r\n` or `\r`. A `\r` that comes last is no end yet, because `\n` may
/// follow.
#[derive(Debug)]
pub(super) struct Lines {
    /// Whole lines, shared with the lines that were taken. When these are gone its room is used again.
    cut: Arc<Bytes>,
    /// The same as text, if it is.
    text: Option<Text>,
    /// Where in `cut` the next line starts.
    next: usize,
    /// The lines that are taken together.
    taken: Vec<Place>,
    /// What was added and is not cut yet.
    pending: Vec<u8>,
    /// How much of `pending` holds no end of a line.
    searched: usize,
    longest: usize,
}

/// Where a line is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    start: usize,
    /// Without the end of the line.
    text_length: u32,
    /// Number of bytes of the line with its end.
    pub(super) length: u32,
}

impl Place {
    /// The bytes of the line without its end.
    #[inline]
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.start + self.text_length as usize
    }
}

/// Lines that are taken together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken<'a> {
    buffer: &'a Arc<Bytes>,
    /// The text that they are parts of. `None` if some of its bytes are not UTF-8: then each line
    /// has to be looked at.
    pub(super) text: Option<&'a Text>,
    /// Where they are.
    pub(super) places: &'a [Place],
}

impl Taken<'_> {
    /// The text of a line without its end, and whether bytes in it were replaced.
    pub(super) fn line(&self, place: Place) -> (Text, bool) {
        match Text::from_blob(Blob::slice_of(self.buffer, place.range())) {
            Ok(text) => (text, false),
            Err(bytes) => (Text::from_blob_lossy(bytes.into_blob()), true),
        }
    }
}

/// A line has no end for so long that the reader gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line is longer than {0} bytes")]
pub(super) struct LineTooLong(usize);

impl Default for Lines {
    fn default() -> Self {
        Self {
            cut: Arc::default(),
            text: None,
            next: 0,
            taken: Vec::new(),
            pending: Vec::new(),
            searched: 0,
            longest: LONGEST_LINE,
        }
    }
}

impl Lines {
    /// Where more is added: bytes are appended, what is there stays as it is.
    pub(super) fn pending(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Whether there is a line to take.
    pub(super) fn has_next(&self) -> bool {
        self.next < self.cut.len()
    }

    /// Takes the next lines, `most` at most; none when they are not ended yet, or were not cut.
    pub(super) fn take(&mut self, most: usize) -> Taken<'_> {
        let lines = PlacesOfLines {
            bytes: &self.cut,
            ends: memchr2_iter(b'\n', b'\r', &self.cut[self.next..]),
            from: self.next,
            next: self.next,
        };
        self.taken.clear();
        self.taken.extend(lines.take(most));
        if let Some(last) = self.taken.last() {
            self.next = last.start + last.length as usize;
        }
        Taken {
            buffer: &self.cut,
            text: self.text.as_ref(),
            places: &self.taken,
        }
    }

    /// Makes the lines that were added ready to be taken. Call it when all before were taken.
    pub(super) fn cut(&mut self) -> Result<(), LineTooLong> {
        debug_assert!(!self.has_next(), "lines that were not taken would be lost");
        let Some(end) = self.end_of_last_line() else {
            // A last `\r` is looked at again when it is known what follows.
            self.searched = self.pending.len().saturating_sub(1);
            return match self.pending.len() > self.longest {
                true => Err(LineTooLong(self.longest)),
                false => Ok(()),
            };
        };
        self.cut = Arc::new(self.split_off_front(end));
        // Looking at all lines at once takes a fraction of the time.
        self.text = Text::from_blob(Blob::slice_of(&self.cut, 0..end)).ok();
        self.next = 0;
        self.searched = 0;
        Ok(())
    }

    fn end_of_last_line(&self) -> Option<usize> {
        let new = self.pending.get(self.searched..)?;
        let decided = new.strip_suffix(b"\r").unwrap_or(new);
        let last = memrchr2(b'\n', b'\r', decided)?;
        Some(self.searched + last + 1)
    }

    /// The bytes before `end`, without a copy when they fill most of their buffer: records keep
    /// what they are part of, so they must not keep a large buffer for little.
    fn split_off_front(&mut self, end: usize) -> Bytes {
        if end < self.pending.capacity() / 2 {
            let front = Bytes::copy_from_slice(&self.pending[..end]);
            self.pending.drain(..end);
            self.pending.shrink_to(READ_SIZE);
            return front;
        }
        let mut rest = self.room();
        rest.extend_from_slice(&self.pending[end..]);
        self.pending.truncate(end);
        std::mem::replace(&mut self.pending, rest).into()
    }

    /// The room of lines that are gone, so that a large file is not read into new memory each time.
    fn room(&mut self) -> Vec<u8> {
        self.text = None;
        let alone = Arc::into_inner(std::mem::take(&mut self.cut));
        let Some(mut room) = alone.and_then(|it| it.try_into_mut().ok()) else {
            return Vec::new();
        };
        room.clear();
        room.into()
    }

    /// Gives back room that is kept for the next read, when there is nothing to read.
    pub(super) fn rest(&mut self) {
        (self.cut, self.text, self.next) = (Arc::default(), None, 0);
        self.taken = Vec::new();
        self.pending.shrink_to(self.pending.len() + SMALL_READ_SIZE);
    }
}

/// Finds whole lines, one after the other.
struct PlacesOfLines<'a> {
    bytes: &'a [u8],
    /// Bytes that end lines, by their distance from `from`.
    ends: Memchr2<'a>,
    from: usize,
    next: usize,
}

impl Iterator for PlacesOfLines<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let start = self.next;
        let end = self.from + self.ends.next()?;
        self.next = end + 1;
        if self.bytes[end..].starts_with(b"\r\n") {
            self.ends.next();
            self.next += 1;
        }
        // A line is not longer than an array of the reference.
        let length = |to: usize| u32::try_from(to - start).expect("a line is shorter than 4 GiB");
        Some(Place {
            start,
            text_length: length(end),
            length: length(self.next),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Text that is not kept in place.
    const LONG: &str = "a line that shares its buffer";

    /// The lines, and how long they are with their ends.
    fn taken(taken: Taken<'_>) -> Vec<(Text, u32)> {
        let line = |place: &Place| match taken.text {
            Some(text) => text.slice(place.range()),
            None => taken.line(*place).0,
        };
        let places = taken.places.iter();
        places.map(|it| (line(it), it.length)).collect()
    }

    fn take_all(lines: &mut Lines) -> Vec<(Text, u32)> {
        lines.cut().unwrap();
        taken(lines.take(usize::MAX))
    }

    #[track_caller]
    fn check(pieces: &[&str], expected: &[&[(&str, u32)]]) {
        let mut lines = Lines::default();
        for (piece, expected) in pieces.iter().zip(expected) {
            lines.pending().extend_from_slice(piece.as_bytes());
            let taken = take_all(&mut lines);
            let taken: Vec<_> = taken
                .iter()
                .map(|(text, it)| (text.as_str(), *it))
                .collect();
            assert_eq!(&taken, expected, "after {piece:?}");
        }
    }

    #[test]
    fn every_kind_of_end_is_an_end() {
        check(
            &["a\r\nb\rc\n\nd\n"],
            &[&[("a", 3), ("b", 2), ("c", 2), ("", 1), ("d", 2)]],
        );
    }

    #[test]
    fn a_line_without_an_end_stays() {
        check(
            &["a\npart", " and", " rest\n"],
            &[&[("a", 2)], &[], &[("part and rest", 14)]],
        );
    }

    #[test]
    fn a_carriage_return_is_undecided_until_something_follows() {
        check(&["a\r", "\nb\n"], &[&[], &[("a", 3), ("b", 2)]]);
        check(&["a\r", "b\n"], &[&[], &[("a", 2), ("b", 2)]]);
        check(&["a\r", "\r", "b"], &[&[], &[("a", 2)], &[("", 1)]]);
    }

    #[test]
    fn few_lines_do_not_keep_a_large_buffer() {
        let mut lines = Lines::default();
        lines.pending().reserve(READ_SIZE);
        let buffer = lines.pending().as_ptr();

        lines.pending().extend_from_slice(b"short\nrest");
        lines.cut().unwrap();

        assert_eq!(lines.pending().as_slice(), b"rest");
        assert_eq!(lines.pending().as_ptr(), buffer);
    }

    #[test]
    fn many_lines_are_not_copied() {
        let mut lines = Lines::default();
        lines
            .pending()
            .extend_from_slice(format!("{LONG}\n").repeat(1000).as_bytes());
        let buffer = lines.pending().as_ptr();

        lines.cut().unwrap();

        let first = &taken(lines.take(1))[0];
        assert_eq!(first.0.as_bytes().as_ptr(), buffer);
    }

    #[test]
    fn the_room_of_lines_that_are_gone_is_used_again() {
        let mut lines = Lines::default();
        let text = format!("{LONG}\n").repeat(1000);
        let mut rooms = Vec::new();
        for _ in 0..4 {
            lines.pending().extend_from_slice(text.as_bytes());
            rooms.push(lines.pending().as_ptr());
            assert_eq!(take_all(&mut lines).len(), 1000);
        }
        assert_eq!(rooms[2..], rooms[..2]);

        lines.pending().extend_from_slice(text.as_bytes());
        let held = take_all(&mut lines);
        lines.pending().extend_from_slice(text.as_bytes());
        lines.cut().unwrap();
        assert_eq!(held[999].0.as_str(), LONG);
    }

    #[test]
    fn without_more_to_read_nothing_but_its_lines_keeps_a_buffer() {
        let mut lines = Lines::default();
        let text = format!("{LONG}\n").repeat(2);
        lines.pending().extend_from_slice(text.as_bytes());
        lines.cut().unwrap();
        let buffer = Arc::downgrade(&lines.cut);

        let taken = taken(lines.take(2));
        lines.rest();
        assert!(buffer.upgrade().is_some());
        drop(taken);

        assert!(buffer.upgrade().is_none());
    }

    #[test]
    fn a_line_may_not_fill_the_memory() {
        let mut lines = Lines {
            longest: 4,
            ..Lines::default()
        };

        lines.pending().extend_from_slice(b"long\r");

        assert_eq!(lines.cut(), Err(LineTooLong(4)));
    }

    /// The lines of a text in which everything is known, by the plainest of rules.
    fn model(text: &[u8]) -> Vec<(Vec<u8>, u32)> {
        let (mut lines, mut line, mut at) = (Vec::new(), Vec::new(), 0);
        let bytes = |line: &Vec<u8>| u32::try_from(line.len()).unwrap();
        while let Some(byte) = text.get(at) {
            at += 1;
            let length = match (byte, text.get(at)) {
                (b'\r', Some(b'\n')) => {
                    at += 1;
                    bytes(&line) + 2
                }
                (b'\n', _) | (b'\r', Some(_)) => bytes(&line) + 1,
                (b'\r', None) => break,
                (other, _) => {
                    line.push(*other);
                    continue;
                }
            };
            lines.push((std::mem::take(&mut line), length));
        }
        lines
    }

    proptest! {
        #[test]
        fn pieces_give_the_lines_of_the_whole(
            pieces in prop::collection::vec("[ab\r\n]{0,12}", 0..12),
        ) {
            let mut lines = Lines::default();
            let mut taken = Vec::new();
            for piece in &pieces {
                lines.pending().extend_from_slice(piece.as_bytes());
                taken.extend(take_all(&mut lines));
            }

            let taken: Vec<_> = taken
                .into_iter()
                .map(|(text, length)| (text.as_bytes().to_vec(), length))
                .collect();
            prop_assert_eq!(taken, model(pieces.concat().as_bytes()));
        }
    }
}
