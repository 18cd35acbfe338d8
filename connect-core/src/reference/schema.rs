//! The keys of a plugin as a JSON Schema, draft 2020-12.
//!
//! It describes configurations as JSON: an object of texts, where numbers and booleans may also be
//! written as such. A schema never refuses what the worker takes, except for scalars of a surprising
//! type; it cannot know what a function checks. A value may always be a reference,
//! `${provider:path:key}`, that the worker replaces.

mod conditions;
mod values;

use serde_json::{Map, Value as Json, json};

use super::Reference;
use super::key::{Key, keys};
use super::kind::Kind;
use crate::config::KeyAlias;
use crate::plugin::PluginDescriptor;
use crate::registry::short_names;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// What the worker replaces by a value from elsewhere.
const REFERENCE: &str = r"\$\{[^}]+\}";

pub(super) fn schema(reference: &Reference<'_>) -> Json {
    let definition = reference.definition();
    let mut properties = head(reference);
    let mut all_of = Vec::new();
    for key in keys(definition) {
        properties.insert(key.name().to_owned(), property(key));
        for alias in key.aliases() {
            properties.insert(alias.name.clone().into_owned(), another_name(key, alias));
        }
        all_of.extend(conditions::of(definition, key));
    }
    let passed = definition.pass_through().iter();
    let passed: Map<_, _> = passed
        .map(|it| {
            (
                prefix_pattern(&it.prefix),
                json!({"description": it.documentation}),
            )
        })
        .collect();

    let mut schema = json!({
        "$schema": DIALECT,
        "title": reference.title(),
        "description": reference.first().info.documentation,
        "type": "object",
        "properties": properties,
    });
    let required = required(reference);
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if !passed.is_empty() {
        schema["patternProperties"] = passed.into();
    }
    if !all_of.is_empty() {
        schema["allOf"] = all_of.into();
    }
    schema["$defs"] = json!({"reference": {
        "description": "A value from elsewhere, such as ${env:NAME}.",
        "type": "string",
        "pattern": REFERENCE,
    }});
    schema
}

/// The key that names the plugin, where it stands beside the others.
fn class_key(reference: &Reference<'_>) -> Option<&'static str> {
    let kind = Kind::of(reference.first());
    kind.is_class_beside.then_some(kind.class_key)
}

fn head(reference: &Reference<'_>) -> Map<String, Json> {
    let mut head = Map::new();
    if let Some(key) = class_key(reference) {
        let names: Vec<&str> = reference.plugins().flat_map(names).collect();
        head.insert(key.to_owned(), json!({"enum": names}));
    }
    head
}

/// All names that a plugin answers to, full and simple.
fn names(plugin: &PluginDescriptor) -> Vec<&'static str> {
    let full = std::iter::once(plugin.info.name).chain(plugin.info.aliases.iter().copied());
    let mut names: Vec<_> = full.clone().chain(full.flat_map(short_names)).collect();
    let mut seen = Vec::new();
    names.retain(|it| {
        let is_new = !seen.contains(it);
        seen.push(*it);
        is_new
    });
    names
}

/// Keys that must be there under this name; those with other names are among the conditions.
fn required(reference: &Reference<'_>) -> Vec<String> {
    let class = class_key(reference).map(str::to_owned);
    let own = keys(reference.definition()).filter(|it| conditions::is_plainly_required(*it));
    class
        .into_iter()
        .chain(own.map(|it| it.name().to_owned()))
        .collect()
}

fn property(key: Key<'_>) -> Json {
    let mut property = values::of(key);
    let published = key.published;
    property["description"] = Json::from(&*published.documentation);
    if published.display_name != published.name {
        property["title"] = Json::from(&*published.display_name);
    }
    if key.is_secret() {
        property["writeOnly"] = true.into();
    } else if let Some(default) = key.default() {
        property["default"] = values::literal(key.kind(), default);
    }
    if let Some(example) = key.example() {
        property["examples"] = json!([values::literal(key.kind(), example)]);
    }
    property
}

fn another_name(key: Key<'_>, alias: &KeyAlias) -> Json {
    let mut property = values::of(key);
    property["description"] = format!("Another name of {}.", key.name()).into();
    if key.is_secret() {
        property["writeOnly"] = true.into();
    }
    if alias.deprecated_since.is_some() {
        property["deprecated"] = true.into();
    }
    property
}

fn prefix_pattern(prefix: &str) -> String {
    format!("^{}", regex::escape(prefix))
}
