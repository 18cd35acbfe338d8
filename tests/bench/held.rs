//! What a worker holds when nobody takes what it has.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use connect_tests::broker::BrokerProcess;
use connect_tests::kafka::Kafka;
use connect_tests::usage::{Usage, until_idle};
use serde_json::json;
use tempfile::TempDir;

use crate::engine::{self, Engine, Running};
use crate::fill::{Lines, Topic};

/// Until the worker has nothing to do any more.
const LIMIT: Duration = Duration::from_secs(120);

/// Who takes nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Blocked {
    /// The broker is gone after the first lines of a source.
    Broker,
    /// The sink does not return from `put`.
    Sink,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broker => "a source whose broker is gone",
            Self::Sink => "a sink that does not come back from `put`",
        })
    }
}

/// Memory of a worker that waits, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// Before there was anything to do.
    pub(crate) before: u64,
    /// The most until it waited.
    pub(crate) peak: u64,
}

impl Blocked {
    /// Gives a fresh worker all lines, which it cannot get rid of.
    pub(crate) async fn measure(self, kafka: &Kafka, lines: &Lines) -> Held {
        let dir = TempDir::with_prefix("connect-bench-").expect("a temporary directory");
        match self {
            Self::Broker => without_broker(dir.path(), lines).await,
            Self::Sink => behind_a_sink(dir.path(), kafka, lines).await,
        }
    }
}

async fn without_broker(dir: &Path, lines: &Lines) -> Held {
    let broker = BrokerProcess::new(dir);
    let mut running = broker.start().await;
    let worker = engine::start_ours(dir, &broker.bootstrap()).await;
    let file = dir.join("source.txt");
    std::fs::write(&file, "first line\n").expect("the directory is writable");
    let config = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": file,
        "topic": "held",
    });
    worker.rest().create("held", &config).await;
    worker.rest().wait_running("held", 1).await;
    let before = settled(&worker).await.resident_bytes;

    running.kill();
    std::fs::copy(&lines.path, &file).expect("there is room for the lines");
    held(&worker, before).await
}

async fn behind_a_sink(dir: &Path, kafka: &Kafka, lines: &Lines) -> Held {
    let topic = Topic::create(kafka.bootstrap(), "bench-held", 1).await;
    topic.fill(lines, "", "").await;
    let worker = engine::start(Engine::Rust, dir, kafka).await;
    let worker = worker.expect("this worker needs no Java");
    let before = settled(&worker).await.resident_bytes;

    let config = json!({
        "connector.class": "org.example.MisbehavingSink",
        "topics": topic.name,
        "method": "put",
        "manner": "hang",
    });
    worker.rest().create("held", &config).await;
    worker.rest().wait_running("held", 1).await;
    let held = held(&worker, before).await;
    topic.delete().await;
    held
}

async fn held(worker: &Running, before: u64) -> Held {
    let peak = settled(worker).await.peak_resident_bytes;
    Held { before, peak }
}

async fn settled(worker: &Running) -> Usage {
    until_idle(worker.pid(), LIMIT).await
}
