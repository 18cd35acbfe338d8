//! Pauses between attempts, each twice as long as the one before.

use std::time::{Duration, Instant};

use crate::error::KafkaError;

/// Pauses between attempts of requests, as Java's clients make them by default.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The pause that comes next.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    next: Duration,
    max: Duration,
}

impl Backoff {
    /// The first pause and the longest; a longest one below the first means nothing, as in Java.
    pub(crate) fn new(first: Duration, max: Duration) -> Self {
        // Without any pause a broker that refuses at once would be asked as fast as it can answer.
        let next = first.max(Duration::from_millis(1));
        Self {
            next,
            max: max.max(next),
        }
    }

    /// How long to wait now.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.max);
        pause
    }
}

/// The attempts at one request, until a deadline.
pub(crate) struct Attempts {
    deadline: Instant,
    backoff: Backoff,
}

impl Attempts {
    pub(crate) fn within(timeout: Duration) -> Self {
        Self {
            deadline: Instant::now() + timeout,
            backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
        }
    }

    /// How long the attempt that begins now may take.
    pub(crate) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Pauses before the next attempt; `false` if there is none. Cancel-safe.
    pub(crate) async fn go_on_after(&mut self, error: &KafkaError) -> bool {
        let pause = self.backoff.next();
        let has_next = error.is_retriable() && pause < self.left();
        if has_next {
            tokio::time::sleep(pause).await;
        }
        has_next
    }
}
