//! Everything about all plugins, for programs.

use serde_json::{Value as Json, json};

use super::key::{Condition, Key, all_keys};
use super::text::first_paragraph;
use crate::config::{ConfigDef, Constraint, DefaultValue, Unit};
use crate::plugin::PluginDescriptor;
use crate::registry::PluginRegistry;

/// Changes when the form does.
const FORM: u32 = 1;

/// Everything about all plugins, for programs. `form` grows when readers have to change.
#[must_use]
pub fn manifest(registry: &PluginRegistry) -> Json {
    let plugins: Vec<_> = registry.iter().map(plugin).collect();
    json!({"form": FORM, "plugins": plugins})
}

/// Everything about one plugin.
pub(super) fn plugin(plugin: &PluginDescriptor) -> Json {
    let info = &plugin.info;
    json!({
        "name": info.name,
        "aliases": info.aliases,
        "kind": plugin.entry.kind().as_str(),
        "version": info.version,
        "summary": first_paragraph(info.documentation),
        "documentation": info.documentation,
        "config": config((plugin.config.definition)()),
    })
}

fn config(definition: &ConfigDef) -> Json {
    let groups = definition.groups().iter();
    let passed = definition.pass_through().iter();
    json!({
        "documentation": definition.documentation(),
        "groups": groups
            .map(|it| json!({"id": it.id, "label": it.label}))
            .collect::<Vec<_>>(),
        "keys": all_keys(definition).map(key).collect::<Vec<_>>(),
        "pass_through": passed
            .map(|it| json!({"prefix": it.prefix, "documentation": it.documentation}))
            .collect::<Vec<_>>(),
    })
}

fn key(key: Key<'_>) -> Json {
    let published = key.published;
    let choices = key.choices().iter();
    let aliases = key.aliases().iter();
    let default = match &published.default {
        DefaultValue::Text(text) => Some(text),
        DefaultValue::Required | DefaultValue::Null => None,
    };
    let required = key.required_when();
    let required = required.as_deref();
    json!({
        "name": published.name,
        "type": published.kind.as_str(),
        "unit": unit(key.unit()),
        "secret": key.is_secret(),
        "required": required == Some(&[]),
        "default": default,
        "importance": published.importance.as_str(),
        "documentation": published.documentation,
        "group": published.group,
        "order_in_group": published.order_in_group,
        "width": published.width.as_str(),
        "display_name": published.display_name,
        "dependents": published.dependents,
        "choices": choices
            .map(|it| json!({"name": it.name, "documentation": it.documentation}))
            .collect::<Vec<_>>(),
        "ignores_case": key.ignores_case(),
        "constraints": key.constraints().iter().map(constraint).collect::<Vec<_>>(),
        "aliases": aliases
            .map(|it| json!({"name": it.name, "deprecated_since": it.deprecated_since}))
            .collect::<Vec<_>>(),
        "applies_when": key.applies_when().iter().map(condition).collect::<Vec<_>>(),
        "required_when": required.map(|it| it.iter().map(condition).collect::<Vec<_>>()),
        "conflicts_with": key.conflicts().collect::<Vec<_>>(),
        "example": key.example(),
        "since": key.since(),
        "internal": key.is_internal(),
    })
}

fn unit(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::None => None,
        Unit::Millis => Some("milliseconds"),
        Unit::Seconds => Some("seconds"),
        Unit::Bytes => Some("bytes"),
    }
}

fn condition(condition: &Condition<'_>) -> Json {
    json!({"key": condition.key, "values": condition.values})
}

fn constraint(constraint: &Constraint) -> Json {
    match constraint {
        Constraint::Range { min, max } => json!({"rule": "range", "min": min, "max": max}),
        Constraint::Length { min, max } => json!({"rule": "length", "min": min, "max": max}),
        Constraint::NonEmptyText | Constraint::NonEmptyList => json!({"rule": "non_empty"}),
        Constraint::Matches(pattern) => json!({"rule": "matches", "pattern": pattern}),
        Constraint::OneOf(words) => json!({"rule": "one_of", "values": words}),
    }
}
