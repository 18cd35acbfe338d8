//! The herder of a worker of a cluster: configurations, statuses and offsets in Kafka, and of all
//! connectors and tasks the part that the group has given to this worker.
//!
//! One event loop over one enum, as of a worker alone. Beside it runs the member of the group, which
//! decides what this worker runs; whatever changes the cluster is written by the leader, and every
//! worker follows what is written. Requests that another worker has to do are answered with its
//! address.
//!
//! | module | owns |
//! | --- | --- |
//! | `protocol` | what members tell each other, in bytes |
//! | `assignor` | who runs what |
//! | `member` | one rebalance after the other |
//! | `shared` | what the topic of configurations says |
//! | `writer` | changes of that topic |
//! | `publish` | the way of planned tasks to the leader |
//! | `lane` | operations on one part of a connector, in turn |
//! | `local` | what runs of one connector on this worker |
//! | `requests` | what is answered here, and what elsewhere |

pub mod assignor;
mod lane;
mod local;
mod member;
pub mod protocol;
mod publish;
mod requests;
mod shared;
mod start;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::lane::Lane;
use self::local::{ConnectorOperation, LocalConnector, LocalTasks, Surroundings, TaskOperation};
use self::member::{Joining, MemberEvent, Membership, Rejoin};
use self::protocol::{Subprotocol, Work};
use self::publish::Publisher;
use self::shared::{ConfigChange, Configs};
use self::writer::ConfigWriter;
use super::live::Plan;
use super::{HerderError, Request};
use crate::identity::{ConnectorName, TaskId};
use crate::log_levels::LogLevels;
use crate::worker::Worker;
use crate::worker::connector::{InstanceEvent, InstanceEvents, InstanceId};

pub use self::start::DistributedHerder;
pub(crate) use self::start::{DistributedParts, start};

/// Requests that wait for the end of a rebalance at most.
const MOST_HELD_BACK: usize = 1024;

/// Everything that can happen to the herder.
enum Event {
    Request(Request),
    /// Configurations have changed.
    Change(ConfigChange),
    /// The membership has.
    Member(MemberEvent),
    /// An operation has ended.
    Done(Done),
    /// A running connector wants something.
    Instance(ConnectorName, InstanceId, InstanceEvent),
    /// A connector has planned.
    Planned(ConnectorName, Plan),
    /// Values that some connectors refer to have expired.
    Reload,
    Stop,
}

/// What the event loop hears of.
struct Sources {
    requests: mpsc::Receiver<Request>,
    changes: mpsc::UnboundedReceiver<ConfigChange>,
    member: mpsc::Receiver<MemberEvent>,
    news: mpsc::UnboundedReceiver<(ConnectorName, InstanceId, InstanceEvent)>,
    plans: mpsc::UnboundedReceiver<(ConnectorName, Plan)>,
    stop: CancellationToken,
}

/// The part of a connector whose operation has ended.
enum Done {
    Connector(Box<LocalConnector>),
    Tasks(Box<LocalTasks>),
}

/// What runs of a connector on this worker, as the herder knows it.
struct Slot {
    connector: Lane<LocalConnector>,
    tasks: Lane<LocalTasks>,
    /// When to restart the connector, because a value that it refers to expires.
    reload_at: Option<Instant>,
}

impl Slot {
    fn is_gone(&self) -> bool {
        self.connector.is_gone() && self.tasks.is_gone()
    }
}

struct EventLoop {
    worker: Arc<Worker>,
    configs: Arc<Configs>,
    writer: Arc<ConfigWriter>,
    publisher: Arc<Publisher>,
    log_levels: LogLevels,
    rejoin: Arc<Rejoin>,
    /// The outcome of the last round; none before the first and without a coordinator.
    membership: Option<Membership>,
    /// Whether another round is under way, so that nobody knows who leads.
    is_joining: bool,
    /// Requests that wait for its end.
    held_back: Vec<Request>,
    /// Connectors of which a rebalance has been asked for.
    known: BTreeSet<ConnectorName>,
    slots: BTreeMap<ConnectorName, Slot>,
    /// Operations under way.
    jobs: FuturesUnordered<BoxFuture<'static, Done>>,
    /// What is being stopped because of other configurations.
    stopping: Vec<mpsc::Receiver<()>>,
    /// Plans on their way, by connector: a newer one takes the place of an older one.
    publishing: BTreeMap<ConnectorName, CancellationToken>,
    /// Ends what the leader does at its leisure.
    leading: CancellationToken,
    events: InstanceEvents,
    plans: mpsc::UnboundedSender<(ConnectorName, Plan)>,
    has_joined: watch::Sender<bool>,
}

/// What an event loop is made of.
struct LoopParts {
    worker: Arc<Worker>,
    configs: Arc<Configs>,
    writer: Arc<ConfigWriter>,
    publisher: Arc<Publisher>,
    log_levels: LogLevels,
    rejoin: Arc<Rejoin>,
    events: InstanceEvents,
    plans: mpsc::UnboundedSender<(ConnectorName, Plan)>,
    has_joined: watch::Sender<bool>,
}

impl EventLoop {
    fn new(parts: LoopParts) -> Self {
        Self {
            worker: parts.worker,
            configs: parts.configs,
            writer: parts.writer,
            publisher: parts.publisher,
            log_levels: parts.log_levels,
            rejoin: parts.rejoin,
            membership: None,
            is_joining: true,
            held_back: Vec::new(),
            known: BTreeSet::new(),
            slots: BTreeMap::new(),
            jobs: FuturesUnordered::new(),
            stopping: Vec::new(),
            publishing: BTreeMap::new(),
            leading: CancellationToken::new(),
            events: parts.events,
            plans: parts.plans,
            has_joined: parts.has_joined,
        }
    }

    /// The connectors that were there before: they are no news.
    fn expect(&mut self, names: Vec<ConnectorName>) {
        self.known.extend(names);
    }

    async fn run(mut self, mut sources: Sources) {
        loop {
            let reload_at = self.slots.values().filter_map(|it| it.reload_at).min();
            let event = tokio::select! {
                biased;
                () = sources.stop.cancelled() => Event::Stop,
                // Changes come before the rounds that were made because of them.
                Some(change) = sources.changes.recv() => Event::Change(change),
                Some(event) = sources.member.recv() => Event::Member(event),
                Some(done) = self.jobs.next() => Event::Done(done),
                Some((name, id, event)) = sources.news.recv() => Event::Instance(name, id, event),
                Some((name, plan)) = sources.plans.recv() => Event::Planned(name, plan),
                Some(request) = sources.requests.recv() => Event::Request(request),
                () = until(reload_at), if reload_at.is_some() => Event::Reload,
                else => Event::Stop,
            };
            match event {
                Event::Request(request) => self.accept(request),
                Event::Change(change) => self.follow_change(change),
                Event::Member(MemberEvent::Joining(reply)) => {
                    let joining = self.begin_round(&mut sources.changes);
                    // The member ends with its worker.
                    let _ = reply.send(joining);
                }
                Event::Member(event) => self.follow_member(event),
                Event::Done(done) => self.finish(done),
                Event::Instance(name, id, event) => {
                    self.enqueue(&name, ConnectorOperation::Follow(id, event));
                }
                Event::Planned(name, plan) => self.publish(name, plan),
                Event::Reload => self.reload(),
                Event::Stop => break,
            }
        }
        drop(sources.requests);
        self.stop_all().await;
    }

    /// Waits for operations under way, then stops everything side by side.
    async fn stop_all(mut self) {
        self.leading.cancel();
        self.publishing.values().for_each(CancellationToken::cancel);
        for request in self.held_back.drain(..) {
            request.fail(HerderError::ShuttingDown);
        }
        for slot in self.slots.values_mut() {
            // Whoever waits for an end sees it when it has come, and not before.
            slot.connector.retain(ConnectorOperation::is_stop);
            slot.tasks.retain(TaskOperation::is_stop);
        }
        self.stop_slots();
        while let Some(done) = self.jobs.next().await {
            self.finish(done);
        }
    }

    /// Stops everything; the ends of the channels tell when it has.
    fn stop_slots(&mut self) -> Vec<mpsc::Receiver<()>> {
        let names: Vec<ConnectorName> = self.slots.keys().cloned().collect();
        let mut stopping = Vec::with_capacity(names.len());
        for name in names {
            let (stopped, tasks) = mpsc::channel(1);
            self.enqueue_tasks(&name, TaskOperation::StopAll(stopped));
            stopping.push(self.stop_connector(&name, tasks));
        }
        stopping
    }

    /// Applies all changes so far, and tells the member where that is. The changes and the position
    /// belong together: whoever joins with a position has stopped what was not to run on there.
    fn begin_round(&mut self, changes: &mut mpsc::UnboundedReceiver<ConfigChange>) -> Joining {
        self.is_joining = true;
        self.leading.cancel();
        self.follow_changes(changes);
        self.rejoin.begin_round();
        let work = self.configs.work();
        // What has come in between may be behind the position, and then needs another round.
        self.follow_changes(changes);
        Joining {
            work,
            stopping: std::mem::take(&mut self.stopping),
        }
    }

    fn follow_changes(&mut self, changes: &mut mpsc::UnboundedReceiver<ConfigChange>) {
        while let Ok(change) = changes.try_recv() {
            self.follow_change(change);
        }
    }

    fn follow_change(&mut self, change: ConfigChange) {
        match change {
            ConfigChange::ConnectorChanged(name) => {
                if self.known.insert(name.clone()) {
                    self.rejoin.request();
                }
                // One that was removed and created again between two rounds still runs as what it was.
                self.enqueue(&name, ConnectorOperation::Reconfigure);
            }
            ConfigChange::ConnectorRemoved(name) => {
                if self.known.remove(&name) {
                    self.rejoin.request();
                }
            }
            ConfigChange::TasksCommitted(name) => {
                let (done, stopped) = mpsc::channel(1);
                self.enqueue_tasks(&name, TaskOperation::StopAll(done));
                self.stopping.push(stopped);
                self.rejoin.request();
            }
            ConfigChange::TargetChanged(name) => {
                self.enqueue_tasks(&name, TaskOperation::FollowTarget);
                self.enqueue(&name, ConnectorOperation::FollowTarget);
            }
            ConfigChange::Restart(name, scope) => {
                let only_failed = scope.only_failed;
                if scope.include_tasks {
                    self.enqueue_tasks(&name, TaskOperation::Restart { only_failed });
                }
                self.enqueue(&name, ConnectorOperation::Restart { only_failed });
            }
            ConfigChange::Logger { namespace, level } => {
                requests::set_log_level(&self.log_levels, &namespace, &level);
            }
        }
    }

    fn follow_member(&mut self, event: MemberEvent) {
        match event {
            MemberEvent::Joining(_) => {}
            MemberEvent::Stop(work, done) => self.stop_work(&work, done),
            MemberEvent::StopAll(done) => {
                self.membership = None;
                self.publishing.values().for_each(CancellationToken::cancel);
                self.publishing.clear();
                let stopping = self.stop_slots();
                self.report_stopped(stopping, done);
            }
            MemberEvent::Joined(membership) => self.settle(*membership),
        }
    }

    fn stop_work(&mut self, work: &Work, done: mpsc::Sender<()>) {
        let mut stopping = Vec::new();
        for (name, (connector, tasks)) in by_connector(work) {
            let (stopped, tasks_stopped) = mpsc::channel(1);
            self.enqueue_tasks(&name, TaskOperation::Stop(tasks, stopped));
            stopping.push(match connector {
                true => self.stop_connector(&name, tasks_stopped),
                false => tasks_stopped,
            });
        }
        self.report_stopped(stopping, done);
    }

    /// Stops a connector, and then waits for its tasks; the end of the channel tells that both have stopped.
    fn stop_connector(
        &mut self,
        name: &ConnectorName,
        tasks: mpsc::Receiver<()>,
    ) -> mpsc::Receiver<()> {
        if let Some(plan) = self.publishing.remove(name) {
            plan.cancel();
        }
        let (done, stopped) = mpsc::channel(1);
        self.enqueue(name, ConnectorOperation::Stop { tasks, done });
        stopped
    }

    /// Tells the member that something has stopped once everybody can see it.
    fn report_stopped(&self, stopping: Vec<mpsc::Receiver<()>>, done: mpsc::Sender<()>) {
        let statuses = Arc::clone(&self.worker.statuses);
        self.worker.running.spawn(async move {
            for mut stopped in stopping {
                let _ = stopped.recv().await;
            }
            statuses.flush().await;
            drop(done);
        });
    }

    /// Runs what a round has brought, and answers whoever has waited for it.
    fn settle(&mut self, membership: Membership) {
        self.is_joining = false;
        self.worker.statuses.set_generation(membership.generation);
        if let Some(generations) = self.configs.generations_of(membership.config_offset) {
            self.start_work(&membership.work, &generations);
        } else {
            // What was assigned may not be there any more, or be something else by now.
            tracing::info!("there is other work than when the round began, which is repeated");
            self.rejoin.request();
        }
        if membership.is_leader {
            self.lead(membership.protocol);
        }
        let leader_url = membership.leader_url.clone();
        self.publisher.set_leader(membership.is_leader, leader_url);
        self.membership = Some(membership);
        self.has_joined.send_replace(true);
        for request in std::mem::take(&mut self.held_back) {
            self.accept(request);
        }
    }

    /// Starts what of this does not run, each task as one of the set that its connector has.
    fn start_work(&mut self, work: &Work, generations: &BTreeMap<ConnectorName, u64>) {
        for (name, (connector, tasks)) in by_connector(work) {
            if !self.slots.contains_key(&name) {
                let slot = self.slot(&name);
                self.slots.insert(name.clone(), slot);
            }
            if !tasks.is_empty() {
                let generation = generations.get(&name).copied().unwrap_or_default();
                self.enqueue_tasks(&name, TaskOperation::Start { tasks, generation });
            }
            if connector {
                self.enqueue(&name, ConnectorOperation::Start);
            }
        }
    }

    /// A place for a connector of which nothing runs here yet.
    fn slot(&self, name: &ConnectorName) -> Slot {
        let around = Surroundings {
            worker: Arc::clone(&self.worker),
            configs: Arc::clone(&self.configs),
            name: name.clone(),
        };
        let (events, plans) = (self.events.clone(), self.plans.clone());
        Slot {
            tasks: Lane::new(LocalTasks::new(around.clone())),
            connector: Lane::new(LocalConnector::new(around, events, plans)),
            reload_at: None,
        }
    }

    /// What falls to the leader: statuses of what is no more, and the key between workers.
    fn lead(&mut self, protocol: Subprotocol) {
        let statuses = &self.worker.statuses;
        for (name, tasks) in statuses.known() {
            let Some(count) = self.configs.task_count(&name) else {
                statuses.remove_connector(&name);
                continue;
            };
            for task in tasks.into_iter().filter(|it| *it >= count) {
                let connector = name.clone();
                statuses.remove_task(&TaskId { connector, task });
            }
        }
        self.leading = CancellationToken::new();
        if protocol == Subprotocol::Sessioned {
            let (writer, leading) = (Arc::clone(&self.writer), self.leading.clone());
            self.worker.running.spawn(async move {
                let kept = writer.keep_session_key();
                leading.run_until_cancelled(kept).await;
            });
        }
    }

    fn publish(&mut self, name: ConnectorName, plan: Plan) {
        let owns = |it: &Membership| it.work.connectors.contains(&name);
        if !self.membership.as_ref().is_some_and(owns) {
            // It has moved meanwhile, and is planned where it is.
            return;
        }
        let superseded = CancellationToken::new();
        if let Some(older) = self.publishing.insert(name.clone(), superseded.clone()) {
            older.cancel();
        }
        let publisher = Arc::clone(&self.publisher);
        let span = tracing::info_span!("connector", id = %name);
        let published = async move {
            let published = publisher.publish(&name, plan);
            superseded.run_until_cancelled(published).await;
        };
        self.worker.running.spawn(published.instrument(span));
    }

    /// Adds an operation on a connector, and begins it if there is none. Where the connector has nothing there is
    /// nothing to do.
    fn enqueue(&mut self, name: &ConnectorName, operation: ConnectorOperation) {
        match self.slots.get_mut(name) {
            Some(slot) => slot.connector.push(operation),
            None => return operation.refuse(),
        }
        self.begin_next(name);
    }

    /// The same with its tasks.
    fn enqueue_tasks(&mut self, name: &ConnectorName, operation: TaskOperation) {
        match self.slots.get_mut(name) {
            Some(slot) => slot.tasks.push(operation),
            None => return operation.refuse(),
        }
        self.begin_next(name);
    }

    fn begin_next(&mut self, name: &ConnectorName) {
        let Some(slot) = self.slots.get_mut(name) else {
            return;
        };
        let span = || tracing::info_span!("connector", id = %name);
        if let Some(next) = slot.connector.begin_next() {
            let done = async move { Done::Connector(next.await) };
            self.jobs.push(Box::pin(done.instrument(span())));
        }
        if let Some(next) = slot.tasks.begin_next() {
            let done = async move { Done::Tasks(next.await) };
            self.jobs.push(Box::pin(done.instrument(span())));
        }
    }

    fn finish(&mut self, done: Done) {
        let name = match &done {
            Done::Connector(connector) => connector.name().clone(),
            Done::Tasks(tasks) => tasks.name().clone(),
        };
        let Some(slot) = self.slots.get_mut(&name) else {
            return;
        };
        match done {
            Done::Connector(connector) => {
                slot.reload_at = connector.reload_at();
                slot.connector.finish(connector);
            }
            Done::Tasks(tasks) => slot.tasks.finish(tasks),
        }
        if slot.is_gone() {
            self.slots.remove(&name);
        } else {
            self.begin_next(&name);
        }
    }

    /// Restarts the connectors that refer to values which have expired.
    fn reload(&mut self) {
        let now = Instant::now();
        let mut expired = Vec::new();
        for (name, slot) in &mut self.slots {
            if slot.reload_at.is_some_and(|it| it <= now) {
                slot.reload_at = None;
                expired.push(name.clone());
            }
        }
        for name in expired {
            tracing::info!(connector = %name, "values have expired, connector is restarted");
            // What becomes of it is logged and shown as its status.
            let (reply, _) = oneshot::channel();
            self.enqueue(&name, ConnectorOperation::RestartNow(reply));
        }
    }
}

/// Connectors and tasks by connector: whether the connector itself is among them, and which tasks.
fn by_connector(work: &Work) -> BTreeMap<ConnectorName, (bool, Vec<u32>)> {
    let mut parts: BTreeMap<ConnectorName, (bool, Vec<u32>)> = BTreeMap::new();
    for name in &work.connectors {
        parts.entry(name.clone()).or_default().0 = true;
    }
    for task in &work.tasks {
        parts
            .entry(task.connector.clone())
            .or_default()
            .1
            .push(task.task);
    }
    parts
}

/// Waits for a moment; forever if there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
