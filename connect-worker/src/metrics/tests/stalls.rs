//! When a task counts as stalled, by the clock of the test.

use super::*;

const SOURCE: &str = "ext-task-progress-metrics";

/// Metrics with a limit of ten seconds, and a task that runs.
fn running(kind: PluginKind) -> (Arc<Metrics>, ShownTask) {
    let metrics = metrics("10000");
    let task = show(&metrics, "c", kind);
    metrics.task_reported(task.figures(), State::Running);
    (metrics, task)
}

async fn pass(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

fn is_stalled(metrics: &Metrics) -> bool {
    let sentences = metrics.stalled(&"c".into());
    let figures = shown(metrics, SOURCE, "stalled");
    let is_stalled = figures == ["stalled=1"];
    assert_eq!(
        is_stalled,
        !sentences.is_empty(),
        "{figures:?} {sentences:?}"
    );
    is_stalled
}

#[tokio::test(start_paused = true)]
async fn a_source_stalls_when_no_acknowledgement_comes() {
    let (metrics, task) = running(PluginKind::Source);
    // A source may have nothing to do for as long as it likes.
    pass(100).await;
    assert!(!is_stalled(&metrics));
    task.figures().polled(5, Duration::ZERO);
    pass(9).await;
    assert!(!is_stalled(&metrics));

    pass(1).await;
    assert!(is_stalled(&metrics));
    let waited = ["time-without-progress-ms=10000"];
    assert_eq!(shown(&metrics, SOURCE, "time"), waited);

    // Some acknowledgements are progress, and the rest may wait as long again.
    task.figures().settled(2, 0);
    assert!(!is_stalled(&metrics));
    // More records to send are none.
    pass(9).await;
    task.figures().polled(5, Duration::ZERO);
    pass(1).await;
    assert!(is_stalled(&metrics));
    task.figures().settled(7, 1);
    pass(100).await;
    assert!(!is_stalled(&metrics));
}

#[tokio::test(start_paused = true)]
async fn a_sink_stalls_when_put_does_not_return() {
    let (metrics, task) = running(PluginKind::Sink);
    pass(100).await;
    assert!(!is_stalled(&metrics));
    task.figures().read_records(3);
    pass(10).await;
    assert!(is_stalled(&metrics));
    let told = metrics.stalled(&"c".into());
    assert!(
        told[0].starts_with("Task 0 was given 3 records 10 s ago"),
        "{told:?}"
    );
    assert!(metrics.stalled(&"other".into()).is_empty());

    task.figures().put(3, Duration::from_secs(10));
    assert!(!is_stalled(&metrics));
    task.figures().read_records(3);
    task.figures().let_go();
    pass(100).await;
    assert!(!is_stalled(&metrics));
}

#[tokio::test(start_paused = true)]
async fn only_a_task_that_runs_can_stall() {
    let (metrics, task) = running(PluginKind::Source);
    task.figures().polled(5, Duration::ZERO);
    pass(60).await;
    for (state, stalls) in [
        (State::Running, true),
        (State::Paused, false),
        (State::Failed, false),
    ] {
        metrics.task_reported(task.figures(), state);
        assert_eq!(is_stalled(&metrics), stalls, "{state}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nothing_stalls() {
    let metrics = metrics("0");
    let task = show(&metrics, "c", PluginKind::Source);
    metrics.task_reported(task.figures(), State::Running);
    task.figures().polled(5, Duration::ZERO);
    pass(100_000).await;

    assert!(!is_stalled(&metrics));
}
