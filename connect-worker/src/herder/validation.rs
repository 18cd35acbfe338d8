//! Validation of connector configurations: every key with its definition, value and mistakes.
//!
//! A function of the configuration, the worker's settings and the plugins; nothing is started. What
//! needs the other side is apart, in `live`.

mod admission;
mod converters;
mod exactly_once;
mod hints;
mod keys;
mod live;
mod overrides;

use std::panic::AssertUnwindSafe;

use connect_core::config::{ConfigKey, ConfigValueInfo, DefaultValue, Props};
use connect_core::converter::Role;
use connect_core::error::panic_text;
use connect_core::plugin::{PluginDescriptor, PluginKind};
use connect_core::registry::{LookupError, PluginRegistry};

use crate::config::connector::aliases::{Alias, no_such_version};
use crate::config::connector::{
    CONNECTOR_CLASS, CONNECTOR_VERSION, common_definition, sink_definition, sink_rules,
    source_definition, stages_definition,
};
use crate::config::definition::{Definition, Interface, is_class};
use crate::config::version_range::{VersionRangeError, VersionRequirement};
use crate::config::worker::{WorkerConfig, converter_key, converter_version_key};
use crate::providers::Secrets;

use keys::{Embedded, Keys};

pub use admission::{Admission, AdmissionError};
pub use hints::{Hint, HintKind, hints};
pub(crate) use live::complete;

const NULL_VALUE: &str = "Null value can not be supplied as the configuration value.";

/// What clients are told of a configuration.
#[derive(Clone, Debug)]
pub struct ConfigInfos {
    /// `connector.class` as it was written.
    pub name: String,
    /// How many mistakes there are, as the reference counts them.
    pub error_count: usize,
    /// Groups of keys, in the order of their first use.
    pub groups: Vec<String>,
    /// The keys.
    pub configs: Vec<ConfigInfo>,
}

/// What clients are told of a key.
#[derive(Clone, Debug)]
pub struct ConfigInfo {
    /// What the key means; `None` for keys that nothing defines.
    pub definition: Option<ConfigKey>,
    /// Its value and mistakes; `None` when the connector says nothing of a key that it defines.
    pub value: Option<ConfigValueInfo>,
}

/// A configuration cannot even be validated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidationError {
    /// It names no connector that can be used: the request is wrong.
    #[error("{0}")]
    BadRequest(String),
    /// A client cannot be configured at all, or what it refers to cannot be looked up: the
    /// reference fails internally.
    #[error("{0}")]
    Config(String),
}

impl ValidationError {
    /// The exception that the reference throws, by which it is known to clients.
    #[must_use]
    pub fn exception(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => {
                "org.apache.kafka.connect.runtime.rest.errors.BadRequestException"
            }
            Self::Config(_) => "org.apache.kafka.common.config.ConfigException",
        }
    }

    fn hiding(self, secrets: &Secrets) -> Self {
        let hide = |text: String| secrets.hide(&text).into_owned();
        match self {
            Self::BadRequest(text) => Self::BadRequest(hide(text)),
            Self::Config(text) => Self::Config(hide(text)),
        }
    }
}

/// A configuration cannot be used to create or change a connector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It cannot be validated.
    #[error(transparent)]
    Invalid(#[from] ValidationError),
    /// It holds mistakes; the message lists them.
    #[error("{0}")]
    Mistakes(String),
}

/// Validates a configuration in which variables are resolved.
///
/// # Errors
/// When it names no connector that can be used, or overrides a client with a value that is not of
/// the key's type.
pub fn validate(
    plugins: &PluginRegistry,
    worker: &WorkerConfig,
    props: &Props,
) -> Result<ConfigInfos, ValidationError> {
    let class = props.get(CONNECTOR_CLASS).ok_or_else(|| {
        ValidationError::BadRequest(format!(
            "Connector config {} contains no connector type",
            map_text(props)
        ))
    })?;
    let plugin = plugins
        .connector(class)
        .map_err(|error| ValidationError::BadRequest(lookup_message(class, &error, plugins)))?;
    let required = version_requirement(props)?;
    let pipeline = Pipeline {
        plugins,
        worker,
        props,
        plugin,
    };
    match required.allows(plugin.info.version) {
        true => pipeline.run(class),
        false => Ok(pipeline.refuse_version(class, &required)),
    }
}

/// Validates a configuration that a connector is to be created or changed with.
///
/// # Errors
/// The whole message for the client.
pub fn validate_for_create(
    plugins: &PluginRegistry,
    worker: &WorkerConfig,
    props: &Props,
) -> Result<ConfigInfos, Refusal> {
    let infos = validate(plugins, worker, props)?;
    if infos.error_count == 0 {
        return Ok(infos);
    }
    let mut text = format!(
        "Connector configuration is invalid and contains the following {} error(s):",
        infos.error_count
    );
    let values = infos.configs.iter().filter_map(|it| it.value.as_ref());
    for error in values.flat_map(|it| &it.errors) {
        text.push('\n');
        text.push_str(error);
    }
    text.push_str(
        "\nYou can also find the above list of errors at the endpoint \
         `/connector-plugins/{connectorType}/config/validate`",
    );
    Err(Refusal::Mistakes(text))
}

/// The keys of a plugin: its own, and for connectors those of the framework that it does not define
/// again.
#[must_use]
pub fn plugin_definition(plugin: &PluginDescriptor) -> Vec<ConfigKey> {
    let mut framework = match plugin.entry.kind() {
        PluginKind::Source => source_definition(),
        PluginKind::Sink => sink_definition(),
        PluginKind::Converter
        | PluginKind::Transform
        | PluginKind::Predicate
        | PluginKind::ConfigProvider
        | PluginKind::ClientConfigPolicy
        | PluginKind::RestExtension => Definition::default(),
    };
    if framework.setting(CONNECTOR_VERSION).is_some() {
        let version = framework.setting_mut(CONNECTOR_VERSION);
        version.key.default = DefaultValue::Text(plugin.info.version.into());
    }
    let own = (plugin.config.definition)();
    let added = framework
        .settings()
        .map(|it| &it.key)
        .filter(|it| own.key(&it.name).is_none());
    own.keys().iter().chain(added).cloned().collect()
}

/// What is wrong with the transforms and predicates of a connector: key and message.
///
/// # Errors
/// When a plugin panics.
pub fn mistakes_of_stages(
    plugins: &PluginRegistry,
    props: &Props,
) -> Result<Vec<(String, String)>, ValidationError> {
    let keys = with_stages(stages_definition(), props, plugins)?;
    Ok(keys.into_mistakes())
}

/// The keys of a definition, and those of transforms and predicates.
fn with_stages(
    mut definition: Definition,
    props: &Props,
    plugins: &PluginRegistry,
) -> Result<Keys, ValidationError> {
    let aliases = Alias::all(props);
    for alias in &aliases {
        alias.define(props, plugins, &mut definition);
    }
    let mut keys = Keys::of(&definition, definition.validate(props, plugins));
    for alias in &aliases {
        for (key, message) in alias.mistakes(props, plugins) {
            keys.add_error(&key, message);
        }
        if let Some((key, message)) = alias.negates_nothing(props) {
            if alias.names_other_class(props, plugins) {
                keys.forget_errors(&key);
            }
            keys.add_error(&key, message);
        }
    }
    for alias in &aliases {
        if let Some(plugin) = alias.listed_plugin(props, plugins) {
            let config = alias.plugin_config(props);
            let values = ask_plugin(plugin, &config)?;
            keys.merge_values(alias.embed_values(plugin, &config, values));
        }
    }
    Ok(keys)
}

struct Pipeline<'a> {
    plugins: &'a PluginRegistry,
    worker: &'a WorkerConfig,
    props: &'a Props,
    plugin: &'a PluginDescriptor,
}

impl Pipeline<'_> {
    fn run(&self, class: &str) -> Result<ConfigInfos, ValidationError> {
        let is_source = self.plugin.entry.kind() == PluginKind::Source;
        let mut definition = if is_source {
            source_definition()
        } else {
            sink_definition()
        };
        self.complete(&mut definition);
        let mut keys = with_stages(definition, self.props, self.plugins)?;
        if !is_source {
            for (key, message) in sink_rules::mistakes(self.props) {
                keys.add_error(key, message);
            }
        }
        if is_source && let Some(is_enabled) = self.worker.exactly_once_sources {
            exactly_once::validate(is_enabled, self.plugin, self.props, &mut keys);
        }
        for (key, message) in converters::version_mistakes(self.plugins, self.props) {
            keys.add_error(key, message);
        }
        for (key, _) in self.props.iter().filter(|(_, value)| value.is_none()) {
            keys.add_missing_error(key, NULL_VALUE);
        }

        let converters = converters::validate(self.plugins, self.props, &mut keys);
        let overrides = overrides::validate(self.worker, self.props, self.plugin.entry.kind())?;
        let definitions = (self.plugin.config.definition)().keys();
        keys.merge_connector(definitions, ask_plugin(self.plugin, self.props)?);
        Ok(keys.finish(class, [overrides, converters]))
    }

    /// The connector exists in another version: only the keys of every connector are looked at.
    fn refuse_version(&self, class: &str, required: &VersionRequirement) -> ConfigInfos {
        let mut definition = common_definition();
        self.complete_version(&mut definition);
        for role in [Role::Key, Role::Value, Role::Header] {
            let class = definition.setting_mut(converter_key(role));
            class.key.default = DefaultValue::Null;
            definition.setting_mut(converter_version_key(role)).visible = false;
        }
        let mut keys = Keys::of(&definition, definition.validate(self.props, self.plugins));
        let message = no_such_version(self.plugin, required);
        keys.add_error(CONNECTOR_CLASS, message.clone());
        keys.add_error(CONNECTOR_VERSION, message);
        keys.finish(class, [Embedded::default(), Embedded::default()])
    }

    fn complete_version(&self, definition: &mut Definition) {
        let version = definition.setting_mut(CONNECTOR_VERSION);
        version.key.default = DefaultValue::Text(self.plugin.info.version.into());
        version.recommended = vec![self.plugin.info.version.to_owned()];
    }

    /// Fills in what follows from this worker: defaults and choices of classes and versions.
    fn complete(&self, definition: &mut Definition) {
        self.complete_version(definition);
        for role in [Role::Key, Role::Value, Role::Header] {
            let interface = Interface::Converter(role);
            let usable = self.plugins.iter().filter(|it| interface.accepts(it));
            let workers = self
                .plugins
                .find(self.worker.converter_class(role).trim())
                .ok();
            let class_key = converter_key(role);
            let in_effect = match self.props.get(class_key) {
                Some(class) => self.plugins.find(class.trim()).ok(),
                None => workers,
            };
            let own = self.props.get(class_key);
            let is_plain = own.is_none_or(|it| it.trim() == it);
            let is_absent = !self.props.contains_key(class_key);
            let class = definition.setting_mut(class_key);
            class.recommended = usable.map(|it| it.info.name.to_owned()).collect();
            if let Some(plugin) = workers {
                class.key.default = DefaultValue::Text(plugin.info.name.into());
            }
            let version = definition.setting_mut(converter_version_key(role));
            version.visible = is_absent || own.is_some_and(|it| is_class(it, self.plugins));
            if let Some(plugin) = in_effect.filter(|it| interface.accepts(it)) {
                if is_absent || own.is_some() {
                    version.recommended = vec![plugin.info.version.to_owned()];
                }
                if is_plain {
                    version.key.default = DefaultValue::Text(plugin.info.version.into());
                }
            }
        }
    }
}

/// What a plugin says of its keys.
fn ask_plugin(
    plugin: &PluginDescriptor,
    props: &Props,
) -> Result<Vec<ConfigValueInfo>, ValidationError> {
    ask(plugin, || (plugin.config.validate)(props))
}

/// Runs code of a plugin; its panic fails this validation and nothing else.
fn ask<T>(plugin: &PluginDescriptor, question: impl FnOnce() -> T) -> Result<T, ValidationError> {
    std::panic::catch_unwind(AssertUnwindSafe(question)).map_err(|panic| {
        let text = panic_text(panic.as_ref());
        let name = plugin.info.name;
        ValidationError::Config(format!("{name} panicked in its validation: {text}"))
    })
}

fn version_requirement(props: &Props) -> Result<VersionRequirement, ValidationError> {
    let Some(text) = props.get(CONNECTOR_VERSION) else {
        return Ok(VersionRequirement::Latest);
    };
    text.parse()
        .map_err(|error: VersionRangeError| ValidationError::BadRequest(error.to_string()))
}

fn lookup_message(class: &str, error: &LookupError, plugins: &PluginRegistry) -> String {
    let list = |wanted: &dyn Fn(&PluginDescriptor) -> bool| {
        let chosen = plugins
            .iter()
            .filter(|it| wanted(it))
            .filter_map(plugin_text);
        chosen.collect::<Vec<_>>().join(", ")
    };
    match error {
        LookupError::Unknown(_) | LookupError::WrongKind { .. } => format!(
            "Failed to find any class that implements Connector and which name matches {class}, \
             available connectors are: {}",
            list(&|_| true)
        ),
        LookupError::Ambiguous { candidates, .. } => format!(
            "More than one connector matches alias {class}. Please use full package and class \
             name instead. Classes found: {}",
            list(&|it| candidates.contains(&it.info.name))
        ),
    }
}

/// A connector as the reference writes it in messages; `None` for other plugins.
fn plugin_text(plugin: &PluginDescriptor) -> Option<String> {
    let kind = match plugin.entry.kind() {
        PluginKind::Source => "source",
        PluginKind::Sink => "sink",
        PluginKind::Converter
        | PluginKind::Transform
        | PluginKind::Predicate
        | PluginKind::ConfigProvider
        | PluginKind::ClientConfigPolicy
        | PluginKind::RestExtension => return None,
    };
    let (name, version) = (plugin.info.name, plugin.info.version);
    Some(format!(
        "PluginDesc{{klass=class {name}, name='{name}', version='{version}', \
         encodedVersion={version}, type={kind}, typeName='{kind}', location='classpath'}}"
    ))
}

/// A configuration as Java prints a map, in the order of its hash table. It is shown to the client
/// that sent it, to nobody else.
fn map_text(props: &Props) -> String {
    // Three quarters of a table may be filled.
    let buckets = (props.len() * 4 / 3 + 1).next_power_of_two();
    let mut entries: Vec<_> = props.iter().collect();
    entries.sort_by_key(|(key, _)| hash_bucket(key, buckets));
    let entries = entries.into_iter();
    let entries = entries.map(|(key, value)| format!("{key}={}", value.unwrap_or("null")));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

/// Where a key is in a hash table of Java's, which is gone through from the first bucket on.
fn hash_bucket(key: &str, buckets: usize) -> usize {
    let hash = key.encode_utf16().fold(0_u32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(unit.into())
    });
    (hash ^ (hash >> 16)) as usize & (buckets - 1)
}

#[cfg(test)]
mod tests;
