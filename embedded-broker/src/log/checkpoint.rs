//! Putting a log on the disk, and writing down how far it is there.
//!
//! An index file says of a segment: up to here everything was on the disk when this was written.
//! Start-up believes it and reads only what lies behind.

use std::fs::File;
use std::io;

use super::{Active, Log, Unsynced, segment};

/// Bytes by which a segment grows before its index is written again.
const STEP: u64 = 8 * 1024 * 1024;

/// Files to put on the disk, and the indexes to write afterwards.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    base: i64,
    length: u64,
    file: File,
    seal: Vec<u8>,
}

impl Checkpoint {
    /// Waits until the system has put the files on the disk. Needs nothing of the log, so it can
    /// be done elsewhere.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.parts.iter().try_for_each(|it| it.file.sync_data())
    }
}

impl Log {
    /// Whether enough has been written for a checkpoint to be worth its while.
    pub(crate) fn wants_checkpoint(&self) -> bool {
        !self.unsynced.is_empty() || self.uncovered() >= STEP
    }

    /// Bytes of the growing segment that its index does not cover.
    fn uncovered(&self) -> u64 {
        self.active
            .as_ref()
            .map_or(0, |it| it.segment.extent.length - it.checkpointed)
    }

    /// Notes what is to be put on the disk.
    ///
    /// # Errors
    /// When no more files can be opened.
    pub(crate) fn begin_checkpoint(&self) -> io::Result<Checkpoint> {
        let mut parts = Vec::new();
        for Unsynced { segment, producers } in &self.unsynced {
            parts.push(self.part(segment, producers)?);
        }
        if let Some(Active { segment, .. }) = &self.active
            && self.uncovered() > 0
        {
            parts.push(self.part(segment, &self.history.producers)?);
        }
        Ok(Checkpoint { parts })
    }

    fn part(
        &self,
        segment: &segment::Segment,
        producers: &crate::producers::Producers,
    ) -> io::Result<Part> {
        let extent = &segment.extent;
        let aborted = self.history.aborted_in(extent.base, extent.next_offset);
        Ok(Part {
            base: extent.base,
            length: extent.length,
            file: segment.duplicate()?,
            seal: segment.seal(producers, aborted).encode(),
        })
    }

    /// Writes the indexes of what has been put on the disk meanwhile.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn end_checkpoint(&mut self, checkpoint: Checkpoint) -> io::Result<()> {
        for part in checkpoint.parts {
            if !self.extents().any(|it| it.base == part.base) {
                continue;
            }
            let is_it = |it: &segment::Segment| {
                it.extent.base == part.base && it.extent.length == part.length
            };
            match &mut self.active {
                Some(active) if active.segment.extent.base == part.base => {
                    segment::write_seal(&self.dir, part.base, &part.seal)?;
                    active.checkpointed = part.length;
                }
                _ if self.unsynced.iter().any(|it| is_it(&it.segment)) => {
                    segment::write_seal(&self.dir, part.base, &part.seal)?;
                    self.unsynced.retain(|it| !is_it(&it.segment));
                }
                // It has grown and was sealed meanwhile: the next checkpoint covers all of it.
                _ => {}
            }
        }
        Ok(())
    }

    /// Waits until the system has put everything on the disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        for it in &self.unsynced {
            it.segment.sync()?;
        }
        if let Some(active) = &mut self.active
            && active.is_dirty
        {
            active.segment.sync()?;
            if active.is_new {
                // The folder, and its own name in the one above.
                let folders = self.dir.ancestors().take(2);
                for folder in folders {
                    File::open(folder)?.sync_all()?;
                }
                active.is_new = false;
            }
            active.is_dirty = false;
        }
        Ok(())
    }
}
