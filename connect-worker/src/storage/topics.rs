//! Topics that connectors were seen to use, kept in memory.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connect_core::data::Topic;

use crate::identity::ConnectorName;

/// The topics of every connector.
#[derive(Debug, Default)]
pub struct ActiveTopics {
    topics: Mutex<BTreeMap<ConnectorName, BTreeSet<String>>>,
    /// Counts how often something was forgotten, so that users of topics report them anew.
    resets: AtomicU64,
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
        self.lock().remove(connector);
        self.resets.fetch_add(1, Ordering::Release);
    }

    fn add(&self, connector: &ConnectorName, topic: &Topic) {
        let mut topics = self.lock();
        let topics = topics.entry(connector.clone()).or_default();
        topics.insert(topic.as_str().to_owned());
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ConnectorName, BTreeSet<String>>> {
        // Nothing that holds the lock can leave the map half changed.
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reports the topics of one task, each of them once.
#[derive(Debug)]
pub struct TopicUse {
    connector: ConnectorName,
    topics: Arc<ActiveTopics>,
    reported: HashSet<Topic>,
    /// Value of the counter of resets that `reported` belongs to.
    resets: u64,
}

impl TopicUse {
    /// What a task of this connector uses.
    #[must_use]
    pub fn new(connector: ConnectorName, topics: Arc<ActiveTopics>) -> Self {
        let resets = topics.resets.load(Ordering::Acquire);
        Self {
            connector,
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
            self.topics.add(&self.connector, topic);
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
        let mut used = TopicUse::new(connector.clone(), Arc::clone(&topics));
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
