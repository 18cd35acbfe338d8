//! Topics that connectors were seen to use: kept in memory, and by workers of a cluster in the status
//! topic, too.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use connect_core::data::Topic;

use crate::identity::{ConnectorName, TaskId};
use crate::storage::status::StatusStore;
use crate::storage::status::record::{StatusKey, UsedTopic, is_topic, topic_to_bytes};
use crate::storage::topic_log::LogRecord;

/// The topics of every connector.
#[derive(Debug, Default)]
pub struct ActiveTopics {
    topics: Mutex<BTreeMap<ConnectorName, BTreeSet<String>>>,
    /// Counts how often something was forgotten, so that users of topics report them anew.
    resets: AtomicU64,
    /// What writes them; nothing with a worker alone.
    statuses: OnceLock<Arc<StatusStore>>,
}

impl ActiveTopics {
    /// The topics of a connector, sorted.
    #[must_use]
    pub fn of(&self, connector: &ConnectorName) -> Vec<String> {
        let topics = self.lock();
        let topics = topics.get(connector).into_iter().flatten();
        topics.cloned().collect()
    }

    /// Forgets the topics of a connector; those that it goes on using come back.
    pub fn reset(&self, connector: &ConnectorName) {
        let forgotten = self.lock().remove(connector);
        self.resets.fetch_add(1, Ordering::Release);
        let Some(statuses) = self.statuses.get() else {
            return;
        };
        for topic in forgotten.into_iter().flatten() {
            let connector = connector.clone();
            statuses.write_topic(&StatusKey::Topic { topic, connector }, None);
        }
    }

    /// From now on they are written with statuses.
    pub fn write_with(&self, statuses: Arc<StatusStore>) {
        // Whoever writes them already goes on.
        let _ = self.statuses.set(statuses);
    }

    /// Takes a record of the status topic; one of a status is left to others.
    pub fn read(&self, record: LogRecord<'_>) {
        let key = record.key.and_then(StatusKey::parse);
        let Some(StatusKey::Topic { topic, connector }) = key else {
            return;
        };
        match record.value {
            Some(value) if is_topic(value) => {
                let mut topics = self.lock();
                topics.entry(connector).or_default().insert(topic);
            }
            Some(_) => {}
            None => {
                let mut topics = self.lock();
                if let Some(topics) = topics.get_mut(&connector)
                    && topics.remove(&topic)
                {
                    self.resets.fetch_add(1, Ordering::Release);
                }
            }
        }
    }

    fn add(&self, task: &TaskId, topic: &Topic) {
        let mut topics = self.lock();
        let topics = topics.entry(task.connector.clone()).or_default();
        let is_new = topics.insert(topic.as_str().to_owned());
        if let Some(statuses) = self.statuses.get().filter(|_| is_new) {
            let used = UsedTopic {
                name: topic.as_str().to_owned(),
                connector: task.connector.to_string(),
                task: task.task,
                discovered: jiff::Timestamp::now().as_millisecond(),
            };
            let key = StatusKey::Topic {
                topic: used.name.clone(),
                connector: task.connector.clone(),
            };
            statuses.write_topic(&key, Some(topic_to_bytes(&used)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ConnectorName, BTreeSet<String>>> {
        // Nothing that holds the lock can leave the map half changed.
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reports the topics of one task, each of them once.
#[derive(Debug)]
pub struct TopicUse {
    task: TaskId,
    topics: Arc<ActiveTopics>,
    reported: HashSet<Topic>,
    /// Value of the counter of resets that `reported` belongs to.
    resets: u64,
}

impl TopicUse {
    /// What a task uses.
    #[must_use]
    pub fn new(task: TaskId, topics: Arc<ActiveTopics>) -> Self {
        let resets = topics.resets.load(Ordering::Acquire);
        Self {
            task,
            topics,
            reported: HashSet::new(),
            resets,
        }
    }

    /// Whether a topic need not be reported.
    #[must_use]
    pub fn is_reported(&self, topic: &Topic) -> bool {
        self.resets == self.topics.resets.load(Ordering::Acquire) && self.reported.contains(topic)
    }

    /// Reports that a record of a topic was written or read.
    pub fn report(&mut self, topic: &Topic) {
        let resets = self.topics.resets.load(Ordering::Acquire);
        if resets != self.resets {
            self.resets = resets;
            self.reported.clear();
        }
        if self.reported.insert(topic.clone()) {
            self.topics.add(&self.task, topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_that_are_used_after_a_reset_come_back() {
        let topics = Arc::new(ActiveTopics::default());
        let connector = ConnectorName::from("c");
        let task = TaskId {
            connector: connector.clone(),
            task: 0,
        };
        let mut used = TopicUse::new(task, Arc::clone(&topics));
        let (a, b) = (Topic::from("a"), Topic::from("b"));
        used.report(&b);
        used.report(&a);
        assert_eq!(topics.of(&connector), ["a", "b"]);
        assert!(used.is_reported(&a));

        topics.reset(&connector);
        assert_eq!(topics.of(&connector), [""; 0]);
        assert!(!used.is_reported(&a));
        used.report(&a);

        assert_eq!(topics.of(&connector), ["a"]);
        assert_eq!(topics.of(&"other".into()), [""; 0]);
    }
}
