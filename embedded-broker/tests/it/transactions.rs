//! Transactions as clients see them, and what a broker that dies leaves of them.

use std::net::SocketAddr;

use embedded_broker::{Broker, BrokerConfig};
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::{
    AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest, ProducerId, TransactionalId,
};

use crate::client::{Client, Producer, batch_in_transaction, name, text};

const CONCURRENT_OR_FENCED: [i16; 2] = [90, 47];
const ID: &str = "copies";

async fn start(dir: &std::path::Path) -> Broker {
    Broker::start(BrokerConfig::new(dir)).await.unwrap()
}

struct Transactional {
    client: Client,
    producer: Producer,
}

impl Transactional {
    async fn begin(address: SocketAddr, timeout_ms: i32) -> Self {
        let mut client = Client::connect(address).await;
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(TransactionalId(text(ID))))
            .with_transaction_timeout_ms(timeout_ms)
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1);
        let response = client.call(4, &request).await;
        assert_eq!(response.error_code, 0);
        let producer = Producer(response.producer_id.0, response.producer_epoch, 0);
        Self { client, producer }
    }

    async fn add(&mut self, topic: &str) -> i16 {
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(name(topic))
            .with_partitions(vec![0]);
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(TransactionalId(text(ID)))
            .with_v3_and_below_producer_id(ProducerId(self.producer.0))
            .with_v3_and_below_producer_epoch(self.producer.1)
            .with_v3_and_below_topics(vec![topic]);
        let response = self.client.call(3, &request).await;
        response.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
    }

    async fn write(&mut self, topic: &str, value: &str) -> i16 {
        let batch = batch_in_transaction(&[value], self.producer);
        let code = self.client.produce_batch(topic, batch).await.0;
        if code == 0 {
            self.producer.2 += 1;
        }
        code
    }

    async fn end(&mut self, committed: bool) -> i16 {
        let request = EndTxnRequest::default()
            .with_transactional_id(TransactionalId(text(ID)))
            .with_producer_id(ProducerId(self.producer.0))
            .with_producer_epoch(self.producer.1)
            .with_committed(committed);
        self.client.call(3, &request).await.error_code
    }
}

#[tokio::test]
async fn an_open_transaction_survives_and_can_be_committed() {
    let dir = tempfile::tempdir().unwrap();
    let broker = start(dir.path()).await;
    let mut writer = Transactional::begin(broker.local_addr(), 60_000).await;
    writer.client.create("orders", &[]).await;
    assert_eq!(writer.add("orders").await, 0);
    assert_eq!(writer.write("orders", "a").await, 0);
    drop(broker);

    let broker = start(dir.path()).await;
    writer.client = Client::connect(broker.local_addr()).await;
    let mut reader = Client::connect(broker.local_addr()).await;
    assert_eq!(reader.stable_offset("orders").await, 0);
    assert_eq!(writer.write("orders", "b").await, 0);
    assert_eq!(writer.end(true).await, 0);

    assert_eq!(reader.stable_offset("orders").await, 3);
    assert_eq!(reader.fetch("orders", 0).await[0].1, "a");
    assert_eq!(reader.fetch("orders", 1).await[0].1, "b");
}

#[tokio::test]
async fn a_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced() {
    let dir = tempfile::tempdir().unwrap();
    let broker = start(dir.path()).await;
    let mut writer = Transactional::begin(broker.local_addr(), 100).await;
    writer.client.create("orders", &[]).await;
    writer.add("orders").await;
    writer.write("orders", "a").await;

    let mut reader = Client::connect(broker.local_addr()).await;
    // The marker ends the wait for a second record.
    let read = reader.fetch("orders", 1).await;

    assert_eq!(read.len(), 1);
    assert_eq!(reader.stable_offset("orders").await, 2);
    assert!(CONCURRENT_OR_FENCED.contains(&writer.end(true).await));
    assert!(CONCURRENT_OR_FENCED.contains(&writer.write("orders", "b").await));
}

#[tokio::test]
async fn a_transaction_that_no_journal_knows_is_aborted_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let broker = start(dir.path()).await;
    let mut writer = Transactional::begin(broker.local_addr(), 60_000).await;
    writer.client.create("orders", &[]).await;
    writer.add("orders").await;
    writer.write("orders", "a").await;
    drop(broker);
    std::fs::remove_file(dir.path().join("transactions")).unwrap();

    let broker = start(dir.path()).await;

    let mut reader = Client::connect(broker.local_addr()).await;
    assert_eq!(reader.stable_offset("orders").await, 2);
}

#[tokio::test]
async fn only_announced_partitions_take_records_of_a_transaction() {
    let dir = tempfile::tempdir().unwrap();
    let broker = start(dir.path()).await;
    let mut writer = Transactional::begin(broker.local_addr(), 60_000).await;
    writer.client.create("orders", &[]).await;

    let invalid_txn_state = 48;
    assert_eq!(writer.write("orders", "a").await, invalid_txn_state);
    assert_eq!(writer.end(true).await, invalid_txn_state);
}
