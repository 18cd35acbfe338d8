//! Documents of a definition in the forms that the reference prints: reStructuredText and HTML.

use std::fmt::Write as _;

use super::{ConfigDef, ConfigKey, DefaultValue};

impl ConfigDef {
    /// The keys as reStructuredText.
    #[must_use]
    pub fn to_rst(&self) -> String {
        let keys = self.documented().into_iter();
        keys.map(|key| rst(key, "")).collect()
    }

    /// The keys as reStructuredText, under the names of their groups and with their dependents.
    #[must_use]
    pub fn to_enriched_rst(&self) -> String {
        let mut text = String::new();
        let mut group = None;
        for key in self.documented() {
            if key.group != group {
                group.clone_from(&key.group);
                let name = group.as_deref().unwrap_or_default();
                let line = "^".repeat(name.chars().count());
                text += &format!("{name}\n{line}\n\n");
            }
            let dependents: Vec<_> = key
                .dependents
                .iter()
                .map(|it| format!("``{it}``"))
                .collect();
            let more = match dependents.is_empty() {
                true => String::new(),
                false => format!("  * Dependents: {}\n", dependents.join(", ")),
            };
            text += &rst(key, &more);
        }
        text
    }

    /// The keys as an HTML table. Its cells are closed twice, as those of the reference are.
    #[must_use]
    pub fn to_html_table(&self) -> String {
        let mut text = "<table class=\"data-table\"><tbody>\n<tr>\n".to_owned();
        for heading in [
            "Name",
            "Description",
            "Type",
            "Default",
            "Valid Values",
            "Importance",
        ] {
            text += &format!("<th>{heading}</th>\n");
        }
        text += "</tr>\n";
        for key in self.documented() {
            text += "<tr>\n";
            let facts = facts(key).map(|(_, fact)| fact.unwrap_or_default());
            let cells = [key.name.to_string(), key.documentation.to_string()];
            for cell in cells.into_iter().chain(facts) {
                text += &format!("<td>{cell}</td></td>");
            }
            text += "</tr>\n";
        }
        text + "</tbody></table>"
    }

    /// The keys as an HTML list, under headings of the fourth level with anchors.
    #[must_use]
    pub fn to_html(&self) -> String {
        self.to_html_at(4, str::to_owned)
    }

    /// The same under headings of another level, with anchors that a function makes of the keys.
    #[must_use]
    pub fn to_html_at(&self, level: u8, anchor: impl Fn(&str) -> String) -> String {
        let mut text = "<ul class=\"config-list\">\n".to_owned();
        for key in self.documented() {
            let (name, documentation) = (&key.name, key.documentation.replace('\n', "<br>"));
            let id = anchor(name);
            text += &format!(
                "<li>\n<h{level}><a id=\"{id}\"></a><a id=\"{id}\" href=\"#{id}\">{name}</a>\
                 </h{level}>\n<p>{documentation}</p>\n<table><tbody>\n"
            );
            for (label, fact) in facts(key) {
                let fact = fact.unwrap_or_default();
                text += &format!("<tr><th>{label}:</th><td>{fact}</td></tr>\n");
            }
            text += "</tbody></table>\n</li>\n";
        }
        text + "</ul>\n"
    }

    /// The keys that are meant for users: those in no group, then group by group in the order of
    /// first use; in a group by their place, then what is required, then what matters most.
    fn documented(&self) -> Vec<&ConfigKey> {
        let is_internal = |key: &ConfigKey| {
            let details = self.details(&key.name);
            details.is_some_and(|it| it.is_internal)
        };
        let mut groups = Vec::new();
        for group in self.keys().iter().filter_map(|it| it.group.as_ref()) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let mut keys: Vec<_> = self.keys().iter().filter(|it| !is_internal(it)).collect();
        keys.sort_by_key(|key| {
            let group = groups.iter().position(|it| Some(*it) == key.group.as_ref());
            let is_optional = key.default != DefaultValue::Required;
            let importance = key.importance as u8;
            (
                group,
                key.order_in_group,
                is_optional,
                importance,
                &key.name,
            )
        });
        keys
    }
}

fn rst(key: &ConfigKey, more: &str) -> String {
    let mut text = format!("``{}``\n", key.name);
    for line in key.documentation.lines().filter(|it| !it.is_empty()) {
        text += &format!("  {line}\n\n");
    }
    for (label, fact) in facts(key) {
        if let Some(fact) = fact {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  * {label}: {fact}");
        }
    }
    text + more + "\n"
}

/// What is told of a key, each with its label; `None` where there is nothing to tell.
fn facts(key: &ConfigKey) -> [(&'static str, Option<String>); 4] {
    [
        ("Type", Some(key.kind.as_str().to_lowercase())),
        ("Default", default(key)),
        (
            "Valid Values",
            key.valid_values.as_deref().map(str::to_owned),
        ),
        ("Importance", Some(key.importance.as_str().to_lowercase())),
    ]
}

fn default(key: &ConfigKey) -> Option<String> {
    let text = match &key.default {
        DefaultValue::Required => return None,
        DefaultValue::Null => return Some("null".to_owned()),
        DefaultValue::Text(text) if text.is_empty() => return Some("\"\"".to_owned()),
        DefaultValue::Text(text) => text,
    };
    let number = || text.parse().unwrap_or_default();
    let in_words = match key.name.as_ref() {
        name if name.ends_with(".bytes") => in_units(number(), &BYTES),
        name if name.ends_with(".ms") => in_units(number(), &TIMES),
        _ => String::new(),
    };
    Some(format!("{text}{in_words}"))
}

/// Units from small to large, each with how many of the one before it make one.
const BYTES: [(&str, i64); 4] = [
    ("kibibyte", 1024),
    ("mebibyte", 1024),
    ("gibibyte", 1024),
    ("tebibyte", 1024),
];
const TIMES: [(&str, i64); 4] = [("second", 1000), ("minute", 60), ("hour", 60), ("day", 24)];

/// ` (2 minutes)`: a number in the largest unit of which it is a multiple.
fn in_units(mut number: i64, units: &[(&str, i64)]) -> String {
    let mut unit = None;
    for (name, factor) in units {
        if number == 0 || number % factor != 0 {
            break;
        }
        number /= factor;
        unit = Some(name);
    }
    match unit {
        None => String::new(),
        Some(name) if number == 1 => format!(" ({number} {name})"),
        Some(name) => format!(" ({number} {name}s)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_the_largest_unit_that_divides_them() {
        assert_eq!(in_units(60_000, &TIMES), " (1 minute)");
        assert_eq!(in_units(7_200_000, &TIMES), " (2 hours)");
        assert_eq!(in_units(1_500, &TIMES), "");
        assert_eq!(in_units(0, &TIMES), "");
        assert_eq!(in_units(1 << 20, &BYTES), " (1 mebibyte)");
    }
}
