//! Compaction: of every key, a log keeps the newest record.
//!
//! Only sealed segments are compacted, and they never change, so the work is done elsewhere while
//! requests go on ([`Cleaning::run`]). What comes out takes the place of the old segments at the
//! end ([`Log::accept`]), if those are still there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::history::Aborted;
use super::retention::remove_if_there;
use super::seal::Seal;
use super::segment::{self, COMPACTED, Cleaned, Extent};
use super::{Log, MAX_SEGMENT_BYTES, MAX_SEGMENT_OFFSETS};

mod filter;
mod job;

/// What the settings of a topic say about compaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CleaningRules {
    /// Younger records are left alone.
    pub(crate) min_lag_ms: i64,
    /// Records are not left alone for longer.
    pub(crate) max_lag_ms: i64,
    /// How long deletions stay, for those who read along.
    pub(crate) delete_retention_ms: i64,
    /// The part of the log that must be new for compaction to be worth its while.
    pub(crate) dirty_ratio: f64,
    pub(crate) segment_bytes: u64,
}

/// Segments that are to be compacted.
#[derive(Debug)]
pub(crate) struct Cleaning {
    dir: PathBuf,
    sources: Vec<Extent>,
    aborted: Vec<Aborted>,
    /// Batches that tell the last sequence number of a producer.
    last_batches: BTreeSet<i64>,
    rules: CleaningRules,
    now: i64,
}

/// Compacted segments that wait to take the place of others.
#[derive(Debug)]
pub(crate) struct Replacement {
    groups: Vec<Group>,
    /// The markers that went.
    gone_markers: BTreeSet<i64>,
}

/// One new segment, and those that it stands for.
#[derive(Debug)]
struct Group {
    sources: Vec<Extent>,
    extent: Extent,
    seal: Seal,
}

impl Log {
    /// What there is to compact now, if it is worth its while.
    pub(crate) fn plan_cleaning(&self, rules: CleaningRules, now: i64) -> Option<Cleaning> {
        let cleanable = self.cleanable(rules, now);
        let is_new = |it: &&Extent| it.cleaned == Cleaned::Never;
        let bytes = |extents: &mut dyn Iterator<Item = &Extent>| -> u64 {
            extents.map(|it| it.length).sum()
        };
        let new = bytes(&mut cleanable.iter().filter(is_new));
        let all = bytes(&mut cleanable.iter());
        let oldest = cleanable.iter().find(is_new).map(|it| it.max_timestamp);
        let waited = oldest.is_some_and(|it| now.saturating_sub(it) > rules.max_lag_ms);
        let has_expired = cleanable.iter().any(|it| it.cleaned.has_expired(now));
        #[expect(clippy::cast_precision_loss, reason = "a ratio needs no more digits")]
        let is_dirty = new > 0 && new as f64 > all as f64 * rules.dirty_ratio;
        if !(is_dirty || waited || has_expired) {
            return None;
        }
        let sources = as_many_as_fit(cleanable);
        let end = sources.last()?.next_offset;
        Some(Cleaning {
            dir: self.dir.clone(),
            aborted: self.history.aborted_in(self.start_offset, end).to_vec(),
            last_batches: self.history.producers.last_batches(),
            sources,
            rules: CleaningRules {
                segment_bytes: rules.segment_bytes.min(MAX_SEGMENT_BYTES),
                ..rules
            },
            now,
        })
    }

    /// The segments that are on the disk, old enough, and of which every transaction has ended.
    fn cleanable(&self, rules: CleaningRules, now: i64) -> Vec<Extent> {
        let first_unsynced = self.unsynced.iter().map(|it| it.segment.extent.base).min();
        let end = self.stable_offset().min(first_unsynced.unwrap_or(i64::MAX));
        let is_ready = |it: &&Extent| {
            it.next_offset <= end && now.saturating_sub(it.max_timestamp) >= rules.min_lag_ms
        };
        self.sealed.iter().take_while(is_ready).copied().collect()
    }

    /// Puts compacted segments in the place of those that they were made of. If one of those is
    /// gone meanwhile, nothing changes and the answer is no.
    ///
    /// # Errors
    /// When a file cannot be renamed, written or removed. A later start finishes what was begun.
    pub(crate) fn accept(&mut self, replacement: Replacement) -> io::Result<bool> {
        let Replacement {
            groups,
            gone_markers,
        } = replacement;
        let is_there = |it: &Extent| self.sealed.contains(it);
        if !groups.iter().flat_map(|it| &it.sources).all(is_there) {
            for group in groups {
                remove_if_there(&cleaned_path(&self.dir, group.extent.base))?;
            }
            return Ok(false);
        }
        File::create(self.dir.join(COMPACTED))?.sync_all()?;
        for group in groups {
            self.replace(&group)?;
        }
        let history = &mut self.history;
        history.retain_aborted(|it| !gone_markers.contains(&it.marker_offset));
        Ok(true)
    }

    fn replace(&mut self, group: &Group) -> io::Result<()> {
        let Extent {
            base, next_offset, ..
        } = group.extent;
        for source in &group.sources {
            self.close_for_reading(source.base);
        }
        let swap = self.dir.join(format!("{base:020}-{next_offset:020}.swap"));
        fs::rename(cleaned_path(&self.dir, base), &swap)?;
        // From here on the new segment counts, also for a start after a crash.
        File::open(&self.dir)?.sync_all()?;
        let from = self.sealed.partition_point(|it| it.base < base);
        self.sealed.drain(from..from + group.sources.len());
        self.sealed.insert(from, group.extent);
        finish_swap(&self.dir, &swap, (base, next_offset))?;
        segment::write_seal(&self.dir, base, &group.seal.encode())
    }
}

/// All compacted segments, and of the new ones so many that their keys fit into memory.
fn as_many_as_fit(cleanable: Vec<Extent>) -> Vec<Extent> {
    let mut offsets = 0;
    let mut sources = Vec::new();
    for extent in cleanable {
        if extent.cleaned == Cleaned::Never {
            let more = extent.next_offset - extent.base;
            if offsets > 0 && offsets + more > MAX_SEGMENT_OFFSETS {
                break;
            }
            offsets += more;
        }
        sources.push(extent);
    }
    sources
}

/// Where a compacted segment is written.
fn cleaned_path(dir: &Path, base: i64) -> PathBuf {
    dir.join(format!("{base:020}.cleaned"))
}

/// Removes the segments that a compacted one stands for, and gives it its name.
fn finish_swap(dir: &Path, swap: &Path, (base, end): (i64, i64)) -> io::Result<()> {
    remove_if_there(&segment::index_path(dir, base))?;
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if segment::base_of(&path).is_some_and(|it| base < it && it < end) {
            remove_if_there(&path.with_extension("index"))?;
            fs::remove_file(path)?;
        }
    }
    fs::rename(swap, segment::log_path(dir, base))
}

/// Finishes or undoes what a crash interrupted.
pub(super) fn clear_up(dir: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let path = entry?.path();
        let extension = path.extension().and_then(|it| it.to_str());
        match extension {
            Some("cleaned") => fs::remove_file(&path)?,
            Some("swap") => {
                let name = path.file_stem().and_then(|it| it.to_str());
                let range = name.and_then(|it| it.split_once('-'));
                let range =
                    range.and_then(|(base, end)| Some((base.parse().ok()?, end.parse().ok()?)));
                let range = range.ok_or_else(|| io::Error::other("a swap file without a range"))?;
                finish_swap(dir, &path, range)?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
