//! Settings of topics and of the broker.

use connect_tests::eventually::eventually;
use connect_tests::raw::RawClient;
use kafka_protocol::messages::alter_configs_request::{
    AlterConfigsResource as Replaced, AlterableConfig as Set,
};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::DescribeConfigsResult;
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::{
    AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest, MetadataRequest,
};

use crate::bench::{Bench, LIMIT, conformance};
use crate::requests::text;

conformance!(
    settings_are_described_with_their_sources,
    only_the_settings_that_are_asked_for_are_described,
    settings_have_types_and_synonyms,
    settings_are_changed_one_by_one,
    lists_grow_and_shrink,
    only_lists_grow,
    settings_are_replaced_as_a_whole,
    a_validated_change_is_not_made,
    wrong_changes_are_refused,
    an_unknown_topic_has_no_settings,
    the_broker_has_settings,
    another_broker_has_none,
);

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;
const OF_TOPIC: i8 = 1;
const DEFAULT: i8 = 5;

const UNKNOWN_TOPIC: i16 = 3;
const INVALID_CONFIG: i16 = 40;
const INVALID_REQUEST: i16 = 42;

async fn describe(
    client: &mut RawClient,
    (kind, name): (i8, &str),
    keys: Option<&[&str]>,
) -> DescribeConfigsResult {
    let keys = keys.map(|keys| keys.iter().map(|it| text(it)).collect());
    let resource = DescribeConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configuration_keys(keys);
    let request = DescribeConfigsRequest::default()
        .with_resources(vec![resource])
        .with_include_synonyms(true);
    client.call(4, &request).await.results.remove(0)
}

/// The value of a topic's setting, and where it comes from.
async fn value(client: &mut RawClient, topic: &str, key: &str) -> (String, i8) {
    let described = describe(client, (TOPIC, topic), Some(&[key])).await;
    let config = &described.configs[0];
    (
        config.value.clone().unwrap().to_string(),
        config.config_source,
    )
}

async fn wait_for_value(client: &mut RawClient, topic: &str, key: &str, expected: (&str, i8)) {
    eventually(LIMIT, key, async || {
        let found = value(client, topic, key).await;
        (found == (expected.0.to_owned(), expected.1))
            .then_some(())
            .ok_or(found)
    })
    .await;
}

type Change<'a> = (&'a str, i8, Option<&'a str>);

/// Makes changes; the error code.
async fn change(client: &mut RawClient, topic: &str, changes: &[Change<'_>]) -> i16 {
    ask_to_change(client, topic, changes, false).await
}

async fn ask_to_change(
    client: &mut RawClient,
    topic: &str,
    changes: &[Change<'_>],
    validate_only: bool,
) -> i16 {
    let configs = changes.iter().map(|(name, operation, value)| {
        AlterableConfig::default()
            .with_name(text(name))
            .with_config_operation(*operation)
            .with_value(value.map(text))
    });
    let resource = AlterConfigsResource::default()
        .with_resource_type(TOPIC)
        .with_resource_name(text(topic))
        .with_configs(configs.collect());
    let request = IncrementalAlterConfigsRequest::default()
        .with_resources(vec![resource])
        .with_validate_only(validate_only);
    client.call(1, &request).await.responses[0].error_code
}

async fn settings_are_described_with_their_sources(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[("retention.ms", "77")]).await;

    let described = describe(&mut client, (TOPIC, &topic), None).await;

    assert_eq!(described.error_code, 0);
    let find = |name: &str| {
        described
            .configs
            .iter()
            .find(|it| it.name.as_str() == name)
            .unwrap()
    };
    assert_eq!(find("retention.ms").value, Some(text("77")));
    assert_eq!(find("retention.ms").config_source, OF_TOPIC);
    for (name, default) in [
        ("cleanup.policy", "delete"),
        ("compression.type", "producer"),
        ("delete.retention.ms", "86400000"),
        ("max.message.bytes", "1048588"),
        ("message.timestamp.type", "CreateTime"),
        ("min.cleanable.dirty.ratio", "0.5"),
        ("min.insync.replicas", "1"),
        ("retention.bytes", "-1"),
        ("segment.ms", "604800000"),
    ] {
        assert_eq!(find(name).value, Some(text(default)), "{name}");
        assert!(!find(name).read_only && !find(name).is_sensitive, "{name}");
    }
}

async fn only_the_settings_that_are_asked_for_are_described(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let described = describe(&mut client, (TOPIC, &topic), Some(&["segment.ms", "none"])).await;

    let names: Vec<_> = described
        .configs
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["segment.ms"]);
}

async fn settings_have_types_and_synonyms(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[("segment.ms", "9999")]).await;
    let described = describe(&mut client, (TOPIC, &topic), None).await;
    for (name, kind) in [
        ("preallocate", 1),
        ("compression.type", 2),
        ("segment.bytes", 3),
        ("segment.ms", 5),
        ("min.cleanable.dirty.ratio", 6),
        ("cleanup.policy", 7),
    ] {
        let config = described
            .configs
            .iter()
            .find(|it| it.name.as_str() == name)
            .unwrap();
        assert_eq!(config.config_type, kind, "{name}");
        if name == "segment.ms" {
            assert_eq!(config.synonyms[0].value, Some(text("9999")));
            assert_eq!(config.synonyms[0].source, OF_TOPIC);
        }
    }
}

async fn settings_are_changed_one_by_one(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[("retention.ms", "77")]).await;

    let changes = [
        ("segment.ms", SET, Some("88")),
        ("retention.ms", DELETE, None),
    ];
    assert_eq!(change(&mut client, &topic, &changes).await, 0);

    wait_for_value(&mut client, &topic, "segment.ms", ("88", OF_TOPIC)).await;
    wait_for_value(&mut client, &topic, "retention.ms", ("604800000", DEFAULT)).await;
}

async fn lists_grow_and_shrink(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let key = "cleanup.policy";

    assert_eq!(
        change(&mut client, &topic, &[(key, APPEND, Some("compact"))]).await,
        0
    );
    wait_for_value(&mut client, &topic, key, ("delete,compact", OF_TOPIC)).await;
    assert_eq!(
        change(&mut client, &topic, &[(key, SUBTRACT, Some("delete"))]).await,
        0
    );
    wait_for_value(&mut client, &topic, key, ("compact", OF_TOPIC)).await;
}

async fn only_lists_grow(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let code = change(&mut client, &topic, &[("segment.ms", APPEND, Some("1"))]).await;

    assert_eq!(code, INVALID_CONFIG);
}

async fn settings_are_replaced_as_a_whole(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[("retention.ms", "77")]).await;
    let config = Set::default()
        .with_name(text("segment.ms"))
        .with_value(Some(text("88")));
    let resource = Replaced::default()
        .with_resource_type(TOPIC)
        .with_resource_name(text(&topic))
        .with_configs(vec![config]);

    let request = AlterConfigsRequest::default().with_resources(vec![resource]);
    let response = client.call(2, &request).await;

    assert_eq!(response.responses[0].error_code, 0);
    wait_for_value(&mut client, &topic, "segment.ms", ("88", OF_TOPIC)).await;
    wait_for_value(&mut client, &topic, "retention.ms", ("604800000", DEFAULT)).await;
}

async fn a_validated_change_is_not_made(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let code = ask_to_change(
        &mut client,
        &topic,
        &[("segment.ms", SET, Some("88"))],
        true,
    )
    .await;

    assert_eq!(code, 0);
    assert_eq!(value(&mut client, &topic, "segment.ms").await.1, DEFAULT);
}

async fn wrong_changes_are_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    for wrong in [
        ("no.such.setting", SET, Some("1")),
        ("segment.ms", SET, Some("soon")),
        ("cleanup.policy", APPEND, Some("shred")),
    ] {
        let code = change(&mut client, &topic, &[wrong]).await;
        assert_eq!(code, INVALID_CONFIG, "{wrong:?}");
    }
}

async fn an_unknown_topic_has_no_settings(bench: Bench) {
    let mut client = bench.client().await;
    let topic = bench.name("none");

    let described = describe(&mut client, (TOPIC, &topic), None).await;
    let changed = change(&mut client, &topic, &[("segment.ms", SET, Some("88"))]).await;

    assert_eq!(
        (described.error_code, changed),
        (UNKNOWN_TOPIC, UNKNOWN_TOPIC)
    );
}

async fn broker_id(client: &mut RawClient) -> i32 {
    let response = client
        .call(12, &MetadataRequest::default().with_topics(None))
        .await;
    response.brokers[0].node_id.0
}

async fn the_broker_has_settings(bench: Bench) {
    let mut client = bench.client().await;
    let id = broker_id(&mut client).await.to_string();

    let described = describe(&mut client, (BROKER, &id), None).await;

    assert_eq!(described.error_code, 0);
    let find = |name: &str| {
        described
            .configs
            .iter()
            .find(|it| it.name.as_str() == name)
            .unwrap()
    };
    for (name, value) in [
        ("auto.create.topics.enable", "true"),
        ("default.replication.factor", "1"),
        ("message.max.bytes", "1048588"),
        ("num.partitions", "1"),
        ("log.cleanup.policy", "delete"),
    ] {
        assert_eq!(find(name).value, Some(text(value)), "{name}");
    }
}

async fn another_broker_has_none(bench: Bench) {
    let mut client = bench.client().await;

    let described = describe(&mut client, (BROKER, "99"), None).await;

    assert_eq!(described.error_code, INVALID_REQUEST);
}
