//! The three converters of a task.

use connect_core::Result;
use connect_core::config::Props;
use connect_core::converter::{ErasedConverter, Role};
use connect_core::plugin::PluginEntry;

use super::Worker;
use crate::config::worker::converter_key;
use crate::metrics::TaskFigures;

/// A converter and the class that errors are reported with.
pub(crate) struct NamedConverter {
    pub(crate) class: &'static str,
    pub(crate) converter: Box<dyn ErasedConverter>,
    /// What the converter says of itself, which is asked for each record.
    pub(crate) uses_headers: bool,
}

impl NamedConverter {
    pub(crate) fn new(class: &'static str, converter: Box<dyn ErasedConverter>) -> Self {
        Self {
            class,
            uses_headers: converter.uses_headers(),
            converter,
        }
    }
}

/// The converters of a task: those that the connector chooses, else those of the worker.
pub(crate) struct Converters {
    pub(crate) key: NamedConverter,
    pub(crate) value: NamedConverter,
    pub(crate) header: NamedConverter,
}

impl Converters {
    /// Makes the converters of a connector.
    ///
    /// # Errors
    /// When a class is not there, is not a converter for its role, or refuses its settings.
    pub(crate) fn new(worker: &Worker, connector: &Props) -> Result<Self> {
        let make = |role| make(worker, connector, role);
        Ok(Self {
            key: make(Role::Key)?,
            value: make(Role::Value)?,
            header: make(Role::Header)?,
        })
    }

    /// Lets the converters of a task register metrics.
    pub(crate) fn use_metrics(&mut self, figures: &TaskFigures) {
        let roles = [
            (Role::Key, &mut self.key),
            (Role::Value, &mut self.value),
            (Role::Header, &mut self.header),
        ];
        for (role, named) in roles {
            let metrics = figures.plugin_metrics(Some(("converter", role.as_str())));
            named.converter.use_metrics(&metrics);
        }
    }
}

impl std::fmt::Debug for Converters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Converters")
            .field("key", &self.key.class)
            .field("value", &self.value.class)
            .field("header", &self.header.class)
            .finish()
    }
}

fn make(worker: &Worker, connector: &Props, role: Role) -> Result<NamedConverter> {
    let choice = worker
        .parts
        .config
        .converter(role, connector, &worker.parts.plugins)?;
    let class = choice.plugin.info.name;
    let PluginEntry::Converter { new, .. } = choice.plugin.entry else {
        unreachable!("the configuration names a converter");
    };
    let converter = new(&choice.config, role)
        .map_err(|error| error.context(format_args!("{} {class}", converter_key(role))))?;
    Ok(NamedConverter::new(class, converter))
}
