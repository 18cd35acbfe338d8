//! A file that grows while it is read.

use std::fmt;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use connect_tests::kafka::Kafka;
use connect_tests::process::Process;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{MissedTickBehavior, interval};

use crate::bare;
use crate::engine::{self, Engine};
use crate::fill::{Lines, Topic};
use crate::sample::{Meter, Sample};

const LIMIT: Duration = Duration::from_secs(600);
const BYTES_PER_SECOND: usize = 200_000_000;
/// The file grows by a portion, then for this long not at all.
const PORTION_TIME: Duration = Duration::from_millis(50);
const PORTIONS_PER_SECOND: usize = 20;
const PORTIONS: usize = 5 * PORTIONS_PER_SECOND;

/// Who follows the file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Follower {
    /// The source alone, polled from a loop.
    Source,
    /// A worker, which writes the lines into a topic.
    Worker,
}

impl fmt::Display for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "the source alone",
            Self::Worker => "a worker, into a topic",
        })
    }
}

/// How a source followed a file that grew by 200 MB a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    pub(crate) follower: Follower,
    pub(crate) line_bytes: usize,
    /// How long the file grew: longer than it should if the disk is slower.
    pub(crate) growing: Duration,
    /// From then on until the last line was there.
    pub(crate) behind: Duration,
    /// What it cost who followed.
    pub(crate) sample: Sample,
}

impl Follower {
    /// Lets a file of such lines grow, and waits for its records.
    pub(crate) async fn measure(self, kafka: &Kafka, line_bytes: usize) -> Growth {
        let dir = TempDir::with_prefix("connect-bench-").expect("a temporary directory");
        let growing = GrowingFile::new(dir.path(), line_bytes);
        let (growing, behind, sample) = match self {
            Self::Source => alone(dir.path(), growing).await,
            Self::Worker => into_a_topic(kafka, dir.path(), growing).await,
        };
        Growth {
            follower: self,
            line_bytes,
            growing,
            behind,
            sample,
        }
    }
}

async fn alone(dir: &Path, file: GrowingFile) -> (Duration, Duration, Sample) {
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new(program);
    let lines = file.lines();
    command.arg("poll").arg(&file.path).arg(lines.to_string());
    let mut process = Process::start("source alone", command, &dir.join("alone.log"));
    let started = Instant::now();
    let growing = file.grow().await;
    let code = process.wait_exit(LIMIT).await;
    assert_eq!(code, 0, "{}", process.log_tail());
    let behind = started.elapsed() - growing;
    let sample = bare::sample(&process.log(), lines, Duration::ZERO);
    (growing, behind, sample)
}

async fn into_a_topic(
    kafka: &Kafka,
    dir: &Path,
    file: GrowingFile,
) -> (Duration, Duration, Sample) {
    let worker = engine::start(Engine::Rust, dir, kafka).await;
    let worker = worker.expect("this worker needs no Java");
    let topic = Topic::create(kafka.bootstrap(), "bench-growing", 1).await;
    let config = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file": file.path,
        "topic": topic.name,
    });
    worker.rest().create("growing", &config).await;
    worker.rest().wait_running("growing", 1).await;

    let meter = Meter::start(worker.pid(), kafka.pid());
    let started = Instant::now();
    let lines = file.lines();
    let growing = file.grow().await;
    topic.wait_records(lines).await;
    let behind = started.elapsed() - growing;
    let sample = meter.stop(lines);
    topic.delete().await;
    (growing, behind, sample)
}

/// A file that is empty at first.
#[derive(Debug)]
struct GrowingFile {
    path: PathBuf,
    file: File,
    portion: Portion,
}

impl GrowingFile {
    fn new(dir: &Path, line_bytes: usize) -> Self {
        let path = dir.join("growing.txt");
        let file = File::create(&path).expect("the directory is writable");
        Self {
            path,
            file,
            portion: Portion::new(dir, line_bytes),
        }
    }

    /// How many lines it has in the end.
    fn lines(&self) -> u64 {
        self.portion.lines * PORTIONS as u64
    }

    /// Lets it grow, and tells how long it did.
    async fn grow(mut self) -> Duration {
        let started = Instant::now();
        let mut ticks = interval(PORTION_TIME);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for _ in 0..PORTIONS {
            ticks.tick().await;
            let written = self.file.write_all(&self.portion.bytes);
            written.expect("there is room for the lines");
        }
        started.elapsed()
    }
}

/// What is appended at once.
#[derive(Debug)]
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
