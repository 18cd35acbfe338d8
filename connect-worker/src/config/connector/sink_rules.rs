//! Rules about the topics of a sink that no single key can check.

use connect_core::config::{ConfigType, Props};
use regex::Regex;

use super::{DLQ_TOPIC, TOPICS, TOPICS_REGEX};
use crate::config::definition::{Parsed, parse_text};

/// What is wrong with the topics of a sink: key and message.
#[must_use]
pub fn mistakes(props: &Props) -> Vec<(&'static str, String)> {
    let (topics, pattern) = (given(props, TOPICS), given(props, TOPICS_REGEX));
    let mut mistakes = Vec::new();
    let contradiction = match (topics, pattern) {
        (Some(_), Some(_)) => {
            Some("topics and topics.regex are mutually exclusive options, but both are set.")
        }
        (None, None) => Some("Must configure one of topics or topics.regex"),
        (Some(_), None) | (None, Some(_)) => None,
    };
    if let Some(message) = contradiction {
        mistakes.extend([TOPICS, TOPICS_REGEX].map(|key| (key, message.to_owned())));
    }
    let Some(dlq) = given(props, DLQ_TOPIC).map(str::trim) else {
        return mistakes;
    };
    if let Some(topics) = topics
        .map(topic_list)
        .filter(|it| it.iter().any(|it| it == dlq))
    {
        let message = format!(
            "The DLQ topic '{dlq}' may not be included in the list of topics ('topics=[{}]') \
             consumed by the connector",
            topics.join(", ")
        );
        mistakes.push((TOPICS, message));
    }
    if let Some(pattern) = pattern.filter(|it| whole_match(it).is_some_and(|it| it.is_match(dlq))) {
        let message = format!(
            "The DLQ topic '{dlq}' may not be matched by the regex for the topics \
             ('topics.regex={pattern}') consumed by the connector"
        );
        mistakes.push((TOPICS_REGEX, message));
    }
    mistakes
}

/// A value that is more than blanks.
pub(super) fn given<'a>(props: &'a Props, key: &str) -> Option<&'a str> {
    props.get(key).filter(|it| !it.trim().is_empty())
}

fn topic_list(text: &str) -> Vec<String> {
    match parse_text(ConfigType::List, text) {
        Ok(Parsed::List(topics)) => topics,
        _ => Vec::new(),
    }
}

/// A pattern that a name matches as a whole; `None` if it is not a pattern, which the check of the
/// key reports.
pub(super) fn whole_match(pattern: &str) -> Option<Regex> {
    // The inner group must be well-formed by itself.
    Regex::new(pattern).ok()?;
    Regex::new(&format!("^(?:{pattern})$")).ok()
}
