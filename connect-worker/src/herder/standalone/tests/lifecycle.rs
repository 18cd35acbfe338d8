//! What becomes of tasks when their connector fails, pauses or changes.

use super::*;
use crate::metrics::Value;

const GREATER: &str = "has generated 2 tasks, which is greater than 1";

#[tokio::test]
async fn tasks_of_a_failed_connector_pause_and_resume() {
    let running = Running::start().await;
    let mut failing = config("a", "Moving");
    failing.extend([("fails.in", "watch")]);
    running.put("a", failing).await.unwrap();
    running.reach("a", State::Failed, &[State::Running]).await;

    running.set("a", TargetState::Paused).await;
    running.reach("a", State::Failed, &[State::Paused]).await;
    running.set("a", TargetState::Started).await;

    running.reach("a", State::Failed, &[State::Running]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_connector_that_needs_more_than_null_is_there_and_has_failed() {
    let running = Running::start().await;
    let source = |topic: Option<&str>| {
        let mut config = config("a", "FileStreamSource");
        config.insert("topic", topic.map(str::to_owned));
        config
    };

    let created = running.put("a", source(None)).await.unwrap();
    assert!(matches!(created, PutOutcome::Created(info) if info.config == source(None)));
    let status = running.reach("a", State::Failed, &[]).await;
    let trace = status.connector.trace.unwrap();
    let null = "Invalid value null for configuration topic: entry must be non null";
    assert!(trace.contains(null), "{trace}");
    let restart = |it| Request::RestartConnector("a".into(), it);
    let restarted = text(running.herder.ask(restart).await);
    assert!(restarted.contains(null), "{restarted}");

    running.put("a", source(Some("t"))).await.unwrap();
    running.reach("a", State::Running, &[State::Running]).await;
    let updated = running.put("a", source(None)).await.unwrap();
    assert!(matches!(updated, PutOutcome::Updated(_)));
    running.reach("a", State::Failed, &[State::Running]).await;
    running.standalone.shutdown().await;
}

/// As in the reference, where a resumption is none.
#[tokio::test]
async fn starts_of_connectors_are_counted() {
    let running = Running::start().await;
    let metrics = running.standalone.metrics();
    let starts = || {
        let mut starts = Vec::new();
        metrics.read(|reading| {
            let figures = reading.figures.into_iter();
            let named = figures.filter(|it| {
                it.name.starts_with("connector-startup-") && it.name.ends_with("-total")
            });
            starts.extend(named.map(|it| it.value));
        });
        starts
    };
    let counted = |counts: [f64; 3]| counts.map(Value::Number);

    running
        .create("a", "Idle", TargetState::Paused)
        .await
        .unwrap();
    running.set("a", TargetState::Started).await;
    running.reach("a", State::Running, &[State::Running]).await;
    running.set("a", TargetState::Stopped).await;
    running.set("a", TargetState::Started).await;
    running.reach("a", State::Running, &[State::Running]).await;
    assert_eq!(starts(), counted([0.0, 0.0, 0.0]));

    running.put("a", config("a", "Idle")).await.unwrap();
    assert_eq!(starts(), counted([1.0, 1.0, 0.0]));
    let refused = running.put("a", config("a", "Greedy")).await;
    assert!(text(refused).contains(GREATER));
    assert_eq!(starts(), counted([2.0, 1.0, 1.0]));
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_connector_that_is_created_stopped_has_no_tasks() {
    let running = Running::start().await;

    let created = running.create("a", "Idle", TargetState::Stopped).await;

    assert_eq!(created.unwrap().task_count, 0);
    running.reach("a", State::Stopped, &[]).await;
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn tasks_go_on_when_there_are_too_many_of_them_and_start_no_more() {
    let running = Running::start().await;
    let mut tolerated = config("a", "Greedy");
    tolerated.extend([("tasks.max.enforce", "false")]);
    running.put("a", tolerated).await.unwrap();
    running
        .reach("a", State::Running, &[State::Running; 2])
        .await;

    let refused = running.put("a", config("a", "Greedy")).await;
    assert!(text(refused).contains(GREATER));
    running
        .reach("a", State::Failed, &[State::Running; 2])
        .await;
    let second = || TaskId {
        connector: "a".into(),
        task: 1,
    };
    let restart = |it| Request::RestartTask(second(), it);
    running.herder.ask(restart).await.unwrap();

    let status = running
        .reach("a", State::Failed, &[State::Running, State::Failed])
        .await;
    let trace = status.tasks[1].1.trace.as_deref().unwrap();
    assert!(trace.contains(GREATER), "{trace}");
    running.standalone.shutdown().await;
}

#[tokio::test]
async fn a_task_does_not_override_what_its_worker_forbids() {
    let policy = ("connector.client.config.override.policy", "None");
    let running = Running::with(&[policy]).await;
    let mut overriding = config("a", "Idle");
    overriding.extend([("producer.override.acks", "1")]);

    // A configuration that was accepted earlier.
    running.put("a", overriding).await.unwrap();

    let status = running.reach("a", State::Running, &[State::Failed]).await;
    let trace = status.tasks[0].1.trace.as_deref().unwrap_or_default();
    let lines: Vec<&str> = trace.lines().collect();
    assert_eq!(
        lines,
        [
            "Client Config Overrides not allowed [[acks,1,[],[The 'None' policy does not allow \
             'acks' to be overridden in the connector configuration.],true]]",
            "Task 0 of connector a with class test.IdleConnector failed: change the configuration \
             of the connector or its worker. Then restart it with POST \
             /connectors/a/tasks/0/restart",
        ]
    );
    running.standalone.shutdown().await;
}
