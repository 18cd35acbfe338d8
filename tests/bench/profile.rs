//! Whose time a record takes, as `perf` sees it on the stacks of all threads.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use connect_tests::eventually::eventually;
use connect_tests::kafka::Kafka;
use connect_tests::page::{self, Machine};
use connect_tests::process::{Process, Signal};

use crate::case::Case;
use crate::engine::Running;
use crate::fill::Lines;
use crate::sample::{Sample, middle};

/// `perf` looks at all threads of a process after so long.
const ATTACHING: Duration = Duration::from_millis(500);
/// Exit code of what ends by SIGINT.
const INTERRUPTED: i32 = 130;
const LIMIT: Duration = Duration::from_secs(600);
const COMMAND: &str = "./x bench --profile --write";
/// Often enough for a second of work; the stack is copied each time, which takes time by itself.
const SAMPLES_PER_SECOND: &str = "997";
const STACKS: &str = "dwarf,8192";

/// Who works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// The Kafka client library and its threads, with the memory that it asks for and gives back.
    Client,
    /// The connector: reading and writing files, and what the system does for that.
    Connector,
    /// Everything else.
    Worker,
}

impl Part {
    /// Whose a sample is, by the names on its stack, the innermost first.
    fn of<'a>(thread: &str, stack: impl IntoIterator<Item = &'a str>) -> Self {
        if thread.starts_with("rdk:") {
            return Self::Client;
        }
        let known = |name: &str| match name {
            _ if name.starts_with("rd_") => Some(Self::Client),
            _ if name.contains("connect_file::") => Some(Self::Connector),
            // The library calls back.
            _ if name.contains("connect_kafka::") => Some(Self::Worker),
            _ => None,
        };
        stack.into_iter().find_map(known).unwrap_or(Self::Worker)
    }
}

/// Nanoseconds for each record of a run.
#[derive(Clone, Copy, Debug)]
struct Shares {
    client: u64,
    connector: u64,
    worker: u64,
}

impl Shares {
    fn of(counts: &BTreeMap<Part, u64>, sample: &Sample) -> Self {
        let all: u64 = counts.values().sum();
        assert!(all > 0, "perf has seen something");
        let nanos = u64::try_from(sample.cpu.as_nanos()).unwrap_or(u64::MAX) / sample.records;
        let share = |part| counts.get(&part).copied().unwrap_or(0) * nanos / all;
        Self {
            client: share(Part::Client),
            connector: share(Part::Connector),
            worker: share(Part::Worker),
        }
    }

    const fn own(&self) -> u64 {
        self.connector + self.worker
    }
}

/// What was found, case by case.
#[derive(Debug)]
pub(crate) struct Profile {
    lines: u64,
    runs: usize,
    cases: Vec<(String, Vec<Shares>)>,
}

impl Profile {
    pub(crate) const fn new(lines: u64, runs: usize) -> Self {
        Self {
            lines,
            runs,
            cases: Vec::new(),
        }
    }

    /// Runs a case under `perf`, once more for caches before it counts.
    pub(crate) async fn case(
        &mut self,
        case: &Case,
        worker: &Running,
        kafka: &Kafka,
        lines: &Lines,
    ) {
        let mut runs = Vec::new();
        for run in 0..=self.runs {
            let recorded = worker.dir.join("perf.data");
            let perf = record(worker.pid(), &recorded).await;
            let sample = case.run(worker, kafka, lines).await;
            stop(perf).await;
            let shares = Shares::of(&parts(&recorded), &sample);
            println!("{} | run {run}: {sample}, {shares:?}", case.name());
            if run > 0 {
                runs.push(shares);
            }
        }
        self.cases.push((case.name(), runs));
    }

    /// Replaces the figures in the page.
    pub(crate) fn write(&self) {
        page::write_section("performance.md", COMMAND, &self.to_string());
    }
}

/// Starts to look at a process.
async fn record(pid: u32, into: &Path) -> Process {
    let _ = std::fs::remove_file(into);
    let mut command = Command::new("perf");
    command.args(["record", "-q", "-F", SAMPLES_PER_SECOND]);
    command.args(["--call-graph", STACKS, "-p", &pid.to_string(), "-o"]);
    command.arg(into);
    let mut perf = Process::start("perf", command, &into.with_extension("log"));
    eventually(LIMIT, "perf writes what it sees", async || {
        match into.exists() {
            true => Ok(()),
            false => Err("there is no file yet"),
        }
    })
    .await;
    // It makes the file before it looks at the process, and gives up then if it may not.
    tokio::time::sleep(ATTACHING).await;
    assert_eq!(perf.exit_code(), None, "{}", perf.log_tail());
    perf
}

async fn stop(mut perf: Process) {
    perf.signal(Signal::Interrupt);
    let code = perf.wait_exit(LIMIT).await;
    assert!(matches!(code, 0 | INTERRUPTED), "{}", perf.log_tail());
}

/// How many samples each part has.
fn parts(recorded: &Path) -> BTreeMap<Part, u64> {
    let mut script = Command::new("perf")
        .args(["script", "--no-inline", "-F", "comm,ip,sym", "-i"])
        .arg(recorded)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("perf has run before");
    let output = script.stdout.take().expect("its output is a pipe");
    let counts = count(BufReader::new(output));
    let status = script.wait().expect("perf ends");
    assert!(status.success(), "perf reads what it has written: {status}");
    counts
}

/// Counts samples: a line with the name of a thread, one for each call on its stack, an empty one.
fn count(script: impl BufRead) -> BTreeMap<Part, u64> {
    let mut counts = BTreeMap::new();
    let mut sample: Vec<String> = Vec::new();
    let end = std::iter::once(Ok(String::new()));
    for line in script.lines().chain(end) {
        let line = line.expect("perf writes text");
        if !line.trim().is_empty() {
            sample.push(line);
        } else if let Some((thread, stack)) = sample.split_first() {
            let names = stack.iter().filter_map(|it| it.trim().split_once(' '));
            let part = Part::of(thread.trim(), names.map(|(_, name)| name));
            *counts.entry(part).or_default() += 1;
            sample.clear();
        }
    }
    counts
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n\n{} lines, medians of {} runs, nanoseconds of processor time for each record:\n\n\
             | case | client library | connector | worker | outside of the library |\n\
             | --- | --- | --- | --- | --- |",
            Machine::here(),
            self.lines,
            self.runs
        )?;
        for (name, runs) in &self.cases {
            writeln!(
                f,
                "| {name} | {} | {} | {} | {} |",
                middle(runs, |it| it.client),
                middle(runs, |it| it.connector),
                middle(runs, |it| it.worker),
                middle(runs, Shares::own),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_name_that_is_known_counts() {
        let put = "<connect_file::sink::FileStreamSink as SinkTask>::put";
        let run = "connect_worker::worker::sink::SinkPipeline<C,P>::run";

        for (thread, stack, part) in [
            ("rdk:broker1", vec!["recvmsg"], Part::Client),
            (
                "plugin-1",
                vec!["mi_free", "rd_kafka_op_destroy", run],
                Part::Client,
            ),
            ("plugin-1", vec!["copy_folio", put, run], Part::Connector),
            ("plugin-1", vec!["memmove", run], Part::Worker),
            (
                "plugin-1",
                vec![
                    "connect_kafka::librdkafka::placement",
                    "rd_kafka_produce_batch",
                    run,
                ],
                Part::Worker,
            ),
            ("plugin-1", vec![], Part::Worker),
        ] {
            assert_eq!(Part::of(thread, stack.iter().copied()), part, "{stack:?}");
        }
    }

    #[test]
    fn samples_are_counted_to_the_last() {
        let script = "plugin-1 \n\t 7f01 memmove\n\t 7f02 rd_kafka_produce_batch\n\n\
                      rdk:main \n\n\
                      tokio-rt-worker \n\t 7f03 [unknown]\n\t 7f04 connect_file::source::read";

        let counts = count(script.as_bytes());

        assert_eq!(counts, [(Part::Client, 2), (Part::Connector, 1)].into());
    }

    #[test]
    fn time_is_shared_by_samples() {
        let sample = Sample {
            records: 1_000,
            elapsed: Duration::ZERO,
            cpu: Duration::from_micros(400),
            broker_cpu: Duration::ZERO,
            peak_resident_bytes: 0,
        };
        let counts = [(Part::Client, 5), (Part::Connector, 2), (Part::Worker, 1)].into();

        let shares = Shares::of(&counts, &sample);

        assert_eq!(
            (shares.client, shares.connector, shares.worker),
            (250, 100, 50)
        );
        assert_eq!(shares.own(), 150);
    }
}
