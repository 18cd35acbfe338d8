//! The source as a worker drives it: through the registry, with stored offsets.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use connect_core::ErrorKind;
use connect_core::config::Props;
use connect_core::offset::OffsetValue;
use connect_core::plugin::PluginEntry;
use connect_core::record::Record;
use connect_core::registry::PluginRegistry;
use connect_core::source::{ErasedBatch, ErasedSourceTask, TaskContext};
use tempfile::TempDir;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::*;

/// A file, and whoever starts tasks for it.
struct Fixture {
    folder: TempDir,
    path: PathBuf,
}

impl Fixture {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("orders.txt");
        Self { folder, path }
    }

    fn with_content(content: &[u8]) -> Self {
        let fixture = Self::new();
        fixture.append(content);
        fixture
    }

    fn append(&self, content: &[u8]) {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.path);
        file.unwrap().write_all(content).unwrap();
    }

    async fn start(&self, batch_size: &str, stored: Option<OffsetMap>) -> Result<Task> {
        start(&self.path, batch_size, stored).await
    }

    async fn start_fresh(&self) -> Task {
        self.start("2000", None).await.unwrap()
    }
}

type Task = Box<dyn ErasedSourceTask>;

async fn start(path: &Path, batch_size: &str, stored: Option<OffsetMap>) -> Result<Task> {
    let registry = PluginRegistry::from_inventory().unwrap();
    let plugin = registry.connector("FileStreamSource").unwrap();
    let PluginEntry::Source { start, .. } = plugin.entry else {
        panic!("{plugin:?} is no source")
    };
    let props = Props::from_iter([
        ("file", path.to_str().unwrap()),
        ("topic", "orders"),
        ("batch.size", batch_size),
    ]);
    let context = TaskContext::new(
        "orders-in",
        0,
        CancellationToken::new(),
        Arc::new(move |_: &OffsetMap| stored.clone()),
    );
    start(props, context).await
}

fn at(position: i64) -> OffsetMap {
    OffsetMap::new().with("position", position)
}

/// Lines with the positions of their ends.
fn lines(batch: &ErasedBatch) -> Vec<(String, i64)> {
    let positions = batch.positions.as_ref().expect("positions are stored");
    let position = |record| match positions.detach(record).offset().get("position") {
        Some(OffsetValue::Integer(position)) => *position,
        other => panic!("no position: {other:?}"),
    };
    batch
        .records
        .iter()
        .enumerate()
        .map(|(index, record)| (record.value.to_string(), position(index)))
        .collect()
}

async fn poll(task: &mut Task) -> Vec<(String, i64)> {
    lines(&task.poll().await.unwrap())
}

/// All lines up to a poll that gives none.
async fn poll_all(task: &mut Task) -> Vec<(String, i64)> {
    let mut all = Vec::new();
    loop {
        let some = poll(task).await;
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

#[tokio::test]
async fn a_line_becomes_a_record() {
    let fixture = Fixture::with_content(b"first\nsecond\n");
    let mut task = fixture.start_fresh().await;

    let batch = task.poll().await.unwrap();

    let Record {
        topic,
        key_schema,
        key,
        value_schema,
        value,
        partition,
        timestamp,
        ..
    } = batch.records.record(0);
    assert_eq!(topic, "orders");
    assert_eq!((key_schema, partition), (&None, &None));
    assert!(key.is_null() && timestamp.is_some());
    assert_eq!(value_schema.as_ref(), Some(&Schema::string()));
    assert_eq!(value.as_str(), Some("first"));
    let positions = batch.positions.as_ref().unwrap();
    assert_eq!(positions.partition_count(), 1);
    let path = fixture.path.to_str().unwrap();
    let partition = OffsetMap::new().with("filename", path);
    assert_eq!(positions.detach(1).partition(), partition);
    assert_eq!(positions.detach(1).offset(), at(13));
}

#[tokio::test]
async fn long_lines_of_a_read_share_its_buffer() {
    let line = "a line that is too long to be kept in place\n";
    let fixture = Fixture::with_content(line.repeat(2).as_bytes());
    let mut task = fixture.start_fresh().await;

    let batch = task.poll().await.unwrap();

    let [one, other] = [0, 1].map(|index: usize| match &batch.records.record(index).value {
        connect_core::data::Value::String(text) => text.as_bytes().as_ptr() as usize,
        other => panic!("no text: {other:?}"),
    });
    assert_eq!(other - one, line.len());
}

#[tokio::test]
async fn lines_beyond_a_batch_come_with_the_next_poll() {
    let fixture = Fixture::with_content(b"1\n2\n3\n");
    let mut task = fixture.start("2", None).await.unwrap();

    assert_eq!(poll(&mut task).await.len(), 2);
    assert_eq!(poll(&mut task).await, [("3".to_owned(), 6)]);
}

#[tokio::test]
async fn files_larger_than_a_read_are_read_completely() {
    let content: String = (0..150_000).map(|n| format!("line {n} é\r\n")).collect();
    assert!(content.len() > 2 * lines::READ_SIZE);
    let fixture = Fixture::with_content(content.as_bytes());
    let mut task = fixture.start_fresh().await;

    let all = poll_all(&mut task).await;

    let copied: String = all.iter().map(|(line, _)| format!("{line}\r\n")).collect();
    assert!(copied == content, "{} of 150000 lines", all.len());
    assert_eq!(all.last().unwrap().1, i64::try_from(content.len()).unwrap());
}

#[tokio::test]
async fn a_line_larger_than_a_read_is_one_record() {
    let long = "x".repeat(2 * lines::READ_SIZE + 5);
    let fixture = Fixture::with_content(format!("{long}\nshort\n").as_bytes());
    let mut task = fixture.start_fresh().await;

    let all = poll_all(&mut task).await;

    assert_eq!(all.len(), 2);
    assert!(all[0].0 == long && all[1].0 == "short");
}

#[tokio::test]
async fn every_stored_position_is_a_place_to_go_on() {
    let content = "one\r\ntwo\rthree é☃😀\n\nfive\n".as_bytes();
    let fixture = Fixture::with_content(content);
    let all = poll_all(&mut fixture.start_fresh().await).await;

    for (index, (_, position)) in all.iter().enumerate() {
        let mut task = fixture.start("2000", Some(at(*position))).await.unwrap();
        assert_eq!(
            poll_all(&mut task).await,
            all[index + 1..],
            "from {position}"
        );
    }
    assert_eq!(all.last().unwrap().1, i64::try_from(content.len()).unwrap());
}

/// Copies all lines with polls that are dropped where they would have to wait; how many were.
fn copy_with_dropped_polls(fixture: &Fixture, content: &str) -> u32 {
    let mut one_blocking_thread = tokio::runtime::Builder::new_current_thread();
    one_blocking_thread.enable_all().max_blocking_threads(1);
    one_blocking_thread.build().unwrap().block_on(async {
        let mut task = fixture.start_fresh().await;
        let (mut copied, mut dropped) = (String::new(), 0);

        while copied.len() < content.len() {
            // While the thread that waits is held up, a poll that has to wait cannot end.
            let (release, held) = std::sync::mpsc::channel::<()>();
            let holder = tokio::task::spawn_blocking(move || held.recv());
            let at_once = timeout(Duration::ZERO, task.poll()).await;
            drop(release);
            holder.await.unwrap().unwrap_err();

            let batch = if let Ok(batch) = at_once {
                batch
            } else {
                dropped += 1;
                task.poll().await
            };
            for (line, _) in lines(&batch.unwrap()) {
                copied.push_str(&line);
                copied.push('\n');
            }
        }

        assert!(copied == content, "lines are missing or out of order");
        dropped
    })
}

fn many_lines() -> String {
    (0..300_000).map(|n| format!("line {n}\n")).collect()
}

#[test]
fn a_poll_that_is_dropped_loses_no_line() {
    let content = many_lines();
    let fixture = Fixture::with_content(content.as_bytes());

    // Only to open the file it has to wait.
    assert_eq!(copy_with_dropped_polls(&fixture, &content), 1);
}

#[cfg(unix)]
#[test]
fn a_poll_of_a_pipe_that_is_dropped_loses_no_line() {
    let content = many_lines();
    let fixture = Fixture::new();
    let made = Command::new("mkfifo").arg(&fixture.path).status();
    assert!(made.unwrap().success());
    let (path, written) = (fixture.path.clone(), content.clone());
    let writer = std::thread::spawn(move || std::fs::write(path, written));

    let dropped = copy_with_dropped_polls(&fixture, &content);

    writer.join().unwrap().unwrap();
    assert!(dropped > 1, "only {dropped} polls were dropped");
}

#[tokio::test]
async fn others_have_their_turn_while_a_long_line_is_read() {
    let reads = 20;
    let line = "x".repeat(reads * lines::READ_SIZE);
    let fixture = Fixture::with_content(b"first\n");
    let mut task = fixture.start_fresh().await;
    poll(&mut task).await;
    fixture.append(format!("{line}\n").as_bytes());
    let mut turns = 0;

    let batch = tokio::select! {
        biased;
        batch = poll(&mut task) => batch,
        () = async {
            loop {
                turns += 1;
                yield_now().await;
            }
        } => unreachable!("it goes on"),
    };

    assert_eq!(batch[0].0.len(), line.len());
    assert!(turns >= reads, "{turns} turns");
}

#[tokio::test(start_paused = true)]
async fn an_appended_line_is_noticed_soon_even_after_a_long_time() {
    let fixture = Fixture::with_content(b"first\n");
    let mut task = fixture.start_fresh().await;
    poll(&mut task).await;
    for _ in 0..100 {
        assert_eq!(poll(&mut task).await, []);
    }

    let idle_since = Instant::now();
    assert_eq!(poll(&mut task).await, []);
    let wait = idle_since.elapsed();
    fixture.append(b"second\n");

    assert_eq!(poll(&mut task).await, [("second".to_owned(), 13)]);
    assert!(
        (Duration::from_millis(50)..=Duration::from_millis(500)).contains(&wait),
        "idle polls wait {wait:?}"
    );
}

#[tokio::test]
async fn a_file_may_appear_later() {
    let fixture = Fixture::new();
    let mut task = fixture.start_fresh().await;
    assert_eq!(poll(&mut task).await, []);
    assert_eq!(poll(&mut task).await, []);

    fixture.append(b"late\n");

    assert_eq!(poll(&mut task).await, [("late".to_owned(), 5)]);
}

#[tokio::test]
async fn a_folder_is_refused_by_name() {
    let fixture = Fixture::new();
    let mut task = start(fixture.folder.path(), "1", None).await.unwrap();

    let error = task.poll().await.unwrap_err();

    let path = fixture.folder.path().display();
    let expected = format!("cannot open `{path}`, which `file` names\nCaused by: is a directory");
    assert_eq!(error.trace(), expected);
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn an_offset_that_is_no_position_is_refused() {
    let fixture = Fixture::with_content(b"first\n");
    for (stored, complaint) in [
        (
            OffsetMap::new().with("position", "2"),
            "Offset position is the incorrect type",
        ),
        (at(-1), "Offset position is negative"),
    ] {
        let error = fixture.start("1", Some(stored)).await.err().unwrap();

        assert!(error.trace().ends_with(complaint), "{}", error.trace());
        assert_eq!(error.kind(), ErrorKind::Fatal);
    }
}

#[tokio::test]
async fn only_the_file_decides_about_its_lines() {
    let fixture = Fixture::with_content(b"aaaa\nbbbb\n");
    let mut task = fixture.start_fresh().await;
    poll(&mut task).await;

    std::fs::rename(&fixture.path, fixture.folder.path().join("old.txt")).unwrap();
    fixture.append(b"new file\n");
    assert_eq!(poll(&mut task).await, []);
    std::fs::rename(fixture.folder.path().join("old.txt"), &fixture.path).unwrap();
    fixture.append(b"cccc\n");

    assert_eq!(poll(&mut task).await, [("cccc".to_owned(), 15)]);
}

#[tokio::test]
async fn positions_that_a_user_sets_are_checked_in_the_words_of_the_reference() {
    let registry = PluginRegistry::from_inventory().unwrap();
    let plugin = registry.connector("FileStreamSource").unwrap();
    let PluginEntry::Source { alter_offsets, .. } = plugin.entry else {
        panic!("{plugin:?} is no source")
    };
    let file = [("file", "orders.txt"), ("topic", "orders")];
    let partition = || OffsetMap::new().with("filename", "old.txt");
    let alter = async |props: &[(&str, &str)], changes| {
        let props = Props::from_iter(props.iter().copied());
        let altered = alter_offsets(props, changes).await;
        altered.map_err(|it| it.to_string())
    };
    let refused = async |partition, offset| {
        let changes = vec![(partition, Some(offset))];
        alter(&file, changes).await.unwrap_err()
    };

    let changes = vec![(partition(), Some(at(7))), (OffsetMap::new(), None)];
    assert_eq!(alter(&file, changes).await, Ok(Alteration::Confirmed));
    let stdin = alter(&file[1..], Vec::new()).await.unwrap_err();
    assert!(stdin.contains("if the 'file' configuration is unspecified"));
    assert_eq!(
        refused(partition(), OffsetMap::new()).await,
        "Offset objects should either be null or contain the key 'position'"
    );
    assert_eq!(
        refused(partition(), at(-1)).await,
        "The value for the 'position' key in the offset should be a non-negative value"
    );
    assert_eq!(
        refused(partition(), OffsetMap::new().with("position", "7")).await,
        "The value for the 'position' key in the offset is expected to be a Long value"
    );
    assert_eq!(
        refused(OffsetMap::new(), at(7)).await,
        "Partition objects should contain the key 'filename'"
    );
}
