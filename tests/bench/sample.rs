//! What one run cost, and the middle of several.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use connect_tests::usage::Usage;

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Records that were moved.
    pub(crate) records: u64,
    /// From the first request to the last record.
    pub(crate) elapsed: Duration,
    /// Processor time of the measured process meanwhile.
    pub(crate) cpu: Duration,
    /// Processor time of the broker meanwhile.
    pub(crate) broker_cpu: Duration,
    /// The most memory that the measured process had resident meanwhile.
    pub(crate) peak_resident_bytes: u64,
}

impl Sample {
    /// Thousands of records in a CPU-second.
    pub(crate) fn rate(&self) -> f64 {
        thousands(self.records) / self.cpu.as_secs_f64()
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} k records per CPU-s, {:.2} s, {:.2} CPU-s, broker {:.2} CPU-s, {} MiB",
            self.rate(),
            self.elapsed.as_secs_f64(),
            self.cpu.as_secs_f64(),
            self.broker_cpu.as_secs_f64(),
            self.peak_resident_bytes >> 20,
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody reads that many digits")]
fn thousands(records: u64) -> f64 {
    records as f64 / 1_000.0
}

/// The middle of several runs, for each figure by itself.
pub(crate) fn median(samples: &[Sample]) -> Option<Sample> {
    let last = samples.last()?;
    Some(Sample {
        records: last.records,
        elapsed: middle(samples, |it| it.elapsed),
        cpu: middle(samples, |it| it.cpu),
        broker_cpu: middle(samples, |it| it.broker_cpu),
        peak_resident_bytes: middle(samples, |it| it.peak_resident_bytes),
    })
}

/// The middle of a figure; of an even number the greater one.
pub(crate) fn middle<S, T: Copy + Ord>(samples: &[S], figure: impl Fn(&S) -> T) -> T {
    let mut figures: Vec<T> = samples.iter().map(figure).collect();
    figures.sort_unstable();
    figures[figures.len() / 2]
}

/// A running measurement of a process and the broker.
#[derive(Debug)]
pub(crate) struct Meter {
    started: Instant,
    process: (u32, Usage),
    broker: (u32, Usage),
}

impl Meter {
    /// Starts the clock, and forgets how much memory the process had at most.
    pub(crate) fn start(process: u32, broker: u32) -> Self {
        forget_peak(process);
        Self {
            process: (process, usage(process)),
            broker: (broker, usage(broker)),
            started: Instant::now(),
        }
    }

    /// Stops the clock.
    pub(crate) fn stop(&self, records: u64) -> Sample {
        let elapsed = self.started.elapsed();
        let process = usage(self.process.0);
        Sample {
            records,
            elapsed,
            cpu: process.cpu - self.process.1.cpu,
            broker_cpu: usage(self.broker.0).cpu - self.broker.1.cpu,
            peak_resident_bytes: process.peak_resident_bytes,
        }
    }
}

/// Sets the peak to what is resident now.
fn forget_peak(pid: u32) {
    let reset = fs::write(format!("/proc/{pid}/clear_refs"), "5");
    reset.expect("the counters of an own process can be reset");
}

fn usage(pid: u32) -> Usage {
    Usage::of(pid).expect("the process runs")
}
