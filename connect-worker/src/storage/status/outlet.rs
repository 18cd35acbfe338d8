//! The way of statuses into their topic, and back.
//!
//! What a worker writes it shows at once. Until it has read its own record back, the topic may still
//! tell older things of the same key: those are its own, and are passed over. What others write counts
//! when it is read.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::record::StatusKey;
use crate::storage::topic_log::{Entry, TopicLogs};

/// Longest wait for what was written to be in the topic.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

enum Outgoing {
    Entry(Entry),
    Flush(oneshot::Sender<()>),
}

type Unread = VecDeque<Option<Vec<u8>>>;

/// Where a worker's own records go.
#[derive(Debug)]
pub(super) struct Outlet {
    records: mpsc::UnboundedSender<Outgoing>,
    /// Values that were written and not read back yet, by key.
    unread: Mutex<HashMap<Vec<u8>, Unread>>,
}

/// What waits to be written.
#[derive(Debug)]
pub struct Pending(mpsc::UnboundedReceiver<Outgoing>);

impl Outlet {
    pub(super) fn new() -> (Self, Pending) {
        let (records, pending) = mpsc::unbounded_channel();
        let outlet = Self {
            records,
            unread: Mutex::default(),
        };
        (outlet, Pending(pending))
    }

    pub(super) fn write(&self, key: &StatusKey, value: Option<Vec<u8>>) {
        let key = key.to_bytes();
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        let unread = unread.entry(key.clone()).or_default();
        unread.push_back(value.clone());
        // A worker that ends writes nothing more.
        let _ = self.records.send(Outgoing::Entry((key, value)));
    }

    /// Whether a record that was read tells something that is not known yet.
    pub(super) fn is_news(&self, key: &[u8], value: Option<&[u8]>) -> bool {
        let mut all = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(unread) = all.get_mut(key) else {
            return true;
        };
        let Some(own) = unread.iter().position(|it| it.as_deref() == value) else {
            return true;
        };
        // Those before it were not written.
        unread.drain(..=own);
        if unread.is_empty() {
            // What was written last is what is shown, unless somebody came in between.
            all.remove(key);
            return true;
        }
        false
    }

    /// Waits until everything so far is in the topic, within a limit.
    pub(super) async fn flush(&self) {
        let (reply, flushed) = oneshot::channel();
        if self.records.send(Outgoing::Flush(reply)).is_ok()
            && timeout(FLUSH_LIMIT, flushed).await.is_err()
        {
            tracing::warn!("statuses could not be written in time");
        }
    }
}

/// Writes statuses for as long as there is somebody to report any.
pub async fn write(mut pending: Pending, logs: TopicLogs, topic: String) {
    let mut flushes = Vec::new();
    while let Some(first) = pending.0.recv().await {
        let mut entries = Vec::new();
        let mut next = Some(first);
        while let Some(outgoing) = next {
            match outgoing {
                Outgoing::Entry(entry) => entries.push(entry),
                Outgoing::Flush(reply) => flushes.push(reply),
            }
            next = pending.0.try_recv().ok();
        }
        if !entries.is_empty()
            && let Err(error) = logs.send(&topic, entries).await
        {
            tracing::error!(%error, "statuses were not written");
        }
        flushes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::ConnectorName;

    fn outlet() -> (Outlet, Pending, StatusKey) {
        let (outlet, pending) = Outlet::new();
        (
            outlet,
            pending,
            StatusKey::Connector(ConnectorName::from("c")),
        )
    }

    fn write(outlet: &Outlet, key: &StatusKey, values: &[&str]) {
        for value in values {
            outlet.write(key, Some(value.as_bytes().to_vec()));
        }
    }

    #[test]
    fn own_records_are_no_news_but_the_last_one() {
        let (outlet, _pending, key) = outlet();
        write(&outlet, &key, &["running", "paused"]);
        let is_news = |value: &str| outlet.is_news(&key.to_bytes(), Some(value.as_bytes()));

        assert!(!is_news("running"));
        assert!(is_news("of another worker"));
        assert!(is_news("paused"));
        assert!(is_news("paused"), "by then it is somebody else's");
    }

    #[test]
    fn records_that_were_never_written_are_not_waited_for() {
        let (outlet, _pending, key) = outlet();
        write(&outlet, &key, &["lost", "running", "paused"]);
        let is_news = |value: &str| outlet.is_news(&key.to_bytes(), Some(value.as_bytes()));

        assert!(!is_news("running"));
        assert!(is_news("paused"));
        assert!(outlet.unread.lock().unwrap().is_empty());
    }
}
