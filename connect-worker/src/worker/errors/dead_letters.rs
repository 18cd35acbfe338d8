//! The dead letter queue of a sink task: records that failed go to a topic as they were consumed.

use std::borrow::Cow;
use std::time::Duration;

use connect_core::{ConnectError, ErrorKind, Result};
use connect_kafka::{
    AckRange, Admin, FetchedRecord, NewTopic, OutgoingHeader, OutgoingRecord, Producer,
};

use super::Failure;
use crate::config::connector::settings::DeadLetterQueue;
use crate::config::worker::Client;
use crate::identity::TaskId;
use crate::providers::Secrets;
use crate::worker::task::TaskSpec;
use crate::worker::topics::create_if_missing;
use crate::worker::{Worker, client_error};

const CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Writes dead letters of one task.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    id: TaskId,
    queue: DeadLetterQueue,
    secrets: Secrets,
    producer: Producer,
    acks: Vec<AckRange>,
}

/// A record for the queue, and where it was read.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: Vec<OutgoingHeader<'a>>,
    pub(crate) timestamp: Option<i64>,
}

impl DeadLetters {
    /// Connects to the queue and creates its topic if it is missing.
    ///
    /// # Errors
    /// When the topic neither exists nor can be created.
    pub(crate) async fn open(
        worker: &Worker,
        spec: &TaskSpec,
        queue: &DeadLetterQueue,
    ) -> Result<Self> {
        let TaskSpec { id, connector, .. } = spec;
        let config = &worker.parts.config;
        let failed = |error| {
            let topic = &queue.topic;
            client_error(
                format_args!("Could not initialize dead letter queue with topic={topic}"),
                error,
            )
        };
        let admin = Admin::new(&config.client_settings(Client::DlqAdmin(id), connector));
        let admin = admin.map_err(failed)?;
        let topic = NewTopic {
            name: queue.topic.clone(),
            partitions: Some(1),
            replication: (queue.replication > 0).then_some(queue.replication),
            configs: std::collections::BTreeMap::new(),
        };
        create_if_missing(&admin, topic).await.map_err(failed)?;
        let producer = Producer::new(&config.client_settings(Client::DlqProducer(id), connector));
        Ok(Self {
            id: id.clone(),
            queue: queue.clone(),
            secrets: spec.secrets.clone(),
            producer: producer.map_err(failed)?,
            acks: Vec::new(),
        })
    }

    /// Hands a record over to the queue's producer as it was consumed, waiting for room if there is
    /// none.
    ///
    /// # Errors
    /// When there is no room for longer than the producer may block.
    pub(crate) async fn send(
        &mut self,
        record: FetchedRecord<'_>,
        failure: &Failure,
    ) -> Result<()> {
        let names: Vec<Cow<'_, str>> = record
            .headers()
            .map(|header| String::from_utf8_lossy(header.key()))
            .collect();
        let headers = record.headers().zip(&names);
        let headers = headers.map(|(header, name)| OutgoingHeader {
            key: name,
            value: header.value(),
        });
        let letter = Letter {
            topic: record.topic().as_str(),
            partition: record.partition(),
            offset: record.offset(),
            key: record.key(),
            value: record.value(),
            headers: headers.collect(),
            timestamp: record.timestamp(),
        };
        self.post(letter, failure).await
    }

    /// The same for a record that is not there as it was consumed.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn post(&mut self, letter: Letter<'_>, failure: &Failure) -> Result<()> {
        let context = match self.queue.context_headers {
            true => self.context(&letter, failure),
            false => Vec::new(),
        };
        let mut headers = letter.headers;
        headers.extend(context.iter().map(|(name, value)| OutgoingHeader {
            key: name,
            value: Some(value.as_bytes()),
        }));
        let outgoing = OutgoingRecord {
            topic: &self.queue.topic,
            partition: None,
            key: letter.key,
            value: letter.value,
            headers: &headers,
            timestamp: letter.timestamp,
        };
        while self.producer.send(&[outgoing]) == 0 {
            let room = self.producer.wait_capacity().await;
            room.map_err(|error| client_error("cannot write to the dead letter queue", error))?;
        }
        self.log_failures();
        Ok(())
    }

    /// Waits until the broker has all letters, so that the records may count as delivered.
    ///
    /// # Errors
    /// When some are still unanswered after `limit`.
    pub(crate) async fn flush(&mut self, limit: Duration) -> Result<()> {
        let flushed = self.producer.flush(limit).await;
        self.log_failures();
        flushed.map_err(|error| client_error("dead letters are not written yet", error))
    }

    /// Writes what is left and ends the producer.
    pub(crate) async fn close(self) {
        let (acks, closed) = self.producer.close(CLOSE_TIMEOUT).await;
        log_failures(&self.id, &self.queue.topic, acks);
        if let Err(error) = closed {
            tracing::warn!(task = %self.id, %error, "the dead letter queue was not closed in time");
        }
    }

    fn log_failures(&mut self) {
        self.producer.try_acks(&mut self.acks);
        log_failures(&self.id, &self.queue.topic, std::mem::take(&mut self.acks));
    }

    fn context(&self, letter: &Letter<'_>, failure: &Failure) -> Vec<(&'static str, String)> {
        vec![
            ("__connect.errors.topic", letter.topic.to_owned()),
            ("__connect.errors.partition", letter.partition.to_string()),
            ("__connect.errors.offset", letter.offset.to_string()),
            (
                "__connect.errors.connector.name",
                self.id.connector.to_string(),
            ),
            ("__connect.errors.task.id", self.id.task.to_string()),
            ("__connect.errors.stage", failure.stage.as_str().to_owned()),
            ("__connect.errors.class.name", failure.class.to_owned()),
            (
                "__connect.errors.exception.class.name",
                exception(&failure.error).to_owned(),
            ),
            (
                "__connect.errors.exception.message",
                self.secrets.hide(&failure.error.to_string()).into_owned(),
            ),
            (
                "__connect.errors.exception.stacktrace",
                self.secrets.hide(&failure.error.trace()).into_owned(),
            ),
        ]
    }
}

fn log_failures(id: &TaskId, topic: &str, acks: Vec<AckRange>) {
    for range in acks {
        if let Err(error) = range.result {
            let letters = range.end - range.first;
            tracing::error!(task = %id, topic, letters, %error, "dead letters could not be written");
        }
    }
}

/// The reference's exception that programs look for when they read dead letters.
fn exception(error: &ConnectError) -> &'static str {
    match error.kind() {
        ErrorKind::Retriable => "org.apache.kafka.connect.errors.RetriableException",
        ErrorKind::Data => "org.apache.kafka.connect.errors.DataException",
        ErrorKind::Config => "org.apache.kafka.common.config.ConfigException",
        _ => "org.apache.kafka.connect.errors.ConnectException",
    }
}
