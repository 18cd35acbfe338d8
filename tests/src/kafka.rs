//! Real Apache Kafka from published jars: a single broker shared by all tests of a process, and Java Connect workers.
//!
//! The jars are fetched once into the user's cache folder. Needs Java 17 and, for the first fetch, Maven.
//! Where they are missing, tests are [skipped](crate::skip).
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

mod broker;
mod java;
mod reference;
mod tool;
mod worker;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::process::Process;
use crate::skip::skip;

pub use broker::store;
pub use java::Missing;
pub use reference::Reference;
pub use tool::tool;
pub use worker::{JavaWorker, LOGIN_CONFIG, Mode};

use broker::Ports;
use java::Jars;

const HEAP: &str = "384m";
const START_LIMIT: Duration = Duration::from_secs(120);
/// Any fixed id does: the cluster has one node and lives for one test run.
const CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";

static INSTALLED: OnceCell<Result<Jars, Missing>> = OnceCell::const_new();
static SHARED: OnceCell<Option<Kafka>> = OnceCell::const_new();

/// A running Apache Kafka broker. Topics are created on first use.
#[derive(Debug)]
pub struct Kafka {
    bootstrap: String,
    ports: Ports,
    process: Process,
}

/// How clients may connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// Without anything.
    Open,
    /// With a password.
    Password,
    /// Encrypted, with a certificate.
    Certificate,
    /// Encrypted, with a password.
    EncryptedPassword,
}

impl Kafka {
    /// The broker of this test process, started by the first caller; `None` after a visible line
    /// where this machine cannot run one.
    pub async fn shared() -> Option<&'static Self> {
        let start = async || Some(Self::start(jars().await?).await);
        SHARED.get_or_init(start).await.as_ref()
    }

    /// `host:port` for `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// `host:port` for clients that connect in this way.
    #[must_use]
    pub fn listener(&self, listener: Listener) -> String {
        self.ports.address(listener)
    }

    /// The broker's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    async fn start(jars: &Jars) -> Self {
        let dir = TempDir::with_prefix("connect-kafka-").expect("a temporary directory");
        let (ports, config) = format(jars, dir.path()).await;
        let log = dir.path().join("broker.log");
        let mut process =
            Process::start_in("kafka broker", broker_command(jars, &config), &log, dir);
        wait_until_up(&mut process).await;
        Self {
            bootstrap: ports.address(Listener::Open),
            ports,
            process,
        }
    }
}

/// Apache Kafka that can be killed and started again on the same port and data.
#[derive(Debug)]
pub struct KafkaProcess {
    jars: &'static Jars,
    dir: PathBuf,
    config: PathBuf,
    ports: Ports,
    starts: AtomicUsize,
}

impl KafkaProcess {
    /// A broker with its data in `dir`, not started yet; `None` after a visible line where this machine cannot run
    /// one.
    pub async fn new(dir: &Path) -> Option<Self> {
        let jars = jars().await?;
        let (ports, config) = format(jars, dir).await;
        Some(Self {
            jars,
            dir: dir.to_owned(),
            config,
            ports,
            starts: AtomicUsize::new(0),
        })
    }

    /// `host:port` for `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.ports.address(Listener::Open)
    }

    /// The same broker with more settings, one a line.
    #[must_use]
    pub fn with(self, settings: &str) -> Self {
        let mut text = std::fs::read_to_string(&self.config).expect("the settings were written");
        text.push_str(settings);
        std::fs::write(&self.config, text).expect("the broker's directory is writable");
        self
    }

    /// `host:port` for clients that connect in this way.
    #[must_use]
    pub fn listener(&self, listener: Listener) -> String {
        self.ports.address(listener)
    }

    /// Starts the broker and waits until it answers.
    pub async fn start(&self) -> Process {
        let mut process = self.launch();
        wait_until_up(&mut process).await;
        process
    }

    /// Starts the broker and does not wait.
    pub fn launch(&self) -> Process {
        let start = self.starts.fetch_add(1, Ordering::Relaxed);
        let log = self.dir.join(format!("kafka-{start}.log"));
        let command = broker_command(self.jars, &self.config);
        Process::start("kafka broker", command, &log)
    }
}

/// Prepares a directory for a broker; returns its ports and its configuration.
async fn format(jars: &Jars, dir: &Path) -> (Ports, PathBuf) {
    let ports = Ports::free();
    let config = dir.join("broker.properties");
    std::fs::write(&config, broker::properties(dir, &ports))
        .expect("the broker's directory is writable");
    let log = dir.join("format.log");
    let mut format = jars.java("kafka.tools.StorageTool", HEAP);
    format.args(["format", "-t", CLUSTER_ID, "-c"]).arg(&config);
    for credentials in broker::SCRAM_CREDENTIALS {
        format.args(["--add-scram", credentials]);
    }
    let mut format = Process::start("kafka storage format", format, &log);
    let code = format.wait_exit(START_LIMIT).await;
    assert_eq!(code, 0, "{}", format.log_tail());
    (ports, config)
}

fn broker_command(jars: &Jars, config: &Path) -> Command {
    let mut broker = jars.java("kafka.Kafka", HEAP);
    broker.arg(config);
    broker
}

async fn wait_until_up(process: &mut Process) {
    let is_up = |line: &str| line.contains("Kafka Server started").then_some(());
    process.wait_log(START_LIMIT, "being ready", is_up).await;
}

/// The fetched jars; `None` after a visible line where this machine cannot run them.
async fn jars() -> Option<&'static Jars> {
    let install = async || {
        let installed = tokio::task::spawn_blocking(java::install).await;
        installed.expect("the installation does not panic")
    };
    match INSTALLED.get_or_init(install).await {
        Ok(jars) => Some(jars),
        Err(missing) => {
            skip(missing);
            None
        }
    }
}
