//! Which values a key takes.

use serde_json::{Value as Json, json};

use super::REFERENCE;
use crate::config::{Choice, ConfigType, Constraint, DefaultValue, Unit};
use crate::reference::key::Key;

const BOOLEAN: &str = r"[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]";
const WHOLE: &str = r"[+-]?[0-9]+";
const REAL: &str =
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[dDfF]?|[+-]?(?:NaN|Infinity)";
const TIME: &str = r"\+?[0-9]+|[0-9]+\s*(?:d|h|m|s|ms|us|ns)";
const SIZE: &str = r"\+?[0-9]+|[0-9]+\s*(?:TiB|GiB|MiB|KiB|B)";

/// The schema of the values of a key.
pub(super) fn of(key: Key<'_>) -> Json {
    let mut values = match (key.kind(), words(key)) {
        (ConfigType::String, Some(words)) => return one_of(key, words),
        (ConfigType::List, words) => list(key, words),
        (ConfigType::Boolean, _) => json!({
            "type": ["boolean", "string"],
            "pattern": whole(BOOLEAN),
        }),
        (ConfigType::Short | ConfigType::Int | ConfigType::Long, _) => number(key, "integer"),
        (ConfigType::Double, _) => number(key, "number"),
        (ConfigType::String | ConfigType::Class | ConfigType::Password, _) => text(key),
    };
    if may_be_null(key) {
        allow_null(&mut values);
    }
    values
}

/// A value as JSON has it.
pub(super) fn literal(kind: ConfigType, text: &str) -> Json {
    let typed = match kind {
        ConfigType::Boolean => text.parse::<bool>().ok().map(Json::from),
        ConfigType::Short | ConfigType::Int | ConfigType::Long => {
            text.parse::<i64>().ok().map(Json::from)
        }
        ConfigType::Double => text.parse::<f64>().ok().map(Json::from),
        ConfigType::String | ConfigType::List | ConfigType::Class | ConfigType::Password => None,
    };
    typed.unwrap_or_else(|| text.into())
}

/// The schema of some values of a key, in all the ways in which they can be written.
pub(super) fn equal(key: Key<'_>, texts: &[&str]) -> Json {
    if key.ignores_case() {
        let patterns: Vec<_> = texts.iter().map(|it| any_case(it)).collect();
        return json!({"pattern": whole(&patterns.join("|"))});
    }
    let mut values: Vec<Json> = texts.iter().map(|it| Json::from(*it)).collect();
    let typed = texts.iter().map(|it| literal(key.kind(), it));
    values.extend(typed.filter(|it| !it.is_string()));
    match values.as_slice() {
        [only] => json!({"const": only}),
        _ => json!({"enum": values}),
    }
}

fn may_be_null(key: Key<'_>) -> bool {
    key.published.default == DefaultValue::Null
}

fn allow_null(values: &mut Json) {
    let types = &mut values["type"];
    match types {
        Json::Array(types) => types.push("null".into()),
        _ => *types = json!([types.take(), "null"]),
    }
}

/// The words to choose from, with their documentation.
fn words(key: Key<'_>) -> Option<Vec<Choice>> {
    let one_of = key.constraints().iter().find_map(|it| match it {
        Constraint::OneOf(words) => Some(*words),
        _ => None,
    });
    match (key.choices(), one_of) {
        ([], None) => None,
        ([], Some(words)) => {
            let words = words.iter().map(|name| Choice {
                name,
                documentation: "",
            });
            Some(words.collect())
        }
        (choices, None) => Some(choices.to_vec()),
        (choices, Some(words)) => {
            let both = choices.iter().filter(|it| words.contains(&it.name));
            Some(both.copied().collect())
        }
    }
}

fn one_of(key: Key<'_>, words: Vec<Choice>) -> Json {
    let mut any: Vec<_> = Vec::new();
    if key.ignores_case() {
        let patterns: Vec<_> = words.iter().map(|it| any_case(it.name)).collect();
        any.push(json!({"type": "string", "pattern": whole(&patterns.join("|"))}));
    }
    any.extend(words.into_iter().map(|it| match it.documentation {
        "" => json!({"const": it.name}),
        documentation => json!({"const": it.name, "description": documentation}),
    }));
    any.push(json!({"$ref": "#/$defs/reference"}));
    if may_be_null(key) {
        any.push(json!({"type": "null"}));
    }
    json!({"anyOf": any})
}

fn number(key: Key<'_>, kind: &str) -> Json {
    let pattern = match (key.kind(), key.unit()) {
        (ConfigType::Double, _) => REAL,
        (ConfigType::Long, Unit::Millis | Unit::Seconds) => TIME,
        (ConfigType::Long, Unit::Bytes) => SIZE,
        _ => WHOLE,
    };
    let mut number = json!({"type": [kind, "string"]});
    let (mut min, mut max) = match key.kind() {
        ConfigType::Short => (Some(i16::MIN.into()), Some(i16::MAX.into())),
        ConfigType::Int => (Some(i32::MIN.into()), Some(i32::MAX.into())),
        _ => (None, None),
    };
    for constraint in key.constraints() {
        let Constraint::Range { min: from, max: to } = constraint else {
            continue;
        };
        let bound = |it: &Option<String>| it.as_deref().map(|it| literal(key.kind(), it));
        min = bound(from).filter(Json::is_number).or(min);
        max = bound(to).filter(Json::is_number).or(max);
    }
    for (keyword, bound) in [("minimum", min), ("maximum", max)] {
        if let Some(bound) = bound {
            number[keyword] = bound;
        }
    }
    number["pattern"] = whole(pattern).into();
    number
}

fn text(key: Key<'_>) -> Json {
    let mut text = json!({"type": "string"});
    for constraint in key.constraints() {
        match constraint {
            Constraint::NonEmptyText => text["minLength"] = 1.into(),
            // A reference is longer or shorter than what it stands for.
            Constraint::Length { min, max } => {
                let (min, max) = (min.unwrap_or_default(), max.map(|it| it.to_string()));
                let lengths = format!(r"[\s\S]{{{min},{}}}", max.unwrap_or_default());
                add_pattern(&mut text, &lengths);
            }
            Constraint::Matches(pattern) if is_portable(pattern) => add_pattern(&mut text, pattern),
            // Those of texts with units are no numbers.
            Constraint::Range { .. }
            | Constraint::Matches(_)
            | Constraint::NonEmptyList
            | Constraint::OneOf(_) => {}
        }
    }
    text
}

/// Lists are texts with commas.
fn list(key: Key<'_>, words: Option<Vec<Choice>>) -> Json {
    let mut list = json!({"type": "string"});
    let each = |pattern: &str| format!(r"(?:{pattern})(?:\s*,\s*(?:{pattern}))*");
    if let Some(words) = words {
        let word = |it: &Choice| match key.ignores_case() {
            true => any_case(it.name),
            false => regex::escape(it.name),
        };
        let words: Vec<_> = words.iter().map(word).collect();
        let is_empty_good = !key.constraints().contains(&Constraint::NonEmptyList);
        let empty = if is_empty_good { "|" } else { "" };
        add_pattern(&mut list, &(each(&words.join("|")) + empty));
    }
    for constraint in key.constraints() {
        match constraint {
            Constraint::NonEmptyList => list["minLength"] = 1.into(),
            // The empty text is a list without elements, which matches any pattern.
            Constraint::Matches(pattern) if is_portable(pattern) => {
                add_pattern(&mut list, &(each(pattern) + "|"));
            }
            Constraint::Range { .. }
            | Constraint::Length { .. }
            | Constraint::NonEmptyText
            | Constraint::Matches(_)
            | Constraint::OneOf(_) => {}
        }
    }
    list
}

/// Demands a pattern, beside those that are demanded already.
fn add_pattern(schema: &mut Json, pattern: &str) {
    let pattern = whole(pattern);
    match schema.get("pattern") {
        None => schema["pattern"] = pattern.into(),
        Some(_) => match schema.get_mut("allOf").and_then(Json::as_array_mut) {
            Some(all) => all.push(json!({"pattern": pattern})),
            None => schema["allOf"] = json!([{"pattern": pattern}]),
        },
    }
}

/// A pattern for the whole text, blanks around it left out, or for one with a reference in it.
fn whole(pattern: &str) -> String {
    format!(r"^\s*(?:{pattern})\s*$|{REFERENCE}")
}

/// A pattern for a word in any case.
fn any_case(word: &str) -> String {
    let letters = word.chars().map(|it| match it.is_ascii_alphabetic() {
        true => format!("[{}{}]", it.to_ascii_uppercase(), it.to_ascii_lowercase()),
        false => regex::escape(&it.to_string()),
    });
    letters.collect()
}

/// Whether a pattern means the same to everybody who reads schemas: no flags, no names of groups,
/// no sets within sets.
fn is_portable(pattern: &str) -> bool {
    let is_group = |rest: &str| rest.starts_with("(?:");
    let groups = pattern
        .match_indices("(?")
        .all(|(at, _)| pattern.get(at..).is_some_and(is_group));
    let rest = ["[[", "&&", r"\A", r"\z", r"\x{", r"\p"];
    groups && !rest.iter().any(|it| pattern.contains(it))
}
