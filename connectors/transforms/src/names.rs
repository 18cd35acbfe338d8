//! Lists of names in configurations.

use std::collections::HashSet;

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};
use foldhash::fast::RandomState;

const NULL: &str = "Configuration '{key}' values must not be null.";
const EMPTY: &str = "Configuration '{key}' must not be empty. Valid values include: any non-empty \
                     value";
const EMPTY_NAME: &str = "Configuration '{key}' values must not be empty.";
const REPEATED: &str = "Configuration '{key}' values must not be duplicated.";

/// Names between commas, none of them empty. One that is given again does not count, and is a
/// mistake when a configuration is checked.
#[derive(Clone, Debug, Default)]
pub struct Names {
    listed: Vec<String>,
    /// The same to look names up when there are many.
    known: HashSet<String, RandomState>,
}

/// Longer lists are not looked through from one end to the other.
const SCANNED: usize = 8;

impl Names {
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        match self.listed.len() {
            0..=SCANNED => self.listed.iter().any(|it| it == name),
            _ => self.known.contains(name),
        }
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.listed.iter().map(String::as_str)
    }
}

impl ConfigValue for Names {
    fn valid_values() -> Option<String> {
        Some(String::new())
    }

    fn kind(unit: Unit) -> ConfigType {
        Vec::<String>::kind(unit)
    }

    fn null_mistake() -> Option<ValueError> {
        Some(ValueError::whole(NULL))
    }

    fn lenient_mistake(text: &str) -> Option<ValueError> {
        has_repeated(text).then(|| ValueError::whole(REPEATED))
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        let mut names = Self::default();
        for name in Vec::<String>::parse_text(text, unit)? {
            if name.is_empty() {
                return Err(ValueError::whole(EMPTY_NAME));
            }
            if names.known.insert(name.clone()) {
                names.listed.push(name);
            }
        }
        Ok(names)
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.listed.to_text(unit)
    }
}

fn has_repeated(text: &str) -> bool {
    let names = Vec::<String>::parse_text(text, Unit::None).unwrap_or_default();
    let mut known = HashSet::new();
    names.iter().any(|it| !known.insert(it))
}

/// At least one name between commas.
#[derive(Clone, Debug)]
pub struct GivenNames(Names);

impl std::ops::Deref for GivenNames {
    type Target = Names;

    fn deref(&self) -> &Names {
        &self.0
    }
}

impl ConfigValue for GivenNames {
    fn valid_values() -> Option<String> {
        Names::valid_values()
    }

    fn kind(unit: Unit) -> ConfigType {
        Names::kind(unit)
    }

    fn null_mistake() -> Option<ValueError> {
        Names::null_mistake()
    }

    fn lenient_mistake(text: &str) -> Option<ValueError> {
        Names::lenient_mistake(text)
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        match text {
            "" => Err(ValueError::whole(EMPTY)),
            text => Names::parse_text(text, unit).map(Self),
        }
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.0.to_text(unit)
    }
}

/// Names between commas, at least one; they may repeat.
#[derive(Clone, Debug)]
pub struct SomeNames(Vec<String>);

impl SomeNames {
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl ConfigValue for SomeNames {
    fn valid_values() -> Option<String> {
        Some("non-empty list".to_owned())
    }

    fn null_mistake() -> Option<ValueError> {
        Some(ValueError::new("Empty list"))
    }

    fn kind(unit: Unit) -> ConfigType {
        Vec::<String>::kind(unit)
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        match Vec::<String>::parse_text(text, unit)? {
            names if names.is_empty() => Err(ValueError::new("Empty list").in_part("[]")),
            names => Ok(Self(names)),
        }
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.0.to_text(unit)
    }
}
