//! The key that all converters but one define, though the worker sets it itself.

use connect_core::ConnectorConfig;

/// What a converter is used for.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct RoleConfig {
    /// The part of a record that is converted. The worker sets it.
    #[config(importance = low, one_of("key", "value", "header"))]
    pub converter_type: String,
}
