//! Connectors that do not do what each must: the suite finds every one of them.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use connect_core::__private::{Definer, KeyNames, Reader};
use connect_core::config::{ConfigBlock, ConfigDef, ConfigType, ConfigValue, Unit, ValueError};
use connect_core::error::panic_text;
use connect_core::offset::{OffsetError, OffsetMap, SourceOffset};
use connect_core::prelude::*;
use connect_core::testing::conformance::{Sample, sink, source};

/// What is wrong with the connector.
#[derive(Clone, Copy, Debug, PartialEq, ConfigEnum)]
enum Flaw {
    /// Nothing.
    None,
    /// A validation says something else each time.
    Moody,
    /// A validation takes long.
    Slow,
    /// It never stops.
    Endless,
    /// Its stop fails.
    Failing,
    /// It blocks the thread of others.
    Blocking,
    /// It begins anew after a restart.
    Forgetful,
    /// It leaves a record out after a restart.
    Hasty,
    /// Its positions cannot be read back.
    Unreadable,
    /// It takes no records.
    Refusing,
    /// It lets nothing be committed.
    Holding,
}

/// What every connector has.
#[derive(Debug, ConnectorConfig)]
#[config(check = UnfitConfig::check)]
struct UnfitConfig {
    /// Where to write.
    topic: String,
    /// A number that can be anything.
    #[config(default = "1")]
    lenient: Lenient,
    /// What is wrong.
    #[config(default = "none")]
    flaw: Flaw,
}

/// Too long for a validation.
const LONG_VALIDATION: Duration = Duration::from_millis(1100);
/// Too long for a stop.
const LONG_STOP: Duration = Duration::from_millis(5100);

fn keep_busy(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::thread::yield_now();
    }
}

impl UnfitConfig {
    fn check(&self, errors: &mut ConfigErrors) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        match self.flaw {
            Flaw::Moody => errors.add("flaw", COUNT.fetch_add(1, Ordering::Relaxed)),
            Flaw::Slow => keep_busy(LONG_VALIDATION),
            _ => {}
        }
    }
}

/// Is published as a number and takes any text.
#[derive(Debug)]
struct Lenient(String);

impl ConfigValue for Lenient {
    fn kind(_: Unit) -> ConfigType {
        ConfigType::Int
    }

    fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
        Ok(Self(text.to_owned()))
    }

    fn to_text(&self, _: Unit) -> Option<String> {
        Some(self.0.clone())
    }
}

/// An even number.
#[derive(Debug)]
struct Even(u32);

impl ConfigValue for Even {
    fn kind(_: Unit) -> ConfigType {
        ConfigType::Int
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        match u32::parse_text(text, unit)? {
            odd if odd % 2 == 1 => Err(ValueError::new("Not an even number")),
            even => Ok(Self(even)),
        }
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.0.to_text(unit)
    }
}

/// A default that the macro cannot know to be none.
#[derive(Debug, ConnectorConfig)]
struct OddConfig {
    /// An even number.
    #[config(default = "3")]
    even: Even,
}

/// Reads what is missing from somewhere else, though it says that it must be given.
#[derive(Debug)]
struct GuessingConfig(UnfitConfig);

impl ConfigBlock for GuessingConfig {
    const KEYS: KeyNames = UnfitConfig::KEYS;

    type Draft = ();

    fn define(definer: &mut Definer) {
        UnfitConfig::define(definer);
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        UnfitConfig::read(reader).map(Self)
    }

    fn write(&self, props: &mut Props) {
        self.0.write(props);
    }
}

impl ConnectorConfig for GuessingConfig {
    fn definition() -> &'static ConfigDef {
        UnfitConfig::definition()
    }

    fn parse(props: &Props) -> Result<Self, ConfigErrors> {
        let mut props = props.clone();
        if !props.contains_key("topic") {
            props.insert("topic", Some("guessed".to_owned()));
        }
        UnfitConfig::parse(&props).map(Self)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
struct Table {
    name: String,
}

#[derive(Clone, Debug)]
struct Row {
    id: i64,
    is_readable: bool,
}

impl SourceOffset for Row {
    fn to_stored(&self) -> OffsetMap {
        OffsetMap::new()
            .with("id", self.id)
            .with("readable", self.is_readable)
    }

    fn from_stored(stored: &OffsetMap) -> Result<Self, OffsetError> {
        let read = Stored::from_stored(stored)?;
        match read.readable {
            true => Ok(Self {
                id: read.id,
                is_readable: true,
            }),
            false => Err(OffsetError::NotAMap),
        }
    }
}

#[derive(Clone, Debug, SourceOffset)]
struct Stored {
    id: i64,
    readable: bool,
}

/// Reads numbers, in a way.
#[source_connector]
#[derive(Debug)]
struct UnfitSource {
    flaw: Flaw,
    last: i64,
}

#[source_task]
impl SourceTask for UnfitSource {
    type Config = UnfitConfig;
    type Partition = Table;
    type Offset = Row;

    async fn start(config: UnfitConfig, cx: SourceContext<Self>) -> Result<Self> {
        let stored = cx.offset(&table()).await?;
        let last = match config.flaw {
            Flaw::Forgetful => 0,
            Flaw::Hasty => stored.map_or(0, |it| it.id + 1),
            _ => stored.map_or(0, |it| it.id),
        };
        let flaw = config.flaw;
        Ok(Self { flaw, last })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        if self.flaw == Flaw::Blocking {
            keep_busy(LONG_STOP);
        }
        self.last += 1;
        let row = Row {
            id: self.last,
            is_readable: self.flaw != Flaw::Unreadable,
        };
        let record = SourceRecord::new("numbers", table(), row);
        Ok(vec![record.value(self.last)])
    }

    async fn stop(self) -> Result<()> {
        stop(self.flaw).await
    }
}

fn table() -> Table {
    Table {
        name: "numbers".to_owned(),
    }
}

async fn stop(flaw: Flaw) -> Result<()> {
    match flaw {
        Flaw::Endless => std::future::pending().await,
        Flaw::Failing => Err(ConnectError::fatal("it does not stop")),
        _ => Ok(()),
    }
}

/// Takes records, in a way.
#[sink_connector]
#[derive(Debug)]
struct UnfitSink(Flaw);

#[sink_task]
impl SinkTask for UnfitSink {
    type Config = UnfitConfig;

    async fn start(config: UnfitConfig, _: SinkContext) -> Result<Self> {
        Ok(Self(config.flaw))
    }

    async fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> {
        match self.0 {
            Flaw::Refusing => Err(ConnectError::data("it takes no records")),
            Flaw::Blocking => {
                keep_busy(LONG_STOP);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn pre_commit(&mut self, offsets: SinkOffsets) -> Result<SinkOffsets> {
        match self.0 {
            Flaw::Holding => Ok(SinkOffsets::new()),
            _ => Ok(offsets),
        }
    }

    async fn stop(self) -> Result<()> {
        stop(self.0).await
    }
}

/// A task with another configuration.
macro_rules! source_with {
    ($name:ident, $config:ty) => {
        struct $name;

        #[source_task]
        impl SourceTask for $name {
            type Config = $config;

            async fn start(_: $config, _: SourceContext<Self>) -> Result<Self> {
                Ok(Self)
            }

            async fn poll(&mut self) -> Result<Batch<Self>> {
                Ok(Vec::new())
            }
        }
    };
}

source_with!(OddSource, OddConfig);
source_with!(GuessingSource, GuessingConfig);

fn sample(entries: &[(&str, &str)]) -> Sample {
    Props::from_iter(entries.iter().copied()).into()
}

fn with(flaw: &str) -> Sample {
    sample(&[("topic", "numbers"), ("flaw", flaw)])
}

/// A test of the suite fails, and says this.
#[track_caller]
fn check(test: fn(&Sample), make: impl Fn() -> Sample + std::panic::UnwindSafe, expected: &str) {
    let panicked = catch_unwind(move || test(&make())).expect_err("the test fails");
    let said = panic_text(panicked.as_ref());
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_connector_without_a_flaw_passes() {
    for test in [
        source::the_definition_is_documented_and_its_defaults_are_good::<UnfitSource>,
        source::the_sample_is_accepted::<UnfitSource>,
        source::a_missing_key_is_reported_by_its_name::<UnfitSource>,
        source::a_validation_is_pure_and_fast::<UnfitSource>,
        source::a_task_starts_and_stops_in_any_state::<UnfitSource>,
        source::stored_positions_are_read_back_as_they_were::<UnfitSource>,
        source::a_crash_leaves_no_record_out::<UnfitSource>,
        source::a_clean_stop_repeats_no_record::<UnfitSource>,
        sink::the_definition_is_documented_and_its_defaults_are_good::<UnfitSink>,
        sink::the_sample_is_accepted::<UnfitSink>,
        sink::a_missing_key_is_reported_by_its_name::<UnfitSink>,
        sink::a_validation_is_pure_and_fast::<UnfitSink>,
        sink::a_task_starts_and_stops_in_any_state::<UnfitSink>,
        sink::records_are_taken_and_committed::<UnfitSink>,
    ] {
        test(&with("none"));
    }
}

#[test]
fn a_key_that_is_said_to_be_required_has_to_be() {
    check(
        source::a_missing_key_is_reported_by_its_name::<GuessingSource>,
        || with("none"),
        "a required key is missing",
    );
}

#[test]
fn a_default_has_to_be_a_value() {
    check(
        source::the_definition_is_documented_and_its_defaults_are_good::<OddSource>,
        || sample(&[]),
        "default of even: Invalid value 3 for configuration even: Not an even number",
    );
}

#[test]
fn the_sample_has_to_be_one() {
    check(
        source::the_sample_is_accepted::<UnfitSource>,
        || sample(&[]),
        "the sample is not usable: topic: ",
    );
    check(
        sink::the_sample_is_accepted::<UnfitSink>,
        || sample(&[("topic", "t"), ("flaw", "some")]),
        "the sample is not usable: flaw: ",
    );
}

#[test]
fn a_number_has_to_be_refused_if_it_is_none() {
    check(
        source::a_bad_value_is_reported_under_its_key::<UnfitSource>,
        || with("none"),
        "the value is no number",
    );
    check(
        sink::a_bad_value_is_reported_under_its_key::<UnfitSink>,
        || with("none"),
        "the value is no number",
    );
}

#[test]
fn a_validation_has_to_answer_the_same_and_at_once() {
    for test in [
        source::a_validation_is_pure_and_fast::<UnfitSource>,
        sink::a_validation_is_pure_and_fast::<UnfitSink>,
    ] {
        check(test, || with("moody"), "Invalid configuration flaw: ");
        check(test, || with("slow"), "it takes 1.");
    }
}

#[test]
fn a_source_has_to_stop_within_five_seconds() {
    let test = source::a_task_starts_and_stops_in_any_state::<UnfitSource>;
    check(
        test,
        || with("endless"),
        "the task stops within five seconds",
    );
}

#[test]
fn a_sink_has_to_stop_within_five_seconds() {
    let test = sink::a_task_starts_and_stops_in_any_state::<UnfitSink>;
    check(
        test,
        || with("endless"),
        "the task stops within five seconds",
    );
}

#[test]
fn a_poll_or_put_has_to_let_go_within_five_seconds() {
    check(
        source::a_task_starts_and_stops_in_any_state::<UnfitSource>,
        || with("blocking"),
        "the task blocks for 5.",
    );
    check(
        sink::a_task_starts_and_stops_in_any_state::<UnfitSink>,
        || with("blocking"),
        "the task blocks for 5.",
    );
}

#[test]
fn a_stop_has_to_work() {
    let source = source::a_task_starts_and_stops_in_any_state::<UnfitSource>;
    let sink = sink::a_task_starts_and_stops_in_any_state::<UnfitSink>;
    for test in [source, sink] {
        check(test, || with("failing"), "it does not stop");
    }
}

#[test]
fn a_restart_has_to_go_on_where_it_was() {
    let crash = source::a_crash_leaves_no_record_out::<UnfitSource>;
    check(crash, || with("forgetful"), "assertion");
    check(crash, || with("hasty"), "assertion");
    let stop = source::a_clean_stop_repeats_no_record::<UnfitSource>;
    check(stop, || with("forgetful"), "repeated: ");
}

#[test]
fn positions_have_to_be_readable() {
    check(
        source::stored_positions_are_read_back_as_they_were::<UnfitSource>,
        || with("unreadable"),
        "the offset is read back",
    );
}

#[test]
fn records_have_to_be_taken_and_let_go() {
    let test = sink::records_are_taken_and_committed::<UnfitSink>;
    check(test, || with("refusing"), "the records are taken");
    check(test, || with("holding"), "assertion");
}
