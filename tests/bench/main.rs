//! Compares the worker with the reference: the same files, topics, settings and requests for both, in turn.
//!
//! `./x bench` builds everything in release mode and runs this. The figure that counts is records per CPU-second of
//! the worker's process; the clients alone, from a plain loop, are the line to compare with.
#![expect(clippy::print_stdout, reason = "a command reports on its output")]

mod alone;
mod bare;
mod case;
mod engine;
mod fill;
mod growing;
mod held;
mod idle;
mod profile;
mod report;
mod sample;

use std::process::ExitCode;

use clap::Parser;
use connect_tests::kafka::{Kafka, Mode};
use tempfile::TempDir;

use crate::bare::Bare;
use crate::case::Case;
use crate::engine::Engine;
use crate::fill::Lines;
use crate::growing::Follower;
use crate::held::Blocked;
use crate::profile::Profile;
use crate::report::Report;

/// Compares the worker with the reference, record for record and side by side.
#[derive(Debug, Parser)]
#[command(name = "./x bench")]
struct Options {
    /// How many lines are moved in a run.
    #[arg(default_value_t = 2_000_000)]
    lines: u64,
    /// How often every case is run on each side; the medians are reported.
    #[arg(default_value_t = 3)]
    runs: usize,
    /// Only the cases whose name contains this text, and no idle workers.
    #[arg(long, default_value = "")]
    only: String,
    /// Shows with `perf` whose time a record takes, instead of a comparison: the client's or ours.
    #[arg(long)]
    profile: bool,
    /// Also writes the figures into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// Runs one loop over a client and ends: what the other options of a comparison start as a process.
    #[command(subcommand)]
    bare: Option<Bare>,
}

impl Options {
    /// The cases that are asked for; `None`, and the names of all, when there is no such case. Those that are profiled
    /// have a loop over the client alone beside them.
    fn cases(&self) -> Option<Vec<Case>> {
        let all: Vec<Case> = Case::all()
            .filter(|it| !self.profile || !it.bare().is_empty())
            .collect();
        let is_asked_for = |case: &&Case| case.name().contains(&self.only);
        let cases: Vec<Case> = all.iter().filter(is_asked_for).cloned().collect();
        if cases.is_empty() {
            let names: Vec<String> = all.iter().map(Case::name).collect();
            println!(
                "no case is called {}; there are:\n{}",
                self.only,
                names.join("\n")
            );
            return None;
        }
        Some(cases)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(bare) = &options.bare {
        bare.run().await;
        return ExitCode::SUCCESS;
    }
    let Some(cases) = options.cases() else {
        return ExitCode::FAILURE;
    };
    let Some(kafka) = Kafka::shared().await else {
        return ExitCode::FAILURE;
    };
    if options.profile {
        let profile = profile(&options, cases, kafka).await;
        println!("{profile}");
        if options.write {
            profile.write();
        }
        return ExitCode::SUCCESS;
    }
    let Some(report) = compare(&options, cases, kafka).await else {
        return ExitCode::FAILURE;
    };
    println!("{report}");
    if options.write {
        report.write();
    }
    ExitCode::SUCCESS
}

async fn profile(options: &Options, cases: Vec<Case>, kafka: &'static Kafka) -> Profile {
    let mut profile = Profile::new(options.lines, options.runs);
    let dir = TempDir::with_prefix("connect-bench-").expect("a temporary directory");
    let worker = engine::start_ours(dir.path(), kafka.bootstrap()).await;
    for case in cases {
        let lines = Lines::write(dir.path(), options.lines, case.line_bytes);
        profile.case(&case, &worker, kafka, &lines).await;
    }
    profile
}

async fn compare(options: &Options, cases: Vec<Case>, kafka: &'static Kafka) -> Option<Report> {
    let mut report = Report::new(options.lines, options.runs);
    if options.only.is_empty() {
        for _ in 0..options.runs {
            for mode in [Mode::Standalone, Mode::Distributed] {
                for engine in [Engine::Java, Engine::Rust] {
                    let idle = idle::measure(mode, engine, kafka).await?;
                    report.idle(mode, engine, idle);
                }
            }
        }
        report.crowd(idle::crowd(kafka).await);
    }
    let dir = TempDir::with_prefix("connect-bench-").expect("a temporary directory");
    if options.only.is_empty() {
        let lines = Lines::write(dir.path(), options.lines, Case::LINE_BYTES);
        for blocked in [Blocked::Broker, Blocked::Sink] {
            report.held(blocked, blocked.measure(kafka, &lines).await);
        }
        for line_bytes in [Case::LINE_BYTES, Case::LONG_LINE_BYTES] {
            for follower in [Follower::Source, Follower::Worker] {
                report.growth(follower.measure(kafka, line_bytes).await);
            }
        }
    }
    let workers = [
        engine::start(Engine::Java, dir.path(), kafka).await?,
        engine::start(Engine::Rust, dir.path(), kafka).await?,
    ];
    for case in cases {
        let lines = Lines::write(dir.path(), options.lines, case.line_bytes);
        // The first run of each side is for its caches and its compiler, and is not counted.
        for run in 0..=options.runs {
            for worker in &workers {
                let sample = case.run(worker, kafka, &lines).await;
                println!("{} | {} | run {run}: {sample}", case.name(), worker.engine);
                if run > 0 {
                    report.sample(&case, worker.engine, sample);
                }
            }
            // In turn as well: a machine that has other guests is not as fast a minute later.
            for bare in case.bare().into_iter().filter(|_| run > 0) {
                let sample = bare
                    .measure(dir.path(), kafka, &lines, case.partitions)
                    .await;
                println!("{} | {bare} | run {run}: {sample}", case.name());
                report.bare(&case, bare, sample);
            }
        }
    }
    Some(report)
}
