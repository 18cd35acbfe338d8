//! Replies to requests of the admin client, copied out of the library.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::bindings as sys;

use super::{
    client::Client,
    errors::error_of,
    foreign,
    partitions::{Listed, PartitionList},
    queue::Event,
    text::text,
    transactions::millis,
};
use crate::{
    admin::{BrokerInfo, ClusterInfo, ConfigEntry, ConfigSource, Each, PartitionInfo, TopicInfo},
    error::{ErrorKind, KafkaError, Result},
};

impl Event {
    /// Reply to [`Request::DescribeCluster`](super::Request::DescribeCluster).
    pub(crate) fn cluster(&self) -> Result<ClusterInfo> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_DescribeCluster_result(self.raw()))?;
            let mut brokers: Vec<BrokerInfo> =
                list(|count| sys::rd_kafka_DescribeCluster_result_nodes(result, count))
                    .iter()
                    .map(|node| broker(*node))
                    .collect();
            brokers.sort_by_key(|broker| broker.id);
            let id = text(sys::rd_kafka_DescribeCluster_result_cluster_id(result)).into_owned();
            let controller = sys::rd_kafka_DescribeCluster_result_controller(result);
            Ok(ClusterInfo {
                id: (!id.is_empty()).then_some(id),
                controller: node_id(controller),
                brokers,
            })
        }
    }

    /// Reply to [`Request::DescribeTopics`](super::Request::DescribeTopics).
    pub(crate) fn topics(&self) -> Result<Each<String, TopicInfo>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_DescribeTopics_result(self.raw()))?;
            let topics = list(|count| sys::rd_kafka_DescribeTopics_result_topics(result, count));
            Ok(topics.iter().map(|topic| described_topic(*topic)).collect())
        }
    }

    /// Reply to [`Request::CreateTopics`](super::Request::CreateTopics).
    pub(crate) fn created_topics(&self) -> Result<Each<String, ()>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_CreateTopics_result(self.raw()))?;
            Ok(topic_results(list(|count| {
                sys::rd_kafka_CreateTopics_result_topics(result, count)
            })))
        }
    }

    /// Reply to [`Request::CreatePartitions`](super::Request::CreatePartitions).
    pub(crate) fn created_partitions(&self) -> Result<Each<String, ()>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_CreatePartitions_result(self.raw()))?;
            Ok(topic_results(list(|count| {
                sys::rd_kafka_CreatePartitions_result_topics(result, count)
            })))
        }
    }

    /// Reply to [`Request::DeleteTopics`](super::Request::DeleteTopics).
    pub(crate) fn deleted_topics(&self) -> Result<Each<String, ()>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_DeleteTopics_result(self.raw()))?;
            Ok(topic_results(list(|count| {
                sys::rd_kafka_DeleteTopics_result_topics(result, count)
            })))
        }
    }

    /// Reply to [`Request::DescribeTopicConfigs`](super::Request::DescribeTopicConfigs).
    pub(crate) fn topic_configs(&self) -> Result<Each<String, BTreeMap<String, ConfigEntry>>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_DescribeConfigs_result(self.raw()))?;
            let resources =
                list(|count| sys::rd_kafka_DescribeConfigs_result_resources(result, count));
            Ok(resources
                .iter()
                .map(|resource| (resource_name(*resource), configs(*resource)))
                .collect())
        }
    }

    /// Reply to [`Request::AlterTopicConfigs`](super::Request::AlterTopicConfigs).
    pub(crate) fn altered_topics(&self) -> Result<Each<String, ()>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_IncrementalAlterConfigs_result(
                self.raw(),
            ))?;
            let resources =
                list(|count| sys::rd_kafka_IncrementalAlterConfigs_result_resources(result, count));
            Ok(resources
                .iter()
                .map(|resource| (resource_name(*resource), resource_error(*resource)))
                .collect())
        }
    }

    /// Reply to [`Request::ListOffsets`](super::Request::ListOffsets).
    pub(crate) fn offsets(&self) -> Result<Vec<Listed>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_ListOffsets_result(self.raw()))?;
            let infos = list(|count| sys::rd_kafka_ListOffsets_result_infos(result, count));
            let partitions = infos.iter().map(|info| {
                let element = sys::rd_kafka_ListOffsetsResultInfo_topic_partition(*info);
                answered(PartitionList::read_element(element))
            });
            Ok(partitions.collect())
        }
    }

    /// Reply to the requests about offsets of one group: its partitions.
    pub(crate) fn group_partitions(&self) -> Result<Vec<Listed>> {
        // SAFETY: the event is alive and keeps the result; it is asked for as what it is, and copied.
        unsafe {
            let groups = match sys::rd_kafka_event_type(self.raw()) {
                sys::RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT => {
                    let result = reply(sys::rd_kafka_event_ListConsumerGroupOffsets_result(
                        self.raw(),
                    ))?;
                    list(|count| {
                        sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, count)
                    })
                }
                sys::RD_KAFKA_EVENT_ALTERCONSUMERGROUPOFFSETS_RESULT => {
                    let result = reply(sys::rd_kafka_event_AlterConsumerGroupOffsets_result(
                        self.raw(),
                    ))?;
                    list(|count| {
                        sys::rd_kafka_AlterConsumerGroupOffsets_result_groups(result, count)
                    })
                }
                _ => {
                    let result = reply(sys::rd_kafka_event_DeleteConsumerGroupOffsets_result(
                        self.raw(),
                    ))?;
                    list(|count| {
                        sys::rd_kafka_DeleteConsumerGroupOffsets_result_groups(result, count)
                    })
                }
            };
            let mut partitions = Vec::new();
            for group in groups {
                borrowed_error(sys::rd_kafka_group_result_error(*group))?;
                partitions.extend(PartitionList::read(sys::rd_kafka_group_result_partitions(
                    *group,
                )));
            }
            Ok(partitions)
        }
    }

    /// Reply to [`Request::DeleteGroups`](super::Request::DeleteGroups).
    pub(crate) fn deleted_groups(&self) -> Result<Each<String, ()>> {
        // SAFETY: the event is alive and keeps the result; what is read from it is copied.
        unsafe {
            let result = reply(sys::rd_kafka_event_DeleteGroups_result(self.raw()))?;
            let groups = list(|count| sys::rd_kafka_DeleteGroups_result_groups(result, count));
            Ok(groups
                .iter()
                .map(|group| {
                    let name = text(sys::rd_kafka_group_result_name(*group)).into_owned();
                    (
                        name,
                        borrowed_error(sys::rd_kafka_group_result_error(*group)),
                    )
                })
                .collect())
        }
    }
}

impl Client {
    /// Blocks until a broker has told all its topics, at most `timeout`.
    pub(crate) fn all_topics(&self, timeout: Duration) -> Result<Vec<TopicInfo>> {
        let mut raw = std::ptr::null();
        // SAFETY: the client is alive, `raw` may be written to, and what it points to is ours.
        let code = unsafe {
            foreign::rd_kafka_metadata(
                self.raw(),
                1,
                std::ptr::null_mut(),
                &raw mut raw,
                millis(timeout),
            )
        };
        if let Some(error) = error_of(code, None) {
            return Err(self.explain(error, "cannot list topics", timeout));
        }
        // SAFETY: the library filled the structure: arrays are as long as stated, names are zero-terminated. It is
        // destroyed once, after all has been copied.
        unsafe {
            let metadata = &*raw;
            let topics = foreign::elements(metadata.topics, metadata.topic_cnt);
            let mut topics: Vec<TopicInfo> = topics.map(|topic| listed_topic(topic)).collect();
            sys::rd_kafka_metadata_destroy(raw);
            topics.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(topics)
        }
    }
}

/// A partition whose leader was asked for an offset. The library says nothing of an answer that was lost on its way,
/// and leaves the partition without an offset.
fn answered(listed: Listed) -> Listed {
    let is_lost = listed.offset == i64::from(sys::RD_KAFKA_OFFSET_INVALID);
    match listed.error {
        None if is_lost => Listed {
            error: Some(KafkaError::new(
                ErrorKind::Retriable,
                "the leader of the partition did not answer",
            )),
            ..listed
        },
        _ => listed,
    }
}

/// The result inside an event, which is there if the event is of the expected kind.
fn reply<T>(result: *const T) -> Result<*const T> {
    match result.is_null() {
        true => Err(KafkaError::new(
            ErrorKind::Fatal,
            "the reply does not fit the request",
        )),
        false => Ok(result),
    }
}

/// An array that the library returns with its length.
///
/// # Safety
/// `read` writes the length of the array it returns, which lives for `'a`.
unsafe fn list<'a, T>(read: impl FnOnce(*mut usize) -> *mut *const T) -> &'a [*const T] {
    let mut count = 0;
    let items = read(&raw mut count);
    match items.is_null() {
        true => &[],
        // SAFETY: not null, and the caller vouches for the rest.
        false => unsafe { std::slice::from_raw_parts(items, count) },
    }
}

/// # Safety
/// `error` is null or an error object that lives during the call.
unsafe fn borrowed_error(error: *const sys::rd_kafka_error_t) -> Result<()> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: not null, and alive as the caller vouches.
    let found = unsafe {
        error_of(
            foreign::rd_kafka_error_code(error),
            Some(&text(sys::rd_kafka_error_string(error))),
        )
    };
    found.map_or(Ok(()), Err)
}

/// # Safety
/// `results` are alive.
unsafe fn topic_results(results: &[*const sys::rd_kafka_topic_result_t]) -> Each<String, ()> {
    results
        .iter()
        .map(|result| {
            // SAFETY: as the caller vouches.
            unsafe {
                let name = text(sys::rd_kafka_topic_result_name(*result)).into_owned();
                let code = foreign::rd_kafka_topic_result_error(*result);
                let detail = text(sys::rd_kafka_topic_result_error_string(*result));
                (name, error_of(code, Some(&detail)).map_or(Ok(()), Err))
            }
        })
        .collect()
}

/// # Safety
/// `topic` is alive.
unsafe fn described_topic(
    topic: *const sys::rd_kafka_TopicDescription_t,
) -> (String, Result<TopicInfo>) {
    // SAFETY: as the caller vouches; nodes and lists live as long as the topic.
    unsafe {
        let name = text(sys::rd_kafka_TopicDescription_name(topic)).into_owned();
        if let Err(error) = borrowed_error(sys::rd_kafka_TopicDescription_error(topic)) {
            return (name, Err(error));
        }
        let ids = |nodes: &[*const sys::rd_kafka_Node_t]| {
            nodes.iter().filter_map(|node| node_id(*node)).collect()
        };
        let mut partitions: Vec<PartitionInfo> =
            list(|count| sys::rd_kafka_TopicDescription_partitions(topic, count))
                .iter()
                .map(|it| PartitionInfo {
                    partition: sys::rd_kafka_TopicPartitionInfo_partition(*it),
                    leader: node_id(sys::rd_kafka_TopicPartitionInfo_leader(*it)),
                    replicas: ids(list(|count| {
                        sys::rd_kafka_TopicPartitionInfo_replicas(*it, count)
                    })),
                    in_sync: ids(list(|count| {
                        sys::rd_kafka_TopicPartitionInfo_isr(*it, count)
                    })),
                })
                .collect();
        partitions.sort_by_key(|it| it.partition);
        (name.clone(), Ok(TopicInfo { name, partitions }))
    }
}

/// # Safety
/// `topic` was filled by the library and is alive.
unsafe fn listed_topic(topic: *const sys::rd_kafka_metadata_topic) -> TopicInfo {
    // SAFETY: arrays are as long as stated, the name is zero-terminated.
    unsafe {
        let partitions = foreign::elements((*topic).partitions, (*topic).partition_cnt);
        let mut partitions: Vec<PartitionInfo> =
            partitions.map(|it| listed_partition(it)).collect();
        partitions.sort_by_key(|it| it.partition);
        TopicInfo {
            name: text((*topic).topic).into_owned(),
            partitions,
        }
    }
}

/// # Safety
/// `partition` was filled by the library and is alive.
unsafe fn listed_partition(partition: *const sys::rd_kafka_metadata_partition) -> PartitionInfo {
    // SAFETY: arrays are as long as stated.
    unsafe {
        let leader = (*partition).leader;
        let replicas = foreign::elements((*partition).replicas, (*partition).replica_cnt);
        let in_sync = foreign::elements((*partition).isrs, (*partition).isr_cnt);
        PartitionInfo {
            partition: (*partition).id,
            leader: (leader >= 0).then_some(leader),
            replicas: replicas.map(|it| *it).collect(),
            in_sync: in_sync.map(|it| *it).collect(),
        }
    }
}

/// # Safety
/// `node` is null or alive.
unsafe fn node_id(node: *const sys::rd_kafka_Node_t) -> Option<i32> {
    if node.is_null() {
        return None;
    }
    // SAFETY: not null, and alive as the caller vouches.
    let id = unsafe { sys::rd_kafka_Node_id(node) };
    (id >= 0).then_some(id)
}

/// # Safety
/// `node` is alive.
unsafe fn broker(node: *const sys::rd_kafka_Node_t) -> BrokerInfo {
    // SAFETY: as the caller vouches.
    unsafe {
        let rack = text(sys::rd_kafka_Node_rack(node)).into_owned();
        BrokerInfo {
            id: sys::rd_kafka_Node_id(node),
            host: text(sys::rd_kafka_Node_host(node)).into_owned(),
            port: sys::rd_kafka_Node_port(node),
            rack: (!rack.is_empty()).then_some(rack),
        }
    }
}

/// # Safety
/// `resource` is alive.
unsafe fn resource_name(resource: *const sys::rd_kafka_ConfigResource_t) -> String {
    // SAFETY: as the caller vouches.
    unsafe { text(sys::rd_kafka_ConfigResource_name(resource)) }.into_owned()
}

/// # Safety
/// `resource` is alive.
unsafe fn resource_error(resource: *const sys::rd_kafka_ConfigResource_t) -> Result<()> {
    // SAFETY: as the caller vouches.
    let found = unsafe {
        let code = foreign::rd_kafka_ConfigResource_error(resource);
        error_of(
            code,
            Some(&text(sys::rd_kafka_ConfigResource_error_string(resource))),
        )
    };
    found.map_or(Ok(()), Err)
}

/// # Safety
/// `resource` is alive.
unsafe fn configs(
    resource: *const sys::rd_kafka_ConfigResource_t,
) -> Result<BTreeMap<String, ConfigEntry>> {
    // SAFETY: as the caller vouches; entries live as long as the resource.
    unsafe {
        resource_error(resource)?;
        let entries = list(|count| sys::rd_kafka_ConfigResource_configs(resource, count));
        let entries = entries.iter().map(|entry| {
            let value = sys::rd_kafka_ConfigEntry_value(*entry);
            let source = config_source(foreign::rd_kafka_ConfigEntry_source(*entry));
            let entry_value = ConfigEntry {
                value: (!value.is_null()).then(|| text(value).into_owned()),
                source,
                is_read_only: sys::rd_kafka_ConfigEntry_is_read_only(*entry) != 0,
                is_sensitive: sys::rd_kafka_ConfigEntry_is_sensitive(*entry) != 0,
            };
            (
                text(sys::rd_kafka_ConfigEntry_name(*entry)).into_owned(),
                entry_value,
            )
        });
        Ok(entries.collect())
    }
}

fn config_source(number: i32) -> ConfigSource {
    use sys::rd_kafka_ConfigSource_t as Source;

    const KNOWN: [(Source, ConfigSource); 5] = [
        (
            Source::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG,
            ConfigSource::Topic,
        ),
        (
            Source::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG,
            ConfigSource::DynamicBroker,
        ),
        (
            Source::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG,
            ConfigSource::DynamicDefaultBroker,
        ),
        (
            Source::RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG,
            ConfigSource::StaticBroker,
        ),
        (
            Source::RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG,
            ConfigSource::Default,
        ),
    ];
    let known = KNOWN.iter().find(|(source, _)| *source as i32 == number);
    known.map_or(ConfigSource::Unknown, |(_, source)| *source)
}
