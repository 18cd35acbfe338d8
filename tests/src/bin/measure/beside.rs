//! How fast REST answers beside plugins that block, panic, compute and take memory in each of their methods.

use std::fmt;
use std::time::{Duration, Instant};

use connect_tests::broker::BrokerProcess;
use connect_tests::misbehaving::{Mischief, create_all};
use connect_tests::process::Signal;
use connect_tests::worker::Standalone;
use serde_json::json;
use tempfile::TempDir;

/// How often each request is sent.
const SAMPLES: usize = 500;
const PATHS: [&str; 4] = [
    "/",
    "/connectors",
    "/connectors/in/status",
    "/connectors?expand=status&expand=info",
];
/// Of a hundred answers so many come within the time that is shown.
const SHOWN: [usize; 4] = [50, 90, 99, 100];

/// Times of the answers, from the shortest to the longest.
#[derive(Debug)]
pub(crate) struct Answers(Vec<(&'static str, Vec<Duration>)>);

/// Starts a worker with two healthy connectors and all others that there are, and asks about them.
pub(crate) async fn measure() -> Answers {
    let dir = TempDir::with_prefix("connect-measure-").expect("a temporary directory");
    let broker = BrokerProcess::new(dir.path());
    let _running = broker.start().await;
    let worker = Standalone::new(dir.path(), &broker.bootstrap())
        .start()
        .await;
    let rest = worker.rest();
    let lines = dir.path().join("in.txt");
    let source = json!({"connector.class": "FileStreamSource", "file": lines, "topic": "lines"});
    let copy = dir.path().join("out.txt");
    let sink = json!({"connector.class": "FileStreamSink", "file": copy, "topics": "lines"});
    rest.create("in", &source).await;
    rest.create("out", &sink).await;
    let mischief = Mischief {
        source,
        sink,
        name: "bad".to_owned(),
        folder: dir.path().to_owned(),
    };
    let creating = create_all(&mischief, rest).await;

    let mut answers = Vec::new();
    for path in PATHS {
        let mut times = Vec::with_capacity(SAMPLES);
        for _ in 0..SAMPLES {
            let asked = Instant::now();
            rest.get(path).await.assert_status(200);
            times.push(asked.elapsed());
        }
        times.sort_unstable();
        answers.push((path, times));
    }
    worker.stop(Signal::Terminate).await;
    drop(creating);
    Answers(answers)
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| beside misbehaving plugins | 50 % | 90 % | 99 % | all |"
        )?;
        writeln!(f, "| --- | --- | --- | --- | --- |")?;
        for (path, times) in &self.0 {
            write!(f, "| `GET {path}` |")?;
            for percent in SHOWN {
                let last = (times.len() * percent).div_ceil(100).max(1) - 1;
                write!(f, " {:.1} ms |", times[last].as_secs_f64() * 1_000.0)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
