//! What a task is called with, and when.

use std::sync::Mutex;

use connect_core::config::Props;
use connect_core::data::Value;
use connect_core::sink::SinkOffsets;
use connect_core::source::BoxFuture;

use super::*;
use crate::herder::TargetState;
use crate::metrics::tests::task_figures;

/// Writes down what it is called with.
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    fn note(&self, call: String) -> BoxFuture<'static, Result<()>> {
        self.0.lock().unwrap().push(call);
        Box::pin(std::future::ready(Ok(())))
    }
}

impl ErasedSinkTask for Recorder {
    fn put(&mut self, records: Vec<SinkRecord>) -> BoxFuture<'_, Result<()>> {
        self.note(format!("put {}", records.len()))
    }

    fn pre_commit(&mut self, offsets: SinkOffsets) -> BoxFuture<'_, Result<SinkOffsets>> {
        self.0.lock().unwrap().push("pre_commit".to_owned());
        Box::pin(std::future::ready(Ok(offsets)))
    }

    fn open<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        self.note(format!("open {}", partitions.len()))
    }

    fn close<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        self.note(format!("close {}", partitions.len()))
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.note("stop".to_owned())
    }
}

/// What a task is called with that has nothing to do, and whose connector is paused or not.
async fn idle_calls(target: TargetState) -> Vec<String> {
    let (spec, worker) = (spec(), worker().await);
    let (mut control, sender) = control(&spec);
    let figures = Arc::clone(&control.figures);
    sender.send_replace(target);
    let cluster = Cluster::default();
    cluster.commit(&[(0, RECORDS), (1, RECORDS), (2, RECORDS)]);
    let life = Life::new(FOR_EVER, Chance::new(7));
    let settings =
        ConnectorSettings::parse(&spec.connector, PluginKind::Sink, &worker.parts.plugins).unwrap();
    let errors = ErrorHandler::new(Arc::clone(&figures), settings.errors, Secrets::default());
    let (_reports, received) = mpsc::channel(1);
    let calls = Arc::default();
    let ends: Ends<Member, Lossy> = Ends {
        task: Box::new(Recorder(Arc::clone(&calls))),
        consumer: Member::new(&cluster, &life, PLAIN, control.stop.clone()),
        errant: ErrantRecords::new(errors, None, received),
        controls: Arc::default(),
    };
    let conversion = Conversion::new(&worker, &spec, &figures).unwrap();
    let mut pipeline = SinkPipeline::new(&worker, figures, conversion, ends);
    pipeline.run(&mut control).await.unwrap();
    pipeline.close().await.unwrap();
    std::mem::take(&mut *calls.lock().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_task_without_records_is_called_from_time_to_time_also_when_it_is_paused() {
    for target in [TargetState::Started, TargetState::Paused] {
        let calls = idle_calls(target).await;

        assert_eq!(calls[0], "open 3", "{target:?}");
        let empty = calls.iter().filter(|it| *it == "put 0").count();
        assert!(empty > 1, "{target:?}: {calls:?}");
        assert_eq!(calls[calls.len() - 3..], ["pre_commit", "close 3", "stop"]);
    }
}

/// Batches of three records, each in another partition, hoisted by a transform.
async fn hoisted(kept: bool) -> (Worker, TaskSpec, DecodedBatch) {
    let (mut spec, worker) = (spec(), worker().await);
    spec.connector.extend([
        (
            "transforms.drop.type",
            "org.apache.kafka.connect.transforms.HoistField$Value",
        ),
        ("transforms.drop.field", "number"),
        ("transforms.drop.predicate", "empty"),
        ("transforms.drop.negate", "true"),
    ]);
    let fetched = cluster::fetched(&[(0, 0), (1, 1), (2, 0)]);
    let batch = DecodedBatch::new(fetched);
    let batch = if kept { batch.kept() } else { batch };
    (worker, spec, batch)
}

pub(super) fn partition(number: i32) -> TopicPartition {
    TopicPartition {
        topic: "t".into(),
        partition: number,
    }
}

#[tokio::test]
async fn transformed_records_are_given_again_as_they_were() {
    let (worker, spec, mut batch) = hoisted(true).await;
    let figures = task_figures(PluginKind::Sink);
    let mut conversion = Conversion::new(&worker, &spec, &figures).unwrap();
    batch
        .convert(&conversion.converters, &mut conversion.transforms, false)
        .unwrap();
    let first = batch.take_records();

    // Partitions may be taken away meanwhile.
    batch.remove(&[partition(1)]);
    batch.rewind();
    // Whatever transforms would make of them now.
    let mut none = TransformChain::new(&Props::default(), &worker.parts.plugins).unwrap();
    batch
        .convert(&conversion.converters, &mut none, false)
        .unwrap();
    let second = batch.take_records();

    let values = |records: &[SinkRecord]| -> Vec<String> {
        records.iter().map(|it| format!("{:?}", it.value)).collect()
    };
    let mut expected = values(&first);
    assert_eq!(expected.len(), 3);
    expected.remove(1);
    assert_eq!(values(&second), expected);
    assert_eq!(batch.ends(), [(partition(0), 1), (partition(2), 1)]);
}

#[tokio::test]
async fn records_without_transforms_are_converted_again() {
    let (worker, mut spec, mut batch) = hoisted(false).await;
    spec.connector.extend([("transforms", "")]);
    let figures = task_figures(PluginKind::Sink);
    let mut conversion = Conversion::new(&worker, &spec, &figures).unwrap();
    let mut counts = Vec::new();
    for removed in [None, Some(partition(2))] {
        batch.remove(removed.as_slice());
        batch.rewind();
        batch
            .convert(&conversion.converters, &mut conversion.transforms, false)
            .unwrap();
        counts.push(batch.take_records().len());
    }

    assert_eq!(counts, [3, 2]);
    assert_eq!(batch.ends(), [(partition(0), 1), (partition(1), 2)]);
}

#[tokio::test]
async fn a_transform_knows_where_a_record_was_read() {
    let (worker, mut spec, mut batch) = hoisted(false).await;
    spec.connector.extend([
        ("transforms", "drop,place"),
        (
            "transforms.place.type",
            "org.apache.kafka.connect.transforms.InsertField$Value",
        ),
        ("transforms.place.offset.field", "offset"),
    ]);
    let figures = task_figures(PluginKind::Sink);
    let mut conversion = Conversion::new(&worker, &spec, &figures).unwrap();

    let Conversion {
        converters,
        transforms,
        ..
    } = &mut conversion;
    batch.convert(converters, transforms, false).unwrap();

    let records = batch.take_records();
    let offsets = records.iter().map(|it| match &it.value {
        Value::Struct(value) => value.get("offset").unwrap().as_i64(),
        other => panic!("{other:?}"),
    });
    assert_eq!(offsets.collect::<Vec<_>>(), [Some(0), Some(1), Some(0)]);
    assert_eq!(records[1].origin().topic.as_str(), "t");
}
