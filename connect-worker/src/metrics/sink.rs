//! What a sink task has read and put.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::reading::{Figure, number, total};
use super::task::milliseconds;
use super::windows::{Millis, Sampled, Windows, float};

/// Figures of one sink task, recorded by its thread.
#[derive(Debug)]
pub(crate) struct SinkFigures {
    read: Sampled,
    read_total: AtomicU64,
    sent: Sampled,
    sent_total: AtomicU64,
    put_time: Sampled,
    partitions: AtomicU64,
    commits_begun: AtomicU64,
    commits: Sampled,
    commits_total: AtomicU64,
    active: AtomicU64,
    active_counts: Sampled,
    /// Records that `put` has not taken yet.
    held: AtomicU64,
}

impl SinkFigures {
    pub(super) fn new(windows: Windows) -> Self {
        let sampled = || Sampled::new(windows);
        Self {
            read: sampled(),
            read_total: AtomicU64::new(0),
            sent: sampled(),
            sent_total: AtomicU64::new(0),
            put_time: sampled(),
            partitions: AtomicU64::new(0),
            commits_begun: AtomicU64::new(0),
            commits: sampled(),
            commits_total: AtomicU64::new(0),
            active: AtomicU64::new(0),
            active_counts: sampled(),
            held: AtomicU64::new(0),
        }
    }

    pub(super) fn read_records(&self, records: u64, now: Millis) {
        self.read.record(float(records), now);
        self.read_total.fetch_add(records, Relaxed);
    }

    pub(super) fn put(&self, records: u64, time: Duration, now: Millis) {
        self.sent.record(float(records), now);
        self.sent_total.fetch_add(records, Relaxed);
        self.put_time.record(milliseconds(time), now);
    }

    pub(super) fn committed(&self, now: Millis) {
        self.commits.record(1.0, now);
        self.commits_total.fetch_add(1, Relaxed);
    }

    pub(super) fn commit_begins(&self) {
        self.commits_begun.fetch_add(1, Relaxed);
    }

    pub(super) fn set_partitions(&self, partitions: u64) {
        self.partitions.store(partitions, Relaxed);
    }

    /// Records that were read and whose offsets are not committed.
    pub(super) fn set_active(&self, records: u64, now: Millis) {
        self.active.store(records, Relaxed);
        self.active_counts.record(float(records), now);
    }

    pub(super) fn hold(&self, records: u64) {
        self.held.store(records, Relaxed);
    }

    /// Records that the task was given, or is to be given again.
    pub(super) fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    pub(super) fn read(&self, now: Millis) -> Vec<Figure> {
        let (read, sent) = (self.read.figures(now), self.sent.figures(now));
        let (put_time, commits) = (self.put_time.figures(now), self.commits.figures(now));
        let active = self.active_counts.figures(now);
        vec![
            number("sink-record-read-rate", read.rate()),
            total("sink-record-read-total", &self.read_total),
            number("sink-record-send-rate", sent.rate()),
            total("sink-record-send-total", &self.sent_total),
            total("partition-count", &self.partitions),
            total("offset-commit-seq-no", &self.commits_begun),
            number("offset-commit-completion-rate", commits.rate()),
            total("offset-commit-completion-total", &self.commits_total),
            number("offset-commit-skip-rate", 0.0),
            number("offset-commit-skip-total", 0.0),
            number("put-batch-max-time-ms", put_time.maximum()),
            number("put-batch-avg-time-ms", put_time.average()),
            total("sink-record-active-count", &self.active),
            number("sink-record-active-count-max", active.maximum()),
            number("sink-record-active-count-avg", active.average()),
        ]
    }
}
