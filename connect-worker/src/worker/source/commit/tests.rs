//! Commits against a store that fails or hangs when it is told to.

mod crashes;

use std::sync::Mutex;

use connect_core::plugin::PluginKind;

use super::*;
use crate::metrics::tests::task_figures;
use crate::storage::offsets::StoredEntry;
use crate::worker::source::tracker::tests::Batch;

const SCHEDULE: CommitSchedule = CommitSchedule {
    interval: Duration::from_secs(60),
    timeout: Duration::from_secs(5),
};

/// What the store does with the next writes, the last of which is repeated.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Works,
    Fails,
    Hangs,
}

#[derive(Debug, Default)]
struct Store {
    moods: Mutex<Vec<Mood>>,
    written: Mutex<Vec<String>>,
}

impl Store {
    fn new(moods: &[Mood]) -> Arc<Self> {
        Arc::new(Self {
            moods: Mutex::new(moods.iter().rev().copied().collect()),
            written: Mutex::default(),
        })
    }

    fn written(&self) -> Vec<String> {
        std::mem::take(&mut *self.written.lock().unwrap())
    }
}

impl OffsetStore for Store {
    fn get<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async { Ok(None) })
    }

    fn entries(&self) -> BoxFuture<'_, Result<Vec<StoredEntry>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn set(&self, entries: Vec<OffsetEntry>) -> BoxFuture<'_, Result<()>> {
        let mood = self.moods.lock().unwrap().pop().unwrap_or(Mood::Works);
        Box::pin(async move {
            match mood {
                Mood::Works => {
                    let text = entries.into_iter().map(|(key, value)| {
                        let value = value.expect("offsets are written, not reset");
                        let text = [key, b" ".to_vec(), value].concat();
                        String::from_utf8(text).unwrap()
                    });
                    self.written.lock().unwrap().extend(text);
                    Ok(())
                }
                Mood::Fails => Err(ConnectError::retriable("disk full")),
                Mood::Hangs => std::future::pending().await,
            }
        })
    }
}

/// A committer with ten records of one source partition in flight.
fn committer(store: &Arc<Store>) -> OffsetCommitter {
    let figures = task_figures(PluginKind::Source);
    let mut committer = OffsetCommitter::new(figures, Arc::clone(store) as _, SCHEDULE);
    let batch = Batch::positions(&[0; 10], 0);
    committer.sending(&batch, SentRecords::Run(0..10), 0);
    committer
}

#[tokio::test(start_paused = true)]
async fn what_is_acknowledged_is_stored_when_it_is_time() {
    let store = Store::new(&[]);
    let mut committer = committer(&store);
    let start = Instant::now();
    committer.acknowledge(0..4);

    let stored = committer.committed().await;

    assert_eq!(start.elapsed(), SCHEDULE.interval);
    assert_eq!(stored.len(), 1);
    assert_eq!(store.written(), [r#"["c",{"p":0}] {"o":3}"#]);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_stored_is_stored_with_the_next_commit() {
    for trouble in [Mood::Fails, Mood::Hangs] {
        // Some of what was sent together, and all of it, of which nothing else is known any more.
        for (acknowledged, last) in [(4, 3), (10, 9)] {
            let store = Store::new(&[trouble]);
            let mut committer = committer(&store);
            committer.acknowledge(0..acknowledged);

            let stored = committer.committed().await;

            assert_eq!(stored.len(), 1, "{trouble:?}");
            let expected = format!(r#"["c",{{"p":0}}] {{"o":{last}}}"#);
            assert_eq!(store.written(), [expected]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_commit_stores_no_more_than_is_acknowledged() {
    let store = Store::new(&[]);
    let mut committer = committer(&store);
    committer.acknowledge(0..2);
    committer.acknowledge(3..10);

    let stored = committer.finish().await.unwrap();

    assert_eq!(stored.len(), 1);
    assert_eq!(store.written(), [r#"["c",{"p":0}] {"o":1}"#]);
}

#[tokio::test(start_paused = true)]
async fn the_last_commit_repeats_one_that_failed_meanwhile() {
    let store = Store::new(&[Mood::Fails]);
    let mut committer = committer(&store);
    committer.acknowledge(0..4);
    committer.begin();

    committer.finish().await.unwrap();

    assert_eq!(store.written(), [r#"["c",{"p":0}] {"o":3}"#]);
}
