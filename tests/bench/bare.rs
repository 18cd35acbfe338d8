//! The clients alone, from a plain loop: the line to compare the workers with.
//!
//! A loop runs in a process of its own, which prints what it used.

use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::{Subcommand, ValueEnum};
use connect_kafka::{
    ClientSettings, Consumer, OutgoingRecord, Polled, Producer, StartOffset, TopicPartition,
};
use connect_tests::kafka::Kafka;
use connect_tests::process::Process;
use connect_tests::usage::Usage;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::{Offset, TopicPartitionList};

use crate::alone;
use crate::fill::{Lines, Topic};
use crate::sample::Sample;

const LIMIT: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_millis(100);
/// Lines handed to the producer at once, as many as the file source takes from a file.
const PORTION: usize = 2_000;
/// What both consumers need so that they do not stand still between two fetches.
const CONSUMER: [(&str, &str); 2] = [
    ("fetch.queue.backoff.ms", "5"),
    ("queued.min.messages", "25000"),
];

/// How the client is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Calls {
    /// One record at a time.
    Single,
    /// Many records at a time.
    Batch,
}

/// A loop over a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loop {
    /// Lines of a file into a topic.
    Produce(Calls),
    /// Values of a topic into a file.
    Consume(Calls),
}

impl fmt::Display for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Produce(calls) | Self::Consume(calls)) = self;
        f.write_str(match calls {
            Calls::Single => "client alone, one by one",
            Calls::Batch => "client alone, in batches",
        })
    }
}

/// The process of one loop.
#[derive(Debug, Subcommand)]
pub(crate) enum Bare {
    /// Lines of a file into a topic.
    #[command(hide = true)]
    Produce {
        calls: Calls,
        bootstrap: String,
        topic: String,
        file: PathBuf,
    },
    /// Values of a topic into a file.
    #[command(hide = true)]
    Consume {
        calls: Calls,
        bootstrap: String,
        topic: String,
        partitions: i32,
        file: PathBuf,
        count: u64,
    },
    /// Lines of a file out of the file source.
    #[command(hide = true)]
    Poll { file: PathBuf, count: u64 },
}

impl Bare {
    /// Runs the loop, then prints processor time in milliseconds and peak memory in bytes.
    pub(crate) async fn run(&self) {
        let started = Instant::now();
        match self {
            Self::Produce {
                calls,
                bootstrap,
                topic,
                file,
            } => match calls {
                Calls::Single => produce_one_by_one(bootstrap, topic, file),
                Calls::Batch => produce_in_batches(bootstrap, topic, file).await,
            },
            Self::Consume {
                calls,
                bootstrap,
                topic,
                partitions,
                file,
                count,
            } => {
                let topic = (topic.as_str(), *partitions);
                match calls {
                    Calls::Single => consume_one_by_one(bootstrap, topic, file, *count),
                    Calls::Batch => consume_in_batches(bootstrap, topic, file, *count).await,
                }
            }
            Self::Poll { file, count } => alone::poll(file, *count).await,
        }
        let usage = Usage::of(std::process::id()).expect("the counters of this process");
        println!(
            "{} {} {}",
            started.elapsed().as_millis(),
            usage.cpu.as_millis(),
            usage.peak_resident_bytes
        );
    }
}

impl Loop {
    /// Runs the loop in a process of its own, with a topic of so many partitions.
    pub(crate) async fn measure(
        self,
        dir: &Path,
        kafka: &Kafka,
        lines: &Lines,
        partitions: i32,
    ) -> Sample {
        let name = format!("bare-{}-{}", std::process::id(), lines.line_bytes);
        let topic = Topic::create(kafka.bootstrap(), &name, partitions).await;
        let program = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(program);
        let (verb, calls) = match self {
            Self::Produce(calls) => ("produce", calls),
            Self::Consume(calls) => ("consume", calls),
        };
        let calls = calls.to_possible_value().expect("no variant is hidden");
        command.args([verb, calls.get_name(), kafka.bootstrap(), &name]);
        let out = dir.join("bare.txt");
        match self {
            Self::Produce(_) => command.arg(&lines.path),
            Self::Consume(_) => {
                topic.fill(lines, "", "").await;
                command.arg(partitions.to_string());
                command.arg(&out).arg(lines.count.to_string())
            }
        };

        let broker = || Usage::of(kafka.pid()).expect("the broker runs").cpu;
        let before = broker();
        let mut process = Process::start("client alone", command, &dir.join("bare.log"));
        let code = process.wait_exit(LIMIT).await;
        assert_eq!(code, 0, "{}", process.log_tail());
        let sample = sample(&process.log(), lines.count, broker() - before);
        topic.delete().await;
        sample
    }
}

pub(crate) fn sample(printed: &str, records: u64, broker_cpu: Duration) -> Sample {
    let last = printed.lines().last().unwrap_or_default();
    let figures: Vec<u64> = last
        .split(' ')
        .map(|figure| figure.parse().expect("the loop prints its figures last"))
        .collect();
    let [elapsed, cpu, peak] = figures[..] else {
        unreachable!("the loop prints three figures");
    };
    Sample {
        records,
        elapsed: Duration::from_millis(elapsed),
        cpu: Duration::from_millis(cpu),
        broker_cpu,
        peak_resident_bytes: peak,
    }
}

/// The settings of a source task's producer that matter here.
fn producer_settings(bootstrap: &str) -> ClientSettings {
    ClientSettings::from_iter([
        ("bootstrap.servers", bootstrap),
        ("acks", "all"),
        ("enable.idempotence", "false"),
        ("max.in.flight.requests.per.connection", "1"),
    ])
}

fn lines_of(file: &Path) -> BufReader<fs::File> {
    let file = fs::File::open(file).expect("the file can be read");
    BufReader::with_capacity(1 << 20, file)
}

async fn produce_in_batches(bootstrap: &str, topic: &str, file: &Path) {
    let mut producer =
        Producer::new(&producer_settings(bootstrap)).expect("the settings are valid");
    let mut acks = Vec::new();
    let mut lines = lines_of(file);
    let (mut text, mut ends) = (Vec::new(), Vec::new());
    loop {
        text.clear();
        ends.clear();
        while ends.len() < PORTION && lines.read_until(b'\n', &mut text).expect("readable") > 0 {
            ends.push(text.len());
        }
        if ends.is_empty() {
            break;
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let records: Vec<OutgoingRecord<'_>> = starts
            .zip(&ends)
            .map(|(start, end)| OutgoingRecord {
                topic,
                partition: None,
                key: None,
                value: Some(&text[start..end - 1]),
                headers: &[],
                timestamp: None,
            })
            .collect();
        let mut sent = 0;
        while sent < records.len() {
            sent += producer.send(records[sent..].iter().copied());
            acks.clear();
            producer.try_acks(&mut acks);
            if sent < records.len() {
                producer.wait_capacity().await.expect("the queue empties");
            }
        }
    }
    producer.close(LIMIT).await.1.expect("all is acknowledged");
}

fn produce_one_by_one(bootstrap: &str, topic: &str, file: &Path) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("acks", "all")
        .set("max.in.flight.requests.per.connection", "1")
        .create()
        .expect("the settings are valid");
    for line in lines_of(file).split(b'\n') {
        let line = line.expect("the file can be read");
        let mut record = BaseRecord::<(), [u8]>::to(topic).payload(&line);
        while let Err((error, refused)) = producer.send(record) {
            let is_full = KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull);
            assert_eq!(error, is_full, "the client takes every record");
            producer.poll(POLL);
            record = refused;
        }
        producer.poll(Duration::ZERO);
    }
    producer.flush(LIMIT).expect("all is acknowledged");
}

async fn consume_in_batches(
    bootstrap: &str,
    (topic, partitions): (&str, i32),
    file: &Path,
    count: u64,
) {
    let mut settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
    settings.set("max.poll.records", PORTION.to_string());
    let mut consumer = Consumer::new(&settings).expect("the settings are valid");
    let all = (0..partitions).map(|it| (TopicPartition::new(topic, it), StartOffset::Earliest));
    consumer
        .assign(&all.collect::<Vec<_>>())
        .expect("the partitions can be read");
    let mut out = writer(file);
    let mut taken = 0;
    while taken < count {
        let polled = consumer.poll(POLL).await.expect("the topic can be read");
        let Polled::Records(batch) = polled else {
            continue;
        };
        for record in batch.iter() {
            write_line(&mut out, record.value());
        }
        taken += batch.len() as u64;
    }
    out.flush().expect("there is room for the lines");
}

fn consume_one_by_one(bootstrap: &str, (topic, partitions): (&str, i32), file: &Path, count: u64) {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("group.id", topic);
    for (key, value) in CONSUMER {
        config.set(key, value);
    }
    let consumer: BaseConsumer = config.create().expect("the settings are valid");
    let mut all = TopicPartitionList::new();
    for partition in 0..partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning)
            .expect("an offset that exists");
    }
    consumer.assign(&all).expect("the partitions can be read");
    let mut out = writer(file);
    let mut taken = 0;
    while taken < count {
        let Some(message) = consumer.poll(POLL) else {
            continue;
        };
        write_line(&mut out, message.expect("the topic can be read").payload());
        taken += 1;
    }
    out.flush().expect("there is room for the lines");
}

fn writer(file: &Path) -> BufWriter<fs::File> {
    let file = fs::File::create(file).expect("the directory is writable");
    BufWriter::with_capacity(1 << 16, file)
}

fn write_line(out: &mut impl std::io::Write, line: Option<&[u8]>) {
    out.write_all(line.unwrap_or_default())
        .and_then(|()| out.write_all(b"\n"))
        .expect("there is room for the lines");
}
