//! What the broker can be asked, in which versions, and who answers.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, DescribeAclsRequest};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use tracing::trace;

use crate::node::Node;
use crate::server::Client;
use crate::wire::shape::{self, Field};
use crate::wire::{Answer, Hangup, Incoming};

mod cluster;
mod configs;
mod fetch;
mod group_admin;
mod groups;
mod list_offsets;
mod log_dirs;
mod metadata;
mod offsets;
mod produce;
mod producer_ids;
mod records;
mod topics;
mod transaction_admin;
mod transactions;
mod versions;

/// A kind of request that is answered.
#[derive(Clone, Copy, Debug)]
struct Supported {
    key: ApiKey,
    min: i16,
    max: i16,
    shape: &'static [Field],
}

const fn supported(key: ApiKey, versions: (i16, i16), shape: &'static [Field]) -> Supported {
    Supported {
        key,
        min: versions.0,
        max: versions.1,
        shape,
    }
}

/// Everything that is answered. Versions end before topics are named by ids alone (`Fetch` 13,
/// `DeleteTopics` 6), before several groups share a request (`OffsetFetch` 8), and before partitions
/// join a transaction by being written to (`Produce` 12, `TxnOffsetCommit` 5, `EndTxn` 5).
const SUPPORTED: &[Supported] = &[
    supported(ApiKey::Produce, (3, 11), produce::SHAPE),
    supported(ApiKey::Fetch, (4, 12), fetch::SHAPE),
    supported(ApiKey::ListOffsets, (1, 9), list_offsets::SHAPE),
    supported(ApiKey::Metadata, (0, 12), metadata::SHAPE),
    supported(ApiKey::OffsetCommit, (2, 9), offsets::COMMIT_SHAPE),
    supported(ApiKey::OffsetFetch, (1, 7), offsets::FETCH_SHAPE),
    supported(ApiKey::FindCoordinator, (0, 5), cluster::COORDINATOR_SHAPE),
    supported(ApiKey::JoinGroup, (0, 9), groups::JOIN_SHAPE),
    supported(ApiKey::Heartbeat, (0, 4), groups::HEARTBEAT_SHAPE),
    supported(ApiKey::LeaveGroup, (0, 5), groups::LEAVE_SHAPE),
    supported(ApiKey::SyncGroup, (0, 5), groups::SYNC_SHAPE),
    supported(ApiKey::DescribeGroups, (0, 5), group_admin::DESCRIBE_SHAPE),
    supported(ApiKey::ListGroups, (0, 5), group_admin::LIST_SHAPE),
    supported(ApiKey::ApiVersions, (0, 3), versions::SHAPE),
    supported(ApiKey::CreateTopics, (2, 7), topics::CREATE_SHAPE),
    supported(ApiKey::DeleteTopics, (1, 5), topics::DELETE_SHAPE),
    supported(ApiKey::DeleteRecords, (0, 2), records::DELETE_SHAPE),
    supported(ApiKey::InitProducerId, (0, 5), producer_ids::SHAPE),
    supported(ApiKey::OffsetForLeaderEpoch, (2, 4), records::EPOCH_SHAPE),
    supported(
        ApiKey::AddPartitionsToTxn,
        (0, 3),
        transactions::PARTITIONS_SHAPE,
    ),
    supported(ApiKey::AddOffsetsToTxn, (0, 4), transactions::OFFSETS_SHAPE),
    supported(ApiKey::EndTxn, (0, 4), transactions::END_SHAPE),
    supported(ApiKey::TxnOffsetCommit, (0, 4), transactions::COMMIT_SHAPE),
    supported(ApiKey::DescribeAcls, (1, 3), cluster::ACLS_SHAPE),
    supported(ApiKey::DescribeConfigs, (1, 4), configs::DESCRIBE_SHAPE),
    supported(ApiKey::AlterConfigs, (0, 2), configs::ALTER_SHAPE),
    supported(ApiKey::DescribeLogDirs, (1, 4), log_dirs::SHAPE),
    supported(ApiKey::CreatePartitions, (0, 3), topics::PARTITIONS_SHAPE),
    supported(ApiKey::DeleteGroups, (0, 2), group_admin::DELETE_SHAPE),
    supported(
        ApiKey::IncrementalAlterConfigs,
        (0, 1),
        configs::INCREMENTAL_SHAPE,
    ),
    supported(ApiKey::OffsetDelete, (0, 0), offsets::DELETE_SHAPE),
    supported(ApiKey::DescribeCluster, (0, 1), cluster::DESCRIBE_SHAPE),
    supported(
        ApiKey::DescribeProducers,
        (0, 0),
        transaction_admin::PRODUCERS_SHAPE,
    ),
    supported(
        ApiKey::DescribeTransactions,
        (0, 0),
        transaction_admin::DESCRIBE_SHAPE,
    ),
    supported(
        ApiKey::ListTransactions,
        (0, 1),
        transaction_admin::LIST_SHAPE,
    ),
];

/// A request that is being answered.
#[derive(Clone, Debug)]
struct Call<'a> {
    node: &'a Node,
    client: Client,
    client_id: StrBytes,
    api: ApiKey,
    version: i16,
    correlation_id: i32,
    body: Bytes,
}

impl Call<'_> {
    /// The message. Its shape has been checked.
    fn decode<R: Decodable>(&mut self) -> Result<R, Hangup> {
        R::decode(&mut self.body, self.version).map_err(|error| self.nonsense(&error.to_string()))
    }

    fn nonsense(&self, why: &str) -> Hangup {
        Hangup::nonsense(format!("{:?} version {}: {why}", self.api, self.version))
    }

    fn encode(&self, response: &impl Encodable) -> Result<Answer, Hangup> {
        Answer::encode(self.api, self.version, self.correlation_id, response)
    }

    /// Answers at once.
    fn sync<R: Decodable, A: Encodable>(
        mut self,
        answer: impl FnOnce(&Self, R) -> A,
    ) -> Result<Option<Answer>, Hangup> {
        let request = self.decode()?;
        let response = answer(&self, request);
        self.encode(&response).map(Some)
    }

    /// Answers when there is something to say.
    async fn wait<R: Decodable, A: Encodable>(
        mut self,
        answer: impl AsyncFnOnce(&Self, R) -> A,
    ) -> Result<Option<Answer>, Hangup> {
        let request = self.decode()?;
        let response = answer(&self, request).await;
        self.encode(&response).map(Some)
    }
}

/// Answers a request; `None` when the client wants no answer.
pub(crate) async fn answer(
    node: &Node,
    client: Client,
    request: Incoming,
) -> Result<Option<Answer>, Hangup> {
    let Incoming {
        api,
        version,
        correlation_id,
        client_id,
        body,
    } = request;
    trace!(?api, version, correlation_id, %client_id, "request");
    let mut call = Call {
        node,
        client,
        client_id,
        api,
        version,
        correlation_id,
        body,
    };
    let Some(known) = SUPPORTED.iter().find(|it| it.key == api) else {
        return Err(call.nonsense("the broker does not know this request"));
    };
    if !(known.min..=known.max).contains(&version) {
        if api == ApiKey::ApiVersions {
            // A client that asks in a version from the future is answered in the oldest one.
            call.version = 0;
            let response =
                versions::all(0).with_error_code(ResponseError::UnsupportedVersion.code());
            return call.encode(&response).map(Some);
        }
        return Err(call.nonsense("the broker does not know this version"));
    }
    let flexible = api.request_header_version(version) >= 2;
    if !shape::fits(known.shape, version, flexible, &call.body) {
        return Err(call.nonsense("the request is cut off"));
    }
    dispatch(call).await
}

async fn dispatch(call: Call<'_>) -> Result<Option<Answer>, Hangup> {
    match call.api {
        ApiKey::Produce => produce::answer(call),
        ApiKey::Fetch => fetch::answer(call).await,
        ApiKey::ListOffsets => call.sync(list_offsets::answer),
        ApiKey::Metadata => call.sync(metadata::answer),
        ApiKey::OffsetCommit => call.sync(offsets::commit),
        ApiKey::OffsetFetch => call.sync(offsets::fetch),
        ApiKey::FindCoordinator => call.sync(cluster::find_coordinator),
        ApiKey::JoinGroup => call.wait(groups::join).await,
        ApiKey::Heartbeat => call.sync(|call, it| groups::heartbeat(call, &it)),
        ApiKey::LeaveGroup => call.sync(groups::leave),
        ApiKey::SyncGroup => call.wait(groups::sync).await,
        ApiKey::DescribeGroups => call.sync(group_admin::describe),
        ApiKey::ListGroups => call.sync(|call, it| group_admin::list(call, &it)),
        ApiKey::ApiVersions => call.sync(versions::answer),
        ApiKey::CreateTopics => call.sync(topics::create),
        ApiKey::DeleteTopics => call.sync(topics::delete),
        ApiKey::DeleteRecords => call.sync(records::delete),
        ApiKey::InitProducerId => call.sync(|call, it| producer_ids::answer(call, &it)),
        ApiKey::OffsetForLeaderEpoch => call.sync(records::end_of_epoch),
        ApiKey::AddPartitionsToTxn => call.sync(transactions::add_partitions),
        ApiKey::AddOffsetsToTxn => call.sync(|call, it| transactions::add_offsets(call, &it)),
        ApiKey::EndTxn => call.sync(|call, it| transactions::end(call, &it)),
        ApiKey::TxnOffsetCommit => call.sync(transactions::commit),
        ApiKey::DescribeProducers => call.sync(transaction_admin::producers),
        ApiKey::DescribeTransactions => call.sync(transaction_admin::describe),
        ApiKey::ListTransactions => call.sync(transaction_admin::list),
        ApiKey::DescribeAcls => call.sync(|_, _: DescribeAclsRequest| cluster::no_acls()),
        ApiKey::DescribeConfigs => call.sync(configs::describe),
        ApiKey::AlterConfigs => call.sync(configs::alter),
        ApiKey::DescribeLogDirs => call.sync(|call, it| log_dirs::answer(call, &it)),
        ApiKey::CreatePartitions => call.sync(topics::create_partitions),
        ApiKey::DeleteGroups => call.sync(group_admin::delete),
        ApiKey::IncrementalAlterConfigs => call.sync(configs::alter_incrementally),
        ApiKey::OffsetDelete => call.sync(offsets::delete),
        ApiKey::DescribeCluster => call.sync(|call, it| cluster::describe(call, &it)),
        _ => Err(call.nonsense("the broker does not know this request")),
    }
}

#[cfg(test)]
mod tests;
