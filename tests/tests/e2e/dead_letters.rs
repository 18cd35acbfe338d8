//! Dead letters beside those of a Java worker: the same record, and the same headers in the same order.

use connect_tests::broker::BrokerKind;
use connect_tests::eventually::eventually;
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use connect_tests::topic::{self, TextRecord};
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, run, text};

const HEADERS: &str = "__connect.errors.";
/// Where it happened, which is another place in another program.
const TRACE: &str = "__connect.errors.exception.stacktrace";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dead_letters_are_those_of_a_java_worker() {
    run(BrokerKind::Kafka, the_same_letters).await;
}

async fn the_same_letters(scene: Scene) {
    let Some(java) = scene.java_worker(&scene.path("java.offsets")).await else {
        return;
    };
    let worker = scene.worker().start().await;
    scene.append("1\nno json\n2\n");
    let (name, source) = (scene.source_name(), scene.source());
    worker.rest().create(&name, &source).await;

    for changes in [
        json!({
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable": "false",
        }),
        json!({
            "transforms": "cast",
            "transforms.cast.type": "org.apache.kafka.connect.transforms.Cast$Value",
            "transforms.cast.spec": "int8",
        }),
    ] {
        let ours = letter(&scene, worker.rest(), "ours", &changes).await;
        let reference = letter(&scene, java.rest(), "java", &changes).await;

        assert_eq!(ours, reference, "{changes}");
        let names = ours.headers.iter().map(|(name, _)| name);
        assert!(names.clone().all(|it| it.starts_with(HEADERS)), "{ours:?}");
        assert_eq!(names.count(), 10, "{ours:?}");
    }
    worker.stop(Signal::Terminate).await;
}

/// The only dead letter of a sink that a worker runs, without what is its own.
async fn letter(scene: &Scene, rest: &Rest, tag: &str, changes: &Value) -> TextRecord {
    let name = format!("{tag}-{}", scene.topic());
    let dead = format!("dead-{name}-{}", changes.as_object().unwrap().len());
    let mut sink = json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector",
        "topics": scene.topic(),
        "file": text(&scene.path(&dead)),
        "consumer.override.auto.offset.reset": "earliest",
        "errors.tolerance": "all",
        "errors.deadletterqueue.topic.name": dead,
        "errors.deadletterqueue.topic.replication.factor": "1",
        "errors.deadletterqueue.context.headers.enable": "true",
    });
    for (key, value) in changes.as_object().unwrap() {
        sink[key] = value.clone();
    }
    rest.create(&dead, &sink).await;
    let letters = eventually(ARRIVAL_LIMIT, &dead, async || {
        let letters = topic::records(scene.bootstrap(), &dead).await;
        (!letters.is_empty()).then_some(letters).ok_or(())
    })
    .await;
    let [mut letter] = <[TextRecord; 1]>::try_from(letters).unwrap();
    for (name, value) in &mut letter.headers {
        match name.as_str() {
            TRACE => value.clear(),
            _ => *value = value.replace(tag, "TAG"),
        }
    }
    letter
}
