//! `FindCoordinator`, `DescribeCluster` and `DescribeAcls`: it is always the one node, open to all.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{
    BrokerId, DescribeAclsResponse, DescribeClusterRequest, DescribeClusterResponse,
    FindCoordinatorRequest, FindCoordinatorResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::Call;
use crate::node::NODE_ID;
use crate::wire::shape::{BOOL, Field, I8, TEXT, TEXTS};

pub(super) const COORDINATOR_SHAPE: &[Field] = &[TEXT.until(3), I8.since(1), TEXTS.since(4)];
pub(super) const ACLS_SHAPE: &[Field] = &[I8, TEXT, I8, TEXT, TEXT, I8, I8];
pub(super) const DESCRIBE_SHAPE: &[Field] = &[BOOL, I8.since(1)];

const GROUP_KEY: i8 = 0;
const TRANSACTION_KEY: i8 = 1;
const BROKER_ENDPOINTS: i8 = 1;
/// Says that operations were not asked for.
pub(super) const NO_OPERATIONS: i32 = i32::MIN;

impl Call<'_> {
    /// The host and port under which this client reaches the node.
    pub(super) fn host_and_port(&self) -> (StrBytes, i32) {
        let address = self.client.local;
        let host = StrBytes::from_string(address.ip().to_string());
        (host, i32::from(address.port()))
    }
}

pub(super) fn find_coordinator(
    call: &Call<'_>,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let (host, port) = call.host_and_port();
    let known = matches!(request.key_type, GROUP_KEY | TRANSACTION_KEY);
    let refusal = "only groups and transactions have a coordinator";
    if call.version >= 4 {
        let keys = request.coordinator_keys.into_iter();
        let coordinators = keys.map(|key| {
            let coordinator = Coordinator::default().with_key(key);
            if known {
                coordinator
                    .with_error_message(None)
                    .with_node_id(BrokerId(NODE_ID))
                    .with_host(host.clone())
                    .with_port(port)
            } else {
                coordinator
                    .with_node_id(BrokerId(-1))
                    .with_port(-1)
                    .with_error_code(ResponseError::InvalidRequest.code())
                    .with_error_message(Some(StrBytes::from_static_str(refusal)))
            }
        });
        return FindCoordinatorResponse::default().with_coordinators(coordinators.collect());
    }
    if !known {
        let response = FindCoordinatorResponse::default()
            .with_node_id(BrokerId(-1))
            .with_port(-1)
            .with_error_code(ResponseError::InvalidRequest.code());
        return response.with_error_message(Some(StrBytes::from_static_str(refusal)));
    }
    FindCoordinatorResponse::default()
        .with_node_id(BrokerId(NODE_ID))
        .with_host(host)
        .with_port(port)
}

pub(super) fn describe(
    call: &Call<'_>,
    request: &DescribeClusterRequest,
) -> DescribeClusterResponse {
    let response = DescribeClusterResponse::default();
    if call.version >= 1 && request.endpoint_type != BROKER_ENDPOINTS {
        let text = "only the endpoints of brokers can be described";
        return response
            .with_error_code(ResponseError::UnsupportedEndpointType.code())
            .with_error_message(Some(StrBytes::from_static_str(text)));
    }
    let (host, port) = call.host_and_port();
    let broker = DescribeClusterBroker::default()
        .with_broker_id(BrokerId(NODE_ID))
        .with_host(host)
        .with_port(port);
    response
        .with_cluster_id(StrBytes::from_string(call.node.cluster_id.clone()))
        .with_controller_id(BrokerId(NODE_ID))
        .with_brokers(vec![broker])
        .with_cluster_authorized_operations(NO_OPERATIONS)
}

/// There are no access control lists.
pub(super) fn no_acls() -> DescribeAclsResponse {
    let text = "No Authorizer is configured on the broker";
    DescribeAclsResponse::default()
        .with_error_code(ResponseError::SecurityDisabled.code())
        .with_error_message(Some(StrBytes::from_static_str(text)))
}
