//! Offsets of sinks: those of their consumer group.

use std::time::Duration;

use connect_core::config::Props;
use connect_core::data::{Map, Value, java_text};
use connect_core::offset::OffsetMap;
use connect_core::plugin::AlterSinkOffsetsFn;
use connect_core::sink::SinkOffsetChanges;
use connect_kafka::{Admin, ErrorKind, GroupOffset, KafkaError, TopicPartition};
use indexmap::IndexMap;

use super::{Connector, ConnectorOffset, OffsetChange, OffsetsChanged};
use crate::config::worker::Client;
use crate::herder::HerderError;
use crate::identity::{ConnectorName, TaskId};
use crate::worker::Worker;

const TOPIC: &str = "kafka_topic";
const PARTITION: &str = "kafka_partition";
const OFFSET: &str = "kafka_offset";

/// Longest wait for one answer of the brokers; a request needs two of them at most.
const LIMIT: Duration = Duration::from_secs(30);
/// Nothing is lost when the client ends later.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// A consumer group, and whom to ask about it.
struct Group<'a> {
    connector: &'a ConnectorName,
    id: String,
    admin: Admin,
}

/// What a request says of each topic partition: its new offset, or that it has none any more.
type Offsets = IndexMap<TopicPartition, Option<i64>>;

pub(super) async fn read(
    worker: &Worker,
    name: &ConnectorName,
    config: &Props,
) -> Result<Vec<ConnectorOffset>, HerderError> {
    let failed = |error: KafkaError| {
        failure(
            format!("Failed to retrieve consumer group offsets for sink connector {name}"),
            &error,
        )
    };
    let group = Group::open(worker, name, config)?.map_err(failed)?;
    let offsets = group.admin.group_offsets(&group.id, LIMIT).await;
    group.close().await;
    let mut offsets = offsets.map_err(failed)?;
    offsets.sort_by(|a, b| {
        let key = |it: &GroupOffset| (it.partition.topic.clone(), it.partition.partition);
        key(a).cmp(&key(b))
    });
    Ok(offsets.iter().map(shown).collect())
}

fn shown(stored: &GroupOffset) -> ConnectorOffset {
    let TopicPartition { topic, partition } = &stored.partition;
    let partition = OffsetMap::new()
        .with(TOPIC, topic.as_str())
        .with(PARTITION, i64::from(*partition));
    ConnectorOffset {
        partition,
        offset: OffsetMap::new().with(OFFSET, stored.offset),
    }
}

pub(super) async fn change(
    connector: &Connector<'_>,
    ask: AlterSinkOffsetsFn,
    change: OffsetChange,
) -> Result<OffsetsChanged, HerderError> {
    let altered = match change {
        OffsetChange::Reset => None,
        OffsetChange::Alter(offsets) => Some(parsed(&offsets).map_err(HerderError::BadRequest)?),
    };
    let Connector {
        worker,
        name,
        config,
    } = *connector;
    let group = Group::open(worker, name, config)?.map_err(|error| {
        let text = format!("Failed to modify offsets for sink connector {name}");
        failure(text, &error)
    })?;
    let changed = async {
        let changes = match &altered {
            Some(offsets) => offsets.iter().map(asked).collect(),
            None => group.forgotten().await?,
        };
        let question = ask(config.clone(), changes);
        let said = connector.ask("sink", question).await?;
        match &altered {
            Some(offsets) => group.alter(offsets).await?,
            None => group.delete().await?,
        }
        Ok(said)
    };
    let changed = changed.await;
    group.close().await;
    changed
}

fn asked(
    (partition, offset): (&TopicPartition, &Option<i64>),
) -> (connect_core::sink::TopicPartition, Option<i64>) {
    let partition = connect_core::sink::TopicPartition {
        topic: partition.topic.as_str().into(),
        partition: partition.partition,
    };
    (partition, *offset)
}

impl<'a> Group<'a> {
    /// # Errors
    /// When the policy of the worker refuses the connector's overrides; inside, when a setting is wrong.
    fn open(
        worker: &Worker,
        connector: &'a ConnectorName,
        config: &Props,
    ) -> Result<Result<Self, KafkaError>, HerderError> {
        let settings = |client| {
            let settings = worker.parts.config.client_settings(client, config);
            settings.map_err(|refused| HerderError::Failed(refused.to_string()))
        };
        let task = TaskId {
            connector: connector.clone(),
            task: 0,
        };
        let consumer = settings(Client::TaskConsumer(&task))?;
        let id = consumer.get("group.id").unwrap_or_default().to_owned();
        let admin = Admin::new(&settings(Client::WorkerAdmin(connector))?);
        Ok(admin.map(|admin| Self {
            connector,
            id,
            admin,
        }))
    }

    async fn close(self) {
        let _ = self.admin.close(CLOSE_LIMIT).await;
    }

    /// All partitions with an offset, which is to be forgotten.
    async fn forgotten(&self) -> Result<SinkOffsetChanges, HerderError> {
        let listed = self.admin.group_offsets(&self.id, LIMIT).await;
        let listed = listed.map_err(|error| {
            let text = "Failed to list offsets prior to resetting offsets for sink connector";
            failure(format!("{text} {}", self.connector), &error)
        })?;
        Ok(listed
            .iter()
            .map(|it| asked((&it.partition, &None)))
            .collect())
    }

    /// Forgets the group and all its offsets.
    async fn delete(&self) -> Result<(), HerderError> {
        let name = self.connector;
        let deleted = self.admin.delete_groups(&[&self.id], LIMIT).await;
        match deleted.and_then(|outcomes| outcomes.into_iter().try_for_each(|(_, it)| it)) {
            Ok(()) => Ok(()),
            Err(error) if is_named(&error, "GROUP_ID_NOT_FOUND") => Ok(()),
            Err(error) if is_named(&error, "NON_EMPTY_GROUP") => {
                Err(failure(still_in_use("reset", name), &error))
            }
            Err(error) => {
                let text = "Failed to reset consumer group offsets for sink connector";
                Err(failure(format!("{text} {name}"), &error))
            }
        }
    }

    /// Sets offsets, and forgets those that are to have none.
    async fn alter(&self, offsets: &Offsets) -> Result<(), HerderError> {
        let name = self.connector;
        if offsets.values().flatten().any(|offset| *offset < 0) {
            let text = format!("Failed to modify offsets for sink connector {name}");
            return Err(HerderError::Failed(text));
        }
        let outcome = async {
            let set = offsets.iter().filter_map(|(partition, offset)| {
                Some(GroupOffset {
                    partition: partition.clone(),
                    offset: (*offset)?,
                    metadata: String::new(),
                })
            });
            let set: Vec<_> = set.collect();
            let outcomes = self
                .admin
                .alter_group_offsets(&self.id, &set, LIMIT)
                .await?;
            outcomes.into_iter().try_for_each(|(_, outcome)| outcome)?;
            let forgotten = offsets.iter().filter(|(_, offset)| offset.is_none());
            let forgotten: Vec<_> = forgotten.map(|(partition, _)| partition.clone()).collect();
            let outcomes = self
                .admin
                .delete_group_offsets(&self.id, &forgotten, LIMIT)
                .await?;
            outcomes.into_iter().try_for_each(|(_, outcome)| outcome)
        };
        outcome.await.map_err(|error| match error.kind() {
            ErrorKind::Group if !is_named(&error, "GROUP_ID_NOT_FOUND") => {
                failure(still_in_use("alter", name), &error)
            }
            _ => failure(
                format!("Failed to alter consumer group offsets for connector {name}"),
                &error,
            ),
        })
    }
}

fn is_named(error: &KafkaError, name: &str) -> bool {
    error.code().is_some_and(|it| it.name == name)
}

/// What the client is told; the log says why.
fn failure(text: String, error: &KafkaError) -> HerderError {
    tracing::error!(%error, "{text}");
    HerderError::Failed(text)
}

fn still_in_use(verb: &str, name: &ConnectorName) -> String {
    format!(
        "Failed to {verb} consumer group offsets for connector {name} either because its tasks \
         haven't stopped completely yet or the connector was resumed before the request to {verb} \
         its offsets could be successfully completed. If the connector is in a stopped state, this \
         operation can be safely retried. If it doesn't eventually succeed, the Connect cluster \
         may need to be restarted to get rid of the zombie sink tasks."
    )
}

fn parsed(offsets: &[(Value, Value)]) -> Result<Offsets, String> {
    let mut parsed = Offsets::new();
    for (partition, offset) in offsets {
        parsed.insert(topic_partition(partition)?, offset_number(offset)?);
    }
    Ok(parsed)
}

fn topic_partition(partition: &Value) -> Result<TopicPartition, String> {
    let Value::Map(partition) = partition else {
        return Err(
            "The partition for a sink connector offset cannot be null or missing".to_owned(),
        );
    };
    let (Some(topic), Some(number)) = (field(partition, TOPIC), field(partition, PARTITION)) else {
        return Err(format!(
            "The partition for a sink connector offset must contain the keys '{TOPIC}' and \
             '{PARTITION}'"
        ));
    };
    if topic.is_null() {
        return Err("Kafka topic names must be valid strings and may not be null".to_owned());
    }
    if number.is_null() {
        return Err("Kafka partitions must be valid numbers and may not be null".to_owned());
    }
    let number = text(number);
    let partition = number.parse().map_err(|_| {
        format!(
            "Failed to parse the following Kafka partition value in the provided offsets: \
             '{number}'. Partition values for sink connectors need to be integers."
        )
    })?;
    Ok(TopicPartition::new(text(topic), partition))
}

fn offset_number(offset: &Value) -> Result<Option<i64>, String> {
    let Value::Map(offset) = offset else {
        return Ok(None);
    };
    let Some(number) = field(offset, OFFSET) else {
        return Err(format!(
            "The offset for a sink connector should either be null or contain the key '{OFFSET}'"
        ));
    };
    let number = text(number);
    number.parse().map(Some).map_err(|_| {
        format!(
            "Failed to parse the following Kafka offset value in the provided offsets: \
             '{number}'. Offset values for sink connectors need to be integers."
        )
    })
}

fn field<'a>(map: &'a Map, name: &str) -> Option<&'a Value> {
    let is_named = |key: &Value| matches!(key, Value::String(key) if key.as_str() == name);
    let mut fields = map.iter();
    fields.find_map(|(key, value)| is_named(key).then_some(value))
}

/// A value as Java writes it.
fn text(value: &Value) -> String {
    let mut text = String::new();
    // Memory takes every text.
    let _ = java_text::write_value(&mut text, value);
    text
}

#[cfg(test)]
mod tests;
