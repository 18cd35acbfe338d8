//! What the pipelines ask of Kafka's clients: a producer that numbers records, a member of a group.
//!
//! The pipelines are written against these traits, so that another engine can take its place, and so
//! that tests of the commit paths can stand between a pipeline and what it believes of the brokers.

use std::collections::BTreeSet;
use std::time::Duration;

use connect_kafka::{
    AckRange, Consumer, GroupOffset, KafkaError, OutgoingRecord, Polled, Producer, StartOffset,
    TopicPartition,
};
use futures::future::BoxFuture;

type Result<T> = std::result::Result<T, KafkaError>;

/// Takes records and answers each by its number. The methods are those of [`Producer`].
pub(super) trait RecordProducer: Send {
    fn next_sequence(&self) -> u64;
    fn send<'a>(&mut self, records: impl IntoIterator<Item = OutgoingRecord<'a>>) -> usize;
    fn try_acks(&mut self, out: &mut Vec<AckRange>);
    fn acks(&mut self, out: &mut Vec<AckRange>) -> impl Future<Output = ()> + Send;
    fn wait_capacity(&mut self) -> impl Future<Output = Result<()>> + Send;
    fn flush(&mut self, limit: Duration) -> impl Future<Output = Result<()>> + Send;
    fn close(self, limit: Duration) -> impl Future<Output = (Vec<AckRange>, Result<()>)> + Send;
}

impl RecordProducer for Producer {
    fn next_sequence(&self) -> u64 {
        Self::next_sequence(self)
    }

    fn send<'a>(&mut self, records: impl IntoIterator<Item = OutgoingRecord<'a>>) -> usize {
        Self::send(self, records)
    }

    fn try_acks(&mut self, out: &mut Vec<AckRange>) {
        Self::try_acks(self, out);
    }

    fn acks(&mut self, out: &mut Vec<AckRange>) -> impl Future<Output = ()> + Send {
        Self::acks(self, out)
    }

    fn wait_capacity(&mut self) -> impl Future<Output = Result<()>> + Send {
        Self::wait_capacity(self)
    }

    fn flush(&mut self, limit: Duration) -> impl Future<Output = Result<()>> + Send {
        Self::flush(self, limit)
    }

    fn close(self, limit: Duration) -> impl Future<Output = (Vec<AckRange>, Result<()>)> + Send {
        Self::close(self, limit)
    }
}

/// Reads the partitions that its group gives it. The methods are those of [`Consumer`].
pub(super) trait GroupConsumer: Send {
    fn poll(&mut self, limit: Duration) -> impl Future<Output = Result<Polled>> + Send;
    fn position(
        &mut self,
        partitions: &[TopicPartition],
        limit: Duration,
    ) -> impl Future<Output = Result<Vec<(TopicPartition, i64)>>> + Send;
    fn seek(
        &mut self,
        targets: &[(TopicPartition, StartOffset)],
        limit: Duration,
    ) -> impl Future<Output = Result<()>> + Send;
    fn assignment(&self) -> &BTreeSet<TopicPartition>;
    fn paused(&self) -> &BTreeSet<TopicPartition>;
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()>;
    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<()>;
    fn complete_assign(&mut self) -> Result<()>;
    fn complete_revoke(&mut self) -> Result<()>;
    /// Starts a commit. The outcome comes within `limit`; without anybody to wait for it the commit
    /// goes on.
    fn commit(
        &mut self,
        offsets: &[GroupOffset],
        limit: Duration,
    ) -> Result<BoxFuture<'static, Result<()>>>;
    fn close(self, limit: Duration) -> impl Future<Output = Result<()>> + Send;
}

impl GroupConsumer for Consumer {
    fn poll(&mut self, limit: Duration) -> impl Future<Output = Result<Polled>> + Send {
        Self::poll(self, limit)
    }

    fn position(
        &mut self,
        partitions: &[TopicPartition],
        limit: Duration,
    ) -> impl Future<Output = Result<Vec<(TopicPartition, i64)>>> + Send {
        Self::position(self, partitions, limit)
    }

    fn seek(
        &mut self,
        targets: &[(TopicPartition, StartOffset)],
        limit: Duration,
    ) -> impl Future<Output = Result<()>> + Send {
        Self::seek(self, targets, limit)
    }

    fn assignment(&self) -> &BTreeSet<TopicPartition> {
        Self::assignment(self)
    }

    fn paused(&self) -> &BTreeSet<TopicPartition> {
        Self::paused(self)
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        Self::pause(self, partitions)
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        Self::resume(self, partitions)
    }

    fn complete_assign(&mut self) -> Result<()> {
        Self::complete_assign(self)
    }

    fn complete_revoke(&mut self) -> Result<()> {
        Self::complete_revoke(self)
    }

    fn commit(
        &mut self,
        offsets: &[GroupOffset],
        limit: Duration,
    ) -> Result<BoxFuture<'static, Result<()>>> {
        let mut pending = Self::commit(self, offsets)?;
        Ok(Box::pin(async move { pending.wait(limit).await }))
    }

    fn close(self, limit: Duration) -> impl Future<Output = Result<()>> + Send {
        Self::close(self, limit)
    }
}
