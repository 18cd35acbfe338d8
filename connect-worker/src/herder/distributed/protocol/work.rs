//! Connectors and tasks as workers tell each other of them.

use indexmap::IndexSet;

use crate::identity::{ConnectorName, TaskId};

/// Connectors and tasks, each once, in the order in which they came.
///
/// The order is kept because a worker that has too much gives up what it reported first. Two
/// values are equal when they have the same items, in whatever order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Connectors themselves.
    pub connectors: IndexSet<ConnectorName>,
    /// Tasks, whether their connectors are listed or not.
    pub tasks: IndexSet<TaskId>,
}

impl Work {
    /// Whether there is neither a connector nor a task.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.connectors.is_empty() && self.tasks.is_empty()
    }

    /// Adds what is not there yet behind what is.
    pub fn add(&mut self, other: &Self) {
        self.connectors.extend(other.connectors.iter().cloned());
        self.tasks.extend(other.tasks.iter().cloned());
    }

    /// Takes away what `other` has. The rest keeps its order.
    pub fn remove(&mut self, other: &Self) {
        self.connectors
            .retain(|name| !other.connectors.contains(name));
        self.tasks.retain(|id| !other.tasks.contains(id));
    }

    /// This without what `other` has.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.remove(other);
        rest
    }

    /// What both have, in the order of this one.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> Self {
        Self {
            connectors: self
                .connectors
                .intersection(&other.connectors)
                .cloned()
                .collect(),
            tasks: self.tasks.intersection(&other.tasks).cloned().collect(),
        }
    }

    /// Whether some connector or task is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.connectors.is_disjoint(&other.connectors) || !self.tasks.is_disjoint(&other.tasks)
    }

    /// The same with connectors by name, and tasks by connector and number.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.connectors.sort_unstable();
        self.tasks.sort_unstable();
        self
    }
}
