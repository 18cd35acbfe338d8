//! Cuts what was read into lines that share its buffer.
//!
//! Bytes are added at the end and leave as whole lines: what is not ended yet stays, however often
//! more is added, and is searched for an end only once.

use std::sync::Arc;

use bytes::Bytes;
use connect_core::data::Blob;
use memchr::{memchr2, memrchr2};

/// Room for one read. A large file is read in pieces of this size.
pub(super) const READ_SIZE: usize = 1 << 20;

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
    /// Whole lines, shared with the lines that were taken.
    cut: Arc<Bytes>,
    /// Where in `cut` the next line starts.
    next: usize,
    /// What was added and is not cut yet.
    pending: Vec<u8>,
    /// How much of `pending` holds no end of a line.
    searched: usize,
    /// What was cut before, of which all lines were taken: when these are gone its room is used again.
    taken: Arc<Bytes>,
    longest: usize,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The line without its end.
    pub(super) text: Blob,
    /// Number of bytes of the line with its end.
    pub(super) length: usize,
}

/// A line has no end for so long that the reader gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line is longer than {0} bytes")]
pub(super) struct LineTooLong(usize);

impl Default for Lines {
    fn default() -> Self {
        Self {
            cut: Arc::default(),
            next: 0,
            pending: Vec::new(),
            searched: 0,
            taken: Arc::default(),
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

    /// Bytes of the lines that can be taken.
    pub(super) fn remaining(&self) -> usize {
        self.cut.len() - self.next
    }

    /// Takes the next line; `None` when it is not ended yet, or was not cut.
    pub(super) fn take(&mut self) -> Option<Line> {
        let rest = self.cut.get(self.next..)?;
        // Only whole lines are cut, so there is an end unless all were taken.
        let length = memchr2(b'\n', b'\r', rest)?;
        let end = match rest.get(length..length + 2) {
            Some(b"\r\n") => length + 2,
            _ => length + 1,
        };
        let start = self.next;
        self.next += end;
        let text = Blob::slice_of(&self.cut, start..start + length);
        if !self.has_next() {
            self.taken = std::mem::take(&mut self.cut);
            self.next = 0;
        }
        Some(Line { text, length: end })
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
        let alone = Arc::into_inner(std::mem::take(&mut self.taken));
        let Some(mut room) = alone.and_then(|it| it.try_into_mut().ok()) else {
            return Vec::new();
        };
        room.clear();
        room.into()
    }

    /// Gives back room that is kept for the next read, when there is nothing to read.
    pub(super) fn rest(&mut self) {
        self.taken = Arc::default();
        self.pending.shrink_to(self.pending.len() + SMALL_READ_SIZE);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take_all(lines: &mut Lines) -> Vec<Line> {
        lines.cut().unwrap();
        std::iter::from_fn(|| lines.take()).collect()
    }

    #[track_caller]
    fn check(pieces: &[&str], expected: &[&[(&str, usize)]]) {
        let mut lines = Lines::default();
        for (piece, expected) in pieces.iter().zip(expected) {
            lines.pending().extend_from_slice(piece.as_bytes());
            let taken = take_all(&mut lines);
            let taken: Vec<_> = taken
                .iter()
                .map(|it| (std::str::from_utf8(&it.text).unwrap(), it.length))
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
            .extend_from_slice("x\n".repeat(1000).as_bytes());
        let buffer = lines.pending().as_ptr();

        lines.cut().unwrap();

        assert_eq!(lines.take().unwrap().text.as_ptr(), buffer);
    }

    #[test]
    fn the_room_of_lines_that_are_gone_is_used_again() {
        let mut lines = Lines::default();
        let text = "x\n".repeat(1000);
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
        assert_eq!(held[999].text.as_slice(), b"x");
    }

    #[test]
    fn without_more_to_read_nothing_but_its_lines_keeps_a_buffer() {
        let mut lines = Lines::default();
        lines.pending().extend_from_slice(b"first\nsecond\n");
        lines.cut().unwrap();
        let buffer = Arc::downgrade(&lines.cut);

        let taken = [lines.take(), lines.take()];
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
    fn model(text: &[u8]) -> Vec<(Vec<u8>, usize)> {
        let (mut lines, mut line, mut at) = (Vec::new(), Vec::new(), 0);
        while let Some(byte) = text.get(at) {
            at += 1;
            let length = match (byte, text.get(at)) {
                (b'\r', Some(b'\n')) => {
                    at += 1;
                    line.len() + 2
                }
                (b'\n', _) | (b'\r', Some(_)) => line.len() + 1,
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
                .map(|it| (it.text.to_vec(), it.length))
                .collect();
            prop_assert_eq!(taken, model(pieces.concat().as_bytes()));
        }
    }
}
