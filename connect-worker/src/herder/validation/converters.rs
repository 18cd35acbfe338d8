//! The keys of converters that a connector chooses for itself.

use connect_core::config::Props;
use connect_core::converter::Role;
use connect_core::plugin::PluginDescriptor;
use connect_core::registry::PluginRegistry;

use super::{Embedded, Keys, NULL_VALUE, hash_bucket};
use crate::config::connector::aliases::no_such_version;
use crate::config::definition::Interface;
use crate::config::version_range::VersionRequirement;
use crate::config::worker::{converter_config, converter_key, converter_version_key};

/// In the order in which their keys are listed.
const ROLES: [Role; 3] = [Role::Header, Role::Key, Role::Value];

/// Of the table that the reference collects the keys of a converter in.
const BUCKETS: usize = 16;

/// The converter that a connector chooses for a role, if it is one.
pub(super) fn own_converter<'a>(
    role: Role,
    plugins: &'a PluginRegistry,
    props: &Props,
) -> Option<&'a PluginDescriptor> {
    let plugin = plugins.find(props.get(converter_key(role))?.trim()).ok()?;
    Interface::Converter(role).accepts(plugin).then_some(plugin)
}

/// Converters that are not there in the version that the connector wants: key and message.
pub(super) fn version_mistakes(
    plugins: &PluginRegistry,
    props: &Props,
) -> Vec<(&'static str, String)> {
    let mut mistakes = Vec::new();
    for role in ROLES {
        let required = props.get(converter_version_key(role));
        let (Some(plugin), Some(Ok(required))) = (
            own_converter(role, plugins, props),
            required.map(str::parse::<VersionRequirement>),
        ) else {
            continue;
        };
        if !required.allows(plugin.info.version) {
            let message = no_such_version(plugin, &required);
            mistakes.push((converter_key(role), message.clone()));
            mistakes.push((converter_version_key(role), message));
        }
    }
    mistakes
}

/// Validates the settings of converters whose class and version are in order. Their keys come in the
/// order of the reference's table.
pub(super) fn validate(plugins: &PluginRegistry, props: &Props, keys: &mut Keys) -> Embedded {
    let mut embedded = Embedded::default();
    for role in ROLES {
        let (class_key, version_key) = (converter_key(role), converter_version_key(role));
        let Some(plugin) = own_converter(role, plugins, props) else {
            continue;
        };
        if keys.has_error(class_key) || keys.has_error(version_key) {
            continue;
        }
        let class = props.get(class_key).unwrap_or_default();
        if class.trim() != class {
            // The reference finds it only without the blanks around its name.
            keys.add_error(class_key, format!("Failed to load class {class}: {class}"));
            continue;
        }
        let definitions = (plugin.config.definition)().keys();
        let mut values = (plugin.config.validate)(&converter_config(role, props));
        values.sort_by_key(|it| hash_bucket(&it.name, BUCKETS));
        let prefix = format!("{class_key}.");
        for mut value in values {
            // Said of the key of the connector already.
            value.errors.retain(|it| it != NULL_VALUE);
            let definition = definitions.iter().find(|it| it.name == value.name).cloned();
            embedded.add(&prefix, definition, value);
        }
    }
    embedded
}
