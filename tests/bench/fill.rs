//! What is moved: a file of lines, or a topic that holds them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use connect_kafka::{
    Admin, ClientSettings, Isolation, KafkaError, NewTopic, OutgoingRecord, Producer, StartOffset,
    TopicPartition,
};
use connect_tests::eventually::eventually;

const LIMIT: Duration = Duration::from_secs(600);
const ADMIN_LIMIT: Duration = Duration::from_secs(30);
/// Records handed to the producer at once.
const PORTION: usize = 2_000;

/// A file of numbered lines.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) path: PathBuf,
    pub(crate) count: u64,
    /// Length of a line without its end.
    pub(crate) line_bytes: usize,
}

impl Lines {
    /// Writes the file, unless it is there already.
    pub(crate) fn write(dir: &Path, count: u64, line_bytes: usize) -> Self {
        let lines = Self {
            path: dir.join(format!("lines-{line_bytes}.txt")),
            count,
            line_bytes,
        };
        if !lines.path.exists() {
            let file = fs::File::create(&lines.path).expect("the directory is writable");
            let mut file = BufWriter::with_capacity(1 << 20, file);
            for number in 0..count {
                writeln!(file, "{}", lines.line(number)).expect("there is room for the lines");
            }
            file.flush().expect("there is room for the lines");
        }
        lines
    }

    /// A line without its end.
    pub(crate) fn line(&self, number: u64) -> String {
        let digits = format!("{number:010} ");
        let filler = "abcdefghijklmnopqrstuvwxyz 0123456789 "
            .chars()
            .cycle()
            .take(self.line_bytes - digits.len());
        digits.chars().chain(filler).collect()
    }

    /// Length of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.count * (self.line_bytes as u64 + 1)
    }
}

/// A topic of a run.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: String,
    settings: ClientSettings,
    admin: Admin,
    partitions: Vec<TopicPartition>,
}

impl Topic {
    /// Creates the topic.
    pub(crate) async fn create(bootstrap: &str, name: &str, partitions: i32) -> Self {
        let settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
        let admin = Admin::new(&settings).expect("the settings are valid");
        let new = NewTopic {
            name: name.to_owned(),
            partitions: Some(partitions),
            replication: Some(1),
            configs: BTreeMap::new(),
        };
        let created = admin.create_topics(&[new], ADMIN_LIMIT).await;
        let (_, outcome) = created.expect("the broker answers").remove(0);
        outcome.expect("the topic is new");
        let topic = Self {
            name: name.to_owned(),
            settings,
            admin,
            partitions: (0..partitions)
                .map(|partition| TopicPartition::new(name, partition))
                .collect(),
        };
        topic.wait_records(0).await;
        topic
    }

    /// Writes every line as a record, `before` and `after` around it.
    pub(crate) async fn fill(&self, lines: &Lines, before: &str, after: &str) {
        let mut settings = self.settings.clone();
        settings.set("linger.ms", "20");
        let mut producer = Producer::new(&settings).expect("the settings are valid");
        let mut acks = Vec::new();
        let mut number = 0;
        while number < lines.count {
            let end = lines.count.min(number + PORTION as u64);
            let values: Vec<String> = (number..end)
                .map(|number| format!("{before}{}{after}", lines.line(number)))
                .collect();
            self.send(&mut producer, &values).await;
            producer.try_acks(&mut acks);
            number = end;
        }
        let (rest, closed) = producer.close(LIMIT).await;
        closed.expect("the broker takes all records");
        acks.extend(rest);
        let failed = acks.iter().find(|range| range.result.is_err());
        assert!(failed.is_none(), "{failed:?}");
    }

    async fn send(&self, producer: &mut Producer, values: &[String]) {
        let records: Vec<OutgoingRecord<'_>> = values
            .iter()
            .map(|value| OutgoingRecord {
                topic: &self.name,
                partition: None,
                key: None,
                value: Some(value.as_bytes()),
                headers: &[],
                timestamp: None,
            })
            .collect();
        let mut sent = 0;
        while sent < records.len() {
            sent += producer.send(records[sent..].iter().copied());
            if sent < records.len() {
                producer
                    .wait_capacity()
                    .await
                    .expect("the broker takes records");
            }
        }
    }

    /// Waits until the topic is served and holds so many records.
    pub(crate) async fn wait_records(&self, count: u64) {
        eventually(LIMIT, "all records in the topic", async || {
            match self.records().await {
                Ok(found) if found >= count => Ok(()),
                Ok(found) => Err(format!("{found} records")),
                Err(error) => Err(error.to_string()),
            }
        })
        .await;
    }

    async fn records(&self) -> Result<u64, KafkaError> {
        let asked: Vec<_> = self
            .partitions
            .iter()
            .map(|it| (it.clone(), StartOffset::Latest))
            .collect();
        let isolation = Isolation::ReadUncommitted;
        let ends = self
            .admin
            .list_offsets(&asked, isolation, ADMIN_LIMIT)
            .await?;
        let ends = ends.into_iter().map(|(_, end)| end);
        ends.map(|end| Ok(u64::try_from(end?).unwrap_or_default()))
            .sum()
    }

    /// Deletes the topic, so that the broker's disk and memory stay as they were.
    pub(crate) async fn delete(self) {
        let deleted = self
            .admin
            .delete_topics(&[self.name.as_str()], ADMIN_LIMIT)
            .await;
        deleted.expect("the broker answers");
    }
}
