//! A source that says itself where its transactions end, in the test kit.

use connect_core::config::Props;
use connect_core::prelude::*;
use connect_core::source::ExactlyOnceSupport;
use connect_core::testing::{Polled, SourceHarness};

/// What is read.
#[derive(Debug, ConnectorConfig)]
struct ScriptConfig {
    /// Batches, one behind the other: numbers with `c` and `a` for what the record asks for, and
    /// `/c` and `/a` for what is asked of the context.
    batches: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
struct Script {
    name: String,
}

#[derive(Clone, Debug, PartialEq, SourceOffset)]
struct Line {
    number: i64,
}

/// Reads a script.
#[source_connector]
struct ScriptSource {
    config: ScriptConfig,
    cx: SourceContext<Self>,
    next: usize,
    /// The last line that needs not be read.
    done: i64,
}

fn script() -> Script {
    Script {
        name: "script".to_owned(),
    }
}

#[source_task]
impl SourceTask for ScriptSource {
    type Config = ScriptConfig;
    type Partition = Script;
    type Offset = Line;

    async fn start(config: ScriptConfig, cx: SourceContext<Self>) -> Result<Self> {
        let stored = cx.offsets(&[script()]).await?;
        let done = stored.into_iter().flatten().map(|it| it.number).max();
        Ok(Self {
            config,
            cx,
            next: 0,
            done: done.unwrap_or_default(),
        })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        let Some(text) = self.config.batches.get(self.next) else {
            return Ok(Vec::new());
        };
        self.next += 1;
        let (records, asked) = text.split_once('/').unwrap_or((text, ""));
        if let Some(transactions) = self.cx.transactions() {
            asked.contains('c').then(|| transactions.commit());
            asked.contains('a').then(|| transactions.abort());
        }
        let records = records.split_whitespace().filter_map(|it| {
            let digits = it.trim_end_matches(['c', 'a']);
            let number = digits.parse().ok()?;
            let record = SourceRecord::new("lines", script(), Line { number }).value(number);
            let record = match it.contains('c') {
                true => record.commit_transaction(),
                false => record,
            };
            let record = match it.contains('a') {
                true => record.abort_transaction(),
                false => record,
            };
            (number > self.done).then_some(record)
        });
        Ok(records.collect())
    }

    fn exactly_once_support(_: &ScriptConfig) -> Option<ExactlyOnceSupport> {
        Some(ExactlyOnceSupport::Supported)
    }

    fn defines_transaction_boundaries(_: &ScriptConfig) -> bool {
        true
    }
}

fn numbers(polled: &[Polled]) -> Vec<String> {
    polled
        .iter()
        .map(|it| it.record.value.to_string())
        .collect()
}

async fn started(batches: &str) -> SourceHarness<ScriptSource> {
    let props = Props::from_iter([("batches", batches)]);
    let mut harness = SourceHarness::new(props).own_transactions();
    harness.start().await.expect("the task starts");
    harness
}

/// Polls once for each batch; what is visible then, and which offset is stored.
#[track_caller]
fn check(batches: &str, visible: &[&str], stored: Option<i64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime starts").block_on(async {
        let mut harness = started(batches).await;
        for _ in batches.split(',') {
            harness.poll().await.expect("the task polls");
        }

        assert_eq!(numbers(harness.visible()), visible, "{batches}");
        let offset = harness.stored(&script()).expect("the offset fits");
        assert_eq!(offset.map(|it| it.number), stored, "{batches}");
    });
}

#[test]
fn records_are_seen_once_they_are_committed() {
    check("1 2", &[], None);
    check("1 2/c", &["1", "2"], Some(2));
    check("1 2,3/c", &["1", "2", "3"], Some(3));
    check("1 2,/c", &["1", "2"], Some(2));
    check("1c 2", &["1"], Some(1));
    check("1c 2 3c 4", &["1", "2", "3"], Some(3));
}

#[test]
fn aborted_records_are_never_seen_and_not_read_again() {
    check("1 2/a", &[], Some(2));
    check("1 2a 3c", &["3"], Some(3));
    check("1c 2a 3", &["1"], Some(2));
    check("1,2,3a,4/c", &["4"], Some(4));
    check("/a,1/c", &["1"], Some(1));
}

#[test]
fn the_last_record_is_asked_before_the_batch() {
    check("1 2c/a", &["1", "2"], Some(2));
    check("1 2a/c", &[], Some(2));
}

#[tokio::test]
async fn both_ends_at_once_fail_the_task() {
    for (batches, message) in [
        (
            "1/ca",
            "Connector requested both commit and abort of same transaction",
        ),
        (
            "1ca",
            "Connector requested both commit and abort of same record against topic/partition \
             lines/null",
        ),
    ] {
        let mut harness = started(batches).await;

        let error = harness.poll().await.unwrap_err();

        assert_eq!(error.to_string(), message);
        assert_eq!(harness.visible(), []);
    }
}

#[tokio::test]
async fn an_open_transaction_is_lost_with_its_task() {
    let mut harness = started("1c 2,3/c").await;
    harness.poll().await.unwrap();

    harness.start().await.unwrap();
    let again = harness.poll().await.unwrap();
    harness.poll().await.unwrap();
    harness.stop().await.unwrap();

    assert_eq!(numbers(&again), ["2"]);
    assert_eq!(numbers(harness.visible()), ["1", "2", "3"]);
}

#[tokio::test]
async fn a_stop_commits_nothing_that_the_task_has_not() {
    let mut harness = started("1 2").await;
    harness.poll().await.unwrap();
    let committed = harness.commit().await.unwrap_err();
    harness.stop().await.unwrap();

    assert_eq!(
        committed.to_string(),
        "the task says itself where its transactions end"
    );
    assert_eq!(harness.visible(), []);
    assert_eq!(harness.stored(&script()).unwrap(), None);
}

#[tokio::test]
async fn without_transactions_a_task_says_nothing_of_them() {
    let props = Props::from_iter([("batches", "1a 2c/a")]);
    let mut harness = SourceHarness::<ScriptSource>::new(props);
    harness.start().await.unwrap();

    let polled = harness.poll().await.unwrap();
    harness.commit().await.unwrap();

    assert_eq!(numbers(&polled), ["1", "2"]);
    assert_eq!(harness.stored(&script()).unwrap(), Some(Line { number: 2 }));
}
