//! Types that hold less than text or lists do.

use std::fmt;
use std::ops::Deref;

use super::{Choice, ConfigType, ConfigValue, HasLength, Unit, ValueError};
use crate::data::Topic;

/// Text with at least one character, or a list with at least one element.
///
/// ```
/// use connect_core::config::{ConfigValue as _, NonEmpty, Unit};
///
/// let tables = NonEmpty::<Vec<String>>::parse_text("orders, items", Unit::None)?;
/// assert_eq!(tables.len(), 2);
/// assert!(NonEmpty::<Vec<String>>::parse_text("", Unit::None).is_err());
/// # Ok::<(), connect_core::config::ValueError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NonEmpty<T>(T);

impl<T> NonEmpty<T> {
    /// The text or list.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for NonEmpty<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ConfigValue + HasLength> ConfigValue for NonEmpty<T> {
    const CHOICES: &'static [Choice] = T::CHOICES;

    fn valid_values() -> Option<String> {
        let own = match T::kind(Unit::None) {
            ConfigType::List => "non-empty list",
            _ => "non-empty string",
        };
        let all: Vec<_> = T::valid_values()
            .into_iter()
            .chain([own.to_owned()])
            .collect();
        Some(all.join(", "))
    }

    fn kind(unit: Unit) -> ConfigType {
        T::kind(unit)
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        let value = T::parse_text(text, unit)?;
        match (value.length(), T::kind(unit)) {
            (Some(0), ConfigType::List) => Err(ValueError::new("List must be non-empty")),
            (Some(0), _) => Err(ValueError::new("String must be non-empty")),
            _ => Ok(Self(value)),
        }
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.0.to_text(unit)
    }
}

/// The name of a topic as brokers accept it.
///
/// ```
/// use connect_core::config::{ConfigValue as _, TopicName, Unit};
///
/// assert!(TopicName::parse_text("orders", Unit::None).is_ok());
/// assert!(TopicName::parse_text("all orders", Unit::None).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TopicName(Topic);

impl TopicName {
    const MAX_LENGTH: usize = 249;

    /// The name as records carry it.
    #[must_use]
    pub fn topic(&self) -> &Topic {
        &self.0
    }
}

impl From<TopicName> for Topic {
    fn from(name: TopicName) -> Self {
        name.0
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl ConfigValue for TopicName {
    fn valid_values() -> Option<String> {
        Some("topic name".to_owned())
    }

    fn kind(_: Unit) -> ConfigType {
        ConfigType::String
    }

    fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
        let is_good = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
        let problem = match text {
            "" => "A topic name cannot be empty".to_owned(),
            "." | ".." => format!("A topic cannot be named {text}"),
            _ if text.len() > Self::MAX_LENGTH => {
                format!("A topic name has at most {} characters", Self::MAX_LENGTH)
            }
            _ if !text.chars().all(is_good) => {
                "A topic name holds letters, digits, ., _ and - only".to_owned()
            }
            _ => return Ok(Self(text.into())),
        };
        Err(ValueError::new(problem))
    }

    fn to_text(&self, _: Unit) -> Option<String> {
        Some(self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: ConfigValue>(text: &str, expected: Result<(), &str>) {
        let outcome = T::parse_text(text, Unit::None).map_err(|error| error.to_string());

        assert_eq!(outcome.map(drop), expected.map_err(str::to_owned));
    }

    #[test]
    fn nothing_is_refused() {
        check::<NonEmpty<Vec<u16>>>("1,2", Ok(()));
        check::<NonEmpty<Vec<u16>>>("", Err("List must be non-empty"));
        check::<NonEmpty<String>>("", Err("String must be non-empty"));
        assert_eq!(
            NonEmpty::<Vec<String>>::valid_values().as_deref(),
            Some("non-empty list")
        );
    }

    #[test]
    fn topics_have_names_that_brokers_accept() {
        check::<TopicName>("a.b_c-D9", Ok(()));
        check::<TopicName>(&"a".repeat(249), Ok(()));
        check::<TopicName>("", Err("A topic name cannot be empty"));
        check::<TopicName>("..", Err("A topic cannot be named .."));
        check::<TopicName>(
            &"a".repeat(250),
            Err("A topic name has at most 249 characters"),
        );
        check::<TopicName>(
            "ä",
            Err("A topic name holds letters, digits, ., _ and - only"),
        );
    }
}
