//! What goes wrong around a task, as the harnesses of the SDK let it go wrong.

use connect_core::prelude::*;
use connect_core::source::{Fate, Settled};
use connect_core::testing::{SinkHarness, SourceHarness, run, run_in_virtual_time};

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
struct Table {
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, SourceOffset)]
struct Row {
    id: i64,
}

/// Reads rows, and says in each what became of those before.
#[source_connector]
struct RowSource {
    last: i64,
    dropped: usize,
}

fn orders() -> Table {
    Table {
        name: "orders".to_owned(),
    }
}

#[source_task]
impl SourceTask for RowSource {
    type Config = NoConfig;
    type Partition = Table;
    type Offset = Row;

    async fn start(_: NoConfig, cx: SourceContext<Self>) -> Result<Self> {
        let stored = cx.offset(&orders()).await?;
        Ok(Self {
            last: stored.map_or(0, |it| it.id),
            dropped: 0,
        })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        sleep(Duration::from_secs(3600)).await;
        self.last += 1;
        let text = format!("{}, {} dropped", self.last, self.dropped);
        Ok(vec![
            SourceRecord::new("orders", orders(), Row { id: self.last }).value(text),
        ])
    }

    async fn settled(&mut self, records: &[Settled<Self>]) -> Result<()> {
        let dropped = records.iter().filter(|it| it.fate == Fate::Dropped);
        self.dropped += dropped.count();
        Ok(())
    }
}

/// The next record of the source.
async fn next(source: &mut SourceHarness<RowSource>) -> String {
    let mut polled = source.poll().await.expect("it polls");
    polled.remove(0).record.value.to_string()
}

#[test]
fn a_stored_offset_that_cannot_be_read_stops_a_start() {
    run_in_virtual_time(async {
        let mut source = SourceHarness::<RowSource>::new(Props::new());

        source.fail_next_read();
        let failed = source.start().await.unwrap_err();
        source.start().await.unwrap();

        assert!(failed.is_retriable(), "{failed}");
        assert_eq!(next(&mut source).await, "1, 0 dropped");
    });
}

#[test]
fn offsets_that_were_not_stored_are_read_again_after_a_crash_alone() {
    run_in_virtual_time(async {
        let mut source = SourceHarness::<RowSource>::new(Props::new());
        source.start().await.unwrap();
        next(&mut source).await;

        source.fail_next_commit();
        assert!(source.commit().await.is_err());
        assert_eq!(source.stored(&orders()).unwrap(), None);
        source.commit().await.unwrap();
        assert_eq!(source.stored(&orders()).unwrap(), Some(Row { id: 1 }));

        next(&mut source).await;
        source.fail_next_commit();
        assert!(source.commit().await.is_err());
        source.crash();
        source.start().await.unwrap();
        assert_eq!(next(&mut source).await, "2, 0 dropped");
    });
}

#[test]
fn dropped_records_are_passed_and_told() {
    run_in_virtual_time(async {
        let mut source = SourceHarness::<RowSource>::new(Props::new());
        source.start().await.unwrap();
        next(&mut source).await;

        source.commit_as_dropped().await.unwrap();

        assert_eq!(next(&mut source).await, "2, 1 dropped");
        assert_eq!(source.stored(&orders()).unwrap(), Some(Row { id: 1 }));
    });
}

/// Counts what it has.
#[sink_connector]
struct HoldingSink {
    closed: Vec<String>,
}

#[sink_task]
impl SinkTask for HoldingSink {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SinkContext) -> Result<Self> {
        Ok(Self { closed: Vec::new() })
    }

    async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
        let again = records
            .iter()
            .any(|it| it.value == "what was closed".into());
        match (again, self.closed.is_empty()) {
            (true, false) => Err(ConnectError::fatal(self.closed.join(" "))),
            _ => Ok(()),
        }
    }

    async fn close(&mut self, partitions: &[connect_core::sink::TopicPartition]) -> Result<()> {
        self.closed
            .extend(partitions.iter().map(ToString::to_string));
        Ok(())
    }
}

fn record(partition: i32, text: &str) -> Record {
    let mut record = Record::new("orders");
    record.partition = Some(partition);
    record.value = text.into();
    record
}

async fn holding() -> SinkHarness<HoldingSink> {
    let mut sink = SinkHarness::new(Props::new());
    sink.start().await.expect("it starts");
    for partition in [0, 1] {
        sink.produce(record(partition, "first"));
    }
    sink.deliver().await.expect("it takes everything");
    sink
}

#[test]
fn offsets_that_kafka_does_not_take_are_committed_with_the_next_ones() {
    run(async {
        let mut sink = holding().await;

        sink.fail_next_commit();
        assert!(sink.commit().await.is_err());
        assert_eq!(sink.committed("orders", 0), 0);
        sink.commit().await.unwrap();

        assert_eq!(sink.committed("orders", 0), 1);
    });
}

#[test]
fn one_partition_goes_with_or_without_a_commit() {
    run(async {
        let mut sink = holding().await;
        sink.lose("orders", 1).await.unwrap();
        assert_eq!(sink.committed("orders", 1), 0);
        sink.deliver().await.unwrap();
        sink.revoke("orders", 0).await.unwrap();
        let committed = [0, 1].map(|it| sink.committed("orders", it));
        assert_eq!(committed, [1, 1]);

        sink.produce(record(1, "what was closed"));

        let closed = sink.deliver().await.unwrap_err();
        assert_eq!(closed.to_string(), "orders-1 orders-0");
        let gone = sink.lose("orders", 7).await.unwrap_err();
        assert_eq!(
            gone.to_string(),
            "the task does not have partition 7 of topic `orders`"
        );
    });
}
