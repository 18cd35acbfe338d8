//! Many connectors in one worker: how long they take to start, what they hold, how fast REST stays.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use connect_tests::broker::BrokerProcess;
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use connect_tests::usage::Usage;
use connect_tests::worker::Standalone;
use serde_json::{Value, json};
use tempfile::TempDir;

const START_LIMIT: Duration = Duration::from_secs(600);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// How often each request is sent.
const SAMPLES: usize = 30;

/// What runs in the worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    pub(crate) connectors: usize,
    pub(crate) tasks_each: usize,
    /// Sinks, each with a consumer of its own, instead of sources that wait.
    pub(crate) sinks: bool,
}

impl Crowd {
    fn tasks(self) -> usize {
        self.connectors * self.tasks_each
    }

    fn kind(self) -> &'static str {
        if self.sinks { "sinks" } else { "sources" }
    }

    fn config(self, dir: &Path, number: usize) -> Value {
        let tasks = self.tasks_each.to_string();
        match self.sinks {
            true => json!({
                "connector.class": "FileStreamSink",
                "tasks.max": tasks,
                "topics": "nothing",
                "file": dir.join(format!("copy-{number}.txt")),
            }),
            false => json!({"connector.class": "org.example.IdleSource", "tasks.max": tasks}),
        }
    }
}

/// What a worker with many connectors costs.
#[derive(Debug)]
pub(crate) struct Many {
    crowd: Crowd,
    until_created: Duration,
    until_running: Duration,
    /// Before there was any connector, and with all of them.
    resident_bytes: [u64; 2],
    threads: u64,
    latencies: Vec<(&'static str, Latency)>,
}

#[derive(Debug)]
struct Latency {
    median: Duration,
    longest: Duration,
}

/// Creates so many connectors, one after the other, and asks about them.
pub(crate) async fn measure(crowd: Crowd) -> Many {
    let dir = TempDir::with_prefix("connect-measure-").expect("a temporary directory");
    // A process of its own, so that its memory is not counted.
    let broker = BrokerProcess::new(dir.path());
    let _running = broker.start().await;
    let worker = Standalone::new(dir.path(), &broker.bootstrap())
        .start()
        .await;
    let rest = worker.rest();
    let usage = || Usage::of(worker.process().pid()).expect("the worker runs");
    let before = usage();

    let started = Instant::now();
    for number in 0..crowd.connectors {
        let config = crowd.config(dir.path(), number);
        rest.create(&format!("connector-{number:03}"), &config)
            .await;
    }
    let until_created = started.elapsed();
    while running(rest).await < crowd.tasks() {
        assert!(
            started.elapsed() < START_LIMIT,
            "{}",
            worker.process().log_tail()
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    let until_running = started.elapsed();

    let mut latencies = Vec::new();
    for path in [
        "/connectors",
        "/connectors?expand=status&expand=info",
        "/connectors/connector-000/status",
        "/connector-plugins",
    ] {
        latencies.push((path, latency(rest, path).await));
    }
    let after = usage();
    worker.stop(Signal::Terminate).await;
    Many {
        crowd,
        until_created,
        until_running,
        resident_bytes: [before, after].map(|it| it.resident_bytes),
        threads: after.threads,
        latencies,
    }
}

/// How many tasks run.
async fn running(rest: &Rest) -> usize {
    let listed = rest.get("/connectors?expand=status").await.json();
    let connectors = listed.as_object().into_iter().flat_map(|it| it.values());
    let tasks = connectors
        .filter_map(|it| it["status"]["tasks"].as_array())
        .flatten();
    tasks
        .filter(|task: &&Value| task["state"] == "RUNNING")
        .count()
}

async fn latency(rest: &Rest, path: &str) -> Latency {
    let mut samples = Vec::with_capacity(SAMPLES);
    for _ in 0..SAMPLES {
        let sent = Instant::now();
        rest.get(path).await.assert_status(200);
        samples.push(sent.elapsed());
    }
    samples.sort_unstable();
    Latency {
        median: samples[SAMPLES / 2],
        longest: samples[SAMPLES - 1],
    }
}

impl fmt::Display for Many {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (crowd, tasks) = (self.crowd, self.crowd.tasks());
        let kind = crowd.kind();
        writeln!(
            f,
            "{} {kind} with {tasks} tasks in one worker:\n",
            crowd.connectors
        )?;
        writeln!(
            f,
            "- all created after {:.1} s, all running after {:.1} s",
            self.until_created.as_secs_f64(),
            self.until_running.as_secs_f64()
        )?;
        let [before, after] = self.resident_bytes;
        writeln!(
            f,
            "- resident: {} MiB, {} MiB without any connector; {} threads",
            after >> 20,
            before >> 20,
            self.threads
        )?;
        for (path, Latency { median, longest }) in &self.latencies {
            writeln!(
                f,
                "- `GET {path}`: median {:.1} ms, longest {:.1} ms",
                median.as_secs_f64() * 1_000.0,
                longest.as_secs_f64() * 1_000.0
            )?;
        }
        Ok(())
    }
}
