//! Plugins for tests: they can be configured, not started.

use std::sync::LazyLock;

use connect_core::ConnectError;
use connect_core::config::{
    ConfigDef, ConfigErrors, ConfigType, ConfigValueInfo, ConnectorConfig, Importance, Props, Width,
};
use connect_core::converter::Role;
use connect_core::plugin::{ConfigFns, PluginDescriptor, PluginEntry, PluginInfo, plan_single};
use connect_core::registry::PluginRegistry;

use super::definition::{Definition, Setting};

pub(crate) const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
pub(crate) const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
pub(crate) const SIMPLE_HEADER: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";
pub(crate) const SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
pub(crate) const SINK: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";
const VERSION: &str = "4.3.1";

/// A registry of a source, a sink and three converters.
pub(crate) fn plugins() -> PluginRegistry {
    const ALL: &[Role] = &[Role::Key, Role::Value, Role::Header];
    PluginRegistry::new([
        plugin::<SourceConfig>(
            SOURCE,
            PluginEntry::Source {
                plan: plan_single,
                start: |_, _| Box::pin(async { Err(not_startable()) }),
            },
        ),
        plugin::<SinkConfig>(
            SINK,
            PluginEntry::Sink {
                plan: plan_single,
                start: |_, _| Box::pin(async { Err(not_startable()) }),
            },
        ),
        converter::<JsonConfig>(JSON, ALL),
        converter::<NoKeys>(STRING, ALL),
        converter::<NoKeys>(SIMPLE_HEADER, &[Role::Header]),
    ])
    .expect("names differ")
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
        config: ConfigFns {
            definition: C::definition,
            check: |props| C::parse(props).map(drop),
            validate: C::validate,
        },
        entry,
    }
}

macro_rules! by_hand { ($($name:ident: $settings:expr;)*) => { $(
    #[derive(Debug)]
    pub(crate) struct $name;
    impl $name { fn d() -> Definition { $settings.into_iter().collect() } }
    impl ConnectorConfig for $name {
        fn definition() -> &'static ConfigDef { static D: LazyLock<ConfigDef> = LazyLock::new(|| ConfigDef::new($name::d().settings().map(|s| s.key.clone()).collect())); &D }
        fn parse(props: &Props) -> Result<Self, ConfigErrors> { Self::d().parse(props, &PluginRegistry::new([]).unwrap()).map(|_| Self) }
        fn validate(props: &Props) -> Vec<ConfigValueInfo> { Self::d().validate(props, &PluginRegistry::new([]).unwrap()) }
    } )* } }
by_hand! {
    SourceConfig: [Setting::new("file", ConfigType::String, "d").importance(Importance::High).optional(), Setting::new("topic", ConfigType::String, "d").importance(Importance::High), Setting::new("batch.size", ConfigType::Int, "d").default("2000")];
    SinkConfig: [Setting::new("file", ConfigType::String, "d").optional()];
    JsonConfig: [Setting::new("converter.type", ConfigType::String, "d"), Setting::new("schemas.enable", ConfigType::Boolean, "d").importance(Importance::High).default("true").shown("Schemas", 0, Width::Medium, "Enable Schemas")];
    NoKeys: [];
}
