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

use std::collections::BTreeMap;
use std::fmt::Write;

use super::names::{CONNECTOR, Group, TASK};
use super::reading::{Figure, Reading, Value};

/// The type of the text in HTTP.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Figures of one name.
#[derive(Debug, Default)]
struct Family {
    help: String,
    /// Numbers by labels.
    samples: BTreeMap<String, f64>,
}

/// Renders readings.
#[must_use]
pub fn render(readings: &[Reading]) -> String {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for reading in readings {
        let labels = Labels::of(reading);
        for figure in &reading.figures {
            let Some((name, labels, value)) = sample(reading.group, &labels, figure) else {
                continue;
            };
            let family = families.entry(name).or_default();
            if family.help.is_empty() {
                family.help = help(reading.group, figure);
            }
            family.samples.entry(labels.render()).or_insert(value);
        }
    }
    let mut out = String::new();
    for (name, family) in &families {
        family.render(name, &mut out);
    }
    out
}

impl Family {
    fn render(&self, name: &str, out: &mut String) {
        let kind = match name.ends_with("_total") {
            true => "counter",
            false => "gauge",
        };
        let help = &self.help;
        // A string takes whatever is written.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in &self.samples {
            let value = match *value {
                f64::INFINITY => "+Inf".to_owned(),
                f64::NEG_INFINITY => "-Inf".to_owned(),
                value => value.to_string(),
            };
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    }
}

/// Name, labels and number of a figure; `None` for a word that nobody knows.
fn sample(group: &Group, labels: &Labels, figure: &Figure) -> Option<(String, Labels, f64)> {
    let word = match &figure.value {
        Value::Number(number) => {
            return Some((name(group, &figure.name), labels.clone(), *number));
        }
        Value::Text(word) => word,
        Value::Unknown => return None,
    };
    let (name, label) = if figure.name != "status" {
        (
            format!("{}_info", name(group, &figure.name)),
            word_label(&figure.name),
        )
    } else if group == &TASK {
        (
            "kafka_connect_connector_status".to_owned(),
            "status".to_owned(),
        )
    } else if group == &CONNECTOR {
        (
            "kafka_connect_connector_state".to_owned(),
            "status".to_owned(),
        )
    } else {
        return None;
    };
    Some((name, labels.with(&label, word), 1.0))
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

/// Names and values of labels.
#[derive(Clone, Debug)]
struct Labels(Vec<(String, String)>);

impl Labels {
    fn of(reading: &Reading) -> Self {
        let mut labels = Self(Vec::new());
        for (name, value) in &reading.tags {
            labels.add(label(name), value);
        }
        labels
    }

    fn with(&self, name: &str, value: &str) -> Self {
        let mut labels = self.clone();
        labels.add(name.to_owned(), value);
        labels
    }

    /// Of two names that have become the same, the first one counts.
    fn add(&mut self, name: String, value: &str) {
        if self.0.iter().all(|(taken, _)| *taken != name) {
            self.0.push((name, value.to_owned()));
        }
    }

    fn render(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let escaped = |value: &str| {
            let value = value.replace('\\', "\\\\");
            value.replace('"', "\\\"").replace('\n', "\\n")
        };
        let labels = self.0.iter();
        let labels = labels.map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
        format!("{{{}}}", labels.collect::<Vec<_>>().join(","))
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
