//! How long something was in which state.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::windows::{Millis, float};
use crate::storage::status::State;

/// The times of a task in its states, since the first of them.
#[derive(Debug)]
pub(crate) struct StateTimes(Mutex<Times>);

#[derive(Clone, Copy, Debug)]
struct Times {
    state: State,
    since: Millis,
    /// Milliseconds in earlier states.
    running: u64,
    paused: u64,
    others: u64,
}

/// What is shown of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shares {
    pub(crate) state: State,
    pub(crate) running: f64,
    pub(crate) paused: f64,
}

impl StateTimes {
    pub(crate) fn new(state: State, now: Millis) -> Self {
        Self(Mutex::new(Times {
            state,
            since: now,
            running: 0,
            paused: 0,
            others: 0,
        }))
    }

    pub(crate) fn enter(&self, state: State, now: Millis) {
        let mut times = self.lock();
        *times = Times {
            state,
            ..times.until(now)
        };
    }

    /// The present state and the shares up to now.
    pub(crate) fn shares(&self, now: Millis) -> Shares {
        let times = self.lock().until(now);
        let all = float((times.running + times.paused + times.others).max(1));
        Shares {
            state: times.state,
            running: float(times.running) / all,
            paused: float(times.paused) / all,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    /// The same with the time up to now.
    fn until(mut self, now: Millis) -> Self {
        let spent = now.saturating_sub(self.since);
        match self.state {
            State::Running => self.running += spent,
            State::Paused => self.paused += spent,
            State::Unassigned | State::Failed | State::Restarting | State::Stopped => {
                self.others += spent;
            }
        }
        self.since = now;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_the_time_since_the_first_state() {
        let times = StateTimes::new(State::Running, 10);
        times.enter(State::Running, 20);
        times.enter(State::Paused, 40);
        times.enter(State::Failed, 70);

        let shares = |state, running, paused| Shares {
            state,
            running,
            paused,
        };
        assert_eq!(times.shares(70), shares(State::Failed, 0.5, 0.5));
        assert_eq!(times.shares(130), shares(State::Failed, 0.25, 0.25));
    }
}
