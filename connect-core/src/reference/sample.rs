//! A configuration to start from.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::Reference;
use super::key::{Condition, Key, keys};
use super::kind::Head;
use super::text::wrap;
use crate::config::{ConfigDef, Props};
use crate::plugin::{CONVERTER_TYPE, PluginDescriptor, PluginKind};

const WIDTH: usize = 98;

/// A configuration of a plugin that works as it stands, with everything else that can be set.
///
/// What must be given is given. The rest is there as a comment, with its default. Secrets are
/// references to variables of the environment.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What makes it a connector, a transform and so on.
    head: Vec<(String, String)>,
    /// What stands before the plugin's own keys.
    prefix: String,
    /// Of a connector.
    name: Option<String>,
    keys: Vec<SampleKey>,
}

#[derive(Clone, Debug)]
struct SampleKey {
    name: String,
    value: String,
    is_live: bool,
    comment: Vec<String>,
}

impl Sample {
    pub(super) fn new(reference: &Reference<'_>) -> Self {
        let plugin = reference.first();
        let definition = reference.definition();
        let Head {
            mut lines,
            prefix,
            name,
        } = Head::of(plugin, reference.title());
        lines.retain(|(key, _)| definition.key(key).is_none());
        let keys = keys(definition).filter(|it| !is_given(plugin, *it));
        Self {
            head: lines,
            prefix,
            name,
            keys: keys.map(|it| sample_key(definition, it)).collect(),
        }
    }

    /// As a file of properties.
    #[must_use]
    pub fn to_properties(&self) -> String {
        let mut text = String::new();
        for (key, value) in &self.head {
            line(&mut text, "", key, value);
        }
        for SampleKey {
            name,
            value,
            is_live,
            comment,
        } in &self.keys
        {
            text.push('\n');
            for words in comment {
                _ = writeln!(text, "# {words}");
            }
            let mark = match is_live {
                true => "",
                false => "#",
            };
            line(&mut text, mark, &format!("{}{name}", self.prefix), value);
        }
        text
    }

    /// As JSON: what creates a connector, and what belongs into the configuration of a connector for
    /// all other plugins. There are no comments, so only what must be given is there.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let own = self.keys.iter().filter(|it| it.is_live);
        let own = own.map(|it| (format!("{}{}", self.prefix, it.name), it.value.clone()));
        let head = self.head.iter().filter(|(key, _)| key != "name").cloned();
        let config: Map<_, _> = head.chain(own).map(|(k, v)| (k, Json::from(v))).collect();
        match &self.name {
            Some(name) => json!({"name": name, "config": config}),
            None => config.into(),
        }
    }

    /// What the plugin is given: its own keys as far as they must be set.
    #[must_use]
    pub fn props(&self) -> Props {
        let live = self.keys.iter().filter(|it| it.is_live);
        live.map(|it| (it.name.as_str(), it.value.as_str()))
            .collect()
    }

    /// The keys that need not be set, each with a good value.
    pub fn optional(&self) -> impl Iterator<Item = (&str, &str)> {
        let optional = self.keys.iter().filter(|it| !it.is_live);
        optional.map(|it| (it.name.as_str(), it.value.as_str()))
    }
}

/// Whether the worker sets a key, and users do not.
fn is_given(plugin: &PluginDescriptor, key: Key<'_>) -> bool {
    plugin.entry.kind() == PluginKind::Converter && key.name() == CONVERTER_TYPE
}

fn sample_key(definition: &ConfigDef, key: Key<'_>) -> SampleKey {
    let required = key.required_when();
    let mut comment = wrap(key.summary(), WIDTH);
    for sentence in key.sentences() {
        comment.extend(wrap(&sentence, WIDTH));
    }
    SampleKey {
        name: key.name().to_owned(),
        value: value(key),
        is_live: required.is_some_and(|it| all_hold(definition, &it)),
        comment,
    }
}

/// Whether conditions hold in the sample.
fn all_hold(definition: &ConfigDef, conditions: &[Condition<'_>]) -> bool {
    conditions.iter().all(|condition| {
        let mut others = keys(definition);
        let other = others.find(|it| it.name() == condition.key);
        other.is_some_and(|it| {
            let is_live = it
                .required_when()
                .is_some_and(|it| all_hold(definition, &it));
            let value = match is_live {
                true => Some(value(it)),
                false => it.default().map(str::to_owned),
            };
            value.is_some_and(|it| condition.values.contains(&it.as_str()))
        })
    })
}

/// The value that the sample has for a key: its default if there is one.
fn value(key: Key<'_>) -> String {
    if key.is_secret() {
        return format!("${{env:{}}}", variable(key.name()));
    }
    let default = key.default().filter(|it| !it.is_empty());
    let value = default.or(key.sample()).or(key.example());
    value.unwrap_or_default().to_owned()
}

/// The name of the variable that holds a secret.
fn variable(key: &str) -> String {
    let letters = key.chars().map(|it| match it {
        _ if it.is_ascii_alphanumeric() => it.to_ascii_uppercase(),
        _ => '_',
    });
    letters.collect()
}

/// A line of a file of properties.
fn line(text: &mut String, mark: &str, key: &str, value: &str) {
    _ = writeln!(
        text,
        "{mark}{}={}",
        escaped(key, true),
        escaped(value, false)
    );
}

fn escaped(text: &str, is_key: bool) -> String {
    let mut escaped = String::new();
    for (index, letter) in text.chars().enumerate() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            ' ' if is_key || index == 0 => escaped.push_str("\\ "),
            '=' | ':' if is_key => escaped.extend(['\\', letter]),
            '#' | '!' if is_key && index == 0 => escaped.extend(['\\', letter]),
            ' '..='~' => escaped.push(letter),
            _ => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}
