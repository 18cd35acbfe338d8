//! The reference's own classes for data, asked over a pipe.
#![expect(clippy::panic, reason = "a harness reports by failing the test")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use serde_json::Value as Json;
use tempfile::TempDir;

use super::{Missing, jars};
use crate::skip::skip;

/// How many batches of requests may wait for the program.
const AHEAD: usize = 2;
const HEAP: &str = "512m";
const MAIN_CLASS: &str = "Reference";
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/java");

/// A Java program that answers what Apache Kafka's transforms and converters make of data: one
/// JSON document a line, in the notation of the vectors.
#[derive(Debug)]
pub struct Reference {
    child: Child,
    /// Lines on their way to the program: both pipes fill up while nobody reads.
    requests: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
    answers: BufReader<ChildStdout>,
    _classes: TempDir,
}

impl Reference {
    /// Compiles and starts the program; `None` after a visible line where this machine cannot.
    pub async fn start() -> Option<Self> {
        let (mut command, classes) = Self::command().await?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Java starts");
        let input = child.stdin.take().expect("its input is a pipe");
        let answers = child.stdout.take().expect("its output is a pipe");
        let (requests, lines) = sync_channel(AHEAD);
        Some(Self {
            child,
            requests: Some(requests),
            writer: Some(thread::spawn(move || write_all(input, &lines))),
            answers: BufReader::new(answers),
            _classes: classes,
        })
    }

    /// The program, compiled, with the folder that it lies in.
    pub async fn command() -> Option<(Command, TempDir)> {
        let jars = jars().await?;
        if let Err(error) = Command::new("javac").arg("-version").output() {
            skip(&Missing::Compiler(error.to_string()));
            return None;
        }
        let classes = TempDir::new().expect("a temporary directory");
        let class_path = format!("{}:{}", classes.path().display(), jars.class_path());
        compile(&jars.class_path(), classes.path());
        let mut command = jars.java_with(&class_path, HEAP);
        command.arg(MAIN_CLASS);
        Some((command, classes))
    }

    /// Asks for answers that are received later, so that the program has something to do meanwhile.
    pub fn send(&mut self, requests: &[Json]) {
        let mut lines = String::new();
        for request in requests {
            writeln!(lines, "{request}").expect("a string takes any text");
        }
        let pipe = self.requests.as_ref().expect("the pipe is open");
        pipe.send(lines).expect("the program reads");
    }

    /// Answers to the earliest requests that were sent and not answered yet.
    pub fn receive(&mut self, requests: &[Json]) -> Vec<Json> {
        let mut line = String::new();
        let next = |request: &Json| {
            line.clear();
            let answers = &mut self.answers;
            answers.read_line(&mut line).expect("the program answers");
            serde_json::from_str(&line)
                .unwrap_or_else(|error| panic!("{error}: {line:?} to {request}"))
        };
        requests.iter().map(next).collect()
    }
}

/// Hands lines to the program until there will be no more, or it has ended.
fn write_all(mut input: ChildStdin, lines: &Receiver<String>) {
    for lines in lines {
        if input.write_all(lines.as_bytes()).is_err() {
            return;
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // Whoever panics reads no more answers, and the program waits until somebody does. How it
        // ends says nothing any more.
        self.requests = None;
        let _ = self.child.kill();
        if let Some(writer) = self.writer.take() {
            // A writer that has panicked has written all that it could.
            let _ = writer.join();
        }
        let _ = self.child.wait();
    }
}

fn compile(class_path: &str, into: &Path) {
    let entries = std::fs::read_dir(SOURCES).expect("the sources are there");
    let sources: Vec<PathBuf> = entries
        .map(|it| it.expect("a readable folder").path())
        .collect();
    let output = Command::new("javac")
        .args(["-nowarn", "-cp", class_path, "-d"])
        .arg(into)
        .args(sources)
        .output()
        .expect("a Java compiler beside Java");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
