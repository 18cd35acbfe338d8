//! Two Java workers with exactly-once sources on the embedded broker, which is killed, and so is one of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use connect_kafka::{ClientSettings, Consumer, Polled, StartOffset, TopicPartition};
use connect_tests::broker::BrokerProcess;
use connect_tests::eventually::eventually;
use connect_tests::kafka::{JavaWorker, Mode};
use connect_tests::lines::{append, numbered, wait_for_text};
use reqwest::Method;
use serde_json::json;

/// Java workers take their time, most of all on a machine that is busy with other tests.
const LIMIT: Duration = Duration::from_secs(120);
const LINES: u64 = 100_000;
const TOPIC: &str = "lines";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_once_sources_write_every_line_once_whatever_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let (source, sink) = (dir.path().join("source.txt"), dir.path().join("sink.txt"));
    let broker = BrokerProcess::new(dir.path());
    let mut running = broker.start().await;
    let bootstrap = broker.bootstrap();
    let (one_dir, two_dir) = (dir.path().join("one"), dir.path().join("two"));
    let (one, two) = tokio::join!(worker(&one_dir, &bootstrap), worker(&two_dir, &bootstrap));
    let (Some(one), Some(two)) = (one, two) else {
        return;
    };
    let mut workers = [one, two];
    let config = json!({"connector.class": "FileStreamSource", "file": source, "topic": TOPIC});
    append(&source, &numbered(0..LINES));
    workers[0].rest().create("in", &config).await;
    let config = json!({"connector.class": "FileStreamSink", "file": sink, "topics": TOPIC});
    workers[0].rest().create("out", &config).await;

    wait_for_text(LIMIT, &sink, &numbered(0..LINES)).await;

    append(&source, &numbered(LINES..LINES + 5_000));
    running.kill();
    let _running = broker.start().await;
    append(&source, &numbered(LINES + 5_000..LINES + 10_000));
    wait_for_lines(&bootstrap, LINES + 10_000).await;

    append(&source, &numbered(LINES + 10_000..LINES + 15_000));
    let killed = worker_of_source(&workers).await;
    workers[killed].kill();
    append(&source, &numbered(LINES + 15_000..LINES + 20_000));
    wait_for_lines(&bootstrap, LINES + 20_000).await;
}

/// Starts a worker with its files in a new folder.
async fn worker(dir: &Path, bootstrap: &str) -> Option<JavaWorker> {
    std::fs::create_dir(dir).unwrap();
    let string = "org.apache.kafka.connect.storage.StringConverter";
    let settings = [
        ("bootstrap.servers", bootstrap),
        ("group.id", "java"),
        ("key.converter", string),
        ("value.converter", string),
        ("config.storage.topic", "java-configs"),
        ("config.storage.replication.factor", "1"),
        ("offset.storage.topic", "java-offsets"),
        ("offset.storage.replication.factor", "1"),
        ("offset.storage.partitions", "5"),
        ("status.storage.topic", "java-status"),
        ("status.storage.replication.factor", "1"),
        ("exactly.once.source.support", "enabled"),
        ("consumer.isolation.level", "read_committed"),
        ("scheduled.rebalance.max.delay.ms", "500"),
        ("session.timeout.ms", "6000"),
        ("heartbeat.interval.ms", "1000"),
    ];
    let settings: BTreeMap<String, String> = settings
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    JavaWorker::start(Mode::Distributed, dir, &settings).await
}

/// Which of the workers runs the task of the source.
async fn worker_of_source(workers: &[JavaWorker]) -> usize {
    eventually(LIMIT, "a running source", async || {
        let rest = workers[0].rest();
        let answer = rest.send(Method::GET, "/connectors/in/status", None).await;
        let status = answer.json();
        let id = status["tasks"][0]["worker_id"].as_str().unwrap_or_default();
        let address = |it: &JavaWorker| it.url().trim_start_matches("http://").to_owned();
        let port = |text: &str| text.rsplit(':').next().map(str::to_owned);
        let found = workers.iter().position(|it| port(&address(it)) == port(id));
        found.ok_or(status)
    })
    .await
}

/// Waits until committed transactions hold every line, and fails if one comes twice or in the wrong order.
async fn wait_for_lines(bootstrap: &str, count: u64) {
    let settings = [
        ("bootstrap.servers", bootstrap),
        ("isolation.level", "read_committed"),
    ];
    let mut consumer = Consumer::new(&ClientSettings::from_iter(settings)).unwrap();
    let partition = TopicPartition::new(TOPIC, 0);
    consumer
        .assign(&[(partition, StartOffset::Earliest)])
        .unwrap();
    let expected = numbered(0..count);
    let mut expected = expected.lines();
    let mut found = 0;
    eventually(LIMIT, "lines in committed transactions", async || {
        // A broker that is starting is no reason to give up.
        if let Ok(Polled::Records(batch)) = consumer.poll(Duration::from_millis(500)).await {
            for record in batch.iter() {
                assert_eq!(record.value(), expected.next().map(str::as_bytes));
                found += 1;
            }
        }
        (found == count).then_some(()).ok_or(found)
    })
    .await;
}
