//! Tests of sinks.

use super::{
    DebugFn, FAILURE_LIMIT, Sample, SinkHarness, SinkTask, WATCHED, bad_value, definition,
    elsewhere, lets_go, missing_key, names_place, pure, record, sample, secrets, stops,
};
use crate::error::Result;
use crate::plugin::{plan_single, sink_plugin};
use crate::testing::run;

/// Every key is documented, and the defaults are good values.
pub fn the_definition_is_documented_and_its_defaults_are_good<T: SinkTask>(it: &Sample) {
    definition::<T::Config>(it);
}

/// The sample has no mistakes.
pub fn the_sample_is_accepted<T: SinkTask>(it: &Sample) {
    sample::<T::Config>(it);
}

/// A required key that is missing is reported by its name, and nothing else is.
pub fn a_missing_key_is_reported_by_its_name<T: SinkTask>(it: &Sample) {
    missing_key::<T::Config>(it);
}

/// A number that is none is reported under its key.
pub fn a_bad_value_is_reported_under_its_key<T: SinkTask>(it: &Sample) {
    bad_value::<T::Config>(it);
}

/// A validation answers the same again, within a second and without a runtime.
pub fn a_validation_is_pure_and_fast<T: SinkTask>(it: &Sample) {
    pure::<T::Config>(it);
}

/// No message, no `Debug` form, no error and no page shows a secret.
pub fn no_text_shows_a_secret<T: SinkTask>(it: &Sample, debug: DebugFn<T::Config>) {
    let plugin = sink_plugin::<T>(secrets::info(), plan_single);
    secrets::check::<T::Config>(it, &plugin, debug);
    let Some(props) = secrets::sample::<T::Config>(it) else {
        return;
    };
    run(async {
        let mut harness = SinkHarness::<T>::new(props);
        let put = tokio::time::timeout(WATCHED, start_and_put(&mut harness)).await;
        if let Ok(Err(error)) = put {
            secrets::hidden_in_error(&error);
        }
    });
}

/// The task fails, and says at which place.
pub fn a_place_where_nobody_is_fails_by_name<T: SinkTask>(it: &Sample, place: (&str, &str)) {
    run(async {
        let mut harness = SinkHarness::<T>::new(elsewhere(it, place));
        let failed = async {
            loop {
                start_and_put(&mut harness).await?;
                tokio::task::yield_now().await;
            }
        };
        names_place(tokio::time::timeout(FAILURE_LIMIT, failed).await, place);
    });
}

async fn start_and_put<T: SinkTask>(harness: &mut SinkHarness<T>) -> Result<()> {
    harness.start().await?;
    harness.produce(record("first"));
    harness.deliver().await?;
    harness.commit().await
}

/// The task stops within five seconds: right after its start, with nothing to deliver, and
/// after a rebalance.
pub fn a_task_starts_and_stops_in_any_state<T: SinkTask>(it: &Sample) {
    run(async {
        let mut harness = SinkHarness::<T>::new(it.props.clone());
        harness.start().await.expect("the task starts");
        stops(harness.stop()).await;
        harness.start().await.expect("the task starts again");
        lets_go(harness.deliver())
            .await
            .expect("the task takes nothing");
        stops(harness.stop()).await;
        harness.start().await.expect("the task starts again");
        harness.produce(record("first"));
        harness.rebalance().await.expect("partitions are closed");
        stops(harness.stop()).await;
    });
}

/// Records with text are taken, and everything is committed at the end; what a crash left
/// uncommitted is taken again.
pub fn records_are_taken_and_committed<T: SinkTask>(it: &Sample) {
    run(async {
        let mut harness = SinkHarness::<T>::new(it.props.clone()).taking_reports();
        harness.start().await.expect("the task starts");
        harness.produce(record("first"));
        harness.produce(record("second"));
        harness.deliver().await.expect("the records are taken");
        harness.start().await.expect("the task starts again");
        harness.produce(record("third"));
        harness
            .deliver()
            .await
            .expect("the records are taken again");
        stops(harness.stop()).await;
        assert_eq!(harness.committed("conformance", 0), 3);
    });
}
