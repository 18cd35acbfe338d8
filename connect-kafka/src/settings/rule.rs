//! What the [table](super::table) says of one setting, and the words that it is written in.

use std::ops::RangeInclusive;

use super::draft::Draft;
use crate::error::Result;

/// Which clients know a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Roles(u8);

pub(crate) const PRODUCER: Roles = Roles(1);
pub(crate) const CONSUMER: Roles = Roles(2);
pub(crate) const ADMIN: Roles = Roles(4);
pub(super) const ALL: Roles = Roles(7);
pub(super) const PRODUCER_AND_CONSUMER: Roles = Roles(3);
pub(super) const CONSUMER_AND_ADMIN: Roles = Roles(6);

impl Roles {
    pub(crate) fn include(self, role: Roles) -> bool {
        self.0 & role.0 != 0
    }
}

/// One setting of Java's clients.
pub(crate) struct Rule {
    pub(crate) key: &'static str,
    pub(crate) roles: Roles,
    pub(crate) how: How,
}

/// What becomes of a value.
pub(crate) enum How {
    /// A number: Java's type and range, then the engine's key and range.
    Number(Number),
    /// `true` or `false`.
    Flag(&'static str),
    /// Taken as it is.
    Text(&'static str),
    /// One of these, ignoring case; the second word is the engine's.
    Choice(&'static str, &'static [(&'static str, &'static str)]),
    /// Has rules of its own.
    Special(fn(&mut Draft<'_>, &str) -> Result<()>),
    /// Read by this crate, not by the engine; or true by construction.
    Here,
    /// No effect, for this reason.
    None(&'static str),
}

pub(crate) struct Number {
    pub(crate) to: &'static str,
    pub(crate) java_type: &'static str,
    pub(crate) java: RangeInclusive<i64>,
    pub(crate) engine: RangeInclusive<i64>,
    /// What Java's -1 is for the engine.
    pub(crate) minus_one: Option<&'static str>,
}

pub(super) const INT_MAX: i64 = i32::MAX as i64;

pub(super) const fn int(
    to: &'static str,
    java: RangeInclusive<i64>,
    engine: RangeInclusive<i64>,
) -> How {
    How::Number(Number {
        to,
        java_type: "INT",
        java,
        engine,
        minus_one: None,
    })
}

pub(super) const fn long(
    to: &'static str,
    java: RangeInclusive<i64>,
    engine: RangeInclusive<i64>,
) -> How {
    How::Number(Number {
        to,
        java_type: "LONG",
        java,
        engine,
        minus_one: None,
    })
}

pub(super) const fn int_or_default(to: &'static str, engine: RangeInclusive<i64>) -> How {
    How::Number(Number {
        to,
        java_type: "INT",
        java: -1..=INT_MAX,
        engine,
        minus_one: Some("0"),
    })
}

pub(super) const fn rule(key: &'static str, roles: Roles, how: How) -> Rule {
    Rule { key, roles, how }
}
