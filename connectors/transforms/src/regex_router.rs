//! Topics with other names, by regular expression.

use connect_core::data::Topic;
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, Result, Transform, transform};

use crate::java_regex::{JavaRegex, Replacement};

/// Which topics [`RegexRouter`] renames, and how.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct RegexRouterConfig {
    /// Regular expression for the whole name of a topic.
    #[config(importance = high, example = "shop-(.*)")]
    pub regex: JavaRegex,

    /// What takes the place of the match; `$1` and `${name}` stand for groups.
    #[config(importance = high, example = "$1")]
    pub replacement: String,
}

/// Renames topics that match a regular expression.
#[transform(
    name = "org.apache.kafka.connect.transforms.RegexRouter",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct RegexRouter {
    regex: JavaRegex,
    /// A wrong one is a mistake of the first record that needs it.
    replacement: Result<Replacement, String>,
    /// The topic of the latest record and its new name: topics seldom change.
    latest: Option<(Topic, Topic)>,
}

impl Transform for RegexRouter {
    type Config = RegexRouterConfig;

    fn new(config: RegexRouterConfig) -> Result<Self> {
        Ok(Self {
            replacement: Replacement::parse(&config.replacement, &config.regex),
            regex: config.regex,
            latest: None,
        })
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        record.topic = match &self.latest {
            Some((old, new)) if *old == record.topic => new.clone(),
            _ => {
                let renamed = self.rename(&record.topic)?;
                self.latest = Some((record.topic, renamed.clone()));
                renamed
            }
        };
        Ok(Some(record))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

impl RegexRouter {
    /// The whole topic must match, but what is replaced is the first match that a search finds.
    fn rename(&self, topic: &Topic) -> Result<Topic> {
        if !self.regex.matches_whole(topic.as_str())? {
            return Ok(topic.clone());
        }
        let Some(found) = self.regex.find(topic.as_str())? else {
            return Ok(topic.clone());
        };
        match &self.replacement {
            Ok(replacement) => Ok(replacement.apply(topic.as_str(), &found).into()),
            Err(problem) => {
                let doing = format!("the key `replacement`, for topic {topic}");
                Err(ConnectError::data(problem).caused_by(doing))
            }
        }
    }
}
