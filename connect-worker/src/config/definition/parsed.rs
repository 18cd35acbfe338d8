//! Values of configuration keys, as they are read from text and shown again.

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};
use connect_core::data::java_text::with_f64_text;
use connect_core::plugin::PluginDescriptor;
use connect_core::registry::PluginRegistry;

use super::JavaClass;

/// A value that was read from text.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// Nothing.
    Null,
    /// Of a BOOLEAN key.
    Boolean(bool),
    /// Of a SHORT, INT or LONG key.
    Integer(i64),
    /// Of a DOUBLE key.
    Double(f64),
    /// Of a STRING key, or the name of a class that is none of our plugins.
    Text(String),
    /// Of a PASSWORD key. Whoever needs it takes it from the configuration itself.
    Hidden,
    /// Of a LIST key; repeated and empty elements are kept.
    List(Vec<String>),
    /// Of a CLASS key.
    Class(PluginDescriptor),
    /// Of a CLASS key that names what several plugins have in common.
    Outer {
        /// The name that they share.
        name: String,
        /// The plugins.
        nested: Vec<PluginDescriptor>,
    },
    /// Of a CLASS key that names a class of Java.
    Java(JavaClass),
}

impl Parsed {
    /// The value as messages show it.
    pub(super) fn in_message(&self) -> String {
        match self {
            Self::List(elements) => format!("[{}]", elements.join(", ")),
            other => other.rendered().unwrap_or_else(|| "null".to_owned()),
        }
    }

    /// The value as clients are shown it; `None` for null.
    #[must_use]
    pub fn rendered(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Boolean(value) => Some(value.to_string()),
            Self::Integer(value) => Some(value.to_string()),
            Self::Double(value) => Some(with_f64_text(*value, str::to_owned)),
            Self::Text(value) => Some(value.clone()),
            Self::Hidden => Some("[hidden]".to_owned()),
            Self::List(elements) => Some(elements.join(",")),
            Self::Class(plugin) => Some(plugin.info.name.to_owned()),
            Self::Outer { name, .. } => Some(name.clone()),
            Self::Java(class) => Some(class.name().to_owned()),
        }
    }
}

/// The message for a value that is not good.
#[must_use]
pub fn invalid(key: &str, value: &str, problem: impl std::fmt::Display) -> String {
    format!("Invalid value {value} for configuration {key}: {problem}")
}

/// The message for a required key that is absent.
#[must_use]
pub fn missing(key: &str) -> String {
    format!("Missing required configuration \"{key}\" which has no default value.")
}

/// Reads a value; classes are looked up among the plugins.
pub(super) fn parse(
    kind: ConfigType,
    text: &str,
    classes: &PluginRegistry,
) -> Result<Parsed, String> {
    match kind {
        ConfigType::Class => {
            class(trim(text), classes).ok_or_else(|| format!("Class {text} could not be found."))
        }
        ConfigType::Boolean
        | ConfigType::String
        | ConfigType::Int
        | ConfigType::Short
        | ConfigType::Long
        | ConfigType::Double
        | ConfigType::List
        | ConfigType::Password => parse_text(kind, text).map_err(|error| error.to_string()),
    }
}

/// Whether there is a class with this name, of any kind, be it one of Java.
#[must_use]
pub fn is_class(name: &str, classes: &PluginRegistry) -> bool {
    class(trim(name), classes).is_some()
}

fn class(name: &str, classes: &PluginRegistry) -> Option<Parsed> {
    if let Ok(plugin) = classes.find(name) {
        return Some(Parsed::Class(*plugin));
    }
    // Only full names are those of outer classes.
    let is_full = name.contains('.');
    let nested = classes.iter().filter(|it| {
        let inner = it.info.name.strip_prefix(name);
        is_full && inner.is_some_and(|it| it.starts_with('$'))
    });
    let nested: Vec<_> = nested.copied().collect();
    match nested.is_empty() {
        true => JavaClass::find(name).map(Parsed::Java),
        false => Some(Parsed::Outer {
            name: name.to_owned(),
            nested,
        }),
    }
}

/// Reads a value; the names of classes stay text.
///
/// # Errors
/// What is wrong with the text, without key and value.
pub fn parse_text(kind: ConfigType, text: &str) -> Result<Parsed, ValueError> {
    let text = trim(text);
    Ok(match kind {
        ConfigType::Boolean => Parsed::Boolean(read(text)?),
        ConfigType::String | ConfigType::Class => Parsed::Text(text.to_owned()),
        ConfigType::Password => Parsed::Hidden,
        ConfigType::Short => Parsed::Integer(read::<i16>(text)?.into()),
        ConfigType::Int => Parsed::Integer(read::<i32>(text)?.into()),
        ConfigType::Long => Parsed::Integer(read(text)?),
        ConfigType::Double => Parsed::Double(read(text)?),
        ConfigType::List => Parsed::List(read(text)?),
    })
}

fn read<T: ConfigValue>(text: &str) -> Result<T, ValueError> {
    T::parse_text(text, Unit::None)
}

/// Java trims blanks and all control characters before them in the code table.
fn trim(text: &str) -> &str {
    text.trim_matches(|it| it <= ' ')
}

#[cfg(test)]
mod tests {
    use ConfigType::{Boolean, Double, Int, List, Long, Password, Short, String as Text};

    use super::*;

    #[track_caller]
    fn check(kind: ConfigType, text: &str, rendered: &str) {
        let parsed = parse_text(kind, text).unwrap();

        assert_eq!(parsed.rendered().as_deref(), Some(rendered));
    }

    #[track_caller]
    fn check_error(kind: ConfigType, text: &str, message: &str) {
        assert_eq!(parse_text(kind, text).unwrap_err().to_string(), message);
    }

    #[test]
    fn values_are_trimmed_and_shown_in_one_way() {
        check(Boolean, " TRUE ", "true");
        check(Text, " a b\t", "a b");
        check(Password, "secret", "[hidden]");
        check(Short, "+5", "5");
        check(Int, " -3 ", "-3");
        check(Long, "9223372036854775807", "9223372036854775807");
        check(List, " a , b,, ", "a,b,,");
        check(List, "  ", "");
    }

    #[test]
    fn doubles_are_read_and_shown_as_java_does() {
        check(Double, "1e3", "1000.0");
        check(Double, "12f", "12.0");
        check(Double, ".5", "0.5");
        check(Double, "-Infinity", "-Infinity");
        check(Double, "NaN", "NaN");
        check(Double, "1e10", "1.0E10");
    }

    #[test]
    fn what_is_not_of_the_type_is_refused() {
        check_error(Boolean, "yes", "Expected value to be either true or false");
        check_error(Short, "32768", "Not a number of type SHORT");
        check_error(Int, "1.0", "Not a number of type INT");
        check_error(Int, "", "Not a number of type INT");
        check_error(Long, "10L", "Not a number of type LONG");
        for text in ["1,5", "inf", "NaNf", "", "infinity"] {
            check_error(Double, text, "Not a number of type DOUBLE");
        }
    }
}
