//! The whole path of sink records, in processes that die between any two steps: a task that buffers,
//! fails, loses its buffer and asks for other places, a group that takes partitions away at any time
//! and with or without notice, commits that are late, refused or answered wrongly.
//!
//! No offset is ever committed before the task has made durable what lies before it, or its dead
//! letters are written, and after all the deaths nothing was skipped.

mod calls;
mod cluster;
mod member;
mod writer;

use connect_core::config::Props;
use connect_core::registry::PluginRegistry;

use self::cluster::Cluster;
use self::member::Member;
use self::writer::Writer;
use super::*;
use crate::config::connector::settings::DeadLetterQueue;
use crate::config::worker::{Brokers, WorkerConfig};
use crate::identity::TaskId;
use crate::providers::Secrets;
use crate::worker::WorkerParts;
use crate::worker::dying::lossy::{Lossy, Manners};
use crate::worker::dying::{Chance, Life};
use crate::worker::task::tests::control;

/// Partitions of the topic, and records of each.
const PARTITIONS: u8 = 3;
const RECORDS: u32 = 12;
/// More steps than a life has that nothing ends.
const FOR_EVER: u64 = 100_000;
const LONGEST_LIFE: Duration = Duration::from_secs(600);

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
const BYTES: &str = "org.apache.kafka.connect.converters.ByteArrayConverter";
const TOMBSTONE: &str = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone";

/// How a life ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Died,
    Stopped,
    Failed,
}

/// Null values are dropped by a transform, and values of two bytes cannot be converted.
fn spec() -> TaskSpec {
    let plugins = PluginRegistry::from_inventory().unwrap();
    let connector = Props::from_iter([
        ("name", "c"),
        ("connector.class", "FileStreamSink"),
        ("topics", "t"),
        ("key.converter", BYTES),
        ("value.converter", INTEGERS),
        ("transforms", "drop"),
        (
            "transforms.drop.type",
            "org.apache.kafka.connect.transforms.Filter",
        ),
        ("transforms.drop.predicate", "empty"),
        ("predicates", "empty"),
        ("predicates.empty.type", TOMBSTONE),
        ("errors.tolerance", "all"),
        ("errors.deadletterqueue.topic.name", "letters"),
    ]);
    TaskSpec {
        id: TaskId {
            connector: "c".into(),
            task: 0,
        },
        plugin: *plugins.connector("FileStreamSink").unwrap(),
        config: connector.clone(),
        connector,
        siblings: 1,
        secrets: Secrets::default(),
    }
}

async fn worker() -> Worker {
    let plugins = PluginRegistry::from_inventory().unwrap();
    let props = Props::from_iter([
        ("bootstrap.servers", "nowhere:1"),
        ("key.converter", BYTES),
        ("value.converter", BYTES),
        ("offset.storage.file.filename", "unused"),
        ("offset.flush.interval.ms", "20"),
        ("offset.flush.timeout.ms", "100"),
    ]);
    let offsets = crate::storage::offsets::file::FileOffsetStore::open("unused").await;
    Worker::new(WorkerParts {
        config: WorkerConfig::parse(props, Brokers::Configured, &plugins).unwrap(),
        providers: Arc::default(),
        plugins,
        worker_id: "w".to_owned(),
        offsets: Arc::new(offsets.unwrap()),
    })
}

/// One life of the task, in which it is asked to stop once nothing happens any more.
async fn live(cluster: &Cluster, case: Case, life: &Arc<Life>) -> End {
    let (spec, worker) = (spec(), worker().await);
    let (mut control, _target) = control(&spec);
    let figures = Arc::clone(&control.figures);
    let settings =
        ConnectorSettings::parse(&spec.connector, PluginKind::Sink, &worker.parts.plugins).unwrap();
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
    let letters = Lossy::new(&cluster.letters, life, manners);
    let (sender, reports) = mpsc::channel(MOST_REPORTS);
    let controls = Arc::new(SinkControls::new(Some(sender)));
    let cx = SinkContext::new("c".into(), 0, control.stop.clone());
    let cx = cx.with_controls(Arc::clone(&controls));
    let mut pipeline = SinkPipeline::new(
        &worker,
        Arc::clone(&figures),
        Conversion::new(&worker, &spec, &figures).unwrap(),
        Ends {
            task: Box::new(Writer::new(cluster, life, case, (cx, control.stop.clone()))),
            consumer: Member::new(cluster, life, case, control.stop.clone()),
            errant: ErrantRecords::new(
                errors,
                Some(DeadLetters::new(&spec, &queue, letters, &figures)),
                reports,
            ),
            controls,
        },
    );
    let whole = async {
        let ended = pipeline.run(&mut control).await;
        ended.and(pipeline.close().await)
    };
    let ended = tokio::select! {
        biased;
        () = life.died() => None,
        ended = whole => Some(ended),
        () = sleep(LONGEST_LIFE) => panic!("a life does not end: {case:?}"),
    };
    cluster.bury();
    match ended {
        None => End::Died,
        Some(Ok(())) => End::Stopped,
        Some(Err(_)) => End::Failed,
    }
}

/// Lives until everything is committed. The first life ends after `first` steps.
async fn live_on(seed: u64, case: Case, first: u64, mut lives: impl FnMut(&mut Chance) -> u64) {
    let mut chance = Chance::new(seed);
    let cluster = Cluster::default();
    let mut last = first;
    for count in 0.. {
        let life = Life::new(last, chance.fork());
        let end = live(&cluster, case, &life).await;
        let what = format!("seed {seed}, first {first}, life {count}, {case:?}, {end:?}");
        cluster.check(&what);
        if end == End::Stopped && cluster.is_delivered() {
            break;
        }
        assert!(count < 2_000, "{what}: comes to no end");
        last = lives(&mut chance);
    }
}

#[tokio::test(start_paused = true)]
async fn a_death_between_any_two_steps_commits_no_offset_early_and_skips_no_record() {
    for case in CASES {
        let life = Life::new(FOR_EVER, Chance::new(1).fork());
        live(&Cluster::default(), case, &life).await;
        // As many as the first life has, without a death.
        for first in 0..life.steps() {
            live_on(1, case, first, |_| FOR_EVER).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn many_deaths_in_a_row_skip_no_record() {
    for seed in 0..30 {
        for case in CASES {
            live_on(seed, case, 40, |chance| 20 + chance.below(300)).await;
        }
    }
}
