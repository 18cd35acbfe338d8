//! The admin client: the cluster, its topics and its groups.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    consumer::StartOffset,
    error::{KafkaError, Result},
    settings::{ClientSettings, Untranslated},
    topic::{GroupOffset, TopicPartition},
};

/// The cluster behind `bootstrap.servers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterInfo {
    /// Id of the cluster.
    pub id: Option<String>,
    /// Id of the broker that acts as controller.
    pub controller: Option<i32>,
    /// The brokers, ordered by id.
    pub brokers: Vec<BrokerInfo>,
}

/// One broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerInfo {
    /// Id of the broker.
    pub id: i32,
    /// Name or address it advertises.
    pub host: String,
    /// Port it advertises.
    pub port: u16,
    /// Rack it is in, if it says so.
    pub rack: Option<String>,
}

/// One topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// Name of the topic.
    pub name: String,
    /// The partitions, ordered by number.
    pub partitions: Vec<PartitionInfo>,
}

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionInfo {
    /// Number of the partition.
    pub partition: i32,
    /// Broker that leads it; none while it is offline.
    pub leader: Option<i32>,
    /// Brokers that hold a replica, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Brokers whose replica is in sync.
    pub in_sync: Vec<i32>,
}

/// A topic to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    /// Name of the topic.
    pub name: String,
    /// Number of partitions; `None` leaves it to the broker.
    pub partitions: Option<i32>,
    /// Number of replicas; `None` leaves it to the broker.
    pub replication: Option<i16>,
    /// Settings of the topic.
    pub configs: BTreeMap<String, String>,
}

/// What became of a topic to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicCreation {
    /// It was created.
    Created,
    /// It was there before.
    AlreadyExists,
}

/// One setting of a topic or broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The value; secret ones are not told.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// It cannot be changed.
    pub is_read_only: bool,
    /// It is secret.
    pub is_sensitive: bool,
}

/// Where the value of a [`ConfigEntry`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// Set for this topic.
    Topic,
    /// Set for this broker at run time.
    DynamicBroker,
    /// Set for all brokers at run time.
    DynamicDefaultBroker,
    /// Set in the broker's file.
    StaticBroker,
    /// Nobody set it.
    Default,
    /// The broker does not say.
    Unknown,
}

/// A change of one setting of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// Sets the value.
    Set(String),
    /// Goes back to the default.
    Delete,
    /// Adds to a list.
    Append(String),
    /// Removes from a list.
    Subtract(String),
}

/// Which records of a transaction count when looking up the end of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// All of them.
    ReadUncommitted,
    /// Up to the first record of an open transaction.
    ReadCommitted,
}

/// One result per thing that was asked for, in the order of asking.
pub type Each<K, V> = Vec<(K, Result<V>)>;

/// An admin client. All calls take a deadline, may run side by side, and are cancel-safe: a dropped future
/// does not take a request back that was sent.
///
/// When no broker can be reached, errors name `bootstrap.servers` and what the last connection said.
///
/// Not offered here: fencing of producers (create a transactional [`Producer`](crate::Producer) with the
/// id and call `init_transactions`), access control lists, quotas.
#[derive(Debug)]
pub struct Admin {
    untranslated: Vec<Untranslated>,
}

impl Admin {
    /// Creates an admin client. Connects in the background.
    ///
    /// Settings without effect are logged as warnings and kept in [`untranslated`](Self::untranslated).
    ///
    /// # Errors
    /// A setting with an invalid value, or one that contradicts another.
    pub fn new(settings: &ClientSettings) -> Result<Self> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Settings that were given and have no effect, or another one than asked for.
    #[must_use]
    pub fn untranslated(&self) -> &[Untranslated] {
        &self.untranslated
    }

    /// Id and brokers of the cluster.
    ///
    /// # Errors
    /// No broker answers in time.
    pub async fn describe_cluster(&self, timeout: Duration) -> Result<ClusterInfo> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// All topics, ordered by name.
    ///
    /// # Errors
    /// No broker answers in time.
    pub async fn list_topics(&self, timeout: Duration) -> Result<Vec<TopicInfo>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// The named topics. Never creates them.
    ///
    /// # Errors
    /// No broker answers in time; per topic: it does not exist, or may not be seen.
    pub async fn describe_topics(
        &self,
        names: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, TopicInfo>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Creates topics.
    ///
    /// # Errors
    /// The controller does not answer in time; per topic: why it is refused.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
        timeout: Duration,
    ) -> Result<Each<String, TopicCreation>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Raises the number of partitions of topics to the given totals.
    ///
    /// # Errors
    /// The controller does not answer in time; per topic: why it is refused.
    pub async fn create_partitions(
        &self,
        totals: &[(&str, i32)],
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Deletes topics.
    ///
    /// # Errors
    /// The controller does not answer in time; per topic: why it is refused.
    pub async fn delete_topics(
        &self,
        names: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Settings of the named topics.
    ///
    /// # Errors
    /// No broker answers in time; per topic: it does not exist, or may not be seen.
    pub async fn describe_topic_configs(
        &self,
        names: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, BTreeMap<String, ConfigEntry>>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Changes settings of topics, leaving the others as they are.
    ///
    /// # Errors
    /// No broker answers in time; per topic: why it is refused.
    pub async fn alter_topic_configs(
        &self,
        changes: &BTreeMap<String, BTreeMap<String, ConfigChange>>,
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// First or last offsets of partitions.
    ///
    /// # Errors
    /// No broker answers in time, or [`StartOffset::Committed`] is asked for; per partition: it does not exist or has no leader.
    pub async fn list_offsets(
        &self,
        partitions: &[(TopicPartition, StartOffset)],
        isolation: Isolation,
        timeout: Duration,
    ) -> Result<Each<TopicPartition, i64>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// All offsets committed for a group; empty if the group does not exist.
    ///
    /// # Errors
    /// The coordinator does not answer in time, or the group may not be read.
    pub async fn group_offsets(&self, group: &str, timeout: Duration) -> Result<Vec<GroupOffset>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Sets offsets of a group without members.
    ///
    /// # Errors
    /// The coordinator does not answer in time; per partition: why it is refused.
    pub async fn alter_group_offsets(
        &self,
        group: &str,
        offsets: &[GroupOffset],
        timeout: Duration,
    ) -> Result<Each<TopicPartition, ()>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Forgets offsets of a group for partitions that no member reads.
    ///
    /// # Errors
    /// The coordinator does not answer in time; per partition: why it is refused.
    pub async fn delete_group_offsets(
        &self,
        group: &str,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Each<TopicPartition, ()>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Deletes groups without members, with their offsets.
    ///
    /// # Errors
    /// No broker answers in time; per group: it has members, or does not exist.
    pub async fn delete_groups(
        &self,
        groups: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Ends the client, at most `timeout` later.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout): it ends later, in the background.
    pub async fn close(self, timeout: Duration) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }
}
