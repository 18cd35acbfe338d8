//! Workers of the reference, to compare with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;

use super::jars;
use crate::eventually::eventually;
use crate::ports::free_port;
use crate::process::{Process, Signal};
use crate::rest::Rest;

const HEAP: &str = "512m";
const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// What a JVM is told in another way than the rest of the settings, with which it may stand.
pub const LOGIN_CONFIG: &str = "java.security.auth.login.config";

/// How a worker coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Alone, with its offsets in a file.
    Standalone,
    /// In a group, with its state in topics.
    Distributed,
}

impl Mode {
    fn main_class(self) -> &'static str {
        match self {
            Self::Standalone => "org.apache.kafka.connect.cli.ConnectStandalone",
            Self::Distributed => "org.apache.kafka.connect.cli.ConnectDistributed",
        }
    }
}

/// A Java Connect worker whose REST API answers. Dropping it kills it.
#[derive(Debug)]
pub struct JavaWorker {
    process: Process,
    url: String,
    rest: Rest,
}

impl JavaWorker {
    /// Starts a worker with its files in `dir` and these settings, on a free port unless they have `listeners`;
    /// `None` after a visible line where this machine cannot run one.
    pub async fn start(
        mode: Mode,
        dir: &Path,
        settings: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let jars = jars().await?;
        let mut settings = settings.clone();
        let listeners = settings.entry("listeners".to_owned());
        let url = listeners
            .or_insert_with(|| format!("http://127.0.0.1:{}", free_port()))
            .clone();
        let file = dir.join("java-worker.properties");
        std::fs::write(&file, properties(&settings)).expect("the worker's directory is writable");

        let mut command = jars.java(mode.main_class(), HEAP);
        command.arg(&file);
        if let Some(login) = settings.get(LOGIN_CONFIG) {
            command.env("JAVA_TOOL_OPTIONS", format!("-D{LOGIN_CONFIG}={login}"));
        }
        let process = Process::start("Java worker", command, &dir.join("java-worker.log"));
        let rest = Rest::new(&url);
        eventually(
            START_LIMIT,
            "an answer of the Java worker",
            async || match rest.try_send(Method::GET, "/connectors", None).await {
                // A worker that wants passwords is there as well.
                Ok(answer) if matches!(answer.status, 200 | 401) => Ok(()),
                other => Err(format!("{other:?}\n{}", process.log_tail())),
            },
        )
        .await;
        Some(Self { process, url, rest })
    }

    /// Base address of the REST API.
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

    /// SIGKILL, and returns when the process is gone.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Sends SIGTERM and returns the exit code.
    pub async fn stop(mut self) -> i32 {
        self.process.signal(Signal::Terminate);
        self.process.wait_exit(STOP_LIMIT).await
    }
}

fn properties(settings: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (key, value) in settings {
        // In this format a backslash is written twice.
        writeln!(text, "{key}={}", value.replace('\\', "\\\\")).expect("memory takes every line");
    }
    text
}
