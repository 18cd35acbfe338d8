//! The broker as a whole: what can be asked, who is there, and what becomes of those who ask for something else.

use connect_tests::raw::frame;
use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, ApiVersionsResponse, DescribeAclsRequest, DescribeClusterRequest,
    DescribeLogDirsRequest, FindCoordinatorRequest,
};
use kafka_protocol::protocol::Decodable;

use crate::bench::{Bench, conformance};
use crate::requests::{batch, produce, text, topic_name};

conformance!(
    what_connect_needs_can_be_asked,
    a_version_from_the_future_is_answered_with_the_known_ones,
    an_unknown_version_ends_the_connection,
    the_cluster_is_described,
    access_control_lists_are_disabled,
    everything_is_coordinated_by_somebody,
    log_folders_are_described,
    a_client_that_sends_garbage_is_disconnected_and_others_go_on,
);

const UNSUPPORTED_VERSION: i16 = 35;
const SECURITY_DISABLED: i16 = 54;

async fn what_connect_needs_can_be_asked(bench: Bench) {
    let mut client = bench.client().await;
    let request = ApiVersionsRequest::default()
        .with_client_software_name(text("checks"))
        .with_client_software_version(text("1"));

    let response = client.call(3, &request).await;

    assert_eq!(response.error_code, 0);
    // Versions that the Java clients of Connect 4.3 need at least.
    for (key, version) in [
        (ApiKey::Produce, 9),
        (ApiKey::Fetch, 12),
        (ApiKey::ListOffsets, 7),
        (ApiKey::Metadata, 12),
        (ApiKey::OffsetCommit, 8),
        (ApiKey::OffsetFetch, 7),
        (ApiKey::FindCoordinator, 4),
        (ApiKey::JoinGroup, 9),
        (ApiKey::SyncGroup, 5),
        (ApiKey::Heartbeat, 4),
        (ApiKey::LeaveGroup, 5),
        (ApiKey::CreateTopics, 7),
        (ApiKey::DescribeConfigs, 4),
        (ApiKey::InitProducerId, 4),
        (ApiKey::AddPartitionsToTxn, 3),
        (ApiKey::AddOffsetsToTxn, 3),
        (ApiKey::EndTxn, 3),
        (ApiKey::TxnOffsetCommit, 3),
        (ApiKey::DescribeProducers, 0),
        (ApiKey::DescribeTransactions, 0),
        (ApiKey::ListTransactions, 1),
    ] {
        let found = response.api_keys.iter().find(|it| it.api_key == key as i16);
        let found = found.unwrap_or_else(|| panic!("no {key:?}"));
        assert!(
            (found.min_version..=found.max_version).contains(&version),
            "{key:?}"
        );
    }
}

async fn a_version_from_the_future_is_answered_with_the_known_ones(bench: Bench) {
    let mut client = bench.client().await;
    client
        .send_frame(&frame(ApiKey::ApiVersions as i16, 99, &[]))
        .await;

    let mut answer = client.receive_frame().await.unwrap().split_off(4);

    let response = ApiVersionsResponse::decode(&mut answer, 0).unwrap();
    assert_eq!(response.error_code, UNSUPPORTED_VERSION);
    let own = response
        .api_keys
        .iter()
        .find(|it| it.api_key == ApiKey::ApiVersions as i16);
    assert!(own.unwrap().max_version >= 3);
}

async fn an_unknown_version_ends_the_connection(bench: Bench) {
    for (key, version) in [
        (ApiKey::Produce as i16, 99),
        (ApiKey::Metadata as i16, 99),
        (999, 0),
    ] {
        let mut client = bench.client().await;
        client.send_frame(&frame(key, version, &[])).await;
        assert!(client.is_closed().await, "{key} {version}");
    }
}

async fn the_cluster_is_described(bench: Bench) {
    let mut client = bench.client().await;

    let response = client
        .call(1, &DescribeClusterRequest::default().with_endpoint_type(1))
        .await;

    assert_eq!((response.error_code, response.brokers.len()), (0, 1));
    assert_eq!(response.controller_id, response.brokers[0].broker_id);
    assert!(!response.cluster_id.is_empty());
    let port = i32::from(
        bench
            .bootstrap()
            .rsplit_once(':')
            .unwrap()
            .1
            .parse::<u16>()
            .unwrap(),
    );
    assert_eq!(response.brokers[0].port, port);
}

async fn access_control_lists_are_disabled(bench: Bench) {
    let mut client = bench.client().await;
    let any = 1;
    let request = DescribeAclsRequest::default()
        .with_resource_type_filter(any)
        .with_resource_name_filter(None)
        .with_pattern_type_filter(any)
        .with_principal_filter(None)
        .with_host_filter(None)
        .with_operation(any)
        .with_permission_type(any);

    let response = client.call(3, &request).await;

    assert_eq!(response.error_code, SECURITY_DISABLED);
}

async fn everything_is_coordinated_by_somebody(bench: Bench) {
    let mut client = bench.client().await;
    for key_type in [0, 1] {
        let request = FindCoordinatorRequest::default()
            .with_key_type(key_type)
            .with_coordinator_keys(vec![text("a"), text("b")]);
        let response = client.call(4, &request).await;
        assert_eq!(response.coordinators.len(), 2);
        for coordinator in &response.coordinators {
            assert_eq!(coordinator.error_code, 0);
            assert!(coordinator.node_id.0 >= 0 && coordinator.port > 0);
        }
    }
}

async fn log_folders_are_described(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    produce(&mut client, &topic, batch(&["a"])).await;
    let wanted = DescribableLogDirTopic::default()
        .with_topic(topic_name(&topic))
        .with_partitions(vec![0]);
    let request = DescribeLogDirsRequest::default().with_topics(Some(vec![wanted]));

    let response = client.call(4, &request).await;

    assert_eq!(response.results.len(), 1);
    let folder = &response.results[0];
    assert_eq!(folder.error_code, 0);
    assert!(folder.log_dir.starts_with('/'));
    let partition = &folder.topics[0].partitions[0];
    assert!(partition.partition_size > 60);
    assert!(!partition.is_future_key);
}

async fn a_client_that_sends_garbage_is_disconnected_and_others_go_on(bench: Bench) {
    let (mut good, topic) = bench.with_topic(&[]).await;
    let huge_list = frame(ApiKey::Metadata as i16, 1, &[0x7f, 0xff, 0xff, 0xff]);
    for garbage in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        &huge_list,
    ] {
        let mut bad = bench.client().await;
        bad.send_frame(garbage).await;
        assert!(bad.is_closed().await, "{garbage:?}");
    }

    assert_eq!(produce(&mut good, &topic, batch(&["a"])).await, 0);
}
