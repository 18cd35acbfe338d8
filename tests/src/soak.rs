//! Everything that users do with a worker, again and again, to see whether something grows.
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::broker::BrokerProcess;
use crate::eventually::eventually;
use crate::lines::{LINE_BYTES, append, numbered};
use crate::process::{Process, Signal};
use crate::rest::Rest;
use crate::usage::Usage;
use crate::worker::{Standalone, Worker};

/// Pairs of a source and a sink that run all the time.
const PAIRS: usize = 2;
/// Lines that each source reads in a round.
const LINES: u64 = 200;
const ARRIVAL_LIMIT: Duration = Duration::from_secs(60);
/// Rounds at the beginning that do not count: caches fill, and memory is taken that is used again.
const WARM_UP: usize = 3;
/// In a run of so many rounds the first half does not count. By then each thread has a part of the memory to itself, of
/// which it takes a little more now and then.
const LONG_RUN: usize = 200;

/// One of the figures of a worker.
type Figure = fn(&Held) -> u64;

/// What a worker holds after a round.
#[derive(Clone, Copy, Debug)]
struct Held {
    usage: Usage,
    /// What its runtime has to do, as it tells itself.
    tasks: u64,
}

/// What a worker holds after each round.
#[derive(Debug, Default)]
pub struct Growth(Vec<Held>);

impl Growth {
    /// What grows more than it may: the memory in bytes, everything else in pieces.
    #[must_use]
    pub fn excess(&self, memory: u64, pieces: u64) -> Option<String> {
        let warm_up = match self.0.len() {
            rounds if rounds >= LONG_RUN => rounds / 2,
            _ => WARM_UP,
        };
        let counted = self.0.get(warm_up..).unwrap_or_default();
        let quarter = counted.len().div_ceil(4);
        let (first, last) = (&counted[..quarter], &counted[counted.len() - quarter..]);
        let kinds: [(&str, Figure, u64); 4] = [
            ("resident memory", |it| it.usage.resident_bytes, memory),
            ("threads", |it| it.usage.threads, pieces),
            ("open files", |it| it.usage.open_files, pieces),
            ("tasks of the runtime", |it| it.tasks, pieces),
        ];
        kinds.into_iter().find_map(|(what, of, allowed)| {
            let (before, after) = (least(first, of), least(last, of));
            let has_grown = after > before + allowed;
            has_grown.then(|| format!("{what} grew from {before} to {after}"))
        })
    }
}

/// What is left over from round to round is in every round; a client that is still ending is not.
fn least(held: &[Held], of: Figure) -> u64 {
    held.iter().map(of).min().unwrap_or_default()
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| round | resident KiB | threads | open files | tasks of the runtime | CPU s |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
        // Twenty lines say as much as thousands.
        let step = self.0.len().div_ceil(20).max(1);
        for (round, held) in (1..).zip(&self.0).step_by(step) {
            writeln!(f, "{}", row(round, held))?;
        }
        Ok(())
    }
}

fn row(round: u64, Held { usage, tasks }: &Held) -> String {
    format!(
        "| {round} | {} | {} | {} | {tasks} | {:.1} |",
        usage.resident_bytes >> 10,
        usage.threads,
        usage.open_files,
        usage.cpu.as_secs_f64()
    )
}

/// A worker at work, and everything around it.
#[derive(Debug)]
pub struct Soak {
    worker: Worker,
    _broker: Process,
    dir: TempDir,
    rounds: u64,
    growth: Growth,
}

impl Soak {
    /// Starts the worker, its broker, and the connectors that run all the time.
    pub async fn start() -> Self {
        let dir = TempDir::with_prefix("connect-soak-").expect("a temporary directory");
        let broker = BrokerProcess::new(dir.path());
        let running = broker.start().await;
        let worker = Standalone::new(dir.path(), &broker.bootstrap())
            .start()
            .await;
        let soak = Self {
            worker,
            _broker: running,
            dir,
            rounds: 0,
            growth: Growth::default(),
        };
        for pair in 0..PAIRS {
            soak.rest()
                .create(&format!("in-{pair}"), &soak.source(pair, 500))
                .await;
            soak.rest()
                .create(&format!("out-{pair}"), &soak.sink(pair))
                .await;
        }
        let failing = json!({
            "connector.class": "org.example.MisbehavingSource",
            "method": "poll",
            "manner": "panic",
        });
        soak.rest().create("failing", &failing).await;
        soak
    }

    fn rest(&self) -> &Rest {
        self.worker.rest()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn source(&self, pair: usize, batch: u64) -> Value {
        json!({
            "connector.class": "FileStreamSource",
            "file": self.path(&format!("in-{pair}.txt")),
            "topic": format!("lines-{pair}"),
            "batch.size": batch.to_string(),
            "transforms": "hoist",
            "transforms.hoist.type": "org.apache.kafka.connect.transforms.HoistField$Value",
            "transforms.hoist.field": "line",
        })
    }

    fn sink(&self, pair: usize) -> Value {
        json!({
            "connector.class": "FileStreamSink",
            "tasks.max": "2",
            "file": self.path(&format!("out-{pair}.txt")),
            "topics": format!("lines-{pair}"),
        })
    }

    /// One of everything, and then a look at what the worker holds.
    pub async fn round(&mut self) {
        self.rounds += 1;
        self.move_lines().await;
        self.disturb().await;
        self.come_and_go().await;
        let rest = self.rest();
        for pair in 0..PAIRS {
            rest.wait_running(&format!("in-{pair}"), 1).await;
            rest.wait_running(&format!("out-{pair}"), 2).await;
        }
        rest.wait_states("failing", "RUNNING", &["FAILED"]).await;
        let usage = Usage::of(self.worker.process().pid()).expect("the worker runs");
        let tasks = self.runtime_tasks().await;
        self.growth.0.push(Held { usage, tasks });
    }

    /// What the worker's runtime has to do.
    async fn runtime_tasks(&self) -> u64 {
        let text = self.rest().get("/metrics").await.text;
        let name = "kafka_connect_ext_worker_async_tasks ";
        let tasks = text.lines().find_map(|line| line.strip_prefix(name));
        tasks
            .and_then(|it| it.parse().ok())
            .expect("the worker tells its tasks")
    }

    /// The figures of the latest round, as a line.
    #[must_use]
    pub fn latest(&self) -> String {
        let held = self.growth.0.last();
        held.map(|it| row(self.rounds, it)).unwrap_or_default()
    }

    /// Every line comes through.
    async fn move_lines(&self) {
        let (from, to) = ((self.rounds - 1) * LINES, self.rounds * LINES);
        for pair in 0..PAIRS {
            append(&self.path(&format!("in-{pair}.txt")), &numbered(from..to));
        }
        for pair in 0..PAIRS {
            wait_for_lines(&self.path(&format!("out-{pair}.txt")), to).await;
        }
    }

    /// Pauses, restarts, reconfigures.
    async fn disturb(&self) {
        let rest = self.rest();
        for path in ["in-0/pause", "out-1/pause", "in-0/resume", "out-1/resume"] {
            rest.put(&format!("/connectors/{path}"), &Value::Null)
                .await
                .assert_status(202);
        }
        for path in [
            "in-1/restart?includeTasks=true",
            "out-0/restart?includeTasks=true",
            "failing/tasks/0/restart",
        ] {
            let answer = rest
                .post(&format!("/connectors/{path}"), &Value::Null)
                .await;
            assert!(answer.status < 300, "{answer:?}");
        }
        let changed = self.source(0, 500 + self.rounds % 2);
        rest.put("/connectors/in-0/config", &changed)
            .await
            .assert_status(200);
    }

    /// A connector of each kind that is there for a moment.
    async fn come_and_go(&self) {
        let rest = self.rest();
        let mut source = self.source(0, 1);
        source["topic"] = json!("passing");
        let sink = self.sink(0);
        for (name, mut config, tasks) in [("passing-in", source, 1), ("passing-out", sink, 2)] {
            if name == "passing-out" {
                config["topics"] = json!("passing");
                config["file"] = json!(self.path("passing.txt"));
            }
            rest.create(name, &config).await;
            rest.wait_running(name, tasks).await;
            rest.put(&format!("/connectors/{name}/stop"), &Value::Null)
                .await
                .assert_status(204);
            rest.delete(&format!("/connectors/{name}"))
                .await
                .assert_status(204);
        }
    }

    /// Ends the worker; returns what it held after each round.
    pub async fn end(self) -> Growth {
        self.worker.stop(Signal::Terminate).await;
        self.growth
    }
}

/// Waits until a file has at least so many lines: a restart may repeat some.
async fn wait_for_lines(path: &Path, count: u64) {
    let what = format!("{count} lines in {}", path.display());
    eventually(ARRIVAL_LIMIT, &what, async || {
        let last = last_line(path).map_err(|it| it.to_string())?;
        let wanted = format!("{:010} ", count - 1);
        match last.contains(&wanted) {
            true => Ok(()),
            false => Err(format!("the last line is {last:?}")),
        }
    })
    .await;
}

/// The last line of a file of numbered lines, without reading those before it.
fn last_line(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let tail = file.metadata()?.len().min(2 * LINE_BYTES as u64);
    file.seek(SeekFrom::End(-tail.cast_signed()))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text.lines().last().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of so many rounds in which memory is what `resident` says.
    fn growth(rounds: u64, resident: impl Fn(u64) -> u64) -> Growth {
        let held = (0..rounds).map(|round| Held {
            usage: Usage {
                cpu: Duration::ZERO,
                resident_bytes: resident(round),
                peak_resident_bytes: 0,
                threads: 30,
                open_files: 50,
            },
            tasks: 3,
        });
        Growth(held.collect())
    }

    #[test]
    fn memory_that_grows_in_every_round_is_told_from_memory_that_was_taken_once() {
        let leaking = |round| 10_000_000 + round * 10_000;
        let filling = |round: u64| 10_000_000 + round.min(300) * 30_000;
        assert!(growth(1_000, leaking).excess(2 << 20, 8).is_some());
        assert_eq!(growth(1_000, filling).excess(2 << 20, 8), None);

        let short = growth(20, |round| 10_000_000 + round * 1_000_000);
        let excess = short.excess(2 << 20, 8).unwrap_or_default();
        assert!(excess.starts_with("resident memory grew"), "{excess}");
    }
}
