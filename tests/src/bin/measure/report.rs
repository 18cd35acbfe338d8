//! The figures as Markdown, on the output and in `docs/performance.md`.

use std::fmt;
use std::time::Duration;

use connect_tests::broker::BrokerKind;
use connect_tests::page::{Machine, write_section};

use crate::Options;
use crate::pipeline::Flow;
use crate::start::Start;

const COMMAND: &str = "./x measure --write";

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    lines: u64,
    runs: usize,
    starts: Vec<Start>,
    flows: String,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            lines: options.lines,
            runs: options.runs,
            starts: Vec::new(),
            flows: String::new(),
        }
    }

    pub(crate) fn start(&mut self, start: Start) {
        self.starts.push(start);
    }

    pub(crate) fn flow(&mut self, kind: BrokerKind, flow: &Flow) {
        let broker = match kind {
            BrokerKind::Embedded => "embedded, in the worker's process",
            BrokerKind::Kafka => "Apache Kafka, a process of its own",
        };
        let row = format!(
            "| {broker} | {:.2} | {:.2} | {:.0} | {} | {} |\n",
            flow.elapsed.as_secs_f64(),
            flow.cpu.as_secs_f64(),
            mebibytes(flow.peak_resident_bytes),
            rate(self.lines, flow.elapsed),
            rate(self.lines, flow.cpu),
        );
        self.flows.push_str(&row);
    }

    /// Replaces the figures in the page.
    pub(crate) fn write(&self) {
        write_section("performance.md", COMMAND, &self.to_string());
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = |show: fn(&Start) -> String| {
            let shown: Vec<String> = self.starts.iter().map(show).collect();
            shown.join(", ")
        };
        writeln!(
            f,
            "{} With `./x measure {} {}`:\n",
            Machine::here(),
            self.lines,
            self.runs
        )?;
        writeln!(
            f,
            "{} lines of 99 bytes, file → topic → file, one row a run:\n",
            self.lines
        )?;
        writeln!(
            f,
            "| broker | elapsed s | CPU-s of the worker | peak MiB | lines/s | lines/CPU-s |\n\
             | --- | --- | --- | --- | --- | --- |\n{}",
            self.flows
        )?;
        writeln!(
            f,
            "With the embedded broker and an empty folder, run by run:\n"
        )?;
        let answer = each(|it| format!("{} ms", it.until_answer.as_millis()));
        writeln!(f, "- start to an answering REST port: {answer}")?;
        let idle = each(|it| format!("{:.1} MiB", mebibytes(it.idle_resident_bytes)));
        writeln!(f, "- resident when idle: {idle}")
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody reads that many digits")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Thousands of lines in a second.
#[expect(clippy::cast_precision_loss, reason = "nobody reads that many digits")]
fn rate(lines: u64, time: Duration) -> String {
    format!("{:.0} k", lines as f64 / time.as_secs_f64() / 1_000.0)
}
