//! Statuses of connectors and tasks, kept in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::identity::{ConnectorName, TaskId};

/// What a connector or task is doing, as clients see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody runs it.
    Unassigned,
    /// It runs.
    Running,
    /// It exists but processes nothing.
    Paused,
    /// It ended with an error and waits for a restart.
    Failed,
    /// It is about to be restarted.
    Restarting,
    /// A connector without tasks.
    Stopped,
}

impl State {
    /// The name in REST bodies and status records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unassigned => "UNASSIGNED",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Failed => "FAILED",
            Self::Restarting => "RESTARTING",
            Self::Stopped => "STOPPED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One reported status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Why it failed, with causes; `None` unless it failed.
    pub trace: Option<String>,
    /// `host:port` of the worker that reported it.
    pub worker_id: String,
    /// Version of the running plugin; `None` when there was no instance.
    pub version: Option<String>,
}

/// The last status of every connector and task.
#[derive(Debug, Default)]
pub struct StatusStore {
    statuses: Mutex<Statuses>,
}

#[derive(Debug, Default)]
struct Statuses {
    connectors: BTreeMap<ConnectorName, Status>,
    tasks: BTreeMap<TaskId, Status>,
}

impl StatusStore {
    /// Remembers the status of a connector.
    pub fn put_connector(&self, name: ConnectorName, status: Status) {
        self.lock().connectors.insert(name, status);
    }

    /// Remembers the status of a task.
    pub fn put_task(&self, id: TaskId, status: Status) {
        self.lock().tasks.insert(id, status);
    }

    /// The last status of a connector.
    #[must_use]
    pub fn connector(&self, name: &ConnectorName) -> Option<Status> {
        self.lock().connectors.get(name).cloned()
    }

    /// The last status of a task.
    #[must_use]
    pub fn task(&self, id: &TaskId) -> Option<Status> {
        self.lock().tasks.get(id).cloned()
    }

    /// The last state of a connector.
    #[must_use]
    pub fn connector_state(&self, name: &ConnectorName) -> Option<State> {
        self.lock().connectors.get(name).map(|it| it.state)
    }

    /// The last state of a task.
    #[must_use]
    pub fn task_state(&self, id: &TaskId) -> Option<State> {
        self.lock().tasks.get(id).map(|it| it.state)
    }

    /// The last statuses of a connector's tasks, by number.
    #[must_use]
    pub fn tasks(&self, name: &ConnectorName) -> Vec<(u32, Status)> {
        let first = TaskId {
            connector: name.clone(),
            task: 0,
        };
        let last = TaskId {
            connector: name.clone(),
            task: u32::MAX,
        };
        let statuses = self.lock();
        let tasks = statuses.tasks.range(first..=last);
        tasks
            .map(|(id, status)| (id.task, status.clone()))
            .collect()
    }

    /// Forgets a task.
    pub fn remove_task(&self, id: &TaskId) {
        self.lock().tasks.remove(id);
    }

    /// Forgets a connector and all its tasks.
    pub fn remove_connector(&self, name: &ConnectorName) {
        let mut statuses = self.lock();
        statuses.connectors.remove(name);
        statuses.tasks.retain(|id, _| id.connector != *name);
    }

    fn lock(&self) -> MutexGuard<'_, Statuses> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running() -> Status {
        Status {
            state: State::Running,
            trace: None,
            worker_id: "127.0.0.1:8083".to_owned(),
            version: Some("1.0.0".to_owned()),
        }
    }

    #[test]
    fn tasks_of_a_connector_are_listed_by_number() {
        let store = StatusStore::default();
        for (connector, task) in [("b", 1), ("a", 10), ("b", 0), ("c", 0), ("a", 2)] {
            store.put_task(
                TaskId {
                    connector: connector.into(),
                    task,
                },
                running(),
            );
        }

        let numbers: Vec<u32> = store
            .tasks(&"a".into())
            .into_iter()
            .map(|it| it.0)
            .collect();

        assert_eq!(numbers, [2, 10]);
    }

    #[test]
    fn a_removed_connector_takes_its_tasks_along() {
        let store = StatusStore::default();
        store.put_connector("a".into(), running());
        store.put_task(
            TaskId {
                connector: "a".into(),
                task: 0,
            },
            running(),
        );

        store.remove_connector(&"a".into());

        assert_eq!(store.connector(&"a".into()), None);
        assert_eq!(store.tasks(&"a".into()), []);
    }
}
