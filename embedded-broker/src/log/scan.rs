//! Reading a segment from end to end: what is whole, where it stops, and whether a crash explains
//! the stop.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use crate::batch::{BatchHeader, HEADER_LEN};

const BUFFER: usize = 256 * 1024;

/// Where a segment stops being sound.
#[derive(Debug)]
pub(super) struct Fault {
    /// The first byte that belongs to no sound batch.
    pub(super) position: u64,
    /// What is wrong there.
    pub(super) reason: &'static str,
}

/// How the offsets of batches follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offsets {
    /// One after the other, as they were given.
    Row,
    /// With gaps that compaction left.
    Gaps,
}

/// Shows every sound batch and its position, in order, from a position on where the batch with
/// `next_offset` is expected. `None` when the rest of the file is sound.
pub(super) fn scan(
    file: &mut File,
    mut position: u64,
    mut next_offset: i64,
    offsets: Offsets,
    mut visit: impl FnMut(&BatchHeader, &[u8], u64),
) -> io::Result<Option<Fault>> {
    let mut left = file.metadata()?.len().saturating_sub(position);
    file.seek(SeekFrom::Start(position))?;
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let mut batch = Vec::new();
    while left > 0 {
        let fault = |reason| Ok(Some(Fault { position, reason }));
        if left < HEADER_LEN as u64 {
            return fault("less than the header of a batch is left");
        }
        batch.resize(HEADER_LEN, 0);
        reader.read_exact(&mut batch)?;
        let Some(header) = BatchHeader::parse(&batch) else {
            return fault("no batch begins here");
        };
        let size = header.size();
        if size as u64 > left {
            return fault("the batch is longer than the rest of the file");
        }
        batch.resize(size, 0);
        reader.read_exact(&mut batch[HEADER_LEN..])?;
        if !header.matches(&batch) {
            return fault("the checksum of the batch does not fit");
        }
        // The checksum does not cover the offset.
        let follows = match offsets {
            Offsets::Row => header.base_offset == next_offset,
            Offsets::Gaps => header.base_offset >= next_offset,
        };
        if !follows {
            return fault("the offset of the batch does not follow the one before");
        }
        visit(&header, &batch, position);
        next_offset = header.next_offset();
        position += size as u64;
        left -= size as u64;
    }
    Ok(None)
}

/// Whether a sound batch follows somewhere behind a fault. Then the fault is not what a crash left
/// at the end, for a segment only grows there.
pub(super) fn has_batch_after(
    file: &mut File,
    fault: &Fault,
    next_offset: i64,
) -> io::Result<bool> {
    file.seek(SeekFrom::Start(fault.position + 1))?;
    let mut rest = Vec::new();
    file.read_to_end(&mut rest)?;
    Ok((0..rest.len()).any(|at| {
        let Some(header) = BatchHeader::parse(&rest[at..]) else {
            return false;
        };
        let whole = rest.get(at..at + header.size());
        header.base_offset >= next_offset && whole.is_some_and(|batch| header.matches(batch))
    }))
}
