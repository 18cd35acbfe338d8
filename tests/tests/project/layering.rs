//! Crates use only crates of the layers below them.
//!
//! ```text
//! tests, examples
//! connect-worker
//! connectors/*      connect-kafka      embedded-broker
//! connect-core      key-stores
//! connect-macros
//! ```

use std::collections::BTreeSet;

use cargo_metadata::{Package, PackageId};

use crate::workspace::{METADATA, folder, members_used_by, root, rust_files};

/// Clients and servers of any kind: what a plugin's author must not have to compile for the SDK.
const OUTSIDE_OF_THE_SDK: [&str; 11] = [
    "axum",
    "http",
    "hyper",
    "kafka-protocol",
    "openssl",
    "rdkafka",
    "rdkafka-sys",
    "reqwest",
    "rustls",
    "tower",
    "tower-http",
];

/// How the standard library and the runtime spell files, sockets and processes.
const INPUT_AND_OUTPUT: [&str; 7] = [
    "std::fs",
    "std::net",
    "std::os::unix::net",
    "std::process",
    "tokio::fs",
    "tokio::net",
    "tokio::process",
];

/// The members that a package may use, or `None` for all of them.
fn allowed(package: &Package) -> Option<BTreeSet<&str>> {
    let place = folder(package)
        .strip_prefix(root())
        .expect("a member lies in the workspace");
    let place = place.to_str().expect("folder names are text");
    let names: &[&str] = match place {
        "connect-macros" | "embedded-broker" | "key-stores" => &[],
        "connect-kafka" => &["key-stores"],
        "connect-core" => &["connect-macros"],
        "connectors/mirror" => &["connect-core", "connect-kafka"],
        _ if place.starts_with("connectors/") => &["connect-core"],
        "connect-worker" => {
            let below = [
                "connect-core",
                "connect-kafka",
                "embedded-broker",
                "key-stores",
            ];
            return Some(connectors().chain(below).collect());
        }
        "tests" => return None,
        _ => {
            assert!(
                place.starts_with("examples/"),
                "{place} has no layer: give it one here"
            );
            return None;
        }
    };
    Some(names.iter().copied().collect())
}

fn connectors() -> impl Iterator<Item = &'static str> {
    let place = root().join("connectors");
    let members = METADATA.workspace_packages().into_iter();
    members
        .filter(move |it| folder(it).starts_with(&place))
        .map(|it| it.name.as_str())
}

#[test]
fn dependencies_point_down_only() {
    let mut wrong = Vec::new();
    for package in METADATA.workspace_packages() {
        let Some(allowed) = allowed(package) else {
            continue;
        };
        for used in members_used_by(package) {
            if !allowed.contains(used) {
                wrong.push(format!("{} uses {used}", package.name));
            }
        }
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_sdk_links_no_client_and_no_server() {
    let linked = everything_linked_by("connect-core");
    let wrong: Vec<_> = OUTSIDE_OF_THE_SDK
        .iter()
        .filter(|name| linked.contains(*name))
        .collect();

    assert!(
        linked.contains("connect-macros"),
        "the closure is incomplete: {linked:?}"
    );
    assert!(wrong.is_empty(), "connect-core links {wrong:?}");
}

#[test]
fn the_sdk_touches_no_file_socket_or_process() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("connect-core/src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let found = INPUT_AND_OUTPUT.iter().filter(|name| text.contains(*name));
        wrong.extend(found.map(|name| format!("{} uses {name}", path.display())));
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Names of all packages that a build of `name` links, tests left out.
fn everything_linked_by(name: &str) -> BTreeSet<&'static str> {
    let resolve = METADATA
        .resolve
        .as_ref()
        .expect("cargo resolves the workspace");
    let start = METADATA
        .packages
        .iter()
        .find(|package| package.name == name);
    let mut waiting: Vec<&PackageId> = vec![&start.expect("a package of the workspace").id];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = resolve
            .nodes
            .iter()
            .find(|node| node.id == *id)
            .expect("a resolved package");
        let linked = node.deps.iter().filter(|dependency| {
            dependency
                .dep_kinds
                .iter()
                .any(|it| it.kind == cargo_metadata::DependencyKind::Normal)
        });
        waiting.extend(linked.map(|dependency| &dependency.pkg));
    }
    seen.into_iter()
        .map(|id| METADATA[id].name.as_str())
        .collect()
}
