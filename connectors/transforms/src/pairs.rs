//! Pairs of names in configurations: `foo:bar,abc:xyz`.

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};

use crate::java_hash::sort_as_hashed;

/// The documentation of a list of pairs, as clients know it.
pub(crate) const VALID_VALUES: &str =
    "list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>";

/// The parts between colons; empty ones at the end do not count.
pub(crate) fn split(item: &str) -> Vec<&str> {
    let mut parts: Vec<_> = item.split(':').collect();
    while parts.len() > 1 && parts.last().is_some_and(|it| it.is_empty()) {
        parts.pop();
    }
    parts
}

/// A list as messages show it.
pub(crate) fn shown(items: &[String]) -> String {
    format!("[{}]", items.join(", "))
}

/// Old names and the new ones that take their place.
#[derive(Clone, Debug, Default)]
pub struct Renames(Vec<(String, String)>);

impl Renames {
    /// Whether no name changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The field that a name of the result is filled from. Of several with the same new name it is
    /// the one that Java meets last in its table of rules; whether the name is old or new, and
    /// whether that field is there, plays no part in the reference.
    pub(crate) fn old_name<'a>(&'a self, name: &'a str) -> &'a str {
        let mut rules: Vec<&(String, String)> = Vec::new();
        for rule in &self.0 {
            match rules.iter_mut().find(|it| it.0 == rule.0) {
                Some(known) => *known = rule,
                None => rules.push(rule),
            }
        }
        sort_as_hashed(&mut rules, |(old, _)| old);
        let rule = rules.into_iter().rev().find(|(_, new)| new == name);
        rule.map_or(name, |(old, _)| old)
    }

    /// The name in place of another; the last rule counts.
    pub(crate) fn new_name<'a>(&'a self, name: &'a str) -> &'a str {
        let rule = self.0.iter().rev().find(|(old, _)| old == name);
        rule.map_or(name, |(_, new)| new)
    }
}

impl ConfigValue for Renames {
    fn valid_values() -> Option<String> {
        Some(VALID_VALUES.to_owned())
    }

    fn kind(unit: Unit) -> ConfigType {
        Vec::<String>::kind(unit)
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        let items = Vec::<String>::parse_text(text, unit)?;
        let rules = items.iter().map(|item| {
            let [old, new] = split(item)[..] else {
                let problem = format!("Invalid rename mapping: {item}");
                return Err(ValueError::new(problem).in_part(shown(&items)));
            };
            Ok((old.to_owned(), new.to_owned()))
        });
        rules.collect::<Result<_, _>>().map(Self)
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        let items = self.0.iter().map(|(old, new)| format!("{old}:{new}"));
        items.collect::<Vec<_>>().to_text(unit)
    }
}
