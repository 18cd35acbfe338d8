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
//! | `local` | what runs of one connector on this worker |
//! | `requests` | what is answered here, and what elsewhere |

pub mod assignor;
mod local;
mod member;
pub mod protocol;
mod publish;
mod requests;
mod shared;
mod start;
mod writer;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use futures::StreamExt;
use futures::future::{BoxFuture, join_all};
use futures::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::local::{Local, Operation};
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
    /// A job has ended; this is what runs now of its connector.
    JobDone(Box<Local>),
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

/// What runs of a connector on this worker, as the herder knows it.
struct Slot {
    /// What runs, unless a job has it.
    idle: Option<Box<Local>>,
    /// What to do with it next.
    waiting: VecDeque<Operation>,
    /// Ends early what a job waits for.
    interrupt: CancellationToken,
    /// When to restart the connector, because a value that it refers to expires.
    reload_at: Option<Instant>,
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
    jobs: FuturesUnordered<BoxFuture<'static, Box<Local>>>,
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
                Some(local) = self.jobs.next() => Event::JobDone(local),
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
                Event::JobDone(local) => self.finish(local),
                Event::Instance(name, id, event) => {
                    self.enqueue(&name, Operation::Follow(id, event));
                }
                Event::Planned(name, plan) => self.publish(name, plan),
                Event::Reload => self.reload(),
                Event::Stop => break,
            }
        }
        drop(sources.requests);
        self.stop_all().await;
    }

    /// Waits for jobs under way, then stops everything side by side.
    async fn stop_all(mut self) {
        self.leading.cancel();
        self.publishing.values().for_each(CancellationToken::cancel);
        for request in self.held_back.drain(..) {
            request.fail(HerderError::ShuttingDown);
        }
        for slot in self.slots.values() {
            slot.interrupt.cancel();
        }
        let slots = self.slots.into_values();
        let mut locals: Vec<Box<Local>> = slots.filter_map(|it| it.idle).collect();
        while let Some(local) = self.jobs.next().await {
            locals.push(local);
        }
        join_all(locals.iter_mut().map(|it| it.shutdown())).await;
    }

    /// Applies all changes so far, and tells the member where that is. The changes and the position
    /// belong together: whoever joins with a position has stopped what was not to run on there.
    fn begin_round(&mut self, changes: &mut mpsc::UnboundedReceiver<ConfigChange>) -> Joining {
        self.is_joining = true;
        self.leading.cancel();
        self.follow_changes(changes);
        self.rejoin.begin_round();
        let config_offset = self.configs.offset();
        // What has come in between may be behind the position, and then needs another round.
        self.follow_changes(changes);
        Joining {
            config_offset,
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
                self.enqueue(&name, Operation::Reconfigure);
            }
            ConfigChange::ConnectorRemoved(name) => {
                if self.known.remove(&name) {
                    self.rejoin.request();
                }
            }
            ConfigChange::TasksCommitted(name) => {
                let (done, stopped) = mpsc::channel(1);
                self.enqueue(&name, Operation::StopTasks(done));
                self.stopping.push(stopped);
                self.rejoin.request();
            }
            ConfigChange::TargetChanged(name) => self.enqueue(&name, Operation::FollowTarget),
            ConfigChange::Restart(name, scope) => self.enqueue(&name, Operation::Restart(scope)),
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
                let (stop, stopped) = mpsc::channel(1);
                let names: Vec<ConnectorName> = self.slots.keys().cloned().collect();
                for name in names {
                    let done = stop.clone();
                    self.enqueue(&name, Operation::StopAll(done));
                }
                drop(stop);
                self.report_stopped(stopped, done);
            }
            MemberEvent::Joined(membership) => self.settle(*membership),
        }
    }

    fn stop_work(&mut self, work: &Work, done: mpsc::Sender<()>) {
        let (stop, stopped) = mpsc::channel(1);
        for (name, (connector, tasks)) in by_connector(work) {
            if let Some(plan) = connector.then(|| self.publishing.remove(&name)).flatten() {
                plan.cancel();
            }
            self.enqueue(
                &name,
                Operation::Stop {
                    connector,
                    tasks,
                    done: stop.clone(),
                },
            );
        }
        drop(stop);
        self.report_stopped(stopped, done);
    }

    /// Tells the member that something has stopped once everybody can see it.
    fn report_stopped(&self, mut stopped: mpsc::Receiver<()>, done: mpsc::Sender<()>) {
        let statuses = Arc::clone(&self.worker.statuses);
        self.worker.running.spawn(async move {
            let _ = stopped.recv().await;
            statuses.flush().await;
            drop(done);
        });
    }

    /// Runs what a round has brought, and answers whoever has waited for it.
    fn settle(&mut self, membership: Membership) {
        self.is_joining = false;
        self.worker.statuses.set_generation(membership.generation);
        for (name, (connector, tasks)) in by_connector(&membership.work) {
            self.slots.entry(name.clone()).or_insert_with(|| {
                let local = Local::new(
                    Arc::clone(&self.worker),
                    Arc::clone(&self.configs),
                    name.clone(),
                    self.events.clone(),
                    self.plans.clone(),
                );
                Slot {
                    idle: Some(Box::new(local)),
                    waiting: VecDeque::new(),
                    interrupt: CancellationToken::new(),
                    reload_at: None,
                }
            });
            self.enqueue(&name, Operation::Start { connector, tasks });
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

    /// Adds a job of a connector, and begins it if the connector has none. Of a connector that has
    /// nothing here there is nothing to do.
    fn enqueue(&mut self, name: &ConnectorName, operation: Operation) {
        let Some(slot) = self.slots.get_mut(name) else {
            return operation.refuse(name);
        };
        if operation.interrupts() {
            slot.interrupt.cancel();
        }
        slot.waiting.push_back(operation);
        self.begin_next(name);
    }

    fn begin_next(&mut self, name: &ConnectorName) {
        let Some(slot) = self.slots.get_mut(name) else {
            return;
        };
        if slot.idle.is_none() || slot.waiting.is_empty() {
            return;
        }
        if let (Some(mut local), Some(operation)) = (slot.idle.take(), slot.waiting.pop_front()) {
            let interrupt = CancellationToken::new();
            if slot.waiting.iter().any(Operation::interrupts) {
                interrupt.cancel();
            }
            slot.interrupt = interrupt.clone();
            let span = tracing::info_span!("connector", id = %name);
            let job = async move {
                local.carry_out(operation, interrupt).await;
                local
            };
            self.jobs.push(Box::pin(job.instrument(span)));
        }
    }

    fn finish(&mut self, local: Box<Local>) {
        let name = local.name().clone();
        if let Some(slot) = self.slots.get_mut(&name) {
            slot.reload_at = local.reload_at();
            if slot.waiting.is_empty() && local.is_gone() {
                self.slots.remove(&name);
                return;
            }
            slot.idle = Some(local);
        }
        self.begin_next(&name);
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
            self.enqueue(&name, Operation::RestartInstance(reply));
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
