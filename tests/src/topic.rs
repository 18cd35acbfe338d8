//! What a topic holds, read with our own consumer.
#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use std::time::{Duration, Instant};

use connect_kafka::{
    Admin, ClientSettings, Consumer, ErrorKind, FetchedRecord, Isolation, Polled, StartOffset,
    TopicPartition,
};

const LIMIT: Duration = Duration::from_secs(60);

/// A record as tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextRecord {
    /// The value.
    pub value: String,
    /// Names and values of the headers, in order.
    pub headers: Vec<(String, String)>,
}

impl TextRecord {
    fn of(record: FetchedRecord<'_>) -> Self {
        let text = |bytes: Option<&[u8]>| {
            let bytes =
                bytes.unwrap_or_else(|| panic!("{}: null where text is expected", record.topic()));
            String::from_utf8(bytes.to_vec()).expect("records of tests are text")
        };
        let headers = record.headers();
        Self {
            value: text(record.value()),
            headers: headers
                .map(|header| (text(Some(header.key())), text(header.value())))
                .collect(),
        }
    }
}

/// The values of all records in the only partition of a topic, as text and in order; none if there is no topic.
pub async fn values(bootstrap: &str, topic: &str) -> Vec<String> {
    let records = records(bootstrap, topic).await;
    records.into_iter().map(|it| it.value).collect()
}

/// All records in the only partition of a topic, in order; none if there is no topic.
pub async fn records(bootstrap: &str, topic: &str) -> Vec<TextRecord> {
    let settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
    let partition = TopicPartition::new(topic, 0);
    let Some(end) = end_offset(&settings, &partition).await else {
        return Vec::new();
    };

    let mut consumer = Consumer::new(&settings).expect("the settings are valid");
    consumer
        .assign(&[(partition, StartOffset::Earliest)])
        .expect("a partition can be read");
    let deadline = Instant::now() + LIMIT;
    let mut records = Vec::new();
    let mut next = 0;
    while next < end {
        assert!(
            Instant::now() < deadline,
            "{topic}: read up to {next} of {end} within {LIMIT:?}"
        );
        let polled = consumer.poll(Duration::from_secs(1)).await;
        let Polled::Records(batch) = polled.expect("the topic can be read") else {
            continue;
        };
        for record in batch.iter() {
            next = record.offset() + 1;
            records.push(TextRecord::of(record));
        }
    }
    records
}

/// Number of partitions of a topic; `None` while there is no such topic.
pub async fn partition_count(bootstrap: &str, topic: &str) -> Option<usize> {
    let settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
    let admin = Admin::new(&settings).expect("the settings are valid");
    let described = admin.describe_topics(&[topic], LIMIT).await;
    let (_, topic) = described.expect("the broker answers").remove(0);
    topic.ok().map(|it| it.partitions.len())
}

/// Offset of the next record; `None` while there is no such topic, or nobody serves it yet.
async fn end_offset(settings: &ClientSettings, partition: &TopicPartition) -> Option<i64> {
    let admin = Admin::new(settings).expect("the settings are valid");
    let described = admin.describe_topics(&[&partition.topic], LIMIT).await;
    let (_, topic) = described.expect("the broker answers").remove(0);
    let is_served = match &topic {
        Ok(topic) => topic.partitions.iter().any(|it| it.leader.is_some()),
        Err(error) if error.kind() == ErrorKind::UnknownTopic => false,
        Err(error) => panic!("{partition}: {error}"),
    };
    if !is_served {
        return None;
    }
    let asked = [(partition.clone(), StartOffset::Latest)];
    let answer = admin
        .list_offsets(&asked, Isolation::ReadUncommitted, LIMIT)
        .await;
    let (_, offset) = answer.expect("the broker answers").remove(0);
    match offset {
        Ok(offset) => Some(offset),
        // The broker that is to lead a new partition may learn of it last.
        Err(error) if error.is_retriable() => None,
        Err(error) => panic!("{partition}: {error}"),
    }
}
