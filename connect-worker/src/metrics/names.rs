//! The table of everything that is measured: groups and attributes by the reference's names, each
//! with its unit and its meaning. `docs/metrics.md` is made from it.

mod clients;
mod tasks;
mod worker;

/// What a figure is, which decides how it behaves when nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The present value.
    Value,
    /// Everything since the object was created; it only grows.
    Total,
    /// For each second of the kept samples; 0 when there is none.
    Rate,
    /// Over the kept samples; NaN when there is none.
    Max,
    /// As `Max`.
    Average,
    /// A share of outcomes among those in the kept samples, from 0 to 1; 0 when there is none.
    Fraction,
    /// A share of the time since the object was created, from 0 to 1.
    Ratio,
    /// A word and no number.
    Text,
}

impl Kind {
    /// The word for it in the documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Total => "total",
            Self::Rate => "rate",
            Self::Max => "max",
            Self::Average => "avg",
            Self::Fraction => "fraction",
            Self::Ratio => "ratio",
            Self::Text => "text",
        }
    }
}

/// Figures that belong to one object and appear together: what JMX calls the type of a bean.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// Domain in JMX: `kafka.connect`, or that of a client.
    pub domain: &'static str,
    /// Type in JMX.
    pub name: &'static str,
    /// Names of its tags.
    pub tags: &'static [&'static str],
    /// What it has.
    pub attributes: &'static [Attribute],
}

/// One figure of a group.
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The reference's name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it is counted in; empty for words and plain numbers.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

impl Group {
    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|it| it.name == name)
    }
}

const fn attribute(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    meaning: &'static str,
) -> Attribute {
    Attribute {
        name,
        kind,
        unit,
        meaning,
    }
}

const CONNECT: &str = "kafka.connect";

pub(super) use clients::{
    CONSUMER, CONSUMER_COORDINATOR, CONSUMER_NODE, FETCH, FETCH_PARTITION, FETCH_TOPIC, PRODUCER,
    PRODUCER_NODE, PRODUCER_TOPIC,
};
pub(super) use tasks::{ERRORS, PREDICATE, PROGRESS, SINK, SOURCE, TASK, TRANSFORM};
pub(super) use worker::{APP_INFO, CONNECTOR, CONNECTOR_TASKS, COUNT, PLUGINS, RUNTIME, WORKER};

/// All groups, in the order of the documentation.
pub const GROUPS: [&Group; 23] = [
    &WORKER,
    &CONNECTOR_TASKS,
    &CONNECTOR,
    &TASK,
    &SOURCE,
    &SINK,
    &ERRORS,
    &TRANSFORM,
    &PREDICATE,
    &PLUGINS,
    &APP_INFO,
    &COUNT,
    &PROGRESS,
    &RUNTIME,
    &PRODUCER,
    &PRODUCER_TOPIC,
    &PRODUCER_NODE,
    &CONSUMER,
    &FETCH,
    &FETCH_TOPIC,
    &FETCH_PARTITION,
    &CONSUMER_COORDINATOR,
    &CONSUMER_NODE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_appears_once_in_its_group() {
        for group in GROUPS {
            let names: BTreeSet<_> = group.attributes.iter().map(|it| it.name).collect();
            assert_eq!(names.len(), group.attributes.len(), "{}", group.name);
            for attribute in group.attributes {
                let is_total = attribute.name.ends_with("-total");
                assert!(!is_total || attribute.kind == Kind::Total, "{attribute:?}");
                assert!(attribute.meaning.ends_with('.'), "{attribute:?}");
            }
        }
    }
}
