//! One instance of a connector that has a life of its own, on threads for plugins.
//!
//! Its plans and its watch run side by side. What it asks for reaches the herder as an
//! [`InstanceEvent`]; a failure in any method, a panic included, ends it.

use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect_core::config::Props;
use connect_core::connector::{ConnectorHost, ConnectorSurroundings, ErasedConnector};
use connect_core::plugin::{ConnectorHookFn, PluginKind, StartConnectorFn};
use connect_core::{ConnectError, Result};
use futures::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::threads::{PluginThreads, Running};
use super::{OwnMetrics, Worker};
use crate::identity::ConnectorName;
use crate::storage::offsets::StoredOffsets;

/// Longest wait for an instance to stop, as in the reference.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for a connector that is told of its creation or deletion.
const HOOK_LIMIT: Duration = Duration::from_secs(60);

/// Number of an instance; no two of a worker share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstanceId(pub(crate) u64);

/// What an instance wants.
#[derive(Debug)]
pub(crate) enum InstanceEvent {
    /// Another plan.
    Replan,
    /// To be shown as failed.
    Failed(ConnectError),
}

/// Where events go. There are at most two of each instance at any time, so nothing else bounds
/// the channel.
pub(crate) type InstanceEvents = mpsc::UnboundedSender<(ConnectorName, InstanceId, InstanceEvent)>;

/// What an instance is started with.
pub(crate) struct InstanceSpec {
    pub(crate) id: InstanceId,
    pub(crate) name: ConnectorName,
    pub(crate) kind: PluginKind,
    pub(crate) start: StartConnectorFn,
    pub(crate) config: Props,
    pub(crate) events: InstanceEvents,
}

/// A running instance, seen from outside.
pub(crate) struct ConnectorInstance {
    id: InstanceId,
    name: ConnectorName,
    host: Arc<Host>,
    plans: mpsc::Sender<PlanRequest>,
    stopped: oneshot::Receiver<Result<()>>,
    running: Running,
    /// Closed when the instance is given up, whatever its thread still does.
    _metrics: OwnMetrics,
}

struct PlanRequest {
    written: Props,
    max_tasks: NonZeroUsize,
    reply: oneshot::Sender<Result<Vec<Props>>>,
}

impl ConnectorInstance {
    /// Starts an instance and waits until it can plan. When the future is dropped the instance is
    /// stopped.
    ///
    /// # Errors
    /// When it fails to start.
    pub(crate) async fn start(worker: &Worker, spec: InstanceSpec) -> Result<Self> {
        let host = Arc::new(Host {
            id: spec.id,
            name: spec.name.clone(),
            events: spec.events,
            stop: CancellationToken::new(),
            replan_is_due: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
        });
        let offsets = (spec.kind == PluginKind::Source).then(|| {
            let store = Arc::clone(&worker.parts.offsets);
            Arc::new(StoredOffsets::new(spec.name.clone(), store)) as _
        });
        let metrics = OwnMetrics::of_connector(worker, &spec.name);
        let cx = ConnectorSurroundings {
            connector: spec.name.shared(),
            stopping: host.stop.clone(),
            host: Arc::clone(&host) as Arc<dyn ConnectorHost>,
            offsets,
            metrics: metrics.clone(),
        };
        let start = spec.start;
        let begin = move || start(spec.config, cx);
        let (plans, requests) = mpsc::channel(1);
        let (report, started) = oneshot::channel();
        let (end, stopped) = oneshot::channel();
        let running = run(begin, Arc::clone(&host), requests, report, end);
        let span = tracing::info_span!(parent: None, "connector", id = %spec.name);
        let running = worker.plugin_threads.spawn(running.instrument(span));
        let guard = host.stop.clone().drop_guard();
        started.await.unwrap_or_else(|_| Err(ended_early()))?;
        guard.disarm();
        Ok(Self {
            id: spec.id,
            name: spec.name,
            host,
            plans,
            stopped,
            running,
            _metrics: metrics,
        })
    }

    pub(crate) fn id(&self) -> InstanceId {
        self.id
    }

    /// Divides the work.
    ///
    /// # Errors
    /// What the connector answers, or that it has failed meanwhile.
    pub(crate) async fn plan(
        &self,
        written: &Props,
        max_tasks: NonZeroUsize,
    ) -> Result<Vec<Props>> {
        // What is asked for from here on needs a later plan than this one.
        self.host.replan_is_due.store(false, Ordering::Release);
        let (reply, answer) = oneshot::channel();
        let request = PlanRequest {
            written: written.clone(),
            max_tasks,
            reply,
        };
        let sent = self.plans.send(request).await;
        sent.map_err(|_| ended_early())?;
        answer.await.unwrap_or_else(|_| Err(ended_early()))
    }

    /// Stops the instance; one that takes too long is abandoned.
    ///
    /// # Errors
    /// When the connector could not stop as it wanted to.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.host.stop.cancel();
        if !self.running.ended_by(Instant::now() + STOP_LIMIT).await {
            tracing::warn!(
                connector = %self.name,
                "connector did not stop in time and is abandoned"
            );
            return Ok(());
        }
        self.stopped.await.unwrap_or(Ok(()))
    }
}

impl std::fmt::Debug for ConnectorInstance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectorInstance")
            .field("name", &self.name)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Tells a connector that it was created or deleted.
///
/// # Errors
/// What the connector answers, or that it takes too long.
pub(crate) async fn call_hook(
    threads: &PluginThreads,
    hook: ConnectorHookFn,
    config: Props,
) -> Result<()> {
    let told = threads.call(async move { hook(config).await });
    let told = timeout(HOOK_LIMIT, told).await;
    told.unwrap_or_else(|_| Err(ConnectError::fatal("the connector does not answer")))?
}

fn ended_early() -> ConnectError {
    ConnectError::fatal("the connector has ended")
}

/// What an instance reaches of the herder.
struct Host {
    id: InstanceId,
    name: ConnectorName,
    events: InstanceEvents,
    stop: CancellationToken,
    replan_is_due: AtomicBool,
    has_failed: AtomicBool,
}

impl Host {
    fn send(&self, event: InstanceEvent) {
        // Without a herder nobody wants to know.
        let _ = self.events.send((self.name.clone(), self.id, event));
    }

    /// Whether what the connector asks comes too late.
    fn refuses(&self, request: &str) -> bool {
        if self.stop.is_cancelled() {
            tracing::warn!(
                "The request {request} has been rejected because this instance of the connector \
                 '{}' has already been shut down.",
                self.name
            );
        }
        self.stop.is_cancelled()
    }
}

impl ConnectorHost for Host {
    fn replan(&self) {
        let is_new = !self.refuses("for task reconfiguration")
            && !self.replan_is_due.swap(true, Ordering::AcqRel);
        if is_new {
            self.send(InstanceEvent::Replan);
        }
    }

    fn fail(&self, error: ConnectError) {
        let is_first =
            !self.refuses("to fail the connector") && !self.has_failed.swap(true, Ordering::AcqRel);
        if is_first {
            self.send(InstanceEvent::Failed(error));
        }
    }
}

/// The whole life of an instance.
async fn run<F>(
    begin: impl FnOnce() -> F,
    host: Arc<Host>,
    requests: mpsc::Receiver<PlanRequest>,
    report: oneshot::Sender<Result<()>>,
    end: oneshot::Sender<Result<()>>,
) where
    F: Future<Output = Result<Box<dyn ErasedConnector>>>,
{
    let started = tokio::select! {
        biased;
        started = caught(async { begin().await }) => started,
        () = host.stop.cancelled() => return,
    };
    let connector = match started {
        Ok(connector) => connector,
        Err(error) => {
            // Nobody waits when the connector was told to stop meanwhile.
            let _ = report.send(Err(error));
            return;
        }
    };
    // Nobody waits when the connector was told to stop meanwhile.
    let _ = report.send(Ok(()));

    // After a failure plans are made until the herder has noticed.
    let watched = async {
        if let Err(error) = caught(connector.watch()).await {
            host.fail(error);
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        biased;
        () = host.stop.cancelled() => {}
        () = watched => {}
        () = answer_plans(connector.as_ref(), requests) => {}
    }
    // Nobody waits for an instance that was abandoned.
    let _ = end.send(caught(connector.stop()).await);
}

/// Makes plans for as long as somebody wants them.
async fn answer_plans(connector: &dyn ErasedConnector, mut requests: mpsc::Receiver<PlanRequest>) {
    while let Some(request) = requests.recv().await {
        let planned = caught(connector.plan(&request.written, request.max_tasks)).await;
        // Whoever asked may have given up.
        let _ = request.reply.send(planned);
    }
}

/// Turns a panic of a plugin into a failure.
async fn caught<T>(call: impl Future<Output = Result<T>>) -> Result<T> {
    let outcome = AssertUnwindSafe(call).catch_unwind().await;
    outcome.unwrap_or_else(|panic| Err(ConnectError::panicked(panic.as_ref())))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_asked_for_after_the_end_is_rejected_in_the_words_of_the_reference() {
        let (events, mut received) = mpsc::unbounded_channel();
        let host = Host {
            id: InstanceId(1),
            name: "orders".into(),
            events,
            stop: CancellationToken::new(),
            replan_is_due: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
        };
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .finish();

        tracing::subscriber::with_default(subscriber, || {
            host.stop.cancel();
            host.replan();
            host.fail(ConnectError::fatal("too late"));
        });

        assert!(received.try_recv().is_err());
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        for text in [
            "The request for task reconfiguration has been rejected because this instance of the \
             connector 'orders' has already been shut down.",
            "The request to fail the connector has been rejected because this instance of the \
             connector 'orders' has already been shut down.",
        ] {
            assert!(log.contains(text), "{log}");
        }
    }
}
