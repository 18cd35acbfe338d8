//! `CreateTopics`, `CreatePartitions`, `DeleteTopics`.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult,
};
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{
    CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use super::{Call, configs};
use crate::node::NODE_ID;
use crate::refusal::{Refusal, code_and_message};
use crate::topics::settings::Overrides;
use crate::topics::{NewTopic, Topics};
use crate::wire::shape::{BOOL, Field, I16, I32, I32S, TEXT, TEXTS, structs};

pub(super) const CREATE_SHAPE: &[Field] = &[
    structs(&[
        TEXT,
        I32,
        I16,
        structs(&[I32, I32S]),
        structs(&[TEXT, TEXT]),
    ]),
    I32,
    BOOL,
];
pub(super) const PARTITIONS_SHAPE: &[Field] = &[structs(&[TEXT, I32, structs(&[I32S])]), I32, BOOL];
pub(super) const DELETE_SHAPE: &[Field] = &[TEXTS, I32];

const DEFAULT: i16 = -1;

pub(super) fn create(call: &Call<'_>, request: CreateTopicsRequest) -> CreateTopicsResponse {
    let mut topics = call.node.topics.borrow_mut();
    let names: Vec<TopicName> = request.topics.iter().map(|it| it.name.clone()).collect();
    let results = request.topics.into_iter().map(|wanted| {
        let name = wanted.name.clone();
        let twice = names.iter().filter(|it| **it == name).count() > 1;
        let created = if twice {
            let text = "Duplicate topic name.";
            Err(Refusal::new(ResponseError::InvalidRequest, text))
        } else {
            create_one(call, &mut topics, &wanted, request.validate_only)
        };
        respond_created(call, &topics, name, created)
    });
    CreateTopicsResponse::default().with_topics(results.collect())
}

fn create_one(
    call: &Call<'_>,
    topics: &mut Topics,
    wanted: &CreatableTopic,
    validate_only: bool,
) -> Result<NewTopic, Refusal> {
    let new = NewTopic {
        partitions: wanted_partitions(call, wanted)?,
        name: wanted.name.to_string(),
        overrides: overrides(wanted)?,
    };
    if validate_only {
        topics.check_new(&new)?;
    } else {
        topics.create(new.clone())?;
    }
    Ok(new)
}

fn wanted_partitions(call: &Call<'_>, wanted: &CreatableTopic) -> Result<u32, Refusal> {
    let assigned = wanted.assignments.len();
    if assigned > 0 {
        if wanted.num_partitions != -1 || wanted.replication_factor != DEFAULT {
            let text = "Both partitions and assignments were given.";
            return Err(Refusal::new(ResponseError::InvalidRequest, text));
        }
        let mut indexes: Vec<i32> = Vec::new();
        for assignment in &wanted.assignments {
            let brokers: Vec<i32> = assignment.broker_ids.iter().map(|it| it.0).collect();
            check_assignment(&brokers)?;
            indexes.push(assignment.partition_index);
        }
        indexes.sort_unstable();
        if !indexes.iter().copied().eq((0..).take(assigned)) {
            let text = "partitions should be a consecutive 0-based integer sequence";
            return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, text));
        }
        return Ok(u32::try_from(assigned).unwrap_or(u32::MAX));
    }
    if wanted.replication_factor != DEFAULT && wanted.replication_factor != 1 {
        let text = format!(
            "Unable to replicate the partition {} time(s): The target replication factor of {} \
             cannot be reached because only 1 broker(s) are registered.",
            wanted.replication_factor, wanted.replication_factor
        );
        return Err(Refusal::new(ResponseError::InvalidReplicationFactor, text));
    }
    Ok(match wanted.num_partitions {
        -1 => u32::from(call.node.config.default_partitions),
        // Zero is what a negative count is refused as.
        count => u32::try_from(count).unwrap_or(0),
    })
}

fn check_assignment(brokers: &[i32]) -> Result<(), Refusal> {
    if brokers == [NODE_ID] {
        return Ok(());
    }
    let text = format!("The only broker is {NODE_ID}, so it must be the only replica.");
    Err(Refusal::new(ResponseError::InvalidReplicaAssignment, text))
}

fn overrides(wanted: &CreatableTopic) -> Result<Overrides, Refusal> {
    let mut overrides = Overrides::new();
    for config in &wanted.configs {
        let name = config.name.to_string();
        let Some(value) = &config.value else {
            let text = format!("Null value not supported for topic configs: {name}");
            return Err(Refusal::new(ResponseError::InvalidConfig, text));
        };
        overrides.insert(name, value.to_string());
    }
    Ok(overrides)
}

fn respond_created(
    call: &Call<'_>,
    topics: &Topics,
    name: TopicName,
    created: Result<NewTopic, Refusal>,
) -> CreatableTopicResult {
    let (error, message) = code_and_message(&created.as_ref().map(|_| ()).map_err(Clone::clone));
    let result = CreatableTopicResult::default()
        .with_error_code(error)
        .with_error_message(message)
        .with_name(name);
    let result = match topics.get(&result.name) {
        Some(topic) if error == 0 && call.version >= 7 => result.with_topic_id(topic.id),
        _ => result,
    };
    match created {
        Ok(new) if call.version >= 5 => {
            let configs = configs::of_topic(call.node, &new.overrides).map(|it| {
                CreatableTopicConfigs::default()
                    .with_name(StrBytes::from_static_str(it.setting.name))
                    .with_value(Some(StrBytes::from_string(it.value)))
                    .with_config_source(it.source)
            });
            result
                .with_num_partitions(i32::try_from(new.partitions).unwrap_or(i32::MAX))
                .with_replication_factor(1)
                .with_configs(Some(configs.collect()))
        }
        _ => result,
    }
}

pub(super) fn create_partitions(
    call: &Call<'_>,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let mut topics = call.node.topics.borrow_mut();
    let results = request.topics.into_iter().map(|wanted| {
        let added = add_partitions(&mut topics, &wanted, request.validate_only);
        let (error, message) = code_and_message(&added);
        CreatePartitionsTopicResult::default()
            .with_error_code(error)
            .with_error_message(message)
            .with_name(wanted.name)
    });
    CreatePartitionsResponse::default().with_results(results.collect())
}

fn add_partitions(
    topics: &mut Topics,
    wanted: &CreatePartitionsTopic,
    validate_only: bool,
) -> Result<(), Refusal> {
    // Zero is what a negative count is refused as.
    let count = u32::try_from(wanted.count).unwrap_or(0);
    topics.check_partitions(&wanted.name, count)?;
    for assignment in wanted.assignments.iter().flatten() {
        let brokers: Vec<i32> = assignment.broker_ids.iter().map(|it| it.0).collect();
        check_assignment(&brokers)?;
    }
    if validate_only {
        return Ok(());
    }
    topics.add_partitions(&wanted.name, count)
}

pub(super) fn delete(call: &Call<'_>, request: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let responses = request.topic_names.into_iter().map(|name| {
        let deleted = delete_one(call, &name);
        let (error, message) = code_and_message(&deleted);
        let result = DeletableTopicResult::default()
            .with_error_code(error)
            .with_name(Some(name));
        match call.version {
            5.. => result.with_error_message(message),
            _ => result,
        }
    });
    DeleteTopicsResponse::default().with_responses(responses.collect())
}

fn delete_one(call: &Call<'_>, name: &str) -> Result<(), Refusal> {
    call.node.topics.borrow_mut().delete(name)?;
    let forgotten = call.node.groups.borrow_mut().offsets.delete_topic(name);
    forgotten.map_err(|error| Refusal::storage("the committed offsets", &error))
}
