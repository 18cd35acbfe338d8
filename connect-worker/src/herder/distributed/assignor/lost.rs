//! What becomes of the work of members that are gone: it waits for them a while.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexSet;
use tokio::time::Instant;

use super::super::protocol::Work;
use super::Held;

/// What the leader remembers of a delay between rounds.
#[derive(Debug)]
pub(super) struct Delay {
    max: Duration,
    /// How long the members are to wait until the next round; zero when they need not.
    pub(super) current: Duration,
    /// When the wait is over; `None` when there is none.
    until: Option<Instant>,
    /// Members that had nothing to do during the wait, in the order in which they were seen.
    candidates: IndexSet<String>,
}

/// What is lost, and what is known of the circumstances.
pub(super) struct Loss<'a> {
    pub(super) lost: &'a Work,
    /// Who was there in the round before.
    pub(super) previous_members: &'a BTreeSet<String>,
    /// Whether the round before took work from members so that others can have it.
    pub(super) revoked_before: bool,
    pub(super) now: Instant,
}

/// What is done about what is lost.
pub(super) enum Remedy {
    /// There is nothing to do any more, or not yet.
    Nothing,
    /// It is given to whoever has the least.
    HandOut,
    /// The wait is over, and it is given to whoever has the least.
    HandOutLate,
    /// The wait is over, and those who had nothing have got it.
    GivenToCandidates,
}

impl Delay {
    pub(super) fn new(max: Duration) -> Self {
        Self {
            max,
            current: Duration::ZERO,
            until: None,
            candidates: IndexSet::new(),
        }
    }

    /// Decides about what is lost, and gives it to those in `next` who waited for it.
    pub(super) fn settle(&mut self, loss: &Loss<'_>, next: &mut Held) -> Remedy {
        if loss.lost.is_empty() && !loss.revoked_before {
            self.end();
            return Remedy::Nothing;
        }
        let all_there = || loss.previous_members.iter().all(|it| next.contains_key(it));
        if self.max.is_zero() || (self.until.is_none() && all_there()) {
            return Remedy::HandOut;
        }
        match self.until {
            Some(until) if loss.now >= until => self.expire(loss.lost, next),
            until => {
                let idle = next.iter().filter(|(_, work)| work.is_empty());
                self.candidates
                    .extend(idle.map(|(member, _)| member.clone()));
                let rest = until.map_or(self.max, |until| whole_millis(until - loss.now));
                self.start(rest.min(self.max), loss.now);
                Remedy::Nothing
            }
        }
    }

    /// Makes the members wait because work was taken from some of them in round after round. The
    /// more rounds, the longer they wait.
    pub(super) fn back_off(&mut self, rounds: u32, now: Instant) {
        let millis = 40_u64.saturating_pow(rounds);
        self.current = Duration::from_millis(millis).min(self.max);
        if !self.current.is_zero() {
            self.until = Some(now + self.current);
        }
    }

    fn start(&mut self, delay: Duration, now: Instant) {
        self.current = delay;
        self.until = Some(now + delay);
    }

    fn expire(&mut self, lost: &Work, next: &mut Held) -> Remedy {
        let mut candidates = std::mem::take(&mut self.candidates);
        self.end();
        candidates.retain(|member| next.contains_key(member));
        if candidates.is_empty() {
            return Remedy::HandOutLate;
        }
        for (connector, member) in lost.connectors.iter().zip(candidates.iter().cycle()) {
            let work = next.entry(member.clone()).or_default();
            work.connectors.insert(connector.clone());
        }
        for (task, member) in lost.tasks.iter().zip(candidates.iter().cycle()) {
            let work = next.entry(member.clone()).or_default();
            work.tasks.insert(task.clone());
        }
        Remedy::GivenToCandidates
    }

    fn end(&mut self) {
        self.current = Duration::ZERO;
        self.until = None;
        self.candidates.clear();
    }
}

/// As many milliseconds as are at least as long: a member that waits less comes before the end.
fn whole_millis(time: Duration) -> Duration {
    let millis = time.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
