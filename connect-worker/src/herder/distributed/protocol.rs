//! What workers of a group tell each other: metadata with a request to join, assignments back.
//!
//! Pure functions of values and bytes. The layouts are the reference's, so workers of both kinds
//! can be members of one group.

mod wire;
mod work;

#[cfg(test)]
mod tests;

use std::str::{FromStr, Utf8Error};
use std::time::Duration;

use bytes::BufMut;

use wire::{Reader, put_bytes, put_text, put_work};

pub use work::Work;

/// Name of the kind of group that Connect's workers form.
pub const PROTOCOL_TYPE: &str = "connect";

/// How a group rebalances. Later ones can do all that earlier ones can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subprotocol {
    /// Everybody stops everything, and all of it is dealt out anew.
    Eager,
    /// Only what changes its worker is stopped.
    Compatible,
    /// The same, and requests between workers are signed with the session key.
    Sessioned,
}

impl Subprotocol {
    /// What a worker with this as its `connect.protocol` offers, in the order of its preference.
    #[must_use]
    pub fn offered(self) -> &'static [Self] {
        match self {
            Self::Eager => &[Self::Eager],
            Self::Compatible => &[Self::Compatible, Self::Eager],
            Self::Sessioned => &[Self::Sessioned, Self::Compatible, Self::Eager],
        }
    }

    /// The name by which members and broker know it.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Eager => "default",
            Self::Compatible => "compatible",
            Self::Sessioned => "sessioned",
        }
    }

    /// The one that members and broker know by this name; `None` when there is none.
    #[must_use]
    pub fn from_wire_name(name: &str) -> Option<Self> {
        let mut all = Self::Sessioned.offered().iter().copied();
        all.find(|it| it.wire_name() == name)
    }

    /// The name in metrics.
    #[must_use]
    pub fn metric_name(self) -> &'static str {
        match self {
            Self::Eager => "EAGER",
            Self::Compatible => "COMPATIBLE",
            Self::Sessioned => "SESSIONED",
        }
    }

    /// Whether work that stays with its worker runs on during a rebalance.
    #[must_use]
    pub fn is_incremental(self) -> bool {
        self != Self::Eager
    }

    fn version(self) -> i16 {
        match self {
            Self::Eager => 0,
            Self::Compatible => 1,
            Self::Sessioned => 2,
        }
    }
}

/// There is no such value of `connect.protocol`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no group protocol is called `{0}`: it is one of eager, compatible, sessioned")]
pub struct UnknownProtocol(String);

impl FromStr for Subprotocol {
    type Err = UnknownProtocol;

    /// Reads a value of `connect.protocol`, in capital letters or small ones.
    fn from_str(value: &str) -> Result<Self, UnknownProtocol> {
        let mut all = Self::Sessioned.offered().iter().copied();
        all.find(|it| it.metric_name().eq_ignore_ascii_case(value))
            .ok_or_else(|| UnknownProtocol(value.to_owned()))
    }
}

/// Why metadata or an assignment cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The bytes end too early.
    #[error("`{field}` wants {requested} bytes where {available} are left")]
    Truncated {
        /// What was to be read.
        field: &'static str,
        /// How many bytes it has by its kind or by its own account.
        requested: usize,
        /// How many there are.
        available: usize,
    },
    /// A number that counts something is below zero.
    #[error("`{field}` is {number}, which is below zero")]
    Negative {
        /// What was read.
        field: &'static str,
        /// The number.
        number: i64,
    },
    /// A text is none.
    #[error("`{field}` is not UTF-8")]
    Text {
        /// What was read.
        field: &'static str,
        /// What is wrong with it.
        source: Utf8Error,
    },
    /// A length, count or number has no room in the bytes that it gets.
    #[error("`{field}` of {number} is too big to be sent")]
    TooBig {
        /// What was to be written.
        field: &'static str,
        /// The length, count or number.
        number: usize,
    },
}

/// What a worker tells of itself when it joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerMetadata {
    /// Its advertised address, with a slash at the end.
    pub url: String,
    /// Up to where it has read the config topic; -1 when there was nothing.
    pub config_offset: i64,
    /// What it has been told to run; `None` before its first assignment.
    pub allocation: Option<Assignment>,
}

impl WorkerMetadata {
    /// Writes it for members that speak `subprotocol`. The eager one does not tell the allocation.
    ///
    /// # Errors
    /// When a text, count or number is too big for the format.
    pub fn encode(&self, subprotocol: Subprotocol) -> Result<Vec<u8>, ProtocolError> {
        let mut out = Vec::new();
        out.put_i16(subprotocol.version());
        put_text(&mut out, "url", &self.url)?;
        out.put_i64(self.config_offset);
        if subprotocol.is_incremental() {
            let allocation = self.allocation.as_ref();
            let allocation = allocation.map(|it| it.encode(subprotocol)).transpose()?;
            put_bytes(&mut out, "allocation", allocation.as_deref())?;
        }
        Ok(out)
    }

    /// Reads it in whatever version. Bytes behind the last known field count for nothing.
    ///
    /// # Errors
    /// When the bytes end too early, or one of the values cannot be.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProtocolError> {
        let mut input = Reader::new(bytes);
        input.version()?;
        let url = input.text("url")?.to_owned();
        let config_offset = input.i64("config-offset")?;
        let allocation = match input.at_end() {
            true => None,
            false => input.bytes("allocation")?,
        };
        Ok(Self {
            url,
            config_offset,
            allocation: allocation.map(Assignment::decode).transpose()?,
        })
    }
}

/// Whether the leader could assign anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignmentError {
    /// It could.
    None,
    /// It has not read the config topic as far as some member.
    ConfigMismatch,
    /// Something that a later leader may know.
    Other(i16),
}

impl AssignmentError {
    fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::ConfigMismatch => 1,
            Self::Other(code) => code,
        }
    }

    fn from_code(code: i16) -> Self {
        match code {
            0 => Self::None,
            1 => Self::ConfigMismatch,
            code => Self::Other(code),
        }
    }
}

/// What the leader tells a worker to run, and what a worker tells that it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Whether it could be made.
    pub error: AssignmentError,
    /// Member id of the leader.
    pub leader: String,
    /// Advertised address of the leader, with a slash at the end.
    pub leader_url: String,
    /// Up to where the config topic must be read to know what is assigned.
    pub config_offset: i64,
    /// From an incremental leader what is new, from an eager one everything.
    pub assigned: Work,
    /// What is to be stopped; empty from an eager leader.
    pub revoked: Work,
    /// After what time the worker is to join again, in whole milliseconds; zero for not at all.
    pub delay: Duration,
}

impl Assignment {
    /// Whether nothing could be assigned, so that the worker has to join again.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.error != AssignmentError::None
    }

    /// Adds what the worker held before and need not stop, behind what is new.
    ///
    /// What comes out is what the worker is to run, and what it reports when it joins the next
    /// time. It is reported with nothing revoked: whoever stops that takes it out of the
    /// assignment.
    pub fn keep(&mut self, held: &Work) {
        self.assigned.add(&held.without(&self.revoked));
    }

    /// Writes it for members that speak `subprotocol`. The eager one tells neither what is revoked
    /// nor a delay.
    ///
    /// # Errors
    /// When a text, count, number or the delay is too big for the format.
    pub fn encode(&self, subprotocol: Subprotocol) -> Result<Vec<u8>, ProtocolError> {
        let mut out = Vec::new();
        out.put_i16(subprotocol.version());
        out.put_i16(self.error.code());
        put_text(&mut out, "leader", &self.leader)?;
        put_text(&mut out, "leader-url", &self.leader_url)?;
        out.put_i64(self.config_offset);
        put_work(&mut out, "assignment", &self.assigned)?;
        if subprotocol.is_incremental() {
            put_work(&mut out, "revoked", &self.revoked)?;
            wire::put_number(&mut out, "delay", self.delay.as_millis())?;
        }
        Ok(out)
    }

    /// Reads it in whatever version. Bytes behind the last known field count for nothing, and a
    /// delay below zero is none.
    ///
    /// # Errors
    /// When the bytes end too early, or one of the values cannot be.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProtocolError> {
        let mut input = Reader::new(bytes);
        input.version()?;
        Ok(Self {
            error: AssignmentError::from_code(input.i16("error")?),
            leader: input.text("leader")?.to_owned(),
            leader_url: input.text("leader-url")?.to_owned(),
            config_offset: input.i64("config-offset")?,
            assigned: input.work("assignment")?,
            revoked: match input.at_end() {
                true => Work::default(),
                false => input.work("revoked")?,
            },
            delay: match input.at_end() {
                true => Duration::ZERO,
                false => Duration::from_millis(u64::try_from(input.i32("delay")?).unwrap_or(0)),
            },
        })
    }
}
