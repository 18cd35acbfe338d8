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

/// Turns a struct, or an enum with a tag, into a validated connector configuration.
///
#[doc = include_str!("../docs/connector_config.md")]
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
/// | `task = Type` | the type that implements `SourceTask`, if it is not the struct itself; without `split_by` and `tasks` the struct implements `SourceConnector` |
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
/// A connector that has a life of its own names its task and implements `SourceConnector`:
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use connect_core::prelude::*;
/// # /// Which tables to read.
/// # #[derive(Clone, Debug, ConnectorConfig)]
/// # pub struct OrdersConfig {
/// #     /// Tables to read; all of them if there is none.
/// #     tables: Vec<String>,
/// # }
/// # pub struct OrdersSource;
/// # #[source_task]
/// # impl SourceTask for OrdersSource {
/// #     type Config = OrdersConfig;
/// #     async fn start(_: OrdersConfig, _: SourceContext<Self>) -> Result<Self> { Ok(Self) }
/// #     async fn poll(&mut self) -> Result<Batch<Self>> { Ok(Vec::new()) }
/// # }
/// # async fn list_tables() -> Result<Vec<String>> { Ok(Vec::new()) }
///
/// /// Streams all tables of a database, also those created later.
/// #[source_connector(name = "OrdersDatabase", task = OrdersSource)]
/// pub struct OrdersDatabase {
///     cx: ConnectorContext<Self>,
/// }
///
/// impl SourceConnector for OrdersDatabase {
///     type Task = OrdersSource;
///
///     async fn start(_: OrdersConfig, cx: ConnectorContext<Self>) -> Result<Self> {
///         Ok(Self { cx })
///     }
///
///     async fn plan(&self, max_tasks: NonZeroUsize) -> Result<Vec<OrdersConfig>> {
///         let tables = list_tables().await?;
///         let size = tables.len().div_ceil(max_tasks.get()).max(1);
///         let shares = tables.chunks(size).map(|it| OrdersConfig { tables: it.to_vec() });
///         Ok(shares.collect())
///     }
///
///     async fn watch(&self) -> Result<()> {
///         let mut known = list_tables().await?;
///         loop {
///             sleep(Duration::from_secs(60)).await;
///             let tables = list_tables().await?;
///             if tables != known {
///                 known = tables;
///                 self.cx.replan();
///             }
///         }
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

#[doc = include_str!("../docs/config_provider.md")]
#[proc_macro_attribute]
pub fn config_provider(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::ConfigProvider, arguments, it)
    })
}

#[doc = include_str!("../docs/header_converter.md")]
#[proc_macro_attribute]
pub fn header_converter(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::HeaderConverter, arguments, it)
    })
}

#[doc = include_str!("../docs/client_config_policy.md")]
#[proc_macro_attribute]
pub fn client_config_policy(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::ClientConfigPolicy, arguments, it)
    })
}

#[doc = include_str!("../docs/rest_extension.md")]
#[proc_macro_attribute]
pub fn rest_extension(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = arguments.into();
    entry::expand(item, |it| {
        plugin::attribute(plugin::Kind::RestExtension, arguments, it)
    })
}

/// Completes the implementation of a source task.
///
/// `Partition` and `Offset` are `()` unless the author says otherwise, which means that the source
/// remembers nothing. A task with a method `settled` hears what became of its records.
///
/// | option | meaning |
/// | --- | --- |
/// | `blocking` | the methods are plain functions that may block; they run on a thread of the task's own |
/// | `crate = ::path` | where the SDK is, for crates that re-export it; needed with `blocking` only |
///
/// See [`macro@source_connector`] for examples of tasks that do not block.
///
/// ```
/// use connect_core::prelude::*;
///
/// /// Reads a device that knows nothing of waiting.
/// #[source_connector]
/// pub struct DeviceSource {
///     cx: SourceContext<Self>,
/// }
///
/// #[source_task(blocking)]
/// impl SourceTask for DeviceSource {
///     type Config = NoConfig;
///
///     fn start(_: NoConfig, cx: SourceContext<Self>) -> Result<Self> {
///         Ok(Self { cx })
///     }
///
///     fn poll(&mut self) -> Result<Batch<Self>> {
///         // The thread waits, and nobody else.
///         if self.cx.wait_blocking(Duration::from_millis(100)) {
///             return Ok(Vec::new());
///         }
///         Ok(vec![SourceRecord::new("measurements", (), ()).value(21.5)])
///     }
/// }
/// ```
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
/// The options are those of [`macro@source_task`]. See [`macro@sink_connector`] for an example.
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
