//! Many connectors in one worker: how long they take to start, what they hold, how fast REST stays.

use std::fmt;
use std::time::{Duration, Instant};

use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use connect_tests::usage::Usage;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::pipeline::with_embedded_broker;

const TASKS_EACH: usize = 5;
const START_LIMIT: Duration = Duration::from_secs(600);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);
/// How often each request is sent.
const SAMPLES: usize = 30;

/// What a worker with many connectors costs.
#[derive(Debug)]
pub(crate) struct Many {
    connectors: usize,
    until_created: Duration,
    until_running: Duration,
    resident_bytes: u64,
    latencies: Vec<(&'static str, Latency)>,
}

#[derive(Debug)]
struct Latency {
    median: Duration,
    longest: Duration,
}

/// Creates so many sinks with five tasks each, one after the other, and asks about them.
pub(crate) async fn measure(connectors: usize) -> Many {
    let dir = TempDir::with_prefix("connect-measure-").expect("a temporary directory");
    let worker = with_embedded_broker(dir.path()).start().await;
    let rest = worker.rest();

    let started = Instant::now();
    for number in 0..connectors {
        let file = dir.path().join(format!("copy-{number}.txt"));
        let config = json!({
            "connector.class": "FileStreamSink",
            "tasks.max": TASKS_EACH.to_string(),
            "topics": "nothing",
            "file": file,
        });
        rest.create(&format!("sink-{number:03}"), &config).await;
    }
    let until_created = started.elapsed();
    while running(rest).await < connectors * TASKS_EACH {
        assert!(
            started.elapsed() < START_LIMIT,
            "{}",
            worker.process().log_tail()
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    let until_running = started.elapsed();

    let usage = Usage::of(worker.process().pid()).expect("the worker runs");
    let mut latencies = Vec::new();
    for path in [
        "/connectors",
        "/connectors?expand=status&expand=info",
        "/connectors/sink-000/status",
        "/connector-plugins",
    ] {
        latencies.push((path, latency(rest, path).await));
    }
    worker.stop(Signal::Terminate).await;
    Many {
        connectors,
        until_created,
        until_running,
        resident_bytes: usage.resident_bytes,
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
        let tasks = self.connectors * TASKS_EACH;
        writeln!(
            f,
            "{} sinks with {tasks} tasks in one worker:\n",
            self.connectors
        )?;
        writeln!(
            f,
            "- all created after {:.1} s, all running after {:.1} s",
            self.until_created.as_secs_f64(),
            self.until_running.as_secs_f64()
        )?;
        writeln!(f, "- resident: {} MiB", self.resident_bytes >> 20)?;
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
