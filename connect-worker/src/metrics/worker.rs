//! The worker itself, and how its connectors and tasks start.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::names::APP_INFO;
use super::reading::{Figure, Reading, number, tags, text, total};
use super::windows::{Millis, Sampled, Windows, float, millis};
use crate::identity::{API_VERSION, COMMIT};

/// Which worker this is, and since when.
#[derive(Debug)]
pub(super) struct About {
    worker_id: String,
    started: Millis,
}

impl About {
    pub(super) fn new(worker_id: &str) -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            worker_id: worker_id.to_owned(),
            started: started.map(millis).unwrap_or_default(),
        }
    }

    pub(super) fn read(&self) -> Reading {
        Reading {
            group: &APP_INFO,
            tags: tags(&APP_INFO, [&self.worker_id]),
            figures: vec![
                text("version", API_VERSION),
                text("commit-id", COMMIT),
                number("start-time-ms", float(self.started)),
            ],
        }
    }
}

/// How often connectors, or tasks, have started and failed to start.
#[derive(Debug)]
pub(super) struct Starts {
    succeeded: AtomicU64,
    failed: AtomicU64,
    /// Many tasks start at once, and each seldom.
    outcomes: Mutex<Sampled>,
}

impl Starts {
    pub(super) fn new(windows: Windows) -> Self {
        Self {
            succeeded: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            outcomes: Mutex::new(Sampled::new(windows)),
        }
    }

    pub(super) fn record(&self, is_running: bool, now: Millis) {
        let count = if is_running {
            &self.succeeded
        } else {
            &self.failed
        };
        count.fetch_add(1, Relaxed);
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.record(f64::from(u8::from(is_running)), now);
    }

    /// Attempts, successes, failures and the shares of both, by these names.
    pub(super) fn read(&self, now: Millis, names: [&'static str; 5]) -> [Figure; 5] {
        let outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = outcomes.figures(now);
        let attempts = self.succeeded.load(Relaxed) + self.failed.load(Relaxed);
        let [all, good, bad, good_share, bad_share] = names;
        [
            number(all, float(attempts)),
            total(good, &self.succeeded),
            total(bad, &self.failed),
            number(good_share, outcomes.share_of_ones()),
            number(bad_share, outcomes.share_of_zeros()),
        ]
    }
}
