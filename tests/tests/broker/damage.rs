//! What our client does with a batch that cannot be read: it stops there and reads nothing behind it, or records would
//! be left out in silence. The embedded broker alone has files that a test can damage while it runs.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use connect_kafka::{ClientSettings, Consumer, ErrorKind, Polled, StartOffset, TopicPartition};
use connect_tests::eventually::eventually;
use connect_tests::raw::RawClient;
use embedded_broker::{Broker, BrokerConfig};

use crate::bench::LIMIT;
use crate::requests::{batch, create, produce};

const POLL: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_behind_a_damaged_batch_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let bootstrap = broker.local_addr().to_string();
    let mut client = RawClient::connect(&bootstrap).await;
    create(&mut client, "topic", 1, &[]).await;
    for value in ["before", "damaged", "behind"] {
        produce(&mut client, "topic", batch(&[value])).await;
    }
    assert_eq!(damage(dir.path(), b"damaged"), 1);
    let settings = ClientSettings::from_iter([("bootstrap.servers", &bootstrap)]);
    let mut consumer = Consumer::new(&settings).unwrap();
    let partition = TopicPartition::new("topic", 0);
    consumer
        .assign(&[(partition, StartOffset::Earliest)])
        .unwrap();

    let mut read = Vec::new();
    let error = eventually(LIMIT, "an error", async || {
        match consumer.poll(POLL).await {
            Ok(Polled::Records(batch)) => {
                read.extend(batch.iter().map(|it| it.value().unwrap().to_vec()));
                Err(read.clone())
            }
            Ok(_) => Err(read.clone()),
            Err(error) => Ok(error),
        }
    })
    .await;

    assert_eq!(read, [b"before"]);
    assert_eq!(error.kind(), ErrorKind::Fatal);
    let text = error.to_string();
    assert!(
        text.starts_with("records of partition topic-0 at offset 1 cannot be read: "),
        "{text}"
    );
    assert_eq!(consumer.poll(POLL).await.unwrap_err(), error);
}

/// Changes a byte of each place in the files where a text stands; returns how many there were.
fn damage(dir: &Path, text: &[u8]) -> usize {
    let mut places = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            places += damage(&path, text);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        for (index, _) in bytes
            .windows(text.len())
            .enumerate()
            .filter(|it| it.1 == text)
        {
            file.write_all_at(b"D", index as u64).unwrap();
            places += 1;
        }
    }
    places
}
