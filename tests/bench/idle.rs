//! What a worker costs that has nothing to do.

use std::fs;
use std::time::{Duration, Instant};

use connect_tests::eventually::eventually;
use connect_tests::kafka::{Kafka, Mode};
use connect_tests::usage::Usage;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::engine::{self, Engine, Running};

/// How long nothing is asked before memory and processor time are read.
const SETTLE: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(20);
const LIMIT: Duration = Duration::from_secs(120);
const CROWD: usize = 1_000;

/// A worker from its start on, with nothing to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    /// From the start of the process to the first answer.
    pub(crate) until_answer: Duration,
    /// From the start to an answer that it does its work: in a cluster it has joined its group.
    pub(crate) until_ready: Duration,
    /// Processor time up to then.
    pub(crate) start_cpu: Duration,
    /// Memory after some seconds.
    pub(crate) resident_bytes: u64,
    /// Processor time of an idle minute.
    pub(crate) cpu_per_minute: Duration,
}

/// Starts a worker and leaves it alone; `None` where this machine cannot run it.
pub(crate) async fn measure(mode: Mode, engine: Engine, kafka: &Kafka) -> Option<Idle> {
    let dir = TempDir::with_prefix("connect-bench-").expect("a temporary directory");
    let started = Instant::now();
    let worker = engine::start_in(mode, engine, dir.path(), kafka).await?;
    let until_answer = started.elapsed();
    eventually(LIMIT, "a healthy worker", async || {
        let health = worker.rest().get("/health").await;
        (health.status == 200).then_some(()).ok_or(health)
    })
    .await;
    let until_ready = started.elapsed();
    let start_cpu = usage(&worker).cpu;
    sleep(SETTLE).await;
    let (resident_bytes, cpu_per_minute) = idle(&worker).await;
    Some(Idle {
        until_answer,
        until_ready,
        start_cpu,
        resident_bytes,
        cpu_per_minute,
    })
}

/// A worker of this project with many connectors that have nothing to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    /// Number of connectors, one task each.
    pub(crate) connectors: usize,
    /// From the first request to the last running task.
    pub(crate) until_running: Duration,
    /// Memory when all are idle.
    pub(crate) resident_bytes: u64,
    /// Processor time of a minute.
    pub(crate) cpu_per_minute: Duration,
    /// The answer to a list with states and configurations.
    pub(crate) list: Duration,
}

/// Starts many file sources that wait for their files to grow.
pub(crate) async fn crowd(kafka: &Kafka) -> Crowd {
    let dir = TempDir::with_prefix("connect-bench-").expect("a temporary directory");
    let worker = engine::start(Engine::Rust, dir.path(), kafka).await;
    let worker = worker.expect("this worker needs no Java");
    let started = Instant::now();
    for number in 0..CROWD {
        let file = dir.path().join(format!("{number}.txt"));
        fs::write(&file, "").expect("the directory is writable");
        let name = format!("crowd-{number}");
        let class = "org.apache.kafka.connect.file.FileStreamSourceConnector";
        let config = json!({"connector.class": class, "file": file, "topic": name});
        worker.rest().create(&name, &config).await;
    }
    eventually(LIMIT, "all tasks running", async || {
        let running = running_tasks(&worker).await;
        if running == CROWD {
            Ok(())
        } else {
            Err(running)
        }
    })
    .await;
    let until_running = started.elapsed();

    sleep(SETTLE).await;
    let asked = Instant::now();
    running_tasks(&worker).await;
    let list = asked.elapsed();
    let (resident_bytes, cpu_per_minute) = idle(&worker).await;
    Crowd {
        connectors: CROWD,
        until_running,
        resident_bytes,
        cpu_per_minute,
        list,
    }
}

async fn running_tasks(worker: &Running) -> usize {
    let path = "/connectors?expand=status&expand=info";
    let listed = worker.rest().get(path).await.expect_status(200).json();
    let connectors = listed.as_object().expect("an object by name").values();
    connectors
        .filter(|it| it["status"]["tasks"][0]["state"] == "RUNNING")
        .count()
}

/// Memory, and processor time of a minute.
async fn idle(worker: &Running) -> (u64, Duration) {
    let before = usage(worker);
    sleep(IDLE).await;
    let after = usage(worker);
    let minute = Duration::from_secs(60).as_secs_f64() / IDLE.as_secs_f64();
    (
        after.resident_bytes,
        (after.cpu - before.cpu).mul_f64(minute),
    )
}

fn usage(worker: &Running) -> Usage {
    Usage::of(worker.pid()).expect("the worker runs")
}
