//! A file that grows while it is read.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use connect_tests::kafka::Kafka;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{MissedTickBehavior, interval};

use crate::engine::{self, Engine};
use crate::fill::{Lines, Topic};
use crate::sample::{Meter, Sample};

const BYTES_PER_SECOND: usize = 200_000_000;
/// The file grows by a portion, then for this long not at all.
const PORTION_TIME: Duration = Duration::from_millis(50);
const PORTIONS_PER_SECOND: usize = 20;
const PORTIONS: usize = 5 * PORTIONS_PER_SECOND;

/// How a source followed a file that grew by 200 MB a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    pub(crate) line_bytes: usize,
    /// How long the file grew: longer than it should if the disk is slower.
    pub(crate) growing: Duration,
    /// From then on until the last record was in the topic.
    pub(crate) behind: Duration,
    /// What it cost the worker.
    pub(crate) sample: Sample,
}

/// Lets a file of such lines grow, and waits for its records.
pub(crate) async fn measure(kafka: &Kafka, line_bytes: usize) -> Growth {
    let dir = TempDir::with_prefix("connect-bench-").expect("a temporary directory");
    let worker = engine::start(Engine::Rust, dir.path(), kafka).await;
    let worker = worker.expect("this worker needs no Java");
    let topic = Topic::create(kafka.bootstrap(), &format!("growing-{line_bytes}"), 1).await;
    let path = dir.path().join("growing.txt");
    let mut file = File::create(&path).expect("the directory is writable");
    let config = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": path,
        "topic": topic.name,
    });
    worker.rest().create("growing", &config).await;
    worker.rest().wait_running("growing", 1).await;

    let portion = Portion::new(dir.path(), line_bytes);
    let meter = Meter::start(worker.pid(), kafka.pid());
    let started = Instant::now();
    let mut ticks = interval(PORTION_TIME);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..PORTIONS {
        ticks.tick().await;
        let written = file.write_all(&portion.bytes);
        written.expect("there is room for the lines");
    }
    let growing = started.elapsed();
    let lines = portion.lines * PORTIONS as u64;
    topic.wait_records(lines).await;
    let growth = Growth {
        line_bytes,
        growing,
        behind: started.elapsed() - growing,
        sample: meter.stop(lines),
    };
    topic.delete().await;
    growth
}

/// What is appended at once.
struct Portion {
    bytes: Vec<u8>,
    lines: u64,
}

impl Portion {
    fn new(dir: &Path, line_bytes: usize) -> Self {
        let lines = (BYTES_PER_SECOND / PORTIONS_PER_SECOND / (line_bytes + 1)) as u64;
        let file = Lines::write(dir, lines, line_bytes);
        let bytes = std::fs::read(&file.path).expect("it was just written");
        Self { bytes, lines }
    }
}
