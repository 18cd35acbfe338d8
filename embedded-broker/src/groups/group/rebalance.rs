//! How a group comes to its next generation: members join again, a leader and a protocol are found.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::{Group, State};
use crate::groups::member::{Joined, Member, Protocol};

impl Group {
    /// Tells everybody to join again.
    pub(super) fn prepare_rebalance(&mut self, now: Instant) {
        let timeout = self.max_rebalance_timeout();
        match self.state {
            State::PreparingRebalance => {
                if let Some(limit) = self.initial_delay_until {
                    // One more for a group that just begins: there may be others.
                    self.rebalance_deadline = Some(limit.min(now + self.initial_delay));
                }
                return;
            }
            State::CompletingRebalance => {
                for member in &mut self.members {
                    member.answer_sync(Err(ResponseError::RebalanceInProgress));
                }
            }
            State::Empty | State::Stable => {}
        }
        let begins = self.state == State::Empty && !self.initial_delay.is_zero();
        self.initial_delay_until = begins.then_some(now + timeout);
        let wait = if begins { self.initial_delay } else { timeout };
        self.rebalance_deadline = Some(now + wait);
        self.state = State::PreparingRebalance;
    }

    fn max_rebalance_timeout(&self) -> Duration {
        let timeouts = self.members.iter().map(|it| it.rebalance_timeout);
        timeouts.max().unwrap_or_default()
    }

    /// Goes on if there is nobody to wait for.
    pub(super) fn complete_join_if_all_are_here(&mut self, now: Instant) {
        let all_joined = self.members.iter().all(|it| it.joining.is_some());
        let is_put_off = self.initial_delay_until.is_some() && !self.members.is_empty();
        if self.state == State::PreparingRebalance
            && all_joined
            && self.promised.is_empty()
            && !is_put_off
        {
            self.complete_join(now);
        }
    }

    /// Goes on with those who have joined. Static members keep their place until their session
    /// ends.
    pub(super) fn complete_join(&mut self, now: Instant) {
        self.initial_delay_until = None;
        self.members
            .retain(|it| it.joining.is_some() || it.instance_id.is_some());
        let has_joined = |id: &str| {
            self.members
                .iter()
                .any(|it| it.id == id && it.joining.is_some())
        };
        let leader_is_here = self.leader.as_deref().is_some_and(has_joined);
        if !leader_is_here {
            let first = self.members.iter().find(|it| it.joining.is_some());
            self.leader = first.map(|it| it.id.clone());
        }
        if self.leader.is_none() && !self.members.is_empty() {
            self.rebalance_deadline = Some(now + self.max_rebalance_timeout());
            return;
        }
        self.generation += 1;
        if self.members.is_empty() {
            self.become_empty();
            return;
        }
        self.protocol = self.vote();
        self.state = State::CompletingRebalance;
        self.rebalance_deadline = Some(now + self.max_rebalance_timeout());
        for index in 0..self.members.len() {
            let answer = self.joined(index);
            let member = &mut self.members[index];
            member.assignment = Bytes::new();
            if member.joining.is_some() {
                member.touch(now);
                member.answer_join(Ok(answer));
            }
        }
    }

    fn become_empty(&mut self) {
        self.state = State::Empty;
        self.protocol = None;
        self.leader = None;
        self.rebalance_deadline = None;
        self.initial_delay_until = None;
    }

    /// The protocol that most members like best, of those that all offer.
    pub(super) fn vote(&self) -> Option<String> {
        let common = common_protocols(&self.members)?;
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in &self.members {
            let choice = member.protocols.iter().map(|it| it.name.as_str());
            if let Some(choice) = choice.into_iter().find(|it| common.contains(it)) {
                *votes.entry(choice).or_default() += 1;
            }
        }
        let winner = votes.into_iter().max_by_key(|(_, count)| *count);
        winner.map(|(name, _)| name.to_owned())
    }

    /// What a member learns of the generation.
    pub(super) fn joined(&self, index: usize) -> Joined {
        let member = &self.members[index];
        let leader = self.leader.clone().unwrap_or_default();
        let members = if leader == member.id {
            let all = self.members.iter();
            all.map(|it| {
                (
                    it.id.clone(),
                    it.instance_id.clone(),
                    it.metadata(self.protocol()),
                )
            })
            .collect()
        } else {
            Vec::new()
        };
        Joined {
            generation: self.generation,
            protocol_type: self.protocol_type().to_owned(),
            protocol: self.protocol().to_owned(),
            leader,
            member_id: member.id.clone(),
            skip_assignment: false,
            members,
        }
    }

    /// Goes on without those who joined and then did not ask for their assignment.
    pub(super) fn drop_those_who_do_not_sync(&mut self, now: Instant) {
        self.rebalance_deadline = None;
        let late = self.members.iter().filter(|it| it.syncing.is_none());
        let late: Vec<String> = late.map(|it| it.id.clone()).collect();
        for id in late {
            if let Some(index) = self.index_of(&id) {
                self.remove(index, now);
            }
        }
    }
}

/// The names that all members offer; `None` without members.
pub(super) fn common_protocols<'a>(
    members: impl IntoIterator<Item = &'a Member>,
) -> Option<BTreeSet<&'a str>> {
    let names = |it: &'a Member| -> BTreeSet<&'a str> {
        it.protocols
            .iter()
            .map(|it: &Protocol| it.name.as_str())
            .collect()
    };
    members
        .into_iter()
        .map(names)
        .reduce(|common, more| common.intersection(&more).copied().collect())
}
