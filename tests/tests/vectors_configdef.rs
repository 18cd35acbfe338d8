//! Definitions are read, checked and printed as the reference does it.
//!
//! Validators are compared through the rules that say the same. Those that concern null or
//! duplicates have none: such values never reach a rule.

use connect_core::config::{
    ConfigDef, ConfigKey, ConfigType, ConfigValue, ConnectorConfig, DefaultValue, Importance,
    Props, Secret, Unit, Width,
};
use connect_core::prelude::ConfigEnum;
use connect_tests::vectors::load_json;
use serde_json::{Value as Json, json};

fn vectors(section: &str) -> Vec<Json> {
    let vectors = load_json("configdef.json");
    let entries = vectors[section].as_array().expect("a list of entries");
    entries.clone()
}

fn text<'a>(entry: &'a Json, member: &str) -> &'a str {
    entry[member].as_str().unwrap_or_default()
}

/// The keys under which values of each type, or of each validator, are read.
macro_rules! one_key {
    ($($name:ident: $type:ty, $options:meta;)*) => {$(
        /// One key.
        #[derive(ConnectorConfig)]
        struct $name {
            /// The key.
            #[$options]
            #[expect(dead_code, reason = "only validated")]
            k: $type,
        }
    )*};
}

one_key! {
    Boolean: Option<bool>, config(importance = medium);
    Text: Option<String>, config(importance = medium);
    Int: Option<i32>, config(importance = medium);
    Short: Option<i16>, config(importance = medium);
    Long: Option<i64>, config(importance = medium);
    Double: Option<f64>, config(importance = medium);
    List: Option<Vec<String>>, config(importance = medium);
    Password: Option<Secret>, config(importance = medium);
    AtLeast: i32, config(range = 1..);
    Between: i32, config(range = 0..=10);
    OneOf: String, config(one_of("a", "b"));
    EachOneOf: Vec<String>, config(one_of("a", "b"));
    NonEmpty: Option<String>, config(non_empty);
    AnyCase: Letter, config(importance = medium);
}

/// A choice in any case.
#[derive(ConfigEnum)]
#[config(any_case)]
enum Letter {
    /// The only one.
    A,
}

/// Value and first mistake of the key in a configuration.
fn read<C: ConnectorConfig>(value: &Json) -> (Json, Option<String>) {
    let mut props = Props::new();
    let list = value.as_array().map(|elements| {
        let elements: Vec<_> = elements.iter().filter_map(Json::as_str).collect();
        elements.join(",")
    });
    let plain = value.as_i64().map(|it| it.to_string());
    props.insert("k", value.as_str().map(str::to_owned).or(list).or(plain));
    let info = C::validate(&props).swap_remove(0);
    let kind = C::definition().keys()[0].kind;
    let value = info.value.map_or(Json::Null, |it| typed(kind, &it));
    (value, info.errors.into_iter().next())
}

fn typed(kind: ConfigType, text: &str) -> Json {
    match kind {
        ConfigType::Boolean => json!(text == "true"),
        ConfigType::Int | ConfigType::Short | ConfigType::Long => json!(text.parse::<i64>().ok()),
        ConfigType::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => json!(text),
        },
        ConfigType::List => {
            let list = Vec::<String>::parse_text(text, Unit::None);
            json!(list.unwrap_or_default())
        }
        ConfigType::String | ConfigType::Class | ConfigType::Password => json!(text),
    }
}

#[track_caller]
fn check(entries: Vec<Json>, compare: impl Fn(&Json) -> Option<Result<(), String>>) {
    let outcomes: Vec<_> = entries
        .iter()
        .filter_map(|entry| Some((entry, compare(entry)?)))
        .collect();
    let wrong: Vec<_> = outcomes
        .iter()
        .filter_map(|(entry, outcome)| {
            let actual = outcome.as_ref().err()?;
            Some(format!("{entry}\n  actual {actual}"))
        })
        .collect();

    assert!(!outcomes.is_empty(), "nothing was compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn texts_are_read_as_in_the_reference() {
    check(vectors("parse"), |entry| {
        let input = &entry["input"];
        let (value, error) = match text(entry, "type") {
            "BOOLEAN" => read::<Boolean>(input),
            "STRING" => read::<Text>(input),
            "INT" => read::<Int>(input),
            "SHORT" => read::<Short>(input),
            "LONG" => read::<Long>(input),
            "DOUBLE" => read::<Double>(input),
            "LIST" => read::<List>(input),
            "PASSWORD" => read::<Password>(input),
            // Java classes are no plugins here.
            _ => return None,
        };
        let expected = entry["error"]["message"].as_str();
        Some(
            match error.as_deref() == expected && (expected.is_some() || value == entry["output"]) {
                true => Ok(()),
                false => Err(format!("{value} {error:?}")),
            },
        )
    });
}

#[test]
fn rules_refuse_in_the_words_of_the_reference() {
    check(vectors("validators"), |entry| {
        let value = &entry["value"];
        // Null reaches no rule: a key is absent, or its absence is the mistake.
        if value.is_null() {
            return None;
        }
        let outcome = |described: Option<String>, error: Option<String>| {
            let expected = entry["error"]["message"].as_str();
            match described.as_deref() == entry["text"].as_str() && error.as_deref() == expected {
                true => Ok(()),
                false => Err(format!("{described:?} {error:?}")),
            }
        };
        let is_list_rule = |entry: &Json| {
            // What the list itself must be like: Java checks more than its elements.
            let message = entry["error"]["message"].as_str().unwrap_or_default();
            message.starts_with("Configuration 'k'")
        };
        Some(match text(entry, "validator") {
            "Range.atLeast(1)" => outcome(words::<AtLeast>(), read::<AtLeast>(value).1),
            "Range.between(0,10)" => outcome(words::<Between>(), read::<Between>(value).1),
            "ValidString.in(a,b)" => outcome(words::<OneOf>(), read::<OneOf>(value).1),
            "CaseInsensitiveValidString.in(a)" => {
                outcome(words::<AnyCase>(), read::<AnyCase>(value).1)
            }
            "ValidList.in(a,b)" if !is_list_rule(entry) => {
                outcome(words::<EachOneOf>(), read::<EachOneOf>(value).1)
            }
            // Blanks are taken off a text before it reaches a rule.
            "NonEmptyString" if value != " " => {
                outcome(words::<NonEmpty>(), read::<NonEmpty>(value).1)
            }
            _ => return None,
        })
    });
}

fn words<C: ConnectorConfig>() -> Option<String> {
    let key = &C::definition().keys()[0];
    key.valid_values.as_deref().map(str::to_owned)
}

#[test]
fn definitions_are_printed_as_in_the_reference() {
    let docs = load_json("configdef.json")["docs"].clone();
    let keys = docs["definition"].as_array().expect("a list of keys");
    // The reference marks this key as internal, which its notation does not tell.
    let keys = keys.iter().filter(|it| it["name"] != "hidden");
    let definition = ConfigDef::new(keys.map(key).collect());

    assert_eq!(definition.to_rst(), text(&docs, "rst"));
    assert_eq!(definition.to_enriched_rst(), text(&docs, "enrichedRst"));
    assert_eq!(definition.to_html_table(), text(&docs, "htmlTable"));
    assert_eq!(definition.to_html(), text(&docs, "html"));
}

/// A key in the notation of the vectors, completed by what the notation leaves out.
fn key(notation: &Json) -> ConfigKey {
    let name = text(notation, "name").to_owned();
    let (documentation, dependents) = match name.as_str() {
        "zeta" => ("First line.\nSecond line.", vec![]),
        "alpha.ms" => ("A time.", vec![]),
        "beta.bytes" => ("A size.", vec![]),
        "list" => ("A list.", vec![]),
        "nul" => ("Null default.", vec![]),
        "on" => ("Switch.", vec!["dep".into()]),
        "dep" => ("Dependent.", vec![]),
        "a1" => ("Secret.", vec![]),
        _ => ("", vec![]),
    };
    let default = match &notation["default"] {
        _ if notation["required"] == true => DefaultValue::Required,
        Json::Null => DefaultValue::Null,
        Json::Array(_) => DefaultValue::Text("".into()),
        Json::String(text) => DefaultValue::Text(text.clone().into()),
        other => DefaultValue::Text(other.to_string().into()),
    };
    let order = notation["orderInGroup"].as_i64();
    ConfigKey {
        kind: kind(text(notation, "type")),
        default,
        importance: match text(notation, "importance") {
            "HIGH" => Importance::High,
            "MEDIUM" => Importance::Medium,
            _ => Importance::Low,
        },
        documentation: documentation.into(),
        group: notation["group"].as_str().map(|it| it.to_owned().into()),
        order_in_group: order.and_then(|it| it.try_into().ok()).unwrap_or(-1),
        width: Width::None,
        display_name: text(notation, "displayName").to_owned().into(),
        dependents,
        valid_values: notation["validValues"]
            .as_str()
            .map(|it| it.to_owned().into()),
        name: name.into(),
    }
}

fn kind(name: &str) -> ConfigType {
    match name {
        "BOOLEAN" => ConfigType::Boolean,
        "INT" => ConfigType::Int,
        "SHORT" => ConfigType::Short,
        "LONG" => ConfigType::Long,
        "DOUBLE" => ConfigType::Double,
        "LIST" => ConfigType::List,
        "CLASS" => ConfigType::Class,
        "PASSWORD" => ConfigType::Password,
        _ => ConfigType::String,
    }
}
