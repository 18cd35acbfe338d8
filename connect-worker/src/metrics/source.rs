//! What a source task has polled and written.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::reading::{Figure, number, total};
use super::task::milliseconds;
use super::windows::{Millis, Sampled, Windows, float};

/// Figures of one source task, recorded by its thread.
#[derive(Debug)]
pub(crate) struct SourceFigures {
    polled: Sampled,
    polled_total: AtomicU64,
    poll_time: Sampled,
    written: Sampled,
    written_total: AtomicU64,
    active: AtomicU64,
    active_counts: Sampled,
}

impl SourceFigures {
    pub(super) fn new(windows: Windows) -> Self {
        let sampled = || Sampled::new(windows);
        Self {
            polled: sampled(),
            polled_total: AtomicU64::new(0),
            poll_time: sampled(),
            written: sampled(),
            written_total: AtomicU64::new(0),
            active: AtomicU64::new(0),
            active_counts: sampled(),
        }
    }

    pub(super) fn polled(&self, records: u64, time: Duration, now: Millis) {
        self.polled.record(float(records), now);
        self.polled_total.fetch_add(records, Relaxed);
        self.poll_time.record(milliseconds(time), now);
        self.set_active(self.active() + records, now);
    }

    /// Some records are done with: these were written, and those were left out.
    pub(super) fn settled(&self, written: u64, dropped: u64, now: Millis) {
        self.written.record(float(written), now);
        self.written_total.fetch_add(written, Relaxed);
        let left = self.active().saturating_sub(written + dropped);
        self.set_active(left, now);
    }

    /// Records that were polled, and neither written nor dropped.
    pub(super) fn active(&self) -> u64 {
        self.active.load(Relaxed)
    }

    fn set_active(&self, records: u64, now: Millis) {
        self.active.store(records, Relaxed);
        self.active_counts.record(float(records), now);
    }

    pub(super) fn read(&self, now: Millis) -> Vec<Figure> {
        let (polled, written) = (self.polled.figures(now), self.written.figures(now));
        let (poll_time, active) = (self.poll_time.figures(now), self.active_counts.figures(now));
        vec![
            number("source-record-poll-rate", polled.rate()),
            total("source-record-poll-total", &self.polled_total),
            number("source-record-write-rate", written.rate()),
            total("source-record-write-total", &self.written_total),
            number("poll-batch-max-time-ms", poll_time.maximum()),
            number("poll-batch-avg-time-ms", poll_time.average()),
            number("source-record-active-count", float(self.active())),
            number("source-record-active-count-max", active.maximum()),
            number("source-record-active-count-avg", active.average()),
        ]
    }
}
