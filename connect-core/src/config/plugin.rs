//! Plugins that a configuration names, such as the converter of a connector that reads files.

use std::fmt;
use std::marker::PhantomData;

use super::{ConfigErrors, ConfigType, ConfigValue, Props, Unit, ValueError};
use crate::converter::{ErasedConverter, Role};
use crate::error::Result;
use crate::plugin::{PluginDescriptor, PluginEntry};
use crate::registry::PluginRegistry;
use crate::transform::{ErasedPredicate, ErasedTransform};

/// A plugin that a configuration names. The value of the key is a name of the plugin, keys below it
/// are the plugin's own.
///
/// `T` is what the plugin is once it was made: `dyn ErasedConverter`, `dyn ErasedTransform` or
/// `dyn ErasedPredicate`. Names are looked up among the plugins that are linked into the program.
/// When the configuration was read, the plugin's own keys are known to be good.
///
/// ```
/// use connect_core::config::{ConnectorConfig as _, Plugin, Props};
/// use connect_core::converter::ErasedConverter;
/// use connect_core::prelude::*;
///
/// /// Reads lines of orders.
/// #[derive(Debug, ConnectorConfig)]
/// struct OrdersConfig {
///     /// What makes an order out of a line.
///     #[config(importance = high)]
///     format: Plugin<dyn ErasedConverter>,
/// }
///
/// let props = Props::from_iter([("format", "JsonConverter"), ("format.schemas.enable", "false")]);
/// let errors = OrdersConfig::parse(&props).unwrap_err();
///
/// assert_eq!(
///     errors.to_string(),
///     "format: Invalid value JsonConverter for configuration format: Class JsonConverter could \
///      not be found."
/// );
/// ```
pub struct Plugin<T: ?Sized> {
    /// As it was written.
    name: String,
    descriptor: PluginDescriptor,
    config: Props,
    made: PhantomData<fn() -> Box<T>>,
}

/// What a plugin can be once it was made.
pub trait PluginInterface: 'static {
    /// What the reference calls it.
    const NAME: &'static str;

    /// Whether a plugin is one.
    fn accepts(plugin: &PluginDescriptor) -> bool;
}

impl PluginInterface for dyn ErasedConverter {
    const NAME: &'static str = "Converter";

    fn accepts(plugin: &PluginDescriptor) -> bool {
        matches!(plugin.entry, PluginEntry::Converter { .. })
    }
}

impl PluginInterface for dyn ErasedTransform {
    const NAME: &'static str = "Transformation";

    fn accepts(plugin: &PluginDescriptor) -> bool {
        matches!(plugin.entry, PluginEntry::Transform { .. })
    }
}

impl PluginInterface for dyn ErasedPredicate {
    const NAME: &'static str = "Predicate";

    fn accepts(plugin: &PluginDescriptor) -> bool {
        matches!(plugin.entry, PluginEntry::Predicate { .. })
    }
}

impl<T: ?Sized> Plugin<T> {
    /// The name, as it was written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The plugin's own keys.
    #[must_use]
    pub fn config(&self) -> &Props {
        &self.config
    }
}

impl Plugin<dyn ErasedConverter> {
    /// Makes the converter.
    ///
    /// # Errors
    /// When the plugin refuses to be made.
    pub fn make(&self, role: Role) -> Result<Box<dyn ErasedConverter>> {
        let PluginEntry::Converter { new, .. } = self.descriptor.entry else {
            unreachable!("only converters are accepted");
        };
        new(&self.config, role)
    }
}

impl Plugin<dyn ErasedTransform> {
    /// Makes the transform.
    ///
    /// # Errors
    /// When the plugin refuses to be made.
    pub fn make(&self) -> Result<Box<dyn ErasedTransform>> {
        let PluginEntry::Transform { new } = self.descriptor.entry else {
            unreachable!("only transforms are accepted");
        };
        new(&self.config)
    }
}

impl Plugin<dyn ErasedPredicate> {
    /// Makes the predicate.
    ///
    /// # Errors
    /// When the plugin refuses to be made.
    pub fn make(&self) -> Result<Box<dyn ErasedPredicate>> {
        let PluginEntry::Predicate { new } = self.descriptor.entry else {
            unreachable!("only predicates are accepted");
        };
        new(&self.config)
    }
}

impl<T: PluginInterface + ?Sized> ConfigValue for Plugin<T> {
    const OWNS_KEYS_BELOW: bool = true;

    fn kind(_: Unit) -> ConfigType {
        ConfigType::Class
    }

    fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
        let plugins = PluginRegistry::linked().map_err(|it| ValueError::new(it.to_string()))?;
        let plugin = plugins.find(text);
        let plugin =
            plugin.map_err(|_| ValueError::new(format!("Class {text} could not be found.")))?;
        if !T::accepts(plugin) {
            return Err(ValueError::new(format!("Not a {}", T::NAME)));
        }
        Ok(Self {
            name: text.to_owned(),
            descriptor: *plugin,
            config: Props::new(),
            made: PhantomData,
        })
    }

    fn to_text(&self, _: Unit) -> Option<String> {
        Some(self.name.clone())
    }

    fn take_keys_below(&mut self, keys: Props) -> Result<(), ConfigErrors> {
        (self.descriptor.config.check)(&keys)?;
        self.config = keys;
        Ok(())
    }

    fn keys_below(&self) -> Option<&Props> {
        Some(&self.config)
    }
}

impl<T: ?Sized> Clone for Plugin<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            descriptor: self.descriptor,
            config: self.config.clone(),
            made: PhantomData,
        }
    }
}

/// Plugins are equal when the same name and keys were written.
impl<T: ?Sized> PartialEq for Plugin<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.config == other.config
    }
}

impl<T: ?Sized> Eq for Plugin<T> {}

impl<T: ?Sized> fmt::Debug for Plugin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Plugin").field(&self.name).finish()
    }
}
