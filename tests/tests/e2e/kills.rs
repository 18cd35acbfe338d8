//! `kill -9` at random moments, while lines keep coming: every line arrives, some of them twice.
//!
//! `CONNECT_SEED` repeats the moments of an earlier run; each run reports its seed on its error output.

use std::cell::Cell;
use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use connect_tests::broker::BrokerProcess;
use connect_tests::eventually::eventually;
use connect_tests::kafka::KafkaProcess;
use connect_tests::lines::{append, number, numbered};
use connect_tests::process::Signal;
use connect_tests::worker::Standalone;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(a_worker_that_is_killed_ten_times_loses_no_line);

const KILLS: usize = 10;
/// A life lasts from too short for a start to long enough for every connector to be at work.
const LIFE_MILLIS: std::ops::Range<u64> = 20..2_500;
/// How often and how much is appended.
const PACE: Duration = Duration::from_millis(10);
const LINES_AT_ONCE: std::ops::Range<u64> = 1..40;

async fn a_worker_that_is_killed_ten_times_loses_no_line(scene: Scene) {
    let (seed, mut rng) = seeded();
    let mut lives = StdRng::from_rng(&mut rng);
    let (source, sink) = (scene.source_file(), scene.sink_file());
    let worker = quick_to_miss(scene.worker_with_both());
    let is_over = Cell::new(false);

    let killing = async {
        for _ in 0..KILLS {
            let mut running = worker.launch();
            live(&mut lives).await;
            running.kill();
        }
        is_over.set(true);
    };
    let (appended, ()) = tokio::join!(keep_appending(&mut rng, &source, &is_over), killing);

    let last = worker.start().await;
    let file = wait_for_numbers(&sink, appended).await;
    last.stop(Signal::Terminate).await;
    let topic = Arrived::read(&scene.topic_values().await);
    topic.assert_complete(appended);
    report(
        &format!("worker on {:?}", scene.kind()),
        seed,
        &topic,
        &file,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_broker_that_is_killed_ten_times_loses_no_line() {
    let (seed, mut rng) = seeded();
    let mut lives = StdRng::from_rng(&mut rng);
    let dir = tempfile::tempdir().unwrap();
    let (source, sink) = (dir.path().join("source.txt"), dir.path().join("sink.txt"));
    let broker = BrokerProcess::new(dir.path());
    let mut running = broker.start().await;
    let worker = between_files(dir.path(), &broker.bootstrap(), &source, &sink)
        .start()
        .await;
    let is_over = Cell::new(false);

    let killing = async {
        for _ in 0..KILLS {
            live(&mut lives).await;
            running.kill();
            running = broker.launch();
        }
        is_over.set(true);
    };
    let (appended, ()) = tokio::join!(keep_appending(&mut rng, &source, &is_over), killing);

    // The worker has lived through all of it.
    let file = wait_for_numbers(&sink, appended).await;
    worker.stop(Signal::Terminate).await;
    let topic = Arrived::read(&connect_tests::topic::values(&broker.bootstrap(), "lines").await);
    topic.assert_complete(appended);
    report("embedded broker", seed, &topic, &file);
}

/// Worker and broker are killed again and again. `CONNECT_KILLS=30` and `CONNECT_LINES=1000000` make it long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_and_apache_kafka_that_are_killed_lose_no_line() {
    let kills = number_of("CONNECT_KILLS", 4);
    let lines = number_of("CONNECT_LINES", 20_000);
    let (seed, mut rng) = seeded();
    let dir = tempfile::tempdir().unwrap();
    let Some(broker) = KafkaProcess::new(dir.path()).await else {
        return;
    };
    let mut running_broker = broker.start().await;
    let (source, sink) = (dir.path().join("source.txt"), dir.path().join("sink.txt"));
    let worker = between_files(dir.path(), &broker.bootstrap(), &source, &sink);
    let worker = quick_to_miss(worker);
    // The broker dies twice, with the workers of these lives.
    let broker_deaths = [kills / 3, 2 * kills / 3];

    let mut appended = 0;
    for kill in 0..kills {
        let mut running = worker.launch();
        let end = lines * (kill + 1) / kills;
        let (first, second) = (appended, end - (end - appended) / 2);
        append(&source, &numbered(first..second));
        live(&mut rng).await;
        append(&source, &numbered(second..end));
        appended = end;
        live(&mut rng).await;
        if broker_deaths.contains(&kill) {
            running_broker.kill();
            running_broker = broker.start().await;
            live(&mut rng).await;
        }
        running.kill();
    }

    let last = worker.start().await;
    let file = wait_for_numbers(&sink, lines).await;
    last.stop(Signal::Terminate).await;
    let topic = Arrived::read(&connect_tests::topic::values(&broker.bootstrap(), "lines").await);
    topic.assert_complete(lines);
    report("worker and Apache Kafka", seed, &topic, &file);
}

fn number_of(variable: &str, otherwise: u64) -> u64 {
    let given = std::env::var_os(variable);
    given.map_or(otherwise, |number| {
        let number = number.to_str().and_then(|number| number.parse().ok());
        number.expect("CONNECT_KILLS and CONNECT_LINES are numbers")
    })
}

fn between_files(dir: &Path, bootstrap: &str, source: &Path, sink: &Path) -> Standalone {
    Standalone::new(dir, bootstrap)
        .connector(
            "in",
            &json!({"connector.class": "FileStreamSource", "file": source, "topic": "lines"}),
        )
        .connector(
            "out",
            &json!({"connector.class": "FileStreamSink", "file": sink, "topics": "lines"}),
        )
}

/// The group gives up a killed consumer soon, so that sinks are at work between two kills.
fn quick_to_miss(worker: Standalone) -> Standalone {
    worker
        .set("consumer.session.timeout.ms", "1000")
        .set("consumer.heartbeat.interval.ms", "300")
}

fn seeded() -> (u64, StdRng) {
    let given = std::env::var_os("CONNECT_SEED");
    let seed = given.map_or_else(rand::random, |seed| {
        let seed = seed.to_str().and_then(|seed| seed.parse().ok());
        seed.expect("CONNECT_SEED is a number")
    });
    println!("CONNECT_SEED={seed} repeats this run");
    (seed, StdRng::seed_from_u64(seed))
}

/// Passes a random time: the kill that follows may meet anything.
async fn live(rng: &mut StdRng) {
    tokio::time::sleep(Duration::from_millis(rng.random_range(LIFE_MILLIS))).await;
}

/// Appends lines until the kills are over; returns how many.
async fn keep_appending(rng: &mut StdRng, file: &Path, is_over: &Cell<bool>) -> u64 {
    let mut next = 0;
    while !is_over.get() {
        let end = next + rng.random_range(LINES_AT_ONCE);
        append(file, &numbered(next..end));
        next = end;
        tokio::time::sleep(PACE).await;
    }
    next
}

/// Waits until a file holds every line up to a number.
async fn wait_for_numbers(file: &Path, count: u64) -> Arrived {
    let what = format!("{count} lines in {}", file.display());
    let limit = ARRIVAL_LIMIT + Duration::from_millis(count / 4);
    eventually(limit, &what, async || {
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        let lines: Vec<&str> = text.lines().collect();
        let arrived = Arrived::read(&lines);
        let first_missing = arrived.missing(count).next();
        match first_missing {
            None => Ok(arrived),
            Some(missing) => Err(format!("line {missing} is missing, {arrived:?}")),
        }
    })
    .await
}

/// What came out.
struct Arrived {
    numbers: HashSet<u64>,
    repeated: usize,
    /// Pieces of lines that a killed process left behind.
    torn: usize,
    /// Lines that came for the first time after a later one.
    late: usize,
}

impl Arrived {
    fn read<L: AsRef<str>>(lines: &[L]) -> Self {
        let mut arrived = Self {
            numbers: HashSet::new(),
            repeated: 0,
            torn: 0,
            late: 0,
        };
        let mut highest = 0;
        for line in lines {
            match number(line.as_ref()) {
                None => arrived.torn += 1,
                Some(number) if !arrived.numbers.insert(number) => arrived.repeated += 1,
                Some(number) => {
                    arrived.late += usize::from(number < highest);
                    highest = number;
                }
            }
        }
        arrived
    }

    fn missing(&self, count: u64) -> impl Iterator<Item = u64> {
        (0..count).filter(|number| !self.numbers.contains(number))
    }

    /// Everything is there, whole and in order, apart from repetitions.
    #[track_caller]
    fn assert_complete(&self, count: u64) {
        let missing: Vec<u64> = self.missing(count).take(10).collect();
        assert!(
            missing.is_empty(),
            "missing: {missing:?} and perhaps more; {self:?}"
        );
        assert_eq!((self.torn, self.late), (0, 0), "{self:?}");
    }
}

impl std::fmt::Debug for Arrived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            numbers,
            repeated,
            torn,
            late,
        } = self;
        write!(
            f,
            "{} lines, {repeated} repeated, {torn} torn, {late} late",
            numbers.len()
        )
    }
}

/// Straight to the stream: the test runner shows printed lines of failed tests only.
fn report(what: &str, seed: u64, topic: &Arrived, file: &Arrived) {
    let _ = writeln!(
        std::io::stderr(),
        "KILLED again and again, {what}, seed {seed}: topic {topic:?}; file {file:?}"
    );
}
