//! `docs/metrics.md` is what the table of names says.

use std::fmt::Write;

use expect_test::expect_file;

use crate::metrics::names::{Attribute, GROUPS, Group, Kind};
use crate::metrics::prometheus;

const INTRODUCTION: &str = include_str!("introduction.md");

#[test]
fn the_page_is_current() {
    let mut page = INTRODUCTION.to_owned();
    for group in GROUPS.iter().filter(|it| !it.attributes.is_empty()) {
        page += &section(group);
    }
    expect_file!["../../../../docs/metrics.md"].assert_eq(&page);
}

fn section(group: &Group) -> String {
    let Group { domain, name, .. } = group;
    let tags = match group.tags {
        [] => "no tags".to_owned(),
        tags => format!("tags `{}`", tags.join("`, `")),
    };
    let mut text = format!(
        "\n### `{domain}:type={name}`, {tags}\n\n\
         | attribute | Prometheus | kind | unit | meaning |\n| --- | --- | --- | --- | --- |\n"
    );
    for attribute in group.attributes {
        let Attribute {
            name,
            kind,
            unit,
            meaning,
        } = attribute;
        let metric = metric(group, attribute);
        let kind = kind.as_str();
        writeln!(
            text,
            "| `{name}` | `{metric}` | {kind} | {unit} | {meaning} |"
        )
        .unwrap();
    }
    text
}

/// The name of the series, as in the text itself.
fn metric(group: &Group, attribute: &Attribute) -> String {
    match (attribute.kind, attribute.name, group.name) {
        (Kind::Text, "status", "connector-metrics") => "kafka_connect_connector_state".to_owned(),
        (Kind::Text, "status", _) => "kafka_connect_connector_status".to_owned(),
        (Kind::Text, name, _) => format!("{}_info", prometheus::name(group, name)),
        (_, name, _) => prometheus::name(group, name),
    }
}
