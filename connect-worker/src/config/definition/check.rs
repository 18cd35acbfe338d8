//! Checks of values beyond their type, with the texts of the reference.

use std::cmp::Ordering;
use std::fmt;

use connect_core::config::java_pattern;
use connect_core::converter::Role;
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use regex::Regex;

use super::parsed::{Parsed, invalid};
use crate::config::version_range::VersionRequirement;

/// Which values of a key are good.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Every value of the type, and null.
    Anything,
    /// Numbers from this one on.
    AtLeast(i64),
    /// Numbers from the first one to the second.
    Between(i64, i64),
    /// Null, and numbers from this one on.
    NullOrAtLeast(i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// One of these words, which are written in upper case here, in any case.
    OneOfAnyCase(&'static [&'static str]),
    /// Null, and text that is not empty.
    NonEmpty,
    /// Everything but null.
    NonNull,
    /// Null, and text that is not empty and has no control characters.
    NoControlCharacters,
    /// Lists of at most so many elements.
    AtMostElements(usize),
    /// Aliases, each of them once.
    UniqueAliases,
    /// A list without empty and repeated elements.
    ValueList {
        /// Whether it may be null.
        or_null: bool,
        /// Whether it may be empty.
        or_empty: bool,
    },
    /// A list without empty and repeated elements, each one of these words.
    ListOf {
        /// The words.
        words: &'static [&'static str],
        /// Whether it may be empty.
        or_empty: bool,
    },
    /// What all of these accept; the first problem counts.
    All(&'static [Check]),
    /// A regular expression.
    Regex,
    /// Null, and requirements on the version of a plugin.
    VersionRange,
    /// Null, and classes of this kind.
    Class(Interface),
    /// What a function accepts; it answers with the whole message.
    Custom(fn(&str, &Parsed) -> Result<(), String>),
}

impl Check {
    /// Checks a value.
    ///
    /// # Errors
    /// The whole message for the user.
    pub fn run(self, key: &str, value: &Parsed) -> Result<(), String> {
        let problem = match self {
            Self::Anything => Ok(()),
            Self::AtLeast(least) => at_least(value, least),
            Self::Between(least, most) => {
                at_least(value, least).and_then(|()| at_most(value, most))
            }
            Self::NullOrAtLeast(least) => match value {
                Parsed::Null => Ok(()),
                other => at_least(other, least),
            },
            Self::OneOf(words) => one_of(value, words),
            Self::OneOfAnyCase(words) => one_of_any_case(value, words),
            Self::NonEmpty => match value {
                Parsed::Text(text) if text.is_empty() => Err("String must be non-empty".to_owned()),
                _ => Ok(()),
            },
            Self::NonNull => non_null(value),
            Self::NoControlCharacters => no_control_characters(value),
            Self::AtMostElements(most) => at_most_elements(value, most),
            Self::UniqueAliases => unique_aliases(value),
            Self::Regex => regex(value),
            Self::ValueList { or_null, or_empty } => {
                return value_list(key, value, or_null, or_empty, "any non-empty value");
            }
            Self::ListOf { words, or_empty } => {
                value_list(key, value, false, or_empty, &self.to_string())?;
                return list_of(key, value, words);
            }
            Self::All(checks) => return checks.iter().try_for_each(|it| it.run(key, value)),
            Self::VersionRange => return version_range(value),
            Self::Class(interface) => {
                return match value {
                    Parsed::Class(plugin) => interface.check(plugin),
                    Parsed::Outer { name, nested } => interface.check_outer(name, nested),
                    Parsed::Java(class) => Err(class.mistake(interface)),
                    _ => Ok(()),
                };
            }
            Self::Custom(check) => return check(key, value),
        };
        problem.map_err(|problem| invalid(key, &value.in_message(), problem))
    }
}

/// The text by which documents describe good values; empty if there is none.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) | Self::NullOrAtLeast(least) => write!(f, "[{least},...]"),
            Self::Between(least, most) => write!(f, "[{least},...,{most}]"),
            Self::OneOf(words) | Self::ListOf { words, .. } => {
                write!(f, "[{}]", words.join(", "))
            }
            Self::OneOfAnyCase(words) => write!(f, "(case insensitive) [{}]", words.join(", ")),
            Self::NonEmpty => f.write_str("non-empty string"),
            Self::NonNull => f.write_str("non-null string"),
            Self::NoControlCharacters => {
                f.write_str("non-empty string without ISO control characters")
            }
            Self::AtMostElements(most) => {
                write!(f, "List containing maximum of {most} elements")
            }
            Self::All(checks) => {
                let texts: Vec<_> = checks.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(", "))
            }
            Self::Regex => f.write_str("valid regex"),
            Self::UniqueAliases => f.write_str("unique transformation aliases"),
            Self::Anything
            | Self::ValueList { .. }
            | Self::VersionRange
            | Self::Class(_)
            | Self::Custom(_) => Ok(()),
        }
    }
}

fn at_least(value: &Parsed, least: i64) -> Result<(), String> {
    match compare(value, least) {
        None => Err("Value must be non-null".to_owned()),
        Some(Ordering::Less) => Err(format!("Value must be at least {least}")),
        Some(Ordering::Equal | Ordering::Greater) => Ok(()),
    }
}

fn at_most(value: &Parsed, most: i64) -> Result<(), String> {
    match compare(value, most) {
        None => Err("Value must be non-null".to_owned()),
        Some(Ordering::Greater) => Err(format!("Value must be no more than {most}")),
        Some(Ordering::Equal | Ordering::Less) => Ok(()),
    }
}

/// How a number compares with a bound; what is no number counts as equal to all of them, as NaN
/// does in the reference. `None` for null.
fn compare(value: &Parsed, bound: i64) -> Option<Ordering> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "the reference compares fractions with bounds like this"
    )]
    match value {
        Parsed::Null => None,
        Parsed::Integer(number) => Some(number.cmp(&bound)),
        Parsed::Double(number) => Some(
            number
                .partial_cmp(&(bound as f64))
                .unwrap_or(Ordering::Equal),
        ),
        _ => Some(Ordering::Equal),
    }
}

fn non_null(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Null => Err("entry must be non null".to_owned()),
        _ => Ok(()),
    }
}

fn no_control_characters(value: &Parsed) -> Result<(), String> {
    let text = match value {
        Parsed::Text(text) if text.is_empty() => return Err("String may not be empty".to_owned()),
        Parsed::Text(text) => text,
        _ => return Ok(()),
    };
    let controls = text.chars().filter(|it| it.is_control());
    let codes: Vec<_> = controls.map(|it| u32::from(it).to_string()).collect();
    match codes.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "String may not contain control sequences but had the following ASCII chars: {}",
            codes.join(", ")
        )),
    }
}

fn at_most_elements(value: &Parsed, most: usize) -> Result<(), String> {
    match value {
        Parsed::List(elements) if elements.len() > most => {
            Err(format!("exceeds maximum list size of [{most}]."))
        }
        _ => Ok(()),
    }
}

fn one_of(value: &Parsed, words: &[&str]) -> Result<(), String> {
    match value {
        Parsed::Text(text) if words.contains(&text.as_str()) => Ok(()),
        _ => Err(format!("String must be one of: {}", words.join(", "))),
    }
}

fn one_of_any_case(value: &Parsed, words: &[&str]) -> Result<(), String> {
    match value {
        Parsed::Text(text) if words.iter().any(|it| it.eq_ignore_ascii_case(text)) => Ok(()),
        _ => Err(format!(
            "String must be one of (case insensitive): {}",
            words.join(", ")
        )),
    }
}

fn unique_aliases(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::List(aliases) if has_repetition(aliases) => {
            Err("Duplicate alias provided.".to_owned())
        }
        Parsed::List(_) => Ok(()),
        _ => Err("entry must be non null".to_owned()),
    }
}

fn regex(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Text(text) => match Regex::new(text) {
            Ok(_) => Ok(()),
            Err(error) => {
                let mistake = java_pattern::mistake(text);
                let mistake = mistake.unwrap_or_else(|| error.to_string());
                Err(format!("Invalid regex: {mistake}"))
            }
        },
        _ => Ok(()),
    }
}

/// A list of distinct texts; what is not is refused with the whole message.
fn value_list(
    key: &str,
    value: &Parsed,
    or_null: bool,
    or_empty: bool,
    valid_values: &str,
) -> Result<(), String> {
    let refuse = |problem: &str| Err(format!("Configuration '{key}' {problem}"));
    let elements = match value {
        Parsed::List(elements) => elements,
        _ if or_null => return Ok(()),
        _ => return refuse("values must not be null."),
    };
    if elements.is_empty() && !or_empty {
        return refuse(&format!(
            "must not be empty. Valid values include: {valid_values}"
        ));
    }
    if has_repetition(elements) {
        return refuse("values must not be duplicated.");
    }
    match elements.iter().any(String::is_empty) {
        true => refuse("values must not be empty."),
        false => Ok(()),
    }
}

fn list_of(key: &str, value: &Parsed, words: &[&str]) -> Result<(), String> {
    let Parsed::List(elements) = value else {
        return Ok(());
    };
    elements.iter().try_for_each(|element| {
        one_of(&Parsed::Text(element.clone()), words)
            .map_err(|problem| invalid(key, element, problem))
    })
}

fn has_repetition(elements: &[String]) -> bool {
    elements
        .iter()
        .enumerate()
        .any(|(index, it)| elements.iter().take(index).any(|e| e == it))
}

fn version_range(value: &Parsed) -> Result<(), String> {
    let Parsed::Text(text) = value else {
        return Ok(());
    };
    let requirement: Result<VersionRequirement, _> = text.parse();
    requirement.map(drop).map_err(|error| error.to_string())
}

/// What a plugin must be to stand in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// A converter for this role.
    Converter(Role),
    /// A transformation.
    Transformation,
    /// A predicate.
    Predicate,
    /// A configuration provider.
    ConfigProvider,
}

impl Interface {
    /// The simple name by which messages call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Converter(Role::Key | Role::Value) => "Converter",
            Self::Converter(Role::Header) => "HeaderConverter",
            Self::Transformation => "Transformation",
            Self::Predicate => "Predicate",
            Self::ConfigProvider => "ConfigProvider",
        }
    }

    /// Whether a plugin can stand there.
    #[must_use]
    pub fn accepts(self, plugin: &PluginDescriptor) -> bool {
        match (self, plugin.entry) {
            (Self::Converter(role), PluginEntry::Converter { roles, .. }) => roles.contains(&role),
            (Self::Transformation, PluginEntry::Transform { .. })
            | (Self::Predicate, PluginEntry::Predicate { .. })
            | (Self::ConfigProvider, PluginEntry::ConfigProvider { .. }) => true,
            (
                Self::Converter(_) | Self::Transformation | Self::Predicate | Self::ConfigProvider,
                _,
            ) => false,
        }
    }

    /// Checks that a plugin can stand there.
    ///
    /// # Errors
    /// The whole message for the user.
    pub fn check(self, plugin: &PluginDescriptor) -> Result<(), String> {
        match self.accepts(plugin) {
            true => Ok(()),
            false => Err(self.not_implemented_by(format_args!("class {}", plugin.info.name))),
        }
    }

    /// Checks a class of which only those nested in it are plugins.
    fn check_outer(self, name: &str, nested: &[PluginDescriptor]) -> Result<(), String> {
        if !nested.iter().any(|it| self.accepts(it)) {
            return Err(self.not_implemented_by(format_args!("class {name}")));
        }
        let names: Vec<_> = nested.iter().map(|it| it.info.name).collect();
        let names = names.join(", ");
        Err(format!(
            "This class is abstract and cannot be created. Did you mean {names}?"
        ))
    }

    /// Says so of a class or an interface.
    pub(super) fn not_implemented_by(self, class: fmt::Arguments<'_>) -> String {
        let interface = self.name();
        format!("Class {class} does not implement the {interface} interface")
    }
}

#[cfg(test)]
mod tests;
