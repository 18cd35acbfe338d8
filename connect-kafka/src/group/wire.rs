//! Requests of a member and the meaning of the broker's codes.

use std::time::Duration;

use bytes::{Buf, Bytes};
use kafka_protocol::messages::{
    ApiKey, FindCoordinatorRequest, GroupId, HeartbeatRequest, JoinGroupRequest, LeaveGroupRequest,
    MetadataRequest, SyncGroupRequest, join_group_request::JoinGroupRequestProtocol,
    leave_group_request::MemberIdentity, sync_group_request::SyncGroupRequestAssignment,
};
use kafka_protocol::protocol::{StrBytes, VersionRange};

use super::{GroupMemberSettings, Offer};
use crate::error::{ErrorKind, KafkaError, Result};
use crate::librdkafka::error_of;

/// Newer ones ask for many groups at once.
pub(super) const FIND: VersionRange = VersionRange { min: 0, max: 3 };
/// Newer ones have more in them than brokers.
pub(super) const METADATA: VersionRange = VersionRange { min: 1, max: 8 };
pub(super) const JOIN: VersionRange = VersionRange { min: 1, max: 9 };
pub(super) const SYNC: VersionRange = VersionRange { min: 0, max: 5 };
pub(super) const HEARTBEAT: VersionRange = VersionRange { min: 0, max: 4 };
pub(super) const LEAVE: VersionRange = VersionRange { min: 0, max: 5 };

/// The reference cuts reasons here.
const REASON_CHARS: usize = 255;

/// What the coordinator's code means for a member.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Done,
    /// Another broker is the coordinator, or none is yet.
    NotHere,
    /// The coordinator is still reading what it has to know.
    Loading,
    UnknownMember,
    IllegalGeneration,
    Rebalancing,
    /// The member asks again with the id that it is given.
    IdRequired,
    /// Nothing of this; final.
    Refused(KafkaError),
}

impl Verdict {
    pub(super) fn of(code: i16) -> Self {
        match code {
            0 => Self::Done,
            14 => Self::Loading,
            15 | 16 => Self::NotHere,
            22 => Self::IllegalGeneration,
            25 => Self::UnknownMember,
            27 => Self::Rebalancing,
            79 => Self::IdRequired,
            _ => Self::Refused(refusal(code)),
        }
    }
}

/// `Ok`, or the error for a code, sorted.
pub(super) fn check(code: i16) -> Result<()> {
    match error_of(code.into(), None) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The final error for a code. Missing permissions stay what they are.
pub(super) fn refusal(code: i16) -> KafkaError {
    match check(code) {
        Err(error) if error.kind() == ErrorKind::Authorization => error,
        Err(error) => error.into_fatal(),
        Ok(()) => KafkaError::new(ErrorKind::Fatal, "the broker refused without a reason"),
    }
}

pub(super) fn find(group: &str) -> FindCoordinatorRequest {
    FindCoordinatorRequest::default().with_key(text(group))
}

/// Asks for brokers, and for no topic.
pub(super) fn metadata() -> MetadataRequest {
    MetadataRequest::default().with_topics(Some(Vec::new()))
}

pub(super) fn join(
    version: i16,
    settings: &GroupMemberSettings,
    member_id: &str,
    offers: &[Offer],
    reason: &str,
) -> JoinGroupRequest {
    let protocols = offers.iter().map(|offer| {
        JoinGroupRequestProtocol::default()
            .with_name(text(&offer.name))
            .with_metadata(offer.metadata.clone())
    });
    JoinGroupRequest::default()
        .with_group_id(group(settings))
        .with_session_timeout_ms(millis(settings.session_timeout))
        .with_rebalance_timeout_ms(millis(settings.rebalance_timeout))
        .with_member_id(text(member_id))
        .with_protocol_type(text(&settings.protocol_type))
        .with_protocols(protocols.collect())
        .with_reason((version >= 8).then(|| cut(reason)))
}

pub(super) fn sync(
    version: i16,
    settings: &GroupMemberSettings,
    (member_id, generation, protocol): (&str, i32, &str),
    assignments: Vec<(String, Bytes)>,
) -> SyncGroupRequest {
    let assignments = assignments.into_iter().map(|(member, assignment)| {
        SyncGroupRequestAssignment::default()
            .with_member_id(member.into())
            .with_assignment(assignment)
    });
    let names_protocol = version >= 5;
    SyncGroupRequest::default()
        .with_group_id(group(settings))
        .with_generation_id(generation)
        .with_member_id(text(member_id))
        .with_protocol_type(names_protocol.then(|| text(&settings.protocol_type)))
        .with_protocol_name(names_protocol.then(|| text(protocol)))
        .with_assignments(assignments.collect())
}

pub(super) fn heartbeat(
    settings: &GroupMemberSettings,
    member_id: &str,
    generation: i32,
) -> HeartbeatRequest {
    HeartbeatRequest::default()
        .with_group_id(group(settings))
        .with_generation_id(generation)
        .with_member_id(text(member_id))
}

pub(super) fn leave(
    version: i16,
    settings: &GroupMemberSettings,
    member_id: &str,
    reason: &str,
) -> LeaveGroupRequest {
    let request = LeaveGroupRequest::default().with_group_id(group(settings));
    if version < 3 {
        return request.with_member_id(text(member_id));
    }
    let member = MemberIdentity::default()
        .with_member_id(text(member_id))
        .with_reason((version >= 5).then(|| cut(reason)));
    request.with_members(vec![member])
}

pub(super) fn text(it: &str) -> StrBytes {
    StrBytes::from_string(it.to_owned())
}

fn group(settings: &GroupMemberSettings) -> GroupId {
    GroupId(text(&settings.group_id))
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

fn cut(reason: &str) -> StrBytes {
    StrBytes::from_string(reason.chars().take(REASON_CHARS).collect())
}

/// Refuses an answer whose list announces more elements than there are bytes: the decoder sets memory aside for all of
/// them before it reads the first.
pub(super) fn check_lists(key: i16, version: i16, answer: &Bytes) -> Result<(), String> {
    let mut walk = Walk {
        rest: answer.as_ref(),
        is_compact: false,
    };
    let announced = match ApiKey::try_from(key) {
        Ok(ApiKey::ApiVersions | ApiKey::SaslHandshake) => walk.skip(2).and_then(|()| walk.list()),
        Ok(ApiKey::Metadata) => walk.skip_to_topics(version).and_then(|()| walk.list()),
        Ok(ApiKey::JoinGroup) => {
            walk.is_compact = version >= 6;
            walk.skip_to_members(version).and_then(|()| walk.list())
        }
        Ok(ApiKey::LeaveGroup) if version >= 3 => {
            walk.is_compact = version >= 4;
            walk.skip(6).and_then(|()| walk.list())
        }
        _ => Some(0),
    };
    match announced {
        Some(count) if count <= walk.rest.len() => Ok(()),
        Some(count) => Err(format!("announces {count} elements that are not there")),
        None => Err("ends too early".to_owned()),
    }
}

/// A walk through an answer, as far as its list.
struct Walk<'a> {
    rest: &'a [u8],
    is_compact: bool,
}

impl Walk<'_> {
    fn skip_to_members(&mut self, version: i16) -> Option<()> {
        let throttle = if version >= 2 { 4 } else { 0 };
        self.skip(throttle + 2 + 4)?;
        if version >= 7 {
            self.text()?;
        }
        self.text()?;
        self.text()?;
        if version >= 9 {
            self.skip(1)?;
        }
        self.text()
    }

    /// Brokers are walked through on the way: whatever their number is, the last one has to be there.
    fn skip_to_topics(&mut self, version: i16) -> Option<()> {
        self.skip(if version >= 3 { 4 } else { 0 })?;
        for _ in 0..self.list()? {
            self.skip(4)?;
            self.text()?;
            self.skip(4)?;
            self.text()?;
        }
        if version >= 2 {
            self.text()?;
        }
        self.skip(4)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }

    fn text(&mut self) -> Option<()> {
        let length = match self.is_compact {
            true => self.length()?,
            false => usize::try_from(self.rest.try_get_i16().ok()?).unwrap_or(0),
        };
        self.skip(length)
    }

    fn list(&mut self) -> Option<usize> {
        match self.is_compact {
            true => self.length(),
            false => Some(usize::try_from(self.rest.try_get_i32().ok()?).unwrap_or(0)),
        }
    }

    /// A length of the compact kind, where nothing and absent are both nothing.
    fn length(&mut self) -> Option<usize> {
        let mut number: u32 = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.rest.try_get_u8().ok()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(number.saturating_sub(1)).ok();
            }
        }
        None
    }
}
