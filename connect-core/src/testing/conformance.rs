//! What every connector must do, as tests that [`conformance!`](crate::conformance) writes.

#![expect(clippy::missing_panics_doc, reason = "what does not hold is a panic")]

mod secrets;
pub mod sink;
pub mod source;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::time::error::Elapsed;

use super::{Polled, SinkHarness, SourceHarness};
use crate::config::{ConfigDef, ConfigErrors, ConfigType, ConnectorConfig, DefaultValue, Props};
use crate::data::Value;
use crate::offset::{OffsetMap, SourceOffset, SourcePartition};
use crate::record::Record;
use crate::sink::SinkTask;
use crate::source::SourceTask;

/// Longest wait for a task to stop.
const STOP_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for a task that cannot work to say so.
const FAILURE_LIMIT: Duration = Duration::from_secs(60);
/// How long a task with wrong secrets is watched.
const WATCHED: Duration = Duration::from_secs(2);
/// Longest time for a validation.
const VALIDATION_LIMIT: Duration = Duration::from_secs(1);

pub use secrets::{DebugFn, NotShown, Shown};

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
/// With `unreachable = [(key, value), ...]` there is another test: the connector fails, and names the
/// key or the value, when the sample has one of these instead. Its values are places where nobody
/// is: an address where nobody listens, a folder that is not there.
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
    (@secrets $kind:ident, $task:ty, $trait:path, $sample:expr) => {
        #[test]
        fn no_text_shows_a_secret() {
            #[allow(unused_imports, reason = "needed for types without `Debug` alone")]
            use $crate::testing::conformance::NotShown as _;
            let shown =
                $crate::testing::conformance::Shown::<<$task as $trait>::Config>::new();
            $crate::testing::conformance::$kind::no_text_shows_a_secret::<$task>(
                &($sample).into(),
                shown.debug(),
            );
        }
    };
    (@unreachable $kind:ident, $task:ty, $sample:expr, $unreachable:expr) => {
        #[test]
        fn a_place_where_nobody_is_fails_by_name() {
            for place in $unreachable {
                $crate::testing::conformance::$kind::a_place_where_nobody_is_fails_by_name::<$task>(
                    &($sample).into(),
                    place,
                );
            }
        }
    };
    (
        source $task:ty, sample = $sample:expr
        $(, unreachable = $unreachable:expr)? $(,)?
    ) => {
        $crate::conformance!(@secrets source, $task, $crate::SourceTask, $sample);
        $($crate::conformance!(@unreachable source, $task, $sample, $unreachable);)?
        $crate::conformance!(@tests source, $task, $sample, [
            the_definition_is_documented_and_its_defaults_are_good,
            the_sample_is_accepted,
            a_missing_key_is_reported_by_its_name,
            a_bad_value_is_reported_under_its_key,
            a_validation_is_pure_and_fast,
            a_task_starts_and_stops_in_any_state,
            stored_positions_are_read_back_as_they_were,
            a_crash_leaves_no_record_out,
            a_clean_stop_repeats_no_record,
        ]);
    };
    (
        sink $task:ty, sample = $sample:expr
        $(, unreachable = $unreachable:expr)? $(,)?
    ) => {
        $crate::conformance!(@secrets sink, $task, $crate::SinkTask, $sample);
        $($crate::conformance!(@unreachable sink, $task, $sample, $unreachable);)?
        $crate::conformance!(@tests sink, $task, $sample, [
            the_definition_is_documented_and_its_defaults_are_good,
            the_sample_is_accepted,
            a_missing_key_is_reported_by_its_name,
            a_bad_value_is_reported_under_its_key,
            a_validation_is_pure_and_fast,
            a_task_starts_and_stops_in_any_state,
            records_are_taken_and_committed,
        ]);
    };
}

async fn stops(stopped: impl Future<Output = crate::Result<()>>) {
    let stopped = tokio::time::timeout(STOP_LIMIT, stopped).await;
    let stopped = stopped.expect("the task stops within five seconds");
    stopped.expect("the task stops without an error");
}

/// Whoever holds the thread of a task for long delays its stop, and what others do on that thread.
async fn lets_go<R>(call: impl Future<Output = R>) -> R {
    let begun = std::time::Instant::now();
    let outcome = call.await;
    let elapsed = begun.elapsed();
    assert!(elapsed < STOP_LIMIT, "the task blocks for {elapsed:?}");
    outcome
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

fn pure<C: ConnectorConfig>(it: &Sample) {
    let begun = std::time::Instant::now();
    let first = C::validate(&it.props);
    let elapsed = begun.elapsed();
    assert!(elapsed < VALIDATION_LIMIT, "it takes {elapsed:?}");
    assert_eq!(C::validate(&it.props), first);
}

/// The sample with another value of a key.
fn elsewhere(it: &Sample, (key, value): (&str, &str)) -> Props {
    let mut props = it.props.clone();
    props.insert(key, Some(value.to_owned()));
    props
}

fn names_place(failed: Result<crate::Result<()>, Elapsed>, (key, value): (&str, &str)) {
    let failed = failed.expect("the task fails in time");
    let error = failed.expect_err("nobody is there");
    let trace = error.trace();
    let names = trace.contains(key) || trace.contains(value);
    assert!(names, "neither `{key}` nor `{value}` is named: {trace}");
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
