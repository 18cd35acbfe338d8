//! The two sides: a worker each, with the same settings.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use connect_tests::kafka::{JavaWorker, Kafka, Mode};
use connect_tests::rest::Rest;
use connect_tests::worker::{Distributed, Standalone, Worker, cluster_settings};
use rand::distr::{Alphanumeric, SampleString as _};

/// Who runs the connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Engine {
    /// The reference.
    Java,
    /// The worker of this project.
    Rust,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Java => "Java worker",
            Self::Rust => "this worker",
        })
    }
}

/// A running worker of either side. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) engine: Engine,
    /// Where its files are.
    pub(crate) dir: PathBuf,
    process: RunningProcess,
}

#[derive(Debug)]
enum RunningProcess {
    Java(JavaWorker),
    Rust(Worker),
}

impl Running {
    pub(crate) fn rest(&self) -> &Rest {
        match &self.process {
            RunningProcess::Java(worker) => worker.rest(),
            RunningProcess::Rust(worker) => worker.rest(),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        match &self.process {
            RunningProcess::Java(worker) => worker.process().pid(),
            RunningProcess::Rust(worker) => worker.process().pid(),
        }
    }
}

/// Starts a worker in a folder of its own below `dir`; `None` where this machine has no Java.
pub(crate) async fn start(engine: Engine, dir: &Path, kafka: &Kafka) -> Option<Running> {
    start_in(Mode::Standalone, engine, dir, kafka).await
}

/// The same for a worker that is alone, or in a cluster of its own.
pub(crate) async fn start_in(
    mode: Mode,
    engine: Engine,
    dir: &Path,
    kafka: &Kafka,
) -> Option<Running> {
    let dir = dir.join(format!("{engine:?}"));
    std::fs::create_dir_all(&dir).expect("the directory is writable");
    let bootstrap = kafka.bootstrap();
    let group = Alphanumeric.sample_string(&mut rand::rng(), 10);
    let process = match (engine, mode) {
        (Engine::Java, mode) => {
            let mut settings = java_settings(bootstrap);
            match mode {
                Mode::Standalone => {
                    let offsets = dir.join("connect.offsets").display().to_string();
                    settings.insert("offset.storage.file.filename".to_owned(), offsets);
                }
                Mode::Distributed => {
                    let shared = cluster_settings(&group).into_iter();
                    settings.extend(shared.map(|(key, value)| (key.to_owned(), value)));
                }
            }
            RunningProcess::Java(JavaWorker::start(mode, &dir, &settings).await?)
        }
        (Engine::Rust, Mode::Standalone) => return Some(start_ours(&dir, bootstrap).await),
        (Engine::Rust, Mode::Distributed) => {
            let worker = Distributed::new(&dir, bootstrap, &group);
            let worker = worker.unset("offset.flush.interval.ms");
            RunningProcess::Rust(worker.listening().await)
        }
    };
    Some(Running {
        engine,
        dir,
        process,
    })
}

/// Starts a worker of this project in `dir`.
pub(crate) async fn start_ours(dir: &Path, bootstrap: &str) -> Running {
    let worker = Standalone::new(dir, bootstrap);
    // The harness commits more often than anybody would.
    let worker = worker.unset("offset.flush.interval.ms");
    Running {
        engine: Engine::Rust,
        dir: dir.to_owned(),
        process: RunningProcess::Rust(worker.start().await),
    }
}

fn java_settings(bootstrap: &str) -> BTreeMap<String, String> {
    const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
    let settings = [
        ("bootstrap.servers", bootstrap),
        ("key.converter", STRING),
        ("value.converter", STRING),
    ];
    let owned = settings
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
    owned.collect()
}
