//! `./x soak MINUTES`: sources, sinks, restarts, pauses, changes and failures for a long time, at a moderate rate.
//!
//! It fails when the worker's memory, threads, open files or tasks grow.
#![expect(clippy::print_stdout, reason = "a command reports on its output")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser as _;
use connect_tests::soak::Soak;

/// From the start of one round to that of the next, so that the machine is left to others.
const PACE: Duration = Duration::from_secs(2);
/// From one line about the worker to the next, while it runs.
const REPORT: Duration = Duration::from_secs(60);
/// What fragmentation may take in the second half.
const MEMORY: u64 = 4 << 20;
/// Threads and connections come and go.
const PIECES: u64 = 8;

/// Lets a worker do everything for a long time, and looks whether it grows.
#[derive(Debug, clap::Parser)]
#[command(name = "./x soak")]
struct Options {
    /// For how many minutes.
    #[arg(default_value_t = 60)]
    minutes: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let end = Instant::now() + Duration::from_secs(60 * options.minutes);
    let mut soak = Soak::start().await;
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut next_report = Instant::now();
    while Instant::now() < end {
        pace.tick().await;
        soak.round().await;
        if Instant::now() >= next_report {
            println!("{}", soak.latest());
            next_report += REPORT;
        }
    }
    let growth = soak.end().await;
    println!("{growth}");
    match growth.excess(MEMORY, PIECES) {
        None => {
            println!("nothing grew");
            ExitCode::SUCCESS
        }
        Some(excess) => {
            println!("{excess}");
            ExitCode::FAILURE
        }
    }
}
