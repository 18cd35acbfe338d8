//! Only what has to move is stopped, and what is stopped in one round is started in the next.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use super::super::protocol::Work;
use super::lost::{Delay, Loss, Remedy};
use super::{Election, Held, Plan, balance};

/// What the leader remembers between rounds.
#[derive(Debug)]
pub(super) struct Incremental {
    delay: Delay,
    previous: Previous,
    /// Whether the round before took work from members so that others can have it.
    revoked_before: bool,
    /// How often in a row it would have been taken.
    successive_revocations: u32,
}

/// The round before.
#[derive(Debug)]
struct Previous {
    generation: i32,
    members: BTreeSet<String>,
    assigned: Work,
    revoked: Work,
}

/// What members report, compared with what was assigned before and what is configured.
struct Comparison {
    /// What a member reports that has been deleted.
    deleted: Work,
    /// What several members report.
    duplicated: Work,
    /// What was assigned and is reported by nobody.
    lost: Work,
    /// What was neither assigned nor is reported by anybody.
    created: Work,
}

impl Incremental {
    pub(super) fn new(max_delay: Duration) -> Self {
        Self {
            delay: Delay::new(max_delay),
            previous: Previous {
                generation: -1,
                members: BTreeSet::new(),
                assigned: Work::default(),
                revoked: Work::default(),
            },
            revoked_before: false,
            successive_revocations: 0,
        }
    }

    pub(super) fn plan(&mut self, election: &Election, configured: &Work, now: Instant) -> Plan {
        let reported = reported(election);
        let comparison = self.compare(election, configured, &reported);
        let Comparison {
            deleted,
            duplicated,
            lost,
            created,
        } = comparison;
        let current = each_without(&reported, &deleted);
        // What is in several places has to stop everywhere before one can have it.
        let mut next = each_without(&current, &duplicated);
        let mut stopping = deleted;
        stopping.add(&duplicated);
        let mut revoked = each_shared_with(&reported, &stopping);

        let mut open = created;
        if self.settle_lost(&lost, &mut next, now) {
            open.add(&lost);
        }
        let surplus = self.rebalance(configured, &next, now);
        for (member, work) in surplus {
            next.entry(member.clone()).or_default().remove(&work);
            revoked.entry(member).or_default().add(&work);
        }
        balance::hand_out(open, &mut next);

        self.remember(election, &next, &revoked, &lost);
        let assigned = next.iter().map(|(member, work)| {
            let before = current.get(member);
            let new = before.map_or_else(|| work.clone(), |before| work.without(before));
            (member.clone(), new)
        });
        Plan {
            assigned: assigned.collect(),
            revoked,
            held: next,
            delay: self.delay.current,
        }
    }

    fn compare(&mut self, election: &Election, configured: &Work, reported: &Held) -> Comparison {
        let active = union(reported);
        if self.previous.generation != election.last_completed_generation {
            // What was assigned then never reached the group.
            self.previous.assigned = Work::default();
        }
        if std::mem::take(&mut self.previous.revoked).overlaps(&active) {
            // Somebody did not hear that it should stop something.
            self.previous.assigned = active.clone();
        }
        let previous = &self.previous.assigned;
        let deleted = previous.without(configured);
        let mut lost = previous.without(&active);
        lost.remove(&deleted);
        let mut created = configured.without(previous);
        created.remove(&active);
        Comparison {
            deleted,
            duplicated: duplicated(reported),
            lost: lost.sorted(),
            created: created.sorted(),
        }
    }

    /// Whether what is lost is to be handed out.
    fn settle_lost(&mut self, lost: &Work, next: &mut Held, now: Instant) -> bool {
        let loss = Loss {
            lost,
            previous_members: &self.previous.members,
            revoked_before: self.revoked_before,
            now,
        };
        match self.delay.settle(&loss, next) {
            Remedy::Nothing => false,
            Remedy::HandOut => true,
            Remedy::HandOutLate => {
                self.revoked_before = false;
                true
            }
            Remedy::GivenToCandidates => {
                self.revoked_before = false;
                false
            }
        }
    }

    /// What members have to give up so that others can have as much. Nothing is taken during a
    /// delay, and if something was taken in the round before there is a delay first.
    fn rebalance(&mut self, configured: &Work, next: &Held, now: Instant) -> Held {
        if !self.delay.current.is_zero() {
            self.revoked_before = false;
            return Held::new();
        }
        let surplus = balance::surplus(configured, next);
        if surplus.is_empty() {
            if self.revoked_before {
                self.successive_revocations = 0;
            }
            self.revoked_before = false;
            return surplus;
        }
        if self.revoked_before {
            self.successive_revocations = self.successive_revocations.saturating_add(1);
            self.delay.back_off(self.successive_revocations, now);
        }
        self.revoked_before = true;
        match self.delay.current.is_zero() {
            true => surplus,
            false => Held::new(),
        }
    }

    fn remember(&mut self, election: &Election, next: &Held, revoked: &Held, lost: &Work) {
        let revoked = union(revoked);
        let mut assigned = union(next).without(&revoked);
        assigned.add(lost);
        self.previous = Previous {
            generation: election.generation,
            members: election.members.keys().cloned().collect(),
            assigned,
            revoked,
        };
    }
}

fn reported(election: &Election) -> Held {
    let members = election.members.iter().map(|(member, metadata)| {
        let allocation = metadata.allocation.as_ref();
        let work = allocation.map(|it| it.assigned.clone());
        (member.clone(), work.unwrap_or_default())
    });
    members.collect()
}

fn union(held: &Held) -> Work {
    let mut all = Work::default();
    for work in held.values() {
        all.add(work);
    }
    all
}

/// What several members have.
fn duplicated(held: &Held) -> Work {
    let mut all = Work::default();
    let mut twice = Work::default();
    for work in held.values() {
        twice.add(&work.shared_with(&all));
        all.add(work);
    }
    twice
}

fn each_without(held: &Held, taken: &Work) -> Held {
    let rest = held
        .iter()
        .map(|(member, work)| (member.clone(), work.without(taken)));
    rest.collect()
}

fn each_shared_with(held: &Held, wanted: &Work) -> Held {
    let shared = held
        .iter()
        .map(|(member, work)| (member.clone(), work.shared_with(wanted)));
    shared.collect()
}
