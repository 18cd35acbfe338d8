//! Subscription by pattern: topics are matched here, so that the pattern may use what Java's patterns use.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use regex::Regex;
use tokio::task::JoinHandle;
use tracing::warn;

use super::Consumer;
use crate::{
    admin::TopicInfo,
    error::{KafkaError, Result},
    librdkafka::{Client, PartitionList},
};

/// Topics in which brokers keep their own state.
const INTERNAL: [&str; 3] = [
    "__consumer_offsets",
    "__transaction_state",
    "__share_group_state",
];

/// How long a list of topics may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A pattern and the topics it was last found to match.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    exclude_internal: bool,
    interval: Duration,
    due: Instant,
    listing: Option<JoinHandle<Result<Vec<TopicInfo>>>>,
    matched: Vec<String>,
}

impl Pattern {
    pub(super) fn new(pattern: &str, exclude_internal: bool, interval: Duration) -> Result<Self> {
        let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| {
            KafkaError::config(format!(
                "{pattern} is not a regular expression for topics: {error}"
            ))
        })?;
        Ok(Self {
            regex,
            exclude_internal,
            interval,
            due: Instant::now(),
            listing: None,
            matched: Vec::new(),
        })
    }

    /// Waits until the topics that match are others than before, and returns them. Cancel-safe.
    pub(super) async fn changed(&mut self, client: &Arc<Client>) -> &[String] {
        loop {
            let topics = self.list(client).await;
            self.listing = None;
            self.due = Instant::now() + self.interval;
            match topics {
                Ok(topics) => {
                    let matched = self.matching(&topics);
                    if matched != self.matched {
                        self.matched = matched;
                        return &self.matched;
                    }
                }
                Err(error) => {
                    warn!(client = client.client_id(), %error, "topics of a pattern are unknown, they stay as they were");
                    self.due = Instant::now() + self.interval.min(TIMEOUT);
                }
            }
        }
    }

    async fn list(&mut self, client: &Arc<Client>) -> Result<Vec<TopicInfo>> {
        if self.listing.is_none() {
            tokio::time::sleep_until(self.due.into()).await;
        }
        let listing = self.listing.get_or_insert_with(|| {
            let client = Arc::clone(client);
            tokio::task::spawn_blocking(move || client.all_topics(TIMEOUT))
        });
        match listing.await {
            Ok(topics) => topics,
            Err(_) => Err(KafkaError::new(
                crate::ErrorKind::Closed,
                "the runtime is shutting down",
            )),
        }
    }

    /// Names that match, in order.
    fn matching(&self, topics: &[TopicInfo]) -> Vec<String> {
        let is_hidden = |name: &str| self.exclude_internal && INTERNAL.contains(&name);
        topics
            .iter()
            .map(|topic| &topic.name)
            .filter(|name| self.regex.is_match(name) && !is_hidden(name))
            .cloned()
            .collect()
    }
}

impl Consumer {
    /// Joins the group and asks for partitions of all topics whose whole name matches.
    ///
    /// Topics that come or go are noticed every `metadata.max.age.ms`. Internal topics of the broker match
    /// only when `exclude.internal.topics` is `false`. The pattern may use what Java's patterns and the `regex` crate
    /// have in common: no look-around, no back-references.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe), and a pattern that is not a regular expression.
    pub fn subscribe_pattern(&mut self, pattern: &str) -> Result<()> {
        self.require_group()?;
        self.pattern = Some(Pattern::new(
            pattern,
            self.exclude_internal_topics,
            self.metadata_max_age,
        )?);
        Ok(())
    }

    /// Waits for a change of the topics that match, and subscribes to them; for ever without a pattern. Cancel-safe.
    pub(super) async fn follow_pattern(
        client: &Arc<Client>,
        pattern: &mut Option<Pattern>,
    ) -> Result<()> {
        let Some(pattern) = pattern else {
            return std::future::pending().await;
        };
        let topics = pattern.changed(client).await;
        match topics.is_empty() {
            true => client.unsubscribe(),
            false => client.subscribe(&PartitionList::of_topics(
                topics.iter().map(String::as_str),
            )?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, exclude_internal: bool, expected: &[&str]) {
        let names = ["__consumer_offsets", "orders", "orders.eu", "xorders"];
        let topics: Vec<TopicInfo> = names
            .map(|name| TopicInfo {
                name: name.to_owned(),
                partitions: Vec::new(),
            })
            .into();
        let pattern = Pattern::new(pattern, exclude_internal, Duration::ZERO).unwrap();
        assert_eq!(pattern.matching(&topics), expected);
    }

    #[test]
    fn the_whole_name_has_to_match() {
        check("orders", true, &["orders"]);
        check("orders.*", true, &["orders", "orders.eu"]);
        check("orders|x\\w+", true, &["orders", "xorders"]);
    }

    #[test]
    fn internal_topics_match_only_on_request() {
        check(".*s", true, &["orders", "xorders"]);
        check(".*s", false, &["__consumer_offsets", "orders", "xorders"]);
    }

    #[test]
    fn a_pattern_that_is_none_is_an_error_of_the_configuration() {
        let error = Pattern::new("(", true, Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Config);
    }
}
