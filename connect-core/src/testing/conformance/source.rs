//! Tests of sources.

use super::{
    DebugFn, FAILURE_LIMIT, Polled, Sample, SourceHarness, SourceTask, WATCHED, bad_value,
    definition, elsewhere, lets_go, missing_key, names_place, pure, round_trip, sample, secrets,
    stops,
};
use crate::error::Result;
use crate::offset::SourceOffset as _;
use crate::plugin::{plan_single, source_plugin};
use crate::testing::run;

/// Every key is documented, and the defaults are good values.
pub fn the_definition_is_documented_and_its_defaults_are_good<T: SourceTask>(it: &Sample) {
    definition::<T::Config>(it);
}

/// The sample has no mistakes.
pub fn the_sample_is_accepted<T: SourceTask>(it: &Sample) {
    sample::<T::Config>(it);
}

/// A required key that is missing is reported by its name, and nothing else is.
pub fn a_missing_key_is_reported_by_its_name<T: SourceTask>(it: &Sample) {
    missing_key::<T::Config>(it);
}

/// A number that is none is reported under its key.
pub fn a_bad_value_is_reported_under_its_key<T: SourceTask>(it: &Sample) {
    bad_value::<T::Config>(it);
}

/// A validation answers the same again, within a second and without a runtime.
pub fn a_validation_is_pure_and_fast<T: SourceTask>(it: &Sample) {
    pure::<T::Config>(it);
}

/// No message, no `Debug` form, no error and no page shows a secret.
pub fn no_text_shows_a_secret<T: SourceTask>(it: &Sample, debug: DebugFn<T::Config>) {
    let plugin = source_plugin::<T>(secrets::info(), plan_single);
    secrets::check::<T::Config>(it, &plugin, debug);
    let Some(props) = secrets::sample::<T::Config>(it) else {
        return;
    };
    run(async {
        let mut harness = SourceHarness::<T>::new(props);
        let polled = tokio::time::timeout(WATCHED, start_and_poll(&mut harness)).await;
        if let Ok(Err(error)) = polled {
            secrets::hidden_in_error(&error);
        }
    });
}

/// The task fails, and says at which place.
pub fn a_place_where_nobody_is_fails_by_name<T: SourceTask>(it: &Sample, place: (&str, &str)) {
    run(async {
        let mut harness = SourceHarness::<T>::new(elsewhere(it, place));
        let failed = async {
            harness.start().await?;
            loop {
                harness.poll().await?;
                tokio::task::yield_now().await;
            }
        };
        names_place(tokio::time::timeout(FAILURE_LIMIT, failed).await, place);
    });
}

async fn start_and_poll<T: SourceTask>(harness: &mut SourceHarness<T>) -> Result<()> {
    harness.start().await?;
    harness.poll().await.map(drop)
}

/// The task stops within five seconds: right after its start, in the middle of a poll, behind
/// one.
pub fn a_task_starts_and_stops_in_any_state<T: SourceTask>(it: &Sample) {
    run(async {
        let mut harness = SourceHarness::<T>::new(it.props.clone());
        harness.start().await.expect("the task starts");
        stops(harness.stop()).await;
        harness.start().await.expect("the task starts again");
        lets_go(harness.interrupt_poll())
            .await
            .expect("the task runs");
        stops(harness.stop()).await;
        harness.start().await.expect("the task starts again");
        if T::Offset::STORED {
            harness.poll_some(1).await.expect("there are records");
        }
        stops(harness.stop()).await;
    });
}

/// Partitions and offsets are the same after they were stored.
pub fn stored_positions_are_read_back_as_they_were<T: SourceTask>(it: &Sample) {
    run(async {
        for polled in sample_records::<T>(it).await {
            round_trip::<T::Partition, T::Offset>(&polled);
        }
    });
}

/// A task that starts behind any of its records goes on with the next one.
pub fn a_crash_leaves_no_record_out<T: SourceTask>(it: &Sample) {
    run(async {
        let records = sample_records::<T>(it).await;
        for (index, last) in records.iter().enumerate() {
            let rest = records[index + 1..].iter();
            let expected: Vec<_> = rest
                .filter(|it| it.partition == last.partition)
                .map(|it| &it.record.value)
                .collect();
            if expected.is_empty() {
                continue;
            }
            let mut harness = SourceHarness::<T>::new(it.props.clone());
            harness.store_position(last);
            harness.start().await.expect("the task starts");
            let mut again: Vec<Polled> = Vec::new();
            while again.len() < expected.len() {
                let polled = harness.poll_some(1).await.expect("the records come again");
                let polled = polled.into_iter();
                again.extend(polled.filter(|it| it.partition == last.partition));
            }
            let again: Vec<_> = again.iter().map(|it| &it.record.value).collect();
            assert_eq!(again[..expected.len()], expected);
        }
    });
}

/// What was written before a clean stop does not come again.
pub fn a_clean_stop_repeats_no_record<T: SourceTask>(it: &Sample) {
    run(async {
        if !T::Offset::STORED {
            return;
        }
        let mut harness = SourceHarness::<T>::new(it.props.clone());
        harness.start().await.expect("the task starts");
        let first = harness.poll_some(2).await.expect("there are two records");
        stops(harness.stop()).await;
        harness.start().await.expect("the task starts again");
        let more = harness.poll().await.expect("the task polls");
        let repeated = more.iter().find(|it| {
            let position = (&it.partition, &it.offset);
            first
                .iter()
                .any(|first| (&first.partition, &first.offset) == position)
        });
        assert!(repeated.is_none(), "repeated: {repeated:?}");
    });
}

/// The first records of the sample; none when the source remembers nothing.
async fn sample_records<T: SourceTask>(it: &Sample) -> Vec<Polled> {
    if !T::Offset::STORED {
        return Vec::new();
    }
    let mut harness = SourceHarness::<T>::new(it.props.clone());
    harness.start().await.expect("the task starts");
    let mut records = harness
        .poll_some(2)
        .await
        .expect("the sample gives two records");
    records.truncate(20);
    records
}
