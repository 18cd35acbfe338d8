//! Measures the worker: lines from file to topic to file on both brokers, start time, idle memory.
//!
//! `./x measure [LINES [RUNS]] [--write]` builds everything in release mode and runs this.
#![expect(clippy::print_stdout, reason = "a command reports on its output")]

mod beside;
mod many;
mod pipeline;
mod report;
mod start;

use clap::Parser as _;
use connect_tests::broker::BrokerKind;

/// Measures the worker: lines from file to topic to file on both brokers, start time, idle memory.
#[derive(Debug, clap::Parser)]
#[command(name = "./x measure")]
struct Options {
    /// How many lines of 99 bytes are moved.
    #[arg(default_value_t = 1_000_000)]
    lines: u64,
    /// How often everything is measured.
    #[arg(default_value_t = 3)]
    runs: usize,
    /// Also writes the figures into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// Measures a worker with so many idle connectors, and nothing else.
    #[arg(long, value_name = "CONNECTORS")]
    many: Option<usize>,
    /// Measures how fast REST answers beside plugins that misbehave in each method, and nothing else.
    #[arg(long, conflicts_with = "many")]
    misbehaving: bool,
    /// How many tasks each of those has.
    #[arg(long, default_value_t = 5, requires = "many")]
    tasks_each: usize,
    /// They are sinks and not sources.
    #[arg(long, requires = "many")]
    sinks: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if let Some(connectors) = options.many {
        let crowd = many::Crowd {
            connectors,
            tasks_each: options.tasks_each,
            sinks: options.sinks,
        };
        println!("{}", many::measure(crowd).await);
        return;
    }
    if options.misbehaving {
        println!("{}", beside::measure().await);
        return;
    }
    let mut report = report::Report::new(&options);
    for _ in 0..options.runs {
        report.start(start::measure().await);
    }
    for kind in [BrokerKind::Embedded, BrokerKind::Kafka] {
        for _ in 0..options.runs {
            let Some(flow) = pipeline::measure(kind, options.lines).await else {
                break;
            };
            report.flow(kind, &flow);
        }
    }
    println!("{report}");
    if options.write {
        report.write();
    }
}
