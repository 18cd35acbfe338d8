//! Removing what a log does not keep: what clients deleted, what is too old, what is too much.

use std::fs;
use std::io;
use std::path::Path;

use super::{Log, segment};

/// What a topic keeps; `None` is without limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    pub(crate) age_ms: Option<i64>,
    pub(crate) bytes: Option<u64>,
}

impl Log {
    /// Makes everything before an offset unreadable and removes the segments that lie before it.
    /// The caller remembers the offset.
    pub(crate) fn delete_before(&mut self, offset: i64) -> io::Result<()> {
        self.start_offset = self.start_offset.max(offset);
        while let Some(first) = self.sealed.front().copied()
            && first.next_offset <= self.start_offset
        {
            self.remove(first.base)?;
            self.sealed.pop_front();
        }
        let first = self.extents().next().map_or(0, |it| it.base);
        self.history.retain_aborted(|it| it.marker_offset >= first);
        Ok(())
    }

    fn remove(&mut self, base: i64) -> io::Result<()> {
        self.close_for_reading(base);
        self.unsynced.retain(|it| it.segment.extent.base != base);
        remove_if_there(&segment::index_path(&self.dir, base))?;
        fs::remove_file(segment::log_path(&self.dir, base))
    }

    /// Forgets that a sealed segment is open.
    pub(super) fn close_for_reading(&mut self, base: i64) {
        let is_it = |open: i64| open == base;
        if self
            .reading
            .as_ref()
            .is_some_and(|it| is_it(it.extent.base))
        {
            self.reading = None;
        }
        if self.ended_at.is_some_and(|it| is_it(it.1)) {
            self.ended_at = None;
        }
    }

    /// Looks after the age and the size of the log: whole segments go, oldest first. Says whether
    /// the log begins elsewhere now.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub(crate) fn retain(&mut self, retention: Retention, now: i64) -> io::Result<bool> {
        let before = self.start_offset;
        loop {
            let Some(first) = self.extents().next().copied() else {
                break;
            };
            let age = now.saturating_sub(first.max_timestamp);
            let too_old = retention.age_ms.is_some_and(|limit| age > limit);
            let rest = self.size() - first.length;
            let too_large = retention.bytes.is_some_and(|limit| rest >= limit);
            let is_open = first.next_offset > self.stable_offset();
            if is_open || !(too_old || too_large) {
                break;
            }
            if self.sealed.is_empty() {
                if !too_old || first.length == 0 {
                    break;
                }
                // The name of the next segment tells a later start where the log stands.
                self.roll(now)?;
            }
            self.delete_before(first.next_offset)?;
        }
        Ok(self.start_offset != before)
    }
}

/// Removes a file that may be gone already.
pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
