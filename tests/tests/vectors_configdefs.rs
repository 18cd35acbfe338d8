//! The plugins publish the configuration that clients of the reference know.
//!
//! Plugins that we do not have are not compared, and neither is documentation.

use connect_converters as _;
use connect_core::config::{ConfigKey, ConfigType, DefaultValue};
use connect_core::registry::PluginRegistry;
use connect_file as _;
use connect_tests::vectors::load_json;
use connect_transforms as _;
use serde_json::{Value as Json, json};

#[test]
fn published_definitions_are_those_of_the_reference() {
    let definitions = load_json("plugin-configdefs.json");
    let definitions = definitions.as_object().expect("definitions by class");
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");

    let (mut compared, mut wrong) = (0, Vec::new());
    for (class, expected) in definitions {
        // Of a class with two variants only the variants are plugins.
        let names = [
            class.clone(),
            format!("{class}$Key"),
            format!("{class}$Value"),
        ];
        for plugin in names.iter().filter_map(|it| registry.find(it).ok()) {
            let name = plugin.info.name;
            let keys = (plugin.config.definition)().keys();
            let actual: Json = keys.iter().map(to_notation).collect();
            if actual != *expected {
                wrong.push(format!(
                    "{name}\n  expected {expected}\n  actual   {actual}"
                ));
            }
            compared += 1;
        }
    }

    assert!(compared > 0, "no plugin is linked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
