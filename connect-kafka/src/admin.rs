//! The admin client: the cluster, its topics and its groups.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

pub use model::{
    BrokerInfo, ClusterInfo, ConfigChange, ConfigEntry, ConfigSource, Each, Isolation, NewTopic,
    PartitionInfo, TopicCreation, TopicInfo,
};

use crate::{
    consumer::StartOffset,
    error::{ErrorKind, KafkaError, Result},
    librdkafka::{Client, Event, Kind, Listed, PartitionList, Request, ask},
    settings::{self, ClientSettings, Untranslated},
    statistics::StatisticsHandle,
    topic::{GroupOffset, TopicPartition},
};

mod model;

/// An admin client. All calls take a deadline, may run side by side, and are cancel-safe: a dropped future
/// does not take a request back that was sent.
///
/// When no broker can be reached, errors name `bootstrap.servers` and what the last connection said.
///
/// Not offered here: fencing of producers (create a transactional [`Producer`](crate::Producer) with the
/// id and call `init_transactions`), access control lists, quotas.
#[derive(Debug)]
pub struct Admin {
    client: Arc<Client>,
    untranslated: Vec<Untranslated>,
}

impl Admin {
    /// Creates an admin client. Connects in the background.
    ///
    /// Settings without effect are logged as warnings and kept in [`untranslated`](Self::untranslated).
    ///
    /// # Errors
    /// A setting with an invalid value, or one that contradicts another.
    pub fn new(settings: &ClientSettings) -> Result<Self> {
        let translated = settings::translate(settings, settings::ADMIN)?;
        settings::log_untranslated(&translated.client_id, &translated.untranslated);
        let client = Client::new(Kind::Admin, &translated, &StatisticsHandle::default())?;
        Ok(Self {
            client,
            untranslated: translated.untranslated,
        })
    }

    /// Whether a client can be made with these settings, as far as that shows without making one.
    ///
    /// # Errors
    /// A setting with an invalid value.
    pub fn check(settings: &ClientSettings) -> Result<()> {
        Client::check(&settings::translate(settings, settings::ADMIN)?)
    }

    /// Settings that were given and have no effect, or another one than asked for.
    #[must_use]
    pub fn untranslated(&self) -> &[Untranslated] {
        &self.untranslated
    }

    async fn ask<T>(
        &self,
        request: &Request<'_>,
        timeout: Duration,
        read: impl Fn(&Event) -> Result<T>,
    ) -> Result<T> {
        ask(&self.client, request, timeout, read).await
    }

    /// Id and brokers of the cluster.
    ///
    /// # Errors
    /// No broker answers in time.
    pub async fn describe_cluster(&self, timeout: Duration) -> Result<ClusterInfo> {
        self.ask(&Request::DescribeCluster, timeout, Event::cluster)
            .await
    }

    /// The named topics. Never creates them.
    ///
    /// # Errors
    /// No broker answers in time; per topic: it does not exist, or may not be seen.
    pub async fn describe_topics(
        &self,
        names: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, TopicInfo>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let topics = self
            .ask(&Request::DescribeTopics(names), timeout, |it| {
                settled(it.topics()?)
            })
            .await?;
        Ok(in_order(names, topics))
    }

    /// Creates topics.
    ///
    /// # Errors
    /// The controller does not answer in time; per topic: why it is refused.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
        timeout: Duration,
    ) -> Result<Each<String, TopicCreation>> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let created = self
            .ask(&Request::CreateTopics(topics), timeout, |it| {
                settled(it.created_topics()?)
            })
            .await?;
        Ok(created
            .into_iter()
            .map(|(name, outcome)| {
                let outcome = match outcome {
                    Ok(()) => Ok(TopicCreation::Created),
                    Err(error)
                        if error
                            .code()
                            .is_some_and(|it| it.name == "TOPIC_ALREADY_EXISTS") =>
                    {
                        Ok(TopicCreation::AlreadyExists)
                    }
                    Err(error) => Err(error.during(format_args!("cannot create topic {name}"))),
                };
                (name, outcome)
            })
            .collect())
    }

    /// Raises the number of partitions of topics to the given totals.
    ///
    /// # Errors
    /// The controller does not answer in time; per topic: why it is refused.
    pub async fn create_partitions(
        &self,
        totals: &[(&str, i32)],
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        if totals.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(&Request::CreatePartitions(totals), timeout, |it| {
            settled(it.created_partitions()?)
        })
        .await
    }

    /// Deletes topics.
    ///
    /// # Errors
    /// The controller does not answer in time; per topic: why it is refused.
    pub async fn delete_topics(
        &self,
        names: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(&Request::DeleteTopics(names), timeout, |it| {
            settled(it.deleted_topics()?)
        })
        .await
    }

    /// Settings of the named topics.
    ///
    /// # Errors
    /// No broker answers in time; per topic: it does not exist, or may not be seen.
    pub async fn describe_topic_configs(
        &self,
        names: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, BTreeMap<String, ConfigEntry>>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(&Request::DescribeTopicConfigs(names), timeout, |it| {
            settled(it.topic_configs()?)
        })
        .await
    }

    /// Changes settings of topics, leaving the others as they are.
    ///
    /// # Errors
    /// No broker answers in time; per topic: why it is refused.
    pub async fn alter_topic_configs(
        &self,
        changes: &BTreeMap<String, BTreeMap<String, ConfigChange>>,
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let changes: Vec<(&str, Vec<(&str, &ConfigChange)>)> = changes
            .iter()
            .map(|(topic, changes)| {
                (
                    topic.as_str(),
                    changes
                        .iter()
                        .map(|(key, change)| (key.as_str(), change))
                        .collect(),
                )
            })
            .collect();
        self.ask(&Request::AlterTopicConfigs(&changes), timeout, |it| {
            settled(it.altered_topics()?)
        })
        .await
    }

    /// First or last offsets of partitions.
    ///
    /// # Errors
    /// Not all leaders answer in time, or something else than an end of the partition is asked for; per partition: it
    /// does not exist, or may not be seen.
    pub async fn list_offsets(
        &self,
        partitions: &[(TopicPartition, StartOffset)],
        isolation: Isolation,
        timeout: Duration,
    ) -> Result<Each<TopicPartition, i64>> {
        list_offsets(&self.client, partitions, isolation, timeout).await
    }

    /// All offsets committed for a group; empty if the group does not exist.
    ///
    /// # Errors
    /// The coordinator does not answer in time, or the group may not be read.
    pub async fn group_offsets(&self, group: &str, timeout: Duration) -> Result<Vec<GroupOffset>> {
        let request = Request::GroupOffsets {
            group,
            partitions: None,
        };
        self.ask(&request, timeout, |reply| {
            committed(reply.group_partitions()?)
        })
        .await
    }

    /// Sets offsets of a group without members.
    ///
    /// # Errors
    /// The coordinator does not answer in time; per partition: why it is refused.
    pub async fn alter_group_offsets(
        &self,
        group: &str,
        offsets: &[GroupOffset],
        timeout: Duration,
    ) -> Result<Each<TopicPartition, ()>> {
        if offsets.is_empty() {
            return Ok(Vec::new());
        }
        let list = PartitionList::of_offsets(offsets)?;
        let request = Request::AlterGroupOffsets(group, &list);
        self.ask(&request, timeout, |it| {
            settled(outcomes(it.group_partitions()?))
        })
        .await
    }

    /// Forgets offsets of a group for partitions that no member reads.
    ///
    /// # Errors
    /// The coordinator does not answer in time; per partition: why it is refused.
    pub async fn delete_group_offsets(
        &self,
        group: &str,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Each<TopicPartition, ()>> {
        if partitions.is_empty() {
            return Ok(Vec::new());
        }
        let list = PartitionList::of(partitions)?;
        let request = Request::DeleteGroupOffsets(group, &list);
        self.ask(&request, timeout, |it| {
            settled(outcomes(it.group_partitions()?))
        })
        .await
    }

    /// Deletes groups without members, with their offsets.
    ///
    /// # Errors
    /// No broker answers in time; per group: it has members, or does not exist.
    pub async fn delete_groups(
        &self,
        groups: &[&str],
        timeout: Duration,
    ) -> Result<Each<String, ()>> {
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(&Request::DeleteGroups(groups), timeout, |it| {
            settled(it.deleted_groups()?)
        })
        .await
    }

    /// Ends the client, at most `timeout` later.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout): it ends later, in the background.
    pub async fn close(self, timeout: Duration) -> Result<()> {
        self.client.end(timeout).await
    }
}

/// Offsets of a group: partitions without one left out, the first error instead if there is any.
pub(crate) fn committed(partitions: Vec<Listed>) -> Result<Vec<GroupOffset>> {
    let mut offsets = Vec::with_capacity(partitions.len());
    for listed in partitions {
        if let Some(error) = listed.error {
            return Err(error.during(format_args!(
                "cannot read the offset of partition {}",
                listed.partition
            )));
        }
        if listed.offset >= 0 {
            offsets.push(GroupOffset {
                partition: listed.partition,
                offset: listed.offset,
                metadata: listed.metadata,
            });
        }
    }
    Ok(offsets)
}

/// All outcomes, unless one of them may be another one the next time.
fn settled<K, T>(each: Each<K, T>) -> Result<Each<K, T>> {
    let mut errors = each
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().err());
    match errors.find(|it| matches!(it.kind(), ErrorKind::Retriable | ErrorKind::Timeout)) {
        Some(error) => Err(error.clone()),
        None => Ok(each),
    }
}

fn outcomes(partitions: Vec<Listed>) -> Each<TopicPartition, ()> {
    partitions
        .into_iter()
        .map(|it| (it.partition, it.error.map_or(Ok(()), Err)))
        .collect()
}

/// First or last offsets of partitions, over the connections of any client.
async fn list_offsets(
    client: &Arc<Client>,
    partitions: &[(TopicPartition, StartOffset)],
    isolation: Isolation,
    timeout: Duration,
) -> Result<Each<TopicPartition, i64>> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let is_end = |it: &StartOffset| matches!(it, StartOffset::Earliest | StartOffset::Latest);
    if let Some((partition, _)) = partitions.iter().find(|(_, start)| !is_end(start)) {
        let text = format!("only the ends of partition {partition} can be looked up");
        return Err(KafkaError::new(ErrorKind::Refused, text));
    }
    let list = PartitionList::starting(
        partitions
            .iter()
            .map(|(partition, start)| (partition, *start)),
    )?;
    let request = Request::ListOffsets(&list, isolation);
    ask(client, &request, timeout, |reply| {
        let offsets = reply.offsets()?.into_iter();
        let each = offsets.map(|it| (it.partition, it.error.map_or(Ok(it.offset), Err)));
        settled(each.collect())
    })
    .await
}

/// Looks offsets up over the connections of a consumer, beside what it reads.
#[derive(Clone, Debug)]
pub struct OffsetLookup {
    client: Arc<Client>,
}

impl OffsetLookup {
    pub(crate) fn over(client: &Arc<Client>) -> Self {
        Self {
            client: Arc::clone(client),
        }
    }

    /// As [`Admin::list_offsets`].
    ///
    /// # Errors
    /// As there.
    pub async fn list_offsets(
        &self,
        partitions: &[(TopicPartition, StartOffset)],
        isolation: Isolation,
        timeout: Duration,
    ) -> Result<Each<TopicPartition, i64>> {
        list_offsets(&self.client, partitions, isolation, timeout).await
    }
}

/// Results in the order of asking; the engine sorts them by name.
fn in_order<V>(names: &[&str], mut results: Each<String, V>) -> Each<String, V> {
    results.sort_by_key(|(name, _)| names.iter().position(|it| it == name));
    results
}
