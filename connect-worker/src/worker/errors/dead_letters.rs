//! The dead letter queue of a sink task: records that failed go to a topic as they were consumed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use connect_core::{ConnectError, ErrorKind, Result};
use connect_kafka::{
    AckRange, Admin, FetchedRecord, KafkaError, NewTopic, OutgoingHeader, OutgoingRecord, Producer,
};

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
    /// Numbers of letters that the task itself has reported and that are not answered.
    reported: BTreeSet<u64>,
    /// Why the first of those that was lost could not be written.
    lost: Option<KafkaError>,
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
            reported: BTreeSet::new(),
            lost: None,
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
        while self.producer.send(&[outgoing]) == 0 {
            let room = self.producer.wait_capacity().await;
            room.map_err(|error| client_error("cannot write to the dead letter queue", error))?;
        }
        if failure.stage == Stage::TaskPut {
            self.reported.insert(self.producer.next_sequence() - 1);
        }
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
        if let Some(error) = &self.lost {
            let topic = &self.queue.topic;
            let text = format_args!("a record that the task reported was not written to {topic}");
            return Err(ConnectError::fatal(text).caused_by(error.clone()));
        }
        flushed.map_err(|error| client_error("dead letters are not written yet", error))
    }

    /// Writes what is left and ends the producer.
    pub(crate) async fn close(self) {
        let (acks, closed) = self.producer.close(CLOSE_TIMEOUT).await;
        log_failures(&self.figures, &self.queue.topic, acks);
        if let Err(error) = closed {
            tracing::warn!(task = %self.figures.id(), %error, "the dead letter queue was not closed in time");
        }
    }

    fn take_answers(&mut self) {
        self.producer.try_acks(&mut self.acks);
        for range in &self.acks {
            let later = self.reported.split_off(&range.end);
            let answered = self.reported.split_off(&range.first);
            self.reported.extend(later);
            if let (false, Err(error)) = (answered.is_empty(), &range.result) {
                self.lost.get_or_insert_with(|| error.clone());
            }
        }
        let acks = std::mem::take(&mut self.acks);
        log_failures(&self.figures, &self.queue.topic, acks);
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

fn log_failures(figures: &TaskFigures, topic: &str, acks: Vec<AckRange>) {
    let id = figures.id();
    for range in acks {
        if let Err(error) = range.result {
            let letters = range.end - range.first;
            figures.errors.dead_letters_lost(letters);
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
