//! When a member has to say that it is alive, and until when it has to be heard.

use std::time::Duration;

use tokio::time::Instant;

/// The times of heartbeats of one generation.
#[derive(Debug)]
pub(super) struct Pulse {
    interval: Duration,
    session: Duration,
    heard: Instant,
    due: Instant,
    /// The session ran out, and one more heartbeat is tried.
    is_last_try: bool,
}

impl Pulse {
    /// A member was heard just now.
    pub(super) fn start(interval: Duration, session: Duration) -> Self {
        let now = Instant::now();
        Self {
            interval,
            session,
            heard: now,
            due: now + interval,
            is_last_try: false,
        }
    }

    /// When the next heartbeat has to be sent.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// A heartbeat is sent now.
    pub(super) fn sent(&mut self) {
        self.due = Instant::now() + self.interval;
    }

    /// Until when the heartbeat that was sent last has to be answered: to the end of the session, but not less than an
    /// interval, because one that was sent late has to have a chance.
    pub(super) fn limit(&self) -> Instant {
        self.due.max(self.heard + self.session)
    }

    /// A heartbeat was answered.
    pub(super) fn answered(&mut self) {
        self.heard = Instant::now();
        self.is_last_try = false;
    }

    /// The connection is another one: a heartbeat is due at once.
    pub(super) fn hurry(&mut self) {
        self.due = Instant::now();
    }

    /// A heartbeat failed. `true` when nothing was heard for a session, not even after one more try.
    pub(super) fn failed(&mut self) -> bool {
        let is_over = Instant::now() >= self.heard + self.session;
        std::mem::replace(&mut self.is_last_try, is_over) && is_over
    }
}
