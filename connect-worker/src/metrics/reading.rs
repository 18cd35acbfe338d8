//! What was measured, at one moment.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::names::Group;
use super::windows::float;

/// The figures of one object: what JMX calls a bean.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Which figures these are.
    pub group: &'static Group,
    /// Whose they are: names and values, in the order of the group.
    pub tags: Vec<(Cow<'static, str>, String)>,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// A name and what was measured.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The reference's name.
    pub name: Cow<'static, str>,
    /// What was measured.
    pub value: Value,
    /// What it means, where the group does not say so.
    pub meaning: Option<String>,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number; NaN when there is nothing to tell.
    Number(f64),
    /// A word.
    Text(Cow<'static, str>),
    /// A word that nobody knows.
    Unknown,
}

/// Tags of a reading.
pub(super) type Tags = Vec<(Cow<'static, str>, String)>;

/// Tags by the names that a group has for them.
pub(super) fn tags<const N: usize>(group: &'static Group, values: [&str; N]) -> Tags {
    debug_assert_eq!(group.tags.len(), N, "{}", group.name);
    let names = group.tags.iter().map(|it| Cow::Borrowed(*it));
    names.zip(values.map(str::to_owned)).collect()
}

pub(super) fn figure(name: &'static str, value: Value) -> Figure {
    Figure {
        name: Cow::Borrowed(name),
        value,
        meaning: None,
    }
}

pub(super) fn number(name: &'static str, value: f64) -> Figure {
    figure(name, Value::Number(value))
}

/// A count that somebody else keeps.
pub(super) fn total(name: &'static str, count: &AtomicU64) -> Figure {
    number(name, float(count.load(Relaxed)))
}

pub(super) fn text(name: &'static str, text: impl Into<Cow<'static, str>>) -> Figure {
    figure(name, Value::Text(text.into()))
}
