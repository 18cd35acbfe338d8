//! Records that the task could not deliver: they are logged and go to the dead letter queue, as
//! they were consumed where that is still known.

use std::time::Duration;

use connect_core::converter::ErasedConverter;
use connect_core::record::SinkRecord;
use connect_core::sink::ErrantRecord;
use connect_core::{ConnectError, Result};
use connect_kafka::{FetchedRecord, OutgoingHeader};
use tokio::sync::mpsc;

use super::decode::DecodedBatch;
use crate::worker::clients::RecordProducer;
use crate::worker::converters::Converters;
use crate::worker::errors::dead_letters::{DeadLetters, Letter};
use crate::worker::errors::{ErrorHandler, Failure, Stage};

/// Class that is shown for failures which a task reports.
const SINK_TASK_CLASS: &str = "org.apache.kafka.connect.sink.SinkTask";

/// What takes the records of a task that failed.
#[derive(Debug)]
pub(super) struct ErrantRecords<P> {
    pub(super) errors: ErrorHandler,
    dead_letters: Option<DeadLetters<P>>,
    reports: mpsc::Receiver<ErrantRecord>,
    /// Why the task has to fail, whatever it makes of it: it reported a record, and that is not
    /// tolerated.
    refused: Option<ConnectError>,
}

/// What helps to turn a record into the bytes that were consumed.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) converters: &'a Converters,
    /// The records that the task has at the moment.
    pub(super) batch: Option<&'a DecodedBatch>,
}

impl<P: RecordProducer> ErrantRecords<P> {
    pub(super) fn new(
        errors: ErrorHandler,
        dead_letters: Option<DeadLetters<P>>,
        reports: mpsc::Receiver<ErrantRecord>,
    ) -> Self {
        Self {
            errors,
            dead_letters,
            reports,
            refused: None,
        }
    }

    /// Waits for the end of a call of the task, and takes what it reports meanwhile.
    pub(super) async fn during<T>(&mut self, call: impl Future<Output = T>, known: Known<'_>) -> T {
        let mut call = std::pin::pin!(call);
        loop {
            tokio::select! {
                biased;
                Some(errant) = self.reports.recv() => self.take(errant, known).await,
                done = &mut call => return done,
            }
        }
    }

    /// The next report that does not come from within a call. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<ErrantRecord> {
        self.reports.recv().await
    }

    /// Reports a record and answers the task.
    pub(super) async fn take(&mut self, errant: ErrantRecord, known: Known<'_>) {
        let ErrantRecord {
            record,
            error,
            reply,
        } = errant;
        let outcome = self.report(&record, error, known).await;
        let answer = outcome.map_err(|error| {
            let answer = ConnectError::fatal(&error);
            self.refused.get_or_insert(error);
            answer
        });
        // The task may have given up waiting.
        let _ = reply.send(answer);
    }

    /// Fails if the task has reported a record and that is not tolerated.
    ///
    /// # Errors
    /// Why the task has to fail.
    pub(super) fn refused(&mut self) -> Result<()> {
        self.refused.take().map_or(Ok(()), Err)
    }

    /// Reports a record that cannot be converted or transformed.
    ///
    /// # Errors
    /// What fails the task.
    pub(super) async fn give_up(
        &mut self,
        record: FetchedRecord<'_>,
        failure: Failure,
    ) -> Result<()> {
        let description = format!(
            "record {}-{}@{}",
            record.topic(),
            record.partition(),
            record.offset()
        );
        self.errors.log(&failure, &description, None);
        if let Some(dead_letters) = &mut self.dead_letters {
            dead_letters.send(record, &failure).await?;
        }
        self.errors.tolerate(failure, &description)
    }

    async fn report(
        &mut self,
        record: &SinkRecord,
        error: ConnectError,
        known: Known<'_>,
    ) -> Result<()> {
        let failure = Failure::new(Stage::TaskPut, SINK_TASK_CLASS, error);
        let origin = record.origin();
        if let Some(fetched) = known.batch.and_then(|batch| batch.find(origin)) {
            return self.give_up(fetched, failure).await;
        }
        let description = format!(
            "record {}-{}@{}",
            origin.topic, origin.partition, origin.offset
        );
        self.errors.log(&failure, &description, None);
        if let Some(dead_letters) = &mut self.dead_letters {
            let encoded = Encoded::new(record, known.converters)?;
            dead_letters.post(encoded.letter(record), &failure).await?;
        }
        self.errors.tolerate(failure, &description)
    }

    /// Waits until all dead letters are written.
    ///
    /// # Errors
    /// When some are not after `limit`, or one that the task reported never will be: that fails the task.
    pub(super) async fn flush(&mut self, limit: Duration) -> Result<()> {
        let Some(dead_letters) = &mut self.dead_letters else {
            return Ok(());
        };
        let flushed = dead_letters.flush(limit).await;
        if let Err(error) = &flushed
            && !error.is_retriable()
        {
            let lost = ConnectError::fatal(error.trace());
            self.refused.get_or_insert(lost);
        }
        flushed
    }

    pub(super) async fn close(self) {
        if let Some(dead_letters) = self.dead_letters {
            dead_letters.close().await;
        }
    }
}

/// A record in bytes again.
struct Encoded {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<Option<Vec<u8>>>,
}

impl Encoded {
    fn new(record: &SinkRecord, converters: &Converters) -> Result<Self> {
        let topic = record.topic.as_str();
        let write = |with: &dyn ErasedConverter, schema, data| {
            let mut bytes = Vec::new();
            let is_there = with.from_connect(topic, schema, data, &mut bytes)?;
            Ok::<_, ConnectError>(is_there.then_some(bytes))
        };
        let (key, value) = (&converters.key.converter, &converters.value.converter);
        let headers = record.headers.iter().map(|header| {
            let mut bytes = Vec::new();
            let with = &converters.header.converter;
            let name = header.key().as_str();
            let (schema, data) = (header.schema(), header.value());
            let is_there = with.from_connect_header(topic, name, schema, data, &mut bytes)?;
            Ok::<_, ConnectError>(is_there.then_some(bytes))
        });
        Ok(Self {
            key: write(key.as_ref(), record.key_schema.as_ref(), &record.key)?,
            value: write(value.as_ref(), record.value_schema.as_ref(), &record.value)?,
            headers: headers.collect::<Result<_>>()?,
        })
    }

    fn letter<'a>(&'a self, record: &'a SinkRecord) -> Letter<'a> {
        let headers = record.headers.iter().zip(&self.headers);
        let headers = headers.map(|(header, value)| OutgoingHeader {
            key: header.key().as_str(),
            value: value.as_deref(),
        });
        let origin = record.origin();
        Letter {
            topic: origin.topic.as_str(),
            partition: origin.partition,
            offset: origin.offset,
            key: self.key.as_deref(),
            value: self.value.as_deref(),
            headers: headers.collect(),
            timestamp: record.timestamp,
        }
    }
}
