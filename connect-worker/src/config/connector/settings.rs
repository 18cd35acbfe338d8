//! The worker's part of a connector's configuration, read for use.

use std::num::NonZeroU32;
use std::time::Duration;

use connect_core::config::{ConfigErrors, Props};
use connect_core::plugin::PluginKind;
use connect_core::registry::PluginRegistry;
use regex::Regex;

use super::aliases::Alias;
use super::sink_rules;
use super::{
    CONNECTOR_CLASS, DLQ_HEADERS, DLQ_REPLICATION, DLQ_TOPIC, LOG_ERRORS, LOG_RECORDS, NAME,
    PREDICATES, RELOAD_ACTION, RETRY_DELAY_MAX, RETRY_TIMEOUT, TASKS_MAX, TASKS_MAX_ENFORCE,
    TOLERANCE, TOPICS, TOPICS_REGEX, TRANSFORMS, sink_definition, source_definition,
};
use crate::config::definition::{Values, invalid};
use crate::config::worker::millis;
use crate::identity::ConnectorName;

/// The worker's part of a connector's configuration.
#[derive(Clone, Debug)]
pub struct ConnectorSettings {
    /// Name of the connector.
    pub name: ConnectorName,
    /// Its class, as it was written.
    pub class: String,
    /// Most tasks that it may have.
    pub tasks_max: NonZeroU32,
    /// Whether it fails when it plans more.
    pub tasks_max_enforce: bool,
    /// Aliases of transformations, in order.
    pub transforms: Vec<String>,
    /// Aliases of predicates.
    pub predicates: Vec<String>,
    /// What follows when an externalised value expires.
    pub reload: ReloadAction,
    /// What follows when a record fails.
    pub errors: ErrorSettings,
    /// What a sink reads; `None` for sources.
    pub sink: Option<SinkSettings>,
}

/// What follows when an externalised value expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReloadAction {
    /// Nothing.
    None,
    /// The connector is restarted.
    Restart,
}

/// What follows when a record fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorSettings {
    /// How long a failed operation is tried again.
    pub retry: RetryBudget,
    /// Longest wait between two tries.
    pub retry_delay_max: Duration,
    /// Whether the record is skipped in the end.
    pub tolerance: Tolerance,
    /// Whether failures are logged.
    pub log: bool,
    /// Whether that log shows the records.
    pub log_records: bool,
}

/// How long a failed operation is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryBudget {
    /// Until the task stops.
    Unlimited,
    /// This long, from the first failure on.
    Limited(Duration),
}

/// Whether records that fail are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// The first one fails the task.
    None,
    /// They are.
    All,
}

/// What a sink reads, and where to its failed records go.
#[derive(Clone, Debug)]
pub struct SinkSettings {
    /// The topics.
    pub topics: TopicChoice,
    /// Where records go that fail.
    pub dlq: Option<DeadLetterQueue>,
}

/// The topics of a sink.
#[derive(Clone, Debug)]
pub enum TopicChoice {
    /// These.
    Names(Vec<String>),
    /// All whose whole name matches.
    Pattern(Regex),
}

/// A topic for records that fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterQueue {
    /// Name of the topic.
    pub topic: String,
    /// Replication factor with which it is created; -1 is the broker's default.
    pub replication: i16,
    /// Whether the records carry headers that tell what happened.
    pub context_headers: bool,
}

impl ConnectorSettings {
    /// Reads the configuration of a source or sink connector.
    ///
    /// # Errors
    /// The first mistake of every key; if there is none, what is wrong with keys together.
    pub fn parse(
        props: &Props,
        kind: PluginKind,
        plugins: &PluginRegistry,
    ) -> Result<Self, ConfigErrors> {
        let values = read(props, kind, plugins)?;
        let text = |key| values.text(key).unwrap_or_default().to_owned();
        let list = |key| values.list(key).unwrap_or_default().to_vec();
        Ok(Self {
            name: text(NAME).into(),
            class: text(CONNECTOR_CLASS),
            tasks_max: count(&values, TASKS_MAX),
            tasks_max_enforce: values.switch(TASKS_MAX_ENFORCE),
            transforms: list(TRANSFORMS),
            predicates: list(PREDICATES),
            reload: match values.text(RELOAD_ACTION) {
                Some("none") => ReloadAction::None,
                _ => ReloadAction::Restart,
            },
            errors: ErrorSettings::from_values(&values),
            sink: (kind != PluginKind::Source).then(|| SinkSettings::from_values(&values)),
        })
    }
}

/// Reads and checks every key.
fn read(props: &Props, kind: PluginKind, plugins: &PluginRegistry) -> Result<Values, ConfigErrors> {
    let mut definition = match kind {
        PluginKind::Source => source_definition(),
        PluginKind::Sink
        | PluginKind::Converter
        | PluginKind::Transform
        | PluginKind::Predicate
        | PluginKind::ConfigProvider
        | PluginKind::ClientConfigPolicy
        | PluginKind::RestExtension => sink_definition(),
    };
    let mut errors = ConfigErrors::default();
    for alias in Alias::all(props) {
        if let Some((key, message)) = alias.without_type(props) {
            errors.push(key, message);
            continue;
        }
        alias.define_for_use(props, plugins, &mut definition);
        let negates_nothing = alias.negates_nothing(props);
        let mistakes = alias.mistakes(props, plugins).into_iter();
        for (key, message) in mistakes.chain(negates_nothing) {
            errors.push(key, message);
        }
        if let Some(plugin) = alias.usable_plugin(props, plugins) {
            let config = alias.plugin_config(props);
            if let Err(found) = (plugin.config.check)(&config) {
                for (key, message) in alias.embed_errors(plugin, &config, &found) {
                    errors.push(key, message);
                }
            }
        }
    }
    let values = match definition.parse(props, plugins) {
        Ok(values) => values,
        Err(more) => {
            more.iter()
                .for_each(|(key, message)| errors.push(key, message));
            return Err(errors);
        }
    };
    if kind != PluginKind::Source {
        for (key, message) in sink_rules::mistakes(props) {
            let value = props.get(key).unwrap_or_default();
            errors.push(key, invalid(key, value, message));
        }
    }
    match errors.is_empty() {
        true => Ok(values),
        false => Err(errors),
    }
}

impl ErrorSettings {
    fn from_values(values: &Values) -> Self {
        Self {
            retry: match values.number(RETRY_TIMEOUT).unwrap_or_default() {
                -1 => RetryBudget::Unlimited,
                limit => RetryBudget::Limited(millis(limit)),
            },
            retry_delay_max: millis(values.number(RETRY_DELAY_MAX).unwrap_or_default()),
            tolerance: match values.text(TOLERANCE) {
                Some("all") => Tolerance::All,
                _ => Tolerance::None,
            },
            log: values.switch(LOG_ERRORS),
            log_records: values.switch(LOG_RECORDS),
        }
    }
}

impl SinkSettings {
    fn from_values(values: &Values) -> Self {
        let pattern = values.text(TOPICS_REGEX).filter(|it| !it.is_empty());
        let topics = match pattern.and_then(sink_rules::whole_match) {
            Some(pattern) => TopicChoice::Pattern(pattern),
            None => TopicChoice::Names(values.list(TOPICS).unwrap_or_default().to_vec()),
        };
        let dlq = values
            .text(DLQ_TOPIC)
            .filter(|it| !it.is_empty())
            .map(|topic| DeadLetterQueue {
                topic: topic.to_owned(),
                replication: values
                    .number(DLQ_REPLICATION)
                    .and_then(|it| i16::try_from(it).ok())
                    .unwrap_or(-1),
                context_headers: values.switch(DLQ_HEADERS),
            });
        Self { topics, dlq }
    }
}

fn count(values: &Values, key: &str) -> NonZeroU32 {
    let number = values.number(key).and_then(|it| u32::try_from(it).ok());
    number
        .and_then(NonZeroU32::new)
        .expect("the definition demands a positive INT")
}
