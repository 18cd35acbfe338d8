//! The dead letter queue of a sink task: records that failed go to a topic as they were consumed.

mod sent;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use connect_core::{ConnectError, ErrorKind, Result};
use connect_kafka::{
    AckRange, Admin, FetchedRecord, NewTopic, OutgoingHeader, OutgoingRecord, Producer,
};

use self::sent::SentLetters;
use super::{Failure, Stage};
use crate::config::connector::settings::DeadLetterQueue;
use crate::config::worker::Client;
use crate::metrics::{ClientKind, TaskFigures};
use crate::providers::Secrets;
use crate::worker::clients::RecordProducer;
use crate::worker::task::TaskSpec;
use crate::worker::topics::create_if_missing;
use crate::worker::{Worker, client_error};

const CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Writes dead letters of one task.
#[derive(Debug)]
pub(crate) struct DeadLetters<P> {
    figures: Arc<TaskFigures>,
    queue: DeadLetterQueue,
    secrets: Secrets,
    producer: P,
    acks: Vec<AckRange>,
    sent: SentLetters,
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

impl DeadLetters<Producer> {
    /// Connects to the queue and creates its topic if it is missing.
    ///
    /// # Errors
    /// When the topic neither exists nor can be created.
    pub(crate) async fn open(
        worker: &Worker,
        spec: &TaskSpec,
        queue: &DeadLetterQueue,
        figures: &Arc<TaskFigures>,
    ) -> Result<Self> {
        let TaskSpec { id, connector, .. } = spec;
        let failed = |error| {
            let topic = &queue.topic;
            client_error(
                format_args!("Could not initialize dead letter queue with topic={topic}"),
                error,
            )
        };
        let admin = Admin::new(&worker.client_settings(Client::DlqAdmin(id), connector)?);
        let admin = admin.map_err(failed)?;
        let topic = NewTopic {
            name: queue.topic.clone(),
            partitions: Some(1),
            replication: (queue.replication > 0).then_some(queue.replication),
            configs: std::collections::BTreeMap::new(),
        };
        create_if_missing(&admin, topic).await.map_err(failed)?;
        let settings = worker.client_settings(Client::DlqProducer(id), connector)?;
        let producer = Producer::new(&settings).map_err(failed)?;
        figures.add_client(ClientKind::Producer, &settings, producer.statistics());
        Ok(Self::new(spec, queue, producer, figures))
    }
}

impl<P: RecordProducer> DeadLetters<P> {
    /// Writes to the queue, whose topic exists.
    pub(crate) fn new(
        spec: &TaskSpec,
        queue: &DeadLetterQueue,
        producer: P,
        figures: &Arc<TaskFigures>,
    ) -> Self {
        Self {
            figures: Arc::clone(figures),
            queue: queue.clone(),
            secrets: spec.secrets.clone(),
            producer,
            acks: Vec::new(),
            sent: SentLetters::new(figures, &queue.topic),
        }
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
        self.figures.errors.dead_letter();
        while self.producer.send([outgoing]) == 0 {
            let room = self.producer.wait_capacity().await;
            room.map_err(|error| client_error("cannot write to the dead letter queue", error))?;
        }
        let place = format!("{}-{}@{}", letter.topic, letter.partition, letter.offset);
        let is_reported = failure.stage == Stage::TaskPut;
        let number = self.producer.next_sequence() - 1;
        self.sent.sent(number, place, is_reported);
        self.take_answers();
        Ok(())
    }

    /// Waits until the broker has all letters, so that the records may count as delivered.
    ///
    /// # Errors
    /// When some are still unanswered after `limit`; for good when one is lost that the task has
    /// reported, because the task believes that it is in the queue. Others are as good as skipped.
    pub(crate) async fn flush(&mut self, limit: Duration) -> Result<()> {
        let flushed = self.producer.flush(limit).await;
        self.take_answers();
        self.sent.lost()?;
        flushed.map_err(|error| client_error("dead letters are not written yet", error))
    }

    /// Writes what is left and ends the producer.
    pub(crate) async fn close(self) {
        let Self {
            producer, mut sent, ..
        } = self;
        let (acks, closed) = producer.close(CLOSE_TIMEOUT).await;
        acks.into_iter().for_each(|it| sent.answered(it));
        if let Err(error) = closed {
            tracing::warn!(%error, "the dead letter queue was not closed in time");
        }
    }

    fn take_answers(&mut self) {
        self.producer.try_acks(&mut self.acks);
        self.acks.drain(..).for_each(|it| self.sent.answered(it));
    }

    fn context(&self, letter: &Letter<'_>, failure: &Failure) -> Vec<(&'static str, String)> {
        let id = self.figures.id();
        vec![
            ("__connect.errors.topic", letter.topic.to_owned()),
            ("__connect.errors.partition", letter.partition.to_string()),
            ("__connect.errors.offset", letter.offset.to_string()),
            ("__connect.errors.connector.name", id.connector.to_string()),
            ("__connect.errors.task.id", id.task.to_string()),
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

/// The reference's exception that programs look for when they read dead letters.
fn exception(error: &ConnectError) -> &'static str {
    match error.kind() {
        ErrorKind::Retriable => "org.apache.kafka.connect.errors.RetriableException",
        ErrorKind::Data => "org.apache.kafka.connect.errors.DataException",
        ErrorKind::Config => "org.apache.kafka.common.config.ConfigException",
        _ => "org.apache.kafka.connect.errors.ConnectException",
    }
}
