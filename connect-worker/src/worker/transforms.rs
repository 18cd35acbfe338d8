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
use crate::metrics::TaskFigures;

/// The transforms of a task, in the order in which the connector names them.
pub(crate) struct TransformChain {
    steps: Vec<Step>,
}

/// One transform of a chain, with its predicate.
pub(crate) struct Step {
    /// The prefix of its keys, which names it in messages.
    name: Arc<str>,
    class: &'static str,
    transform: Box<dyn ErasedTransform>,
    condition: Option<Condition>,
}

/// What a step made of a record.
pub(crate) enum Outcome {
    /// Nothing: its predicate leaves the record alone.
    NotMeant,
    /// A record that goes on.
    Transformed,
    /// Nothing that goes on: the record is dropped.
    Dropped,
}

/// The records that a step is for; all others pass it unchanged.
struct Condition {
    /// Name of the predicate.
    alias: String,
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

    /// Whether a transform or a predicate looks at the timestamps of records, or changes them.
    pub(crate) fn uses_timestamp(&self) -> bool {
        self.steps.iter().any(|step| {
            let condition = step.condition.as_ref();
            step.transform.uses_timestamp()
                || condition.is_some_and(|it| it.predicate.uses_timestamp())
        })
    }

    /// Lets the transforms and predicates of a task register metrics.
    pub(crate) fn use_metrics(&mut self, figures: &TaskFigures) {
        for step in &mut self.steps {
            let alias = alias_name(&step.name);
            let metrics = figures.plugin_metrics(Some(("transformation", alias)));
            step.transform.use_metrics(&metrics);
            if let Some(condition) = &mut step.condition {
                let alias = &condition.alias;
                let metrics = figures.plugin_metrics(Some(("predicate", alias)));
                condition.predicate.use_metrics(&metrics);
            }
        }
    }

    /// The steps in order, for whoever wants to see what each of them does.
    pub(crate) fn steps(&mut self) -> impl Iterator<Item = &mut Step> {
        self.steps.iter_mut()
    }

    /// Takes a record through the steps; `false` when one of them drops it. `first` is the step to
    /// begin with, and `keeps` says whether the record is wanted back when a step fails.
    ///
    /// # Errors
    /// The step that failed, from which the same record may go on if it is wanted back.
    pub(crate) fn apply(
        &mut self,
        record: &mut Record,
        first: usize,
        keeps: bool,
    ) -> Result<bool, Box<FailedStep>> {
        for (index, step) in self.steps.iter_mut().enumerate().skip(first) {
            let kept = keeps.then(|| record.clone());
            let applied = match step.is_meant(record) {
                Ok(false) => continue,
                Ok(true) => step.transform.apply(record),
                Err(error) => Err(error),
            };
            match applied {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    if let Some(kept) = kept {
                        *record = kept;
                    }
                    let failure = Failure::new(Stage::Transformation, step.class, error);
                    return Err(Box::new(FailedStep {
                        failure: failure.in_step(&step.name),
                        step: index,
                    }));
                }
            }
        }
        Ok(true)
    }
}

/// A step that failed for a record.
#[derive(Debug)]
pub(crate) struct FailedStep {
    pub(crate) failure: Failure,
    /// Which step, counted from 0.
    pub(crate) step: usize,
}

/// The alias itself in the prefix of its keys.
pub(super) fn alias_name(prefix: &str) -> &str {
    prefix.split_once('.').map_or(prefix, |(_, alias)| alias)
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
        let condition = alias.condition(connector).map(|(alias, negate)| {
            Ok::<_, ConnectError>(Condition {
                predicate: new_predicate(&alias, connector, plugins)?,
                alias: alias_name(&alias.to_string()).to_owned(),
                negate,
            })
        });
        Ok(Self {
            name: alias.to_string().into(),
            class: plugin.info.name,
            transform,
            condition: condition.transpose()?,
        })
    }

    /// The prefix of its keys.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Class of the transform.
    pub(crate) fn class(&self) -> &'static str {
        self.class
    }

    /// Transforms a record, if it is one of those that are meant.
    ///
    /// # Errors
    /// When it cannot be transformed; parts of the record are gone.
    pub(crate) fn apply(&mut self, record: &mut Record) -> Result<Outcome> {
        if !self.is_meant(record)? {
            return Ok(Outcome::NotMeant);
        }
        Ok(match self.transform.apply(record)? {
            true => Outcome::Transformed,
            false => Outcome::Dropped,
        })
    }

    /// Whether its predicate lets the transform see a record.
    fn is_meant(&mut self, record: &Record) -> Result<bool> {
        let Some(condition) = &mut self.condition else {
            return Ok(true);
        };
        Ok(condition.predicate.test(record)? != condition.negate)
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
                let hint = target_hint(class.trim(), plugins);
                ConnectError::config(format_args!("{key}: {class} cannot be used there{hint}"))
            }
        }
    })
}

/// What the user may have meant who left the target of a transform out.
fn target_hint(class: &str, plugins: &PluginRegistry) -> String {
    let names = plugins.iter().map(|it| it.info.name);
    let meant = names.filter(|name| {
        let stem = name.rsplit_once('$').map(|(stem, _)| stem);
        let simple = stem.and_then(|it| it.rsplit('.').next());
        !class.is_empty() && (stem == Some(class) || simple == Some(class))
    });
    match meant.collect::<Vec<_>>().join(" or ") {
        names if names.is_empty() => names,
        names => format!("; did you mean {names}?"),
    }
}

fn unknown(key: &str) -> ConnectError {
    ConnectError::config(format_args!("Unknown configuration '{key}'"))
}

#[cfg(test)]
pub(crate) mod tests;
