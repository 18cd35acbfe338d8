//! What outlives a process: the topic, what is committed, and what the task has made durable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use connect_kafka::FetchedParts;

use super::*;
use crate::worker::dying::lossy::{Line, Topic};

/// What is durable.
#[derive(Clone, Default)]
pub(super) struct Cluster {
    pub(super) letters: Topic,
    durable: Arc<Mutex<Durable>>,
}

#[derive(Default)]
struct Durable {
    /// Offset of the next record, by partition.
    committed: BTreeMap<u8, u32>,
    delivered: BTreeSet<Line>,
    /// Commits that nobody waits for any more, and that may yet come to pass.
    late: Vec<(u8, u32)>,
}

/// What becomes of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Delivered,
    /// Dropped by a transform.
    Dropped,
    /// Cannot be converted.
    Broken,
    /// Cannot be delivered, says the task.
    Reported,
}

fn kind((partition, offset): Line) -> Kind {
    match (u32::from(partition) * RECORDS + offset) % 9 {
        2 => Kind::Dropped,
        5 => Kind::Broken,
        7 => Kind::Reported,
        _ => Kind::Delivered,
    }
}

pub(super) fn is_reported(line: Line) -> bool {
    kind(line) == Kind::Reported
}

fn value((partition, offset): Line) -> Option<Vec<u8>> {
    let offset = u8::try_from(offset).unwrap();
    match kind((partition, u32::from(offset))) {
        Kind::Dropped => None,
        Kind::Broken => Some(vec![partition, offset]),
        Kind::Delivered | Kind::Reported => Some(vec![0, 0, partition, offset]),
    }
}

/// The record with a value.
pub(super) fn line_of(value: &[u8]) -> Line {
    let [.., partition, offset] = value else {
        panic!("{value:?} is no value");
    };
    (*partition, u32::from(*offset))
}

/// Records as a consumer fetches them.
pub(in crate::worker::sink) fn fetched(lines: &[Line]) -> FetchedBatch {
    let values: Vec<_> = lines.iter().map(|it| value(*it)).collect();
    let parts = lines.iter().zip(&values).map(|(line, value)| FetchedParts {
        topic: "t",
        partition: i32::from(line.0),
        offset: i64::from(line.1),
        timestamp: Some(1),
        key: None,
        value: value.as_deref(),
    });
    FetchedBatch::from_parts(parts).unwrap()
}

impl Cluster {
    fn lock(&self) -> std::sync::MutexGuard<'_, Durable> {
        self.durable.lock().unwrap()
    }

    pub(super) fn committed(&self, partition: u8) -> u32 {
        self.lock().committed.get(&partition).copied().unwrap_or(0)
    }

    pub(super) fn commit(&self, offsets: &[(u8, u32)]) {
        self.lock().committed.extend(offsets.iter().copied());
    }

    /// A commit that comes to pass before the next one, or at the end of the process.
    pub(super) fn commit_late(&self, offsets: &[(u8, u32)]) {
        self.lock().late.extend(offsets);
    }

    pub(super) fn settle_late(&self) {
        let mut durable = self.lock();
        let late = std::mem::take(&mut durable.late);
        durable.committed.extend(late);
    }

    pub(super) fn deliver(&self, line: Line) {
        self.lock().delivered.insert(line);
    }

    /// Everything before a committed offset has come to its place.
    #[track_caller]
    pub(super) fn check_committed(&self, what: &str) {
        let lines = (0..PARTITIONS)
            .flat_map(|partition| (0..self.committed(partition)).map(move |it| (partition, it)));
        for line in lines {
            let is_there = match kind(line) {
                Kind::Dropped => true,
                Kind::Broken | Kind::Reported => self.letters.has(line),
                Kind::Delivered => self.lock().delivered.contains(&line),
            };
            assert!(is_there, "{what}: {line:?} was skipped");
        }
    }
}
