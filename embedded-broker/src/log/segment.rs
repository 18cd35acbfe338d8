//! One file of a partition's log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tracing::warn;

use super::index::{Index, Seal};
use super::scan::{is_torn_end, scan};
use crate::batch::{BatchHeader, HEADER_LEN, records, stored_prefix, stored_rest};
use crate::error::{BrokerError, at};
use crate::producers::Producers;

/// What is known of a segment without opening its file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// The first offset that may be in it; also its file's name.
    pub(super) base: i64,
    /// The offset after its last one.
    pub(super) next_offset: i64,
    /// Bytes of the file.
    pub(super) length: u64,
    /// The largest timestamp in it, -1 if there is none.
    pub(super) max_timestamp: i64,
}

impl Extent {
    fn empty(base: i64) -> Self {
        Self {
            base,
            next_offset: base,
            length: 0,
            max_timestamp: -1,
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
        Ok(Self {
            extent: Extent::empty(base),
            file,
            index: Index::default(),
            broken: false,
        })
    }

    /// Opens the segment that was written last. It is read completely, and what an interrupted
    /// write left at its end is cut off.
    pub(super) fn open_last(
        dir: &Path,
        base: i64,
        producers: &mut Producers,
    ) -> Result<Self, BrokerError> {
        Self::open_scanned(dir, base, producers, Tail::MayBeTorn)
    }

    /// What is known of a sealed segment; it is only read if its index is missing or unsound.
    pub(super) fn open_sealed(
        dir: &Path,
        base: i64,
        producers: &mut Producers,
    ) -> Result<Extent, BrokerError> {
        let path = log_path(dir, base);
        let length = fs::metadata(&path).map_err(at(&path))?.len();
        if let Some(seal) = read_seal(dir, base).filter(|it| it.length == length) {
            *producers = seal.producers;
            return Ok(Extent {
                base,
                next_offset: seal.next_offset,
                length,
                max_timestamp: seal.max_timestamp,
            });
        }
        warn!(file = %path.display(), "the index does not fit the segment and is made anew");
        let segment = Self::open_scanned(dir, base, producers, Tail::MustBeWhole)?;
        segment.seal(dir, producers).map_err(at(&path))?;
        Ok(segment.extent)
    }

    fn open_scanned(
        dir: &Path,
        base: i64,
        producers: &mut Producers,
        tail: Tail,
    ) -> Result<Self, BrokerError> {
        let path = log_path(dir, base);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(&path)
            .map_err(at(&path))?;
        let mut extent = Extent::empty(base);
        let mut index = Index::default();
        let fault = scan(&mut file, base, |header, position| {
            note(&mut extent, &mut index, header, position);
            producers.remember(header, header.base_offset);
        })
        .map_err(at(&path))?;

        if let Some(fault) = fault {
            let torn = tail == Tail::MayBeTorn
                && is_torn_end(&mut file, &fault, extent.next_offset).map_err(at(&path))?;
            if !torn {
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
        Ok(Self {
            extent,
            file,
            index,
            broken: false,
        })
    }

    /// Opens a sealed segment for reading.
    pub(super) fn reopen(dir: &Path, extent: Extent) -> io::Result<Self> {
        let index = read_seal(dir, extent.base).map(|it| it.index);
        Ok(Self {
            extent,
            file: File::open(log_path(dir, extent.base))?,
            // Without an index every search begins at the start of the segment.
            index: index.unwrap_or_default(),
            broken: false,
        })
    }

    /// Writes the index file, after which the segment does not change any more.
    pub(super) fn seal(&self, dir: &Path, producers: &Producers) -> io::Result<()> {
        let seal = Seal {
            length: self.extent.length,
            next_offset: self.extent.next_offset,
            max_timestamp: self.extent.max_timestamp,
            index: self.index.clone(),
            producers: producers.clone(),
        };
        let path = index_path(dir, self.extent.base);
        let unfinished = path.with_extension("index.new");
        fs::write(&unfinished, seal.encode())?;
        fs::rename(unfinished, path)
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

    /// The batch that holds an offset, or the first one behind it.
    pub(super) fn find_offset(&mut self, offset: i64) -> io::Result<Option<Found>> {
        let from = self.index.before_offset(offset);
        self.find_from(from, |header| header.next_offset() > offset)
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
    /// timestamp. A compressed batch is not opened: its first record stands for it.
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
        if header.is_compressed() {
            return Ok(first);
        }
        let mut batch = Vec::new();
        self.read_into(position, header.size() as u64, &mut batch)?;
        let hit = records(&batch)
            .map(|it| {
                let offset = header.base_offset.saturating_add(it.offset_delta);
                (
                    offset,
                    header.base_timestamp.saturating_add(it.timestamp_delta),
                )
            })
            .find(|it| it.0 >= start && it.1 >= timestamp);
        Ok(hit.unwrap_or(first))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    MayBeTorn,
    MustBeWhole,
}

fn note(extent: &mut Extent, index: &mut Index, header: &BatchHeader, position: u64) {
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

fn read_seal(dir: &Path, base: i64) -> Option<Seal> {
    Seal::decode(&fs::read(index_path(dir, base)).ok()?)
}

/// Waits until the system has put a sealed segment on the disk.
pub(super) fn sync(dir: &Path, base: i64) -> io::Result<()> {
    File::open(log_path(dir, base))?.sync_data()
}

/// The file with a segment's batches.
pub(super) fn log_path(dir: &Path, base: i64) -> PathBuf {
    dir.join(format!("{base:020}.log"))
}

/// The file with a sealed segment's index.
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
