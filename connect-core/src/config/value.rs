//! Types that a configuration key can have: from text, and back to text.

mod number;
mod time;

use core::net::SocketAddr;
use std::path::PathBuf;

use regex::Regex;

use super::choice::Choice;
use super::{ByteSize, ConfigErrors, ConfigType, Props, Secret, TopicName, java_pattern};
use crate::data::Topic;

/// The unit that the name of a key states, as in `poll.interval.ms`: what a bare number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// None: the text must state it.
    None,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

/// What is wrong with the text of a value, as a sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ValueError {
    problem: String,
    /// The part of the text that is wrong, if it is not all of it.
    part: Option<String>,
    /// Whether the problem is all that users are told.
    is_whole: bool,
}

/// What stands for the key in a [whole message](ValueError::whole).
const KEY: &str = "{key}";

impl ValueError {
    /// A problem of the whole text.
    #[must_use]
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            part: None,
            is_whole: false,
        }
    }

    /// A message that nothing is put in front of; `{key}` in it stands for the key.
    ///
    /// ```
    /// use connect_core::config::ValueError;
    ///
    /// let error = ValueError::whole("Configuration '{key}' values must not be empty.");
    ///
    /// let message = error.message("fields", "a,,b");
    /// assert_eq!(message, "Configuration 'fields' values must not be empty.");
    /// ```
    #[must_use]
    pub fn whole(message: impl Into<String>) -> Self {
        Self {
            is_whole: true,
            ..Self::new(message)
        }
    }

    /// Says which part of the text is wrong.
    #[must_use]
    pub fn in_part(self, part: impl Into<String>) -> Self {
        Self {
            part: Some(part.into()),
            ..self
        }
    }

    /// The part of the text that is wrong; `None` if it is all of it.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.part.as_deref()
    }

    /// The same without a part of the text, which may be a secret.
    pub(super) fn hiding_part(&self) -> Self {
        Self {
            part: None,
            ..self.clone()
        }
    }

    /// What users are told of a key whose value this is about; `shown` is that value.
    #[must_use]
    pub fn message(&self, key: &str, shown: &str) -> String {
        let problem = &self.problem;
        let shown = self.part().unwrap_or(shown);
        match self.is_whole {
            true => problem.replace(KEY, key),
            false => format!("Invalid value {shown} for configuration {key}: {problem}"),
        }
    }
}

/// A type that one configuration key can have.
///
/// ```
/// use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};
///
/// struct Port(u16);
///
/// impl ConfigValue for Port {
///     fn kind(_: Unit) -> ConfigType {
///         ConfigType::Int
///     }
///
///     fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
///         match u16::parse_text(text, unit)? {
///             0 => Err(ValueError::new("0 is no port")),
///             port => Ok(Self(port)),
///         }
///     }
///
///     fn to_text(&self, unit: Unit) -> Option<String> {
///         self.0.to_text(unit)
///     }
/// }
///
/// assert!(Port::parse_text("8083", Unit::None).is_ok());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a connector configuration",
    label = "not a configuration value",
    note = "for a type of your own derive `ConfigEnum` or implement `ConfigValue`",
    note = "if `{Self}` is itself a configuration struct, mark the field `#[config(flatten)]` or `#[config(nested)]`"
)]
pub trait ConfigValue: Sized + Send + 'static {
    /// The names to choose from; empty when there is no such list.
    const CHOICES: &'static [Choice] = &[];

    /// Which values are good, in the words of the documentation; `None` if all of the type are.
    #[must_use]
    fn valid_values() -> Option<String> {
        None
    }

    /// The type that is published. The unit is the one in the name of the key.
    fn kind(unit: Unit) -> ConfigType;

    /// The value of an absent or null key; `None` when there must be one.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }

    /// What somebody who checks a configuration is told of null where there must be a value, beside
    /// that it is missing or cannot be read; `None` if nothing is.
    #[must_use]
    fn null_mistake() -> Option<ValueError> {
        None
    }

    /// What somebody who checks a configuration is told of a text that is read all the same.
    #[must_use]
    fn lenient_mistake(text: &str) -> Option<ValueError> {
        let _ = text;
        None
    }

    /// Reads a text that has no blanks around it.
    ///
    /// # Errors
    /// What is wrong with the text.
    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError>;

    /// The text that is read as this value; `None` for null.
    fn to_text(&self, unit: Unit) -> Option<String>;

    /// Whether the keys below the key belong to the value, as those of a plugin that it names.
    const OWNS_KEYS_BELOW: bool = false;

    /// Gives the value the keys below its own, without that prefix.
    ///
    /// # Errors
    /// What is wrong with them.
    fn take_keys_below(&mut self, keys: Props) -> Result<(), ConfigErrors> {
        let _ = keys;
        Ok(())
    }

    /// The keys below its own, without that prefix.
    fn keys_below(&self) -> Option<&Props> {
        None
    }
}

impl ConfigValue for bool {
    fn kind(_: Unit) -> ConfigType {
        ConfigType::Boolean
    }

    fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
        match text {
            _ if text.eq_ignore_ascii_case("true") => Ok(true),
            _ if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(ValueError::new("Expected value to be either true or false")),
        }
    }

    fn to_text(&self, _: Unit) -> Option<String> {
        Some(self.to_string())
    }
}

/// Types whose text is read by a function and shown by another.
macro_rules! text_value {
    ($($type:ty: $kind:ident, $parse:expr, $show:expr;)*) => {$(
        impl ConfigValue for $type {
            fn kind(_: Unit) -> ConfigType {
                ConfigType::$kind
            }

            fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
                let parse: fn(&str) -> Result<Self, String> = $parse;
                parse(text).map_err(ValueError::new)
            }

            fn to_text(&self, _: Unit) -> Option<String> {
                let show: fn(&Self) -> String = $show;
                Some(show(self))
            }
        }
    )*};
}

text_value! {
    String: String, |text| Ok(text.to_owned()), Clone::clone;
    Topic: String, |text| Ok(text.into()), ToString::to_string;
    PathBuf: String, |text| Ok(text.into()), |it| it.to_string_lossy().into_owned();
    Secret: Password, |text| Ok(Self::new(text)), |it| it.expose().to_owned();
    SocketAddr: String,
        |text| text
            .parse()
            .map_err(|_| "Expected an address with a port, such as 127.0.0.1:9092".to_owned()),
        ToString::to_string;
    Regex: String,
        |text| Self::new(text).map_err(|error| {
            let mistake = java_pattern::mistake_or(text, &error);
            format!("Invalid regex: {mistake}")
        }),
        ToString::to_string;
}

#[cfg(feature = "url")]
text_value! {
    super::Url: String,
        |text| Self::parse(text).map_err(|error| format!("Invalid URL: {error}")),
        ToString::to_string;
}

impl ConfigValue for ByteSize {
    fn kind(unit: Unit) -> ConfigType {
        match unit {
            Unit::Bytes => ConfigType::Long,
            Unit::None | Unit::Millis | Unit::Seconds => ConfigType::String,
        }
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        if unit != Unit::Bytes {
            return text
                .parse()
                .map_err(|error: super::NotASize| ValueError::new(error.to_string()));
        }
        match text.parse() {
            Ok(size) => Ok(size),
            Err(_) => number::unsigned(text).map(Self::bytes),
        }
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        match unit {
            Unit::Bytes => Some(self.as_bytes().to_string()),
            Unit::None | Unit::Millis | Unit::Seconds => Some(self.to_string()),
        }
    }
}

impl<T: ConfigValue> ConfigValue for Option<T> {
    const CHOICES: &'static [Choice] = T::CHOICES;

    fn valid_values() -> Option<String> {
        T::valid_values()
    }

    fn kind(unit: Unit) -> ConfigType {
        T::kind(unit)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        T::parse_text(text, unit).map(Some)
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.as_ref()?.to_text(unit)
    }

    const OWNS_KEYS_BELOW: bool = T::OWNS_KEYS_BELOW;

    fn take_keys_below(&mut self, keys: Props) -> Result<(), ConfigErrors> {
        self.as_mut().map_or(Ok(()), |it| it.take_keys_below(keys))
    }

    fn keys_below(&self) -> Option<&Props> {
        self.as_ref()?.keys_below()
    }
}

/// A type that can stand in a list: no comma is part of its text, and it may be shown.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an element of a list",
    label = "not the element of a list",
    note = "lists hold strings, numbers, booleans and choices"
)]
pub trait ListElement: ConfigValue {}

macro_rules! list_element {
    ($($type:ty),*) => {$(
        impl ListElement for $type {}
    )*};
}

list_element!(bool, i16, i32, i64, u16, u32, u64, f64);
list_element!(String, Topic, TopicName, PathBuf, SocketAddr);
#[cfg(feature = "url")]
list_element!(super::Url);

/// What Java's `\s` stands for.
const BLANKS: [char; 6] = [' ', '\t', '\n', '\u{b}', '\u{c}', '\r'];

/// Elements between commas. Blanks around them are dropped, empty elements are kept.
impl<T: ListElement> ConfigValue for Vec<T> {
    const CHOICES: &'static [Choice] = T::CHOICES;

    fn valid_values() -> Option<String> {
        T::valid_values()
    }

    fn kind(_: Unit) -> ConfigType {
        ConfigType::List
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        elements(text)
            .map(|element| T::parse_text(element, unit).map_err(|error| error.in_part(element)))
            .collect()
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        let elements: Vec<_> = self.iter().filter_map(|it| it.to_text(unit)).collect();
        Some(elements.join(","))
    }
}

/// The elements of a list; an empty text has none.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    let given = Some(text).filter(|it| !it.is_empty()).into_iter();
    given
        .flat_map(|it| it.split(','))
        .map(|it| it.trim_matches(BLANKS))
}

#[cfg(test)]
mod tests;
