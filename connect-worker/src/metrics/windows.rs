//! Measurements in windows of time, combined as the reference does it.
//!
//! A few samples are kept, each of one window. A measurement goes into the current one, or begins
//! the next when that one's time is over; a sample without a measurement for as long as all windows
//! last counts for nothing. One thread records, any may read, and neither waits for the other: a
//! reader may see a measurement in the count and not yet in the sum.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::worker::MetricsConfig;

/// Start of a sample that was never used.
const UNUSED: u64 = u64::MAX;

/// How samples are taken, and the clock that all measurements of a worker share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    origin: Instant,
    /// Milliseconds of one sample.
    length: u64,
    /// Samples that count.
    count: usize,
}

/// Milliseconds since the worker's start.
pub(crate) type Millis = u64;

impl Windows {
    pub(crate) fn new(config: &MetricsConfig) -> Self {
        Self {
            origin: Instant::now(),
            length: millis(config.sample_window),
            count: usize::try_from(config.sample_count).unwrap_or(usize::MAX - 1),
        }
    }

    pub(crate) fn now(&self) -> Millis {
        millis(self.origin.elapsed())
    }
}

pub(crate) fn millis(time: Duration) -> Millis {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Numbers measured by one thread.
#[derive(Debug)]
pub(crate) struct Sampled {
    windows: Windows,
    /// One more than count, for the one that overlaps the beginning.
    samples: Box<[Sample]>,
    current: AtomicUsize,
}

#[derive(Debug)]
struct Sample {
    since: AtomicU64,
    last: AtomicU64,
    events: AtomicU64,
    /// Bits of numbers.
    sum: AtomicU64,
    max: AtomicU64,
}

impl Sampled {
    pub(crate) fn new(windows: Windows) -> Self {
        // Whoever wants more samples than that has them all in the last one.
        let count = windows.count.min(1_000) + 1;
        Self {
            windows,
            samples: (0..count).map(|_| Sample::unused()).collect(),
            current: AtomicUsize::new(0),
        }
    }

    /// Adds a measurement. To be called by one thread at a time: of two, one may be lost.
    pub(crate) fn record(&self, value: f64, now: Millis) {
        let mut index = self.current.load(Relaxed);
        let since = self.samples[index].since.load(Relaxed);
        if since == UNUSED {
            self.samples[index].begin(now);
        } else if now.saturating_sub(since) >= self.windows.length {
            index = (index + 1) % self.samples.len();
            self.samples[index].begin(now);
            self.current.store(index, Relaxed);
        }
        self.samples[index].add(value, now);
    }

    /// What the kept samples say at a moment.
    pub(crate) fn figures(&self, now: Millis) -> Figures {
        let kept = self
            .windows
            .length
            .saturating_mul(self.windows.count as u64);
        let mut figures = Figures::empty(now, self.windows);
        for sample in &self.samples {
            let since = sample.since.load(Relaxed);
            let last = sample.last.load(Relaxed);
            if since == UNUSED || now.saturating_sub(last) >= kept {
                continue;
            }
            figures.since = figures.since.min(since);
            figures.events += sample.events.load(Relaxed);
            figures.sum += number(&sample.sum);
            figures.max = figures.max.max(number(&sample.max));
        }
        figures
    }
}

impl Sample {
    fn unused() -> Self {
        Self {
            since: AtomicU64::new(UNUSED),
            last: AtomicU64::new(0),
            events: AtomicU64::new(0),
            sum: AtomicU64::new(0),
            max: AtomicU64::new(0),
        }
    }

    fn begin(&self, now: Millis) {
        self.since.store(now, Relaxed);
        self.last.store(now, Relaxed);
        self.events.store(0, Relaxed);
        set(&self.sum, 0.0);
        set(&self.max, f64::NEG_INFINITY);
    }

    fn add(&self, value: f64, now: Millis) {
        self.last.store(now, Relaxed);
        self.events.store(self.events.load(Relaxed) + 1, Relaxed);
        set(&self.sum, number(&self.sum) + value);
        set(&self.max, number(&self.max).max(value));
    }
}

fn number(bits: &AtomicU64) -> f64 {
    f64::from_bits(bits.load(Relaxed))
}

fn set(bits: &AtomicU64, value: f64) {
    bits.store(value.to_bits(), Relaxed);
}

/// What was measured in the kept samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    now: Millis,
    windows: Windows,
    /// Start of the oldest sample.
    since: Millis,
    events: u64,
    sum: f64,
    max: f64,
}

impl Figures {
    fn empty(now: Millis, windows: Windows) -> Self {
        Self {
            now,
            windows,
            since: now,
            events: 0,
            sum: 0.0,
            max: f64::NEG_INFINITY,
        }
    }

    /// The sum, for each second of the kept samples. All windows but one count as full, so that a
    /// first measurement is no peak.
    pub(crate) fn rate(&self) -> f64 {
        let length = self.windows.length.max(1);
        let elapsed = self.now.saturating_sub(self.since);
        let full = self.windows.count as u64 - 1;
        let missing = full.saturating_sub(elapsed / length);
        let covered = elapsed.saturating_add(missing.saturating_mul(length));
        self.sum * 1_000.0 / float(covered.max(1))
    }

    /// NaN without a measurement, like the next one.
    pub(crate) fn average(&self) -> f64 {
        self.sum / float(self.events)
    }

    pub(crate) fn maximum(&self) -> f64 {
        match self.events {
            0 => f64::NAN,
            _ => self.max,
        }
    }

    /// The share of ones among ones and zeros; 0 without a measurement.
    pub(crate) fn share_of_ones(&self) -> f64 {
        self.sum / float(self.events.max(1))
    }

    /// The share of zeros, likewise.
    pub(crate) fn share_of_zeros(&self) -> f64 {
        match self.events {
            0 => 0.0,
            _ => 1.0 - self.share_of_ones(),
        }
    }
}

/// A count as a number.
#[expect(
    clippy::cast_precision_loss,
    reason = "a metric beyond 2^53 may be rounded"
)]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two samples of 30 seconds.
    fn sampled(measurements: &[(Millis, f64)]) -> Sampled {
        let sampled = Sampled::new(Windows::new(&MetricsConfig {
            sample_window: Duration::from_secs(30),
            sample_count: 2,
        }));
        for (now, value) in measurements {
            sampled.record(*value, *now);
        }
        sampled
    }

    #[track_caller]
    fn check(measurements: &[(Millis, f64)], now: Millis, expected: [f64; 3]) {
        let figures = sampled(measurements).figures(now);
        let found = [figures.rate(), figures.average(), figures.maximum()];
        let is_equal = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-9 || a.is_nan() && b.is_nan();
        assert!(
            found.iter().zip(&expected).all(is_equal),
            "{found:?} instead of {expected:?}"
        );
    }

    #[test]
    fn nothing_was_measured_yet() {
        check(&[], 5_000, [0.0, f64::NAN, f64::NAN]);
    }

    #[test]
    fn a_rate_begins_with_one_full_window() {
        check(&[(1_000, 60.0)], 1_000, [2.0, 60.0, 60.0]);
        check(&[(1_000, 60.0)], 16_000, [60.0 / 45.0, 60.0, 60.0]);
    }

    #[test]
    fn samples_are_combined_until_they_are_too_old() {
        let measured = [(0, 10.0), (29_999, 20.0), (30_000, 60.0), (61_000, 90.0)];

        check(&measured[..3], 40_000, [90.0 / 40.0, 30.0, 60.0]);
        // All three samples overlap the last minute.
        check(&measured, 61_000, [180.0 / 61.0, 45.0, 90.0]);
        // The first has had no measurement for a minute.
        check(&measured, 89_999, [150.0 / 59.999, 75.0, 90.0]);
        check(&measured, 200_000, [0.0, f64::NAN, f64::NAN]);
    }

    #[test]
    fn an_old_sample_is_used_again() {
        let measured: Vec<_> = (0..10).map(|it| (it * 30_000, 1.0)).collect();

        let figures = sampled(&measured).figures(270_000);

        assert_eq!(figures.events, 2);
    }

    #[test]
    fn shares_are_those_of_the_kept_samples() {
        let outcomes = [(0, 1.0), (1, 1.0), (2, 0.0), (3, 1.0)];
        let shares = |now| {
            let figures = sampled(&outcomes).figures(now);
            [figures.share_of_ones(), figures.share_of_zeros()].map(f64::to_bits)
        };

        assert_eq!(shares(10), [0.75, 0.25].map(f64::to_bits));
        assert_eq!(shares(100_000), [0, 0]);
    }
}
