//! Creation of topics before a source writes to them.

use std::collections::HashSet;
use std::time::Duration;

use connect_core::config::Props;
use connect_core::data::Topic;
use connect_core::{ConnectError, Result};
use connect_kafka::{Admin, ClientSettings, KafkaError, NewTopic, TopicCreation};

use super::{Worker, client_error};
use crate::config::connector::topic_creation::{NewTopicSettings, TopicRules};
use crate::config::worker::Client;
use crate::identity::TaskId;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Creates the topics of one source task, by the rules of its connector.
pub(crate) struct TopicCreator {
    client: ClientSettings,
    /// There while topics are looked for.
    admin: Option<Admin>,
    rules: TopicRules,
    /// Topics that exist.
    known: HashSet<Topic>,
}

impl TopicCreator {
    /// `None` when topics are left to the brokers: the worker forbids it or there are no rules.
    ///
    /// # Errors
    /// When the rules or the settings of the client are wrong.
    pub(crate) fn new(worker: &Worker, id: &TaskId, connector: &Props) -> Result<Option<Self>> {
        let config = &worker.parts.config;
        if !config.topic_creation {
            return Ok(None);
        }
        let Some(rules) = TopicRules::parse(connector)? else {
            return Ok(None);
        };
        let client = worker.client_settings(Client::TaskAdmin(id), connector)?;
        Admin::check(&client).map_err(cannot_connect)?;
        Ok(Some(Self {
            client,
            admin: None,
            rules,
            known: HashSet::new(),
        }))
    }

    /// Whether a topic was found or created before.
    pub(crate) fn knows(&self, topic: &Topic) -> bool {
        self.known.contains(topic)
    }

    /// Makes sure that a topic exists.
    ///
    /// # Errors
    /// When it does not and cannot be created; retriable while the brokers cannot be reached.
    pub(crate) async fn ensure(&mut self, topic: &Topic) -> Result<()> {
        let settings = self.rules.for_topic(topic);
        let admin = match &mut self.admin {
            Some(admin) => admin,
            none => none.insert(Admin::new(&self.client).map_err(cannot_connect)?),
        };
        let created = create_if_missing(admin, new_topic(topic, settings)).await;
        match created {
            Ok(()) => {
                self.known.insert(topic.clone());
                Ok(())
            }
            Err(error) => Err(explain(topic, settings, error)),
        }
    }

    /// Gives up the client until there are other topics.
    pub(crate) fn rest(&mut self) {
        self.admin = None;
    }
}

impl std::fmt::Debug for TopicCreator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TopicCreator")
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

/// Creates a topic unless it exists.
pub(crate) async fn create_if_missing(admin: &Admin, topic: NewTopic) -> Result<(), KafkaError> {
    let described = admin.describe_topics(&[&topic.name], TIMEOUT).await?;
    if described.iter().any(|(_, found)| found.is_ok()) {
        return Ok(());
    }
    let name = topic.name.clone();
    for (_, outcome) in admin.create_topics(&[topic], TIMEOUT).await? {
        match outcome? {
            TopicCreation::Created => tracing::info!(topic = name, "topic created"),
            TopicCreation::AlreadyExists => {}
        }
    }
    Ok(())
}

fn cannot_connect(error: KafkaError) -> ConnectError {
    client_error("cannot create the client that creates topics", error)
}

fn new_topic(name: &Topic, settings: &NewTopicSettings) -> NewTopic {
    NewTopic {
        name: name.as_str().to_owned(),
        partitions: (settings.partitions > 0).then_some(settings.partitions),
        replication: (settings.replication > 0).then_some(settings.replication),
        configs: settings.config.iter().cloned().collect(),
    }
}

/// The error in the reference's words.
fn explain(topic: &Topic, settings: &NewTopicSettings, error: KafkaError) -> ConnectError {
    let NewTopicSettings {
        partitions,
        replication,
        config,
    } = settings;
    let configs: Vec<String> = config
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let configs = configs.join(", ");
    client_error(
        format_args!(
            "Task failed to create new topic (name={topic}, numPartitions={partitions}, \
             replicationFactor={replication}, replicasAssignments=null, configs={{{configs}}}). \
             Ensure that the task is authorized to create topics or that the topic exists and \
             restart the task"
        ),
        error,
    )
}
