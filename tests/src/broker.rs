//! The brokers that tests run against: the embedded one, in this process or as one of its own, and Apache Kafka.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use embedded_broker::{Broker, BrokerConfig};
use tempfile::TempDir;

use crate::kafka::Kafka;
use crate::ports::free_port;
use crate::process::Process;
use crate::worker::{command, logged_field};

const START_LIMIT: Duration = Duration::from_secs(60);
/// As short as on the real broker of the tests.
const SHORTEST_SESSION: Duration = Duration::from_millis(500);
/// Likewise.
const UPKEEP_INTERVAL: Duration = Duration::from_millis(500);

/// Makes two tests of each body, one for each broker: `body::embedded` and `body::kafka`. They call `$run` with the
/// kind of broker and the body.
#[macro_export]
macro_rules! for_each_broker {
    ($run:path, $($body:ident),+ $(,)?) => {$(
        mod $body {
            use $crate::broker::BrokerKind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                $run(BrokerKind::Embedded, super::$body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn kafka() {
                $run(BrokerKind::Kafka, super::$body).await;
            }
        }
    )+};
}

/// Which broker a test body runs against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerKind {
    /// Ours, started inside the test process.
    Embedded,
    /// Apache Kafka, shared by all tests of the process.
    Kafka,
}

/// A broker that is there as long as this value.
#[derive(Debug)]
pub struct TestBroker {
    bootstrap: String,
    _embedded: Option<(Broker, TempDir)>,
}

impl TestBroker {
    /// Starts a broker or joins the shared one; `None`, after a visible line, where Kafka cannot run.
    pub async fn start(kind: BrokerKind) -> Option<Self> {
        match kind {
            BrokerKind::Embedded => Some(Self::embedded().await),
            BrokerKind::Kafka => {
                let bootstrap = Kafka::shared().await?.bootstrap().to_owned();
                Some(Self {
                    bootstrap,
                    _embedded: None,
                })
            }
        }
    }

    async fn embedded() -> Self {
        let dir = TempDir::with_prefix("connect-broker-").expect("a temporary directory");
        let config = BrokerConfig::new(dir.path())
            .min_session_timeout(SHORTEST_SESSION)
            .retention_interval(UPKEEP_INTERVAL)
            .compaction_interval(UPKEEP_INTERVAL);
        let broker = Broker::start(config).await;
        let broker = broker.expect("the embedded broker starts in an empty directory");
        Self {
            bootstrap: broker.local_addr().to_string(),
            _embedded: Some((broker, dir)),
        }
    }

    /// `host:port` for `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

/// The embedded broker as a process that can be killed and started again on the same port and data.
#[derive(Debug)]
pub struct BrokerProcess {
    dir: PathBuf,
    port: u16,
    starts: AtomicUsize,
}

impl BrokerProcess {
    /// A broker with its data in `dir`; not started yet.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            port: free_port(),
            starts: AtomicUsize::new(0),
        }
    }

    /// A broker that wants the same port as another one, with data of its own.
    #[must_use]
    pub fn on_port_of(other: &Self, dir: &Path) -> Self {
        Self {
            port: other.port,
            ..Self::new(dir)
        }
    }

    /// `host:port` for `bootstrap.servers`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The folder with topics and everything else that the broker keeps.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.dir.join("broker")
    }

    /// Starts the broker and waits until it listens.
    pub async fn start(&self) -> Process {
        let mut process = self.launch();
        let announced = |line: &str| logged_field(line, "broker listening", "addr");
        process
            .wait_log(START_LIMIT, "its address", announced)
            .await;
        process
    }

    /// Starts the broker and does not wait.
    pub fn launch(&self) -> Process {
        let start = self.starts.fetch_add(1, Ordering::Relaxed);
        let mut command = command(["broker", "--listen", &self.bootstrap(), "--data-dir"]);
        command.arg(self.data());
        Process::start(
            "embedded broker",
            command,
            &self.dir.join(format!("broker-{start}.log")),
        )
    }
}
