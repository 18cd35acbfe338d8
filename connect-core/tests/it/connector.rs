//! From declared connectors to descriptors in the inventory, and from those to running tasks.

use std::num::NonZeroUsize;
use std::sync::Arc;

use connect_core::config::{ConfigErrors, Props};
use connect_core::offset::{Alteration, OffsetMap};
use connect_core::plugin::{Planning, PluginDescriptor, PluginEntry};
use connect_core::prelude::*;
use connect_core::registry::PluginRegistry;
use connect_core::source::TaskContext;
use tokio_util::sync::CancellationToken;

/// Where rows come from.
#[derive(Clone, Debug, ConnectorConfig)]
struct TableConfig {
    /// Prefix of the topic names.
    #[config(default = "pg.")]
    topic_prefix: String,

    #[config(flatten)]
    input: InputConfig,
}

/// What is read.
#[derive(Clone, Debug, ConnectorConfig)]
struct InputConfig {
    /// Tables to read.
    #[config(non_empty, alias("table.whitelist"))]
    tables: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
struct TablePartition {
    table: String,
}

#[derive(Clone, Debug, SourceOffset)]
struct RowOffset {
    #[offset(key = "incrementing")]
    id: i64,
}

/// Counts rows of tables.
///
/// Each table is one partition.
#[source_connector(
    name = "org.example.TableSource",
    alias = "Tables",
    alias = "Rows",
    version = "1.4.0",
    split_by = input.tables
)]
#[derive(Debug)]
struct TableSource {
    config: TableConfig,
    next: Vec<(TablePartition, i64)>,
}

#[source_task]
impl SourceTask for TableSource {
    type Config = TableConfig;
    type Partition = TablePartition;
    type Offset = RowOffset;

    async fn start(config: TableConfig, cx: SourceContext<Self>) -> Result<Self> {
        let mut next = Vec::new();
        for table in &config.input.tables {
            let partition = TablePartition {
                table: table.clone(),
            };
            let offset = cx.offset(&partition).await?;
            next.push((partition, offset.map_or(0, |it| it.id)));
        }
        Ok(Self { config, next })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        let mut batch = Vec::new();
        for (partition, id) in &mut self.next {
            *id += 1;
            let topic = format!("{}{}", self.config.topic_prefix, partition.table);
            let record = SourceRecord::new(topic, partition.clone(), RowOffset { id: *id });
            batch.push(record.value(*id));
        }
        Ok(batch)
    }
}

/// Emits a counter.
#[source_connector]
#[derive(Debug)]
struct TickSource(i64);

#[source_task]
impl SourceTask for TickSource {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self(0))
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        self.0 += 1;
        Ok(vec![SourceRecord::new("ticks", (), ()).value(self.0)])
    }
}

/// Forgets records.
#[sink_connector(name = "org.example.Forget", task = ForgetTask, tasks = replicate)]
#[derive(Debug)]
#[expect(dead_code, reason = "it is only a name for its task")]
struct Forget;

#[derive(Debug)]
struct ForgetTask;

#[sink_task]
impl SinkTask for ForgetTask {
    type Config = NoConfig;

    async fn start(_: NoConfig, _: SinkContext) -> Result<Self> {
        Ok(Self)
    }

    async fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> {
        Ok(())
    }
}

/// What a converter is for.
#[derive(Clone, Debug, ConnectorConfig)]
struct RoleConfig {
    /// How it is used.
    #[config(one_of("key", "value", "header"))]
    converter_type: String,
}

/// Writes the word that it was configured with.
#[converter]
#[derive(Debug)]
struct RoleConverter {
    config: RoleConfig,
}

impl Converter for RoleConverter {
    type Config = RoleConfig;

    fn new(config: RoleConfig, _: Role) -> Result<Self> {
        Ok(Self { config })
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        _: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        out.extend_from_slice(self.config.converter_type.as_bytes());
        Ok(true)
    }

    fn to_connect(&self, _: &str, _: Option<&Blob>) -> Result<SchemaAndValue> {
        Ok(SchemaAndValue::NULL)
    }
}

fn plugin(name: &str) -> PluginDescriptor {
    let registry = PluginRegistry::from_inventory().expect("names differ");
    *registry.find(name).expect("the plugin is registered")
}

fn plan(name: &str, props: &Props, max_tasks: usize) -> Result<Vec<Props>> {
    let max_tasks = NonZeroUsize::new(max_tasks).expect("at least one task");
    match plugin(name).entry {
        PluginEntry::Source { plan, .. } | PluginEntry::Sink { plan, .. } => match plan {
            Planning::Declared(plan) => plan(props, props, max_tasks),
            Planning::Own(_) => panic!("{name} plans for itself"),
        },
        PluginEntry::Converter { .. }
        | PluginEntry::Transform { .. }
        | PluginEntry::Predicate { .. }
        | PluginEntry::ConfigProvider { .. }
        | PluginEntry::ClientConfigPolicy { .. }
        | PluginEntry::RestExtension { .. } => panic!("{name} is no connector"),
    }
}

async fn start(stored: OffsetMap) -> Result<Box<dyn connect_core::source::ErasedSourceTask>> {
    let PluginEntry::Source { start, .. } = plugin("TableSource").entry else {
        panic!("it is a source")
    };
    let cx = TaskContext::new(
        "tables",
        0,
        CancellationToken::new(),
        Arc::new(move |_: &OffsetMap| Some(stored.clone())),
    );
    start(Props::from_iter([("tables", "a,b")]), cx).await
}

#[test]
fn a_descriptor_says_who_the_plugin_is() {
    let info = plugin("org.example.TableSource").info;

    assert_eq!(info.aliases, ["Tables", "Rows"]);
    assert_eq!(info.version, "1.4.0");
    assert_eq!(
        info.documentation,
        "Counts rows of tables.\n\nEach table is one partition."
    );
    assert_eq!(info.module, "it::connector");
    assert_eq!(plugin("Rows").info.name, info.name);
}

#[test]
fn name_and_version_default_to_those_of_the_struct_and_the_crate() {
    let info = plugin("TickSource").info;

    assert_eq!(info.name, "TickSource");
    assert_eq!(info.version, env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_split_deals_the_list_and_leaves_the_rest_as_it_was_written() {
    let props = Props::from_iter([
        ("table.whitelist", "a , b,c"),
        ("topic.prefix", " t. "),
        ("unknown", "${env:X}"),
    ]);

    let plans = plan("TableSource", &props, 2).unwrap();

    let kept = [("topic.prefix", " t. "), ("unknown", "${env:X}")];
    let expected = |tables| Props::from_iter(kept.into_iter().chain([("tables", tables)]));
    assert_eq!(plans, [expected("a,c"), expected("b")]);
}

#[test]
fn a_split_into_one_changes_nothing() {
    let props = Props::from_iter([("table.whitelist", "a , b")]);

    assert_eq!(plan("TableSource", &props, 1).unwrap(), [props]);
}

#[test]
fn a_configuration_with_mistakes_is_not_planned() {
    let error = plan("TableSource", &Props::new(), 1).unwrap_err();

    assert_eq!(
        error.to_string(),
        "Missing required configuration \"tables\" which has no default value."
    );
}

#[test]
fn sources_have_one_task_and_sinks_as_many_as_allowed() {
    let props = Props::from_iter([("a", "b")]);

    assert_eq!(plan("TickSource", &props, 3).unwrap(), vec![props.clone()]);
    assert_eq!(plan("Forget", &props, 3).unwrap(), vec![props; 3]);
}

#[tokio::test]
async fn a_task_goes_on_behind_its_typed_offset() {
    let mut task = start(OffsetMap::new().with("incrementing", 41_i64))
        .await
        .unwrap();

    let batch = task.poll().await.unwrap();

    assert_eq!(batch.records.record(1).topic.as_str(), "pg.b");
    assert_eq!(batch.records.record(1).value, Value::Int64(42));
    let position = batch.positions.unwrap().detach(1);
    assert_eq!(position.partition(), OffsetMap::new().with("table", "b"));
    assert_eq!(
        position.offset(),
        OffsetMap::new().with("incrementing", 42_i64)
    );
    task.stop().await.unwrap();
}

#[tokio::test]
async fn a_task_does_not_start_from_an_offset_that_does_not_fit() {
    let outcome = start(OffsetMap::new().with("id", 41_i64)).await;

    let error = outcome.err().expect("the offset has no key `incrementing`");
    assert_eq!(
        error.trace(),
        "stored offset of source partition {table: \"a\"} cannot be used\nCaused by: stored map \
         {id: 41} has no field `incrementing`"
    );
}

#[tokio::test]
async fn a_source_without_offsets_stores_nothing() {
    let PluginEntry::Source { start, .. } = plugin("TickSource").entry else {
        panic!("it is a source")
    };
    let cx = TaskContext::new(
        "ticks",
        0,
        CancellationToken::new(),
        Arc::new(|_: &OffsetMap| Some(OffsetMap::new())),
    );
    let mut task = start(Props::new(), cx).await.unwrap();

    let batch = task.poll().await.unwrap();

    assert!(batch.positions.is_none());
    assert_eq!(batch.records.record(0).value, Value::Int64(1));
}

#[test]
fn a_converter_finds_its_role_among_its_settings() {
    let PluginEntry::Converter { new, roles } = plugin("RoleConverter").entry else {
        panic!("it is a converter")
    };
    let written = |props: Props, role| {
        let mut out = Vec::new();
        let converter = new(&props, role).unwrap();
        assert!(
            converter
                .from_connect("t", None, &Value::Null, &mut out)
                .unwrap()
        );
        out
    };

    assert_eq!(roles, [Role::Key, Role::Value, Role::Header]);
    assert_eq!(written(Props::new(), Role::Header), b"header");
    let given = Props::from_iter([("converter.type", "key")]);
    assert_eq!(written(given, Role::Value), b"key");
}

#[test]
fn the_erased_configuration_reports_mistakes() {
    let config = plugin("TableSource").config;
    let props = Props::from_iter([("tables", "")]);

    let errors: ConfigErrors = (config.check)(&props).unwrap_err();

    assert_eq!(
        errors.to_string(),
        "tables: Invalid value [] for configuration tables: List must be non-empty"
    );
    assert_eq!((config.definition)().keys().len(), 2);
    assert_eq!((config.validate)(&props)[1].errors.len(), 1);
}

#[tokio::test]
async fn offsets_that_a_user_changes_are_checked_against_the_types() {
    let PluginEntry::Source { alter_offsets, .. } = plugin("TableSource").entry else {
        panic!("it is a source")
    };
    let alter = async |partition: (&str, &str), offset: Option<OffsetMap>| {
        let partition = OffsetMap::new().with(partition.0, partition.1);
        let props = Props::from_iter([("tables", "a")]);
        alter_offsets(props, vec![(partition, offset)]).await
    };
    let good = Some(OffsetMap::new().with("incrementing", 7_i64));
    let bad = Some(OffsetMap::new().with("incrementing", "seven"));

    let altered = alter(("table", "a"), good.clone()).await.unwrap();
    assert_eq!(altered, Alteration::NotManaged);
    let error = alter(("table", "a"), bad).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "offset for source partition {table: \"a\"} cannot be used: field `incrementing` of stored \
         map {incrementing: \"seven\"} is not an integer that fits i64"
    );
    let error = alter(("tabel", "a"), good).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "source partition {tabel: \"a\"} cannot be used: stored map {tabel: \"a\"} has no field \
         `table`"
    );
    // Whatever is stored can be got rid of.
    assert_eq!(alter(("tabel", "a"), None).await.unwrap(), altered);
}
