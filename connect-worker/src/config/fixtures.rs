//! Plugins for tests: they can be configured, not started.

use connect_core::config::NoConfig;
use connect_core::converter::Role;
use connect_core::plugin::{
    ConfigFns, Planning, PluginDescriptor, PluginEntry, PluginInfo, PluginKind, plan_single,
};
use connect_core::registry::PluginRegistry;
use connect_core::source::SourceGuarantees;
use connect_core::{ConnectError, ConnectorConfig};
use regex::Regex;

pub(crate) const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
pub(crate) const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
pub(crate) const SIMPLE_HEADER: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";
pub(crate) const SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
pub(crate) const SINK: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";
pub(crate) const MASK: &str = "org.apache.kafka.connect.transforms.MaskField$Value";
pub(crate) const MATCHES: &str = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches";
const VERSION: &str = "4.3.1";

/// A registry of a source, a sink, three converters, a transform and a predicate, and of the
/// policies that every worker has.
pub(crate) fn plugins() -> PluginRegistry {
    const ALL: &[Role] = &[Role::Key, Role::Value, Role::Header];
    let own = [
        plugin::<SourceConfig>(
            SOURCE,
            PluginEntry::Source {
                plan: Planning::Declared(plan_single),
                start: |_, _| Box::pin(async { Err(not_startable()) }),
                guarantees: |_| Ok(SourceGuarantees::default()),
                alter_offsets: |_, _| Box::pin(async { Err(not_startable()) }),
            },
        ),
        plugin::<SinkConfig>(
            SINK,
            PluginEntry::Sink {
                plan: Planning::Declared(plan_single),
                start: |_, _| Box::pin(async { Err(not_startable()) }),
                alter_offsets: |_, _| Box::pin(async { Err(not_startable()) }),
            },
        ),
        converter::<JsonConfig>(JSON, ALL),
        converter::<NoConfig>(STRING, ALL),
        converter::<NoConfig>(SIMPLE_HEADER, &[Role::Header]),
        plugin::<MaskConfig>(
            MASK,
            PluginEntry::Transform {
                new: |_| Err(not_startable()),
            },
        ),
        plugin::<MatchesConfig>(
            MATCHES,
            PluginEntry::Predicate {
                new: |_| Err(not_startable()),
            },
        ),
    ];
    let linked = PluginRegistry::linked().expect("names differ").iter();
    let policies = linked.filter(|it| it.entry.kind() == PluginKind::ClientConfigPolicy);
    PluginRegistry::new(own.into_iter().chain(policies.copied())).expect("names differ")
}

fn not_startable() -> ConnectError {
    ConnectError::fatal("a plugin of a test cannot be started")
}

fn converter<C: ConnectorConfig>(name: &'static str, roles: &'static [Role]) -> PluginDescriptor {
    plugin::<C>(
        name,
        PluginEntry::Converter {
            roles,
            new: |_, _| Err(not_startable()),
        },
    )
}

fn plugin<C: ConnectorConfig>(name: &'static str, entry: PluginEntry) -> PluginDescriptor {
    PluginDescriptor {
        info: PluginInfo {
            name,
            aliases: &[],
            version: VERSION,
            documentation: "A plugin of a test.",
            module: module_path!(),
        },
        config: ConfigFns::of::<C>(),
        entry,
    }
}

/// What the source is told.
#[derive(Debug, ConnectorConfig)]
struct SourceConfig {
    /// d
    #[config(importance = high)]
    file: Option<String>,
    /// d
    #[config(importance = high)]
    topic: String,
    /// d
    #[config(importance = low, default = 2000)]
    batch_size: i32,
}

/// What the sink is told.
#[derive(Debug, ConnectorConfig)]
struct SinkConfig {
    /// d
    #[config(importance = low)]
    file: Option<String>,
}

/// What the JSON converter is told.
#[derive(Debug, ConnectorConfig)]
#[config(group(id = "Schemas", label = "Schemas"))]
struct JsonConfig {
    /// d
    #[config(importance = low)]
    converter_type: String,
    /// d
    #[config(
        importance = high, default = true,
        group = "Schemas", label = "Enable Schemas", width = medium
    )]
    schemas_enable: bool,
}

/// What the transform is told.
#[derive(Debug, ConnectorConfig)]
#[config(group(id = "Looks", label = "Looks"))]
struct MaskConfig {
    /// d
    #[config(group = "Looks", default = "*")]
    replacement: String,
    /// d
    #[config(default = 8, range = 1.., importance = low)]
    width: i32,
    /// d
    #[config(importance = high, default = false)]
    negate: bool,
    /// d
    zone: String,
    /// d
    #[config(importance = high, non_empty)]
    fields: Vec<String>,
}

/// What the predicate is told.
#[derive(Debug, ConnectorConfig)]
struct MatchesConfig {
    /// d
    pattern: Regex,
}
