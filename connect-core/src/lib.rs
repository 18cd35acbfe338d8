//! The SDK of Kafka Connect plugins.

// Generated code names this crate `::connect_core`; inside the crate that must work too.
extern crate self as connect_core;

pub mod config;
pub mod converter;
pub mod data;
pub mod error;
pub mod offset;
pub mod plugin;
pub mod record;
pub mod registry;
pub mod sink;
pub mod source;

pub use config::ConnectorConfig;
pub use converter::{Converter, Role};
pub use error::{ConnectError, ErrorKind, Result};
pub use sink::{SinkContext, SinkTask};
pub use source::{Batch, SourceContext, SourceTask};

/// What generated code needs. No promise of stability.
#[doc(hidden)]
pub mod __private {
    pub use crate::offset::read_field;
    pub use crate::plugin::{
        PluginInfo, converter_plugin, deal, plan_replicate, plan_single, sink_plugin, source_plugin,
    };
    pub use inventory;
}
