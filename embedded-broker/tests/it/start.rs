//! What stops a broker from starting, and what does not.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use embedded_broker::{Broker, BrokerConfig, BrokerError};

use crate::client::Client;

/// A folder with the topic `orders` and three batches in it.
async fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;
    client.create("orders", &[]).await;
    for value in ["a", "b", "c"] {
        client.produce("orders", &[value]).await;
    }
    broker.shutdown().await;
    dir
}

fn segment(dir: &Path) -> PathBuf {
    dir.join("topics/orders-0/00000000000000000000.log")
}

async fn values(dir: &Path) -> Vec<String> {
    let broker = Broker::start(BrokerConfig::new(dir)).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;
    let records = client.fetch("orders", 0).await;
    records.into_iter().map(|it| it.1).collect()
}

#[tokio::test]
async fn a_torn_tail_is_cut_off() {
    let dir = filled().await;
    let whole = fs::read(segment(dir.path())).unwrap();

    // As if it had not been shut down: no index says what was on the disk.
    fs::remove_file(segment(dir.path()).with_extension("index")).unwrap();
    fs::write(segment(dir.path()), &whole[..whole.len() - 7]).unwrap();
    assert_eq!(values(dir.path()).await, ["a", "b"]);

    let mut file = fs::OpenOptions::new();
    let mut file = file.append(true).open(segment(dir.path())).unwrap();
    file.write_all(b"what a crash may leave behind").unwrap();
    assert_eq!(values(dir.path()).await, ["a", "b"]);
}

#[tokio::test]
async fn a_damaged_segment_is_named_and_left_as_it_is() {
    let dir = filled().await;
    let mut bytes = fs::read(segment(dir.path())).unwrap();
    let batch = bytes.len() / 3;
    bytes[batch + 65] ^= 1;
    fs::write(segment(dir.path()), &bytes).unwrap();
    fs::remove_file(segment(dir.path()).with_extension("index")).unwrap();

    let error = Broker::start(BrokerConfig::new(dir.path()))
        .await
        .unwrap_err();

    assert_eq!(
        error.to_string(),
        format!(
            "{}: damaged at byte {batch}: the checksum of the batch does not fit",
            segment(dir.path()).display()
        )
    );
    assert_eq!(fs::read(segment(dir.path())).unwrap(), bytes);
}

#[tokio::test]
async fn a_segment_that_lost_what_was_on_the_disk_is_named() {
    let dir = filled().await;
    let whole = fs::read(segment(dir.path())).unwrap();
    fs::write(segment(dir.path()), &whole[..whole.len() - 7]).unwrap();

    let error = Broker::start(BrokerConfig::new(dir.path()))
        .await
        .unwrap_err();

    let text = format!(
        "{}: damaged at byte {}: the file ends, but {} bytes were on the disk",
        segment(dir.path()).display(),
        whole.len() - 7,
        whole.len()
    );
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn data_of_the_format_before_is_taken_over() {
    let dir = filled().await;
    let file = dir.path().join("format");
    let current = fs::read_to_string(&file).unwrap();
    fs::write(&file, current.replace(r#""format":2"#, r#""format":1"#)).unwrap();
    fs::remove_file(dir.path().join("transactions")).unwrap();

    assert_eq!(values(dir.path()).await, ["a", "b", "c"]);

    let taken_over = fs::read_to_string(&file).unwrap();
    assert!(taken_over.contains(r#""format":2"#), "{taken_over}");
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap();
    let dir = tempfile::tempdir().unwrap();

    let started = Broker::start(BrokerConfig::new(dir.path()).listen(address)).await;

    let error = started.unwrap_err();
    assert!(matches!(error, BrokerError::Listen { .. }));
    let text = error.to_string();
    assert!(
        text.contains(&format!("cannot listen on {address}")),
        "{text}"
    );
}

#[tokio::test]
async fn a_folder_belongs_to_one_broker_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();

    let error = Broker::start(BrokerConfig::new(dir.path()))
        .await
        .unwrap_err();
    assert!(matches!(error, BrokerError::InUse(_)));
    assert!(error.to_string().contains(dir.path().to_str().unwrap()));
    drop(first);

    let second = Broker::start(BrokerConfig::new(dir.path())).await;
    assert!(second.is_ok());
}

#[tokio::test]
async fn two_brokers_live_in_one_process() {
    let (one_dir, two_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = Broker::start(BrokerConfig::new(one_dir.path()))
        .await
        .unwrap();
    let two = Broker::start(BrokerConfig::new(two_dir.path()))
        .await
        .unwrap();
    Client::connect(one.local_addr())
        .await
        .create("orders", &[])
        .await;

    let unknown = Client::connect(two.local_addr())
        .await
        .produce("orders", &["a"])
        .await;

    assert_eq!(unknown.0, 3);
}

#[tokio::test]
async fn other_machines_are_kept_out_unless_that_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let config = BrokerConfig::new(dir.path()).listen(everywhere);

    let error = Broker::start(config.clone()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("0.0.0.0:0 is not a loopback address")
    );

    let allowed = Broker::start(config.allow_remote()).await;
    assert!(allowed.is_ok());
}

#[tokio::test]
async fn data_of_another_format_is_refused() {
    let dir = filled().await;
    let file = dir.path().join("format");
    fs::write(&file, r#"{"format":3,"cluster_id":"x"}"#).unwrap();

    let error = Broker::start(BrokerConfig::new(dir.path()))
        .await
        .unwrap_err();

    let text = error.to_string();
    assert!(
        text.contains("the data has format 3, this version reads format 2"),
        "{text}"
    );
}

#[tokio::test]
async fn a_client_that_sends_rubbish_is_disconnected_and_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut good = Client::connect(broker.local_addr()).await;
    good.create("orders", &[]).await;
    let list_of_two_thousand_million = b"\0\0\0\x0f\0\x03\0\x01\0\0\0\x01\0\x01x\x7f\xff\xff\xff";

    for rubbish in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\0\0\0\x08\x7f\xff\0\0\0\0\0\x01",
        b"\0\0\0\x0a\0\0\0\x09\0\0\0\x01\0\0",
        list_of_two_thousand_million,
    ] {
        let mut bad = Client::connect(broker.local_addr()).await;
        bad.send_raw(rubbish).await;
        assert!(bad.is_closed().await, "{rubbish:?}");
    }

    assert_eq!(good.produce("orders", &["a"]).await, (0, 0));
}
