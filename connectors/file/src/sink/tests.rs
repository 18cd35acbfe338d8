//! The sink as a worker drives it: through the registry.

use std::cell::{Cell, RefCell};
use std::path::Path;

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

#[test]
fn hundreds_of_lines_are_written_at_once() {
    let lines = format!("{}\n", "x".repeat(99)).repeat(10_000);
    let portions = RefCell::new(Vec::new());
    let write = |lines: &[u8]| {
        portions.borrow_mut().push(lines.to_vec());
        Written {
            bytes: lines.len(),
            outcome: Ok(()),
        }
    };

    let written = write_portions(lines.as_bytes(), write);

    written.outcome.unwrap();
    assert_eq!(written.bytes, lines.len());
    let portions = portions.into_inner();
    assert_eq!(portions.len(), (10_000 * 100_usize).div_ceil(328 * 100));
    assert!(portions.iter().all(|it| it.ends_with(b"x\n")));
    assert_eq!(portions.concat(), lines.as_bytes());
}

#[test]
fn what_follows_a_portion_that_fails_is_not_written() {
    let mut lines = format!("{}\n", "x".repeat(99)).repeat(1_000).into_bytes();
    let calls = Cell::new(0);
    let write = |lines: &[u8]| {
        calls.set(calls.get() + 1);
        match calls.get() {
            1 => Written {
                bytes: lines.len(),
                outcome: Ok(()),
            },
            _ => Written {
                bytes: 150,
                outcome: Err(ConnectError::retriable("disk is full")),
            },
        }
    };

    let written = write_portions(&lines, write);
    keep_torn_line(&mut lines, 0, &written);

    assert!(written.outcome.unwrap_err().is_retriable());
    assert_eq!(calls.get(), 2);
    assert_eq!(lines, [&[b'x'; 49][..], b"\n"].concat());
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
