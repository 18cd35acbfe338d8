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
pub struct ConfigErrors(Vec<(String, String)>);

impl ConfigErrors {
    /// Adds what is wrong with a key, such as a rule over several keys that does not hold.
    ///
    /// The message that users see names the key before the problem.
    pub fn add(&mut self, key: impl Into<String>, problem: impl fmt::Display) {
        let key = key.into();
        let message = format!("Invalid configuration {key}: {problem}");
        self.push(key, message);
    }

    /// Adds a whole message, which should name the key.
    pub fn push(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push((key.into(), message.into()));
    }

    /// Whether there is no mistake.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many mistakes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All mistakes: key and message.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
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
