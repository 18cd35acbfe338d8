//! Worker processes: the shipped command line, started with the settings of a test.
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::eventually::eventually;
use crate::process::{Process, Signal};
use crate::rest::Rest;

/// From start to an answering REST port, on a machine that is busy with other tests.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Above the worker's own limit for stopping its tasks.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// The worker's command with `arguments`.
///
/// The worker is a binary of this package, so cargo builds it with the tests and tells them where it is.
/// `CONNECT_WORKER` names another one.
#[must_use]
pub fn command(arguments: impl IntoIterator<Item: Into<OsString>>) -> Command {
    let built = || std::env::var_os("CARGO_BIN_EXE_worker-under-test");
    let binary = std::env::var_os("CONNECT_WORKER").or_else(built);
    let mut command =
        Command::new(binary.expect("cargo or CONNECT_WORKER says where the worker is"));
    command.args(arguments.into_iter().map(Into::into));
    command
}

/// How a standalone worker is to be started; can be started again and again, on the same files.
#[derive(Debug)]
pub struct Standalone {
    dir: PathBuf,
    /// The worker's command: `standalone`, or what makes it a worker of a cluster.
    mode: &'static str,
    settings: BTreeMap<String, String>,
    arguments: Vec<OsString>,
    runner: Vec<OsString>,
    starts: AtomicUsize,
}

impl Standalone {
    /// A worker with its files in `dir`, string converters, a free REST port and frequent offset commits.
    #[must_use]
    pub fn new(dir: &Path, bootstrap: &str) -> Self {
        let worker = Self {
            dir: dir.to_owned(),
            mode: "standalone",
            settings: BTreeMap::new(),
            arguments: Vec::new(),
            runner: Vec::new(),
            starts: AtomicUsize::new(0),
        };
        let offsets = worker.offsets_file();
        worker
            .set("bootstrap.servers", bootstrap)
            .set(
                "key.converter",
                "org.apache.kafka.connect.storage.StringConverter",
            )
            .set(
                "value.converter",
                "org.apache.kafka.connect.storage.StringConverter",
            )
            .set("listeners", "http://127.0.0.1:0")
            .set(
                "offset.storage.file.filename",
                offsets.to_str().expect("a test's path is text"),
            )
            .set("offset.flush.interval.ms", "200")
            // A killed worker's consumer blocks its group until its session ends: the shortest that brokers allow.
            .set("consumer.session.timeout.ms", "6000")
            .set("consumer.heartbeat.interval.ms", "1000")
    }

    /// Adds or replaces a worker setting.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Leaves a worker setting out.
    #[must_use]
    pub fn unset(mut self, key: &str) -> Self {
        self.settings.remove(key);
        self
    }

    /// Adds an argument after the worker's file.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Lets another program run the worker; it gets the worker's command line behind these words.
    #[must_use]
    pub fn run_by(mut self, runner: impl IntoIterator<Item: Into<OsString>>) -> Self {
        self.runner = runner.into_iter().map(Into::into).collect();
        self
    }

    /// Writes a connector's flat configuration to a JSON file that is given to the worker.
    #[must_use]
    pub fn connector(self, name: &str, config: &Value) -> Self {
        let mut config = config.clone();
        config["name"] = name.into();
        self.connector_file(&format!("{name}.json"), config.to_string().as_bytes())
    }

    /// Gives the worker a connector file with this content.
    #[must_use]
    pub fn connector_file(self, file: &str, content: &[u8]) -> Self {
        let path = self.dir.join(file);
        std::fs::write(&path, content).expect("the worker's directory is writable");
        self.argument(path)
    }

    /// Where the worker keeps its source offsets.
    #[must_use]
    pub fn offsets_file(&self) -> PathBuf {
        self.dir.join("connect.offsets")
    }

    /// Starts the worker and waits until REST answers.
    pub async fn start(&self) -> Worker {
        Worker::listening(self.launch()).await
    }

    /// Starts the worker and does not wait.
    pub fn launch(&self) -> Process {
        let mut text = String::new();
        for (key, value) in &self.settings {
            writeln!(text, "{key}={value}").expect("memory takes every line");
        }
        let file = self.dir.join("worker.properties");
        std::fs::write(&file, text).expect("the worker's directory is writable");

        let start = self.starts.fetch_add(1, Ordering::Relaxed);
        let mut command = command([self.mode.into(), file.into_os_string()]);
        command.args(&self.arguments);
        if let [program, words @ ..] = &self.runner[..] {
            let mut runner = Command::new(program);
            runner.args(words);
            runner.arg(command.get_program()).args(command.get_args());
            command = runner;
        }
        Process::start(
            "worker",
            command,
            &self.dir.join(format!("worker-{start}.log")),
        )
    }
}

/// How a worker of a cluster is to be started, again and again.
#[derive(Debug)]
pub struct Distributed(Standalone);

impl Distributed {
    /// A worker of the cluster `group` with its files in `dir` and a free REST port.
    #[must_use]
    pub fn new(dir: &Path, bootstrap: &str, group: &str) -> Self {
        std::fs::create_dir_all(dir).expect("the directory of a test is writable");
        let mut worker = Standalone::new(dir, bootstrap).unset("offset.storage.file.filename");
        worker.mode = "distributed";
        let settings = cluster_settings(group).into_iter();
        Self(settings.fold(worker, |worker, (key, value)| worker.set(key, &value)))
    }

    /// Adds or replaces a worker setting.
    #[must_use]
    pub fn set(self, key: &str, value: &str) -> Self {
        Self(self.0.set(key, value))
    }

    /// Leaves a worker setting out.
    #[must_use]
    pub fn unset(self, key: &str) -> Self {
        Self(self.0.unset(key))
    }

    /// Starts the worker and waits until REST answers.
    pub async fn listening(&self) -> Worker {
        self.0.start().await
    }

    /// Starts the worker and waits until it is a member of its group.
    pub async fn start(&self) -> Worker {
        let worker = self.listening().await;
        eventually(START_LIMIT, "a member of the group", async || {
            let health = worker.rest().get("/health").await;
            (health.status == 200).then_some(()).ok_or(health)
        })
        .await;
        worker
    }

    /// Starts the worker and does not wait.
    pub fn launch(&self) -> Process {
        self.0.launch()
    }
}

/// What workers of a cluster share, whoever has written them: group, topics, and short patience.
#[must_use]
pub fn cluster_settings(group: &str) -> BTreeMap<&'static str, String> {
    let text = |value: &str| value.to_owned();
    BTreeMap::from([
        ("group.id", text(group)),
        ("config.storage.topic", format!("{group}-configs")),
        ("offset.storage.topic", format!("{group}-offsets")),
        ("status.storage.topic", format!("{group}-statuses")),
        ("config.storage.replication.factor", text("1")),
        ("offset.storage.replication.factor", text("1")),
        ("status.storage.replication.factor", text("1")),
        ("offset.storage.partitions", text("3")),
        ("status.storage.partitions", text("2")),
        ("scheduled.rebalance.max.delay.ms", text("500")),
        // The shortest that brokers allow.
        ("session.timeout.ms", text("6000")),
        ("heartbeat.interval.ms", text("500")),
    ])
}

/// A worker whose REST API answers.
#[derive(Debug)]
pub struct Worker {
    process: Process,
    url: String,
    rest: Rest,
}

impl Worker {
    /// Waits until the REST API of a launched worker answers.
    pub async fn listening(mut process: Process) -> Self {
        let announced = |line: &str| logged_field(line, "REST server listening", "url");
        let url = process
            .wait_log(START_LIMIT, "its REST address", announced)
            .await;
        let rest = Rest::new(&url);
        // The port is open before the herder is there to answer.
        eventually(
            START_LIMIT,
            "an answer of the REST API",
            async || match rest.try_send(Method::GET, "/", None).await {
                // A worker that wants passwords is there as well.
                Ok(answer) if matches!(answer.status, 200 | 401) => Ok(()),
                other => Err(format!("{other:?}")),
            },
        )
        .await;
        Self { process, url, rest }
    }

    /// Base address of the REST API, with a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The REST API.
    #[must_use]
    pub fn rest(&self) -> &Rest {
        &self.rest
    }

    /// The process.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Sends a signal and returns at once.
    pub fn signal(&mut self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Sends SIGTERM or SIGINT and returns the exit code.
    pub async fn stop(mut self, signal: Signal) -> i32 {
        self.process.signal(signal);
        self.process.wait_exit(STOP_LIMIT).await
    }
}

/// The value of a field in a log line that contains `message`.
pub(crate) fn logged_field(line: &str, message: &str, field: &str) -> Option<String> {
    if let Ok(line) = serde_json::from_str::<Value>(line) {
        let fields = line["fields"].as_object()?;
        let is_message = fields.get("message")? == message;
        return fields
            .get(field)?
            .as_str()
            .filter(|_| is_message)
            .map(str::to_owned);
    }
    let start = format!("{field}=");
    let is_message = line.contains(message);
    let value = line
        .split_whitespace()
        .find_map(|word| word.strip_prefix(start.as_str()));
    value
        .filter(|_| is_message)
        .map(|value| value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_from_the_line_with_the_message() {
        let line = "2024-10-25T03:33:01Z INFO rest: REST server listening url=http://127.0.0.1:1/";
        let read = |field| logged_field(line, "REST server listening", field);

        assert_eq!(read("url").as_deref(), Some("http://127.0.0.1:1/"));
        let json = r#"{"fields":{"message":"REST server listening","url":"http://127.0.0.1:1/"}}"#;
        let url = logged_field(json, "REST server listening", "url");
        assert_eq!(url.as_deref(), Some("http://127.0.0.1:1/"));
        assert_eq!(read("addr"), None);
        assert_eq!(logged_field(line, "broker listening", "url"), None);
    }
}
