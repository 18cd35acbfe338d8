//! What a task is doing, and what belongs to it while it does.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect_core::metrics::{MetricsRegistry, PluginMetrics};
use connect_core::plugin::PluginKind;
use connect_kafka::{ClientSettings, StatisticsHandle};

use super::clients::{self, ClientKind, TaskClient};
use super::errors::ErrorCounts;
use super::names::{ERRORS, Group, PREDICATE, PROGRESS, SINK, SOURCE, TASK, TRANSFORM};
use super::progress::{Progress, Work};
use super::reading::{Figure, Reading, Value, figure, number, tags, text};
use super::sink::SinkFigures;
use super::source::SourceFigures;
use super::states::StateTimes;
use super::windows::{Millis, Sampled, Windows, float};
use crate::identity::TaskId;
use crate::storage::status::State;

/// A plugin, as it is named in metrics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) class: &'static str,
    pub(crate) version: &'static str,
}

/// What a task is made of.
#[derive(Clone, Debug)]
pub(crate) struct TaskParts {
    pub(crate) connector: Part,
    pub(crate) kind: PluginKind,
    /// Class of the task, if it is known.
    pub(crate) task_class: Option<String>,
    /// `None` where the configuration names none that can be used.
    pub(crate) key: Option<Part>,
    pub(crate) value: Option<Part>,
    pub(crate) header: Option<Part>,
    /// By alias, like the next.
    pub(crate) transforms: Vec<(String, Part)>,
    pub(crate) predicates: Vec<(String, Part)>,
}

/// The figures of one run of a task. Its thread records; everybody reads.
#[derive(Debug)]
pub(crate) struct TaskFigures {
    id: TaskId,
    windows: Windows,
    parts: TaskParts,
    states: StateTimes,
    /// Whether the task was made, with everything that belongs to it.
    is_made: AtomicBool,
    has_run: AtomicBool,
    commit_times: Sampled,
    commit_outcomes: Sampled,
    batches: Sampled,
    flow: Flow,
    progress: Progress,
    pub(crate) errors: ErrorCounts,
    clients: Mutex<Vec<TaskClient>>,
    plugins: Arc<MetricsRegistry>,
    plugin_metrics: Mutex<Vec<PluginMetrics>>,
}

/// The figures of a direction; those of the other one stay untouched.
#[derive(Debug)]
enum Flow {
    Source(SourceFigures),
    Sink(SinkFigures),
}

impl TaskFigures {
    pub(super) fn new(
        id: TaskId,
        parts: TaskParts,
        state: State,
        windows: Windows,
        plugins: Arc<MetricsRegistry>,
    ) -> Self {
        let flow = match parts.kind {
            PluginKind::Sink => Flow::Sink(SinkFigures::new(windows)),
            _ => Flow::Source(SourceFigures::new(windows)),
        };
        Self {
            id,
            windows,
            parts,
            states: StateTimes::new(state, windows.now()),
            is_made: AtomicBool::new(false),
            has_run: AtomicBool::new(false),
            commit_times: Sampled::new(windows),
            commit_outcomes: Sampled::new(windows),
            batches: Sampled::new(windows),
            flow,
            progress: Progress::default(),
            errors: ErrorCounts::default(),
            clients: Mutex::default(),
            plugins,
            plugin_metrics: Mutex::default(),
        }
    }

    pub(crate) fn id(&self) -> &TaskId {
        &self.id
    }

    /// Notes the state that is reported. `true` when the task runs for the first time.
    pub(super) fn enter(&self, state: State) -> bool {
        self.states.enter(state, self.now());
        state == State::Running && !self.has_run.swap(true, Relaxed)
    }

    pub(super) fn has_run(&self) -> bool {
        self.has_run.load(Relaxed)
    }

    /// Everything that belongs to the task is there, and the task itself begins.
    pub(crate) fn set_made(&self) {
        self.is_made.store(true, Relaxed);
    }

    pub(super) fn is_made(&self) -> bool {
        self.is_made.load(Relaxed)
    }

    /// Metrics for a plugin of the task, to be closed with these.
    pub(crate) fn plugin_metrics(&self, part: Option<(&str, &str)>) -> PluginMetrics {
        let task = self.id.task.to_string();
        let mut tags = vec![("connector", self.id.connector.as_str()), ("task", &task)];
        tags.extend(part);
        let metrics = PluginMetrics::new(&self.plugins, &tags);
        lock(&self.plugin_metrics).push(metrics.clone());
        metrics
    }

    /// Shows what a client of the task tells of itself.
    pub(crate) fn add_client(
        &self,
        kind: ClientKind,
        settings: &ClientSettings,
        statistics: &StatisticsHandle,
    ) {
        let id = settings.get("client.id").unwrap_or_default();
        lock(&self.clients).push(TaskClient {
            kind,
            id: id.to_owned(),
            statistics: statistics.clone(),
        });
    }

    /// Ends what plugins show; the rest goes with these figures.
    pub(super) fn close(&self) {
        for metrics in lock(&self.plugin_metrics).drain(..) {
            metrics.close();
        }
    }

    /// A poll has returned records.
    pub(crate) fn polled(&self, records: usize, time: Duration) {
        let (now, records) = (self.now(), records as u64);
        if let Flow::Source(source) = &self.flow {
            if source.active() == 0 {
                self.progress.moved(now);
            }
            source.polled(records, time, now);
        }
        self.batches.record(float(records), now);
    }

    /// Records of a source are done with.
    pub(crate) fn settled(&self, written: u64, dropped: u64) {
        if let Flow::Source(source) = &self.flow
            && written + dropped > 0
        {
            let now = self.now();
            source.settled(written, dropped, now);
            self.progress.moved(now);
        }
    }

    /// A sink has received records.
    pub(crate) fn read_records(&self, records: usize) {
        if let Flow::Sink(sink) = &self.flow {
            let (now, records) = (self.now(), records as u64);
            sink.read_records(records, now);
            sink.hold(records);
            self.progress.moved(now);
        }
    }

    /// `put` has taken records, perhaps none.
    pub(crate) fn put(&self, records: usize, time: Duration) {
        if let Flow::Sink(sink) = &self.flow {
            let (now, records) = (self.now(), records as u64);
            sink.put(records, time, now);
            self.batches.record(float(records), now);
            if sink.held() > 0 {
                sink.hold(0);
                self.progress.moved(now);
            }
        }
    }

    /// Records that were to be delivered again are not: they are read again.
    pub(crate) fn let_go(&self) {
        if let Flow::Sink(sink) = &self.flow {
            sink.hold(0);
        }
    }

    pub(crate) fn set_partitions(&self, partitions: usize, uncommitted: u64) {
        if let Flow::Sink(sink) = &self.flow {
            sink.set_partitions(partitions as u64);
            sink.set_active(uncommitted, self.now());
        }
    }

    pub(crate) fn set_uncommitted(&self, records: u64) {
        if let Flow::Sink(sink) = &self.flow {
            sink.set_active(records, self.now());
        }
    }

    /// A sink begins a commit.
    pub(crate) fn commit_begins(&self) {
        if let Flow::Sink(sink) = &self.flow {
            sink.commit_begins();
        }
    }

    /// A commit of offsets has succeeded.
    pub(crate) fn committed(&self, time: Duration) {
        let now = self.now();
        self.commit_times.record(milliseconds(time), now);
        self.commit_outcomes.record(1.0, now);
        if let Flow::Sink(sink) = &self.flow {
            sink.committed(now);
        }
    }

    /// A commit of offsets has failed.
    pub(crate) fn commit_failed(&self) {
        self.commit_outcomes.record(0.0, self.now());
    }

    fn now(&self) -> Millis {
        self.windows.now()
    }

    /// What there is to do, and for how long none of it was done.
    pub(super) fn work(&self, now: Millis) -> Option<Work> {
        if self.states.shares(now).state != State::Running {
            return None;
        }
        match &self.flow {
            Flow::Source(source) => self.progress.of_source(source.active(), now),
            Flow::Sink(sink) => {
                let lag = clients::lag(&lock(&self.clients));
                self.progress.of_sink(sink.held(), lag, now)
            }
        }
    }

    /// Everything that is shown of the task.
    pub(super) fn read(
        &self,
        now: Millis,
        limit: Option<Duration>,
        take: &mut impl FnMut(Reading),
    ) {
        take(self.reading(&TASK, self.read_task(now)));
        take(match &self.flow {
            Flow::Source(source) => self.reading(&SOURCE, source.read(now)),
            Flow::Sink(sink) => self.reading(&SINK, sink.read(now)),
        });
        take(self.reading(&ERRORS, self.errors.read()));
        take(self.reading(&PROGRESS, self.read_progress(now, limit)));
        for (alias, part) in &self.parts.transforms {
            let names = ["transform-class", "transform-version"];
            take(self.part(&TRANSFORM, alias, named(names, Some(part))));
        }
        for (alias, part) in &self.parts.predicates {
            let names = ["predicate-class", "predicate-version"];
            take(self.part(&PREDICATE, alias, named(names, Some(part))));
        }
        let clients = lock(&self.clients).clone();
        clients.iter().flat_map(TaskClient::read).for_each(take);
    }

    fn read_task(&self, now: Millis) -> Vec<Figure> {
        let parts = &self.parts;
        let shares = self.states.shares(now);
        let commit_times = self.commit_times.figures(now);
        let outcomes = self.commit_outcomes.figures(now);
        let batches = self.batches.figures(now);
        let version = Cow::Borrowed(parts.connector.version);
        let mut figures = Vec::new();
        figures.extend(named(
            ["connector-class", "connector-version"],
            Some(&parts.connector),
        ));
        figures.push(text("connector-type", parts.kind.as_str()));
        figures.push(match parts.task_class.clone() {
            Some(class) => text("task-class", class),
            None => figure("task-class", Value::Unknown),
        });
        figures.push(text("task-version", version));
        for (names, part) in [
            (["key-converter-class", "key-converter-version"], parts.key),
            (
                ["value-converter-class", "value-converter-version"],
                parts.value,
            ),
            (
                ["header-converter-class", "header-converter-version"],
                parts.header,
            ),
        ] {
            figures.extend(named(names, part.as_ref()));
        }
        figures.extend([
            text("status", shares.state.as_str().to_ascii_lowercase()),
            number("running-ratio", shares.running),
            number("pause-ratio", shares.paused),
            number("offset-commit-max-time-ms", commit_times.maximum()),
            number("offset-commit-avg-time-ms", commit_times.average()),
            number("offset-commit-success-percentage", outcomes.share_of_ones()),
            number(
                "offset-commit-failure-percentage",
                outcomes.share_of_zeros(),
            ),
            number("batch-size-max", batches.maximum()),
            number("batch-size-avg", batches.average()),
        ]);
        figures
    }

    fn read_progress(&self, now: Millis, limit: Option<Duration>) -> Vec<Figure> {
        let work = self.work(now);
        let idle = work.as_ref().map(Work::idle).unwrap_or_default();
        let is_stalled = limit.is_some_and(|limit| work.is_some() && idle >= limit);
        vec![
            number("stalled", f64::from(u8::from(is_stalled))),
            number("time-without-progress-ms", milliseconds(idle)),
        ]
    }

    fn reading(&self, group: &'static Group, figures: Vec<Figure>) -> Reading {
        let task = self.id.task.to_string();
        Reading {
            group,
            tags: tags(group, [self.id.connector.as_str(), &task]),
            figures,
        }
    }

    fn part(&self, group: &'static Group, alias: &str, figures: [Figure; 2]) -> Reading {
        let task = self.id.task.to_string();
        Reading {
            group,
            tags: tags(group, [self.id.connector.as_str(), &task, alias]),
            figures: figures.into(),
        }
    }
}

/// Class and version of a plugin.
pub(super) fn named([class, version]: [&'static str; 2], part: Option<&Part>) -> [Figure; 2] {
    match part {
        Some(part) => [text(class, part.class), text(version, part.version)],
        None => [class, version].map(|it| figure(it, Value::Unknown)),
    }
}

/// A time as the reference shows it, without losing what is shorter than a millisecond.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
