//! Every bundled connector has the tests that hold for all of them.

use std::fs;

use crate::workspace::{root, rust_files};

/// The names that stand behind an attribute, as those of structs.
fn structs_under(attribute: &str, text: &str) -> Vec<String> {
    let declared = text.split(attribute).skip(1);
    let names = declared.filter_map(|it| it.split("struct ").nth(1));
    let end = |it: char| !it.is_alphanumeric();
    names
        .filter_map(|it| it.split(end).next().map(str::to_owned))
        .collect()
}

#[test]
fn every_bundled_connector_has_the_tests_of_all_connectors() {
    let texts: Vec<_> = rust_files(&root().join("connectors"))
        .into_iter()
        .map(|path| fs::read_to_string(path).expect("sources can be read"))
        .collect();
    let all = texts.concat();

    let mut connectors = 0;
    for (attribute, kind) in [
        ("\n#[source_connector", "source"),
        ("\n#[sink_connector", "sink"),
    ] {
        for name in texts.iter().flat_map(|it| structs_under(attribute, it)) {
            let suites = all.split("connect_core::conformance!(").skip(1);
            let mut suites = suites.filter_map(|it| it.split(',').next().map(str::trim));
            let has_suite = suites.any(|it| it.starts_with(kind) && it.ends_with(&name));
            assert!(has_suite, "`{name}` has no `connect_core::conformance!`");
            connectors += 1;
        }
    }
    assert!(connectors >= 2, "{connectors} connectors were found");
}
