//! Pairs of names in configurations: `foo:bar,abc:xyz`.

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};

/// The documentation of a list of pairs, as clients know it.
const VALID_VALUES: &str = "list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>";

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

/// Items between commas that are pairs by intention; whoever uses them takes them apart.
#[derive(Clone, Debug)]
pub struct Pairs(pub(crate) Vec<String>);

impl ConfigValue for Pairs {
    fn valid_values() -> Option<String> {
        Some(VALID_VALUES.to_owned())
    }

    fn kind(unit: Unit) -> ConfigType {
        Vec::<String>::kind(unit)
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        Vec::<String>::parse_text(text, unit).map(Self)
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.0.to_text(unit)
    }
}

/// Old names and the new ones that take their place.
#[derive(Clone, Debug, Default)]
pub struct Renames(Vec<(String, String)>);

impl Renames {
    /// The name in place of another; the last rule counts.
    pub(crate) fn new_name<'a>(&'a self, name: &'a str) -> &'a str {
        let rule = self.0.iter().rev().find(|(old, _)| old == name);
        rule.map_or(name, |(_, new)| new)
    }
}

impl ConfigValue for Renames {
    fn valid_values() -> Option<String> {
        Pairs::valid_values()
    }

    fn kind(unit: Unit) -> ConfigType {
        Pairs::kind(unit)
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
