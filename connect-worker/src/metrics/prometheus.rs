//! Readings in the text format of Prometheus, version 0.0.4.
//!
//! Names follow one rule, which is that of the widely used rules for the JMX exporter, so that
//! dashboards find what they look for. The name of a figure is `kafka_connect_`, or `kafka_` for
//! clients, then its group without `connect-` before and `-metrics` behind it, then the attribute;
//! what is no letter or digit becomes `_`. Tags become labels, of which the ones with a dash are
//! written like `clientId`. A word becomes a label of a figure that ends in `_info` and is 1; the
//! label is `class`, `type` or `version` if the attribute ends in that, else the attribute itself.
//! The two exceptions are words that change: `kafka_connect_connector_status` for tasks and
//! `kafka_connect_connector_state` for connectors, with the label `status`. Figures that end in
//! `_total` are counters, all others gauges.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::rc::Rc;

use super::names::{CONNECTOR, Group, TASK};
use super::reading::{Figure, Reading, Value};

/// The type of the text in HTTP.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Readings on their way to the text, in which figures of one name stand together.
///
/// A worker has few names and many figures: what follows from a name is made once, and labels are
/// shared by all numbers of an object.
#[derive(Debug, Default)]
pub struct Page {
    families: Vec<Family>,
    /// Their places, by name.
    places: BTreeMap<String, usize>,
    known: HashMap<Attribute, Option<Place>>,
}

/// What a figure is: domain and name of its group, its own name, and whether it is a word.
type Attribute = (&'static str, &'static str, Cow<'static, str>, bool);

/// Figures of one name.
#[derive(Debug)]
struct Family {
    help: String,
    /// Labels and numbers, as they came.
    samples: Vec<(Rc<str>, f64)>,
}

/// Where a figure goes.
#[derive(Clone, Debug)]
struct Place {
    family: usize,
    /// The label that a word becomes.
    word: Rc<str>,
}

impl Page {
    /// Adds the figures of an object.
    pub fn add(&mut self, reading: &Reading) {
        let labels = Labels::of(reading);
        let shared: Rc<str> = labels.braced().into();
        for figure in &reading.figures {
            let (value, word) = match &figure.value {
                Value::Number(number) => (*number, None),
                Value::Text(word) => (1.0, Some(word)),
                Value::Unknown => continue,
            };
            let Some(place) = self.place(reading.group, figure, word.is_some()) else {
                continue;
            };
            let labels = match word {
                None => Rc::clone(&shared),
                Some(word) => labels.with(&place.word, word).into(),
            };
            if let Some(family) = self.families.get_mut(place.family) {
                family.samples.push((labels, value));
            }
        }
    }

    /// `None` for a word without a name.
    fn place(&mut self, group: &'static Group, figure: &Figure, is_word: bool) -> Option<Place> {
        let key = (group.domain, group.name, figure.name.clone(), is_word);
        if let Some(place) = self.known.get(&key) {
            return place.clone();
        }
        let named = match is_word {
            false => Some((name(group, &figure.name), String::new())),
            true => name_of_word(group, &figure.name),
        };
        let place = named.map(|(name, word)| {
            let next = self.families.len();
            let family = *self.places.entry(name).or_insert(next);
            if family == next {
                self.families.push(Family {
                    help: help(group, figure),
                    samples: Vec::new(),
                });
            }
            let word = word.into();
            Place { family, word }
        });
        self.known.insert(key, place.clone());
        place
    }

    /// The text.
    #[must_use]
    pub fn render(mut self) -> String {
        let mut out = String::new();
        for (name, place) in self.places {
            if let Some(family) = self.families.get_mut(place) {
                family.render(&name, &mut out);
            }
        }
        out
    }
}

impl Family {
    fn render(&mut self, name: &str, out: &mut String) {
        let kind = match name.ends_with("_total") {
            true => "counter",
            false => "gauge",
        };
        let help = &self.help;
        // A string takes whatever is written.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        // Of two that have become the same, the first one counts.
        self.samples.sort_by(|(a, _), (b, _)| a.cmp(b));
        self.samples.dedup_by(|(a, _), (b, _)| a == b);
        for (labels, value) in self.samples.drain(..) {
            let _ = match value {
                f64::INFINITY => writeln!(out, "{name}{labels} +Inf"),
                f64::NEG_INFINITY => writeln!(out, "{name}{labels} -Inf"),
                value => writeln!(out, "{name}{labels} {value}"),
            };
        }
    }
}

/// The name of a word's figure, and the label that the word becomes; `None` for a word that has none.
fn name_of_word(group: &Group, attribute: &str) -> Option<(String, String)> {
    if attribute != "status" {
        let name = format!("{}_info", name(group, attribute));
        return Some((name, word_label(attribute)));
    }
    let name = match () {
        () if group == &TASK => "kafka_connect_connector_status",
        () if group == &CONNECTOR => "kafka_connect_connector_state",
        () => return None,
    };
    Some((name.to_owned(), attribute.to_owned()))
}

/// The name of a figure, by the rule above.
#[must_use]
pub fn name(group: &Group, attribute: &str) -> String {
    let stem = group.name.strip_suffix("-metrics").unwrap_or(group.name);
    let (prefix, stem) = match group.domain {
        "kafka.connect" => (
            "kafka_connect",
            stem.strip_prefix("connect-").unwrap_or(stem),
        ),
        _ => ("kafka", stem),
    };
    let name = match stem {
        // Facts about the process itself belong to no group.
        "app-info" => format!("{prefix}_{attribute}"),
        _ => format!("{prefix}_{stem}_{attribute}"),
    };
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == ':';
    let name = name.chars().map(|it| if is_allowed(it) { it } else { '_' });
    name.collect::<String>().to_ascii_lowercase()
}

/// The label of a word.
fn word_label(attribute: &str) -> String {
    let kinds = ["class", "type", "version"];
    let kind = kinds.into_iter().find(|it| attribute.ends_with(it));
    kind.map_or_else(|| attribute.replace('-', "_"), str::to_owned)
}

fn help(group: &Group, figure: &Figure) -> String {
    let known = group.attribute(&figure.name).map(|it| it.meaning);
    let help = figure.meaning.as_deref().or(known).unwrap_or_default();
    help.replace('\\', "\\\\").replace('\n', "\\n")
}

/// Labels of an object, as they are written.
#[derive(Debug, Default)]
struct Labels {
    names: Vec<String>,
    text: String,
}

impl Labels {
    fn of(reading: &Reading) -> Self {
        let mut labels = Self::default();
        for (name, value) in &reading.tags {
            let name = label(name);
            // Of two names that have become the same, the first one counts.
            if !labels.names.contains(&name) {
                push_label(&mut labels.text, &name, value);
                labels.names.push(name);
            }
        }
        labels
    }

    /// With one more.
    fn with(&self, name: &str, value: &str) -> String {
        let mut text = self.text.clone();
        if self.names.iter().all(|it| it != name) {
            push_label(&mut text, name, value);
        }
        braced(&text)
    }

    fn braced(&self) -> String {
        braced(&self.text)
    }
}

fn push_label(text: &mut String, name: &str, value: &str) {
    if !text.is_empty() {
        text.push(',');
    }
    text.push_str(name);
    text.push_str("=\"");
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
    text.push('"');
}

fn braced(labels: &str) -> String {
    match labels {
        "" => String::new(),
        labels => format!("{{{labels}}}"),
    }
}

/// The name of a label: `client-id` as `clientId`.
fn label(tag: &str) -> String {
    let mut label = String::with_capacity(tag.len());
    let mut is_upper = false;
    for character in tag.chars() {
        match character {
            '-' => is_upper = true,
            it if it.is_ascii_alphanumeric() || it == '_' => {
                label.push(if is_upper {
                    it.to_ascii_uppercase()
                } else {
                    it
                });
                is_upper = false;
            }
            _ => label.push('_'),
        }
    }
    match label.chars().next() {
        Some(first) if !first.is_ascii_digit() => label,
        _ => format!("_{label}"),
    }
}

#[cfg(test)]
mod tests;
