//! How many instructions a record costs, counted by Valgrind: a slow-down shows without a quiet machine.
//!
//! The counted worker is the one that the tests use anyway, without optimisation of the project's own crates. So the
//! figures say nothing about speed; they say that the work for a record has grown or shrunk. They repeat to half a
//! per cent. The start of the worker is not counted: the cost of a few records is taken off that of many.
#![expect(
    clippy::unwrap_used,
    reason = "bodies of tests, which lie outside of the functions that the test runner calls"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use connect_kafka::{ClientSettings, OutgoingRecord, Producer};
use connect_tests::broker::{BrokerKind, TestBroker};
use connect_tests::eventually::eventually;
use connect_tests::lines::{numbered, wait_for_text};
use connect_tests::process::{Process, Signal};
use connect_tests::skip::skip;
use connect_tests::worker::Standalone;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How far a figure may be from the one that is written down, in per cent.
const TOLERANCE: u64 = 12;
const TOPIC: &str = "lines";
const FEW: u64 = 100;
const MANY: u64 = 20_000;
/// Exit code of a worker that was asked to end, as with Java.
const TERMINATED: i32 = 143;
const LIMIT: Duration = Duration::from_secs(240);
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";

#[tokio::test]
async fn a_line_from_a_file_into_a_topic() {
    check(9_200, &Connector::Source(json!({}))).await;
}

#[tokio::test]
async fn a_line_from_a_file_through_transforms_into_json_with_a_schema() {
    let config = json!({
        "value.converter": JSON,
        "transforms": "hoist,insert",
        "transforms.hoist.type": "org.apache.kafka.connect.transforms.HoistField$Value",
        "transforms.hoist.field": "line",
        "transforms.insert.type": "org.apache.kafka.connect.transforms.InsertField$Value",
        "transforms.insert.static.field": "origin",
        "transforms.insert.static.value": "here",
    });
    check(20_900, &Connector::Source(config)).await;
}

#[tokio::test]
async fn a_record_from_a_topic_into_a_file() {
    check(8_550, &Connector::Sink).await;
}

/// What is counted.
#[derive(Debug)]
enum Connector {
    /// A file source with these settings in addition.
    Source(Value),
    /// A file sink.
    Sink,
}

/// Counts the instructions of a record and compares them with what is expected.
async fn check(expected: u64, connector: &Connector) {
    if let Err(error) = Command::new("valgrind").arg("--version").output() {
        skip(&format_args!("no valgrind: {error}"));
        return;
    }
    let few = count(connector, FEW).await;
    let many = count(connector, MANY).await;
    let found = (many - few) / (MANY - FEW);
    let tolerated = expected * TOLERANCE / 100;
    assert!(
        found.abs_diff(expected) <= tolerated,
        "a record costs {found} instructions instead of {expected}; if that is meant, write it down"
    );
}

/// Instructions of a worker that moves so many lines.
async fn count(connector: &Connector, lines: u64) -> u64 {
    let broker = TestBroker::start(BrokerKind::Embedded).await;
    let broker = broker.expect("the embedded broker runs anywhere");
    let bootstrap = broker.bootstrap();
    let dir = TempDir::with_prefix("connect-test-").unwrap();
    let file = dir.path().join("lines.txt");
    let text = numbered(0..lines);
    let config = match connector {
        Connector::Source(settings) => {
            fs::write(&file, &text).unwrap();
            let mut config = settings.clone();
            config["connector.class"] = "FileStreamSource".into();
            config["topic"] = TOPIC.into();
            config
        }
        Connector::Sink => {
            fill(bootstrap, &text).await;
            json!({"connector.class": "FileStreamSink", "topics": TOPIC})
        }
    };

    let counted = dir.path().join("counted");
    let mut process = launch(dir.path(), bootstrap, &file, config, &counted);
    match connector {
        Connector::Source(_) => wait_for_records(bootstrap, text.lines().count()).await,
        Connector::Sink => wait_for_text(LIMIT, &file, &text).await,
    }
    process.signal(Signal::Terminate);
    assert_eq!(
        process.wait_exit(LIMIT).await,
        TERMINATED,
        "{}",
        process.log_tail()
    );
    total(&counted)
}

/// Starts a worker with one connector whose instructions are counted.
fn launch(dir: &Path, bootstrap: &str, file: &Path, mut config: Value, counted: &Path) -> Process {
    config["file"] = file.to_str().unwrap().into();
    let out = format!("--callgrind-out-file={}", counted.display());
    Standalone::new(dir, bootstrap)
        .run_by(["valgrind", "--tool=callgrind", &out])
        .connector("c", &config)
        .launch()
}

/// Writes the lines into the topic.
async fn fill(bootstrap: &str, text: &str) {
    let settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
    let mut producer = Producer::new(&settings).unwrap();
    let records: Vec<OutgoingRecord<'_>> = text
        .lines()
        .map(|line| OutgoingRecord {
            topic: TOPIC,
            partition: None,
            key: None,
            value: Some(line.as_bytes()),
            headers: &[],
            timestamp: None,
        })
        .collect();
    assert_eq!(producer.send(records.iter().copied()), records.len());
    producer.close(LIMIT).await.1.unwrap();
}

async fn wait_for_records(bootstrap: &str, expected: usize) {
    eventually(
        LIMIT,
        "all records in the topic",
        async || match connect_tests::topic::values(bootstrap, TOPIC).await.len() {
            found if found == expected => Ok(()),
            found => Err(found),
        },
    )
    .await;
}

/// The total in what Callgrind has written.
fn total(counted: &Path) -> u64 {
    let written = fs::read_to_string(counted).unwrap();
    let mut lines = written.lines();
    let total = lines.find_map(|line| line.strip_prefix("totals: "));
    total.unwrap().trim().parse().unwrap()
}
