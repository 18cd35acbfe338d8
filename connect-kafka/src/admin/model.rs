//! What the admin client tells and is told.

use std::collections::BTreeMap;

use crate::error::Result;

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
