//! Membership in a classic group with any protocol type, which the engine of the other clients cannot do: it is a
//! consumer or nothing.
//!
//! A member goes round in circles: [`join`](GroupMember::join), [`sync`](GroupMember::sync), then
//! [`stay`](GroupMember::stay) until that says to join again. What members tell each other is bytes here.
//! Nothing runs in the background: heartbeats are sent while somebody waits in `stay`, so whoever is busy for longer
//! than a session does it beside `stay`, in a `select!`.
//!
//! All futures may be dropped. An exchange that was cut off takes its connection along, so that no answer is taken for
//! another one; only heartbeats, which are dropped all the time, are awaited by the next call.

use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    SyncGroupRequest, SyncGroupResponse,
};
use kafka_protocol::protocol::Request;
use tokio::time::{sleep, sleep_until, timeout, timeout_at};
use tracing::{debug, info, warn};

use crate::backoff::Backoff;
use crate::error::{ErrorKind, KafkaError, Result};
use crate::settings::{self, ClientSettings};
use connection::Connection;
pub use model::{GroupMemberSettings, Joined, Offer, Stay, Synced};
use pulse::Pulse;
use security::Security;
use servers::Servers;
use wire::Verdict;

mod connection;
#[cfg(feature = "tls")]
mod encryption;
mod login;
mod model;
mod pulse;
#[cfg(feature = "tls")]
mod scram;
mod security;
mod servers;
#[cfg(test)]
mod tests;
mod wire;

/// The generation of who has none.
const NO_GENERATION: i32 = -1;
/// What the broker needs at most to answer a join after the time for rebalances.
const JOIN_GRACE: Duration = Duration::from_secs(5);

/// A member of a group, or who wants to be one.
#[derive(Debug)]
pub struct GroupMember {
    settings: GroupMemberSettings,
    backoff: Backoff,
    servers: Servers,
    /// To the coordinator.
    connection: Option<Connection>,
    /// Empty before the coordinator has given one.
    member_id: String,
    generation: i32,
    protocol: String,
    pulse: Pulse,
}

impl GroupMember {
    /// A member that has not joined yet. `client` are the settings of Java's clients that say where brokers are and how
    /// to talk to them. Reads the stores that these name, and asks no broker.
    ///
    /// # Errors
    /// A setting that is wrong or not supported here, by its name.
    pub fn new(client: &ClientSettings, settings: GroupMemberSettings) -> Result<Self> {
        let mut translated = settings::translate(client, settings::ADMIN)?;
        let security = Security::new(&mut translated)?;
        settings::log_untranslated(&settings.client_id, &translated.untranslated);
        let bootstrap = translated
            .engine
            .remove("bootstrap.servers")
            .unwrap_or_default();
        Ok(Self {
            backoff: Backoff::new(settings.retry_backoff, settings.retry_backoff_max),
            servers: Servers::new(&bootstrap, &settings.client_id, security),
            connection: None,
            member_id: String::new(),
            generation: NO_GENERATION,
            protocol: String::new(),
            pulse: Pulse::start(settings.heartbeat_interval, settings.session_timeout),
            settings,
        })
    }

    /// Joins, or joins again, with `offers`, the most preferred first. Waits for all other members, for as long as it
    /// takes. `reason` is for the broker's log; it may be empty.
    ///
    /// # Errors
    /// Retriable when the coordinator was not found in one attempt of `heartbeat_interval`: call again. All others are
    /// final: the group uses other protocols, is full or does not like the session timeout ([`ErrorKind::Fatal`]), or
    /// nobody may join like this ([`ErrorKind::Authorization`], [`ErrorKind::Authentication`]).
    pub async fn join(&mut self, offers: &[Offer], reason: &str) -> Result<Joined> {
        let mut backoff = self.backoff.clone();
        let mut is_first = true;
        self.generation = NO_GENERATION;
        loop {
            self.connect().await?;
            let answer = match self.ask_to_join(offers, reason).await {
                Ok(answer) => answer,
                Err(error) if error.is_retriable() => {
                    self.lose_connection(&error);
                    sleep(backoff.next()).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            debug!(
                group = self.settings.group_id,
                code = answer.error_code,
                "asked to join"
            );
            let is_asked_for = match Verdict::of(answer.error_code) {
                Verdict::Done => return self.joined(answer),
                Verdict::IdRequired => {
                    self.member_id = answer.member_id.to_string();
                    true
                }
                Verdict::UnknownMember => {
                    self.member_id.clear();
                    true
                }
                Verdict::NotHere => {
                    self.connection = None;
                    false
                }
                Verdict::Loading | Verdict::Rebalancing => false,
                Verdict::IllegalGeneration => return Err(self.refused(answer.error_code)),
                Verdict::Refused(error) => return Err(error.during(self.name())),
            };
            // Once at once; a coordinator that goes on like this is not asked as fast as it can answer.
            if !(is_asked_for && std::mem::take(&mut is_first)) {
                sleep(backoff.next()).await;
            }
        }
    }

    async fn ask_to_join(&mut self, offers: &[Offer], reason: &str) -> Result<JoinGroupResponse> {
        let settings = &self.settings;
        let limit = settings.rebalance_timeout + JOIN_GRACE;
        let limit = limit.max(settings.request_timeout);
        let connection = connected(&mut self.connection)?;
        let version = connection.version::<JoinGroupRequest>(wire::JOIN)?;
        let request = wire::join(version, settings, &self.member_id, offers, reason);
        call(connection, version, &request, limit).await
    }

    fn joined(&mut self, answer: JoinGroupResponse) -> Result<Joined> {
        if answer.skip_assignment {
            let text =
                "the coordinator wants the old assignment to be kept, which only static members do";
            return Err(KafkaError::new(ErrorKind::Fatal, text).during(self.name()));
        }
        self.check_protocol_type(answer.protocol_type.as_deref())?;
        self.member_id = answer.member_id.to_string();
        self.generation = answer.generation_id;
        self.protocol = answer
            .protocol_name
            .map_or_else(String::new, |it| it.to_string());
        self.start_pulse();
        let members = answer.members.into_iter();
        Ok(Joined {
            generation: self.generation,
            member_id: self.member_id.clone(),
            leader_id: answer.leader.to_string(),
            protocol: self.protocol.clone(),
            members: members
                .map(|it| (it.member_id.to_string(), it.metadata))
                .collect(),
        })
    }

    /// Ends the round that was joined: the leader passes what it assigns, by member ids, all others nothing.
    ///
    /// # Errors
    /// Final: nobody may do this any more ([`ErrorKind::Authorization`]), or the coordinator answered what no
    /// coordinator should ([`ErrorKind::Fatal`]).
    pub async fn sync(&mut self, assignments: Vec<(String, Bytes)>) -> Result<Synced> {
        if self.generation == NO_GENERATION {
            return Ok(Synced::Rejoin);
        }
        self.settle().await;
        let answer = match self.ask_to_sync(assignments).await {
            Ok(answer) => answer,
            Err(error) if error.is_retriable() => {
                self.lose_connection(&error);
                return Ok(self.rejoin_later().await);
            }
            Err(error) => return Err(error),
        };
        match Verdict::of(answer.error_code) {
            Verdict::Done => self.synced(answer),
            Verdict::Rebalancing => Ok(Synced::Rejoin),
            Verdict::UnknownMember => {
                self.forget();
                Ok(Synced::Rejoin)
            }
            Verdict::IllegalGeneration => {
                self.generation = NO_GENERATION;
                Ok(Synced::Rejoin)
            }
            Verdict::NotHere => {
                self.connection = None;
                Ok(self.rejoin_later().await)
            }
            Verdict::Loading | Verdict::IdRequired => Err(self.refused(answer.error_code)),
            Verdict::Refused(error) => Err(error.during(self.name())),
        }
    }

    async fn ask_to_sync(
        &mut self,
        assignments: Vec<(String, Bytes)>,
    ) -> Result<SyncGroupResponse> {
        let connection = connected(&mut self.connection)?;
        let version = connection.version::<SyncGroupRequest>(wire::SYNC)?;
        let member = (
            self.member_id.as_str(),
            self.generation,
            self.protocol.as_str(),
        );
        let request = wire::sync(version, &self.settings, member, assignments);
        call(connection, version, &request, self.settings.request_timeout).await
    }

    fn synced(&mut self, answer: SyncGroupResponse) -> Result<Synced> {
        self.check_protocol_type(answer.protocol_type.as_deref())?;
        if let Some(protocol) = answer.protocol_name.filter(|it| **it != self.protocol) {
            let text = format!(
                "the round was joined for {} and ended for {protocol}",
                self.protocol
            );
            return Err(KafkaError::new(ErrorKind::Fatal, text).during(self.name()));
        }
        self.start_pulse();
        Ok(Synced::Assigned(answer.assignment))
    }

    /// A pause, so that a coordinator that went has time to be replaced.
    async fn rejoin_later(&self) -> Synced {
        sleep(self.backoff.clone().next()).await;
        Synced::Rejoin
    }

    /// Sends heartbeats until something happens. A broken connection is made again first, within
    /// `heartbeat_interval`. May be dropped at any time and called again.
    ///
    /// # Errors
    /// Final: this client may not be a member any more ([`ErrorKind::Authorization`],
    /// [`ErrorKind::Authentication`]).
    pub async fn stay(&mut self) -> Result<Stay> {
        let mut backoff = self.backoff.clone();
        loop {
            if self.generation == NO_GENERATION {
                return Ok(Stay::Rejoin);
            }
            let answer = self.beat().await;
            let error = match answer.and_then(|it| self.heard(it.error_code)) {
                Ok(None) => {
                    backoff = self.backoff.clone();
                    continue;
                }
                Ok(Some(stay)) => return Ok(stay),
                Err(error) if error.is_retriable() => error,
                Err(error) => return Err(error),
            };
            let is_unheard = self.connection.is_none() || self.pulse.failed();
            self.lose_connection(&error);
            if is_unheard {
                return Ok(Stay::CoordinatorLost);
            }
            sleep(backoff.next()).await;
        }
    }

    /// What the code of a heartbeat's answer means; nothing if all is as it was.
    fn heard(&mut self, code: i16) -> Result<Option<Stay>> {
        match Verdict::of(code) {
            Verdict::Done => {
                self.pulse.answered();
                return Ok(None);
            }
            Verdict::Rebalancing => self.pulse.answered(),
            Verdict::UnknownMember => self.forget(),
            Verdict::IllegalGeneration => self.generation = NO_GENERATION,
            Verdict::Refused(error) if error.kind() == ErrorKind::Authorization => {
                return Err(error.during(self.name()));
            }
            // Whatever else is wrong with a coordinator may pass while the session lasts.
            Verdict::NotHere | Verdict::Loading | Verdict::IdRequired | Verdict::Refused(_) => {
                let text = wire::refusal(code).to_string();
                return Err(KafkaError::new(ErrorKind::Retriable, text));
            }
        }
        Ok(Some(Stay::Rejoin))
    }

    /// Waits until a heartbeat is due, sends it, and waits for its answer. Without a connection afterwards, there was
    /// no way to make one.
    async fn beat(&mut self) -> Result<HeartbeatResponse> {
        if self.connect_to_stay().await? {
            self.pulse.hurry();
        }
        let connection = connected(&mut self.connection)?;
        if !connection.awaits::<HeartbeatRequest>() {
            tokio::select! {
                () = sleep_until(self.pulse.due()) => {}
                error = connection.fails() => return Err(error),
            }
            let version = connection.version::<HeartbeatRequest>(wire::HEARTBEAT)?;
            let request = wire::heartbeat(&self.settings, &self.member_id, self.generation);
            connection.ask(version, &request)?;
            self.pulse.sent();
        }
        let limit = self.pulse.limit();
        match timeout_at(limit, connection.answer::<HeartbeatRequest>()).await {
            Ok(answer) => answer,
            Err(_) => Err(KafkaError::new(
                ErrorKind::Timeout,
                format!("{}: a heartbeat is not answered", connection.server()),
            )),
        }
    }

    /// Whether the group counts this among its members, as far as is known; it may wait for another round.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.generation != NO_GENERATION
    }

    /// Leaves, as well as that goes in `heartbeat_interval`, and forgets that this was a member. `reason` is for the
    /// broker's log.
    pub async fn leave(&mut self, reason: &str) {
        if !self.member_id.is_empty() {
            let group = &self.settings.group_id.clone();
            let limit = self.settings.heartbeat_interval;
            match timeout(limit, self.ask_to_leave(reason)).await {
                Ok(Ok(())) => info!(group, reason, "left the group"),
                Ok(Err(error)) => warn!(group, %error, "left the group without a word"),
                Err(_) => warn!(group, "left the group without a word: nobody answers"),
            }
        }
        self.forget();
    }

    async fn ask_to_leave(&mut self, reason: &str) -> Result<()> {
        self.connect().await?;
        let connection = connected(&mut self.connection)?;
        let version = connection.version::<LeaveGroupRequest>(wire::LEAVE)?;
        let request = wire::leave(version, &self.settings, &self.member_id, reason);
        connection.ask(version, &request)?;
        let answer = connection.answer::<LeaveGroupRequest>().await?;
        let of_member = answer.members.first().map_or(0, |it| it.error_code);
        wire::check(answer.error_code).and_then(|()| wire::check(of_member))
    }

    /// Sees to it that a request can be made.
    async fn connect(&mut self) -> Result<()> {
        self.settle().await;
        if self.connection.is_none() {
            self.connection = Some(self.find().await?);
        }
        Ok(())
    }

    /// The same, but an unanswered heartbeat stays as it is. `true` if the connection is another one.
    async fn connect_to_stay(&mut self) -> Result<bool> {
        self.connection = self
            .connection
            .take()
            .filter(|it| it.is_free() || it.awaits::<HeartbeatRequest>());
        let is_new = self.connection.is_none();
        if is_new {
            self.connection = Some(self.find().await?);
        }
        Ok(is_new)
    }

    async fn find(&mut self) -> Result<Connection> {
        let limit = self.settings.heartbeat_interval;
        let group = &self.settings.group_id;
        self.servers.coordinator(group, limit, &self.backoff).await
    }

    /// Waits for the answer to a heartbeat that was cut off; gives the connection up if something else was.
    async fn settle(&mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        if connection.awaits::<HeartbeatRequest>() {
            let limit = self.settings.heartbeat_interval;
            // What it says does not matter to who joins or leaves; one that fails keeps its connection from being free.
            _ = timeout(limit, connection.answer::<HeartbeatRequest>()).await;
        }
        self.connection = self.connection.take().filter(Connection::is_free);
    }

    fn lose_connection(&mut self, error: &KafkaError) {
        if self.connection.take().is_some() {
            warn!(group = self.settings.group_id, %error, "the coordinator of the group is lost");
        }
    }

    fn start_pulse(&mut self) {
        let settings = &self.settings;
        self.pulse = Pulse::start(settings.heartbeat_interval, settings.session_timeout);
    }

    fn forget(&mut self) {
        self.member_id.clear();
        self.generation = NO_GENERATION;
    }

    /// An answer that names a type of protocols names ours.
    fn check_protocol_type(&self, named: Option<&str>) -> Result<()> {
        let ours = &self.settings.protocol_type;
        match named.filter(|it| it != ours) {
            None => Ok(()),
            Some(other) => {
                let text = format!("its members use protocols of type {other}, not {ours}");
                Err(KafkaError::new(ErrorKind::Fatal, text).during(self.name()))
            }
        }
    }

    fn refused(&self, code: i16) -> KafkaError {
        wire::refusal(code).during(self.name())
    }

    fn name(&self) -> String {
        format!("group {}", self.settings.group_id)
    }
}

/// The connection, where there has to be one.
fn connected(connection: &mut Option<Connection>) -> Result<&mut Connection> {
    connection
        .as_mut()
        .ok_or_else(|| KafkaError::new(ErrorKind::Retriable, "there is no connection"))
}

/// Makes a request and waits for its answer.
async fn call<R: Request>(
    connection: &mut Connection,
    version: i16,
    request: &R,
    limit: Duration,
) -> Result<R::Response> {
    connection.ask(version, request)?;
    match timeout(limit, connection.answer::<R>()).await {
        Ok(answer) => answer,
        Err(_) => Err(KafkaError::new(
            ErrorKind::Timeout,
            format!("{}: no answer within {limit:?}", connection.server()),
        )),
    }
}
