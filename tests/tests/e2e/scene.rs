//! What every end-to-end test starts from: a broker, a folder, a topic, and two connectors between them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use connect_tests::broker::{BrokerKind, TestBroker};
use connect_tests::kafka::{JavaWorker, Mode};
use connect_tests::lines;
use connect_tests::worker::{Standalone, Worker};
use rand::distr::{Alphanumeric, SampleString as _};
use serde_json::{Value, json};
use tempfile::TempDir;

/// For lines on their way, on a machine that is busy with other tests.
pub(crate) const ARRIVAL_LIMIT: Duration = Duration::from_secs(60);

/// Makes two tests of each body, one for each broker: `body::embedded` and `body::kafka`.
macro_rules! on_both_brokers {
    ($($body:ident),+ $(,)?) => {
        connect_tests::for_each_broker!(crate::scene::run, $($body),+);
    };
}
pub(crate) use on_both_brokers;

/// Runs a test body against a broker of this kind, if there is one on this machine.
pub(crate) async fn run(kind: BrokerKind, body: impl AsyncFnOnce(Scene)) {
    if let Some(broker) = TestBroker::start(kind).await {
        body(Scene::new(kind, broker)).await;
    }
}

/// The surroundings of one test; nothing in it is shared with another one but the real broker.
#[derive(Debug)]
pub(crate) struct Scene {
    kind: BrokerKind,
    broker: TestBroker,
    folder: TempDir,
    topic: String,
}

impl Scene {
    fn new(kind: BrokerKind, broker: TestBroker) -> Self {
        let suffix = Alphanumeric.sample_string(&mut rand::rng(), 10);
        Self {
            kind,
            broker,
            folder: TempDir::with_prefix("connect-test-").expect("a temporary directory"),
            topic: format!("lines-{suffix}"),
        }
    }

    /// Which broker this is.
    pub(crate) fn kind(&self) -> BrokerKind {
        self.kind
    }

    /// `host:port` of the broker.
    pub(crate) fn bootstrap(&self) -> &str {
        self.broker.bootstrap()
    }

    /// A topic that no other test uses.
    pub(crate) fn topic(&self) -> &str {
        &self.topic
    }

    /// A file in the folder of the test.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file that the source reads.
    pub(crate) fn source_file(&self) -> PathBuf {
        self.path("source.txt")
    }

    /// The file that the sink writes.
    pub(crate) fn sink_file(&self) -> PathBuf {
        self.path("sink.txt")
    }

    /// A name that no other test uses either.
    pub(crate) fn topic_of(&self, what: &str) -> String {
        format!("{}-{what}", self.topic)
    }

    /// Name of the source connector.
    pub(crate) fn source_name(&self) -> String {
        format!("{}-source", self.topic)
    }

    /// Name of the sink connector, which names its consumer group.
    pub(crate) fn sink_name(&self) -> String {
        format!("{}-sink", self.topic)
    }

    /// Configuration of the source connector.
    pub(crate) fn source(&self) -> Value {
        json!({
            "connector.class": "FileStreamSource",
            "tasks.max": "1",
            "file": text(&self.source_file()),
            "topic": self.topic,
        })
    }

    /// Configuration of the sink connector.
    pub(crate) fn sink(&self) -> Value {
        json!({
            "connector.class": "FileStreamSink",
            "tasks.max": "1",
            "file": text(&self.sink_file()),
            "topics": self.topic,
        })
    }

    /// A worker without connectors.
    pub(crate) fn worker(&self) -> Standalone {
        Standalone::new(self.folder.path(), self.bootstrap())
    }

    /// A Java worker that is alone, and keeps its offsets in this file; `None` where there is no Java.
    pub(crate) async fn java_worker(&self, offsets: &Path) -> Option<JavaWorker> {
        const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
        let dir = self.path("java");
        std::fs::create_dir(&dir).unwrap();
        let settings = [
            ("bootstrap.servers", self.bootstrap()),
            ("key.converter", STRING),
            ("value.converter", STRING),
            ("offset.storage.file.filename", text(offsets)),
            ("offset.flush.interval.ms", "200"),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        JavaWorker::start(Mode::Standalone, &dir, &settings.into()).await
    }

    /// A worker with both connectors on its command line.
    pub(crate) fn worker_with_both(&self) -> Standalone {
        self.worker()
            .connector(&self.source_name(), &self.source())
            .connector(&self.sink_name(), &self.sink())
    }

    /// Starts both connectors through the REST API and waits until they run.
    pub(crate) async fn create_both(&self, worker: &Worker) {
        let rest = worker.rest();
        rest.create(&self.source_name(), &self.source()).await;
        rest.create(&self.sink_name(), &self.sink()).await;
        rest.wait_running(&self.source_name(), 1).await;
        rest.wait_running(&self.sink_name(), 1).await;
    }

    /// Appends to the source's file, which is created if it is absent.
    pub(crate) fn append(&self, text: &str) {
        lines::append(&self.source_file(), text);
    }

    /// Waits until the sink's file holds exactly `expected`.
    pub(crate) async fn wait_for_sink(&self, expected: &str) {
        lines::wait_for_text(ARRIVAL_LIMIT, &self.sink_file(), expected).await;
    }

    /// The values in the topic, in order.
    pub(crate) async fn topic_values(&self) -> Vec<String> {
        connect_tests::topic::values(self.bootstrap(), &self.topic).await
    }
}

/// A path as configurations write it.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a test's path is text")
}
