//! What went wrong with the records of a task.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use super::reading::{Figure, total};
use super::windows::millis;

/// Counts of one task. Several places count, none of them for a record that is in order.
#[derive(Debug, Default)]
pub(crate) struct ErrorCounts {
    failures: AtomicU64,
    errors: AtomicU64,
    skipped: AtomicU64,
    retries: AtomicU64,
    logged: AtomicU64,
    dead_letters: AtomicU64,
    lost_dead_letters: AtomicU64,
    last_error: AtomicU64,
}

impl ErrorCounts {
    /// An attempt has failed and may be repeated.
    pub(crate) fn attempt_failed(&self) {
        self.failures.fetch_add(1, Relaxed);
    }

    /// An operation is tried again.
    pub(crate) fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    /// An operation is given up, whatever follows.
    pub(crate) fn given_up(&self) {
        self.failures.fetch_add(1, Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map(millis).unwrap_or_default();
        self.last_error.store(now, Relaxed);
    }

    /// A record counts as failed.
    pub(crate) fn failed(&self) {
        self.errors.fetch_add(1, Relaxed);
    }

    /// A record is left out.
    pub(crate) fn skipped(&self) {
        self.skipped.fetch_add(1, Relaxed);
    }

    pub(crate) fn logged(&self) {
        self.logged.fetch_add(1, Relaxed);
    }

    /// A record is on its way to the dead letter queue.
    pub(crate) fn dead_letter(&self) {
        self.dead_letters.fetch_add(1, Relaxed);
    }

    /// So many of them did not arrive.
    pub(crate) fn dead_letters_lost(&self, letters: u64) {
        self.lost_dead_letters.fetch_add(letters, Relaxed);
    }

    pub(super) fn read(&self) -> Vec<Figure> {
        let counts = [
            ("total-record-failures", &self.failures),
            ("total-record-errors", &self.errors),
            ("total-records-skipped", &self.skipped),
            ("total-retries", &self.retries),
            ("total-errors-logged", &self.logged),
            ("deadletterqueue-produce-requests", &self.dead_letters),
            ("deadletterqueue-produce-failures", &self.lost_dead_letters),
            ("last-error-timestamp", &self.last_error),
        ];
        counts.map(|(name, count)| total(name, count)).into()
    }
}
