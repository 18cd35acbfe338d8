//! Opening the log of a partition: what is there, what a crash left, and whether it fits together.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::cleaning::clear_up;
use super::history::History;
use super::scan::Offsets;
use super::segment::{self, Extent, Segment};
use super::{Active, Log};
use crate::error::{BrokerError, at};

impl Log {
    /// Opens the log in a folder, which need not exist. `start_offset` is where clients deleted
    /// records up to.
    ///
    /// # Errors
    /// When a file cannot be read or is damaged; then nothing was changed.
    pub(crate) fn open(dir: PathBuf, start_offset: i64) -> Result<Self, BrokerError> {
        clear_up(&dir).map_err(at(&dir))?;
        let mut bases = segment_bases(&dir)?;
        let mut log = Self {
            dir,
            sealed: VecDeque::new(),
            active: None,
            unsynced: Vec::new(),
            reading: None,
            ended_at: None,
            start_offset,
            next_offset: start_offset,
            history: History::default(),
        };
        let Some(last) = bases.pop() else {
            return Ok(log);
        };
        for base in bases {
            let extent = Segment::open_sealed(&log.dir, base, &mut log.history)?;
            log.sealed.push_back(extent);
        }
        let (segment, checkpointed) = Segment::open_last(&log.dir, last, &mut log.history)?;
        if segment::offsets_of(&log.dir) == Offsets::Gaps {
            log.close_gaps(last);
        }
        log.check_row(&segment.extent)?;
        let first = log.sealed.front().map_or(last, |it| it.base);
        let Extent {
            next_offset,
            max_timestamp,
            ..
        } = segment.extent;
        log.start_offset = start_offset.max(first);
        log.next_offset = next_offset.max(log.start_offset);
        log.active = Some(Active {
            segment,
            since: max_timestamp,
            checkpointed,
            is_dirty: true,
            is_new: true,
        });
        if log.next_offset > next_offset {
            // The end is lost that records were deleted up to; offsets go on behind it.
            log.roll(max_timestamp).map_err(at(&log.dir.clone()))?;
        }
        Ok(log)
    }

    /// Lets every segment end where the next one begins, as it did before it was compacted.
    fn close_gaps(&mut self, last: i64) {
        let bases = self.sealed.iter().skip(1).map(|it| it.base);
        let ends: Vec<i64> = bases.chain([last]).collect();
        for (extent, end) in self.sealed.iter_mut().zip(ends) {
            extent.next_offset = extent.next_offset.max(end);
        }
    }

    fn check_row(&self, last: &Extent) -> Result<(), BrokerError> {
        let followers = self.sealed.iter().skip(1).chain([last]);
        for (before, after) in self.sealed.iter().zip(followers) {
            let is_next = before.next_offset == after.base;
            let is_behind_deleted =
                before.next_offset < after.base && after.base <= self.start_offset;
            if !is_next && !is_behind_deleted {
                return Err(BrokerError::Damaged {
                    file: segment::log_path(&self.dir, after.base),
                    position: 0,
                    reason: format!(
                        "the segment before it ends at offset {}",
                        before.next_offset
                    ),
                });
            }
        }
        Ok(())
    }
}

fn segment_bases(dir: &Path) -> Result<Vec<i64>, BrokerError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(at(dir))?,
    };
    let mut bases = Vec::new();
    for entry in entries {
        let path = entry.map_err(at(dir))?.path();
        bases.extend(segment::base_of(&path));
    }
    bases.sort_unstable();
    Ok(bases)
}
