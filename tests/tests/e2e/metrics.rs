//! What a worker shows of itself while it moves lines.

use connect_tests::eventually::eventually;
use serde_json::Value;

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(figures_follow_lines_through_source_and_sink);

async fn figures_follow_lines_through_source_and_sink(scene: Scene) {
    scene.append("one\ntwo\nthree\n");
    let worker = scene
        .worker()
        .set("offset.flush.interval.ms", "200")
        .start()
        .await;
    let rest = worker.rest();
    rest.create(&scene.source_name(), &scene.source()).await;
    rest.create(&scene.sink_name(), &scene.sink()).await;
    scene.wait_for_sink("one\ntwo\nthree\n").await;

    let (source, sink) = (scene.source_name(), scene.sink_name());
    let of = |connector: &str| format!("{{connector=\"{connector}\",task=\"0\"}}");
    let expected = [
        format!(
            "kafka_connect_source_task_source_record_poll_total{} 3",
            of(&source)
        ),
        format!(
            "kafka_connect_source_task_source_record_write_total{} 3",
            of(&source)
        ),
        format!(
            "kafka_connect_source_task_source_record_active_count{} 0",
            of(&source)
        ),
        format!(
            "kafka_connect_sink_task_sink_record_send_total{} 3",
            of(&sink)
        ),
        format!(
            "kafka_connect_sink_task_sink_record_active_count{} 0",
            of(&sink)
        ),
        format!("kafka_connect_sink_task_partition_count{} 1", of(&sink)),
        format!("kafka_connect_ext_task_progress_stalled{} 0", of(&sink)),
        "kafka_connect_worker_task_startup_success_total 2".to_owned(),
    ];
    eventually(ARRIVAL_LIMIT, "all figures", async || {
        let text = rest.get("/metrics").await.text;
        let missing: Vec<_> = expected
            .iter()
            .filter(|it| !text.contains(&***it))
            .collect();
        missing
            .is_empty()
            .then_some(())
            .ok_or(format!("{missing:?} in {text}"))
    })
    .await;

    // The clients tell of themselves after some seconds.
    eventually(ARRIVAL_LIMIT, "figures of clients", async || {
        let sets = rest.get("/ext/v1/metrics").await.json();
        let value = |group: &str, name: &str| {
            let mut sets = sets.as_array().into_iter().flatten();
            let set = sets.find(|it| it["group"] == group && it["values"].get(name).is_some());
            set.map_or(Value::Null, |it| it["values"][name].clone())
        };
        let found = [
            value("producer-metrics", "record-send-total"),
            value("consumer-fetch-manager-metrics", "records-consumed-total"),
            value("consumer-fetch-manager-metrics", "records-lag"),
        ];
        (found == [3.0, 3.0, 0.0]).then_some(()).ok_or(found)
    })
    .await;

    rest.delete(&format!("/connectors/{source}"))
        .await
        .assert_status(204);
    let text = rest.get("/metrics").await.text;
    assert!(!text.contains(&source), "{text}");
}
