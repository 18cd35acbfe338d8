//! `DescribeGroups`, `ListGroups`, `DeleteGroups`.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{
    DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse,
    GroupId, ListGroupsRequest, ListGroupsResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::Call;
use super::cluster::NO_OPERATIONS;
use crate::groups::Groups;
use crate::groups::group::{Group, State};
use crate::groups::member::Member;
use crate::refusal::Refusal;
use crate::wire::shape::{BOOL, Field, TEXTS};

pub(super) const DESCRIBE_SHAPE: &[Field] = &[TEXTS, BOOL.since(3)];
pub(super) const LIST_SHAPE: &[Field] = &[TEXTS.since(4), TEXTS.since(5)];
pub(super) const DELETE_SHAPE: &[Field] = &[TEXTS];

const DEAD: &str = "Dead";
/// All groups use the protocol in which clients assign.
const GROUP_TYPE: &str = "classic";

pub(super) fn describe(call: &Call<'_>, request: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let groups = call.node.groups.borrow();
    let described = request.groups.into_iter().map(|id| {
        let described = DescribedGroup::default();
        let described = match groups.get(&id) {
            Some(group) => describe_group(described, group, call.version),
            None => described.with_group_state(StrBytes::from_static_str(state_name(&groups, &id))),
        };
        let described = match call.version {
            3.. => described.with_authorized_operations(NO_OPERATIONS),
            _ => described,
        };
        described.with_group_id(id)
    });
    DescribeGroupsResponse::default().with_groups(described.collect())
}

fn state_name(groups: &Groups, id: &str) -> &'static str {
    match groups.get(id) {
        Some(group) => group.state().name(),
        None if groups.exists(id) => State::Empty.name(),
        None => DEAD,
    }
}

fn describe_group(described: DescribedGroup, group: &Group, version: i16) -> DescribedGroup {
    let members = group.members().iter();
    let members = members.map(|it| describe_member(it, group, version));
    described
        .with_group_state(StrBytes::from_static_str(group.state().name()))
        .with_protocol_type(StrBytes::from_string(group.protocol_type().to_owned()))
        .with_protocol_data(StrBytes::from_string(group.protocol().to_owned()))
        .with_members(members.collect())
}

fn describe_member(member: &Member, group: &Group, version: i16) -> DescribedGroupMember {
    let described = DescribedGroupMember::default()
        .with_member_id(StrBytes::from_string(member.id.clone()))
        .with_client_id(StrBytes::from_string(member.client_id.clone()))
        .with_client_host(StrBytes::from_string(format!("/{}", member.client_host)))
        .with_member_assignment(member.assignment.clone())
        .with_member_metadata(member.metadata(group.protocol()));
    let instance_id = member.instance_id.clone();
    match version {
        4.. => described.with_group_instance_id(instance_id.map(StrBytes::from_string)),
        _ => described,
    }
}

pub(super) fn list(call: &Call<'_>, request: &ListGroupsRequest) -> ListGroupsResponse {
    let groups = call.node.groups.borrow();
    let wants = |filter: &[StrBytes], value: &str| {
        filter.is_empty() || filter.iter().any(|it| it.eq_ignore_ascii_case(value))
    };
    let mut listed = Vec::new();
    for id in groups.ids() {
        let state = state_name(&groups, &id);
        if !wants(&request.states_filter, state) || !wants(&request.types_filter, GROUP_TYPE) {
            continue;
        }
        let protocol_type = groups.get(&id).map_or("", Group::protocol_type).to_owned();
        let group = ListedGroup::default()
            .with_group_id(GroupId(StrBytes::from_string(id)))
            .with_protocol_type(StrBytes::from_string(protocol_type));
        let group = match call.version {
            4.. => group.with_group_state(StrBytes::from_static_str(state)),
            _ => group,
        };
        listed.push(match call.version {
            5.. => group.with_group_type(StrBytes::from_static_str(GROUP_TYPE)),
            _ => group,
        });
    }
    ListGroupsResponse::default().with_groups(listed)
}

pub(super) fn delete(call: &Call<'_>, request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let mut groups = call.node.groups.borrow_mut();
    let results = request.groups_names.into_iter().map(|id| {
        let deleted = delete_group(&mut groups, &id);
        DeletableGroupResult::default()
            .with_error_code(deleted.map_or_else(|error| error.code(), |()| 0))
            .with_group_id(id)
    });
    DeleteGroupsResponse::default().with_results(results.collect())
}

fn delete_group(groups: &mut Groups, id: &str) -> Result<(), ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if !groups.exists(id) {
        return Err(ResponseError::GroupIdNotFound);
    }
    if groups.get(id).is_some_and(|it| it.state() != State::Empty) {
        return Err(ResponseError::NonEmptyGroup);
    }
    groups
        .offsets
        .delete_group(id)
        .map_err(|error| Refusal::storage("the committed offsets", &error).error)?;
    groups.forget(id);
    Ok(())
}
