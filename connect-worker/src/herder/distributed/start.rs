//! From a worker's settings to a running herder, and its end.

use std::sync::Arc;

use connect_kafka::{Admin, ErrorKind, GroupMember, GroupMemberSettings, KafkaError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::member::{Member, MemberParts, Rejoin};
use super::protocol::PROTOCOL_TYPE;
use super::publish::{Publisher, PublisherParts};
use super::shared::{ConfigChange, Configs};
use super::writer::ConfigWriter;
use super::{EventLoop, LoopParts, Sources};
use crate::config::worker::ClusterConfig;
use crate::herder::{Herder, Request};
use crate::log_levels::LogLevels;
use crate::metrics::Metrics;
use crate::peers::Peers;
use crate::storage::offsets::kafka::KafkaOffsetStore;
use crate::storage::status;
use crate::storage::topic_log::{FollowedTopic, RunningLogs, ensure};
use crate::worker::{Worker, WorkerParts};

/// Events of the member that wait at most; it waits for room.
const MEMBER_QUEUE: usize = 16;

/// What the herder of a worker of a cluster is made of.
#[derive(Debug)]
pub(crate) struct DistributedParts {
    /// The worker; its offset store is the one below.
    pub(crate) worker: WorkerParts,
    /// The settings of the cluster.
    pub(crate) cluster: ClusterConfig,
    /// Where source offsets are kept, to be opened here.
    pub(crate) offsets: Arc<KafkaOffsetStore>,
    /// The worker's address for other workers, with a slash at its end.
    pub(crate) url: String,
    /// What is logged, which clients may change for the whole cluster.
    pub(crate) log_levels: LogLevels,
    /// What asks other workers.
    pub(crate) peers: Peers,
}

/// Starts the herder of a worker of a cluster in the background. It answers when the internal topics
/// have been read, and most things when it is a member of its group.
///
/// # Errors
/// When a setting of the group's client is of no use.
pub(crate) fn start(parts: DistributedParts) -> Result<(Herder, DistributedHerder), KafkaError> {
    let (handle, requests) = Herder::channel();
    let stop = CancellationToken::new();
    let (has_joined, joined) = watch::channel(false);
    let assembly = Assembly::new(parts, requests, stop.clone(), has_joined)?;
    let worker = Arc::clone(&assembly.running.worker);
    let metrics = Arc::clone(&worker.metrics);
    let stopped = stop.clone();
    let ended = worker.running.spawn(async move {
        tokio::select! {
            biased;
            () = stopped.cancelled() => Ok(()),
            logs = assembly.running.open() => assembly.run(logs?).await,
        }
    });
    let herder = DistributedHerder {
        stop,
        ended: Some(ended),
        joined,
        metrics,
    };
    Ok((handle, herder))
}

/// Everything that runs for the herder, before it does.
struct Assembly {
    running: Running,
    event_loop: EventLoop,
    sources: Sources,
    member: Member,
}

impl Assembly {
    fn new(
        parts: DistributedParts,
        requests: mpsc::Receiver<Request>,
        stop: CancellationToken,
        has_joined: watch::Sender<bool>,
    ) -> Result<Self, KafkaError> {
        let group = group_member(&parts)?;
        let worker = Arc::new(Worker::new(parts.worker));
        let session = parts.cluster.session.clone();
        let cluster = parts.cluster;
        let topic = cluster.config_topic.name.clone();
        let configs = Arc::new(Configs::new(topic, worker.parts.plugins.clone()));
        let writer = ConfigWriter::new(Arc::clone(&worker), Arc::clone(&configs), session.clone());
        let writer = Arc::new(writer);
        let publisher = Publisher::new(PublisherParts {
            configs: Arc::clone(&configs),
            writer: Arc::clone(&writer),
            peers: parts.peers,
            session,
            providers: Arc::clone(&worker.parts.providers),
        });
        let (events, news) = mpsc::unbounded_channel();
        let (plans, planned) = mpsc::unbounded_channel();
        let (member_events, member) = mpsc::channel(MEMBER_QUEUE);
        let (change, changes) = mpsc::unbounded_channel();
        let rejoin = Arc::new(Rejoin::default());
        let sources = Sources {
            requests,
            changes,
            member,
            news,
            plans: planned,
            stop,
        };
        let member = Member::new(MemberParts {
            group,
            cluster: cluster.clone(),
            url: parts.url,
            configs: Arc::clone(&configs),
            events: member_events,
            rejoin: Arc::clone(&rejoin),
        });
        let event_loop = EventLoop::new(LoopParts {
            worker: Arc::clone(&worker),
            configs: Arc::clone(&configs),
            writer,
            publisher: Arc::new(publisher),
            log_levels: parts.log_levels,
            rejoin,
            events,
            plans,
            has_joined,
        });
        let running = Running {
            worker,
            cluster,
            offsets: parts.offsets,
            configs,
            change,
        };
        Ok(Self {
            running,
            event_loop,
            sources,
            member,
        })
    }

    async fn run(self, logs: RunningLogs) -> Result<(), KafkaError> {
        let Self {
            running,
            event_loop,
            sources,
            member,
        } = self;
        running.run(logs, event_loop, sources, member).await
    }
}

fn group_member(parts: &DistributedParts) -> Result<GroupMember, KafkaError> {
    let cluster = &parts.cluster;
    let client_id = match cluster.client_id.trim() {
        "" => format!("connect-{}", parts.worker.worker_id),
        client_id => client_id.to_owned(),
    };
    let settings = GroupMemberSettings {
        group_id: cluster.group_id.clone(),
        protocol_type: PROTOCOL_TYPE.to_owned(),
        client_id,
        session_timeout: cluster.session_timeout,
        rebalance_timeout: cluster.rebalance_timeout,
        heartbeat_interval: cluster.heartbeat_interval,
        request_timeout: cluster.request_timeout,
        retry_backoff: cluster.retry_backoff,
        retry_backoff_max: cluster.retry_backoff_max,
    };
    GroupMember::new(&parts.worker.config.own_client_settings(), settings)
}

/// What runs beside the event loop.
struct Running {
    worker: Arc<Worker>,
    cluster: ClusterConfig,
    offsets: Arc<KafkaOffsetStore>,
    configs: Arc<Configs>,
    change: mpsc::UnboundedSender<ConfigChange>,
}

impl Running {
    /// Makes and reads the internal topics.
    async fn open(&self) -> Result<RunningLogs, KafkaError> {
        let ClusterConfig {
            config_topic,
            offset_topic,
            status_topic,
            api_timeout,
            retry_backoff,
            ..
        } = &self.cluster;
        let settings = self.worker.parts.config.own_client_settings();
        let mut admin = settings.clone();
        admin.remove("group.id");
        admin.set("client.id", self.cluster.internal_client_id("shared-admin"));
        let admin = Admin::new(&admin)?;
        for topic in [offset_topic, status_topic, config_topic] {
            ensure(&admin, topic, *api_timeout, *retry_backoff).await?;
        }
        let (statuses, topics) = (
            Arc::clone(&self.worker.statuses),
            Arc::clone(&self.worker.topics),
        );
        let followed = |topic: &_, reader| FollowedTopic {
            topic: Clone::clone(topic),
            reader,
        };
        let logs = RunningLogs::start(
            &settings,
            &admin,
            vec![
                followed(offset_topic, self.offsets.reader()),
                followed(
                    status_topic,
                    Box::new(move |record| {
                        statuses.read(record);
                        topics.read(record);
                    }),
                ),
                followed(config_topic, self.configs.reader(self.change.clone())),
            ],
            |of| self.cluster.internal_client_id(of),
        )
        .await?;
        self.configs.open(logs.handle());
        self.offsets.open(logs.handle());
        self.worker
            .topics
            .write_with(Arc::clone(&self.worker.statuses));
        if let Some(pending) = self.worker.statuses.write_from_now_on() {
            let topic = status_topic.name.clone();
            self.worker
                .running
                .spawn(status::write(pending, logs.handle(), topic));
        }
        Ok(logs)
    }

    async fn run(
        self,
        logs: RunningLogs,
        mut event_loop: EventLoop,
        sources: Sources,
        member: Member,
    ) -> Result<(), KafkaError> {
        event_loop.expect(self.configs.names());
        let (stop, leave) = (sources.stop.clone(), CancellationToken::new());
        let member = {
            let (stop, leave) = (stop, leave.clone());
            self.worker.running.spawn(async move {
                // Without a group there is nothing more to run.
                let _stop = stop.drop_guard();
                member.run(leave).await
            })
        };
        event_loop.run(sources).await;
        self.worker.statuses.flush().await;
        leave.cancel();
        let left = member.await;
        logs.close().await;
        left.unwrap_or_else(|panic| {
            let text = format!("the member of the group ended abnormally: {panic}");
            Err(KafkaError::new(ErrorKind::Fatal, text))
        })
    }
}

/// A running herder, owned by whoever ends it.
#[derive(Debug)]
#[must_use = "connectors stop gracefully only through `shutdown`"]
pub struct DistributedHerder {
    stop: CancellationToken,
    ended: Option<JoinHandle<Result<(), KafkaError>>>,
    joined: watch::Receiver<bool>,
    metrics: Arc<Metrics>,
}

impl DistributedHerder {
    /// What is measured of everything that runs.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// Waits until the worker has been a member of its group, or never will be; then [`failed`](Self::failed) tells
    /// why.
    pub async fn has_joined(&mut self) -> bool {
        self.joined.wait_for(|it| *it).await.is_ok()
    }

    /// Waits for an end that nobody asked for: why the worker cannot go on.
    pub async fn failed(&mut self) -> KafkaError {
        if let Some(ended) = &mut self.ended {
            let outcome = ended.await;
            self.ended = None;
            match outcome {
                Ok(Err(error)) => return error,
                Err(panic) => {
                    let text = format!("the herder ended abnormally: {panic}");
                    return KafkaError::new(ErrorKind::Fatal, text);
                }
                Ok(Ok(())) => {}
            }
        }
        std::future::pending().await
    }

    /// Stops all connectors and tasks, each within its limit, commits their offsets and leaves the
    /// group.
    pub async fn shutdown(self) {
        self.stop.cancel();
        let Some(ended) = self.ended else {
            return;
        };
        match ended.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the worker has left its cluster with an error");
            }
            Err(error) => tracing::error!(%error, "the herder ended abnormally"),
        }
    }
}
