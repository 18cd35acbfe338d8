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

/// The id of the only node.
pub(crate) const NODE_ID: i32 = 1;
/// The version of everything in the data folder.
const FORMAT: u32 = 1;
/// How often old records are looked for.
const RETENTION_CHECK: Duration = Duration::from_secs(30);

/// The node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) config: BrokerConfig,
    pub(crate) cluster_id: String,
    pub(crate) topics: RefCell<Topics>,
    pub(crate) groups: RefCell<Groups>,
    /// Something happened after which a group may have to act earlier than thought.
    pub(crate) groups_changed: Notify,
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
        Ok(Self {
            config,
            cluster_id: format.cluster_id,
            topics: RefCell::new(topics),
            groups: RefCell::new(groups),
            groups_changed: Notify::new(),
            _lock: lock,
        })
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

    /// Deletes old records now and then. Never ends.
    pub(crate) async fn watch_retention(&self) {
        loop {
            tokio::time::sleep(RETENTION_CHECK).await;
            self.topics.borrow_mut().retain(now_ms());
        }
    }

    /// Puts everything on the disk.
    pub(crate) fn sync(&self) {
        let synced = self.topics.borrow_mut().sync();
        if let Err(error) = synced.and_then(|()| self.groups.borrow().offsets.sync()) {
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
        Err(error) if error.kind() == io::ErrorKind::NotFound => return write_format(&path),
        other => other.map_err(at(&path))?,
    };
    let unreadable = |reason: String| BrokerError::Format {
        file: path.clone(),
        reason,
    };
    let format: Format = serde_json::from_slice(&bytes)
        .map_err(|error| unreadable(format!("the format of the data cannot be read: {error}")))?;
    if format.format != FORMAT {
        return Err(unreadable(format!(
            "the data has format {}, this version reads format {FORMAT}",
            format.format
        )));
    }
    Ok(format)
}

fn write_format(path: &Path) -> Result<Format, BrokerError> {
    let format = Format {
        format: FORMAT,
        cluster_id: Uuid::new_v4().simple().to_string(),
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
