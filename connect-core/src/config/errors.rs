//! All mistakes of a configuration.

use std::fmt;

use crate::error::ConnectError;

/// Mistakes of a configuration, each with the key it belongs to, in the order they were found.
///
/// ```
/// use connect_core::config::ConfigErrors;
///
/// let mut errors = ConfigErrors::default();
/// errors.add("poll.interval.ms", "whole tables are not read more than once a second");
///
/// assert_eq!(
///     errors.to_string(),
///     "poll.interval.ms: Invalid configuration poll.interval.ms: whole tables are not read more \
///      than once a second"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ConfigErrors {
    /// What stands before the keys that are added.
    prefix: String,
    messages: Vec<(String, String)>,
}

impl ConfigErrors {
    /// Mistakes of keys below a prefix.
    pub(super) fn below(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            messages: Vec::new(),
        }
    }

    /// Adds what is wrong with a key, such as a rule over several keys that does not hold.
    ///
    /// The message that users see names the key before the problem.
    pub fn add(&mut self, key: impl Into<String>, problem: impl fmt::Display) {
        let key = format!("{}{}", self.prefix, key.into());
        let message = format!("Invalid configuration {key}: {problem}");
        self.messages.push((key, message));
    }

    /// Adds a whole message, which should name the key.
    pub fn push(&mut self, key: impl Into<String>, message: impl Into<String>) {
        let key = format!("{}{}", self.prefix, key.into());
        self.messages.push((key, message.into()));
    }

    /// Whether there is no mistake.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// How many mistakes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// All mistakes: key and message.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.messages
            .iter()
            .map(|(key, message)| (key.as_str(), message.as_str()))
    }
}

/// One line for each mistake: the key and the message.
impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, message)) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{key}: {message}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// One line for each message: the messages name their keys.
impl From<ConfigErrors> for ConnectError {
    fn from(errors: ConfigErrors) -> Self {
        let messages: Vec<_> = errors.iter().map(|(_, message)| message).collect();
        Self::config(messages.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn an_error_of_a_plugin_lists_the_messages() {
        let mut errors = ConfigErrors::default();
        errors.push("a", "a is missing");
        errors.push("b", "b is wrong");

        let error = ConnectError::from(errors);

        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.to_string(), "a is missing\nb is wrong");
    }
}
