//! From nothing to an answering REST port, and what the worker then holds while it is idle.

use std::time::{Duration, Instant};

use connect_tests::ports::free_port;
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use connect_tests::usage::Usage;
use connect_tests::worker::Worker;
use reqwest::Method;
use tempfile::TempDir;

use crate::pipeline::with_embedded_broker;

const START_LIMIT: Duration = Duration::from_secs(30);
const BETWEEN_TRIES: Duration = Duration::from_millis(1);
/// How long nothing is asked of the worker before its memory counts as idle.
const IDLE: Duration = Duration::from_secs(5);

/// What a start in an empty folder took.
#[derive(Debug)]
pub(crate) struct Start {
    /// From the start of the process to the answer of `GET /`.
    pub(crate) until_answer: Duration,
    /// Memory that is resident after some idle seconds.
    pub(crate) idle_resident_bytes: u64,
}

/// Starts a worker with its embedded broker in an empty folder and leaves it alone.
pub(crate) async fn measure() -> Start {
    let dir = TempDir::with_prefix("connect-measure-").expect("a temporary directory");
    let url = format!("http://127.0.0.1:{}", free_port());
    let rest = Rest::new(&url);
    let worker = with_embedded_broker(dir.path()).set("listeners", &url);

    let started = Instant::now();
    let process = worker.launch();
    while rest.try_send(Method::GET, "/", None).await.is_err() {
        assert!(started.elapsed() < START_LIMIT, "{}", process.log_tail());
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
    let until_answer = started.elapsed();

    tokio::time::sleep(IDLE).await;
    let usage = Usage::of(process.pid()).expect("the worker runs");
    Worker::listening(process)
        .await
        .stop(Signal::Terminate)
        .await;
    Start {
        until_answer,
        idle_resident_bytes: usage.resident_bytes,
    }
}
