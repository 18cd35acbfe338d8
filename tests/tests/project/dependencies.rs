//! `deny.toml` holds even where `cargo deny` is not installed: licences, sources, banned packages.

use std::collections::BTreeSet;

use crate::workspace::{METADATA, folder, members_used_by, root, rust_files};

#[test]
fn every_licence_is_allowed() {
    let allowed = quoted_after("allow = [");
    assert!(
        allowed.contains("Apache-2.0"),
        "no allow list in deny.toml: {allowed:?}"
    );

    let mut wrong = Vec::new();
    for package in &METADATA.packages {
        let licence = package.license.as_deref().unwrap_or("no licence");
        if !permits(licence, &allowed) {
            wrong.push(format!("{} {}: {licence}", package.name, package.version));
        }
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_foreign_package_comes_from_the_registry() {
    let mut wrong = Vec::new();
    for package in &METADATA.packages {
        // What has no source lies in this repository.
        let is_foreign = package.source.as_ref().is_some_and(|it| !it.is_crates_io());
        if is_foreign || package.manifest_path.starts_with(root()) != package.source.is_none() {
            wrong.push(format!("{} from {:?}", package.name, package.source));
        }
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_banned_package_is_linked() {
    let banned = quoted_after("deny = [");
    assert!(!banned.is_empty(), "no deny list in deny.toml");

    let linked = METADATA
        .packages
        .iter()
        .map(|package| package.name.as_str());
    let wrong: Vec<_> = linked.filter(|name| banned.contains(*name)).collect();

    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_declared_dependency_is_used() {
    let mut unused = Vec::new();
    for package in METADATA.workspace_packages() {
        let sources: Vec<String> = rust_files(folder(package))
            .into_iter()
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            let identifier = name.replace('-', "_");
            let is_named = sources.iter().any(|text| names(text, &identifier));
            if !is_named {
                unused.push(format!("{} does not use {name}", package.name));
            }
        }
    }

    assert!(unused.is_empty(), "{unused:#?}");
}

#[test]
fn members_share_their_versions_through_the_workspace() {
    let mut wrong = Vec::new();
    for package in METADATA.workspace_packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        for used in members_used_by(package) {
            if !manifest.contains(&format!("{used}.workspace = true"))
                && !manifest.contains(&format!("{used} = {{ workspace = true"))
            {
                wrong.push(format!("{} declares {used} itself", package.name));
            }
        }
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The strings in double quotes between `opening` and the next line that starts with `]`.
fn quoted_after(opening: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is there");
    let (_, list) = text
        .split_once(&format!("\n{opening}\n"))
        .expect("deny.toml has this list");
    let (list, _) = list.split_once("\n]").expect("the list ends");
    let entries = list.lines().filter_map(|line| line.split('"').nth(1));
    entries.map(str::to_owned).collect()
}

/// Is there a way to choose licences of the SPDX expression so that all chosen ones are allowed?
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // Some manifests still separate alternatives with a slash.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (verdict, rest) = any_of(&words, allowed);
    verdict && rest.is_empty()
}

fn any_of<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut verdict, mut rest) = all_of(words, allowed);
    while let ["OR", tail @ ..] = rest {
        let (alternative, remaining) = all_of(tail, allowed);
        verdict |= alternative;
        rest = remaining;
    }
    (verdict, rest)
}

fn all_of<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    let (mut verdict, mut rest) = one(words, allowed);
    while let ["AND", tail @ ..] = rest {
        let (condition, remaining) = one(tail, allowed);
        verdict &= condition;
        rest = remaining;
    }
    (verdict, rest)
}

fn one<'a>(words: &'a [&'a str], allowed: &BTreeSet<String>) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => match any_of(inner, allowed) {
            (verdict, [")", rest @ ..]) => (verdict, rest),
            (_, rest) => (false, rest),
        },
        [licence, "WITH", exception, rest @ ..] => (
            allowed.contains(&format!("{licence} WITH {exception}")),
            rest,
        ),
        [licence, rest @ ..] => (allowed.contains(*licence), rest),
        [] => (false, words),
    }
}

/// Does `text` contain `identifier` as a whole word?
fn names(text: &str, identifier: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(identifier).any(|(start, _)| {
        let (before, after) = (text.get(..start), text.get(start + identifier.len()..));
        !before.is_some_and(|it| it.ends_with(is_part))
            && !after.is_some_and(|it| it.starts_with(is_part))
    })
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"]
        .map(str::to_owned)
        .into();
    let check = |expression| permits(expression, &allowed);

    assert!(check("MIT"));
    assert!(check("GPL-3.0 OR MIT"));
    assert!(check("GPL-3.0/MIT"));
    assert!(check("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(!check("GPL-3.0"));
    assert!(!check("MIT AND GPL-3.0"));
    assert!(!check("(MIT OR Apache-2.0) AND GPL-3.0"));
    assert!(!check("Apache-2.0 WITH LLVM-exception"));
    assert!(!check("(MIT"));
    assert!(!check(""));
}

#[test]
fn only_whole_words_count_as_use() {
    assert!(names("use bytes::Bytes;", "bytes"));
    assert!(names("#[serde(rename)]", "serde"));
    assert!(!names("use rebytes::X; bytes_of", "bytes"));
}
