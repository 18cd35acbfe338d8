//! The herder decides what runs: it owns connector configurations, target states and statuses,
//! and tells the worker what to start and stop.
//!
//! Whoever wants something of it holds a [`Herder`] handle and sends a [`Request`]. The herder
//! itself is one event loop, so every decision is taken in one place and in one order.

pub mod distributed;
mod live;
mod offsets;
pub mod standalone;
pub mod validation;

use std::time::Duration;

use connect_core::config::Props;
use connect_core::plugin::PluginKind;
use tokio::sync::{mpsc, oneshot};

use crate::identity::{ConnectorName, TaskId};
use crate::storage::status::Status;

pub use offsets::{ConnectorOffset, OffsetChange, OffsetsChanged};

/// Longest wait for an answer of the herder.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(90);

/// Requests that wait for the herder at most; senders of more wait for room.
const QUEUE: usize = 256;

/// What a connector is meant to do, whatever it does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// Connector and tasks run.
    Started,
    /// Connector and tasks exist but process nothing.
    Paused,
    /// The connector exists, without tasks.
    Stopped,
}

/// A connector as clients see it.
#[derive(Clone, Debug)]
pub struct ConnectorInfo {
    /// Its name.
    pub name: ConnectorName,
    /// Its configuration exactly as sent, plus `name`.
    pub config: Props,
    /// How many tasks it has; their numbers count from 0.
    pub task_count: u32,
    /// Source or sink; `None` when its class is not known to this worker.
    pub kind: Option<PluginKind>,
}

/// A task and its configuration.
#[derive(Clone, Debug)]
pub struct TaskInfo {
    /// Which task.
    pub id: TaskId,
    /// Its configuration.
    pub config: Props,
}

/// Statuses of a connector and its tasks.
#[derive(Clone, Debug)]
pub struct ConnectorStatus {
    /// Its name.
    pub name: ConnectorName,
    /// Status of the connector itself.
    pub connector: Status,
    /// Statuses of the tasks that are known, by number.
    pub tasks: Vec<(u32, Status)>,
    /// Source or sink; `None` when its class is not known to this worker.
    pub kind: Option<PluginKind>,
}

/// Everything that is shown of a connector in a list.
#[derive(Clone, Debug)]
pub struct ConnectorOverview {
    /// The connector.
    pub info: ConnectorInfo,
    /// What it is doing; `None` for one that has only just come.
    pub status: Option<ConnectorStatus>,
}

/// What `PUT /connectors/{name}/config` did.
#[derive(Clone, Debug)]
pub enum PutOutcome {
    /// There was no such connector.
    Created(ConnectorInfo),
    /// The configuration was replaced.
    Updated(ConnectorInfo),
}

/// What a restart request covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestartScope {
    /// Tasks too, not only the connector.
    pub include_tasks: bool,
    /// Only what has failed.
    pub only_failed: bool,
}

/// Where the answer to a request goes.
pub type Reply<T> = oneshot::Sender<Result<T, HerderError>>;

/// Everything that can be asked of a herder.
#[derive(Debug)]
pub enum Request {
    /// Proves that the event loop turns.
    Ping(Reply<()>),
    /// Names of all connectors, sorted.
    Connectors(Reply<Vec<ConnectorName>>),
    /// All connectors as they are at one moment, in the order of their names.
    Overview(Reply<Vec<ConnectorOverview>>),
    /// One connector.
    Connector(ConnectorName, Reply<ConnectorInfo>),
    /// Statuses of a connector and its tasks.
    Status(ConnectorName, Reply<ConnectorStatus>),
    /// Status of a task.
    TaskStatus(TaskId, Reply<Status>),
    /// Tasks of a connector with their configurations.
    Tasks(ConnectorName, Reply<Vec<TaskInfo>>),
    /// A new connector; answered when its tasks were started. The configuration was validated.
    Create {
        /// Its name.
        name: ConnectorName,
        /// Its configuration, with `name`.
        config: Props,
        /// What it is meant to do at first.
        target: TargetState,
        /// The new connector.
        reply: Reply<ConnectorInfo>,
    },
    /// A new or changed configuration, which was validated.
    PutConfig {
        /// Name of the connector.
        name: ConnectorName,
        /// Its configuration, with `name`.
        config: Props,
        /// The connector as it is now.
        reply: Reply<PutOutcome>,
    },
    /// Another configuration, which was validated, in place of the one that it was made from.
    ReplaceConfig {
        /// Name of the connector.
        name: ConnectorName,
        /// The configuration that has to be the present one.
        present: Props,
        /// Its configuration from now on.
        config: Props,
        /// The connector as it is now; `None` when it has another configuration than that.
        reply: Reply<Option<ConnectorInfo>>,
    },
    /// Stops and forgets a connector; its offsets stay.
    Delete(ConnectorName, Reply<()>),
    /// Changes what a connector is meant to do.
    SetTarget(ConnectorName, TargetState, Reply<()>),
    /// Restarts the connector instance alone; answered when it has started.
    RestartConnector(ConnectorName, Reply<()>),
    /// Restarts what the scope covers; answered with the plan before it is carried out.
    Restart(ConnectorName, RestartScope, Reply<ConnectorStatus>),
    /// Restarts one task.
    RestartTask(TaskId, Reply<()>),
    /// How far a connector has come.
    Offsets(ConnectorName, Reply<Vec<ConnectorOffset>>),
    /// Changes the offsets of a connector that is stopped.
    ChangeOffsets(ConnectorName, OffsetChange, Reply<OffsetsChanged>),
    /// The topics that a connector was seen to use, sorted; none for one that does not exist.
    Topics(ConnectorName, Reply<Vec<String>>),
    /// Forgets those topics.
    ResetTopics(ConnectorName, Reply<()>),
    /// Configurations of tasks, which another worker of the cluster has planned.
    SubmitTasks(ConnectorName, Submission, Reply<()>),
    /// Older tasks of a source are to be fenced, for another worker of the cluster.
    Fence(ConnectorName, Signature, Reply<()>),
    /// Levels of a logger on all workers of the cluster.
    SetClusterLogLevel {
        /// The logger.
        logger: String,
        /// Its level, as it was written.
        level: String,
        /// Answered when every worker is going to see it.
        reply: Reply<()>,
    },
}

/// How a worker of a cluster proves that a request is its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// `X-Connect-Authorization`, as it was sent.
    pub signature: Option<String>,
    /// `X-Connect-Request-Signature-Algorithm`, as it was sent.
    pub algorithm: Option<String>,
    /// The body that it is about, as it was sent.
    pub body: bytes::Bytes,
}

/// Configurations of all tasks of a connector, from another worker of the cluster.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Who sends them.
    pub signature: Signature,
    /// The configurations, by number.
    pub configs: Vec<Props>,
}

/// Does the same with the reply of every kind of request.
macro_rules! with_reply {
    ($request:expr, $reply:ident => $then:expr) => {
        match $request {
            Request::Ping($reply)
            | Request::Delete(_, $reply)
            | Request::SetTarget(_, _, $reply)
            | Request::RestartConnector(_, $reply)
            | Request::RestartTask(_, $reply)
            | Request::ResetTopics(_, $reply)
            | Request::SubmitTasks(_, _, $reply)
            | Request::Fence(_, _, $reply)
            | Request::SetClusterLogLevel { reply: $reply, .. } => $then,
            Request::Connectors($reply) => $then,
            Request::Overview($reply) => $then,
            Request::Connector(_, $reply) | Request::Create { reply: $reply, .. } => $then,
            Request::Status(_, $reply) | Request::Restart(_, _, $reply) => $then,
            Request::TaskStatus(_, $reply) => $then,
            Request::Tasks(_, $reply) => $then,
            Request::PutConfig { reply: $reply, .. } => $then,
            Request::ReplaceConfig { reply: $reply, .. } => $then,
            Request::Offsets(_, $reply) => $then,
            Request::ChangeOffsets(_, _, $reply) => $then,
            Request::Topics(_, $reply) => $then,
        }
    };
}

impl Request {
    /// Answers that it is not done.
    pub(crate) fn fail(self, error: HerderError) {
        // Nobody may be waiting any more.
        with_reply!(self, reply => drop(reply.send(Err(error))));
    }

    /// Whether nobody waits for the answer any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        with_reply!(self, reply => reply.is_closed())
    }
}

/// Why the herder did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HerderError {
    /// There is no such connector, task or status.
    #[error("{0}")]
    NotFound(String),
    /// There is such a connector already.
    #[error("Connector {0} already exists")]
    AlreadyExists(ConnectorName),
    /// The request cannot be carried out in the present state.
    #[error("{0}")]
    BadRequest(String),
    /// The connector or task did not start.
    #[error("{0}")]
    Failed(String),
    /// Something else happens at the same time; later it may be done.
    #[error("{0}")]
    Conflict(String),
    /// Whoever asks has not proven to be who may.
    #[error("{0}")]
    Forbidden(String),
    /// The worker cannot tell yet.
    #[error("{0}")]
    Unavailable(String),
    /// Another worker has to do it, at this address; `None` as long as nobody knows which.
    #[error("another worker of the cluster has to do it")]
    Elsewhere(Option<String>),
    /// No answer within [`REQUEST_TIMEOUT`].
    #[error("Request timed out")]
    TimedOut,
    /// The worker is going down.
    #[error("Worker is shutting down")]
    ShuttingDown,
}

/// A handle on the herder; cheap to clone.
#[derive(Clone, Debug)]
pub struct Herder {
    requests: mpsc::Sender<Request>,
}

impl Herder {
    pub(crate) fn channel() -> (Self, mpsc::Receiver<Request>) {
        let (requests, receiver) = mpsc::channel(QUEUE);
        (Self { requests }, receiver)
    }

    /// Sends a request and waits for the answer.
    ///
    /// ```
    /// use connect_worker::herder::{Herder, HerderError, Request};
    ///
    /// async fn count(herder: &Herder) -> Result<usize, HerderError> {
    ///     let names = herder.ask(Request::Connectors).await?;
    ///     Ok(names.len())
    /// }
    /// ```
    ///
    /// # Errors
    /// What the herder answers, or that it did not answer in time.
    pub async fn ask<T>(
        &self,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, HerderError> {
        self.ask_within(REQUEST_TIMEOUT, request).await
    }

    /// As [`ask`](Self::ask), with another limit.
    ///
    /// # Errors
    /// What the herder answers, or that it did not answer in time.
    pub async fn ask_within<T>(
        &self,
        limit: Duration,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, HerderError> {
        let (reply, answer) = oneshot::channel();
        let exchange = async {
            let sent = self.requests.send(request(reply)).await;
            sent.map_err(|_| HerderError::ShuttingDown)?;
            answer.await.map_err(|_| HerderError::ShuttingDown)?
        };
        tokio::time::timeout(limit, exchange)
            .await
            .unwrap_or(Err(HerderError::TimedOut))
    }
}
