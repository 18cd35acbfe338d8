//! What a broker can be told when it starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// When the broker asks the system to put written data on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncPolicy {
    /// In the background now and then, and at a clean shutdown. Survives the death of the process,
    /// not of the machine.
    AtShutdown,
    /// Before every acknowledgement. Survives both, at the price of a disk access per request.
    EveryWrite,
}

/// The settings of a broker: where its data is, and what differs from the defaults.
#[derive(Clone, Debug)]
#[must_use]
pub struct BrokerConfig {
    pub(crate) data_dir: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) allow_remote: bool,
    pub(crate) auto_create_topics: bool,
    pub(crate) default_partitions: u16,
    pub(crate) max_message_bytes: u32,
    pub(crate) initial_rebalance_delay: Duration,
    pub(crate) min_session_timeout: Duration,
    pub(crate) sync: SyncPolicy,
    pub(crate) retention_interval: Duration,
    pub(crate) compaction_interval: Duration,
}

impl BrokerConfig {
    /// Listens on a free port of 127.0.0.1 and keeps its data in the folder, which is created if
    /// it does not exist.
    pub fn new(data_dir: impl AsRef<Path>) -> Self {
        Self {
            data_dir: data_dir.as_ref().to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            allow_remote: false,
            auto_create_topics: true,
            default_partitions: 1,
            max_message_bytes: 1_048_588,
            initial_rebalance_delay: Duration::ZERO,
            min_session_timeout: Duration::from_secs(6),
            sync: SyncPolicy::AtShutdown,
            retention_interval: Duration::from_secs(30),
            compaction_interval: Duration::from_secs(15),
        }
    }

    /// The address to listen on; port 0 takes a free one.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Lets the broker listen on an address that other machines can reach. There is neither
    /// authentication nor encryption: whoever reaches the port may read and delete everything.
    pub fn allow_remote(mut self) -> Self {
        self.allow_remote = true;
        self
    }

    /// Whether a topic that a client asks for comes into being (default: yes).
    pub fn auto_create_topics(mut self, create: bool) -> Self {
        self.auto_create_topics = create;
        self
    }

    /// How many partitions a topic gets when nobody says a number (default: 1).
    pub fn default_partitions(mut self, count: u16) -> Self {
        self.default_partitions = count.max(1);
        self
    }

    /// The largest batch of records, for topics without a `max.message.bytes` of their own.
    pub fn max_message_bytes(mut self, bytes: u32) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    /// How long a new group waits for more members before its first assignment (default: not).
    pub fn initial_rebalance_delay(mut self, delay: Duration) -> Self {
        self.initial_rebalance_delay = delay;
        self
    }

    /// The shortest session timeout that a group member may ask for (default: 6 s).
    pub fn min_session_timeout(mut self, timeout: Duration) -> Self {
        self.min_session_timeout = timeout;
        self
    }

    /// How often the broker looks for records that topics do not keep any longer (default: 30 s).
    pub fn retention_interval(mut self, interval: Duration) -> Self {
        self.retention_interval = interval;
        self
    }

    /// How often the broker looks for topics that are worth being compacted (default: 15 s).
    pub fn compaction_interval(mut self, interval: Duration) -> Self {
        self.compaction_interval = interval;
        self
    }

    /// When written data is put on the disk.
    pub fn sync(mut self, sync: SyncPolicy) -> Self {
        self.sync = sync;
        self
    }
}
