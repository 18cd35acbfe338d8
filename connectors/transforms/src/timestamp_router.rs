//! Topics for periods of time.

use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, Result, Transform, transform};

use crate::date_format::DateFormat;

/// How [`TimestampRouter`] names topics.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct TimestampRouterConfig {
    /// Name of the topic; `${topic}` stands for the former name, `${timestamp}` for the formatted
    /// timestamp.
    #[config(importance = high, default = "${topic}-${timestamp}")]
    pub topic_format: String,

    /// Form of the timestamp: a pattern of Java's `SimpleDateFormat`, in UTC.
    #[config(importance = high, default = "yyyyMMdd")]
    pub timestamp_format: String,
}

/// Puts the record's timestamp into the name of its topic.
#[transform(
    name = "org.apache.kafka.connect.transforms.TimestampRouter",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct TimestampRouter {
    topic: String,
    /// A wrong one is a mistake of the first record.
    timestamp: Result<DateFormat, String>,
}

impl Transform for TimestampRouter {
    type Config = TimestampRouterConfig;

    fn new(config: TimestampRouterConfig) -> Result<Self> {
        Ok(Self {
            topic: config.topic_format,
            timestamp: DateFormat::new(&config.timestamp_format),
        })
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        let Some(millis) = record.timestamp else {
            return Err(ConnectError::data(format_args!(
                "Timestamp missing on record: topic {}",
                record.topic
            )));
        };
        let format = self.timestamp.as_ref().map_err(ConnectError::data)?;
        // A topic may itself hold the word for the timestamp.
        let topic = self.topic.replace("${topic}", record.topic.as_str());
        let topic = topic.replace("${timestamp}", &format.format(millis));
        record.topic = topic.into();
        Ok(Some(record))
    }
}
