//! A member of a group, spoken word by word.

use bytes::Bytes;
use connect_tests::raw::RawClient;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
    SyncGroupResponse,
};
use kafka_protocol::protocol::StrBytes;

use crate::bench::Bench;
use crate::requests::{group_id, text};

pub(crate) const MEMBER_ID_REQUIRED: i16 = 79;
/// What a consumer without topics says: the version, no topics, no data. The reference reads it.
pub(crate) const METADATA: Bytes = Bytes::from_static(&[0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
const JOIN: i16 = 7;

/// A client that is, or wants to be, a member.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) client: RawClient,
    pub(crate) group: String,
    pub(crate) id: StrBytes,
    pub(crate) instance: Option<StrBytes>,
    pub(crate) generation: i32,
    pub(crate) session_timeout_ms: i32,
    pub(crate) protocols: Vec<&'static str>,
    pub(crate) protocol_type: &'static str,
}

impl Member {
    pub(crate) async fn new(bench: &Bench, group: &str) -> Self {
        Self {
            client: bench.client().await,
            group: group.to_owned(),
            id: StrBytes::default(),
            instance: None,
            generation: -1,
            session_timeout_ms: 10_000,
            protocols: vec!["range"],
            protocol_type: "consumer",
        }
    }

    fn join_request(&self) -> JoinGroupRequest {
        let protocols = self.protocols.iter().map(|name| {
            JoinGroupRequestProtocol::default()
                .with_name(text(name))
                .with_metadata(METADATA)
        });
        JoinGroupRequest::default()
            .with_group_id(group_id(&self.group))
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance.clone())
            .with_session_timeout_ms(self.session_timeout_ms)
            .with_rebalance_timeout_ms(10_000)
            .with_protocol_type(text(self.protocol_type))
            .with_protocols(protocols.collect())
    }

    pub(crate) async fn send_join(&mut self) {
        let request = self.join_request();
        self.client.send(JOIN, &request).await;
    }

    pub(crate) async fn joined(&mut self) -> JoinGroupResponse {
        let response = self.client.receive::<JoinGroupRequest>(JOIN).await;
        if !response.member_id.is_empty() {
            self.id = response.member_id.clone();
        }
        self.generation = response.generation_id;
        response
    }

    /// Joins, with the id that it is given if it has none.
    pub(crate) async fn join(&mut self) -> JoinGroupResponse {
        self.send_join().await;
        let response = self.joined().await;
        if response.error_code != MEMBER_ID_REQUIRED {
            return response;
        }
        self.send_join().await;
        self.joined().await
    }

    pub(crate) async fn send_sync(&mut self, assigned: &[(&StrBytes, &'static str)]) {
        let assignments = assigned.iter().map(|(id, assignment)| {
            SyncGroupRequestAssignment::default()
                .with_member_id((*id).clone())
                .with_assignment(Bytes::from_static(assignment.as_bytes()))
        });
        let request = SyncGroupRequest::default()
            .with_group_id(group_id(&self.group))
            .with_generation_id(self.generation)
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance.clone())
            .with_assignments(assignments.collect());
        self.client.send(3, &request).await;
    }

    pub(crate) async fn synced(&mut self) -> SyncGroupResponse {
        self.client.receive::<SyncGroupRequest>(3).await
    }

    /// Joins alone and takes everything.
    pub(crate) async fn become_stable(&mut self) {
        let joined = self.join().await;
        assert_eq!((joined.error_code, &joined.leader), (0, &joined.member_id));
        let id = self.id.clone();
        self.send_sync(&[(&id, "all")]).await;
        assert_eq!(self.synced().await.assignment, "all");
    }

    pub(crate) async fn beat(&mut self) -> i16 {
        let request = HeartbeatRequest::default()
            .with_group_id(group_id(&self.group))
            .with_generation_id(self.generation)
            .with_group_instance_id(self.instance.clone())
            .with_member_id(self.id.clone());
        self.client.call(4, &request).await.error_code
    }

    pub(crate) async fn leave(&mut self) -> i16 {
        let member = MemberIdentity::default()
            .with_member_id(self.id.clone())
            .with_group_instance_id(self.instance.clone());
        let request = LeaveGroupRequest::default()
            .with_group_id(group_id(&self.group))
            .with_members(vec![member]);
        let response = self.client.call(4, &request).await;
        match response.error_code {
            0 => response.members[0].error_code,
            code => code,
        }
    }
}
