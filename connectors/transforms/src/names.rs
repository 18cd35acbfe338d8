//! Lists of names in configurations.

use std::collections::HashSet;

use connect_core::config::{ConfigErrors, ConfigType, ConfigValue, Unit, ValueError};
use foldhash::fast::RandomState;

/// Names between commas. One that is given again does not count.
#[derive(Clone, Debug, Default)]
pub struct Names {
    listed: Vec<String>,
    /// The same to look names up when there are many.
    known: HashSet<String, RandomState>,
}

/// Longer lists are not looked through from one end to the other.
const SCANNED: usize = 8;

impl Names {
    /// Reports a list that is empty, and names that are.
    pub(crate) fn check_given(&self, key: &str, errors: &mut ConfigErrors) {
        if self.listed.is_empty() {
            let problem = "must not be empty. Valid values include: any non-empty value";
            errors.push(key, format!("Configuration '{key}' {problem}"));
        }
        self.check(key, errors);
    }

    /// Reports names that are empty.
    pub(crate) fn check(&self, key: &str, errors: &mut ConfigErrors) {
        if self.contains("") {
            errors.push(
                key,
                format!("Configuration '{key}' values must not be empty."),
            );
        }
    }

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

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        let mut names = Self::default();
        for name in Vec::<String>::parse_text(text, unit)? {
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
