//! Statuses of connectors and tasks: kept in memory, and by workers of a cluster in a topic, too.

mod outlet;
pub mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use self::outlet::Outlet;
use self::record::{StatusKey, status_from_bytes, status_to_bytes};
use crate::storage::topic_log::LogRecord;

pub use outlet::{Pending, write};

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

    /// The state of a name in status records.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Unassigned,
            Self::Running,
            Self::Paused,
            Self::Failed,
            Self::Restarting,
            Self::Stopped,
        ]
        .into_iter()
        .find(|it| it.as_str() == name)
    }

    /// Whether somebody else's newer word counts more.
    fn is_cautious(self) -> bool {
        matches!(self, Self::Unassigned | Self::Failed)
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
    /// Generation of the group that this worker writes in; 0 without a group.
    generation: AtomicI32,
    /// Where statuses are written; nowhere by a worker alone.
    outlet: OnceLock<Outlet>,
}

/// A status and the generation of its writer.
#[derive(Clone, Debug)]
struct Known {
    status: Status,
    generation: i32,
}

impl Known {
    /// Whether another worker has said this in a later generation.
    fn outdates(&self, status: &Status, generation: i32) -> bool {
        self.status.worker_id != status.worker_id && self.generation > generation
    }
}

#[derive(Debug, Default)]
struct Statuses {
    connectors: BTreeMap<ConnectorName, Known>,
    tasks: BTreeMap<TaskId, Known>,
}

impl StatusStore {
    /// From now on statuses are written, too: this is what waits for it. The second time there is
    /// nothing to wait.
    #[must_use]
    pub fn write_from_now_on(&self) -> Option<Pending> {
        let (outlet, pending) = Outlet::new();
        self.outlet.set(outlet).is_ok().then_some(pending)
    }

    /// Says in which generation of the group the worker writes from now on.
    pub fn set_generation(&self, generation: i32) {
        self.generation.store(generation, Ordering::Release);
    }

    /// Takes a record of the status topic; one of topics in use is left to others.
    pub fn read(&self, record: LogRecord<'_>) {
        let key = record.key.and_then(StatusKey::parse);
        let (Some(bytes), Some(key)) = (record.key, key) else {
            return;
        };
        let outlet = self.outlet.get();
        if outlet.is_some_and(|it| !it.is_news(bytes, record.value)) {
            return;
        }
        let status = match record.value {
            None => None,
            Some(value) => match status_from_bytes(value) {
                Some((status, generation)) => Some(Known { status, generation }),
                None => return,
            },
        };
        let mut statuses = self.lock();
        match (key, status) {
            (StatusKey::Connector(name), Some(known)) => {
                statuses.connectors.insert(name, known);
            }
            (StatusKey::Connector(name), None) => statuses.forget(&name),
            (StatusKey::Task(id), Some(known)) => {
                let is_late = statuses.tasks.get(&id).is_some_and(|it| {
                    known.status.state == State::Unassigned
                        && it.status.state == State::Running
                        && it.generation >= known.generation
                });
                if !is_late {
                    statuses.tasks.insert(id, known);
                }
            }
            (StatusKey::Task(id), None) => drop(statuses.tasks.remove(&id)),
            (StatusKey::Topic { .. }, _) => {}
        }
    }

    /// Waits until what was reported is where others see it.
    pub async fn flush(&self) {
        if let Some(outlet) = self.outlet.get() {
            outlet.flush().await;
        }
    }

    /// Connectors of which anything is known, with the tasks of which something is.
    #[must_use]
    pub fn known(&self) -> BTreeMap<ConnectorName, BTreeSet<u32>> {
        let statuses = self.lock();
        let mut known: BTreeMap<ConnectorName, BTreeSet<u32>> = BTreeMap::new();
        for name in statuses.connectors.keys() {
            known.entry(name.clone()).or_default();
        }
        for id in statuses.tasks.keys() {
            let tasks = known.entry(id.connector.clone()).or_default();
            tasks.insert(id.task);
        }
        known
    }

    /// Remembers the status of a connector.
    pub fn put_connector(&self, name: ConnectorName, status: Status) {
        let generation = self.generation.load(Ordering::Acquire);
        let key = StatusKey::Connector(name.clone());
        let mut statuses = self.lock();
        let known = statuses.connectors.get(&name);
        if status.state.is_cautious() && known.is_some_and(|it| it.outdates(&status, generation)) {
            return;
        }
        self.write(&key, Some(&status), generation);
        statuses
            .connectors
            .insert(name, Known { status, generation });
    }

    /// Remembers the status of a task.
    pub fn put_task(&self, id: TaskId, status: Status) {
        let generation = self.generation.load(Ordering::Acquire);
        let key = StatusKey::Task(id.clone());
        let mut statuses = self.lock();
        let known = statuses.tasks.get(&id);
        if status.state.is_cautious() && known.is_some_and(|it| it.outdates(&status, generation)) {
            return;
        }
        self.write(&key, Some(&status), generation);
        statuses.tasks.insert(id, Known { status, generation });
    }

    fn write(&self, key: &StatusKey, status: Option<&Status>, generation: i32) {
        if let Some(outlet) = self.outlet.get() {
            outlet.write(key, status.map(|it| status_to_bytes(it, generation)));
        }
    }

    /// Writes that a topic is used, or with `None` that it is forgotten.
    pub(super) fn write_topic(&self, key: &StatusKey, value: Option<Vec<u8>>) {
        if let Some(outlet) = self.outlet.get() {
            outlet.write(key, value);
        }
    }

    /// The last status of a connector.
    #[must_use]
    pub fn connector(&self, name: &ConnectorName) -> Option<Status> {
        self.lock().connectors.get(name).map(|it| it.status.clone())
    }

    /// The last status of a task.
    #[must_use]
    pub fn task(&self, id: &TaskId) -> Option<Status> {
        self.lock().tasks.get(id).map(|it| it.status.clone())
    }

    /// The last state of a connector.
    #[must_use]
    pub fn connector_state(&self, name: &ConnectorName) -> Option<State> {
        self.lock().connectors.get(name).map(|it| it.status.state)
    }

    /// The last state of a task.
    #[must_use]
    pub fn task_state(&self, id: &TaskId) -> Option<State> {
        self.lock().tasks.get(id).map(|it| it.status.state)
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
            .map(|(id, known)| (id.task, known.status.clone()))
            .collect()
    }

    /// Forgets a task.
    pub fn remove_task(&self, id: &TaskId) {
        let mut statuses = self.lock();
        self.write(&StatusKey::Task(id.clone()), None, 0);
        statuses.tasks.remove(id);
    }

    /// Forgets a connector and all its tasks.
    pub fn remove_connector(&self, name: &ConnectorName) {
        let mut statuses = self.lock();
        for id in statuses.tasks.keys().filter(|it| it.connector == *name) {
            self.write(&StatusKey::Task(id.clone()), None, 0);
        }
        self.write(&StatusKey::Connector(name.clone()), None, 0);
        statuses.forget(name);
    }

    fn lock(&self) -> MutexGuard<'_, Statuses> {
        self.statuses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Statuses {
    fn forget(&mut self, name: &ConnectorName) {
        self.connectors.remove(name);
        self.tasks.retain(|id, _| id.connector != *name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(store: &StatusStore, key: &StatusKey, value: Option<&[u8]>) {
        store.read(LogRecord {
            offset: 0,
            key: Some(&key.to_bytes()),
            value,
            is_live: true,
        });
    }

    fn of(worker: &str, state: State) -> Status {
        Status {
            state,
            worker_id: worker.to_owned(),
            ..running()
        }
    }

    #[test]
    fn own_records_that_come_back_change_nothing_and_those_of_others_do() {
        let store = StatusStore::default();
        let _pending = store.write_from_now_on().unwrap();
        let (name, key) = (ConnectorName::from("a"), StatusKey::Connector("a".into()));
        let (first, second) = (of("me:1", State::Running), of("me:1", State::Paused));
        store.put_connector(name.clone(), first.clone());
        store.put_connector(name.clone(), second.clone());
        let state = || store.connector_state(&name);

        read(&store, &key, Some(&status_to_bytes(&first, 0)));
        assert_eq!(state(), Some(State::Paused));
        let other = of("you:1", State::Failed);
        read(&store, &key, Some(&status_to_bytes(&other, 0)));
        assert_eq!(state(), Some(State::Failed));
        // The own one was written behind it.
        read(&store, &key, Some(&status_to_bytes(&second, 0)));
        assert_eq!(state(), Some(State::Paused));
        read(&store, &key, None);
        assert_eq!(state(), None);
    }

    #[test]
    fn a_late_word_of_an_old_owner_does_not_count() {
        let store = StatusStore::default();
        let id = TaskId {
            connector: "a".into(),
            task: 0,
        };
        let key = StatusKey::Task(id.clone());
        let running = status_to_bytes(&of("you:1", State::Running), 5);
        read(&store, &key, Some(&running));
        store.set_generation(4);
        store.put_task(id.clone(), of("me:1", State::Unassigned));
        assert_eq!(store.task_state(&id), Some(State::Running));
        let late = status_to_bytes(&of("other:1", State::Unassigned), 5);
        read(&store, &key, Some(&late));
        assert_eq!(store.task_state(&id), Some(State::Running));
        store.put_task(id.clone(), of("me:1", State::Running));
        assert_eq!(store.task(&id).unwrap().worker_id, "me:1");
    }

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
