//! The transforms of a task: what happens to a record between connector and converters.

use std::sync::Arc;

use connect_core::config::Props;
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::record::Record;
use connect_core::registry::PluginRegistry;
use connect_core::transform::{ErasedPredicate, ErasedTransform};
use connect_core::{ConnectError, Result};

use super::errors::{Failure, Stage};
use crate::config::connector::aliases::{Alias, AliasKind};

/// The transforms of a task, in the order in which the connector names them.
pub(crate) struct TransformChain {
    steps: Vec<Step>,
}

struct Step {
    /// The prefix of its keys, which names it in messages.
    name: Arc<str>,
    class: &'static str,
    transform: Box<dyn ErasedTransform>,
    condition: Option<Condition>,
}

/// The records that a step is for; all others pass it unchanged.
struct Condition {
    predicate: Box<dyn ErasedPredicate>,
    negate: bool,
}

impl TransformChain {
    /// Makes the transforms of a connector. Each has a predicate of its own, also when several name
    /// the same one.
    ///
    /// # Errors
    /// When a class is not there or refuses its settings.
    pub(crate) fn new(connector: &Props, plugins: &PluginRegistry) -> Result<Self> {
        let aliases = Alias::of_kind(AliasKind::Transform, connector);
        let steps = aliases
            .iter()
            .map(|alias| Step::new(alias, connector, plugins));
        Ok(Self {
            steps: steps.collect::<Result<_>>()?,
        })
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The record behind the last step; `None` when a step dropped it.
    ///
    /// # Errors
    /// The step that failed; the record is gone.
    pub(crate) fn apply(&mut self, mut record: Record) -> Result<Option<Record>, Failure> {
        for step in &mut self.steps {
            match step.apply(record) {
                Ok(Some(next)) => record = next,
                Ok(None) => return Ok(None),
                Err(error) => {
                    let failure = Failure::new(Stage::Transformation, step.class, error);
                    return Err(failure.in_step(&step.name));
                }
            }
        }
        Ok(Some(record))
    }
}

impl std::fmt::Debug for TransformChain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let steps = self.steps.iter();
        f.debug_map()
            .entries(steps.map(|it| (&it.name, it.class)))
            .finish()
    }
}

impl Step {
    fn new(alias: &Alias, connector: &Props, plugins: &PluginRegistry) -> Result<Self> {
        let plugin = find(alias, connector, plugins)?;
        let PluginEntry::Transform { new } = plugin.entry else {
            unreachable!("the alias of a transformation accepts nothing else");
        };
        let transform = new(&alias.plugin_config(connector))
            .map_err(|error| error.context(format_args!("{alias} {}", plugin.info.name)))?;
        let condition = alias.condition(connector).map(|(predicate, negate)| {
            let predicate = new_predicate(&predicate, connector, plugins)?;
            Ok::<_, ConnectError>(Condition { predicate, negate })
        });
        Ok(Self {
            name: alias.to_string().into(),
            class: plugin.info.name,
            transform,
            condition: condition.transpose()?,
        })
    }

    fn apply(&mut self, record: Record) -> Result<Option<Record>> {
        if let Some(Condition { predicate, negate }) = &mut self.condition
            && predicate.test(&record)? == *negate
        {
            return Ok(Some(record));
        }
        self.transform.apply(record)
    }
}

fn new_predicate(
    alias: &Alias,
    connector: &Props,
    plugins: &PluginRegistry,
) -> Result<Box<dyn ErasedPredicate>> {
    if !Alias::of_kind(AliasKind::Predicate, connector).contains(alias) {
        return Err(unknown(&alias.type_key()));
    }
    let plugin = find(alias, connector, plugins)?;
    let PluginEntry::Predicate { new } = plugin.entry else {
        unreachable!("the alias of a predicate accepts nothing else");
    };
    new(&alias.plugin_config(connector))
        .map_err(|error| error.context(format_args!("{alias} {}", plugin.info.name)))
}

fn find<'a>(
    alias: &Alias,
    connector: &Props,
    plugins: &'a PluginRegistry,
) -> Result<&'a PluginDescriptor> {
    alias.usable_plugin(connector, plugins).ok_or_else(|| {
        let key = alias.type_key();
        match connector.get(&key) {
            None => unknown(&key),
            Some(class) => {
                ConnectError::config(format_args!("{key}: {class} cannot be used there"))
            }
        }
    })
}

fn unknown(key: &str) -> ConnectError {
    ConnectError::config(format_args!("Unknown configuration '{key}'"))
}

#[cfg(test)]
pub(crate) mod tests;
