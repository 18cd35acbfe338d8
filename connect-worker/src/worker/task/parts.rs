//! What a task is made of, as far as its configuration says so: shown before anything is made.

use connect_core::config::Props;
use connect_core::converter::Role;
use connect_core::plugin::PluginDescriptor;

use super::TaskSpec;
use crate::config::connector::aliases::{Alias, AliasKind};
use crate::metrics::{Part, TaskParts};
use crate::worker::Worker;
use crate::worker::transforms::alias_name;

/// Key of the class of a task, which the herder has set.
const TASK_CLASS: &str = "task.class";

/// The parts of a task.
pub(super) fn of(worker: &Worker, spec: &TaskSpec) -> TaskParts {
    let (config, plugins) = (&worker.parts.config, &worker.parts.plugins);
    let connector = &spec.connector;
    let converter = |role| {
        let choice = config.converter(role, connector, plugins).ok()?;
        Some(part(&choice.plugin))
    };
    let usable = |alias: &Alias| {
        let plugin = alias.usable_plugin(connector, plugins)?;
        Some((alias_name(&alias.to_string()).to_owned(), part(plugin)))
    };
    let transforms = Alias::of_kind(AliasKind::Transform, connector);
    let mut predicates: Vec<_> = transforms
        .iter()
        .filter_map(|it| usable(&it.condition(connector)?.0))
        .collect();
    predicates.sort_by(|(one, _), (other, _)| one.cmp(other));
    predicates.dedup_by(|(one, _), (other, _)| one == other);
    TaskParts {
        connector: part(&spec.plugin),
        kind: spec.plugin.entry.kind(),
        task_class: class_of(&spec.config),
        key: converter(Role::Key),
        value: converter(Role::Value),
        header: converter(Role::Header),
        transforms: transforms.iter().filter_map(usable).collect(),
        predicates,
    }
}

fn class_of(config: &Props) -> Option<String> {
    config.get(TASK_CLASS).map(str::to_owned)
}

/// A plugin, as it is named in metrics.
fn part(plugin: &PluginDescriptor) -> Part {
    Part {
        class: plugin.info.name,
        version: plugin.info.version,
    }
}
