//! Measures the embedded broker next to Apache Kafka: records in and out, single records, memory.
//!
//! `./x measure-broker [RECORDS] [--write]` builds everything in release mode and runs this.
#![expect(clippy::print_stdout, reason = "a command reports on its output")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use clap::Parser as _;
use connect_kafka::{
    ClientSettings, Consumer, OutgoingRecord, Polled, Producer, StartOffset, TopicPartition,
};
use connect_tests::broker::BrokerProcess;
use connect_tests::kafka::Kafka;
use connect_tests::page::{Machine, write_section};
use connect_tests::usage::Usage;

const LIMIT: Duration = Duration::from_secs(600);
const VALUE: &[u8] = &[b'x'; 100];
/// Records that are handed to the client together.
const AT_ONCE: usize = 1_000;
/// Records that are sent one by one.
const SINGLE: usize = 2_000;
/// How many times as many records show that memory does not grow with them.
const MORE: usize = 10;

/// Measures the embedded broker next to Apache Kafka: records in and out, single records, memory.
#[derive(Debug, clap::Parser)]
#[command(name = "./x measure-broker")]
struct Options {
    /// How many records of 100 bytes are written and read; ten times as many for memory.
    #[arg(default_value_t = 1_000_000)]
    records: usize,
    /// Also writes the figures into docs/embedded-broker.md.
    #[arg(long)]
    write: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let mut table = format!(
        "{}\n{} records of 100 bytes in one partition, through librdkafka.\n\n\
         | broker | records/s in | records/s out | CPU-s | one record p50 | p99 | MiB resident | \
         after {MORE} times as many |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
        Machine::here(),
        options.records
    );
    let dir = tempfile::tempdir().expect("a temporary directory");
    let embedded = BrokerProcess::new(dir.path());
    let process = embedded.start().await;
    let row = measure(&embedded.bootstrap(), process.pid(), options.records).await;
    _ = writeln!(table, "| embedded {row}");
    if let Some(kafka) = Kafka::shared().await {
        let row = measure(kafka.bootstrap(), kafka.pid(), options.records).await;
        _ = writeln!(table, "| Apache Kafka {row}");
    }
    println!("{table}");
    if options.write {
        write_section("embedded-broker.md", "./x measure-broker --write", &table);
    }
}

/// One row of the table, without its first column.
async fn measure(bootstrap: &str, pid: u32, records: usize) -> String {
    let settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
    let before = usage(pid);
    let written = write(&settings, "measured", records).await;
    let read = read(&settings, "measured", records).await;
    let after = usage(pid);
    let mut times = single(&settings).await;
    times.sort();
    write(&settings, "more", records * (MORE - 1)).await;
    let end = usage(pid);
    format!(
        "| {} | {} | {:.1} | {} µs | {} µs | {} | {} |",
        rate(records, written),
        rate(records, read),
        (after.cpu - before.cpu).as_secs_f64(),
        times[times.len() / 2].as_micros(),
        times[times.len() * 99 / 100].as_micros(),
        after.resident_bytes >> 20,
        end.resident_bytes >> 20
    )
}

fn usage(pid: u32) -> Usage {
    Usage::of(pid).expect("the broker runs")
}

/// Thousands of records in a second.
fn rate(records: usize, time: Duration) -> String {
    let per_second = records as u128 * 1_000 / time.as_millis().max(1);
    format!("{} k", per_second / 1_000)
}

fn record(topic: &str) -> OutgoingRecord<'_> {
    OutgoingRecord {
        topic,
        partition: Some(0),
        key: None,
        value: Some(VALUE),
        headers: &[],
        timestamp: None,
    }
}

async fn write(settings: &ClientSettings, topic: &str, records: usize) -> Duration {
    let mut producer = Producer::new(settings).expect("the settings are valid");
    let started = Instant::now();
    let mut left = records;
    let mut acks = Vec::new();
    while left > 0 {
        let batch = vec![record(topic); AT_ONCE.min(left)];
        left -= producer.send(batch);
        acks.clear();
        producer.try_acks(&mut acks);
        assert!(acks.iter().all(|it| it.result.is_ok()), "{acks:?}");
        let waited = producer.wait_capacity().await;
        waited.expect("the broker takes records");
    }
    producer
        .flush(LIMIT)
        .await
        .expect("the broker takes records");
    started.elapsed()
}

async fn read(settings: &ClientSettings, topic: &str, records: usize) -> Duration {
    let mut consumer = Consumer::new(settings).expect("the settings are valid");
    let partition = TopicPartition::new(topic, 0);
    let assigned = consumer.assign(&[(partition, StartOffset::Earliest)]);
    assigned.expect("a partition can be read");
    let started = Instant::now();
    let mut found = 0;
    while found < records {
        assert!(started.elapsed() < LIMIT, "{found} of {records} records");
        let polled = consumer.poll(Duration::from_secs(1)).await;
        if let Polled::Records(batch) = polled.expect("the topic can be read") {
            found += batch.iter().count();
        }
    }
    started.elapsed()
}

/// From handing over one record to its acknowledgement.
async fn single(settings: &ClientSettings) -> Vec<Duration> {
    let mut settings = settings.clone();
    settings.set("linger.ms", "0");
    let mut producer = Producer::new(&settings).expect("the settings are valid");
    let mut times = Vec::with_capacity(SINGLE);
    let mut acks = Vec::new();
    for _ in 0..SINGLE {
        let started = Instant::now();
        assert_eq!(producer.send([record("single")]), 1);
        producer.acks(&mut acks).await;
        times.push(started.elapsed());
        acks.clear();
    }
    times
}
