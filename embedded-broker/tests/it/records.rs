//! Records go in, come out, and are there again after a restart.

use std::time::Duration;

use embedded_broker::{Broker, BrokerConfig};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{InitProducerIdRequest, MetadataRequest, TopicName};

use crate::client::{Client, Producer, batch, fetch_request, text};

const UNKNOWN_TOPIC: i16 = 3;
const MESSAGE_TOO_LARGE: i16 = 10;
const INVALID_CONFIG: i16 = 40;
const OUT_OF_ORDER: i16 = 45;
const INVALID_RECORD: i16 = 87;

fn values(records: &[(i64, String)]) -> Vec<&str> {
    records.iter().map(|it| it.1.as_str()).collect()
}

#[tokio::test]
async fn records_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;
    assert_eq!(client.create("orders", &[]).await, 0);
    assert_eq!(client.produce("orders", &["a", "b"]).await, (0, 0));
    assert_eq!(client.produce("orders", &["c"]).await, (0, 2));
    assert_eq!(values(&client.fetch("orders", 0).await), ["a", "b", "c"]);
    broker.shutdown().await;

    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;

    assert_eq!(values(&client.fetch("orders", 1).await), ["a", "b", "c"]);
    assert_eq!(client.produce("orders", &["d"]).await, (0, 3));
}

#[tokio::test]
async fn records_survive_a_broker_that_was_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;
    client.create("orders", &[]).await;
    client.produce("orders", &["a"]).await;
    drop(broker);

    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;

    assert_eq!(values(&client.fetch("orders", 0).await), ["a"]);
}

#[tokio::test]
async fn a_fetch_waits_for_the_next_record() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut reader = Client::connect(broker.local_addr()).await;
    let mut writer = Client::connect(broker.local_addr()).await;
    writer.create("orders", &[]).await;
    reader.send(12, &fetch_request("orders", 0)).await;
    let early = tokio::time::timeout(Duration::from_millis(100), reader.fetched()).await;
    assert!(early.is_err(), "there was nothing to fetch");
    let mut reader = Client::connect(broker.local_addr()).await;
    reader.send(12, &fetch_request("orders", 0)).await;

    writer.produce("orders", &["late"]).await;

    assert_eq!(values(&reader.fetched().await), ["late"]);
}

#[tokio::test]
async fn a_batch_that_comes_again_is_stored_once_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;
    client.create("orders", &[]).await;
    let request = InitProducerIdRequest::default().with_transactional_id(None);
    let id = client.call(4, &request).await.producer_id.0;
    let first = batch(&["a", "b"], Producer(id, 0, 0));
    let second = batch(&["c"], Producer(id, 0, 2));
    let beyond_a_gap = batch(&["x"], Producer(id, 0, 9));
    assert_eq!(client.produce_batch("orders", first.clone()).await, (0, 0));
    assert_eq!(client.produce_batch("orders", second.clone()).await, (0, 2));

    assert_eq!(client.produce_batch("orders", first.clone()).await, (0, 0));
    let refused = client.produce_batch("orders", beyond_a_gap).await;
    assert_eq!(refused.0, OUT_OF_ORDER);
    drop(broker);
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;

    assert_eq!(client.produce_batch("orders", second).await, (0, 2));
    assert_eq!(values(&client.fetch("orders", 0).await), ["a", "b", "c"]);
    assert_ne!(client.call(4, &request).await.producer_id.0, id);
}

#[tokio::test]
async fn topics_are_made_on_demand_if_that_is_allowed() {
    let request = |create| {
        let wish = MetadataRequestTopic::default().with_name(Some(TopicName(text("orders"))));
        MetadataRequest::default()
            .with_topics(Some(vec![wish]))
            .with_allow_auto_topic_creation(create)
    };
    let dir = tempfile::tempdir().unwrap();
    let config = BrokerConfig::new(dir.path()).default_partitions(3);
    let broker = Broker::start(config.clone()).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;

    let unwanted = client.call(9, &request(false)).await;
    assert_eq!(unwanted.topics[0].error_code, UNKNOWN_TOPIC);
    let wanted = client.call(9, &request(true)).await;
    assert_eq!(wanted.topics[0].partitions.len(), 3);

    let other = tempfile::tempdir().unwrap();
    let config = BrokerConfig::new(other.path()).auto_create_topics(false);
    let broker = Broker::start(config).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;
    let forbidden = client.call(9, &request(true)).await;
    assert_eq!(forbidden.topics[0].error_code, UNKNOWN_TOPIC);
}

#[tokio::test]
async fn topics_have_settings_and_keep_to_them() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start(BrokerConfig::new(dir.path())).await.unwrap();
    let mut client = Client::connect(broker.local_addr()).await;

    let unknown = client.create("unknown", &[("retention.days", "7")]).await;
    assert_eq!(unknown, INVALID_CONFIG);
    client
        .create("small", &[("max.message.bytes", "100")])
        .await;
    let long = "x".repeat(100);
    assert_eq!(client.produce("small", &[&long]).await.0, MESSAGE_TOO_LARGE);
    client
        .create("compact", &[("cleanup.policy", "compact")])
        .await;
    assert_eq!(
        client.produce("compact", &["no key"]).await.0,
        INVALID_RECORD
    );
}
