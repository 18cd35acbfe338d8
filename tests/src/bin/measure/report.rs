//! The figures as Markdown, on the output and in `docs/performance.md`.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use connect_tests::broker::BrokerKind;

use crate::Options;
use crate::pipeline::Flow;
use crate::start::Start;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");
/// The part of the page that is written by the command stands between these lines.
const BEGIN: &str = "<!-- written by ./x measure --write: begin -->\n";
const END: &str = "<!-- written by ./x measure --write: end -->\n";

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
        let page = fs::read_to_string(PAGE).expect("docs/performance.md can be read");
        let (before, rest) = page
            .split_once(BEGIN)
            .expect("the page has a place for the figures");
        let (_, after) = rest
            .split_once(END)
            .expect("the place for the figures ends");
        let page = format!("{before}{BEGIN}\n{self}\n{END}{after}");
        fs::write(PAGE, page).expect("docs/performance.md can be written");
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
            "Measured on {} with `./x measure {} {}`",
            date(),
            self.lines,
            self.runs
        )?;
        writeln!(f, "on {}.\n", machine())?;
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

fn date() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// Processor, cores and memory.
fn machine() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(Path::new("/proc").join(file)).unwrap_or_default();
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line.split_once(':')
            .map_or("unknown", |(_, value)| value.trim())
            .to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = field("meminfo", "MemTotal");
    let kibibytes: u64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    format!(
        "{} with {cores} cores and {} GiB of memory",
        field("cpuinfo", "model name"),
        kibibytes >> 20
    )
}
