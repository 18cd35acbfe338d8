//! The sink as a worker drives it: through the registry.

use std::collections::VecDeque;
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::sync::Mutex;
#[cfg(target_os = "linux")]
use std::time::Duration;

use connect_core::config::Props;
use connect_core::data::{Schema, Struct, TimestampType, Type};
use connect_core::plugin::PluginEntry;
use connect_core::record::{Origin, Record};
use connect_core::registry::PluginRegistry;
use connect_core::sink::{ErasedSinkTask, SinkOffsets};
use connect_core::{ConnectError, ErrorKind};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::*;

type Task = Box<dyn ErasedSinkTask>;

async fn start(path: &Path) -> Result<Task> {
    let registry = PluginRegistry::from_inventory().unwrap();
    let plugin = registry.connector("FileStreamSink").unwrap();
    let PluginEntry::Sink { start, .. } = plugin.entry else {
        panic!("{plugin:?} is no sink")
    };
    let props = Props::from_iter([("file", path.to_str().unwrap())]);
    let context = SinkContext::new("orders-out".into(), 0, CancellationToken::new());
    start(props, context).await
}

fn record(value: impl Into<Value>) -> SinkRecord {
    let mut record = Record::new("orders");
    record.value = value.into();
    let origin = Origin {
        topic: "orders".into(),
        partition: 0,
        offset: 0,
        timestamp_type: TimestampType::CreateTime,
    };
    SinkRecord::new(record, origin)
}

fn content(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn every_value_has_a_line() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("copy.txt");
    let mut task = start(&path).await.unwrap();
    let schema = Schema::builder(Type::Struct)
        .field("id", Some(Schema::int32()))
        .build()
        .unwrap();
    let mut order = Struct::new(&schema).unwrap();
    order.put("id", 7_i32).unwrap();

    let values: [Value; 6] = [
        "text é".into(),
        Value::Null,
        order.into(),
        1e10.into(),
        vec![Value::from(1_i32), Value::Null].into(),
        Value::Bytes(b"raw".into()),
    ];
    task.put(values.map(record).into()).await.unwrap();

    assert_eq!(
        content(&path),
        "text é\nnull\nStruct{id=7}\n1.0E10\n[1, null]\nraw\n"
    );
}

#[tokio::test]
async fn lines_are_appended_and_visible_at_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("copy.txt");
    std::fs::write(&path, "before\n").unwrap();
    let mut first = start(&path).await.unwrap();
    let mut second = start(&path).await.unwrap();

    first.put(vec![record("1")]).await.unwrap();
    second.put(vec![record("2")]).await.unwrap();
    first.put(Vec::new()).await.unwrap();
    first.put(vec![record("3")]).await.unwrap();

    assert_eq!(content(&path), "before\n1\n2\n3\n");
    let offsets = SinkOffsets::new();
    assert_eq!(first.pre_commit(offsets.clone()).await.unwrap(), offsets);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("missing").join("copy.txt");

    for path in [path.as_path(), folder.path()] {
        let error = start(path).await.err().unwrap();

        let expected = format!(
            "Couldn't find or create file '{}' for FileStreamSinkTask",
            path.display()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_an_error_that_may_pass() {
    let mut task = start(Path::new("/dev/full")).await.unwrap();

    let error = task.put(vec![record("1")]).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        "cannot write `/dev/full`, which `file` names"
    );
    assert!(error.is_retriable());
}

/// What was written, and how further writes end; those behind the last take everything.
#[derive(Clone, Debug, Default)]
struct Script(Arc<Mutex<Writes>>);

#[derive(Debug, Default)]
struct Writes {
    done: Vec<Vec<u8>>,
    ends: VecDeque<io::Result<usize>>,
}

impl Script {
    fn ending(ends: impl IntoIterator<Item = io::Result<usize>>) -> Self {
        let writes = Writes {
            ends: ends.into_iter().collect(),
            ..Writes::default()
        };
        Self(Arc::new(Mutex::new(writes)))
    }

    fn sink(&self) -> FileStreamSink {
        FileStreamSink {
            output: Arc::new(Output::new("the script".to_owned(), self.clone(), true)),
            lines: Vec::new(),
        }
    }

    fn writes(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().done.clone()
    }
}

impl io::Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut writes = self.0.lock().unwrap();
        let taken = writes.ends.pop_front().unwrap_or(Ok(bytes.len()))?;
        writes.done.push(bytes[..taken].to_vec());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines_of(text: &str, count: usize) -> Vec<SinkRecord> {
    (0..count).map(|_| record(text)).collect()
}

#[tokio::test]
async fn a_thousand_lines_are_written_at_once() {
    let script = Script::default();
    let mut sink = script.sink();

    sink.put(lines_of(&"x".repeat(99), 10_000)).await.unwrap();

    let writes = script.writes();
    assert_eq!(writes.len(), 10_000_usize.div_ceil(PORTION.div_ceil(100)));
    assert!(writes.iter().all(|it| it.ends_with(b"x\n")));
    let line = format!("{}\n", "x".repeat(99));
    assert_eq!(writes.concat(), line.repeat(10_000).as_bytes());
}

#[tokio::test]
async fn what_follows_lines_that_cannot_be_written_is_not_written() {
    let portion = PORTION.div_ceil(100) * 100;
    let script = Script::ending([Ok(portion), Ok(150), Err(io::ErrorKind::StorageFull.into())]);
    let mut sink = script.sink();

    let error = sink.put(lines_of(&"x".repeat(99), 10_000)).await;

    assert!(error.unwrap_err().is_retriable());
    let lengths: Vec<usize> = script.writes().iter().map(Vec::len).collect();
    assert_eq!(lengths, [portion, 150]);

    // When the records come again, the line that was begun is ended first.
    sink.put(lines_of("y", 1)).await.unwrap();

    let last = script.writes().pop().unwrap();
    assert_eq!(last, format!("{}\ny\n", "x".repeat(49)).as_bytes());
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_nobody_reads_does_not_hold_up_the_thread_of_the_task() {
    let (reader, writer) = io::pipe().unwrap();
    let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
    let (done, waits) = std::sync::mpsc::channel();
    let task = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let put = async {
            let mut task = start(Path::new(&path)).await.unwrap();
            drop(writer);
            let put = task.put(lines_of(&"x".repeat(99), 10_000));
            tokio::time::timeout(Duration::from_millis(50), put).await
        };
        done.send(runtime.enable_all().build().unwrap().block_on(put).is_err())
            .unwrap();
    });

    let waited = waits.recv_timeout(Duration::from_secs(30));

    // Whoever writes gives up now.
    drop(reader);
    task.join().unwrap();
    assert_eq!(waited, Ok(true), "the pipe is full, and the thread is free");
}

#[test]
fn a_line_that_was_begun_is_finished_first() {
    let keep_behind = |torn, lines: &str, bytes| {
        let mut lines = lines.as_bytes().to_vec();
        let written = Written {
            bytes,
            outcome: Err(ConnectError::retriable("disk is full")),
        };
        keep_torn_line(&mut lines, torn, &written);
        String::from_utf8(lines).unwrap()
    };
    let keep = |lines: &str, bytes| keep_behind(0, lines, bytes);

    assert_eq!(keep("first\nsecond\nthird\n", 8), "cond\n");
    assert_eq!(keep("first\nsecond\n", 6), "");
    assert_eq!(keep("first\n", 0), "");
    assert_eq!(keep("first\n", 5), "\n");
    // It failed before, in the middle of a line, and fails again.
    assert_eq!(keep_behind(4, "rst\nfirst\n", 0), "rst\n");
    assert_eq!(keep_behind(4, "rst\nfirst\n", 3), "\n");
    assert_eq!(keep_behind(4, "rst\nfirst\n", 4), "");
    assert_eq!(keep_behind(4, "rst\nfirst\n", 6), "rst\n");
}
