//! Everything that the one node of the cluster knows. It lives in one thread, so it needs no lock.

use std::cell::RefCell;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tracing::error;
use uuid::Uuid;

use crate::config::BrokerConfig;
use crate::error::{BrokerError, at};
use crate::groups::Groups;
use crate::topics::Topics;
use crate::transactions::{self, Transactions};

/// The id of the only node.
pub(crate) const NODE_ID: i32 = 1;
/// The version of everything in the data folder.
const FORMAT: u32 = 2;
/// Shortest pause between looks at the open transactions.
const SHORTEST_PAUSE: Duration = Duration::from_millis(10);
/// Pause after a transaction that could not be ended: the disk is full, perhaps.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// The version without transactions and compaction.
const OLDER_FORMAT: u32 = 1;
/// Longest pause between looks at the open transactions.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) config: BrokerConfig,
    pub(crate) cluster_id: String,
    pub(crate) topics: RefCell<Topics>,
    pub(crate) groups: RefCell<Groups>,
    /// Something happened after which a group may have to act earlier than thought.
    pub(crate) groups_changed: Notify,
    pub(crate) transactions: RefCell<Transactions>,
    /// A transaction may be open that has to end earlier than thought.
    pub(crate) transactions_changed: Notify,
    /// Keeps other brokers out of the data folder.
    _lock: File,
}

/// What the file `format` says.
#[derive(Debug, Serialize, Deserialize)]
struct Format {
    format: u32,
    cluster_id: String,
}

impl Node {
    /// Opens what is in the data folder.
    pub(crate) fn open(config: BrokerConfig) -> Result<Self, BrokerError> {
        let dir = config.data_dir.as_path();
        fs::create_dir_all(dir).map_err(at(dir))?;
        let lock = lock(dir)?;
        let format = read_or_write_format(dir)?;
        let topics = Topics::open(dir, config.max_message_bytes, config.sync)?;
        let groups = Groups::open(dir, config.initial_rebalance_delay, config.sync)?;
        let transactions = Transactions::open(dir, config.sync)?;
        let node = Self {
            config,
            cluster_id: format.cluster_id,
            topics: RefCell::new(topics),
            groups: RefCell::new(groups),
            groups_changed: Notify::new(),
            transactions: RefCell::new(transactions),
            transactions_changed: Notify::new(),
            _lock: lock,
        };
        transactions::recover(&node);
        Ok(node)
    }

    /// Watches the clock for the groups. Never ends.
    pub(crate) async fn watch_groups(&self) {
        loop {
            let next = self.groups.borrow_mut().tick(Instant::now());
            let changed = self.groups_changed.notified();
            match next {
                Some(next) => {
                    // An early end is as good as a late one: the clock is read again.
                    _ = tokio::time::timeout_at(next.into(), changed).await;
                }
                None => changed.await,
            }
        }
    }

    /// Aborts transactions that take too long. Never ends.
    pub(crate) async fn watch_transactions(&self) {
        let mut shortest = SHORTEST_PAUSE;
        loop {
            let deadline = self.transactions.borrow().next_deadline();
            let left = deadline.map_or(i64::MAX, |it| it.saturating_sub(now_ms()));
            let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
            let changed = self.transactions_changed.notified();
            // An early end is as good as a late one: the clock is read again.
            _ = tokio::time::timeout(left.clamp(shortest, LONGEST_PAUSE), changed).await;
            shortest = match transactions::tidy(self, now_ms()) {
                true => SHORTEST_PAUSE,
                false => PAUSE_AFTER_FAILURE,
            };
        }
    }

    /// Deletes old records now and then. Never ends.
    pub(crate) async fn watch_retention(&self) {
        loop {
            tokio::time::sleep(self.config.retention_interval).await;
            let now = now_ms();
            self.topics.borrow_mut().retain(now);
            // What cannot be written now is forgotten later; the journal said so.
            _ = self.transactions.borrow_mut().forget_unused(now);
        }
    }

    /// Puts everything on the disk, and writes down that it is there.
    pub(crate) fn sync(&self) {
        let synced = self.topics.borrow_mut().checkpoint();
        let synced = synced.and_then(|()| self.groups.borrow().offsets.sync());
        if let Err(error) = synced.and_then(|()| self.transactions.borrow().sync()) {
            error!(%error, "cannot put the data on the disk");
        }
    }
}

/// The time of records.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX))
}

fn lock(dir: &Path) -> Result<File, BrokerError> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(BrokerError::InUse(dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(BrokerError::Io { path, source }),
    }
}

fn read_or_write_format(dir: &Path) -> Result<Format, BrokerError> {
    let path = dir.join("format");
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return write_format(&path, Uuid::new_v4().simple().to_string());
        }
        other => other.map_err(at(&path))?,
    };
    let unreadable = |reason: String| BrokerError::Format {
        file: path.clone(),
        reason,
    };
    let format: Format = serde_json::from_slice(&bytes)
        .map_err(|error| unreadable(format!("the format of the data cannot be read: {error}")))?;
    match format.format {
        FORMAT => Ok(format),
        // Only more kinds of files and batches came; versions before would not understand them.
        OLDER_FORMAT => write_format(&path, format.cluster_id),
        other => Err(unreadable(format!(
            "the data has format {other}, this version reads format {FORMAT}"
        ))),
    }
}

fn write_format(path: &Path, cluster_id: String) -> Result<Format, BrokerError> {
    let format = Format {
        format: FORMAT,
        cluster_id,
    };
    let mut json = serde_json::to_vec(&format).expect("two plain fields can be written");
    json.push(b'\n');
    let unfinished = path.with_extension("new");
    let write = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(&json)?;
        file.sync_data()?;
        fs::rename(&unfinished, path)
    };
    write().map_err(at(path))?;
    Ok(format)
}
