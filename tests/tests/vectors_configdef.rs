//! Definitions are read, checked and printed, and references looked up, as the reference does it.
//!
//! What the notation of the vectors leaves out of the one definition that is printed and validated
//! (documentation, dependents, the recommender) is added here.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use connect_core::config::{
    ConfigDef, ConfigKey, ConfigType, ConfigValueInfo, DefaultValue, Importance, KeyDetails,
    NoConfig, Props, Width,
};
use connect_core::plugin::{self, PluginDescriptor, PluginInfo};
use connect_core::registry::PluginRegistry;
use connect_core::{ConfigData, ConfigProvider, Predicate, Result};
use connect_tests::vectors::load_json;
use connect_worker::config::definition::{Check, Definition, Parsed, Setting};
use connect_worker::providers::ConfigProviders;
use serde_json::{Map, Value as Json, json};

type Outcome = std::result::Result<Json, String>;

/// The answer to every entry of a section is that of the reference.
#[track_caller]
fn check(section: &str, answer: impl Fn(&Json) -> Outcome) {
    let vectors = load_json("configdef.json");
    let entries = vectors[section].as_array().expect("a list of entries");
    let wrong: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let expected = match entry["error"]["message"].as_str() {
                Some(message) => Err(message.to_owned()),
                None => Ok(entry["output"].clone()),
            };
            let actual = answer(entry);
            (actual != expected).then(|| format!("{entry}\n  actual {actual:?}"))
        })
        .collect();

    assert!(!entries.is_empty(), "there are no vectors of {section}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn text<'a>(entry: &'a Json, member: &str) -> &'a str {
    entry[member].as_str().unwrap_or_default()
}

fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn kind(name: &str) -> ConfigType {
    let all = [
        ConfigType::Boolean,
        ConfigType::String,
        ConfigType::Int,
        ConfigType::Short,
        ConfigType::Long,
        ConfigType::Double,
        ConfigType::List,
        ConfigType::Class,
        ConfigType::Password,
    ];
    let named = all.into_iter().find(|it| it.as_str() == name);
    named.expect("the name of a type")
}

/// What a client is shown, in the notation of the vectors.
fn shown(kind: ConfigType, text: Option<&str>) -> Json {
    let Some(text) = text else { return Json::Null };
    match kind {
        ConfigType::Boolean | ConfigType::Int | ConfigType::Short | ConfigType::Long => {
            serde_json::from_str(text).expect("a boolean or a whole number")
        }
        ConfigType::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => json!(text),
        },
        ConfigType::List if text.is_empty() => json!([]),
        ConfigType::List => text.split(',').collect(),
        ConfigType::String | ConfigType::Class | ConfigType::Password => json!(text),
    }
}

#[test]
fn texts_are_read_as_in_the_reference() {
    check("parse", |entry| {
        let kind = kind(text(entry, "type"));
        let mut props = Props::new();
        props.insert("k", entry["input"].as_str().map(str::to_owned));
        let definition = Definition::from_iter([Setting::new("k", kind, "").optional()]);

        let values = definition
            .parse(&props, &classes(entry))
            .map_err(|errors| {
                let messages: Vec<_> = errors.iter().map(|(_, message)| message).collect();
                messages.join("\n")
            })?;

        let value = values.rendered().next().map(|(_, text)| text);
        Ok(shown(kind, value.as_deref()))
    });
}

/// A plugin for each class that the reference has and we do not: whether a class is found depends
/// on what is there, what follows from it does not.
fn classes(entry: &Json) -> PluginRegistry {
    let is_class = text(entry, "type") == "CLASS";
    let found = entry["output"].as_str().filter(|_| is_class);
    let found = found.map(|name| plugin::predicate_plugin::<Anything>(info(leaked(name))));
    registry(found.into_iter().collect())
}

fn registry(plugins: Vec<PluginDescriptor>) -> PluginRegistry {
    PluginRegistry::new(plugins).expect("every plugin has its own name")
}

fn info(name: &'static str) -> PluginInfo {
    PluginInfo {
        name,
        aliases: &[],
        version: "1.0.0",
        documentation: "For these tests.",
        module: module_path!(),
    }
}

struct Anything;

impl Predicate for Anything {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn test(&mut self, _: &connect_core::record::Record) -> Result<bool> {
        Ok(true)
    }
}

#[test]
fn rules_refuse_in_the_words_of_the_reference() {
    check("validators", |entry| {
        let rule = rule(text(entry, "validator"));
        assert_eq!(rule.to_string(), text(entry, "text"), "{entry}");

        rule.run("k", &value(&entry["value"]))?;
        Ok(json!("ok"))
    });
}

/// A rule in the notation of the vectors: a name, and arguments in parentheses.
fn rule(notation: &str) -> Check {
    let (name, arguments) = notation.split_once('(').unwrap_or((notation, ")"));
    let arguments = arguments.strip_suffix(')').expect("a closing parenthesis");
    let arguments: Vec<_> = arguments.split(',').filter(|it| !it.is_empty()).collect();
    let words = |texts: &[&str]| -> &'static [&'static str] {
        texts
            .iter()
            .map(|it| leaked(it.trim()))
            .collect::<Vec<_>>()
            .leak()
    };
    let number = |index: usize| arguments[index].trim().parse().expect("a number");
    let flag = |index: usize| arguments[index].trim().parse::<bool>();
    match name {
        "Range.atLeast" => Check::AtLeast(number(0)),
        "Range.between" => Check::Between(number(0), number(1)),
        "ValidString.in" => Check::OneOf(words(&arguments)),
        "CaseInsensitiveValidString.in" => {
            let upper = arguments.iter().map(|it| it.to_uppercase());
            let upper: Vec<_> = upper.collect();
            Check::OneOfAnyCase(words(&upper.iter().map(String::as_str).collect::<Vec<_>>()))
        }
        "ValidList.anyNonDuplicateValues" => Check::ValueList {
            or_empty: flag(0).expect("a boolean"),
            or_null: flag(1).expect("a boolean"),
        },
        "ValidList.in" => match flag(0) {
            Ok(or_empty) => Check::ListOf {
                words: words(&arguments[1..]),
                or_empty,
            },
            Err(_) => Check::ListOf {
                words: words(&arguments),
                or_empty: true,
            },
        },
        "NonEmptyString" => Check::NonEmpty,
        "NonNullValidator" => Check::NonNull,
        "NonEmptyStringWithoutControlChars" => Check::NoControlCharacters,
        "ListSize.atMostOfSize" => {
            Check::AtMostElements(usize::try_from(number(0)).expect("a size"))
        }
        "CompositeValidator.of" => {
            let rules: Vec<_> = arguments.iter().map(|it| rule(it.trim())).collect();
            Check::All(rules.leak())
        }
        other => unreachable!("no rule is called {other}"),
    }
}

/// A value of whatever type the vector has it in.
fn value(json: &Json) -> Parsed {
    match json {
        Json::Null => Parsed::Null,
        Json::Bool(value) => Parsed::Boolean(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Parsed::Integer(number),
            None => Parsed::Double(number.as_f64().expect("a number")),
        },
        Json::String(text) => Parsed::Text(text.clone()),
        Json::Array(elements) => {
            let elements = elements.iter().filter_map(Json::as_str);
            Parsed::List(elements.map(str::to_owned).collect())
        }
        Json::Object(_) => unreachable!("no key has an object for a value"),
    }
}

/// What the reference marks as internal, which its notation does not tell.
const INTERNAL: &str = "hidden";

/// The definition that is printed and validated.
fn definition(docs: &Json) -> Definition {
    let keys = docs["definition"].as_array().expect("a list of keys");
    keys.iter().map(setting).collect()
}

/// A key in the notation of the vectors, completed by what the notation leaves out.
fn setting(notation: &Json) -> Setting {
    let name = text(notation, "name");
    let documentation = match name {
        "zeta" => "First line.\nSecond line.",
        "alpha.ms" => "A time.",
        "beta.bytes" => "A size.",
        "list" => "A list.",
        "nul" => "Null default.",
        "on" => "Switch.",
        "dep" => "Dependent.",
        "a1" => "Secret.",
        _ => "",
    };
    let mut setting = Setting::new(leaked(name), kind(text(notation, "type")), documentation);
    if let Some(least) = at_least(notation) {
        setting = setting.check(Check::AtLeast(least));
    }
    if name == "dep" {
        setting = setting.recommended(vec!["x".to_owned(), "y".to_owned()]);
    }
    let key = setting.key;
    let order = notation["orderInGroup"].as_i64();
    setting.key = ConfigKey {
        default: match &notation["default"] {
            _ if notation["required"] == true => DefaultValue::Required,
            Json::Null => DefaultValue::Null,
            Json::Array(_) => DefaultValue::Text("".into()),
            Json::String(text) => DefaultValue::Text(text.clone().into()),
            other => DefaultValue::Text(other.to_string().into()),
        },
        importance: match text(notation, "importance") {
            "HIGH" => Importance::High,
            "MEDIUM" => Importance::Medium,
            _ => Importance::Low,
        },
        group: notation["group"].as_str().map(|it| it.to_owned().into()),
        order_in_group: order.and_then(|it| it.try_into().ok()).unwrap_or(-1),
        width: Width::None,
        display_name: text(notation, "displayName").to_owned().into(),
        dependents: match name {
            "on" => vec!["dep".into()],
            _ => Vec::new(),
        },
        ..key
    };
    setting
}

/// The bound in `[0,...]`.
fn at_least(notation: &Json) -> Option<i64> {
    let range = notation["validValues"].as_str()?;
    let bound = range.strip_prefix('[')?.strip_suffix(",...]")?;
    Some(bound.parse().expect("a number"))
}

#[test]
fn definitions_are_printed_as_in_the_reference() {
    let docs = load_json("configdef.json")["docs"].clone();
    let keys = definition(&docs)
        .settings()
        .map(|it| it.key.clone())
        .collect();
    let internal = KeyDetails {
        is_internal: true,
        ..KeyDetails::new(INTERNAL)
    };
    let definition = ConfigDef::new(keys).with_details(vec![internal]);

    assert_eq!(definition.to_rst(), text(&docs, "rst"));
    assert_eq!(definition.to_enriched_rst(), text(&docs, "enrichedRst"));
    assert_eq!(definition.to_html_table(), text(&docs, "htmlTable"));
    assert_eq!(definition.to_html(), text(&docs, "html"));
}

#[test]
fn configurations_are_validated_and_parsed_as_in_the_reference() {
    let docs = load_json("configdef.json")["docs"].clone();
    check("validate", |entry| {
        let mut definition = definition(&docs);
        let props = props(&entry["input"]);
        let classes = registry(Vec::new());
        // The recommender shows this key while the switch is on.
        let switch = definition.validate(&props, &classes);
        let is_on = switch
            .iter()
            .any(|it| it.name == "on" && it.value.as_deref() == Some("true"));
        definition.setting_mut("dep").visible = is_on;

        let infos = definition.validate(&props, &classes);
        let infos = infos.iter().map(|info| {
            let setting = definition.setting(&info.name).expect("the key is defined");
            (info.name.clone(), notation(setting.key.kind, info))
        });
        let first = definition.parse(&props, &classes).err();
        let first = first.and_then(|it| it.iter().next().map(|(_, message)| message.to_owned()));

        assert_eq!(first.as_deref(), entry["parse"].as_str(), "{entry}");
        Ok(infos.collect::<Map<_, _>>().into())
    });
}

fn props(json: &Json) -> Props {
    let mut props = Props::new();
    for (key, value) in json.as_object().expect("a configuration") {
        props.insert(key.as_str(), value.as_str().map(str::to_owned));
    }
    props
}

fn notation(kind: ConfigType, info: &ConfigValueInfo) -> Json {
    json!({
        "value": shown(kind, info.value.as_deref()),
        "recommendedValues": info.recommended_values,
        "errorMessages": info.errors,
        "visible": info.visible,
    })
}

/// Answers with what it was asked for.
struct Echo;

impl ConfigProvider for Echo {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<ConfigData> {
        let known = keys.iter().filter(|it| it.as_str() != "missing");
        let values = known.map(|key| (key.clone(), format!("<{path}|{key}>")));
        Ok(ConfigData::new(values.collect()))
    }
}

#[test]
fn references_are_replaced_as_in_the_reference() {
    let plugins = registry(vec![plugin::config_provider_plugin::<Echo>(info("Echo"))]);
    let worker = [
        ("config.providers", "p"),
        ("config.providers.p.class", "Echo"),
    ];
    let providers = ConfigProviders::new(&Props::from_iter(worker), &plugins).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();

    check("configTransformer", |entry| {
        let props = Props::from_iter([("k", text(entry, "input"))]);
        let resolved = runtime
            .block_on(providers.resolve(&props))
            .map_err(|it| it.to_string())?;
        Ok(json!(resolved.props.get("k")))
    });
}

#[test]
fn work_is_divided_as_in_the_reference() {
    check("groupPartitions", |entry| {
        let number = |member: &str| {
            let number = entry[member].as_u64().expect("a number");
            usize::try_from(number).expect("a small number")
        };
        let elements: Vec<_> = (1..=number("elements")).collect();
        let groups = NonZeroUsize::new(number("groups"));
        let groups = groups.ok_or("Number of groups must be positive.")?;

        Ok(json!(plugin::runs(&elements, groups)))
    });
}

#[test]
fn every_section_is_checked() {
    const SECTIONS: [&str; 6] = [
        "parse",
        "validators",
        "docs",
        "validate",
        "configTransformer",
        "groupPartitions",
    ];

    let vectors = load_json("configdef.json");
    let sections = vectors.as_object().expect("lists by section").keys();
    let unknown: Vec<_> = sections
        .filter(|it| !SECTIONS.contains(&it.as_str()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
