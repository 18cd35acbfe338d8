//! The work of compaction: reads old segments, writes new ones beside them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};

use super::filter::{AbortedRanges, Filter, Kept, Keys, note_keys};
use super::{Cleaning, Group, Replacement, cleaned_path};
use crate::batch::BatchHeader;
use crate::log::index::Index;
use crate::log::scan::{Offsets, scan};
use crate::log::seal::Seal;
use crate::log::segment::{self, Cleaned, Extent};

/// Deletions of about the same age go together, or every run would leave a segment of its own.
const STEPS_OF_AGE: i64 = 8;

impl Cleaned {
    /// Whether deletions have been there for long enough.
    pub(super) fn has_expired(self, now: i64) -> bool {
        matches!(self, Self::Until(time) if time <= now)
    }
}

impl Cleaning {
    /// Writes the compacted segments. `is_cancelled` is asked now and then.
    ///
    /// # Errors
    /// When a file cannot be read or written, is damaged, or the work was cancelled. What was
    /// written is of no use then, and is removed.
    pub(crate) fn run(&self, is_cancelled: &dyn Fn() -> bool) -> io::Result<Replacement> {
        let done = self.write_all(is_cancelled);
        if done.is_err() {
            for source in &self.sources {
                // It may never have been written.
                _ = fs::remove_file(cleaned_path(&self.dir, source.base));
            }
        }
        done
    }

    fn write_all(&self, is_cancelled: &dyn Fn() -> bool) -> io::Result<Replacement> {
        let aborted = AbortedRanges::of(&self.aborted);
        let mut keys = Keys::default();
        let new = self
            .sources
            .iter()
            .filter(|it| it.cleaned == Cleaned::Never);
        for source in new {
            self.each_batch(source, is_cancelled, |header, batch| {
                note_keys(&mut keys, &aborted, header, batch);
                Ok(())
            })?;
        }
        let mut filter = Filter::new(&keys, &aborted, &self.last_batches);
        let mut groups = Vec::new();
        for sources in self.grouped() {
            groups.push(self.write_group(sources, &mut filter, is_cancelled)?);
        }
        Ok(Replacement {
            groups,
            gone_markers: filter.gone_markers,
        })
    }

    /// Segments that become one: neighbours whose deletions go at the same time.
    fn grouped(&self) -> Vec<Vec<Extent>> {
        let mut groups: Vec<Vec<Extent>> = Vec::new();
        let mut bytes = 0;
        for source in &self.sources {
            let fits = bytes + source.length <= self.rules.segment_bytes;
            match groups.last_mut() {
                Some(group) if fits && self.becomes(&group[0]) == self.becomes(source) => {
                    group.push(*source);
                    bytes += source.length;
                }
                _ => {
                    groups.push(vec![*source]);
                    bytes = source.length;
                }
            }
        }
        groups
    }

    /// What a segment is after this run, if deletions are left in it.
    fn becomes(&self, source: &Extent) -> Cleaned {
        match source.cleaned {
            Cleaned::Never => {
                let retention = self.rules.delete_retention_ms;
                let step = (retention / STEPS_OF_AGE).max(1);
                let until = self.now.saturating_add(retention);
                Cleaned::Until(until.saturating_add(step - until.rem_euclid(step)))
            }
            Cleaned::Until(time) if time > self.now => Cleaned::Until(time),
            Cleaned::Until(_) | Cleaned::Settled => Cleaned::Settled,
        }
    }

    fn write_group(
        &self,
        sources: Vec<Extent>,
        filter: &mut Filter<'_>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> io::Result<Group> {
        let (first, last) = (sources[0], sources[sources.len() - 1]);
        let becomes = self.becomes(&first);
        let producers = segment::read_seal(&self.dir, last.base);
        let producers = producers.ok_or_else(|| io::Error::other("a segment has no index"))?;
        let mut extent = Extent::empty(first.base);
        let mut index = Index::default();
        let file = File::create(cleaned_path(&self.dir, first.base))?;
        let mut out = BufWriter::new(file);
        filter.drops_deletions = becomes == Cleaned::Settled;
        filter.has_deletions = false;
        for source in &sources {
            self.each_batch(source, is_cancelled, |header, batch| {
                let kept = filter.apply(header, batch)?;
                let bytes = match &kept {
                    Kept::Nothing => return Ok(()),
                    Kept::Whole => batch,
                    Kept::Part(part) => part.as_slice(),
                };
                let header = BatchHeader::parse(bytes).expect("what stays is a batch");
                let position = extent.length;
                segment::note(&mut extent, &mut index, &header, position);
                out.write_all(bytes)
            })?;
        }
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_data()?;
        extent.next_offset = last.next_offset;
        extent.cleaned = if filter.has_deletions {
            becomes
        } else {
            Cleaned::Settled
        };
        let in_group = first.base..last.next_offset;
        let stays =
            |offset: i64| in_group.contains(&offset) && !filter.gone_markers.contains(&offset);
        let aborted = self.aborted.iter().filter(|it| stays(it.marker_offset));
        Ok(Group {
            seal: Seal {
                length: extent.length,
                next_offset: extent.next_offset,
                max_timestamp: extent.max_timestamp,
                cleaned: extent.cleaned,
                index,
                producers: producers.producers,
                aborted: aborted.copied().collect(),
            },
            extent,
            sources,
        })
    }

    fn each_batch(
        &self,
        source: &Extent,
        is_cancelled: &dyn Fn() -> bool,
        mut visit: impl FnMut(&BatchHeader, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = segment::log_path(&self.dir, source.base);
        let mut file = File::open(&path)?;
        let mut failed = None;
        let fault = scan(
            &mut file,
            0,
            source.base,
            Offsets::Gaps,
            |header, batch, _| {
                if failed.is_some() {
                    return;
                }
                let seen = if is_cancelled() {
                    Err(io::ErrorKind::Interrupted.into())
                } else {
                    visit(header, batch)
                };
                failed = seen.err();
            },
        )?;
        match (failed, fault) {
            (Some(error), _) => Err(error),
            (None, Some(fault)) => {
                let text = format!(
                    "{}: damaged at byte {}: {}",
                    path.display(),
                    fault.position,
                    fault.reason
                );
                Err(io::Error::new(io::ErrorKind::InvalidData, text))
            }
            (None, None) => Ok(()),
        }
    }
}
