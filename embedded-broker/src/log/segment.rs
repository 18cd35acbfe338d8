//! One file of a partition's log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::{Buf, BufMut};
use tracing::warn;

use super::history::{Aborted, History};
use super::index::Index;
use super::scan::{Offsets, has_batch_after, scan};
use super::seal::Seal;
use crate::batch::{BatchHeader, HEADER_LEN, each_record, stored_prefix, stored_rest};
use crate::error::{BrokerError, at};
use crate::producers::Producers;

/// What is known of a segment without opening its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The first offset that may be in it; also its file's name.
    pub(super) base: i64,
    /// The offset after its last one.
    pub(super) next_offset: i64,
    /// Bytes of the file.
    pub(super) length: u64,
    /// The largest timestamp in it, -1 if there is none.
    pub(super) max_timestamp: i64,
    pub(super) cleaned: Cleaned,
}

/// What compaction has done to a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cleaned {
    /// Nothing yet.
    Never,
    /// What is superseded has gone; deletions and markers stay until this time.
    Until(i64),
    /// There are no deletions and no markers in it that could go.
    Settled,
}

impl Cleaned {
    pub(super) fn encode(self, out: &mut Vec<u8>) {
        out.put_i64(match self {
            Self::Never => -1,
            Self::Settled => 0,
            Self::Until(time) => time,
        });
    }

    pub(super) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Some(match bytes.try_get_i64().ok()? {
            ..0 => Self::Never,
            0 => Self::Settled,
            time => Self::Until(time),
        })
    }
}

impl Extent {
    pub(super) fn empty(base: i64) -> Self {
        Self {
            base,
            next_offset: base,
            length: 0,
            max_timestamp: -1,
            cleaned: Cleaned::Never,
        }
    }
}

/// A segment with its file open.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) extent: Extent,
    file: File,
    index: Index,
    /// Whether the file may end in half a batch.
    broken: bool,
}

/// A place in a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) position: u64,
    pub(super) header: BatchHeader,
}

impl Segment {
    /// Makes the file of a new segment.
    pub(super) fn create(dir: &Path, base: i64) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(log_path(dir, base))?;
        Ok(Self::new(Extent::empty(base), file, Index::default()))
    }

    fn new(extent: Extent, file: File, index: Index) -> Self {
        Self {
            extent,
            file,
            index,
            broken: false,
        }
    }

    /// Opens the segment that was written last, and says how much of it its index covers. The rest
    /// is read, and what a crash left at its end is cut off.
    pub(super) fn open_last(
        dir: &Path,
        base: i64,
        history: &mut History,
    ) -> Result<(Self, u64), BrokerError> {
        let (segment, covered) = Self::open_covered(dir, base, history)?;
        let segment = segment.read_rest(dir, history, Tail::MayBeTorn)?;
        Ok((segment, covered))
    }

    /// What is known of a sealed segment; it is only read as far as its index does not cover it.
    pub(super) fn open_sealed(
        dir: &Path,
        base: i64,
        history: &mut History,
    ) -> Result<Extent, BrokerError> {
        let path = log_path(dir, base);
        let (segment, covered) = Self::open_covered(dir, base, history)?;
        let length = segment.file.metadata().map_err(at(&path))?.len();
        if covered == length {
            return Ok(segment.extent);
        }
        warn!(file = %path.display(), "the index does not fit the segment and is made anew");
        let segment = segment.read_rest(dir, history, Tail::MustBeWhole)?;
        let aborted = history.aborted_in(base, segment.extent.next_offset);
        let seal = segment.seal(&history.producers, aborted).encode();
        let written = segment.sync().and_then(|()| write_seal(dir, base, &seal));
        written.map_err(at(&path))?;
        Ok(segment.extent)
    }

    /// Opens a segment as its index describes it, and says how much of it that covers.
    fn open_covered(
        dir: &Path,
        base: i64,
        history: &mut History,
    ) -> Result<(Self, u64), BrokerError> {
        let path = log_path(dir, base);
        let mut options = OpenOptions::new();
        let file = options.read(true).append(true).open(&path);
        let file = file.map_err(at(&path))?;
        let length = file.metadata().map_err(at(&path))?.len();
        let Some(seal) = read_seal(dir, base) else {
            return Ok((Self::new(Extent::empty(base), file, Index::default()), 0));
        };
        if seal.length > length {
            return Err(BrokerError::Damaged {
                file: path,
                position: length,
                reason: format!("the file ends, but {} bytes were on the disk", seal.length),
            });
        }
        let extent = Extent {
            base,
            next_offset: seal.next_offset,
            length: seal.length,
            max_timestamp: seal.max_timestamp,
            cleaned: seal.cleaned,
        };
        history.take_over(seal.producers, seal.aborted);
        Ok((Self::new(extent, file, seal.index), seal.length))
    }

    /// Reads what the index does not cover.
    fn read_rest(
        mut self,
        dir: &Path,
        history: &mut History,
        tail: Tail,
    ) -> Result<Self, BrokerError> {
        let path = log_path(dir, self.extent.base);
        let Extent {
            length,
            next_offset,
            ..
        } = self.extent;
        let Self {
            file,
            extent,
            index,
            ..
        } = &mut self;
        let offsets = offsets_of(dir);
        let fault = scan(file, length, next_offset, offsets, |header, batch, at| {
            note(extent, index, header, at);
            history.note(header, header.base_offset, batch);
        });
        if let Some(fault) = fault.map_err(at(&path))? {
            let next_offset = extent.next_offset;
            let is_damage = tail == Tail::MustBeWhole
                || has_batch_after(file, &fault, next_offset).map_err(at(&path))?;
            if is_damage {
                return Err(BrokerError::Damaged {
                    file: path,
                    position: fault.position,
                    reason: fault.reason.to_owned(),
                });
            }
            warn!(
                file = %path.display(),
                position = fault.position,
                reason = fault.reason,
                "cut off what an interrupted write left at the end"
            );
            file.set_len(fault.position).map_err(at(&path))?;
        }
        Ok(self)
    }

    /// Opens a sealed segment for reading.
    pub(super) fn reopen(dir: &Path, extent: Extent) -> io::Result<Self> {
        let index = read_seal(dir, extent.base).map(|it| it.index);
        let file = File::open(log_path(dir, extent.base))?;
        // Without an index every search begins at the start of the segment.
        Ok(Self::new(extent, file, index.unwrap_or_default()))
    }

    /// What is written beside the segment, with what the log remembers at its end.
    pub(super) fn seal(&self, producers: &Producers, aborted: &[Aborted]) -> Seal {
        Seal {
            length: self.extent.length,
            next_offset: self.extent.next_offset,
            max_timestamp: self.extent.max_timestamp,
            cleaned: self.extent.cleaned,
            index: self.index.clone(),
            producers: producers.clone(),
            aborted: aborted.to_vec(),
        }
    }

    /// Another handle of the file.
    pub(super) fn duplicate(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Appends a batch under its final offset. What a failed write left is taken back.
    pub(super) fn append(
        &mut self,
        header: &BatchHeader,
        base_offset: i64,
        batch: &[u8],
    ) -> io::Result<()> {
        if self.broken {
            // Whatever is written behind half a batch is lost.
            return Err(io::Error::other("an earlier write could not be taken back"));
        }
        let prefix = stored_prefix(header, base_offset);
        let mut parts = [IoSlice::new(&prefix), IoSlice::new(stored_rest(batch))];
        if let Err(error) = write_all(&mut self.file, &mut parts) {
            self.broken = self.file.set_len(self.extent.length).is_err();
            return Err(error);
        }
        let header = header.at(base_offset);
        let position = self.extent.length;
        note(&mut self.extent, &mut self.index, &header, position);
        Ok(())
    }

    /// Waits until the system has put everything on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Where the batch that holds an offset begins, or the first one behind it.
    pub(super) fn find_offset(&mut self, offset: i64) -> io::Result<Option<u64>> {
        let from = self.index.before_offset(offset);
        let found = self.find_from(from, |header| header.next_offset() > offset)?;
        Ok(found.map(|it| it.position))
    }

    /// The first batch with records from `start` on that reaches a timestamp.
    pub(super) fn find_time(&mut self, timestamp: i64, start: i64) -> io::Result<Option<Found>> {
        let from = self.index.before_time(timestamp);
        self.find_from(from, |header| {
            header.next_offset() > start && header.max_timestamp >= timestamp
        })
    }

    fn find_from(
        &mut self,
        mut position: u64,
        wanted: impl Fn(&BatchHeader) -> bool,
    ) -> io::Result<Option<Found>> {
        while let Some(header) = self.header_at(position)? {
            if wanted(&header) {
                return Ok(Some(Found { position, header }));
            }
            position += header.size() as u64;
        }
        Ok(None)
    }

    /// The header of the batch that begins at a position; `None` at the end.
    pub(super) fn header_at(&mut self, position: u64) -> io::Result<Option<BatchHeader>> {
        if position >= self.extent.length {
            return Ok(None);
        }
        let mut bytes = [0; HEADER_LEN];
        self.file.seek(SeekFrom::Start(position))?;
        self.file.read_exact(&mut bytes)?;
        BatchHeader::parse(&bytes).map(Some).ok_or_else(|| {
            let text = format!(
                "segment {} has no batch at byte {position}",
                self.extent.base
            );
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }

    /// Appends bytes of the file to `out`.
    pub(super) fn read_into(
        &mut self,
        position: u64,
        count: u64,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(position))?;
        let read = Read::by_ref(&mut self.file).take(count).read_to_end(out)?;
        if read as u64 == count {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    /// The first record of a batch, from `start` on, that reaches a timestamp, as offset and
    /// timestamp. If the batch cannot be opened, its first record stands for it.
    pub(super) fn find_time_in(
        &mut self,
        found: Found,
        timestamp: i64,
        start: i64,
    ) -> io::Result<(i64, i64)> {
        let Found { position, header } = found;
        let first = (header.base_offset.max(start), header.base_timestamp);
        if header.has_log_append_time() {
            return Ok((first.0, header.max_timestamp));
        }
        let mut batch = Vec::new();
        self.read_into(position, header.size() as u64, &mut batch)?;
        let mut hit = None;
        let opened = each_record(&header, &batch, |_, it| {
            let offset = header.base_offset.saturating_add(it.offset_delta);
            let time = header.base_timestamp.saturating_add(it.timestamp_delta);
            if hit.is_none() && offset >= start && time >= timestamp {
                hit = Some((offset, time));
            }
        });
        Ok(hit.filter(|_| opened.is_ok()).unwrap_or(first))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    MayBeTorn,
    MustBeWhole,
}

/// Compaction leaves gaps between offsets, and this file in the folder of a log.
pub(super) const COMPACTED: &str = "compacted";

/// How the offsets in a log follow each other.
pub(super) fn offsets_of(dir: &Path) -> Offsets {
    if dir.join(COMPACTED).exists() {
        Offsets::Gaps
    } else {
        Offsets::Row
    }
}

pub(super) fn note(extent: &mut Extent, index: &mut Index, header: &BatchHeader, position: u64) {
    index.note(header.base_offset, position, extent.max_timestamp);
    extent.length = position + header.size() as u64;
    extent.next_offset = header.next_offset();
    extent.max_timestamp = extent.max_timestamp.max(header.max_timestamp);
}

fn write_all(file: &mut File, mut parts: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !parts.is_empty() {
        match file.write_vectored(parts) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut parts, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What is written beside a segment; `None` if it is missing or unsound.
pub(super) fn read_seal(dir: &Path, base: i64) -> Option<Seal> {
    Seal::decode(&fs::read(index_path(dir, base)).ok()?)
}

/// Writes the file beside a segment, whole or not at all.
pub(super) fn write_seal(dir: &Path, base: i64, seal: &[u8]) -> io::Result<()> {
    let path = index_path(dir, base);
    let unfinished = path.with_extension("index.new");
    fs::write(&unfinished, seal)?;
    fs::rename(unfinished, path)
}

/// The file with a segment's batches.
pub(super) fn log_path(dir: &Path, base: i64) -> PathBuf {
    dir.join(format!("{base:020}.log"))
}

/// The file with a segment's index.
pub(super) fn index_path(dir: &Path, base: i64) -> PathBuf {
    dir.join(format!("{base:020}.index"))
}

/// The base offset in the name of a segment's file.
pub(super) fn base_of(path: &Path) -> Option<i64> {
    if path.extension()? != "log" {
        return None;
    }
    path.file_stem()?.to_str()?.parse().ok()
}
