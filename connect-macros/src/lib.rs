//! The macros of the connector SDK. Use them through `connect_core`, which re-exports them.
//!
//! Each macro goes through the same stages, a file each: `input` is what a user may write, `model`
//! what it means, `check` every rule about that meaning, `expand` the code. After a mistake a
//! `stub` takes the place of the code, so that the mistake is all that the compiler reports.

use proc_macro::TokenStream;

mod attribute;
mod config;
mod config_enum;
mod diag;
mod docs;
mod entry;
mod item;
mod literal;
mod offset;
mod paths;
mod place;
mod plugin;
mod task;
#[cfg(test)]
mod tests;

/// Turns a struct into a validated connector configuration.
///
/// Every field is a configuration key, named like the field with dots for underscores. The `///`
/// comments of the struct and of its fields are required: they are the documentation that users
/// see.
///
/// ```
/// use connect_core::config::{ConnectorConfig as _, Props};
/// use connect_core::prelude::*;
///
/// /// Emits a counter.
/// #[derive(Debug, ConnectorConfig)]
/// struct TickConfig {
///     /// Topic to write to.
///     #[config(importance = high)]
///     topic: String,
///     /// Time between two ticks.
///     #[config(key = "interval.ms", default = "1s", range = "1ms"..="1h")]
///     interval: Duration,
/// }
///
/// let errors = TickConfig::parse(&Props::from_iter([("interval.ms", "2h")])).unwrap_err();
///
/// assert_eq!(
///     errors.to_string(),
///     "topic: Missing required configuration \"topic\" which has no default value.\n\
///      interval.ms: Invalid value 2h for configuration interval.ms: Value must be no more than \
///      3600000"
/// );
/// ```
///
/// # Options of the struct
///
/// | option | meaning |
/// | --- | --- |
/// | `prefix = "retry."` | stands before the keys of all its fields |
/// | `group(id = "...", label = "...")` | declares a group of keys, repeatable |
/// | `check = path` | `fn(&Self, &mut ConfigErrors)`, for rules over several keys; runs when each is good |
/// | `under_alias` | its keys stand below the alias of a transform or predicate, where other names are the worker's |
/// | `crate = ::path` | where the SDK is, for crates that re-export it |
///
/// # Options of a field
///
/// | option | meaning |
/// | --- | --- |
/// | `key = "a.b"` | the key, if the field's name does not give it |
/// | `alias("x", ...)` | other names of the key, to which `prefix` does not apply |
/// | `deprecated_alias("x", since = "0.2")` | another name that should not be used any more |
/// | `importance = high`, `medium` or `low` | `medium` without it |
/// | `group = "id"`, `order = 3`, `label = "..."`, `width = short`, `medium` or `long` | how a form shows it |
/// | `default = ...` | literal text is what a user would write, anything else is Rust of the field's type |
/// | `range = a..=b`, `a..` or `..=b` | bounds of a number, a time or a size |
/// | `length = a..=b`, `non_empty` | bounds of the length of text or a list |
/// | `matches = "regex"`, `one_of("a", "b")` | what text, or each element of a list, is like |
/// | `validate = path` | `fn(&T) -> Result<(), E>`; for an `Option` it sees the value inside |
/// | `depends_on(a, b)` | its good values depend on those of other fields |
/// | `visible_if(f = V)`, `required_if(f = V)` | it matters, or must be given, while another field has a value |
/// | `conflicts_with(a, b)` | it cannot be given beside others |
/// | `example = "..."`, `since = "..."`, `internal` | for the documentation |
/// | `not_secret` | the name looks like that of a credential, but it is none |
/// | `flatten` | the keys of another configuration struct |
/// | `nested` | the same, below the key of the field |
/// | `rest(prefix = "driver.")` | all keys below a prefix, without it, in a field of type `Props` |
///
/// # Types of fields
///
/// `bool`, `i16` to `i64`, `u16` to `u64`, `f64`, `String`, `Secret`, `Duration`, `ByteSize`,
/// `Topic`, `PathBuf`, `SocketAddr`, `Regex`, every `ConfigEnum`, an `Option` of these, a `Vec` of
/// those that may be shown, and what implements `ConfigValue`. A bare number means the unit at the
/// end of the key: `.ms`, `.seconds` or `.bytes`; under other keys times and sizes state it.
///
/// ```
/// use connect_core::config::{ConnectorConfig as _, Props};
/// use connect_core::prelude::*;
///
/// /// Copies orders from a table to a topic.
/// #[derive(Debug, ConnectorConfig)]
/// #[config(group(id = "table", label = "Table"), check = OrdersConfig::check)]
/// struct OrdersConfig {
///     /// Tables to read.
///     #[config(importance = high, group = "table", non_empty, alias("table.whitelist"))]
///     tables: Vec<String>,
///     /// How new rows are found.
///     #[config(group = "table", default = "incrementing")]
///     mode: Mode,
///     /// Column whose value grows with every row.
///     #[config(group = "table", required_if(mode = Incrementing), example = "id")]
///     column: Option<String>,
///     /// Password of the database user.
///     password: Secret,
///     /// Most bytes of a batch.
///     #[config(default = ByteSize::mib(1), range = ByteSize::kib(1)..=ByteSize::mib(64))]
///     batch_bytes: ByteSize,
///     #[config(flatten)]
///     retry: RetryConfig,
/// }
///
/// /// How new rows are found.
/// #[derive(Debug, PartialEq, ConfigEnum)]
/// enum Mode {
///     /// Every row, on every poll.
///     Bulk,
///     /// Rows whose column grew.
///     Incrementing,
/// }
///
/// /// What to do when the other side fails for a moment.
/// #[derive(Debug, ConnectorConfig)]
/// #[config(prefix = "retry.")]
/// struct RetryConfig {
///     /// How often to try again.
///     #[config(default = 10, range = 0..=1000, importance = low)]
///     max: u32,
/// }
///
/// impl OrdersConfig {
///     fn check(&self, errors: &mut ConfigErrors) {
///         if self.mode == Mode::Bulk && self.tables.len() > 100 {
///             errors.add("tables", "mode `bulk` reads at most 100");
///         }
///     }
/// }
///
/// let props = Props::from_iter([
///     ("table.whitelist", "orders, items"),
///     ("column", "id"),
///     ("password", "hunter2"),
///     ("batch.bytes", "2MiB"),
///     ("retry.max", "3"),
/// ]);
/// let config = OrdersConfig::parse(&props)?;
///
/// assert_eq!(config.tables, ["orders", "items"]);
/// assert_eq!(config.batch_bytes, ByteSize::mib(2));
/// assert_eq!(config.retry.max, 3);
/// # Ok::<(), ConfigErrors>(())
/// ```
///
/// Mistakes in the declaration do not compile. A key without documentation:
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// /// Emits a counter.
/// #[derive(ConnectorConfig)]
/// struct TickConfig {
///     topic: String,
/// }
/// ```
///
/// A default that is not good:
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// /// Emits a counter.
/// #[derive(ConnectorConfig)]
/// struct TickConfig {
///     /// Port to answer on.
///     #[config(default = 70000, range = 1..=65535)]
///     port: u32,
/// }
/// ```
#[proc_macro_derive(ConnectorConfig, attributes(config))]
pub fn derive_connector_config(input: TokenStream) -> TokenStream {
    entry::expand(input, config::derive)
}

/// Turns an enum without data into a list of names to choose from.
///
/// A variant is written in lower case with underscores between its words. The `///` comments of
/// the variants are required: they are shown beside the choices.
///
/// ```
/// use connect_core::config::{ConfigValue as _, Unit};
/// use connect_core::prelude::*;
///
/// /// What a reader sees of a transaction.
/// #[derive(Debug, PartialEq, ConfigEnum)]
/// enum Isolation {
///     /// Everything.
///     ReadUncommitted,
///     /// What was committed.
///     ReadCommitted,
/// }
///
/// let read = Isolation::parse_text("read_committed", Unit::None);
/// assert_eq!(read, Ok(Isolation::ReadCommitted));
/// ```
///
/// | option | on | meaning |
/// | --- | --- | --- |
/// | `any_case` | the enum | the names may be written in upper and lower case |
/// | `crate = ::path` | the enum | where the SDK is, for crates that re-export it |
/// | `name = "..."` | a variant | another name than that of the variant |
///
/// ```
/// # use connect_core::config::{ConfigValue as _, Unit};
/// # use connect_core::prelude::*;
/// /// How decimal numbers are written.
/// #[derive(Debug, PartialEq, ConfigEnum)]
/// #[config(any_case)]
/// enum DecimalFormat {
///     /// As the base64 text of their bytes.
///     #[config(name = "BASE64")]
///     Base64,
/// }
///
/// assert_eq!(DecimalFormat::parse_text("Base64", Unit::None), Ok(DecimalFormat::Base64));
/// ```
///
/// A choice brings no data of its own; that would be another key:
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// /// How new rows are found.
/// #[derive(ConfigEnum)]
/// enum Mode {
///     /// Rows whose column grew.
///     Incrementing(String),
/// }
/// ```
#[proc_macro_derive(ConfigEnum, attributes(config))]
pub fn derive_config_enum(input: TokenStream) -> TokenStream {
    entry::expand(input, config_enum::derive)
}

/// Makes a struct what a source reads from: a file, a table, a shard.
///
/// Its fields become the keys of the stored map, so their names and order must never change. They
/// are strings, booleans, integers, floats and options of these; `#[offset(key = "...")]` gives a
/// field another key.
///
/// ```
/// use connect_core::offset::{OffsetMap, SourcePartition as _};
/// use connect_core::prelude::*;
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
/// struct OrdersFile {
///     #[offset(key = "filename")]
///     name: String,
/// }
///
/// let file = OrdersFile { name: "orders.txt".to_owned() };
/// assert_eq!(file.to_stored(), OffsetMap::new().with("filename", "orders.txt"));
/// ```
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// #[derive(Clone, PartialEq, Eq, Hash, SourcePartition)]
/// struct Tables {
///     names: Vec<String>,
/// }
/// ```
#[proc_macro_derive(SourcePartition, attributes(offset))]
pub fn derive_source_partition(input: TokenStream) -> TokenStream {
    entry::expand(input, |it| offset::derive(offset::Kind::Partition, it))
}

/// Makes a struct the place in a partition where a source is.
///
/// Its fields become the keys of the stored map, as those of a
/// [`SourcePartition`](macro@SourcePartition) do.
///
/// ```
/// use connect_core::offset::{OffsetMap, SourceOffset as _};
/// use connect_core::prelude::*;
///
/// #[derive(Clone, Debug, SourceOffset)]
/// struct Row {
///     id: i64,
///     changed: Option<i64>,
/// }
///
/// let stored = OffsetMap::new().with("id", 42_i64);
/// assert_eq!(Row::from_stored(&stored)?.id, 42);
/// # Ok::<(), connect_core::offset::OffsetError>(())
/// ```
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// #[derive(Clone, SourceOffset)]
/// struct Row(i64);
/// ```
#[proc_macro_derive(SourceOffset, attributes(offset))]
pub fn derive_source_offset(input: TokenStream) -> TokenStream {
    entry::expand(input, |it| offset::derive(offset::Kind::Offset, it))
}

/// Registers a struct as a source connector. Its `///` comment is the plugin's documentation.
///
/// | option | meaning |
/// | --- | --- |
/// | `name = "..."` | what users call it; the name of the struct without it |
/// | `alias = "..."` | another name, repeatable |
/// | `version = "1.4.0"` | the version of the crate without it |
/// | `task = Type` | the type that implements `SourceTask`, if it is not the struct itself |
/// | `split_by = field` | a list of the configuration that is divided between the tasks |
/// | `tasks = single` or `replicate` | one task, or as many as allowed; `single` without it |
/// | `crate = ::path` | where the SDK is, for crates that re-export it |
///
/// ```
/// use connect_core::prelude::*;
///
/// /// Counts up, one record for each poll.
/// #[source_connector]
/// pub struct TickSource {
///     count: i64,
/// }
///
/// #[source_task]
/// impl SourceTask for TickSource {
///     type Config = NoConfig;
///
///     async fn start(_: NoConfig, _: SourceContext<Self>) -> Result<Self> {
///         Ok(Self { count: 0 })
///     }
///
///     async fn poll(&mut self) -> Result<Batch<Self>> {
///         self.count += 1;
///         Ok(vec![SourceRecord::new("ticks", (), ()).value(self.count)])
///     }
/// }
/// ```
///
/// With typed offsets, and the tables divided between the tasks:
///
/// ```
/// use connect_core::prelude::*;
///
/// /// Which tables to read.
/// #[derive(Clone, Debug, ConnectorConfig)]
/// pub struct OrdersConfig {
///     /// Tables to read.
///     #[config(importance = high, non_empty)]
///     tables: Vec<String>,
/// }
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
/// pub struct Table {
///     table: String,
/// }
///
/// #[derive(Clone, Debug, SourceOffset)]
/// pub struct Row {
///     id: i64,
/// }
///
/// /// Streams new rows of tables.
/// #[source_connector(
///     name = "OrdersSource",
///     alias = "org.example.OrdersSourceConnector",
///     version = "1.4.0",
///     split_by = tables
/// )]
/// pub struct OrdersSource {
///     last: Vec<(Table, i64)>,
/// }
///
/// #[source_task]
/// impl SourceTask for OrdersSource {
///     type Config = OrdersConfig;
///     type Partition = Table;
///     type Offset = Row;
///
///     async fn start(config: OrdersConfig, cx: SourceContext<Self>) -> Result<Self> {
///         let mut last = Vec::new();
///         for table in config.tables {
///             let partition = Table { table };
///             let offset = cx.offset(&partition).await?;
///             last.push((partition, offset.map_or(0, |it| it.id)));
///         }
///         Ok(Self { last })
///     }
///
///     async fn poll(&mut self) -> Result<Batch<Self>> {
///         let rows = self.last.iter_mut().map(|(partition, id)| {
///             *id += 1;
///             SourceRecord::new("orders", partition.clone(), Row { id: *id }).value(*id)
///         });
///         Ok(rows.collect())
///     }
/// }
/// ```
///
/// A struct that is no task cannot be one:
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// /// Counts up.
/// #[source_connector]
/// pub struct TickSource;
/// ```
#[proc_macro_attribute]
pub fn source_connector(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::Source, arguments, it)
    })
}

/// Registers a struct as a sink connector. Its `///` comment is the plugin's documentation.
///
/// The options are those of [`macro@source_connector`]; without `split_by` and `tasks` there are as many
/// tasks as allowed, each with a share of the partitions.
///
/// ```
/// use connect_core::prelude::*;
///
/// /// Counts records.
/// #[sink_connector(name = "CountSink", alias = "org.example.CountSinkConnector")]
/// pub struct CountSink {
///     count: usize,
/// }
///
/// #[sink_task]
/// impl SinkTask for CountSink {
///     type Config = NoConfig;
///
///     async fn start(_: NoConfig, _: SinkContext) -> Result<Self> {
///         Ok(Self { count: 0 })
///     }
///
///     async fn put(&mut self, records: Vec<SinkRecord>) -> Result<()> {
///         self.count += records.len();
///         Ok(())
///     }
/// }
/// ```
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// /// Forgets records.
/// #[sink_connector(name = "forget me")]
/// pub struct Forget;
/// ```
#[proc_macro_attribute]
pub fn sink_connector(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::Sink, arguments, it)
    })
}

/// Registers a struct as a converter. Its `///` comment is the plugin's documentation.
///
/// The options are `name`, `alias`, `version` and `crate`, as for [`macro@source_connector`].
///
/// ```
/// use connect_core::prelude::*;
///
/// /// Passes bytes through.
/// #[converter(name = "RawConverter")]
/// pub struct RawConverter;
///
/// impl Converter for RawConverter {
///     type Config = NoConfig;
///
///     fn new(_: NoConfig, _: Role) -> Result<Self> {
///         Ok(Self)
///     }
///
///     fn from_connect(
///         &self,
///         _: &str,
///         _: Option<&SchemaRef>,
///         value: &Value,
///         out: &mut Vec<u8>,
///     ) -> Result<bool> {
///         match value {
///             Value::Null => return Ok(false),
///             Value::Bytes(bytes) => out.extend_from_slice(bytes),
///             other => return Err(ConnectError::data(format!("{other} is not bytes"))),
///         }
///         Ok(true)
///     }
///
///     fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
///         Ok(SchemaAndValue::new(Schema::optional_bytes(), data.cloned()))
///     }
/// }
/// ```
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// /// Converts nothing.
/// #[converter]
/// pub struct Nothing;
/// ```
#[proc_macro_attribute]
pub fn converter(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::Converter, arguments, it)
    })
}

#[doc = include_str!("../docs/transform.md")]
#[proc_macro_attribute]
pub fn transform(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::Transform, arguments, it)
    })
}

#[doc = include_str!("../docs/predicate.md")]
#[proc_macro_attribute]
pub fn predicate(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::Predicate, arguments, it)
    })
}

/// Completes the implementation of a source task: `Partition` and `Offset` are `()` unless the
/// author says otherwise, which means that the source remembers nothing.
///
/// See [`macro@source_connector`] for examples. It takes no options.
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// #[source_task]
/// impl Default for TickSource {}
/// ```
#[proc_macro_attribute]
pub fn source_task(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        task::attribute(task::Kind::Source, &arguments, it)
    })
}

/// Marks the implementation of a sink task.
///
/// See [`macro@sink_connector`] for an example. It takes no options.
///
/// ```compile_fail
/// # use connect_core::prelude::*;
/// #[sink_task]
/// impl SourceTask for CountSink {}
/// ```
#[proc_macro_attribute]
pub fn sink_task(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| task::attribute(task::Kind::Sink, &arguments, it))
}
