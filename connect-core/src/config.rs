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
mod errors;
pub(crate) mod field;
pub(crate) mod parts;
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
pub use props::Props;
pub use regex::Regex;
pub use relations::Optional;
pub use rules::{HasLength, HasTexts, Ranged};
pub use secret::Secret;
pub use value::{ConfigValue, ListElement, Unit, ValueError};

/// The configuration of a plugin. Derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a plugin's configuration",
    label = "does not derive `ConnectorConfig`",
    note = "add `#[derive(ConnectorConfig)]` to `{Self}`"
)]
pub trait ConnectorConfig: Sized + Send + 'static {
    /// The definition of its keys.
    fn definition() -> &'static ConfigDef;

    /// Reads a configuration. Keys that are not defined are left alone.
    ///
    /// # Errors
    /// Every mistake of every key.
    fn parse(props: &Props) -> Result<Self, ConfigErrors>;

    /// Checks a configuration key by key, for clients that show a form.
    fn validate(props: &Props) -> Vec<ConfigValueInfo>;
}

/// The configuration of a plugin that has no keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoConfig;

impl ConfigBlock for NoConfig {
    const KEYS: block::KeyNames = block::KeyNames {
        own: &[],
        flattened: &[],
        below: &[],
    };

    fn define(_: &mut block::Definer) {}

    fn read(_: &mut block::Reader<'_>) -> Option<Self> {
        Some(Self)
    }

    fn write(&self, _: &mut Props) {}
}

impl ConnectorConfig for NoConfig {
    fn definition() -> &'static ConfigDef {
        static NO_KEYS: ConfigDef = ConfigDef::new(Vec::new());
        &NO_KEYS
    }

    fn parse(_: &Props) -> Result<Self, ConfigErrors> {
        Ok(Self)
    }

    fn validate(_: &Props) -> Vec<ConfigValueInfo> {
        Vec::new()
    }
}
