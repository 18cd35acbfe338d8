//! Records of topics by name.

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};
use connect_core::record::Record;
use connect_core::{ConnectorConfig, Predicate, Result, predicate};

use crate::java_regex::JavaRegex;

/// The topics that [`TopicNameMatches`] means.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct TopicNameMatchesConfig {
    /// Regular expression for the whole name of the topic.
    #[config(example = "orders-.*")]
    pub pattern: TopicPattern,
}

/// A regular expression that is not empty.
#[derive(Clone, Debug)]
pub struct TopicPattern(JavaRegex);

impl ConfigValue for TopicPattern {
    fn valid_values() -> Option<String> {
        let regex = JavaRegex::valid_values().into_iter();
        let all: Vec<_> = [String::from("non-empty string")]
            .into_iter()
            .chain(regex)
            .collect();
        Some(all.join(", "))
    }

    fn kind(unit: Unit) -> ConfigType {
        JavaRegex::kind(unit)
    }

    fn null_mistake() -> Option<ValueError> {
        JavaRegex::null_mistake()
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        match text {
            "" => Err(ValueError::new("String must be non-empty")),
            text => JavaRegex::parse_text(text, unit).map(Self),
        }
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.0.to_text(unit)
    }
}

/// Records whose topic has a name of some form.
#[predicate(
    name = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct TopicNameMatches {
    pattern: JavaRegex,
}

impl Predicate for TopicNameMatches {
    type Config = TopicNameMatchesConfig;

    fn new(config: TopicNameMatchesConfig) -> Result<Self> {
        let pattern = config.pattern.0;
        Ok(Self { pattern })
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        self.pattern.matches_whole(record.topic.as_str())
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
