//! One task from start to end: when it may run, what its status is, and how it stops.
//!
//! A task runs on threads for plugins, so one that blocks keeps nobody waiting. A task that panics
//! fails. A task that does not stop in time is abandoned: it is cut off at its next wait, nothing
//! that it does later changes its status, and nobody waits for it.

mod parts;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use connect_core::config::Props;
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::{ConnectError, Result};
use futures::FutureExt;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::errors::Stage;
use super::errors::advice::last_line;
use super::threads::Running;
use super::{Worker, memory, sink, source};
use crate::config::connector::settings::ConnectorSettings;
use crate::config::connector::task_limit::TaskLimit;
use crate::herder::TargetState;
use crate::identity::TaskId;
use crate::metrics::{Metrics, ShownTask, TaskFigures};
use crate::providers::{ConfigProviders, Secrets};
use crate::storage::status::{State, Status, StatusStore};

/// What a task is started with.
#[derive(Clone, Debug)]
pub(crate) struct TaskSpec {
    pub(crate) id: TaskId,
    /// The connector's plugin.
    pub(crate) plugin: PluginDescriptor,
    /// Configuration of the connector.
    pub(crate) connector: Props,
    /// Configuration of the task.
    pub(crate) config: Props,
    /// How many tasks the connector has.
    pub(crate) siblings: usize,
    /// What the configurations refer to; none before it was looked up.
    pub(crate) secrets: Secrets,
}

impl TaskSpec {
    /// The same with what its configurations refer to.
    async fn resolved(mut self, providers: &ConfigProviders) -> Result<Self> {
        let connector = providers.resolve(&self.connector).await?;
        let config = providers.resolve(&self.config).await?;
        self.connector = connector.props;
        self.config = config.props;
        // The references of a task are those of its connector.
        self.secrets = connector.secrets;
        Ok(self)
    }
}

/// What the running side of a task listens to and reports to.
pub(crate) struct Control {
    pub(crate) stop: CancellationToken,
    pub(crate) figures: Arc<TaskFigures>,
    /// Where the task failed, if it has.
    pub(crate) failed_in: Option<Stage>,
    target: watch::Receiver<TargetState>,
    status: Arc<StatusReporter>,
}

impl Control {
    /// Whether the task shall process nothing for now.
    pub(crate) fn is_paused(&self) -> bool {
        progress(*self.target.borrow()) == State::Paused
    }

    /// Waits until the task is asked to pause, to resume or to stop. Cancel-safe.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => {}
            changed = self.target.changed() => {
                // Nobody is left who could ask for anything else.
                if changed.is_err() {
                    self.stop.cancel();
                }
            }
        }
    }

    /// Reports that the task runs or, if it is paused, that it is.
    pub(crate) fn report_progress(&self) {
        self.status.report(progress(*self.target.borrow()), None);
    }

    /// Waits while the task is paused. `false` when it was stopped meanwhile.
    async fn wait_until_started(&mut self) -> bool {
        while self.is_paused() && !self.stop.is_cancelled() {
            self.status.report(State::Paused, None);
            self.asked().await;
        }
        !self.stop.is_cancelled()
    }
}

/// Writes the status of one run of a task, until it is silenced.
struct StatusReporter {
    id: TaskId,
    worker_id: String,
    version: &'static str,
    statuses: Arc<StatusStore>,
    metrics: Arc<Metrics>,
    figures: Arc<TaskFigures>,
    silenced: AtomicBool,
    /// Whether anything has been reported.
    has_reported: watch::Sender<bool>,
}

impl StatusReporter {
    fn report(&self, state: State, trace: Option<String>) {
        if self.silenced.load(Ordering::Acquire) {
            return;
        }
        self.metrics.task_reported(&self.figures, state);
        let status = Status {
            state,
            trace,
            worker_id: self.worker_id.clone(),
            version: Some(self.version.to_owned()),
        };
        self.statuses.put_task(self.id.clone(), status);
        self.has_reported.send_replace(true);
    }
}

/// A task that was started, seen from outside.
pub(crate) struct TaskHandle {
    stop: CancellationToken,
    target: watch::Sender<TargetState>,
    status: Arc<StatusReporter>,
    running: Running,
    /// Ends with the handle, whatever an abandoned task still does.
    _shown: ShownTask,
}

impl TaskHandle {
    /// Starts a task in the background.
    pub(crate) fn start(worker: &Arc<Worker>, spec: TaskSpec, target: TargetState) -> Self {
        let stop = CancellationToken::new();
        let (sender, receiver) = watch::channel(target);
        let parts = parts::of(worker, &spec);
        let shown = worker.metrics.show_task(&spec.id, parts, progress(target));
        let status = Arc::new(StatusReporter {
            id: spec.id.clone(),
            worker_id: worker.parts.worker_id.clone(),
            version: spec.plugin.info.version,
            statuses: Arc::clone(&worker.statuses),
            metrics: Arc::clone(&worker.metrics),
            figures: Arc::clone(shown.figures()),
            silenced: AtomicBool::new(false),
            has_reported: watch::Sender::new(false),
        });
        let control = Control {
            stop: stop.clone(),
            figures: Arc::clone(shown.figures()),
            failed_in: None,
            target: receiver,
            status: Arc::clone(&status),
        };
        let span = tracing::info_span!("task", id = %spec.id);
        let running = run(Arc::clone(worker), spec, control).instrument(span);
        let running = worker.plugin_threads.spawn(running);
        Self {
            stop,
            target: sender,
            status,
            running,
            _shown: shown,
        }
    }

    /// Waits until the task has shown how it is, or the deadline is over.
    pub(crate) async fn has_reported(&self, deadline: Instant) {
        let mut reports = self.status.has_reported.subscribe();
        let report = reports.wait_for(|it| *it);
        // Somebody who is late is not waited for.
        let _ = tokio::time::timeout_at(deadline, report).await;
    }

    /// Pauses or resumes the task, which follows in its own time.
    pub(crate) fn set_target(&self, target: TargetState) {
        self.target.send_replace(target);
    }

    /// Asks the task to stop; returns at once.
    pub(crate) fn request_stop(&self) {
        self.stop.cancel();
    }

    /// Waits for the end of a task that was asked to stop, and abandons it at the deadline.
    pub(crate) async fn stopped(mut self, deadline: Instant) {
        if !self.running.ended_by(deadline).await {
            self.status.silenced.store(true, Ordering::Release);
            tracing::warn!(
                task = %self.status.id,
                "task did not stop in time and is abandoned; its last offsets are not committed"
            );
        }
    }
}

impl std::fmt::Debug for TaskHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskHandle")
            .field("id", &self.status.id)
            .finish_non_exhaustive()
    }
}

/// How a task is that does what it is meant to do.
fn progress(target: TargetState) -> State {
    match target {
        TargetState::Started => State::Running,
        TargetState::Paused | TargetState::Stopped => State::Paused,
    }
}

/// Runs a task and reports how it ended.
async fn run(worker: Arc<Worker>, spec: TaskSpec, mut control: Control) {
    let (id, class) = (spec.id.clone(), spec.plugin.info.name);
    let mut secrets = Secrets::default();
    let executed = execute(&worker, spec, &mut control, &mut secrets);
    let outcome = AssertUnwindSafe(executed).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|panic| Err(ConnectError::panicked(panic.as_ref())));
    match outcome {
        Ok(()) => control.status.report(State::Unassigned, None),
        Err(error) if control.stop.is_cancelled() => {
            let trace = error.trace();
            tracing::warn!(error = %secrets.hide(&trace), "task failed while it was stopping");
            control.status.report(State::Unassigned, None);
        }
        Err(error) => {
            let advice = last_line(&id, class, control.failed_in, &error);
            let trace = format!("{}\n{advice}", error.trace());
            let trace = secrets.hide(&trace).into_owned();
            tracing::error!(error = trace, "task failed and waits for a restart");
            control.status.report(State::Failed, Some(trace));
        }
    }
    memory::note_end();
}

async fn execute(
    worker: &Worker,
    spec: TaskSpec,
    control: &mut Control,
    secrets: &mut Secrets,
) -> Result<()> {
    if !control.wait_until_started().await {
        return Ok(());
    }
    let spec = spec.resolved(&worker.parts.providers).await?;
    secrets.clone_from(&spec.secrets);
    let (kind, plugins) = (spec.plugin.entry.kind(), &worker.parts.plugins);
    // The limit may have been lowered since the tasks were planned.
    let settings = ConnectorSettings::parse(&spec.connector, kind, plugins)?;
    TaskLimit::of(&settings)?.check(&spec.id.connector, spec.siblings)?;
    match spec.plugin.entry {
        // Boxed, so that a task takes no more memory than one of its kind needs.
        PluginEntry::Source { start, .. } => {
            Box::pin(source::run(worker, &spec, start, control)).await
        }
        PluginEntry::Sink { start, .. } => Box::pin(sink::run(worker, &spec, start, control)).await,
        PluginEntry::Converter { .. }
        | PluginEntry::Transform { .. }
        | PluginEntry::Predicate { .. }
        | PluginEntry::ConfigProvider { .. }
        | PluginEntry::ClientConfigPolicy { .. }
        | PluginEntry::RestExtension { .. } => Err(ConnectError::config(format_args!(
            "{} is not a connector",
            spec.plugin.info.name
        ))),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::metrics::tests::{metrics, task_figures};

    /// The running side of a task, and what pauses it.
    pub(in crate::worker) fn control(spec: &TaskSpec) -> (Control, watch::Sender<TargetState>) {
        let (sender, target) = watch::channel(TargetState::Started);
        let figures = task_figures(spec.plugin.entry.kind());
        let status = StatusReporter {
            id: spec.id.clone(),
            worker_id: "w".to_owned(),
            version: spec.plugin.info.version,
            statuses: Arc::default(),
            metrics: metrics("0"),
            figures: Arc::clone(&figures),
            silenced: AtomicBool::new(false),
            has_reported: watch::Sender::new(false),
        };
        let control = Control {
            stop: CancellationToken::new(),
            figures,
            failed_in: None,
            target,
            status: Arc::new(status),
        };
        (control, sender)
    }
}
