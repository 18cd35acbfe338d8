//! The internal topics are made if they are not there, and looked at if they are.

use std::collections::BTreeMap;
use std::time::Duration;

use connect_kafka::{Admin, ErrorKind, KafkaError, NewTopic, TopicCreation};
use tokio::time::{Instant, sleep};

use crate::config::worker::InternalTopic;

const LIMIT: Duration = Duration::from_secs(10);
/// How long partitions may take to be known everywhere.
const METADATA_LIMIT: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const CLEANUP_POLICY: &str = "cleanup.policy";
const COMPACT: &str = "compact";

/// Makes an internal topic, or checks the one that is there.
///
/// # Errors
/// When it cannot be made within `limit`, or would lose what it is for.
pub async fn ensure(
    admin: &Admin,
    topic: &InternalTopic,
    limit: Duration,
    pause: Duration,
) -> Result<(), KafkaError> {
    let creation = create(admin, topic, limit, pause).await?;
    if creation != Some(TopicCreation::Created) {
        check_policy(admin, topic).await?;
    }
    let partitions = await_partitions(admin, topic).await?;
    if topic.key == "config.storage.topic" && partitions != 1 {
        return Err(KafkaError::new(
            ErrorKind::Refused,
            format!(
                "Topic '{}' supplied via the '{}' property is required to have a single partition in \
                 order to guarantee consistency of connector configurations, but found {partitions} \
                 partitions.",
                topic.name, topic.key
            ),
        ));
    }
    Ok(())
}

/// `None` where nobody lets the worker make topics: then it is hoped that they are there.
async fn create(
    admin: &Admin,
    topic: &InternalTopic,
    limit: Duration,
    pause: Duration,
) -> Result<Option<TopicCreation>, KafkaError> {
    let deadline = Instant::now() + limit;
    let mut configs: BTreeMap<String, String> = topic.configs.iter().cloned().collect();
    configs.insert(CLEANUP_POLICY.to_owned(), COMPACT.to_owned());
    let wanted = [NewTopic {
        name: topic.name.clone(),
        partitions: (topic.partitions > 0).then_some(topic.partitions),
        replication: (topic.replication > 0).then_some(topic.replication),
        configs,
    }];
    loop {
        let created = admin.create_topics(&wanted, LIMIT).await;
        let created = created.and_then(|mut it| match it.pop() {
            Some((_, outcome)) => outcome,
            None => Ok(TopicCreation::AlreadyExists),
        });
        match created {
            Ok(creation) => return Ok(Some(creation)),
            Err(error) if is_not_allowed(&error) => {
                tracing::warn!(%error, topic = topic.name, "the topic is expected to be there");
                return Ok(None);
            }
            Err(error) if may_pass(&error) && Instant::now() < deadline => {
                tracing::info!(%error, topic = topic.name, "the topic cannot be created yet");
                sleep(pause.max(FIRST_PAUSE)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn code(error: &KafkaError) -> &'static str {
    error.code().map_or("", |it| it.name)
}

fn is_not_allowed(error: &KafkaError) -> bool {
    error.kind() == ErrorKind::Authorization || code(error) == "UNSUPPORTED_VERSION"
}

/// Brokers that are still to come may make up the number of copies.
fn may_pass(error: &KafkaError) -> bool {
    error.is_retriable() || code(error) == "INVALID_REPLICATION_FACTOR"
}

async fn check_policy(admin: &Admin, topic: &InternalTopic) -> Result<(), KafkaError> {
    let described = admin.describe_topic_configs(&[&topic.name], LIMIT).await;
    let described = described.and_then(|mut it| match it.pop() {
        Some((_, configs)) => configs,
        None => Ok(BTreeMap::new()),
    });
    let policy = match described {
        Ok(configs) => configs.get(CLEANUP_POLICY).and_then(|it| it.value.clone()),
        Err(error) => {
            tracing::warn!(%error, topic = topic.name, "cannot see whether the topic is compacted");
            None
        }
    };
    let Some(policy) = policy else {
        return Ok(());
    };
    if policy.trim().eq_ignore_ascii_case(COMPACT) {
        return Ok(());
    }
    let InternalTopic {
        name, key, content, ..
    } = topic;
    Err(KafkaError::new(
        ErrorKind::Refused,
        format!(
            "Topic '{name}' supplied via the '{key}' property is required to have \
             'cleanup.policy=compact' to guarantee consistency and durability of {content}, but found \
             the topic currently has 'cleanup.policy={policy}'. Continuing would likely result in \
             eventually losing {content} and problems restarting this Connect cluster in the future. \
             Change the '{key}' property in the Connect worker configurations to use a topic with \
             'cleanup.policy=compact'."
        ),
    ))
}

/// Waits until brokers know the partitions of a topic: how many there are.
async fn await_partitions(admin: &Admin, topic: &InternalTopic) -> Result<usize, KafkaError> {
    let deadline = Instant::now() + METADATA_LIMIT;
    let mut pause = FIRST_PAUSE;
    loop {
        let described = admin.describe_topics(&[&topic.name], LIMIT).await;
        let described = described.and_then(|mut it| match it.pop() {
            Some((_, info)) => info,
            None => Err(KafkaError::new(ErrorKind::UnknownTopic, "not described")),
        });
        match described {
            Ok(info) if !info.partitions.is_empty() => return Ok(info.partitions.len()),
            Err(error) if !error.is_retriable() || Instant::now() >= deadline => return Err(error),
            Ok(_) | Err(_) => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
