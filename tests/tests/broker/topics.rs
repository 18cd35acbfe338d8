//! Topics: made, described, grown, deleted, refused.

use connect_tests::eventually::eventually;
use connect_tests::raw::{RawClient, frame};
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_topics_request::CreatableReplicaAssignment;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::{
    ApiKey, BrokerId, CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    MetadataRequest,
};
use uuid::Uuid;

use crate::bench::{Bench, LIMIT, conformance};
use crate::requests::{create, new_topic, text, topic_name, try_create};

conformance!(
    a_new_topic_is_described_with_its_settings,
    a_topic_that_exists_is_refused,
    names_of_topics_are_checked,
    names_that_differ_in_a_period_and_an_underscore_collide,
    unknown_settings_are_refused,
    wrong_values_of_settings_are_refused,
    a_topic_has_at_least_one_partition,
    more_replicas_than_brokers_are_refused,
    a_topic_that_is_named_twice_is_refused,
    a_validated_topic_is_not_made,
    a_deleted_topic_is_gone,
    an_unknown_topic_cannot_be_deleted,
    partitions_can_be_added_and_not_taken_away,
    a_topic_is_made_for_those_who_ask_unless_they_forbid_it,
    all_topics_are_listed,
    a_topic_is_found_by_its_id,
    bytes_behind_a_request_are_passed_over,
    replicas_on_unknown_brokers_are_refused,
    partitions_and_assignments_exclude_each_other,
);

const UNKNOWN_TOPIC: i16 = 3;
const INVALID_TOPIC: i16 = 17;
const ALREADY_EXISTS: i16 = 36;
const INVALID_PARTITIONS: i16 = 37;
const INVALID_REPLICATION_FACTOR: i16 = 38;
const INVALID_ASSIGNMENT: i16 = 39;
const INVALID_CONFIG: i16 = 40;
const INVALID_REQUEST: i16 = 42;
const UNKNOWN_TOPIC_ID: i16 = 100;

async fn describe(client: &mut RawClient, topic: &str) -> MetadataResponseTopic {
    let wanted = MetadataRequestTopic::default().with_name(Some(topic_name(topic)));
    let request = MetadataRequest::default()
        .with_topics(Some(vec![wanted]))
        .with_allow_auto_topic_creation(false);
    client.call(12, &request).await.topics.remove(0)
}

async fn delete(client: &mut RawClient, topic: &str) -> i16 {
    let request = DeleteTopicsRequest::default()
        .with_topic_names(vec![topic_name(topic)])
        .with_timeout_ms(10_000);
    client.call(5, &request).await.responses[0].error_code
}

async fn a_new_topic_is_described_with_its_settings(bench: Bench) {
    let mut client = bench.client().await;
    let topic = bench.name("topic");
    let settings = [
        ("retention.ms", "1234"),
        ("cleanup.policy", "compact,delete"),
    ];

    let created = try_create(&mut client, new_topic(&topic, 3, &settings)).await;

    assert_eq!((created.error_code, created.num_partitions), (0, 3));
    assert_eq!(created.replication_factor, 1);
    let configs = created.configs.unwrap();
    let of_topic = |name: &str| {
        let found = configs.iter().find(|it| it.name.as_str() == name).unwrap();
        (
            found.value.clone().unwrap().to_string(),
            found.config_source,
        )
    };
    let (dynamic_topic, default) = (1, 5);
    assert_eq!(of_topic("retention.ms"), ("1234".to_owned(), dynamic_topic));
    assert_eq!(of_topic("cleanup.policy").0, "compact,delete");
    assert_eq!(
        of_topic("segment.bytes"),
        ("1073741824".to_owned(), default)
    );
    let described = eventually(LIMIT, "the topic", async || {
        let described = describe(&mut client, &topic).await;
        match described.error_code {
            0 => Ok(described),
            code => Err(code),
        }
    })
    .await;
    assert_eq!(described.partitions.len(), 3);
    assert_eq!(described.topic_id, created.topic_id);
    assert!(!described.is_internal);
    for partition in &described.partitions {
        assert_eq!(partition.replica_nodes, [partition.leader_id]);
        assert_eq!(partition.isr_nodes, [partition.leader_id]);
    }
}

async fn a_topic_that_exists_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let again = try_create(&mut client, new_topic(&topic, 1, &[])).await;

    assert_eq!(again.error_code, ALREADY_EXISTS);
    let text = format!("Topic '{topic}' already exists.");
    assert_eq!(again.error_message.as_deref(), Some(text.as_str()));
}

async fn names_of_topics_are_checked(bench: Bench) {
    let mut client = bench.client().await;
    for name in ["", ".", "..", "a b", "a/b", "é", &"x".repeat(250)] {
        let created = try_create(&mut client, new_topic(name, 1, &[])).await;
        assert_eq!(created.error_code, INVALID_TOPIC, "{name}");
    }
    let longest = bench.name(&"x".repeat(249 - 11));
    let created = try_create(&mut client, new_topic(&longest, 1, &[])).await;
    assert_eq!(created.error_code, 0);
}

async fn names_that_differ_in_a_period_and_an_underscore_collide(bench: Bench) {
    let mut client = bench.client().await;
    create(&mut client, &bench.name("a.b"), 1, &[]).await;

    let collision = try_create(&mut client, new_topic(&bench.name("a_b"), 1, &[])).await;

    assert_eq!(collision.error_code, INVALID_TOPIC);
}

async fn unknown_settings_are_refused(bench: Bench) {
    let mut client = bench.client().await;
    let new = new_topic(&bench.name("topic"), 1, &[("no.such.setting", "1")]);

    let created = try_create(&mut client, new).await;

    assert_eq!(created.error_code, INVALID_CONFIG);
    let text = "Unknown topic config name: no.such.setting";
    assert_eq!(created.error_message.as_deref(), Some(text));
}

async fn wrong_values_of_settings_are_refused(bench: Bench) {
    let mut client = bench.client().await;
    for (name, value) in [
        ("retention.ms", "soon"),
        ("retention.ms", "-2"),
        ("retention.ms", "99999999999999999999"),
        ("cleanup.policy", "shred"),
        ("segment.bytes", "1"),
        ("segment.ms", "0"),
        ("min.insync.replicas", "0"),
        ("compression.type", "rar"),
        ("message.timestamp.type", "Sometime"),
        ("max.message.bytes", "-1"),
        ("min.cleanable.dirty.ratio", "2"),
        ("delete.retention.ms", "-1"),
        ("preallocate", "perhaps"),
        ("flush.messages", "0"),
        ("max.compaction.lag.ms", "0"),
        ("leader.replication.throttled.replicas", "x"),
    ] {
        let new = new_topic(&bench.name("topic"), 1, &[(name, value)]);
        let created = try_create(&mut client, new).await;
        assert_eq!(created.error_code, INVALID_CONFIG, "{name}={value}");
    }
    let settings = [
        ("min.compaction.lag.ms", "10"),
        ("max.compaction.lag.ms", "9"),
    ];
    let created = try_create(&mut client, new_topic(&bench.name("topic"), 1, &settings)).await;
    assert_eq!(created.error_code, INVALID_CONFIG, "{settings:?}");
}

async fn a_topic_has_at_least_one_partition(bench: Bench) {
    let mut client = bench.client().await;
    for count in [0, -2] {
        let created = try_create(&mut client, new_topic(&bench.name("topic"), count, &[])).await;
        assert_eq!(created.error_code, INVALID_PARTITIONS, "{count}");
    }
    let default = try_create(&mut client, new_topic(&bench.name("topic"), -1, &[])).await;
    assert_eq!((default.error_code, default.num_partitions), (0, 1));
}

async fn more_replicas_than_brokers_are_refused(bench: Bench) {
    let mut client = bench.client().await;
    for count in [2, 0] {
        let new = new_topic(&bench.name("topic"), 1, &[]).with_replication_factor(count);
        let created = try_create(&mut client, new).await;
        assert_eq!(created.error_code, INVALID_REPLICATION_FACTOR, "{count}");
    }
}

async fn a_topic_that_is_named_twice_is_refused(bench: Bench) {
    let mut client = bench.client().await;
    let topic = new_topic(&bench.name("topic"), 1, &[]);
    let request = CreateTopicsRequest::default()
        .with_topics(vec![topic.clone(), topic])
        .with_timeout_ms(10_000);

    let response = client.call(7, &request).await;

    assert!(
        response
            .topics
            .iter()
            .all(|it| it.error_code == INVALID_REQUEST)
    );
}

async fn a_validated_topic_is_not_made(bench: Bench) {
    let mut client = bench.client().await;
    let topic = bench.name("topic");
    let request = CreateTopicsRequest::default()
        .with_topics(vec![new_topic(&topic, 2, &[])])
        .with_timeout_ms(10_000)
        .with_validate_only(true);

    let response = client.call(7, &request).await;

    assert_eq!(response.topics[0].error_code, 0);
    assert_eq!(
        describe(&mut client, &topic).await.error_code,
        UNKNOWN_TOPIC
    );
}

async fn a_deleted_topic_is_gone(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    assert_eq!(delete(&mut client, &topic).await, 0);

    eventually(LIMIT, "the end of the topic", async || {
        let code = describe(&mut client, &topic).await.error_code;
        (code == UNKNOWN_TOPIC).then_some(()).ok_or(code)
    })
    .await;
}

async fn an_unknown_topic_cannot_be_deleted(bench: Bench) {
    let mut client = bench.client().await;

    let code = delete(&mut client, &bench.name("none")).await;

    assert_eq!(code, UNKNOWN_TOPIC);
}

async fn partitions_can_be_added_and_not_taken_away(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    for (count, code) in [(3, 0), (3, INVALID_PARTITIONS), (2, INVALID_PARTITIONS)] {
        let wanted = CreatePartitionsTopic::default()
            .with_name(topic_name(&topic))
            .with_count(count)
            .with_assignments(None);
        let request = CreatePartitionsRequest::default()
            .with_topics(vec![wanted])
            .with_timeout_ms(10_000);
        let response = client.call(3, &request).await;
        assert_eq!(response.results[0].error_code, code, "{response:?}");
    }
    eventually(LIMIT, "three partitions", async || {
        let described = describe(&mut client, &topic).await;
        (described.partitions.len() == 3)
            .then_some(())
            .ok_or(described)
    })
    .await;
}

async fn a_topic_is_made_for_those_who_ask_unless_they_forbid_it(bench: Bench) {
    let mut client = bench.client().await;
    let topic = bench.name("topic");
    assert_eq!(
        describe(&mut client, &topic).await.error_code,
        UNKNOWN_TOPIC
    );
    let wanted = MetadataRequestTopic::default().with_name(Some(topic_name(&topic)));
    let request = MetadataRequest::default()
        .with_topics(Some(vec![wanted]))
        .with_allow_auto_topic_creation(true);

    eventually(LIMIT, "the topic", async || {
        let response = client.call(12, &request).await;
        let code = response.topics[0].error_code;
        (code == 0).then_some(()).ok_or(code)
    })
    .await;

    assert_eq!(describe(&mut client, &topic).await.partitions.len(), 1);
}

async fn all_topics_are_listed(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let response = client
        .call(12, &MetadataRequest::default().with_topics(None))
        .await;

    let listed = response.topics.iter().filter_map(|it| it.name.clone());
    assert_eq!(listed.filter(|it| *it == topic_name(&topic)).count(), 1);
    assert_eq!(response.brokers.len(), 1);
    assert!(response.cluster_id.is_some());
}

async fn a_topic_is_found_by_its_id(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let id = describe(&mut client, &topic).await.topic_id;
    let by_id = |id| {
        MetadataRequestTopic::default()
            .with_name(None)
            .with_topic_id(id)
    };
    let unknown = Uuid::from_u128(id.as_u128() ^ 1);
    let request = MetadataRequest::default()
        .with_topics(Some(vec![by_id(id), by_id(unknown)]))
        .with_allow_auto_topic_creation(false);

    let response = client.call(12, &request).await;

    let find = |id| response.topics.iter().find(|it| it.topic_id == id).unwrap();
    assert_eq!(find(id).name, Some(topic_name(&topic)));
    assert_eq!(find(unknown).error_code, UNKNOWN_TOPIC_ID);
}

async fn replicas_on_unknown_brokers_are_refused(bench: Bench) {
    let mut client = bench.client().await;
    let assignment = CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(99)]);
    let new = new_topic(&bench.name("topic"), -1, &[])
        .with_replication_factor(-1)
        .with_assignments(vec![assignment]);

    let created = try_create(&mut client, new).await;

    assert_eq!(created.error_code, INVALID_ASSIGNMENT);
}

async fn partitions_and_assignments_exclude_each_other(bench: Bench) {
    let mut client = bench.client().await;
    let assignment = CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(0)]);
    let new = new_topic(&bench.name("topic"), 1, &[]).with_assignments(vec![assignment]);

    let created = try_create(&mut client, new).await;

    assert_eq!(created.error_code, INVALID_REQUEST);
    assert_ne!(created.error_message, Some(text("")));
}

/// librdkafka asks for all topics like this: the list is null, and three bytes of its placeholder are left.
async fn bytes_behind_a_request_are_passed_over(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let all_topics = [0, 0, 0, 0, 0, 0, 0];

    let request = frame(ApiKey::Metadata as i16, 12, &all_topics);
    client.send_frame(&request).await;

    let response = client.receive::<MetadataRequest>(12).await;
    let names: Vec<&str> = response
        .topics
        .iter()
        .filter_map(|it| it.name.as_deref().map(|it| &**it))
        .collect();
    assert!(names.contains(&topic.as_str()), "{names:?}");
}
