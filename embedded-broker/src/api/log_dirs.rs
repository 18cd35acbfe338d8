//! `DescribeLogDirs`: how much the partitions take.

use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::Call;
use crate::topics::Topic;
use crate::wire::shape::{Field, I32S, TEXT, structs};

pub(super) const SHAPE: &[Field] = &[structs(&[TEXT, I32S])];

pub(super) fn answer(call: &Call<'_>, request: &DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    let topics = call.node.topics.borrow();
    let described = topics.iter().filter_map(|(name, topic)| {
        let partitions = describe(name, topic, request.topics.as_deref());
        let described = DescribeLogDirsTopic::default()
            .with_name(TopicName(StrBytes::from_string(name.to_owned())))
            .with_partitions(partitions);
        (!described.partitions.is_empty()).then_some(described)
    });
    let dir = call.node.config.data_dir.display().to_string();
    let result = DescribeLogDirsResult::default()
        .with_log_dir(StrBytes::from_string(dir))
        .with_topics(described.collect());
    DescribeLogDirsResponse::default().with_results(vec![result])
}

/// The wanted partitions of a topic; without a list all are wanted.
fn describe(
    name: &str,
    topic: &Topic,
    wanted: Option<&[DescribableLogDirTopic]>,
) -> Vec<DescribeLogDirsPartition> {
    let is_wanted = |index: i32| {
        wanted.is_none_or(|topics| {
            let mut same = topics.iter().filter(|it| it.topic.as_str() == name);
            same.any(|it| it.partitions.contains(&index))
        })
    };
    let partitions = (0..).zip(&topic.partitions);
    partitions
        .filter(|(index, _)| is_wanted(*index))
        .map(|(index, partition)| {
            let size = i64::try_from(partition.log.size()).unwrap_or(i64::MAX);
            DescribeLogDirsPartition::default()
                .with_partition_index(index)
                .with_partition_size(size)
        })
        .collect()
}
