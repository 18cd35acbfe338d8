//! Tasks with blocking methods, with records that are settled, and with offsets alone.

use std::sync::Arc;
use std::thread::{self, ThreadId};

use connect_core::config::Props;
use connect_core::offset::OffsetMap;
use connect_core::plugin::PluginEntry;
use connect_core::prelude::*;
use connect_core::registry::PluginRegistry;
use connect_core::sink::{ErasedSinkTask, SinkOffsets, TopicPartition};
use connect_core::source::{
    BoxFuture, ErasedSourceTask, Fate, OffsetReader, Settled, SettledRecord, TaskContext,
};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
struct Device {
    port: i64,
}

#[derive(Clone, Debug, SourceOffset)]
struct Reading {
    number: i64,
}

/// Reads a device that knows nothing of waiting.
#[source_connector]
#[derive(Debug)]
struct DeviceSource {
    thread: ThreadId,
    number: i64,
    told: Vec<String>,
}

#[source_task(blocking)]
impl SourceTask for DeviceSource {
    type Config = NoConfig;
    type Partition = Device;
    type Offset = Reading;

    fn start(_: NoConfig, cx: SourceContext<Self>) -> Result<Self> {
        let offset = cx.offset_blocking(&Device { port: 1 })?;
        Ok(Self {
            thread: thread::current().id(),
            number: offset.map_or(0, |it| it.number),
            told: Vec::new(),
        })
    }

    fn poll(&mut self) -> Result<Batch<Self>> {
        assert_eq!(self.thread, thread::current().id());
        self.number += 1;
        let record = |text: &str| {
            let offset = Reading {
                number: self.number,
            };
            SourceRecord::new("readings", Device { port: 1 }, offset).value(text)
        };
        let told = self.told.join(",");
        let silent = SourceRecord::offset_only(Device { port: 2 }, Reading { number: 9 });
        match self.number {
            44 => panic!("the device is gone"),
            _ => Ok(vec![record("first"), silent, record(&told)]),
        }
    }

    fn settled(&mut self, records: &[Settled<Self>]) -> Result<()> {
        for settled in records {
            let value = &settled.record.record().value;
            self.told.push(format!("{value} {:?}", settled.fate));
        }
        Ok(())
    }

    fn stop(mut self) -> Result<()> {
        self.told.clear();
        Err(ConnectError::fatal("the device does not stop"))
    }
}

/// Counts what it is given.
#[sink_connector]
#[derive(Debug)]
struct CountSink {
    thread: ThreadId,
    flushes: i64,
}

#[sink_task(blocking)]
impl SinkTask for CountSink {
    type Config = NoConfig;

    fn start(_: NoConfig, _: SinkContext) -> Result<Self> {
        Ok(Self {
            thread: thread::current().id(),
            flushes: 0,
        })
    }

    fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> {
        assert_eq!(self.thread, thread::current().id());
        Err(ConnectError::retriable("not now"))
    }

    fn flush(&mut self, _: &SinkOffsets) -> Result<()> {
        self.flushes += 1;
        match self.flushes {
            1 => Ok(()),
            _ => Err(ConnectError::retriable("disk full")),
        }
    }
}

struct Stored;

impl OffsetReader for Stored {
    fn read<'a>(&'a self, _: &'a OffsetMap) -> BoxFuture<'a, Result<Option<OffsetMap>>> {
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(Some(OffsetMap::new().with("number", 41_i64)))
        })
    }
}

fn entry(name: &str) -> PluginEntry {
    let registry = PluginRegistry::from_inventory().expect("names differ");
    registry.find(name).expect("it is registered").entry
}

async fn device() -> Box<dyn ErasedSourceTask> {
    let PluginEntry::Source { start, .. } = entry("DeviceSource") else {
        panic!("it is a source")
    };
    let cx = TaskContext::new("devices", 0, CancellationToken::new(), Arc::new(Stored));
    start(Props::new(), cx).await.expect("it starts")
}

async fn counter() -> Box<dyn ErasedSinkTask> {
    let PluginEntry::Sink { start, .. } = entry("CountSink") else {
        panic!("it is a sink")
    };
    let cx = SinkContext::new("counts".into(), 0, CancellationToken::new());
    start(Props::new(), cx).await.expect("it starts")
}

#[tokio::test]
async fn a_blocking_source_lives_on_one_thread_until_it_panics() {
    let mut task = device().await;

    let batch = task.poll().await.unwrap();
    let position = batch.positions.unwrap().detach(2);
    task.poll().await.unwrap();
    let panicked = task.poll().await.unwrap_err();
    let after = task.poll().await.unwrap_err();

    assert_eq!(position.offset(), OffsetMap::new().with("number", 42_i64));
    assert_eq!(
        panicked.to_string(),
        "the plugin panicked: the device is gone"
    );
    assert_eq!(after.to_string(), "the task has ended");
}

#[tokio::test]
async fn a_task_that_wants_to_hears_what_became_of_its_records() {
    let mut task = device().await;
    let batch = task.poll().await.unwrap();
    let number = batch.unsettled.expect("it wants to hear");
    let settle = |record, fate| SettledRecord {
        batch: number,
        record,
        fate,
    };

    let settled = [
        settle(2, Fate::Dropped),
        settle(1, Fate::Written),
        settle(0, Fate::Written),
        settle(0, Fate::Written),
        settle(7, Fate::Written),
    ];
    task.settled(&settled).await.unwrap();

    assert_eq!(batch.offset_only, [1]);
    let value = task.poll().await.unwrap().records.record(2).value.clone();
    assert_eq!(value, Value::from(" Dropped,first Written"));
    let stopped = task.stop().await.unwrap_err();
    assert_eq!(stopped.to_string(), "the device does not stop");
}

#[tokio::test]
async fn a_blocking_sink_answers_from_its_thread() {
    let mut task = counter().await;
    let partition = TopicPartition {
        topic: "orders".into(),
        partition: 0,
    };
    let offsets = SinkOffsets::from([(partition.clone(), 7)]);

    task.open(&[partition]).await.unwrap();
    assert!(task.put(Vec::new()).await.unwrap_err().is_retriable());
    assert_eq!(task.pre_commit(offsets.clone()).await.unwrap(), offsets);
    let error = task.pre_commit(offsets).await.unwrap_err();
    assert_eq!(error.to_string(), "disk full");
    task.stop().await.unwrap();
}
