//! What a worker holds when nobody takes what it has.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use connect_tests::broker::BrokerProcess;
use connect_tests::kafka::Kafka;
use connect_tests::usage::{Usage, until_idle};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::engine::{self, Engine, Running};
use crate::fill::{Lines, Topic};

/// Until the worker has nothing to do any more.
const LIMIT: Duration = Duration::from_secs(120);

/// Who takes nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Blocked {
    /// The broker is gone after the first lines of a source.
    Broker,
    /// The file of the sink is a pipe that nobody reads.
    Sink,
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broker => "a source whose broker is gone",
            Self::Sink => "a file sink whose file is a pipe that nobody reads",
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
    fs::write(&file, "first line\n").expect("the directory is writable");
    let config = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": file,
        "topic": "held",
    });
    worker.rest().create("held", &config).await;
    worker.rest().wait_running("held", 1).await;
    let before = settled(&worker).await.resident_bytes;

    running.kill();
    fs::copy(&lines.path, &file).expect("there is room for the lines");
    held(&worker, before).await
}

async fn behind_a_sink(dir: &Path, kafka: &Kafka, lines: &Lines) -> Held {
    let topic = Topic::create(kafka.bootstrap(), "bench-held", 1).await;
    topic.fill(lines, "", "").await;
    let worker = engine::start(Engine::Rust, dir, kafka).await;
    let worker = worker.expect("this worker needs no Java");
    let before = settled(&worker).await.resident_bytes;

    let pipe = dir.join("pipe");
    let reader = unread_pipe(&pipe);
    let config = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "topics": topic.name,
        "file": pipe,
    });
    worker.rest().create("held", &config).await;
    worker.rest().wait_running("held", 1).await;
    let _reader = first_byte(reader).await;
    let held = held(&worker, before).await;
    topic.delete().await;
    held
}

/// A pipe that takes what fits into its buffer, as long as the answer is kept.
fn unread_pipe(path: &Path) -> File {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|it| it.success()), "mkfifo makes a pipe");
    // For reading alone it would wait for a writer.
    let opened = OpenOptions::new().read(true).write(true).open(path);
    opened.expect("the pipe is there")
}

/// Waits until something was written.
async fn first_byte(mut pipe: File) -> File {
    let waiting = spawn_blocking(move || {
        let read = pipe.read_exact(&mut [0]);
        read.expect("the pipe is open");
        pipe
    });
    waiting.await.expect("reading does not panic")
}

async fn held(worker: &Running, before: u64) -> Held {
    let peak = settled(worker).await.peak_resident_bytes;
    Held { before, peak }
}

async fn settled(worker: &Running) -> Usage {
    until_idle(worker.pid(), LIMIT).await
}
