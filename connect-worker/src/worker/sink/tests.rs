//! The whole path of sink records, in processes that die between any two steps: a task that buffers,
//! fails, loses its buffer and asks for other places, a group that takes partitions away at any time
//! and with or without notice, commits that are late, refused or answered wrongly.
//!
//! No offset is ever committed before the task has made durable what lies before it, or its dead
//! letters are written, and after all the deaths nothing was skipped.

mod calls;
pub(super) mod cluster;
mod commits;
mod group;
mod member;
mod writer;

use self::cluster::Cluster;
use self::member::Member;
use self::writer::Writer;
use super::*;
use crate::config::connector::settings::DeadLetterQueue;
use crate::providers::Secrets;
use crate::storage::offsets::file::FileOffsetStore;
use crate::worker::dying::lossy::{Lossy, Manners};
use crate::worker::dying::{self, Chance, FOR_EVER, Life, World};
use crate::worker::task::tests::control;

/// Partitions of the topic, and records of each.
const PARTITIONS: u8 = 3;
const RECORDS: u32 = 12;

/// How the surroundings behave: each of these happens once in so many times.
#[derive(Clone, Copy, Debug)]
struct Case {
    rebalances: u64,
    bad_commits: u64,
    retries: u64,
    failed_flushes: u64,
    seeks: u64,
    refused_letters: u64,
    lost_letters: u64,
}

const NEVER: u64 = u64::MAX;
const PLAIN: Case = Case {
    rebalances: NEVER,
    bad_commits: NEVER,
    retries: NEVER,
    failed_flushes: NEVER,
    seeks: NEVER,
    refused_letters: NEVER,
    lost_letters: NEVER,
};
const CASES: [Case; 7] = [
    PLAIN,
    Case {
        rebalances: 6,
        ..PLAIN
    },
    Case {
        bad_commits: 2,
        failed_flushes: 4,
        ..PLAIN
    },
    Case {
        retries: 3,
        rebalances: 9,
        ..PLAIN
    },
    Case {
        seeks: 5,
        bad_commits: 3,
        failed_flushes: 5,
        ..PLAIN
    },
    Case {
        refused_letters: 5,
        lost_letters: 9,
        ..PLAIN
    },
    Case {
        rebalances: 12,
        bad_commits: 5,
        retries: 8,
        failed_flushes: 8,
        seeks: 9,
        refused_letters: 9,
        lost_letters: 20,
    },
];

const INTEGERS: &str = "org.apache.kafka.connect.converters.IntegerConverter";

/// Null values are dropped by a transform, and values of two bytes cannot be converted.
fn spec() -> TaskSpec {
    let settings = [
        ("topics", "t"),
        ("value.converter", INTEGERS),
        ("errors.tolerance", "all"),
        ("errors.deadletterqueue.topic.name", "letters"),
    ];
    dying::spec("FileStreamSink", &settings)
}

async fn worker() -> Worker {
    let offsets = FileOffsetStore::open("unused").await;
    dying::worker(Arc::new(offsets.unwrap()))
}

impl World for Cluster {
    type Case = Case;

    async fn live(&self, case: Case, life: &Arc<Life>) -> Result<()> {
        let (spec, worker) = (spec(), worker().await);
        let (mut control, _target) = control(&spec);
        let figures = Arc::clone(&control.figures);
        let settings =
            ConnectorSettings::parse(&spec.connector, PluginKind::Sink, &worker.parts.plugins)
                .unwrap();
        let errors = ErrorHandler::new(Arc::clone(&figures), settings.errors, Secrets::default());
        let queue = DeadLetterQueue {
            topic: "letters".to_owned(),
            replication: 1,
            context_headers: false,
        };
        let manners = Manners {
            room: 4,
            refusals: case.refused_letters,
            losses: case.lost_letters,
            line: cluster::line_of,
            // What the task itself reports must not get lost.
            gives_up: |line| !cluster::is_reported(line),
        };
        let letters = Lossy::new(&self.letters, life, manners);
        let (sender, reports) = mpsc::channel(MOST_REPORTS);
        let controls = Arc::new(SinkControls::new(Some(sender)));
        let cx = SinkContext::new("c".into(), 0, control.stop.clone());
        let cx = cx.with_controls(Arc::clone(&controls));
        let mut pipeline = SinkPipeline::new(
            &worker,
            Arc::clone(&figures),
            Conversion::new(&worker, &spec, &figures).unwrap(),
            Ends {
                task: Box::new(Writer::new(self, life, case, (cx, control.stop.clone()))),
                consumer: Member::new(self, life, case, control.stop.clone()),
                errant: ErrantRecords::new(
                    errors,
                    Some(DeadLetters::new(&spec, &queue, letters, &figures)),
                    reports,
                ),
                controls,
            },
        );
        let ended = pipeline.run(&mut control).await;
        ended.and(pipeline.close().await)
    }

    fn bury(&self) {
        self.letters.bury();
        self.settle_late();
    }

    fn check(&self, what: &str) {
        self.check_committed(what);
    }

    fn is_done(&self) -> bool {
        (0..PARTITIONS).all(|it| self.committed(it) == RECORDS)
    }

    /// Everything is committed by then, and what is committed was looked at.
    fn check_complete(&self, _: &str) {}
}

#[tokio::test(start_paused = true)]
async fn a_death_between_any_two_steps_commits_no_offset_early_and_skips_no_record() {
    dying::die_between_any_two_steps::<Cluster>(&CASES).await;
}

#[tokio::test(start_paused = true)]
async fn many_deaths_in_a_row_skip_no_record() {
    dying::die_many_times::<Cluster>(&CASES, 300).await;
}
