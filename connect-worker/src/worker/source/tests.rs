//! The whole path of source records against a producer that delays, reorders, refuses and loses
//! answers, in processes that die between any two steps.
//!
//! No offset is ever stored before its records are in the topic, the task is told of stored offsets
//! only, and after all the deaths no record is missing.

mod brokers;
mod reader;

use std::sync::Arc;

use self::brokers::Brokers;
use self::reader::Reader;
use super::*;
use crate::storage::offsets::OffsetStore;
use crate::worker::dying::lossy::{Line, Lossy, Manners, Topic};
use crate::worker::dying::{self, BYTES, Chance, FOR_EVER, Life, World};
use crate::worker::task::tests::control;
use crate::worker::transforms::tests::chain;

/// Source partitions, and records of each.
const PARTITIONS: u8 = 3;
const RECORDS: u32 = 12;

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
const CASES: [Case; 5] = [
    PLAIN,
    Case {
        refusals: 9,
        ..PLAIN
    },
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

/// Lines without a value are dropped by a transform; text cannot be converted.
fn spec(case: Case) -> TaskSpec {
    let tolerance = if case.tolerates { "all" } else { "none" };
    let settings = [
        ("topic", "t"),
        ("value.converter", BYTES),
        ("errors.tolerance", tolerance),
    ];
    dying::spec("FileStreamSource", &settings)
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

impl World for Brokers {
    type Case = Case;

    async fn live(&self, case: Case, life: &Arc<Life>) -> Result<()> {
        let spec = spec(case);
        let worker = dying::worker(self.store(life) as Arc<dyn OffsetStore>);
        let producer = Lossy::new(&self.topic, life, manners(case));
        let (mut control, _target) = control(&spec);
        let delivery = Delivery::new(&worker, &spec, producer, &control.figures).unwrap();
        let stop = control.stop.clone();
        let reader = Box::new(Reader::new(self, life, stop, case.tolerates));
        drive(reader, Box::new(delivery), &mut control).await
    }

    fn bury(&self) {
        self.topic.bury();
    }

    fn check(&self, what: &str) {
        self.check_lines(|partition| self.next(partition), what);
    }

    /// Whether the offsets of all records are stored that have one of their own.
    fn is_done(&self) -> bool {
        (0..PARTITIONS).all(|it| self.next(it) > reader::last_stored(it))
    }

    fn check_complete(&self, what: &str) {
        self.check_lines(|_| RECORDS, what);
    }
}

#[tokio::test(start_paused = true)]
async fn a_death_between_any_two_steps_stores_no_offset_early_and_loses_no_record() {
    dying::die_between_any_two_steps::<Brokers>(&CASES).await;
}

#[tokio::test(start_paused = true)]
async fn many_deaths_in_a_row_lose_no_record() {
    dying::die_many_times::<Brokers>(&CASES, 200).await;
}

#[tokio::test(start_paused = true)]
async fn a_line_that_is_only_an_offset_is_stored_behind_those_before_it() {
    // The second one is no record; see `reader`.
    for lines in [vec![(0, 7)], vec![(0, 6), (0, 7)]] {
        let brokers = Brokers::default();
        let life = Life::new(FOR_EVER, Chance::new(3));
        let spec = spec(PLAIN);
        let worker = dying::worker(brokers.store(&life) as Arc<dyn OffsetStore>);
        let producer = Lossy::new(&brokers.topic, &life, manners(PLAIN));
        let (control, _target) = control(&spec);
        let mut delivery = Delivery::new(&worker, &spec, producer, &control.figures).unwrap();

        let batch = reader::batch(lines.clone());
        delivery.deliver(batch, &control).await.unwrap();
        // The store fails now and then.
        for _ in 0..20 {
            delivery.finish().await;
        }

        assert_eq!(brokers.next(0), 8, "{lines:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_may_be_lost_holds_up_no_offset_behind_it() {
    let brokers = Brokers::default();
    let life = Life::new(FOR_EVER, Chance::new(3));
    let refusing = Case {
        refusals: 1,
        ..PLAIN
    };
    let spec = spec(refusing);
    let worker = dying::worker(brokers.store(&life) as Arc<dyn OffsetStore>);
    let producer = Lossy::new(&brokers.topic, &life, manners(refusing));
    let (control, _target) = control(&spec);
    let mut delivery = Delivery::new(&worker, &spec, producer, &control.figures).unwrap();

    let batch = reader::batch(vec![(0, 0), (0, 1)]);
    delivery.deliver(batch, &control).await.unwrap();
    // The store fails now and then.
    for _ in 0..20 {
        delivery.finish().await;
    }

    assert_eq!(brokers.next(0), 2);
}

#[test]
fn the_time_of_reading_stays_if_it_is_seen() {
    let is_seen = |aliases: &[&str], are_of_now| {
        let settings = [
            ("transforms.drop.type", "x.Drop"),
            ("transforms.append.type", "x.Append"),
            ("transforms.append.text", "!"),
        ];
        is_time_seen(are_of_now, &chain(aliases, &settings).unwrap())
    };

    assert!(!is_seen(&["drop"], true));
    assert!(is_seen(&["drop"], false));
    assert!(is_seen(&["drop", "append"], true));
}
