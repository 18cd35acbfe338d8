//! Lists of names in configurations.

use connect_core::config::{ConfigErrors, ConfigType, ConfigValue, Unit, ValueError};

/// Names between commas. One that is given again does not count.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Reports a list that is empty, and names that are.
    pub(crate) fn check_given(&self, key: &str, errors: &mut ConfigErrors) {
        if self.0.is_empty() {
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
        self.0.is_empty()
    }

    /// Looks through all of them: such lists are short.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|it| it == name)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
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
            if !names.contains(&name) {
                names.0.push(name);
            }
        }
        Ok(names)
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
