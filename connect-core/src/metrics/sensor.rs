//! Measurements over a window of time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Measurements: how many in all, and rate, average and maximum over a window. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sensor(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    window: Duration,
    total: f64,
    /// Measurements of the current half of a window, and of the one before.
    halves: [Half; 2],
}

#[derive(Clone, Copy, Debug)]
struct Half {
    since: Instant,
    count: f64,
    sum: f64,
    maximum: f64,
}

/// What a sensor says at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figures {
    pub(super) total: f64,
    /// Measurements in a second.
    pub(super) rate: f64,
    pub(super) average: f64,
    pub(super) maximum: f64,
}

impl Sensor {
    pub(super) fn new(window: Duration) -> Self {
        let now = Instant::now();
        let state = State {
            window,
            total: 0.0,
            halves: [Half::new(now); 2],
        };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Adds a measurement.
    pub fn record(&self, value: f64) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(Instant::now());
        state.total += 1.0;
        let half = &mut state.halves[0];
        half.count += 1.0;
        half.sum += value;
        half.maximum = half.maximum.max(value);
    }

    pub(super) fn figures(&self) -> Figures {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        state.advance(now);
        let [current, before] = state.halves;
        let elapsed = now.duration_since(before.since).as_secs_f64();
        let count = current.count + before.count;
        let per = |sum: f64, by: f64| if by > 0.0 { sum / by } else { 0.0 };
        let maximum = current.maximum.max(before.maximum);
        Figures {
            total: state.total,
            rate: per(count, elapsed),
            average: per(current.sum + before.sum, count),
            maximum: if count > 0.0 { maximum } else { 0.0 },
        }
    }
}

impl State {
    /// Begins another half when the current one is over, and forgets those that are too old.
    fn advance(&mut self, now: Instant) {
        let half = self.window / 2;
        let elapsed = now.duration_since(self.halves[0].since);
        if elapsed >= half {
            self.halves[1] = match elapsed >= self.window {
                true => Half::new(now),
                false => self.halves[0],
            };
            self.halves[0] = Half::new(now);
        }
    }
}

impl Half {
    fn new(since: Instant) -> Self {
        Self {
            since,
            count: 0.0,
            sum: 0.0,
            maximum: f64::NEG_INFINITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_leave_the_window_and_stay_in_the_total() {
        let window = Duration::from_secs(10);
        let sensor = Sensor::new(window);
        sensor.record(2.0);
        sensor.record(4.0);

        let figures = sensor.figures();
        assert_eq!(
            (figures.total, figures.average, figures.maximum),
            (2.0, 3.0, 4.0)
        );

        // A window later, by the clock that the state is told.
        let later = Instant::now() + window;
        sensor.0.lock().unwrap().advance(later);
        let state = sensor.0.lock().unwrap();
        let counts = state.halves.map(|it| it.count);
        assert_eq!((state.total, counts), (2.0, [0.0, 0.0]));
    }
}
