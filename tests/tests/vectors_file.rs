//! The file source answers as the reference does, driven the way a worker drives it.
//!
//! It differs on purpose in two things, which the comparison allows and nothing else:
//!
//! - Positions are bytes. Those of the vectors count UTF-16 units, so ours are translated.
//! - Lines beyond `batch.size` come with the next poll. The reference keeps them until something is
//!   appended, so from the first full batch on we may be ahead of it, but never behind.

#![expect(clippy::panic, reason = "an unknown step must fail the test")]

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect_core::config::Props;
use connect_core::offset::{OffsetMap, OffsetValue};
use connect_core::plugin::PluginEntry;
use connect_core::registry::PluginRegistry;
use connect_core::source::{ErasedBatch, ErasedSourceTask, TaskContext};
use connect_core::{ConnectError, ErrorKind, Result};
use connect_file as _;
use connect_tests::vectors::{Mismatch, Vector, bytes_from_notation, check_all};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";

#[test]
fn file_source_vectors_hold() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    check_all("file-source.json", |vector| {
        runtime.block_on(Run::new(vector).check(vector))
    });
}

/// One script of writes and polls.
struct Run {
    _folder: TempDir,
    path: PathBuf,
    batch_size: usize,
    polls: Vec<Polled>,
    position: Position,
}

/// What a poll gave, in the notation of vectors: null, records, or an error.
type Polled = Result<Json, ConnectError>;

/// A place in the file, as we count and as the reference counts.
struct Position {
    bytes: usize,
    units: u64,
}

impl Run {
    fn new(vector: &Vector) -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("input.txt");
        let config = vector.config();
        let batch_size = config.iter().find(|(key, _)| key == "batch.size");
        let batch_size = batch_size.and_then(|(_, size)| size.parse().ok());
        let stored = vector.get("storedOffset")["position"].as_u64();
        Self {
            _folder: folder,
            path,
            batch_size: batch_size.unwrap_or(2000).max(1),
            polls: Vec::new(),
            position: Position {
                bytes: usize::try_from(stored.unwrap_or(0)).expect("a small position"),
                units: stored.unwrap_or(0),
            },
        }
    }

    async fn check(mut self, vector: &Vector) -> Result<(), Mismatch> {
        let mut task = None;
        for step in list(vector.get("steps")) {
            let (name, argument) = only_member(step);
            match name {
                "append" => self.append(text(argument).as_bytes()),
                "appendHex" => {
                    let bytes = bytes_from_notation(&json!({ "hex": argument }));
                    self.append(&bytes.expect("bytes"));
                }
                "overwrite" => std::fs::write(&self.path, text(argument)).expect("a file"),
                "poll" => {
                    for _ in 0..argument.as_u64().expect("a number of polls") {
                        let polled = self.poll(vector, &mut task).await;
                        self.polls.push(polled);
                    }
                }
                other => panic!("unknown step {other}"),
            }
        }
        self.compare(list(vector.get("polls")))
    }

    fn append(&self, bytes: &[u8]) {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.path);
        file.and_then(|mut it| it.write_all(bytes))
            .expect("the file grows");
    }

    /// Polls once. The task is started before its first poll.
    async fn poll(
        &mut self,
        vector: &Vector,
        task: &mut Option<Box<dyn ErasedSourceTask>>,
    ) -> Polled {
        let task = match task {
            Some(task) => task,
            None => task.insert(start(vector, &self.path).await?),
        };
        let batch = task.poll().await?;
        Ok(match batch.records.is_empty() {
            true => Json::Null,
            false => self.describe(&batch),
        })
    }

    /// The records in the notation of vectors; moves on to the end of the last.
    fn describe(&mut self, batch: &ErasedBatch) -> Json {
        let content = std::fs::read(&self.path).expect("a file");
        let positions = batch.positions.as_ref().expect("positions");
        let mut records = Vec::new();
        for (index, record) in batch.records.iter().enumerate() {
            let offset = positions.detach(index).offset();
            let Some(OffsetValue::Integer(end)) = offset.get("position") else {
                panic!("no position: {offset}")
            };
            let end = usize::try_from(*end).expect("a small position");
            let read = String::from_utf8_lossy(&content[self.position.bytes..end]);
            self.position.units += read.encode_utf16().count() as u64;
            self.position.bytes = end;
            let value = record.value.to_string();
            records.push(json!({ "value": value, "position": self.position.units }));
        }
        records.into()
    }

    fn compare(&self, expected: &[Json]) -> Result<(), Mismatch> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut may_be_ahead = false;
        let is_same = |(actual, expected): (&Polled, &Json)| {
            let actual = match actual {
                Ok(actual) => actual,
                Err(error) => return is_expected(error, expected),
            };
            ours.extend_from_slice(list_or_none(actual));
            theirs.extend_from_slice(list_or_none(expected));
            let is_same = match may_be_ahead {
                true => ours.starts_with(&theirs) && list_or_none(actual).len() <= self.batch_size,
                false => actual == expected,
            };
            may_be_ahead |= list_or_none(expected).len() >= self.batch_size;
            is_same
        };
        let same_number = self.polls.len() == expected.len();
        if same_number && self.polls.iter().zip(expected).all(is_same) {
            return Ok(());
        }
        let actual = self.polls.iter().map(|polled| match polled {
            Ok(records) => records.clone(),
            Err(error) => json!({ "error": error.trace() }),
        });
        Err(Mismatch::new(
            Json::from(expected),
            actual.collect::<Json>(),
        ))
    }
}

/// Whether an error has the kind of an expected one, and says the same somewhere in its trace.
fn is_expected(error: &ConnectError, expected: &Json) -> bool {
    let kind = match expected["errorType"].as_str() {
        Some("ConnectException") => ErrorKind::Fatal,
        Some(other) => panic!("unknown type of error: {other}"),
        None => return false,
    };
    error.kind() == kind && error.trace().contains(text(&expected["error"]))
}

async fn start(vector: &Vector, path: &Path) -> Result<Box<dyn ErasedSourceTask>> {
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let plugin = registry.connector(SOURCE).expect("the source is linked");
    let PluginEntry::Source { start, .. } = plugin.entry else {
        panic!("{SOURCE} is no source")
    };
    let path = path.to_str().expect("the path is text");
    let mut props: Props = vector.config().into_iter().collect();
    props.insert("file", Some(path.to_owned()));
    let partition = OffsetMap::new().with("filename", path);
    let stored = stored_offset(vector.get("storedOffset"));
    // The store knows one file.
    let offset = move |of: &OffsetMap| stored.clone().filter(|_| *of == partition);
    let stopping = CancellationToken::new();
    let context = TaskContext::new("vectors", 0, stopping, Arc::new(offset));
    start(props, context).await
}

fn stored_offset(notation: &Json) -> Option<OffsetMap> {
    let mut stored = OffsetMap::new();
    for (name, value) in notation.as_object()? {
        let value = match value {
            Json::Null => OffsetValue::Null,
            Json::Bool(it) => OffsetValue::Boolean(*it),
            Json::String(it) => it.as_str().into(),
            Json::Number(it) => match (it.as_i64(), it.as_f64()) {
                (Some(integer), _) => OffsetValue::Integer(integer),
                (None, float) => OffsetValue::Float(float.expect("a number")),
            },
            other => panic!("no field of an offset: {other}"),
        };
        stored.insert(name, value);
    }
    Some(stored)
}

fn only_member(step: &Json) -> (&str, &Json) {
    let members = step.as_object().expect("a step is an object");
    let (name, argument) = members.iter().next().expect("a step has a name");
    (name, argument)
}

fn text(json: &Json) -> &str {
    json.as_str().expect("text")
}

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

fn list_or_none(json: &Json) -> &[Json] {
    json.as_array().map(Vec::as_slice).unwrap_or_default()
}
