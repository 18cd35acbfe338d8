//! What every connector must do, as tests that [`conformance!`](crate::conformance) writes.

#![expect(clippy::missing_panics_doc, reason = "what does not hold is a panic")]

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::{Polled, SinkHarness, SourceHarness};
use crate::config::{ConfigDef, ConfigErrors, ConfigType, ConnectorConfig, DefaultValue, Props};
use crate::data::Value;
use crate::offset::{OffsetMap, SourceOffset, SourcePartition};
use crate::record::Record;
use crate::sink::SinkTask;
use crate::source::SourceTask;

/// Longest wait for a task to stop.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// What no message may show.
const SECRET: &str = "hunter2-is-the-secret";

/// A configuration with which the connector works, and what has to be kept for it meanwhile, such
/// as a temporary folder.
pub struct Sample {
    props: Props,
    _kept: Box<dyn Any>,
}

impl From<Props> for Sample {
    fn from(props: Props) -> Self {
        (props, ()).into()
    }
}

impl<K: Any> From<(Props, K)> for Sample {
    fn from((props, kept): (Props, K)) -> Self {
        Self {
            props,
            _kept: Box::new(kept),
        }
    }
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sample").field(&self.props).finish()
    }
}

/// Writes the tests that hold for every connector, into the module where it stands.
///
/// `sample` is an expression for a configuration with which the connector works, as [`Props`] or
/// together with something to keep for as long as it is used. It is evaluated anew in each test.
/// A source that stores offsets must find at least two records with it.
///
/// ```
/// use connect_core::prelude::*;
///
/// # /// Counts up.
/// # #[source_connector]
/// # struct Beats(i64);
/// # #[source_task]
/// # impl SourceTask for Beats {
/// #     type Config = NoConfig;
/// #     async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> { Ok(Self(0)) }
/// #     async fn poll(&mut self) -> Result<Batch<Self>> { Ok(Vec::new()) }
/// # }
/// # /// Forgets records.
/// # #[sink_connector]
/// # struct Forget;
/// # #[sink_task]
/// # impl SinkTask for Forget {
/// #     type Config = NoConfig;
/// #     async fn start(_: NoConfig, _: SinkContext) -> Result<Self> { Ok(Self) }
/// #     async fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> { Ok(()) }
/// # }
/// mod ticks {
///     connect_core::conformance!(source super::Beats, sample = connect_core::config::Props::new());
/// }
///
/// mod forget {
///     connect_core::conformance!(sink super::Forget, sample = connect_core::config::Props::new());
/// }
/// ```
///
/// [`Props`]: crate::config::Props
#[macro_export]
macro_rules! conformance {
    (@tests $kind:ident, $task:ty, $sample:expr, [$($test:ident),+ $(,)?]) => {
        $(
            #[test]
            fn $test() {
                $crate::testing::conformance::$kind::$test::<$task>(&($sample).into());
            }
        )+
    };
    (source $task:ty, sample = $sample:expr $(,)?) => {
        $crate::conformance!(@tests source, $task, $sample, [
            the_definition_is_documented_and_its_defaults_are_good,
            the_sample_is_accepted,
            a_missing_key_is_reported_by_its_name,
            a_bad_value_is_reported_under_its_key,
            no_message_shows_a_secret,
            a_task_starts_and_stops_in_any_state,
            stored_positions_are_read_back_as_they_were,
            a_crash_leaves_no_record_out,
            a_clean_stop_repeats_no_record,
        ]);
    };
    (sink $task:ty, sample = $sample:expr $(,)?) => {
        $crate::conformance!(@tests sink, $task, $sample, [
            the_definition_is_documented_and_its_defaults_are_good,
            the_sample_is_accepted,
            a_missing_key_is_reported_by_its_name,
            a_bad_value_is_reported_under_its_key,
            no_message_shows_a_secret,
            a_task_starts_and_stops_in_any_state,
            records_are_taken_and_committed,
        ]);
    };
}

/// Tests of sources.
pub mod source {
    use super::{
        Polled, Sample, SourceHarness, SourceTask, bad_value, definition, missing_key, round_trip,
        run, sample, secrets, stops,
    };
    use crate::offset::SourceOffset as _;

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

    /// What a validation says shows no secret.
    pub fn no_message_shows_a_secret<T: SourceTask>(it: &Sample) {
        secrets::<T::Config>(it);
    }

    /// The task stops within five seconds: right after its start, in the middle of a poll, behind
    /// one.
    pub fn a_task_starts_and_stops_in_any_state<T: SourceTask>(it: &Sample) {
        run(async {
            let mut harness = SourceHarness::<T>::new(it.props.clone());
            harness.start().await.expect("the task starts");
            stops(harness.stop()).await;
            harness.start().await.expect("the task starts again");
            harness.interrupt_poll().await.expect("the task runs");
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
}

/// Tests of sinks.
pub mod sink {
    use super::{
        Sample, SinkHarness, SinkTask, bad_value, definition, missing_key, record, run, sample,
        secrets, stops,
    };

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

    /// What a validation says shows no secret.
    pub fn no_message_shows_a_secret<T: SinkTask>(it: &Sample) {
        secrets::<T::Config>(it);
    }

    /// The task stops within five seconds: right after its start, with nothing to deliver, and
    /// after a rebalance.
    pub fn a_task_starts_and_stops_in_any_state<T: SinkTask>(it: &Sample) {
        run(async {
            let mut harness = SinkHarness::<T>::new(it.props.clone());
            harness.start().await.expect("the task starts");
            stops(harness.stop()).await;
            harness.start().await.expect("the task starts again");
            harness.deliver().await.expect("the task takes nothing");
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
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime starts").block_on(test);
}

async fn stops(stopped: impl Future<Output = crate::Result<()>>) {
    let stopped = tokio::time::timeout(STOP_LIMIT, stopped).await;
    let stopped = stopped.expect("the task stops within five seconds");
    stopped.expect("the task stops without an error");
}

fn record(text: &str) -> Record {
    let mut record = Record::new("conformance");
    record.value = Value::from(text);
    record
}

fn definition<C: ConnectorConfig>(it: &Sample) {
    let definition = C::definition();
    for key in definition.keys() {
        assert!(!key.documentation.is_empty(), "{} has no text", key.name);
    }
    // Defaults are what is left when all that can be is left out.
    let mut minimal = it.props.clone();
    for key in definition.keys() {
        if !matches!(key.default, DefaultValue::Required) {
            minimal.remove(&key.name);
        }
    }
    let Err(errors) = C::parse(&minimal) else {
        return;
    };
    for (key, message) in errors.iter() {
        // A key may be required by the value of another one.
        assert!(
            message.starts_with("Missing required configuration"),
            "default of {key}: {message}"
        );
    }
}

fn sample<C: ConnectorConfig>(it: &Sample) {
    if let Err(errors) = C::parse(&it.props) {
        unusable(&errors);
    }
}

fn missing_key<C: ConnectorConfig>(it: &Sample) {
    let definition = C::definition();
    for key in definition.keys() {
        if !matches!(key.default, DefaultValue::Required)
            || !is_given(&it.props, definition, &key.name)
        {
            continue;
        }
        let mut props = it.props.clone();
        for name in names(definition, &key.name) {
            props.remove(&name);
        }
        let errors = C::parse(&props).map(drop);
        let errors = errors.expect_err("a required key is missing");
        let reported: Vec<_> = errors.iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(reported, [key.name.as_ref()]);
    }
}

fn bad_value<C: ConnectorConfig>(it: &Sample) {
    for key in C::definition().keys() {
        let is_number = matches!(
            key.kind,
            ConfigType::Int | ConfigType::Short | ConfigType::Long | ConfigType::Double
        );
        if !is_number {
            continue;
        }
        let mut props = it.props.clone();
        props.insert(key.name.as_ref(), Some("not a number".to_owned()));
        let errors = C::parse(&props).map(drop);
        let errors = errors.expect_err("the value is no number");
        let is_reported = errors.iter().any(|(name, _)| name == key.name);
        assert!(is_reported, "{}: {errors}", key.name);
    }
}

fn secrets<C: ConnectorConfig>(it: &Sample) {
    let definition = C::definition();
    let is_secret = |kind: &ConfigType| matches!(kind, ConfigType::Password);
    let mut props = it.props.clone();
    for key in definition.keys() {
        let text = match is_secret(&key.kind) {
            true => SECRET,
            false => "\u{0}",
        };
        props.insert(key.name.as_ref(), Some(text.to_owned()));
    }
    let shown = format!("{:?}", C::validate(&props));
    assert!(!shown.contains(SECRET), "{shown}");
    if let Err(errors) = C::parse(&props) {
        let shown = format!("{errors} {errors:?}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

/// All names of a key.
fn names(definition: &ConfigDef, key: &str) -> Vec<String> {
    let details = definition.details(key);
    let aliases = details.into_iter().flat_map(|it| &it.aliases);
    let aliases = aliases.map(|it| it.name.clone().into_owned());
    std::iter::once(key.to_owned()).chain(aliases).collect()
}

fn is_given(props: &Props, definition: &ConfigDef, key: &str) -> bool {
    names(definition, key)
        .iter()
        .any(|it| props.contains_key(it))
}

fn round_trip<P: SourcePartition, O: SourceOffset>(polled: &Polled) {
    let again = |stored: &OffsetMap| {
        let data = stored.to_value();
        OffsetMap::from_value(&data).expect("stored maps are flat")
    };
    let partition = P::from_stored(&again(&polled.partition)).expect("the partition is read back");
    let offset = O::from_stored(&again(&polled.offset)).expect("the offset is read back");
    assert_eq!(partition.to_stored(), polled.partition);
    assert_eq!(offset.to_stored(), polled.offset);
}

#[expect(clippy::panic, reason = "it fails the test that calls it")]
fn unusable(errors: &ConfigErrors) {
    panic!("the sample is not usable: {errors}");
}
