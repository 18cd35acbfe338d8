//! Pauses between attempts, each twice as long as the one before.

use std::time::Duration;

/// The pause that comes next.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    next: Duration,
    max: Duration,
}

impl Backoff {
    /// The first pause and the longest; a longest one below the first means nothing, as in Java.
    pub(super) fn new(first: Duration, max: Duration) -> Self {
        // Without any pause a broker that refuses at once would be asked as fast as it can answer.
        let next = first.max(Duration::from_millis(1));
        Self {
            next,
            max: max.max(next),
        }
    }

    /// How long to wait now.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.max);
        pause
    }
}
