//! The table of names beside what a Java worker of 4.3.1 showed through JMX.
//!
//! `reference.txt` has a line for each kind of bean: domain, type and tags, then its attributes. The
//! worker was standalone and ran a source with a transform and a predicate, and sinks.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::metrics::names::Attribute;

const SHOWN: &str = include_str!("reference.txt");

/// Beans under which the Java worker shows what stands elsewhere too.
const REPEATED: [&str; 2] = [
    "kafka.connect:type=app-info",
    "kafka.connect:type=app-info id",
];

/// What the Java worker has, by bean.
fn reference() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let lines = SHOWN.lines().filter_map(|it| it.rsplit_once(": "));
    lines
        .map(|(bean, attributes)| (bean, attributes.split(' ').collect()))
        .collect()
}

/// What this worker has, likewise.
fn ours() -> BTreeMap<String, BTreeSet<&'static str>> {
    let groups = GROUPS.into_iter().filter(|it| !it.attributes.is_empty());
    groups
        .map(|group| {
            let bean = format!(
                "{}:type={} {}",
                group.domain,
                group.name,
                group.tags.join(" ")
            );
            let names = group.attributes.iter().map(|Attribute { name, .. }| *name);
            (bean.trim_end().to_owned(), names.collect())
        })
        .collect()
}

#[test]
fn groups_attributes_and_tags_are_those_of_the_java_worker() {
    let mut reference = reference();
    reference.retain(|bean, _| bean.starts_with("kafka.connect:") && !REPEATED.contains(bean));
    let mut ours = ours();
    ours.retain(|bean, _| bean.starts_with("kafka.connect:") && !bean.contains("=ext-"));

    let ours: BTreeMap<&str, _> = ours
        .iter()
        .map(|(bean, it)| (&**bean, it.clone()))
        .collect();
    assert_eq!(ours, reference);
}

#[test]
fn every_name_of_a_client_is_one_of_the_java_clients() {
    let reference = reference();
    let mut seen = 0;
    for (bean, names) in ours() {
        if bean.starts_with("kafka.connect:") {
            continue;
        }
        let known = reference.get(&*bean).unwrap_or_else(|| panic!("{bean}"));
        let unknown: Vec<_> = names.difference(known).collect();
        assert!(unknown.is_empty(), "{bean}: {unknown:?}");
        seen += 1;
    }
    assert_eq!(seen, 9);
}
