//! Configuration: what keys there are, how their values are read, what is wrong with them.
//!
//! A plugin declares its keys as a struct with `#[derive(ConnectorConfig)]`. From it come the
//! published definition, the parser that reports every mistake at once, and the validation that
//! clients show as a form. Nothing here repairs a value: it is good, or it is refused by name.

pub(crate) mod block;
mod byte_size;
pub(crate) mod choice;
mod constraint;
mod definition;
mod documents;
mod errors;
pub(crate) mod field;
pub mod java_pattern;
pub(crate) mod live;
mod narrow;
mod nearest;
pub(crate) mod parts;
mod plugin;
pub mod properties;
mod props;
pub(crate) mod relations;
pub(crate) mod rules;
mod secret;
mod value;
pub(crate) mod variants;

pub use block::ConfigBlock;
pub use byte_size::{ByteSize, NotASize};
pub use choice::{Choice, ConfigEnum};
pub use constraint::Constraint;
pub use definition::{
    ConfigDef, ConfigGroup, ConfigKey, ConfigType, ConfigValueInfo, DefaultValue, Importance,
    KeyAlias, KeyCondition, KeyDetails, PassThrough, VariantCondition, Width,
};
pub use errors::ConfigErrors;
pub use live::{Draft, Recommendation};
pub use narrow::{NonEmpty, TopicName};
pub use nearest::nearest;
pub use plugin::{Plugin, PluginInterface};
pub use props::Props;
pub use regex::Regex;
pub use relations::Optional;
pub use rules::{HasLength, HasTexts, Ranged};
pub use secret::Secret;
#[cfg(feature = "url")]
pub use url::Url;
pub use value::{ConfigValue, ListElement, Unit, ValueError};

use block::{Definer, KeyNames, Reader};

/// The configuration of a plugin. Derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a plugin's configuration",
    label = "does not derive `ConnectorConfig`",
    note = "add `#[derive(ConnectorConfig)]` to `{Self}`"
)]
pub trait ConnectorConfig: ConfigBlock {
    /// The definition of its keys.
    fn definition() -> &'static ConfigDef;

    /// Reads a configuration. Keys that are not defined are left alone.
    ///
    /// # Errors
    /// Every mistake of every key.
    fn parse(props: &Props) -> Result<Self, ConfigErrors> {
        block::parse(props)
    }

    /// Checks a configuration key by key, for clients that show a form.
    ///
    /// A key without a usable value may have two messages: that, and what its rules say to null.
    /// Clients of the reference expect both, and count them.
    #[must_use]
    fn validate(props: &Props) -> Vec<ConfigValueInfo> {
        block::validate::<Self>(props)
    }
}

/// The configuration of a plugin that has no keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoConfig;

impl ConfigBlock for NoConfig {
    const KEYS: KeyNames = KeyNames {
        own: &[],
        flattened: &[],
        below: &[],
    };

    type Draft = ();

    fn define(_: &mut Definer) {}

    fn read(_: &mut Reader<'_>) -> Option<Self> {
        Some(Self)
    }

    fn write(&self, _: &mut Props) {}
}

impl ConnectorConfig for NoConfig {
    fn definition() -> &'static ConfigDef {
        static NO_KEYS: ConfigDef = ConfigDef::new(Vec::new());
        &NO_KEYS
    }
}
