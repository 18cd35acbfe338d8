//! The plugins publish the configuration that clients of the reference know. Documentation is not
//! compared.

use connect_converters as _;
use connect_core::Role;
use connect_core::config::{ConfigKey, ConfigType, DefaultValue, Props};
use connect_core::plugin::{PluginDescriptor, PluginEntry, PluginKind};
use connect_core::registry::PluginRegistry;
use connect_file as _;
use connect_tests::vectors::load_json;
use connect_transforms as _;
use connect_worker::config::worker::{Brokers, WorkerConfig};
use connect_worker::herder::validation::validate;
use serde_json::{Value as Json, json};

#[test]
fn published_definitions_are_those_of_the_reference() {
    let definitions = load_json("plugin-configdefs.json");
    let definitions = definitions.as_object().expect("definitions by class");
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");

    assert!(!definitions.is_empty(), "there are no definitions");
    let mut wrong = Vec::new();
    for (class, expected) in definitions {
        // Of a class with two variants only the variants are plugins.
        let names = [
            class.clone(),
            format!("{class}$Key"),
            format!("{class}$Value"),
        ];
        let plugins: Vec<_> = names
            .iter()
            .filter_map(|it| registry.find(it).ok())
            .collect();
        if plugins.is_empty() {
            wrong.push(format!("{class} is no plugin of ours"));
        }
        for plugin in plugins {
            let name = plugin.info.name;
            let keys = (plugin.config.definition)().keys();
            let actual: Json = keys.iter().map(to_notation).collect();
            if actual != *expected {
                wrong.push(format!(
                    "{name}\n  expected {expected}\n  actual   {actual}"
                ));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Clients see a definition in the answer to a validation, for converters below the key of their role.
#[test]
fn validations_answer_with_the_definitions_of_the_reference() {
    let definitions = load_json("plugin-configdefs.json");
    let definitions = definitions.as_object().expect("definitions by class");
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let worker = worker(&registry);

    let mut compared = 0;
    for (class, expected) in definitions {
        let Ok(plugin) = registry.find(class) else {
            continue;
        };
        let sink = ("connector.class", "FileStreamSink");
        let (props, prefix) = match plugin.entry.kind() {
            PluginKind::Source | PluginKind::Sink => ([("connector.class", class.as_str()); 2], ""),
            PluginKind::Converter if serves_values(plugin) => (
                [sink, ("value.converter", class.as_str())],
                "value.converter.",
            ),
            PluginKind::Converter => (
                [sink, ("header.converter", class.as_str())],
                "header.converter.",
            ),
            _ => continue,
        };
        let props = Props::from_iter(props);
        let infos = validate(&registry, &worker, &props).expect("it can be validated");
        for expected in expected.as_array().expect("a list of keys") {
            let own = expected["name"].as_str().expect("a name");
            let name = format!("{prefix}{own}");
            let keys = infos.configs.iter().filter_map(|it| it.definition.as_ref());
            let mut key = keys
                .clone()
                .find(|it| it.name == name)
                .cloned()
                .expect("the key is there");
            key.name = own.to_owned().into();
            assert_eq!(to_notation(&key), *expected, "{class}");
            compared += 1;
        }
    }

    assert!(compared > 0, "no plugin is linked");
}

/// Transforms and predicates are shown below their alias, in a group of its own and in the order in
/// which the reference sorts keys.
#[test]
fn validations_show_steps_below_their_alias() {
    let definitions = load_json("plugin-configdefs.json");
    let definitions = definitions.as_object().expect("definitions by class");
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let worker = worker(&registry);

    let mut compared = 0;
    for (class, expected) in definitions {
        let expected = expected.as_array().expect("a list of keys");
        for class in [
            class.clone(),
            format!("{class}$Key"),
            format!("{class}$Value"),
        ] {
            let Ok(plugin) = registry.find(&class) else {
                continue;
            };
            let (list, group) = match plugin.entry.kind() {
                PluginKind::Transform => ("transforms", "Transforms: a"),
                PluginKind::Predicate => ("predicates", "Predicates: a"),
                _ => continue,
            };
            let named = format!("{list}.a.type");
            let props = Props::from_iter([
                ("connector.class", "FileStreamSink"),
                (list, "a"),
                (named.as_str(), class.as_str()),
            ]);
            let infos = validate(&registry, &worker, &props).expect("it can be validated");
            let shown: Vec<_> = infos
                .configs
                .iter()
                .filter_map(|it| it.definition.as_ref())
                .collect();

            let mut last = -1;
            for expected in in_order(expected) {
                let own = expected["name"].as_str().expect("a name");
                let name = format!("{list}.a.{own}");
                let key = *shown
                    .iter()
                    .find(|it| it.name == name)
                    .expect("the key is there");
                assert_eq!(key.group.as_deref(), Some(group), "{class} {own}");
                assert!(key.order_in_group > last, "{class} {own}");
                last = key.order_in_group;
                let alone = ConfigKey {
                    name: own.to_owned().into(),
                    group: None,
                    order_in_group: -1,
                    ..key.clone()
                };
                assert_eq!(to_notation(&alone), *expected, "{class}");
                compared += 1;
            }
        }
    }

    assert!(compared > 50, "{compared} keys");
}

/// Keys of no group as the reference sorts them.
fn in_order(keys: &[Json]) -> Vec<&Json> {
    let rank = |key: &Json| {
        let importance = ["HIGH", "MEDIUM", "LOW"];
        let importance = importance.iter().position(|it| key["importance"] == *it);
        let name = key["name"].as_str().map(str::to_owned);
        (key["required"] != json!(true), importance, name)
    };
    let mut keys: Vec<_> = keys.iter().collect();
    assert!(keys.iter().all(|it| it["group"].is_null()));
    keys.sort_by_key(|it| rank(it));
    keys
}

fn worker(registry: &PluginRegistry) -> WorkerConfig {
    let converter = "org.apache.kafka.connect.json.JsonConverter";
    let worker = Props::from_iter([
        ("key.converter", converter),
        ("value.converter", converter),
        ("offset.storage.file.filename", "unused"),
    ]);
    WorkerConfig::parse(worker, Brokers::Embedded, registry).expect("it is complete")
}

fn serves_values(plugin: &PluginDescriptor) -> bool {
    match plugin.entry {
        PluginEntry::Converter { roles, .. } => roles.contains(&Role::Value),
        _ => false,
    }
}

fn to_notation(key: &ConfigKey) -> Json {
    let mut notation = json!({
        "name": key.name,
        "type": key.kind.as_str(),
        "required": key.default == DefaultValue::Required,
        "importance": key.importance.as_str(),
        "validValues": key.valid_values,
        "group": key.group,
        "orderInGroup": key.order_in_group,
        "width": key.width.as_str(),
        "displayName": key.display_name,
    });
    match &key.default {
        DefaultValue::Required => {}
        DefaultValue::Null => notation["default"] = Json::Null,
        DefaultValue::Text(text) => notation["default"] = typed(key.kind, text),
    }
    notation
}

/// A default in the form of its type.
fn typed(kind: ConfigType, text: &str) -> Json {
    match kind {
        ConfigType::Boolean | ConfigType::Int | ConfigType::Short | ConfigType::Long => {
            serde_json::from_str(text).expect("a boolean or an integer")
        }
        ConfigType::Double => text.parse::<f64>().expect("a number").into(),
        ConfigType::List => match text {
            "" => json!([]),
            text => text.split(',').collect(),
        },
        ConfigType::String | ConfigType::Class | ConfigType::Password => text.into(),
    }
}
