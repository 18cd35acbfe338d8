//! What a worker measures, by the reference's groups, names and statistics.
//!
//! | module | owns |
//! | --- | --- |
//! | `names` | the table of groups and attributes, with units and meanings |
//! | `windows`, `states` | statistics over samples, and shares of time |
//! | `worker`, `task`, `source`, `sink`, `errors`, `clients` | what there is to record, and how it is read |
//! | `progress` | whether tasks get their work done |
//! | `reading` | what was measured at one moment |
//! | `prometheus` | that moment as text |
//!
//! A task records once for a batch and never for a record, into atomic numbers of its own that
//! nobody else writes; all work with names and texts is done by whoever reads. Figures are shown
//! from the start of their object to its end: the side that gives an object up holds the guard, so
//! an abandoned task shows nothing.

mod clients;
mod errors;
pub mod names;
mod progress;
pub mod prometheus;
mod reading;
mod sink;
mod source;
mod states;
mod task;
mod windows;
mod worker;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect_core::metrics::MetricsRegistry;

use self::names::{CONNECTOR, CONNECTOR_TASKS, COUNT, PLUGINS, RUNTIME, WORKER};
use self::reading::{number, tags, text};
use self::task::named;
use self::windows::{Windows, float};
use self::worker::{About, Starts};
use crate::config::worker::WorkerConfig;
use crate::identity::{ConnectorName, TaskId};
use crate::storage::status::{State, StatusStore};

pub(crate) use clients::ClientKind;
pub(crate) use errors::ErrorCounts;
pub use reading::{Figure, Reading, Value};
pub(crate) use task::{Part, TaskFigures, TaskParts};

/// The figures of a worker and of everything that runs on it.
#[derive(Debug)]
pub struct Metrics {
    windows: Windows,
    /// How long work may wait before a task counts as stalled; `None` for ever.
    stall_limit: Option<Duration>,
    about: About,
    connector_starts: Starts,
    task_starts: Starts,
    statuses: Arc<StatusStore>,
    plugins: Arc<MetricsRegistry>,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    connectors: BTreeMap<ConnectorName, Arc<ConnectorParts>>,
    tasks: BTreeMap<TaskId, Arc<TaskFigures>>,
}

/// What a connector is.
#[derive(Debug)]
pub(crate) struct ConnectorParts {
    pub(crate) part: Part,
    /// `source` or `sink`.
    pub(crate) kind: &'static str,
}

impl Metrics {
    /// What a worker of this name measures, and what is known of its connectors otherwise.
    pub(crate) fn new(config: &WorkerConfig, worker_id: &str, statuses: Arc<StatusStore>) -> Self {
        let windows = Windows::new(&config.metrics);
        let limit = config.task_stall_timeout;
        Self {
            windows,
            stall_limit: (!limit.is_zero()).then_some(limit),
            about: About::new(worker_id),
            connector_starts: Starts::new(windows),
            task_starts: Starts::new(windows),
            statuses,
            plugins: Arc::default(),
            shown: Mutex::default(),
        }
    }

    /// What plugins of connectors register their metrics with.
    pub(crate) fn plugins(&self) -> &Arc<MetricsRegistry> {
        &self.plugins
    }

    /// Shows a connector for as long as the guard is held.
    pub(crate) fn show_connector(
        self: &Arc<Self>,
        name: ConnectorName,
        parts: ConnectorParts,
    ) -> ShownConnector {
        let parts = Arc::new(parts);
        let mut shown = self.lock();
        shown.connectors.insert(name.clone(), Arc::clone(&parts));
        ShownConnector {
            metrics: Arc::clone(self),
            name,
            parts,
        }
    }

    /// A connector has started, or has failed to.
    pub(crate) fn connector_started(&self, is_running: bool) {
        self.connector_starts.record(is_running, self.windows.now());
    }

    /// Shows a task, which is to be in a state at first, for as long as the guard is held.
    pub(crate) fn show_task(
        self: &Arc<Self>,
        id: &TaskId,
        parts: TaskParts,
        state: State,
    ) -> ShownTask {
        let plugins = Arc::clone(&self.plugins);
        let figures = TaskFigures::new(id.clone(), parts, state, self.windows, plugins);
        let figures = Arc::new(figures);
        self.lock().tasks.insert(id.clone(), Arc::clone(&figures));
        ShownTask {
            metrics: Arc::clone(self),
            figures,
        }
    }

    /// A task reports what it does. One that fails before everything that belongs to it was made
    /// is shown no longer.
    pub(crate) fn task_reported(&self, figures: &Arc<TaskFigures>, state: State) {
        let now = self.windows.now();
        if figures.enter(state) {
            self.task_starts.record(true, now);
        }
        if state == State::Failed && !figures.has_run() {
            self.task_starts.record(false, now);
            if !figures.is_made() {
                self.hide_task(figures);
            }
        }
    }

    fn hide_task(&self, figures: &Arc<TaskFigures>) {
        let mut shown = self.lock();
        let present = shown.tasks.get(figures.id());
        if present.is_some_and(|it| Arc::ptr_eq(it, figures)) {
            shown.tasks.remove(figures.id());
        }
    }

    /// Sentences about the tasks of a connector that have work and get none of it done.
    #[must_use]
    pub fn stalled(&self, connector: &ConnectorName) -> Vec<String> {
        let (Some(limit), now) = (self.stall_limit, self.windows.now()) else {
            return Vec::new();
        };
        let tasks = self.tasks().into_iter();
        let tasks = tasks.filter(|it| it.id().connector == *connector);
        tasks
            .filter_map(|it| {
                let work = it.work(now).filter(|work| work.idle() >= limit)?;
                Some(work.sentence(it.id().task))
            })
            .collect()
    }

    /// Everything that is measured at this moment, object by object.
    pub fn read(&self, mut take: impl FnMut(Reading)) {
        // How many figures there are is a figure, too.
        let mut count = 1;
        self.read_objects(&mut |reading| {
            if reading.group.domain == COUNT.domain {
                count += reading.figures.len();
            }
            take(reading);
        });
        take(Reading {
            group: &COUNT,
            tags: Vec::new(),
            figures: vec![number("count", float(count as u64))],
        });
    }

    fn read_objects(&self, take: &mut impl FnMut(Reading)) {
        let now = self.windows.now();
        let (connectors, tasks) = (self.connectors(), self.tasks());
        take(self.about.read());
        take(self.read_worker(connectors.len(), tasks.len()));
        self.read_connector_tasks(&tasks, take);
        for (name, parts) in &connectors {
            take(self.read_connector(name, parts));
        }
        for task in &tasks {
            task.read(now, self.stall_limit, take);
        }
        self.read_plugins(take);
        take(read_runtime());
    }

    fn read_worker(&self, connectors: usize, tasks: usize) -> Reading {
        let now = self.windows.now();
        let mut figures = vec![
            number("connector-count", float(connectors as u64)),
            number("task-count", float(tasks as u64)),
        ];
        figures.extend(self.connector_starts.read(
            now,
            [
                "connector-startup-attempts-total",
                "connector-startup-success-total",
                "connector-startup-failure-total",
                "connector-startup-success-percentage",
                "connector-startup-failure-percentage",
            ],
        ));
        figures.extend(self.task_starts.read(
            now,
            [
                "task-startup-attempts-total",
                "task-startup-success-total",
                "task-startup-failure-total",
                "task-startup-success-percentage",
                "task-startup-failure-percentage",
            ],
        ));
        Reading {
            group: &WORKER,
            tags: Vec::new(),
            figures,
        }
    }

    /// For each connector with tasks how many of them are in which state, as clients see it.
    fn read_connector_tasks(&self, tasks: &[Arc<TaskFigures>], take: &mut impl FnMut(Reading)) {
        for tasks in tasks.chunk_by(|a, b| a.id().connector == b.id().connector) {
            let states = tasks.iter().map(|it| self.statuses.task_state(it.id()));
            let states: Vec<_> = states.collect();
            let count = |state| {
                let such = states.iter().filter(|it| **it == Some(state));
                float(such.count() as u64)
            };
            let connector = tasks.first().map_or("", |it| it.id().connector.as_str());
            take(Reading {
                group: &CONNECTOR_TASKS,
                tags: tags(&CONNECTOR_TASKS, [connector]),
                figures: vec![
                    number("connector-total-task-count", float(states.len() as u64)),
                    number("connector-running-task-count", count(State::Running)),
                    number("connector-paused-task-count", count(State::Paused)),
                    number("connector-failed-task-count", count(State::Failed)),
                    number("connector-unassigned-task-count", count(State::Unassigned)),
                    number("connector-destroyed-task-count", 0.0),
                    number("connector-restarting-task-count", count(State::Restarting)),
                ],
            });
        }
    }

    fn read_connector(&self, name: &ConnectorName, it: &ConnectorParts) -> Reading {
        let state = self.statuses.connector_state(name);
        let state = state.unwrap_or(State::Unassigned);
        let mut figures = vec![text("connector-type", it.kind)];
        let names = ["connector-class", "connector-version"];
        figures.extend(named(names, Some(&it.part)));
        figures.push(text("status", state.as_str().to_ascii_lowercase()));
        Reading {
            group: &CONNECTOR,
            tags: tags(&CONNECTOR, [name.as_str()]),
            figures,
        }
    }

    /// What plugins have registered, by their tags.
    fn read_plugins(&self, take: &mut impl FnMut(Reading)) {
        let mut by_tags: BTreeMap<Vec<(String, String)>, Vec<Figure>> = BTreeMap::new();
        for metric in self.plugins.snapshot() {
            by_tags.entry(metric.tags).or_default().push(Figure {
                name: metric.name.into(),
                value: Value::Number(metric.value),
                meaning: Some(metric.description),
            });
        }
        for (tags, figures) in by_tags {
            let tags = tags.into_iter();
            take(Reading {
                group: &PLUGINS,
                tags: tags.map(|(name, it)| (name.into(), it)).collect(),
                figures,
            });
        }
    }

    fn connectors(&self) -> Vec<(ConnectorName, Arc<ConnectorParts>)> {
        let shown = self.lock();
        let connectors = shown.connectors.iter();
        connectors
            .map(|(name, it)| (name.clone(), Arc::clone(it)))
            .collect()
    }

    /// Those of a connector stand together.
    fn tasks(&self) -> Vec<Arc<TaskFigures>> {
        self.lock().tasks.values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the runtime of the caller has to do.
fn read_runtime() -> Reading {
    let runtime = tokio::runtime::Handle::try_current();
    let tasks = runtime.map_or(f64::NAN, |it| float(it.metrics().num_alive_tasks() as u64));
    Reading {
        group: &RUNTIME,
        tags: Vec::new(),
        figures: vec![number("async-tasks", tasks)],
    }
}

/// Shows a connector until it is dropped.
#[derive(Debug)]
pub(crate) struct ShownConnector {
    metrics: Arc<Metrics>,
    name: ConnectorName,
    parts: Arc<ConnectorParts>,
}

impl Drop for ShownConnector {
    fn drop(&mut self) {
        let mut shown = self.metrics.lock();
        let present = shown.connectors.get(&self.name);
        if present.is_some_and(|it| Arc::ptr_eq(it, &self.parts)) {
            shown.connectors.remove(&self.name);
        }
    }
}

/// Shows a task until it is dropped.
#[derive(Debug)]
pub(crate) struct ShownTask {
    metrics: Arc<Metrics>,
    figures: Arc<TaskFigures>,
}

impl ShownTask {
    pub(crate) fn figures(&self) -> &Arc<TaskFigures> {
        &self.figures
    }
}

impl Drop for ShownTask {
    fn drop(&mut self) {
        self.figures.close();
        self.metrics.hide_task(&self.figures);
    }
}

#[cfg(test)]
pub(crate) mod tests;
