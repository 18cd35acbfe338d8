//! Lines from file to topic to file, through one worker.

use std::path::Path;
use std::time::{Duration, Instant};

use connect_tests::broker::BrokerKind;
use connect_tests::eventually::eventually;
use connect_tests::kafka::Kafka;
use connect_tests::lines::{difference, numbered};
use connect_tests::process::Signal;
use connect_tests::usage::Usage;
use connect_tests::worker::Standalone;
use serde_json::json;
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(600);

/// What it took to move all lines.
#[derive(Debug)]
pub(crate) struct Flow {
    /// From the request for the first connector to the last byte in the sink's file.
    pub(crate) elapsed: Duration,
    /// Processor time of the worker from its start on.
    pub(crate) cpu: Duration,
    /// The most memory that the worker had resident.
    pub(crate) peak_resident_bytes: u64,
}

/// Moves so many lines; `None` where there is no such broker.
///
/// The embedded broker is part of the worker's process, so its cost is included; Apache Kafka's is not.
pub(crate) async fn measure(kind: BrokerKind, lines: u64) -> Option<Flow> {
    let dir = TempDir::with_prefix("connect-measure-").expect("a temporary directory");
    let (source, sink) = (dir.path().join("source.txt"), dir.path().join("sink.txt"));
    let text = numbered(0..lines);
    std::fs::write(&source, &text).expect("there is room for the lines");

    let worker = match kind {
        BrokerKind::Embedded => with_embedded_broker(dir.path()),
        BrokerKind::Kafka => Standalone::new(dir.path(), Kafka::shared().await?.bootstrap()),
    };
    // The harness commits more often than anybody would.
    let worker = worker.unset("offset.flush.interval.ms").start().await;
    let topic = format!("lines-{}", worker.process().pid());

    let started = Instant::now();
    let (rest, class) = (worker.rest(), "connector.class");
    let config = json!({class: "FileStreamSource", "file": source, "topic": topic});
    rest.create(&format!("{topic}-source"), &config).await;
    let config = json!({class: "FileStreamSink", "file": sink, "topics": topic});
    rest.create(&format!("{topic}-sink"), &config).await;
    eventually(LIMIT, "all bytes in the sink's file", async || {
        let length = std::fs::metadata(&sink).map_or(0, |file| file.len());
        if length >= text.len() as u64 {
            Ok(())
        } else {
            Err(length)
        }
    })
    .await;
    let elapsed = started.elapsed();
    let usage = Usage::of(worker.process().pid()).expect("the worker runs");

    worker.stop(Signal::Terminate).await;
    let found = std::fs::read(&sink).expect("the sink's file can be read");
    assert_eq!(
        difference(text.as_bytes(), &found),
        None,
        "the sink's file is not the source's"
    );
    Some(Flow {
        elapsed,
        cpu: usage.cpu,
        peak_resident_bytes: usage.peak_resident_bytes,
    })
}

/// A worker with the broker in its own process, and all its files in a folder.
pub(crate) fn with_embedded_broker(dir: &Path) -> Standalone {
    let data = dir.join("broker");
    let flag = format!("--embedded-broker={}", data.display());
    Standalone::new(dir, "")
        .unset("bootstrap.servers")
        .argument(flag)
}
