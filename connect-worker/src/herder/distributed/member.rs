//! The worker's membership of its group, from one rebalance to the next.
//!
//! A task of its own, so that signs of life are sent whatever the herder is busy with. It decides
//! what this worker runs, and the herder runs it: a round of a rebalance asks the herder for its
//! position, waits for what must have stopped, joins, computes assignments if this worker leads,
//! lets the herder stop what was taken away and start what was given.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use connect_kafka::{ErrorKind, GroupMember, Joined, KafkaError, Offer, Stay, Synced};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::assignor::{Assignor, ClusterWork, Election, Owners};
use super::protocol::{Assignment, ProtocolError, Subprotocol, Work, WorkerMetadata};
use super::shared::Configs;
use crate::config::worker::ClusterConfig;

/// How often an incremental member waits for the topic of configurations before it gives up its work.
const SYNC_TRIES: u32 = 5;

/// What the herder is told. Whoever waits for something to stop waits for the end of a channel.
pub(super) enum MemberEvent {
    /// A round begins. What is being stopped because of configurations is waited for first.
    Joining(oneshot::Sender<Joining>),
    /// This is to stop; the sender is dropped when it has.
    Stop(Work, mpsc::Sender<()>),
    /// Everything is to stop, likewise.
    StopAll(mpsc::Sender<()>),
    /// A round has ended.
    Joined(Box<Membership>),
}

/// Where the herder is when a round begins.
pub(super) struct Joining {
    /// What there is to run, and its position in the topic of configurations.
    pub(super) work: ClusterWork,
    /// What is still being stopped.
    pub(super) stopping: Vec<mpsc::Receiver<()>>,
}

/// The outcome of a round.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) generation: i32,
    /// The position in the topic of configurations that the work was assigned for.
    pub(super) config_offset: i64,
    pub(super) protocol: Subprotocol,
    pub(super) is_leader: bool,
    pub(super) leader_url: String,
    /// What this worker runs.
    pub(super) work: Work,
    /// Which worker has what; known to the leader alone.
    pub(super) owners: Owners,
}

/// What makes a member join again. A round answers all requests that came before its position in the
/// topic of configurations was taken: whoever joins alone waits for the heartbeats of all others.
#[derive(Debug, Default)]
pub(super) struct Rejoin {
    is_wanted: AtomicBool,
    news: Notify,
}

impl Rejoin {
    pub(super) fn request(&self) {
        self.is_wanted.store(true, Ordering::Release);
        self.news.notify_one();
    }

    /// Forgets the requests so far.
    pub(super) fn begin_round(&self) {
        self.is_wanted.store(false, Ordering::Release);
    }

    /// Waits for a request that no round has answered. Cancel-safe.
    async fn wanted(&self) {
        while !self.is_wanted.load(Ordering::Acquire) {
            self.news.notified().await;
        }
    }
}

/// How a round ended.
enum Round {
    /// The worker has its work.
    Settled,
    /// Another one is due.
    Again,
}

/// The member.
pub(super) struct Member {
    group: GroupMember,
    cluster: ClusterConfig,
    url: String,
    configs: Arc<Configs>,
    events: mpsc::Sender<MemberEvent>,
    rejoin: Arc<Rejoin>,
    assignor: Assignor,
    /// The protocol of the last round.
    protocol: Subprotocol,
    /// What was assigned last, with what was kept.
    held: Option<Assignment>,
    last_generation: i32,
    /// When lost work may be assigned.
    scheduled: Option<Instant>,
    /// How often the topic of configurations was too slow, without a success between.
    unsynced: u32,
    /// Whether the group was heard to begin another round while something else was waited for.
    is_called: bool,
}

/// What a member is made of.
pub(super) struct MemberParts {
    pub(super) group: GroupMember,
    pub(super) cluster: ClusterConfig,
    pub(super) url: String,
    pub(super) configs: Arc<Configs>,
    pub(super) events: mpsc::Sender<MemberEvent>,
    pub(super) rejoin: Arc<Rejoin>,
}

impl Member {
    pub(super) fn new(parts: MemberParts) -> Self {
        Self {
            assignor: Assignor::new(parts.cluster.max_rebalance_delay),
            protocol: parts.cluster.protocol,
            group: parts.group,
            cluster: parts.cluster,
            url: parts.url,
            configs: parts.configs,
            events: parts.events,
            rejoin: parts.rejoin,
            held: None,
            last_generation: -1,
            scheduled: None,
            unsynced: 0,
            is_called: false,
        }
    }

    /// Is a member until it is told to leave.
    ///
    /// # Errors
    /// What the group refuses for good.
    pub(super) async fn run(mut self, leave: CancellationToken) -> Result<(), KafkaError> {
        let outcome = tokio::select! {
            biased;
            () = leave.cancelled() => Ok(()),
            failed = self.keep_joining() => Err(failed),
        };
        self.group.leave("the worker is being stopped").await;
        outcome
    }

    async fn keep_joining(&mut self) -> KafkaError {
        loop {
            match self.round().await {
                Ok(Round::Again) => continue,
                Ok(Round::Settled) => {}
                Err(error) if error.is_retriable() => {
                    self.lose_coordinator(&error).await;
                    continue;
                }
                Err(error) => return error,
            }
            if let Err(error) = self.stay().await {
                return error;
            }
        }
    }

    /// Stays a member until another round is due.
    async fn stay(&mut self) -> Result<(), KafkaError> {
        if self.is_called {
            return Ok(());
        }
        let scheduled = self.scheduled;
        let due = async {
            match scheduled {
                Some(moment) => sleep_until(moment).await,
                None => std::future::pending().await,
            }
        };
        let rejoin = Arc::clone(&self.rejoin);
        tokio::select! {
            () = rejoin.wanted() => Ok(()),
            () = due => Ok(()),
            stayed = self.group.stay() => self.follow(stayed).await,
        }
    }

    /// Does what the end of a membership asks for, before another round.
    async fn follow(&mut self, stayed: Result<Stay, KafkaError>) -> Result<(), KafkaError> {
        match stayed {
            Ok(Stay::Rejoin) => {}
            Ok(Stay::CoordinatorLost) => {
                let text = "the group coordinator cannot be found";
                let error = KafkaError::new(ErrorKind::Retriable, text);
                self.lose_coordinator(&error).await;
            }
            Err(error) if error.is_retriable() => self.lose_coordinator(&error).await,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Without a coordinator others may have been given this worker's work: it stops at once.
    async fn lose_coordinator(&mut self, error: &KafkaError) {
        if self.held.take().is_some_and(|it| !it.assigned.is_empty()) {
            tracing::warn!(%error, "the group coordinator is gone, all work stops until it is back");
            self.stop(MemberEvent::StopAll).await;
        } else {
            tracing::warn!(%error, "cannot join the group yet");
        }
        sleep(self.cluster.retry_backoff).await;
    }

    /// One round: from joining to running what was assigned.
    async fn round(&mut self) -> Result<Round, KafkaError> {
        let work = self.prepare().await;
        let offers = self.offers(work.config_offset)?;
        self.is_called = false;
        let joined = self.group.join(&offers, "").await?;
        let is_leader = joined.is_leader();
        let Some(protocol) = Subprotocol::from_wire_name(&joined.protocol) else {
            return Err(KafkaError::new(
                ErrorKind::Fatal,
                format!("the group uses the unknown protocol {}", joined.protocol),
            ));
        };
        let (assignments, owners) = match is_leader {
            true => self.assign(&joined, protocol, work).await?,
            false => (Vec::new(), Owners::default()),
        };
        let assignment = match self.group.sync(assignments).await? {
            Synced::Rejoin => return Ok(Round::Again),
            Synced::Assigned(bytes) => Assignment::decode(&bytes).map_err(unusable)?,
        };
        self.last_generation = joined.generation;
        let had_revoked = self.accept(protocol, assignment).await;
        if !self.catch_up().await {
            return Ok(Round::Again);
        }
        let Some(held) = &self.held else {
            return Ok(Round::Again);
        };
        let membership = Membership {
            generation: joined.generation,
            config_offset: held.config_offset,
            protocol,
            is_leader,
            leader_url: held.leader_url.clone(),
            work: held.assigned.clone(),
            owners,
        };
        tracing::info!(
            generation = joined.generation,
            protocol = protocol.metric_name(),
            is_leader,
            leader = membership.leader_url,
            connectors = membership.work.connectors.len(),
            tasks = membership.work.tasks.len(),
            "joined the group"
        );
        self.tell(MemberEvent::Joined(Box::new(membership))).await;
        Ok(match had_revoked {
            true => Round::Again,
            false => Round::Settled,
        })
    }

    /// Asks the herder where it is, and waits for everything that must have stopped.
    async fn prepare(&mut self) -> ClusterWork {
        let (reply, joining) = oneshot::channel();
        self.tell(MemberEvent::Joining(reply)).await;
        let joining = self.beating(joining).await;
        // The herder ends, and this member with it.
        let Ok(joining) = joining else {
            return std::future::pending().await;
        };
        self.beating(async {
            for mut stopping in joining.stopping {
                let _ = stopping.recv().await;
            }
        })
        .await;
        let stops_all = self.protocol == Subprotocol::Eager;
        if stops_all && self.held.as_ref().is_some_and(|it| !it.has_failed()) {
            self.stop(MemberEvent::StopAll).await;
        }
        joining.work
    }

    fn offers(&self, config_offset: i64) -> Result<Vec<Offer>, KafkaError> {
        let metadata = WorkerMetadata {
            url: self.url.clone(),
            config_offset,
            allocation: self.held.clone(),
        };
        let offer = |protocol: &Subprotocol| {
            Ok(Offer {
                name: protocol.wire_name().to_owned(),
                metadata: metadata.encode(*protocol).map_err(unusable)?.into(),
            })
        };
        self.cluster.protocol.offered().iter().map(offer).collect()
    }

    /// Computes what every member runs.
    async fn assign(
        &mut self,
        joined: &Joined,
        protocol: Subprotocol,
        mut work: ClusterWork,
    ) -> Result<(Vec<(String, Bytes)>, Owners), KafkaError> {
        let mut members = BTreeMap::new();
        for (id, metadata) in &joined.members {
            let metadata = WorkerMetadata::decode(metadata).map_err(unusable)?;
            members.insert(id.clone(), metadata);
        }
        let newest = members.values().map(|it| it.config_offset).max();
        if newest.is_some_and(|it| it > work.config_offset) {
            // Whoever is still behind then is told by the assignor.
            let (configs, limit) = (Arc::clone(&self.configs), self.cluster.sync_timeout);
            let read = async move { timeout(limit, configs.read_to_end()).await };
            let _ = self.beating(read).await;
            work = self.configs.work();
        }
        let election = Election {
            members,
            leader: joined.member_id.clone(),
            generation: joined.generation,
            last_completed_generation: self.last_generation,
        };
        let assignments = self
            .assignor
            .assign(protocol, &election, &work, Instant::now());
        let mut encoded = Vec::with_capacity(assignments.by_member.len());
        for (member, assignment) in assignments.by_member {
            let bytes = assignment.encode(protocol).map_err(unusable)?;
            encoded.push((member, bytes.into()));
        }
        Ok((encoded, assignments.owners))
    }

    /// Takes an assignment: what is taken away stops, the rest is held. Whether something was.
    async fn accept(&mut self, protocol: Subprotocol, mut assignment: Assignment) -> bool {
        let was_incremental = self.protocol.is_incremental();
        let held = self.held.take();
        self.protocol = protocol;
        self.scheduled = match assignment.delay {
            Duration::ZERO => None,
            delay => Some(Instant::now() + delay),
        };
        if !protocol.is_incremental() {
            // Whatever was kept from before the change of protocol may run elsewhere now.
            if was_incremental && held.is_some_and(|it| !it.assigned.is_empty()) {
                self.stop(MemberEvent::StopAll).await;
            }
            self.held = Some(assignment);
            return false;
        }
        let revoked = std::mem::take(&mut assignment.revoked);
        let had_revoked = !revoked.is_empty();
        if had_revoked {
            self.stop(|done| MemberEvent::Stop(revoked.clone(), done))
                .await;
        }
        if let Some(held) = held {
            assignment.revoked = revoked;
            assignment.keep(&held.assigned);
            assignment.revoked = Work::default();
        }
        self.held = Some(assignment);
        had_revoked
    }

    /// Reads configurations up to where the leader was. Whether there is something to run.
    async fn catch_up(&mut self) -> bool {
        let Some(held) = &self.held else {
            return false;
        };
        let (has_failed, wanted) = (held.has_failed(), held.config_offset);
        if !has_failed && self.configs.offset() >= wanted {
            self.unsynced = 0;
            return true;
        }
        let (configs, limit) = (Arc::clone(&self.configs), self.cluster.sync_timeout);
        let read = async move { timeout(limit, configs.read_to_end()).await };
        let read = matches!(self.beating(read).await, Ok(Ok(())));
        if read && !has_failed && self.configs.offset() >= wanted {
            self.unsynced = 0;
            return true;
        }
        if read {
            sleep(self.cluster.retry_backoff).await;
        } else {
            self.back_off().await;
        }
        false
    }

    /// Leaves the group for a while, because the topic of configurations cannot be read.
    async fn back_off(&mut self) {
        tracing::warn!("the topic of configurations cannot be read in time; leaving the group");
        self.group.leave("taking too long to read the log").await;
        if !self.protocol.is_incremental() {
            return sleep(self.cluster.unsync_backoff).await;
        }
        if self.unsynced == SYNC_TRIES {
            self.unsynced = 0;
            self.held = None;
            return self.stop(MemberEvent::StopAll).await;
        }
        let share = self.cluster.max_rebalance_delay / 10 / (SYNC_TRIES - self.unsynced);
        self.unsynced += 1;
        sleep(share.max(self.cluster.retry_backoff)).await;
    }

    /// Lets the herder stop something, and waits until it has.
    async fn stop(&mut self, event: impl FnOnce(mpsc::Sender<()>) -> MemberEvent) {
        let (done, mut stopped) = mpsc::channel(1);
        self.tell(event(done)).await;
        self.beating(stopped.recv()).await;
    }

    async fn tell(&mut self, event: MemberEvent) {
        let events = self.events.clone();
        let sent = self.beating(async move { events.send(event).await }).await;
        if sent.is_err() {
            // The herder ends, and this member with it.
            std::future::pending::<()>().await;
        }
    }

    /// Waits for something, and is a living member meanwhile, also of a group that waits for this member to join
    /// again: another round follows when this is done.
    async fn beating<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        while self.group.is_member() {
            tokio::select! {
                biased;
                done = &mut work => return done,
                stayed = self.group.stay() => match stayed {
                    Ok(Stay::Rejoin) => self.is_called = true,
                    Ok(Stay::CoordinatorLost) => {
                        let pause = sleep(self.cluster.retry_backoff);
                        tokio::select! {
                            biased;
                            done = &mut work => return done,
                            () = pause => {}
                        }
                    }
                    Err(_) => break,
                },
            }
        }
        work.await
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unusable(error: ProtocolError) -> KafkaError {
    KafkaError::new(ErrorKind::Fatal, error.to_string())
}
