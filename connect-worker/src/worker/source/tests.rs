//! The whole path of source records against a producer that delays, reorders, refuses and loses
//! answers, in processes that die between any two steps.
//!
//! No offset is ever stored before its records are in the topic, the task is told of stored offsets
//! only, and after all the deaths no record is missing.

mod brokers;
mod reader;

use std::sync::Arc;

use connect_core::config::Props;
use connect_core::registry::PluginRegistry;

use self::brokers::Brokers;
use self::reader::Reader;
use super::*;
use crate::config::worker::{self, WorkerConfig};
use crate::providers::Secrets;
use crate::storage::offsets::OffsetStore;
use crate::worker::WorkerParts;
use crate::worker::dying::lossy::{Line, Lossy, Manners, Topic};
use crate::worker::dying::{Chance, Life};
use crate::worker::task::tests::control;

/// Source partitions, and records of each.
const PARTITIONS: u8 = 3;
const RECORDS: u32 = 12;
/// More steps than a life has that nothing ends.
const FOR_EVER: u64 = 100_000;
const LONGEST_LIFE: Duration = Duration::from_secs(600);

/// How a connector is set up, and how its surroundings behave.
#[derive(Clone, Copy, Debug)]
struct Case {
    /// Whether failures are tolerated.
    tolerates: bool,
    /// Records that the producer takes at once.
    room: usize,
    /// One answer in so many is a refusal.
    refusals: u64,
    /// One answer in so many never comes.
    losses: u64,
}

const PLAIN: Case = Case {
    tolerates: true,
    room: 5,
    refusals: u64::MAX,
    losses: u64::MAX,
};
const CASES: [Case; 4] = [
    PLAIN,
    Case {
        tolerates: false,
        refusals: 9,
        ..PLAIN
    },
    Case {
        losses: 15,
        ..PLAIN
    },
    Case {
        tolerates: false,
        room: 1,
        refusals: 25,
        losses: 25,
    },
];

/// How a life ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Died,
    Stopped,
    Failed,
}

fn spec(case: Case) -> TaskSpec {
    let plugins = PluginRegistry::from_inventory().unwrap();
    // Lines without a value are dropped by a transform; text cannot be converted.
    let connector = Props::from_iter([
        ("name", "c"),
        ("connector.class", "FileStreamSource"),
        ("topic", "t"),
        ("key.converter", BYTES),
        ("value.converter", BYTES),
        ("transforms", "drop"),
        (
            "transforms.drop.type",
            "org.apache.kafka.connect.transforms.Filter",
        ),
        ("transforms.drop.predicate", "empty"),
        ("predicates", "empty"),
        ("predicates.empty.type", TOMBSTONE),
        (
            "errors.tolerance",
            if case.tolerates { "all" } else { "none" },
        ),
    ]);
    TaskSpec {
        id: reader::task(),
        plugin: *plugins.connector("FileStreamSource").unwrap(),
        config: connector.clone(),
        connector,
        siblings: 1,
        secrets: Secrets::default(),
    }
}

fn manners(case: Case) -> Manners {
    Manners {
        room: case.room,
        refusals: case.refusals,
        losses: case.losses,
        line: reader::line_of,
        gives_up: if case.tolerates { |_| true } else { |_| false },
    }
}

const BYTES: &str = "org.apache.kafka.connect.converters.ByteArrayConverter";
const TOMBSTONE: &str = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone";

fn worker(brokers: &Brokers, life: &Arc<Life>) -> Worker {
    let plugins = PluginRegistry::from_inventory().unwrap();
    let props = Props::from_iter([
        ("bootstrap.servers", "nowhere:1"),
        ("key.converter", BYTES),
        ("value.converter", BYTES),
        ("offset.storage.file.filename", "unused"),
        ("offset.flush.interval.ms", "20"),
        ("offset.flush.timeout.ms", "100"),
    ]);
    Worker::new(WorkerParts {
        config: WorkerConfig::parse(props, worker::Brokers::Configured, &plugins).unwrap(),
        providers: Arc::default(),
        plugins,
        worker_id: "w".to_owned(),
        offsets: brokers.store(life) as Arc<dyn OffsetStore>,
    })
}

/// One life of the task, in which it is asked to stop once it has read everything and has waited a
/// while.
async fn live(brokers: &Brokers, case: Case, life: &Arc<Life>) -> End {
    let spec = spec(case);
    let worker = worker(brokers, life);
    let producer = Lossy::new(&brokers.topic, life, manners(case));
    let (mut control, _target) = control(&spec);
    let delivery = Delivery::new(&worker, &spec, producer, &control.figures).unwrap();
    let stop = control.stop.clone();
    let reader = Box::new(Reader::new(brokers, life, stop.clone(), case.tolerates));
    let ended = tokio::select! {
        biased;
        () = life.died() => None,
        ended = drive(reader, Box::new(delivery), &mut control) => Some(ended),
        () = sleep(LONGEST_LIFE) => panic!("a life does not end: {case:?}"),
    };
    brokers.topic.bury();
    match ended {
        None => End::Died,
        Some(Ok(())) => End::Stopped,
        Some(Err(_)) => End::Failed,
    }
}

/// Lives until everything is stored. The first life ends after `first` steps.
async fn live_on(seed: u64, case: Case, first: u64, mut lives: impl FnMut(&mut Chance) -> u64) {
    let mut chance = Chance::new(seed);
    let brokers = Brokers::default();
    let mut last = first;
    for count in 0.. {
        let life = Life::new(last, chance.fork());
        let end = live(&brokers, case, &life).await;
        let what = format!("seed {seed}, first {first}, life {count}, {case:?}, {end:?}");
        brokers.check(&what);
        if end == End::Stopped && brokers.is_read() {
            break;
        }
        assert!(count < 2_000, "{what}: comes to no end");
        last = lives(&mut chance);
    }
    brokers.check_complete(&format!("seed {seed}, first {first}, {case:?}"));
}

#[tokio::test(start_paused = true)]
async fn a_death_between_any_two_steps_stores_no_offset_early_and_loses_no_record() {
    for case in CASES {
        let life = Life::new(FOR_EVER, Chance::new(1).fork());
        live(&Brokers::default(), case, &life).await;
        // As many as the first life has, without a death.
        for first in 0..life.steps() {
            live_on(1, case, first, |_| FOR_EVER).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_deaths_in_a_row_lose_no_record() {
    for seed in 0..30 {
        for case in CASES {
            live_on(seed, case, 40, |chance| 20 + chance.below(200)).await;
        }
    }
}
