//! The herder of a standalone worker: configurations in memory, everything on this worker.
//!
//! One event loop over one enum. Whatever changes a connector is a job of that connector: jobs of
//! one connector follow each other, those of different ones run side by side, and questions are
//! answered at once from what the last job left. So a task that is slow to stop delays only
//! requests that change its own connector.

mod connector;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use connect_core::config::Props;
use futures::StreamExt;
use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::connector::{Connector, Operation};
use super::{
    ConnectorInfo, ConnectorOffset, ConnectorOverview, ConnectorStatus, Herder, HerderError,
    OffsetChange, OffsetsChanged, PutOutcome, Reply, Request, TargetState, TaskInfo, offsets,
};
use crate::identity::{ConnectorName, TaskId};
use crate::metrics::Metrics;
use crate::worker::connector::{InstanceEvent, InstanceEvents, InstanceId};
use crate::worker::{Worker, WorkerParts};

/// Requests that wait for one connector at most.
const MOST_WAITING: usize = 256;

/// The answers to requests that only workers of a cluster make.
pub(crate) const NO_CLUSTER: &str = "Kafka Connect in standalone mode does not support externally \
                                     setting task configurations.";
pub(crate) const NO_FENCING: &str =
    "Kafka Connect in standalone mode does not support exactly-once source connectors.";

/// Starts the herder of a standalone worker in the background; nothing runs on it yet.
///
/// To be called inside a runtime.
pub fn start(parts: WorkerParts) -> (Herder, StandaloneHerder) {
    let (herder, requests) = Herder::channel();
    let worker = Arc::new(Worker::new(parts));
    let stop = CancellationToken::new();
    let (events, news) = mpsc::unbounded_channel();
    let event_loop = EventLoop {
        worker: Arc::clone(&worker),
        connectors: BTreeMap::new(),
        jobs: FuturesUnordered::new(),
        events,
    };
    let running = event_loop.run(requests, news, stop.clone());
    let ended = worker.running.spawn(running);
    let metrics = Arc::clone(&worker.metrics);
    let standalone = StandaloneHerder {
        stop,
        ended,
        metrics,
    };
    (herder, standalone)
}

/// A running herder, owned by whoever ends it.
#[derive(Debug)]
#[must_use = "connectors stop gracefully only through `shutdown`"]
pub struct StandaloneHerder {
    stop: CancellationToken,
    ended: JoinHandle<()>,
    metrics: Arc<Metrics>,
}

impl StandaloneHerder {
    /// What is measured of everything that runs.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Stops all connectors and tasks, each within its limit, and commits their offsets.
    pub async fn shutdown(self) {
        self.stop.cancel();
        if let Err(error) = self.ended.await {
            tracing::error!(%error, "the herder ended abnormally");
        }
    }
}

/// Everything that can happen to the herder.
enum Event {
    Request(Request),
    /// A job has ended; this is the connector's new state.
    JobDone(Box<Connector>),
    /// A running connector wants something.
    Instance(ConnectorName, InstanceId, InstanceEvent),
    /// Values that some connectors refer to have expired.
    Reload,
    Stop,
}

struct EventLoop {
    worker: Arc<Worker>,
    connectors: BTreeMap<ConnectorName, Slot>,
    jobs: FuturesUnordered<BoxFuture<'static, Box<Connector>>>,
    /// Where running connectors say what they want.
    events: InstanceEvents,
}

/// A connector as the herder knows it.
struct Slot {
    /// What clients are shown.
    view: View,
    /// The connector itself, unless a job has it.
    idle: Option<Box<Connector>>,
    /// What to do with it next.
    waiting: VecDeque<Operation>,
    /// Ends early what a job waits for.
    interrupt: CancellationToken,
    /// When to restart it, because a value that it refers to expires.
    reload_at: Option<Instant>,
}

/// What the last job left for questions.
#[derive(Clone, Debug)]
struct View {
    info: ConnectorInfo,
    task_configs: Vec<Props>,
}

impl EventLoop {
    async fn run(
        mut self,
        mut requests: mpsc::Receiver<Request>,
        mut news: mpsc::UnboundedReceiver<(ConnectorName, InstanceId, InstanceEvent)>,
        stop: CancellationToken,
    ) {
        loop {
            let reload_at = self.connectors.values().filter_map(|it| it.reload_at).min();
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => Event::Stop,
                Some(connector) = self.jobs.next() => Event::JobDone(connector),
                Some((name, id, event)) = news.recv() => Event::Instance(name, id, event),
                Some(request) = requests.recv() => Event::Request(request),
                () = until(reload_at), if reload_at.is_some() => Event::Reload,
                else => Event::Stop,
            };
            match event {
                Event::Request(request) => self.accept(request),
                Event::JobDone(connector) => self.finish(connector),
                Event::Reload => self.reload(),
                Event::Instance(name, id, event) => {
                    self.enqueue(&name, Operation::Follow(id, event));
                }
                Event::Stop => break,
            }
        }
        drop(requests);
        self.stop_all().await;
    }

    /// Waits for jobs under way, then stops all connectors side by side.
    async fn stop_all(mut self) {
        for slot in self.connectors.values() {
            slot.interrupt.cancel();
        }
        let mut connectors: Vec<Box<Connector>> = self
            .connectors
            .into_values()
            .filter_map(|slot| slot.idle)
            .collect();
        while let Some(connector) = self.jobs.next().await {
            connectors.push(connector);
        }
        join_all(connectors.iter_mut().map(|it| it.shutdown())).await;
    }

    fn accept(&mut self, request: Request) {
        match request {
            // A worker alone is the whole cluster, and whoever asks has changed its own levels.
            Request::Ping(reply) | Request::SetClusterLogLevel { reply, .. } => {
                answer(reply, Ok(()));
            }
            Request::Connectors(reply) => {
                answer(reply, Ok(self.connectors.keys().cloned().collect()));
            }
            Request::Overview(reply) => answer(reply, Ok(self.overview())),
            Request::Connector(name, reply) => {
                let view = self.view(&name);
                answer(reply, view.map(|it| it.info.clone()));
            }
            Request::Status(name, reply) => answer(reply, self.status(name)),
            Request::TaskStatus(id, reply) => {
                let status = self.worker.statuses.task(&id);
                let missing = || HerderError::NotFound(format!("No status found for task {id}"));
                answer(reply, status.ok_or_else(missing));
            }
            Request::Tasks(name, reply) => {
                let tasks = self
                    .view(&name)
                    .map(|view| tasks(&name, &view.task_configs));
                answer(reply, tasks);
            }
            Request::Create {
                name,
                config,
                target,
                reply,
            } => match self.connectors.contains_key(&name) {
                true => answer(reply, Err(HerderError::AlreadyExists(name))),
                false => self.create(&name, config, target, Operation::Create(reply)),
            },
            Request::PutConfig {
                name,
                config,
                reply,
            } => {
                if self.connectors.contains_key(&name) {
                    self.enqueue(&name, Operation::Reconfigure(config, reply));
                } else {
                    let created = Operation::CreateByPut(reply);
                    self.create(&name, config, TargetState::Started, created);
                }
            }
            Request::ReplaceConfig {
                name,
                present,
                config,
                reply,
            } => {
                let operation = Operation::Replace {
                    present,
                    config,
                    reply,
                };
                self.enqueue(&name, operation);
            }
            Request::Delete(name, reply) => self.enqueue(&name, Operation::Delete(reply)),
            Request::SetTarget(name, target, reply) => {
                self.enqueue(&name, Operation::SetTarget(target, reply));
            }
            Request::RestartConnector(name, reply) => {
                self.enqueue(&name, Operation::RestartInstance(reply));
            }
            Request::Restart(name, scope, reply) => {
                self.enqueue(&name, Operation::Restart(scope, reply));
            }
            Request::RestartTask(id, reply) => {
                self.enqueue(&id.connector, Operation::RestartTask(id.task, reply));
            }
            Request::Offsets(name, reply) => self.read_offsets(name, reply),
            Request::ChangeOffsets(name, change, reply) => {
                self.enqueue(&name, Operation::ChangeOffsets(change, reply));
            }
            Request::Topics(name, reply) => answer(reply, Ok(self.worker.topics.of(&name))),
            Request::ResetTopics(name, reply) => {
                self.worker.topics.reset(&name);
                answer(reply, Ok(()));
            }
            Request::SubmitTasks(_, _, reply) => {
                answer(reply, Err(HerderError::Failed(NO_CLUSTER.to_owned())));
            }
            Request::Fence(_, _, reply) => {
                answer(reply, Err(HerderError::Failed(NO_FENCING.to_owned())));
            }
        }
    }

    /// Reads the offsets beside the event loop: brokers may take their time.
    fn read_offsets(&self, name: ConnectorName, reply: Reply<Vec<ConnectorOffset>>) {
        let config = match self.view(&name) {
            Ok(view) => view.info.config.clone(),
            Err(error) => return answer(reply, Err(error)),
        };
        let worker = Arc::clone(&self.worker);
        self.worker.running.spawn(async move {
            let offsets = offsets::read(&worker, &name, &config).await;
            answer(reply, offsets);
        });
    }

    fn create(
        &mut self,
        name: &ConnectorName,
        config: Props,
        target: TargetState,
        operation: Operation,
    ) {
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        let connector = Connector::new(worker, name.clone(), config, target, events);
        let slot = Slot {
            view: connector.view(),
            idle: Some(Box::new(connector)),
            waiting: VecDeque::from([operation]),
            interrupt: CancellationToken::new(),
            reload_at: None,
        };
        self.connectors.insert(name.clone(), slot);
        self.begin_next(name);
    }

    /// Adds a job of a connector, and begins it if the connector has none.
    fn enqueue(&mut self, name: &ConnectorName, operation: Operation) {
        match self.connectors.get_mut(name) {
            Some(slot) if slot.waiting.len() >= MOST_WAITING && !operation.is_news() => {
                let text = format!("Too many requests wait for connector {name}");
                return operation.fail(HerderError::Failed(text));
            }
            Some(slot) => {
                if operation.interrupts() {
                    slot.interrupt.cancel();
                }
                slot.waiting.push_back(operation);
            }
            None => return operation.refuse(name),
        }
        self.begin_next(name);
    }

    fn begin_next(&mut self, name: &ConnectorName) {
        let Some(slot) = self.connectors.get_mut(name) else {
            return;
        };
        if slot.idle.is_none() || slot.waiting.is_empty() {
            return;
        }
        if let (Some(mut connector), Some(operation)) = (slot.idle.take(), slot.waiting.pop_front())
        {
            let interrupt = CancellationToken::new();
            if slot.waiting.iter().any(Operation::interrupts) {
                interrupt.cancel();
            }
            slot.interrupt = interrupt.clone();
            let span = tracing::info_span!("connector", id = %name);
            let job = async move {
                connector.carry_out(operation, interrupt).await;
                connector
            };
            self.jobs.push(Box::pin(job.instrument(span)));
        }
    }

    fn finish(&mut self, connector: Box<Connector>) {
        let name = connector.name().clone();
        if connector.is_deleted() {
            let waiting = self.connectors.remove(&name).map(|slot| slot.waiting);
            for operation in waiting.into_iter().flatten() {
                operation.refuse(&name);
            }
            return;
        }
        if let Some(slot) = self.connectors.get_mut(&name) {
            slot.view = connector.view();
            slot.reload_at = connector.reload_at();
            slot.idle = Some(connector);
        }
        self.begin_next(&name);
    }

    /// Restarts the connectors that refer to values which have expired.
    fn reload(&mut self) {
        let now = Instant::now();
        let mut expired = Vec::new();
        for (name, slot) in &mut self.connectors {
            if slot.reload_at.is_some_and(|it| it <= now) {
                slot.reload_at = None;
                expired.push(name.clone());
            }
        }
        for name in expired {
            tracing::info!(connector = %name, "values have expired, connector is restarted");
            // What becomes of it is logged and shown as its status.
            let (reply, _) = oneshot::channel();
            self.enqueue(&name, Operation::RestartInstance(reply));
        }
    }

    fn view(&self, name: &ConnectorName) -> Result<&View, HerderError> {
        let slot = self.connectors.get(name);
        slot.map(|it| &it.view)
            .ok_or_else(|| HerderError::NotFound(format!("Connector {name} not found")))
    }

    fn overview(&self) -> Vec<ConnectorOverview> {
        let connectors = self.connectors.iter();
        connectors
            .map(|(name, slot)| ConnectorOverview {
                info: slot.view.info.clone(),
                status: self.status(name.clone()).ok(),
            })
            .collect()
    }

    fn status(&self, name: ConnectorName) -> Result<ConnectorStatus, HerderError> {
        let statuses = &self.worker.statuses;
        let Some(connector) = statuses.connector(&name) else {
            let text = format!("No status found for connector {name}");
            return Err(HerderError::NotFound(text));
        };
        Ok(ConnectorStatus {
            connector,
            tasks: statuses.tasks(&name),
            kind: self.view(&name).ok().and_then(|it| it.info.kind),
            name,
        })
    }
}

/// Waits for a moment; forever if there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn tasks(name: &ConnectorName, configs: &[Props]) -> Vec<TaskInfo> {
    let numbered = (0..).zip(configs);
    numbered
        .map(|(task, config)| TaskInfo {
            id: TaskId {
                connector: name.clone(),
                task,
            },
            config: config.clone(),
        })
        .collect()
}

/// Answers a request; nobody may be waiting any more.
fn answer<T>(reply: Reply<T>, result: Result<T, HerderError>) {
    let _ = reply.send(result);
}

#[cfg(test)]
mod tests;
