//! The life of one group: members join, one of them assigns, members leave or fall silent.
//!
//! Everything here is a function of the group, a request and the time. Answers that must wait are
//! kept with the member who waits.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::member::{Join, JoinError, JoinReply, Member, SyncReply, Synced};
use rebalance::common_protocols;

mod rebalance;

/// Where a group is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody is in it.
    Empty,
    /// It waits until all members have joined again.
    PreparingRebalance,
    /// It waits for the leader's assignment.
    CompletingRebalance,
    /// Members know what is theirs.
    Stable,
}

impl State {
    /// The name that tools show.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// Who speaks, and of which generation it believes to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) member_id: &'a str,
    pub(crate) instance_id: Option<&'a str>,
    pub(crate) generation: i32,
}

/// A group.
#[derive(Debug)]
pub(crate) struct Group {
    state: State,
    generation: i32,
    protocol_type: Option<String>,
    protocol: Option<String>,
    leader: Option<String>,
    /// In the order of joining.
    members: Vec<Member>,
    /// Ids that were given to clients who have not come back with them yet.
    promised: BTreeMap<String, Instant>,
    /// When the group stops waiting for members to join again or to ask for their assignment.
    rebalance_deadline: Option<Instant>,
    /// How long a group that was empty may still be put off for more members.
    initial_delay_until: Option<Instant>,
    initial_delay: Duration,
}

impl Group {
    pub(crate) fn new(initial_delay: Duration) -> Self {
        Self {
            state: State::Empty,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: Vec::new(),
            promised: BTreeMap::new(),
            rebalance_deadline: None,
            initial_delay_until: None,
            initial_delay,
        }
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    pub(crate) fn protocol_type(&self) -> &str {
        self.protocol_type.as_deref().unwrap_or("")
    }

    pub(crate) fn protocol(&self) -> &str {
        self.protocol.as_deref().unwrap_or("")
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether nothing would be lost with the group.
    pub(crate) fn is_idle(&self) -> bool {
        self.members.is_empty() && self.promised.is_empty()
    }

    /// A client wants to be a member. `new_id` is an id for it if it needs one.
    pub(crate) fn join(&mut self, join: Join, new_id: String, reply: JoinReply, now: Instant) {
        if let Err((error, reply, member_id)) = self.try_join(join, new_id, reply, now) {
            // A client that is gone needs no answer.
            _ = reply.send(Err(JoinError { error, member_id }));
        }
        self.complete_join_if_all_are_here(now);
    }

    fn try_join(
        &mut self,
        join: Join,
        new_id: String,
        reply: JoinReply,
        now: Instant,
    ) -> Result<(), (ResponseError, JoinReply, String)> {
        let member_id = join.member_id.clone();
        if !self.accepts(&join) {
            return Err((ResponseError::InconsistentGroupProtocol, reply, member_id));
        }
        if member_id.is_empty() {
            return self.join_without_id(join, new_id, reply, now);
        }
        if let Err(error) = self.check_identity(&member_id, join.instance_id.as_deref()) {
            let promised = self.promised.remove(&member_id).is_some();
            if promised && error == ResponseError::UnknownMemberId {
                self.add(member_id, join, reply, now);
                return Ok(());
            }
            return Err((error, reply, member_id));
        }
        self.join_again(&member_id, join, reply, now);
        Ok(())
    }

    /// Whether the group, without this member, could agree with it on a protocol.
    fn accepts(&self, join: &Join) -> bool {
        if join.protocol_type.is_empty() || join.protocols.is_empty() {
            return false;
        }
        let is_self = |it: &&Member| {
            it.id == join.member_id
                || (it.instance_id.is_some() && it.instance_id == join.instance_id)
        };
        let others: Vec<&Member> = self.members.iter().filter(|it| !is_self(it)).collect();
        if self.members.is_empty() {
            return true;
        }
        let common = common_protocols(others.iter().copied());
        self.protocol_type() == join.protocol_type
            && common.is_none_or(|it| join.protocols.iter().any(|p| it.contains(p.name.as_str())))
    }

    fn join_without_id(
        &mut self,
        join: Join,
        new_id: String,
        reply: JoinReply,
        now: Instant,
    ) -> Result<(), (ResponseError, JoinReply, String)> {
        if let Some(instance_id) = join.instance_id.clone() {
            match self.index_of_instance(&instance_id) {
                Some(index) => self.replace_static(index, join, new_id, reply, now),
                None => self.add(new_id, join, reply, now),
            }
            return Ok(());
        }
        if join.id_first {
            self.promised
                .insert(new_id.clone(), now + join.session_timeout);
            return Err((ResponseError::MemberIdRequired, reply, new_id));
        }
        self.add(new_id, join, reply, now);
        Ok(())
    }

    fn add(&mut self, id: String, join: Join, reply: JoinReply, now: Instant) {
        if self.members.is_empty() {
            self.protocol_type = Some(join.protocol_type.clone());
        }
        self.members.push(Member::new(id, join, reply, now));
        self.prepare_rebalance(now);
    }

    /// A static member came back under a new id: it takes the place of its former self.
    fn replace_static(
        &mut self,
        index: usize,
        join: Join,
        new_id: String,
        reply: JoinReply,
        now: Instant,
    ) {
        let can_skip = join.can_skip_assignment;
        let elected = self.protocol.clone();
        let member = &mut self.members[index];
        let old_id = std::mem::replace(&mut member.id, new_id);
        member.answer_join(Err(JoinError {
            error: ResponseError::FencedInstanceId,
            member_id: old_id.clone(),
        }));
        member.answer_sync(Err(ResponseError::FencedInstanceId));
        let same_metadata = elected.as_deref().is_some_and(|elected| {
            let now = join.protocols.iter().find(|it| it.name == elected);
            now.is_some_and(|it| it.metadata == member.metadata(elected))
        });
        member.update(join);
        member.wait_for_join(reply, now);
        let was_leader = self.leader.as_deref() == Some(old_id.as_str());
        if was_leader {
            self.leader = Some(self.members[index].id.clone());
        }
        let stays = self.state == State::Stable && same_metadata && self.vote() == elected;
        if !stays {
            self.prepare_rebalance(now);
            return;
        }
        let mut answer = self.joined(index);
        if was_leader && !can_skip {
            // It must not believe that it has to assign, for nobody else will join.
            answer.leader = old_id;
            answer.members.clear();
        }
        answer.skip_assignment = was_leader && can_skip;
        let member = &mut self.members[index];
        member.touch(now);
        member.answer_join(Ok(answer));
    }

    fn join_again(&mut self, member_id: &str, join: Join, reply: JoinReply, now: Instant) {
        let index = self.index_of(member_id).expect("the identity was checked");
        let is_leader = self.leader.as_deref() == Some(member_id);
        let changed = self.members[index].protocols != join.protocols;
        let member = &mut self.members[index];
        member.update(join);
        member.wait_for_join(reply, now);
        match self.state {
            State::PreparingRebalance => {}
            State::CompletingRebalance if !changed => self.answer_as_before(index, now),
            State::Stable if !changed && !is_leader => self.answer_as_before(index, now),
            State::Empty | State::CompletingRebalance | State::Stable => {
                self.prepare_rebalance(now);
            }
        }
    }

    /// The member did not get the answer to its join, or joins needlessly.
    fn answer_as_before(&mut self, index: usize, now: Instant) {
        let answer = self.joined(index);
        let member = &mut self.members[index];
        member.touch(now);
        member.answer_join(Ok(answer));
    }

    /// A member wants its assignment; the leader brings those of all.
    pub(crate) fn sync(
        &mut self,
        caller: Caller<'_>,
        expected: (Option<&str>, Option<&str>),
        assignments: Vec<(String, Bytes)>,
        reply: SyncReply,
        now: Instant,
    ) {
        let index = match self.check_sync(caller, expected) {
            Ok(index) => index,
            Err(error) => {
                // A client that is gone needs no answer.
                _ = reply.send(Err(error));
                return;
            }
        };
        self.members[index].touch(now);
        self.members[index].syncing = Some(reply);
        let is_leader = self.leader.as_deref() == Some(caller.member_id);
        if self.state == State::CompletingRebalance && is_leader {
            let mut assignments: BTreeMap<_, _> = assignments.into_iter().collect();
            for member in &mut self.members {
                member.assignment = assignments.remove(&member.id).unwrap_or_default();
            }
            self.state = State::Stable;
            self.rebalance_deadline = None;
        }
        if self.state == State::Stable {
            self.answer_syncs(now);
        }
    }

    fn check_sync(
        &self,
        caller: Caller<'_>,
        (protocol_type, protocol): (Option<&str>, Option<&str>),
    ) -> Result<usize, ResponseError> {
        let index = self.check(caller)?;
        let differs = protocol_type.is_some_and(|it| it != self.protocol_type())
            || protocol.is_some_and(|it| it != self.protocol());
        match self.state {
            State::Empty => Err(ResponseError::UnknownMemberId),
            State::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
            _ if differs => Err(ResponseError::InconsistentGroupProtocol),
            State::CompletingRebalance | State::Stable => Ok(index),
        }
    }

    fn answer_syncs(&mut self, now: Instant) {
        let protocol_type = self.protocol_type().to_owned();
        let protocol = self.protocol().to_owned();
        for member in &mut self.members {
            if member.syncing.is_none() {
                continue;
            }
            member.touch(now);
            let answer = Synced {
                protocol_type: protocol_type.clone(),
                protocol: protocol.clone(),
                assignment: member.assignment.clone(),
            };
            member.answer_sync(Ok(answer));
        }
    }

    /// A member says that it lives.
    pub(crate) fn heartbeat(
        &mut self,
        caller: Caller<'_>,
        now: Instant,
    ) -> Result<(), ResponseError> {
        let index = self.check(caller)?;
        self.members[index].touch(now);
        match self.state {
            State::PreparingRebalance => Err(ResponseError::RebalanceInProgress),
            State::Empty | State::CompletingRebalance | State::Stable => Ok(()),
        }
    }

    /// Whether a caller may commit offsets, and notes that it lives.
    pub(crate) fn allow_commit(
        &mut self,
        caller: Caller<'_>,
        now: Instant,
    ) -> Result<(), ResponseError> {
        if caller.generation < 0 && self.members.is_empty() {
            return Ok(());
        }
        let index = self.check(caller)?;
        self.members[index].touch(now);
        match self.state {
            State::CompletingRebalance => Err(ResponseError::RebalanceInProgress),
            State::Empty | State::PreparingRebalance | State::Stable => Ok(()),
        }
    }

    /// Whether a caller may commit offsets with its transaction, and notes that it lives.
    pub(crate) fn allow_commit_in_transaction(
        &mut self,
        caller: Caller<'_>,
        now: Instant,
    ) -> Result<(), ResponseError> {
        let index = self.check(caller)?;
        self.members[index].touch(now);
        Ok(())
    }

    /// A member goes.
    pub(crate) fn leave(
        &mut self,
        member_id: &str,
        instance_id: Option<&str>,
        now: Instant,
    ) -> Result<(), ResponseError> {
        if self.promised.remove(member_id).is_some() {
            self.complete_join_if_all_are_here(now);
            return Ok(());
        }
        let index = match instance_id {
            Some(instance_id) if member_id.is_empty() => self
                .index_of_instance(instance_id)
                .ok_or(ResponseError::UnknownMemberId)?,
            _ => {
                self.check_identity(member_id, instance_id)?;
                self.index_of(member_id).expect("the identity was checked")
            }
        };
        self.remove(index, now);
        Ok(())
    }

    fn remove(&mut self, index: usize, now: Instant) {
        let mut member = self.members.remove(index);
        member.answer_join(Err(JoinError {
            error: ResponseError::UnknownMemberId,
            member_id: member.id.clone(),
        }));
        member.answer_sync(Err(ResponseError::UnknownMemberId));
        if self.leader.as_deref() == Some(member.id.as_str()) {
            self.leader = None;
        }
        if matches!(self.state, State::Stable | State::CompletingRebalance) {
            self.prepare_rebalance(now);
        }
        self.complete_join_if_all_are_here(now);
    }

    /// Lets the time do its work: who was silent too long is out, who is late is not waited for.
    pub(crate) fn tick(&mut self, now: Instant) {
        self.promised.retain(|_, deadline| *deadline > now);
        while let Some(index) = self.members.iter().position(|it| it.is_expired(now)) {
            self.remove(index, now);
        }
        self.complete_join_if_all_are_here(now);
        if self.rebalance_deadline.is_none_or(|it| it > now) {
            return;
        }
        match self.state {
            State::PreparingRebalance => self.complete_join(now),
            State::CompletingRebalance => self.drop_those_who_do_not_sync(now),
            State::Empty | State::Stable => self.rebalance_deadline = None,
        }
    }

    /// When [`tick`](Self::tick) should be called again.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let silent = self.members.iter().filter(|it| it.syncing.is_none());
        silent
            .map(|it| it.deadline)
            .chain(self.promised.values().copied())
            .chain(self.rebalance_deadline)
            .min()
    }

    /// The caller is a member of this generation; returns its place.
    fn check(&self, caller: Caller<'_>) -> Result<usize, ResponseError> {
        self.check_identity(caller.member_id, caller.instance_id)?;
        if caller.generation != self.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        self.index_of(caller.member_id)
            .ok_or(ResponseError::UnknownMemberId)
    }

    fn check_identity(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> Result<(), ResponseError> {
        if let Some(instance_id) = instance_id {
            let index = self.index_of_instance(instance_id);
            return match index.map(|it| self.members[it].id.as_str()) {
                Some(id) if id == member_id => Ok(()),
                Some(_) => Err(ResponseError::FencedInstanceId),
                None => Err(ResponseError::UnknownMemberId),
            };
        }
        match self.index_of(member_id) {
            Some(_) => Ok(()),
            None => Err(ResponseError::UnknownMemberId),
        }
    }

    fn index_of(&self, member_id: &str) -> Option<usize> {
        self.members.iter().position(|it| it.id == member_id)
    }

    fn index_of_instance(&self, instance_id: &str) -> Option<usize> {
        let is_it = |it: &Member| it.instance_id.as_deref() == Some(instance_id);
        self.members.iter().position(is_it)
    }
}

#[cfg(test)]
mod tests;
