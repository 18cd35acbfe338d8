//! Kafka clients of the Connect worker: a batch-shaped producer and consumer, an admin client, and the
//! translation of Java client settings.
//!
//! The crate knows Kafka and nothing of connectors. The engine behind the clients is librdkafka; none of its
//! types shows, so that another engine can take its place. Only [`GroupMember`] speaks Kafka's protocol itself.

pub use admin::{
    Admin, BrokerInfo, ClusterInfo, ConfigChange, ConfigEntry, ConfigSource, Each, Isolation,
    NewTopic, OffsetLookup, PartitionInfo, TopicCreation, TopicInfo,
};
pub use consumer::{
    Consumer, FetchedBatch, FetchedHeader, FetchedParts, FetchedRecord, PendingCommit, Polled,
    StartOffset, TimestampType,
};
pub use error::{ErrorCode, ErrorKind, KafkaError, Result};
pub use group::{GroupMember, GroupMemberSettings, Joined, Offer, Stay, Synced};
pub use librdkafka::{give_back_code, give_back_memory, tune_allocator};
pub use producer::{AckRange, OutgoingHeader, OutgoingRecord, Producer};
pub use settings::{ClientSettings, Untranslated};
pub use statistics::{
    BrokerStatistics, GroupStatistics, PartitionStatistics, Span, Statistics, StatisticsHandle,
    TopicStatistics, Traffic,
};
pub use topic::{GroupOffset, TopicName, TopicPartition};

mod admin;
mod backoff;
mod consumer;
mod error;
mod group;
#[expect(
    unsafe_code,
    reason = "the engine is a C library; nothing else in the crate may be unsafe"
)]
mod librdkafka;
mod producer;
mod settings;
mod statistics;
mod tls;
mod topic;
