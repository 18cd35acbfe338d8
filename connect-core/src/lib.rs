//! The SDK of Kafka Connect plugins.
//!
#![doc = include_str!("../README.md")]

mod blocking;
pub mod client_config;
pub mod config;
pub mod connector;
pub mod converter;
pub mod data;
pub mod error;
pub mod header_converter;
pub mod metrics;
pub mod offset;
pub mod plugin;
pub mod provider;
pub mod record;
pub mod reference;
pub mod registry;
pub mod rest_extension;
pub mod sink;
pub mod source;
#[cfg(any(feature = "testing", doc))]
pub mod testing;
pub mod threads;
pub mod transform;

#[doc = include_str!("../docs/java-api.md")]
pub mod java_api {}

/// Waiting, on a clock that tests can pause. Plugins need no runtime of their own for it.
pub mod time {
    pub use tokio::time::{Instant, sleep, sleep_until, timeout};
}

pub use client_config::ClientConfigPolicy;
pub use config::ConnectorConfig;
pub use connect_macros::{
    ConfigEnum, ConnectorConfig, SourceOffset, SourcePartition, client_config_policy,
    config_provider, converter, header_converter, predicate, rest_extension, sink_connector,
    sink_task, source_connector, source_task, transform,
};
pub use connector::{ConnectorContext, SinkConnector, SourceConnector};
pub use converter::{Converter, Role};
pub use error::{ConnectError, ErrorKind, Result};
pub use header_converter::HeaderConverter;
pub use provider::{ConfigData, ConfigProvider};
pub use rest_extension::RestExtension;
pub use sink::{SinkContext, SinkTask};
pub use source::{Batch, SourceContext, SourceTask};
pub use transform::{DataTransform, Predicate, Transform};

/// Everything that a plugin's author needs most of the time.
pub mod prelude {
    pub use std::time::Duration;

    pub use crate::client_config::{ClientConfigPolicy, ClientOverrides};
    pub use crate::config::{
        ByteSize, ConfigErrors, ConnectorConfig, Draft, NoConfig, Props, Secret,
    };
    pub use crate::connector::{ConnectorContext, SinkConnector, SourceConnector};
    pub use crate::converter::{Converter, Role};
    pub use crate::data::{Blob, Schema, SchemaAndValue, SchemaRef, Struct, Text, Topic, Value};
    pub use crate::error::{ConnectError, Result};
    pub use crate::header_converter::HeaderConverter;
    pub use crate::provider::{ConfigData, ConfigProvider};
    pub use crate::record::{Record, SinkRecord, SourceRecord};
    pub use crate::rest_extension::{ClusterState, RestExtension, RestRequest, RestResponse};
    pub use crate::sink::{SinkContext, SinkOffsets, SinkTask};
    pub use crate::source::{Batch, SourceContext, SourceTask};
    pub use crate::time::sleep;
    pub use crate::transform::{DataTransform, Predicate, Transform};
    pub use connect_macros::{
        ConfigEnum, ConnectorConfig, SourceOffset, SourcePartition, client_config_policy,
        config_provider, converter, header_converter, predicate, rest_extension, sink_connector,
        sink_task, source_connector, source_task, transform,
    };
}

/// What generated code needs. No promise of stability.
#[doc(hidden)]
pub mod __private {
    pub use crate::config::block::{Definer, KeyNames, Reader, definition_of};
    pub use crate::config::choice::{describe_choices, parse_choice};
    pub use crate::config::field::{AliasSpec, Field, KeySpec, field};
    pub use crate::config::live::{Recommendations, in_turn, probe};
    pub use crate::config::parts::{Flattened, Nested, Rest, flattened, nested, rest};
    pub use crate::config::relations::{ConditionSpec, exclusive, required, shown};
    pub use crate::config::rules::{Rules, bound};
    pub use crate::config::variants::{Variant, Variants};
    pub use crate::offset::{StoredField, stored_field};
    pub use crate::plugin::{
        PluginDescriptor, PluginInfo, client_config_policy_plugin, config_provider_plugin,
        converter_plugin, data_transform_plugin, header_converter_plugin, plan_replicate,
        plan_single, plan_split, predicate_plugin, rest_extension_plugin, sink_connector_plugin,
        sink_plugin, source_connector_plugin, source_plugin, transform_plugin,
    };
    pub use crate::source::BoxFuture;
    pub use crate::transform::Target;
    pub use inventory;
}
