//! Which keys must or must not be there together.

use serde_json::{Value as Json, json};

use super::values;
use crate::config::ConfigDef;
use crate::reference::key::{Condition, Key, keys};

/// Whether a key must be there under its only name.
pub(super) fn is_plainly_required(key: Key<'_>) -> bool {
    key.required_when().is_some_and(|it| it.is_empty()) && key.aliases().is_empty()
}

/// What has to hold because of a key.
pub(super) fn of(definition: &ConfigDef, key: Key<'_>) -> Vec<Json> {
    let mut rules = Vec::new();
    match key.required_when().as_deref() {
        Some([]) if !is_plainly_required(key) => rules.push(given(key)),
        Some([]) | None => {}
        Some(conditions) => rules.push(json!({
            "if": all_hold(definition, conditions),
            "then": given(key),
        })),
    }
    let names: Vec<_> = names(key).collect();
    for (index, name) in names.iter().enumerate() {
        let later = names.iter().skip(index + 1);
        rules.extend(later.map(|other| not_together(name, other)));
    }
    rules.extend(key.conflicts().map(|other| not_together(key.name(), other)));
    rules
}

fn names(key: Key<'_>) -> impl Iterator<Item = &str> {
    let aliases = key.aliases().iter().map(|it| it.name.as_ref());
    std::iter::once(key.name()).chain(aliases)
}

/// The key is there, under one of its names.
fn given(key: Key<'_>) -> Json {
    if key.aliases().is_empty() {
        return json!({"required": [key.name()]});
    }
    let each: Vec<_> = names(key).map(|it| json!({"required": [it]})).collect();
    json!({"anyOf": each})
}

fn not_together(one: &str, other: &str) -> Json {
    json!({"not": {"required": [one, other]}})
}

fn all_hold(definition: &ConfigDef, conditions: &[Condition<'_>]) -> Json {
    let mut premises: Vec<_> = conditions
        .iter()
        .map(|it| premise(definition, it))
        .collect();
    match (premises.pop(), premises.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            premises.extend(last);
            json!({"allOf": premises})
        }
    }
}

/// The other key has one of the values, be it by default.
fn premise(definition: &ConfigDef, condition: &Condition<'_>) -> Json {
    let Some(other) = keys(definition).find(|it| it.name() == condition.key) else {
        return json!(false);
    };
    let holds_by_default = other
        .default()
        .is_some_and(|it| condition.values.contains(&it));
    let value = values::equal(other, &condition.values);
    let mut names: Vec<_> = names(other)
        .map(|name| match holds_by_default {
            true => json!({"properties": {name: value}}),
            false => json!({"properties": {name: value}, "required": [name]}),
        })
        .collect();
    match (names.len(), holds_by_default) {
        (1, _) => names.remove(0),
        // It holds as long as no name says otherwise.
        (_, true) => json!({"allOf": names}),
        (_, false) => json!({"anyOf": names}),
    }
}
