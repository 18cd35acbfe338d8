//! How often and how fast a failed operation is tried again.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::connector::settings::RetryBudget;

/// Wait before the second attempt.
const FIRST_DELAY: Duration = Duration::from_millis(300);

/// The attempts of one operation on one record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempts {
    budget: RetryBudget,
    longest_delay: Duration,
    failures: u32,
    /// Of the first failure.
    since: Option<Instant>,
}

impl Attempts {
    pub(super) fn new(budget: RetryBudget, longest_delay: Duration) -> Self {
        Self {
            budget,
            longest_delay,
            failures: 0,
            since: None,
        }
    }

    /// Notes a failure that may pass. Returns how long to wait before the next attempt, or `None`
    /// when there shall be none.
    pub(crate) fn next_delay(&mut self, now: Instant) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let doublings = self.failures.min(20);
        self.failures += 1;
        let delay = FIRST_DELAY * 2_u32.pow(doublings);
        let delay = match delay > self.longest_delay {
            // As in the reference: what failed at the same time is not tried at the same time.
            true => self.longest_delay.mul_f64(rand::random()),
            false => delay,
        };
        match self.budget {
            RetryBudget::Unlimited => Some(delay),
            RetryBudget::Limited(limit) => {
                let left = limit.checked_sub(now.duration_since(since))?;
                (!left.is_zero()).then(|| delay.min(left))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(1_000);
    const LONGEST: Duration = Duration::from_secs(60);

    #[test]
    fn delays_double_and_end_with_the_budget() {
        let mut attempts = Attempts::new(RetryBudget::Limited(LIMIT), LONGEST);
        let start = Instant::now();

        let delays = [0, 300, 900, 1_000]
            .map(|elapsed| attempts.next_delay(start + Duration::from_millis(elapsed)));

        let expected = [300, 600, 100].map(|it| Some(Duration::from_millis(it)));
        assert_eq!(delays[..3], expected);
        assert_eq!(delays[3], None);
    }

    #[test]
    fn without_a_budget_there_is_one_attempt() {
        let mut attempts = Attempts::new(RetryBudget::Limited(Duration::ZERO), LONGEST);

        assert_eq!(attempts.next_delay(Instant::now()), None);
    }

    #[test]
    fn an_unlimited_budget_waits_no_longer_than_allowed() {
        let longest = Duration::from_secs(1);
        let mut attempts = Attempts::new(RetryBudget::Unlimited, longest);
        let delays: Vec<Duration> = (0..40)
            .filter_map(|_| attempts.next_delay(Instant::now()))
            .collect();

        assert_eq!(delays.len(), 40);
        assert_eq!(delays[1], Duration::from_millis(600));
        assert!(delays[2..].iter().all(|it| *it < longest), "{delays:?}");
        let distinct: std::collections::BTreeSet<_> = delays[2..].iter().collect();
        assert!(distinct.len() > 30, "{delays:?}");
    }

    #[test]
    fn the_longest_delay_may_be_none() {
        let mut attempts = Attempts::new(RetryBudget::Unlimited, Duration::ZERO);

        assert_eq!(attempts.next_delay(Instant::now()), Some(Duration::ZERO));
    }
}
