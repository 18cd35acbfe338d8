//! `JoinGroup`, `SyncGroup`, `Heartbeat`, `LeaveGroup`.

use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    LeaveGroupResponse, SyncGroupRequest, SyncGroupResponse,
};
use kafka_protocol::protocol::StrBytes;
use tokio::sync::oneshot;

use super::Call;
use crate::groups::group::Caller;
use crate::groups::member::{Join, JoinError, Joined, Protocol};
use crate::groups::new_member_id;
use crate::wire::shape::{BYTES, Field, I32, TEXT, structs};

pub(super) const JOIN_SHAPE: &[Field] = &[
    TEXT,
    I32,
    I32.since(1),
    TEXT,
    TEXT.since(5),
    TEXT,
    structs(&[TEXT, BYTES]),
    TEXT.since(8),
];
pub(super) const SYNC_SHAPE: &[Field] = &[
    TEXT,
    I32,
    TEXT,
    TEXT.since(3),
    TEXT.since(5),
    TEXT.since(5),
    structs(&[TEXT, BYTES]),
];
pub(super) const HEARTBEAT_SHAPE: &[Field] = &[TEXT, I32, TEXT, TEXT.since(3)];
pub(super) const LEAVE_SHAPE: &[Field] = &[
    TEXT,
    TEXT.until(2),
    structs(&[TEXT, TEXT, TEXT.since(5)]).since(3),
];

const MAX_SESSION_TIMEOUT: Duration = Duration::from_secs(30 * 60);

pub(super) async fn join(call: &Call<'_>, request: JoinGroupRequest) -> JoinGroupResponse {
    let member_id = request.member_id.to_string();
    let joined = match join_group(call, request) {
        Ok(reply) => reply.await.unwrap_or(Err(JoinError {
            error: ResponseError::UnknownMemberId,
            member_id,
        })),
        Err(error) => Err(JoinError { error, member_id }),
    };
    respond_joined(call.version, joined)
}

fn join_group(
    call: &Call<'_>,
    request: JoinGroupRequest,
) -> Result<oneshot::Receiver<Result<Joined, JoinError>>, ResponseError> {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let session_timeout = millis(request.session_timeout_ms);
    let allowed = call.node.config.min_session_timeout..=MAX_SESSION_TIMEOUT;
    if !allowed.contains(&session_timeout) {
        return Err(ResponseError::InvalidSessionTimeout);
    }
    let mut groups = call.node.groups.borrow_mut();
    if !request.member_id.is_empty() && groups.get(&request.group_id).is_none() {
        return Err(ResponseError::UnknownMemberId);
    }
    let instance_id = request.group_instance_id.map(|it| it.to_string());
    let new_id = new_member_id(instance_id.as_deref().unwrap_or(&call.client_id));
    let protocols = request.protocols.into_iter().map(|it| Protocol {
        name: it.name.to_string(),
        // The request's buffer is large; what is kept long has its own.
        metadata: it.metadata.to_vec().into(),
    });
    let join = Join {
        member_id: request.member_id.to_string(),
        id_first: call.version >= 4,
        can_skip_assignment: call.version >= 9,
        client_id: call.client_id.to_string(),
        client_host: call.client.peer.ip(),
        session_timeout,
        rebalance_timeout: match call.version {
            0 => session_timeout,
            _ => millis(request.rebalance_timeout_ms),
        },
        protocol_type: request.protocol_type.to_string(),
        protocols: protocols.collect(),
        instance_id,
    };
    let (reply, answer) = oneshot::channel();
    let group = groups.get_or_begin(&request.group_id);
    group.join(join, new_id, reply, Instant::now());
    call.node.groups_changed.notify_one();
    Ok(answer)
}

fn millis(count: i32) -> Duration {
    Duration::from_millis(u64::try_from(count).unwrap_or(0))
}

fn respond_joined(version: i16, joined: Result<Joined, JoinError>) -> JoinGroupResponse {
    let response = JoinGroupResponse::default();
    let joined = match joined {
        Ok(joined) => joined,
        Err(failed) => {
            let response = response
                .with_error_code(failed.error.code())
                .with_generation_id(-1)
                .with_member_id(StrBytes::from_string(failed.member_id));
            return match version {
                7.. => response.with_protocol_name(None),
                _ => response,
            };
        }
    };
    let members = joined
        .members
        .into_iter()
        .map(|(id, instance_id, metadata)| {
            let member = JoinGroupResponseMember::default()
                .with_member_id(StrBytes::from_string(id))
                .with_metadata(metadata);
            match version {
                5.. => member.with_group_instance_id(instance_id.map(StrBytes::from_string)),
                _ => member,
            }
        });
    let response = response
        .with_generation_id(joined.generation)
        .with_protocol_name(Some(StrBytes::from_string(joined.protocol)))
        .with_leader(StrBytes::from_string(joined.leader))
        .with_member_id(StrBytes::from_string(joined.member_id))
        .with_members(members.collect());
    let response = match version {
        7.. => response.with_protocol_type(Some(StrBytes::from_string(joined.protocol_type))),
        _ => response,
    };
    match version {
        9.. => response.with_skip_assignment(joined.skip_assignment),
        _ => response,
    }
}

pub(super) async fn sync(call: &Call<'_>, request: SyncGroupRequest) -> SyncGroupResponse {
    let (reply, answer) = oneshot::channel();
    let unknown = Err(ResponseError::UnknownMemberId);
    if let Some(group) = call.node.groups.borrow_mut().get_mut(&request.group_id) {
        let caller = Caller {
            member_id: &request.member_id,
            instance_id: request.group_instance_id.as_deref(),
            generation: request.generation_id,
        };
        let expected = (
            request.protocol_type.as_deref(),
            request.protocol_name.as_deref(),
        );
        let assignments = request.assignments.iter();
        // The request's buffer is large; what is kept long has its own.
        let assignments =
            assignments.map(|it| (it.member_id.to_string(), it.assignment.to_vec().into()));
        group.sync(
            caller,
            expected,
            assignments.collect(),
            reply,
            Instant::now(),
        );
    } else {
        drop(reply);
    }
    call.node.groups_changed.notify_one();
    // A sender that is gone stands for a group or a member that is gone.
    let synced = answer.await.unwrap_or(unknown);
    let response = SyncGroupResponse::default();
    match synced {
        Err(error) => response.with_error_code(error.code()),
        Ok(synced) => {
            let response = response.with_assignment(synced.assignment);
            match call.version {
                5.. => response
                    .with_protocol_type(Some(StrBytes::from_string(synced.protocol_type)))
                    .with_protocol_name(Some(StrBytes::from_string(synced.protocol))),
                _ => response,
            }
        }
    }
}

pub(super) fn heartbeat(call: &Call<'_>, request: &HeartbeatRequest) -> HeartbeatResponse {
    let mut groups = call.node.groups.borrow_mut();
    let beaten = match groups.get_mut(&request.group_id) {
        None => Err(ResponseError::UnknownMemberId),
        Some(group) => {
            let caller = Caller {
                member_id: &request.member_id,
                instance_id: request.group_instance_id.as_deref(),
                generation: request.generation_id,
            };
            group.heartbeat(caller, Instant::now())
        }
    };
    HeartbeatResponse::default().with_error_code(code(beaten))
}

fn code(result: Result<(), ResponseError>) -> i16 {
    result.map_or_else(|error| error.code(), |()| 0)
}

pub(super) fn leave(call: &Call<'_>, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let mut groups = call.node.groups.borrow_mut();
    let mut group = groups.get_mut(&request.group_id);
    let mut leave = |member_id: &str, instance_id: Option<&str>| match &mut group {
        None => Err(ResponseError::UnknownMemberId),
        Some(group) => group.leave(member_id, instance_id, Instant::now()),
    };
    let response = if call.version < 3 {
        let left = leave(&request.member_id, None);
        LeaveGroupResponse::default().with_error_code(code(left))
    } else {
        let members = request.members.into_iter().map(|it| {
            let left = leave(&it.member_id, it.group_instance_id.as_deref());
            MemberResponse::default()
                .with_member_id(it.member_id)
                .with_group_instance_id(it.group_instance_id)
                .with_error_code(code(left))
        });
        LeaveGroupResponse::default().with_members(members.collect())
    };
    call.node.groups_changed.notify_one();
    response
}
