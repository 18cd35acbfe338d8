//! Whether work gets done: what there is to do, and for how long none of it was.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::windows::Millis;

/// When a task last got something done.
#[derive(Debug, Default)]
pub(super) struct Progress {
    moved: AtomicU64,
}

/// What a task has to do and does not get done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Records of a source that are neither acknowledged nor dropped.
    Unacknowledged {
        /// How many.
        records: u64,
        /// For how long nothing was.
        idle: Duration,
    },
    /// Records that the task was given and has not taken.
    Held {
        /// How many.
        records: u64,
        /// For how long it has had them.
        idle: Duration,
    },
    /// Records in the topics of a sink that it does not get.
    Behind {
        /// How many.
        records: u64,
        /// For how long it got none.
        idle: Duration,
    },
}

/// How far a consumer is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lag {
    pub(super) records: u64,
    /// For how long there has been any.
    pub(super) age: Duration,
}

impl Progress {
    /// Something was done, or there is something to do again.
    pub(super) fn moved(&self, now: Millis) {
        self.moved.store(now, Relaxed);
    }

    fn idle(&self, now: Millis) -> Duration {
        Duration::from_millis(now.saturating_sub(self.moved.load(Relaxed)))
    }

    /// What a source with so many active records has to do.
    pub(super) fn of_source(&self, records: u64, now: Millis) -> Option<Work> {
        let idle = self.idle(now);
        (records > 0).then_some(Work::Unacknowledged { records, idle })
    }

    /// What a sink has to do that holds so many records and is so far behind.
    pub(super) fn of_sink(&self, held: u64, lag: Option<Lag>, now: Millis) -> Option<Work> {
        let idle = self.idle(now);
        if held > 0 {
            return Some(Work::Held {
                records: held,
                idle,
            });
        }
        // Records that came after the last ones were delivered have not waited for longer than
        // they have been there.
        lag.map(|lag| Work::Behind {
            records: lag.records,
            idle: idle.min(lag.age),
        })
    }
}

impl Work {
    /// For how long none of it was done.
    pub(crate) fn idle(&self) -> Duration {
        match self {
            Self::Unacknowledged { idle, .. }
            | Self::Held { idle, .. }
            | Self::Behind { idle, .. } => *idle,
        }
    }

    /// A sentence for people, about a task of this number.
    pub(crate) fn sentence(&self, task: u32) -> String {
        let seconds = self.idle().as_secs();
        match self {
            Self::Unacknowledged { records, .. } => format!(
                "Task {task} has polled {records} records that the brokers have not acknowledged, \
                 and got no acknowledgement for {seconds} s."
            ),
            Self::Held { records, .. } => format!(
                "Task {task} was given {records} records {seconds} s ago and has not taken them: \
                 `put` has not returned, or asks for another try."
            ),
            Self::Behind { records, .. } => format!(
                "Task {task} is {records} records behind the end of its topics and has got none for \
                 {seconds} s."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_source_without_outstanding_records_has_nothing_to_do() {
        let progress = Progress::default();
        progress.moved(1_000);

        assert_eq!(progress.of_source(0, 100_000), None);
        let work = progress.of_source(3, 61_000).unwrap();
        assert_eq!(work.idle(), seconds(60));
        let expected = "Task 2 has polled 3 records that the brokers have not acknowledged, \
                        and got no acknowledgement for 60 s.";
        assert_eq!(work.sentence(2), expected);
    }

    #[test]
    fn a_sink_waits_for_its_task_or_for_records() {
        let progress = Progress::default();
        progress.moved(10_000);
        let lag = |age| {
            Some(Lag {
                records: 7,
                age: seconds(age),
            })
        };

        assert_eq!(progress.of_sink(0, None, 500_000), None);
        let held = progress.of_sink(4, lag(200), 100_000);
        assert_eq!(
            held,
            Some(Work::Held {
                records: 4,
                idle: seconds(90)
            })
        );
        // Idle for long, and then records came.
        let behind = |age| progress.of_sink(0, lag(age), 100_000).unwrap().idle();
        assert_eq!([behind(5), behind(200)], [seconds(5), seconds(90)]);
    }
}
