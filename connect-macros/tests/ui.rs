//! What the compiler says to authors who make a mistake. Good inputs are tested in the SDK.
//!
//! The golden files hold for the pinned toolchain without the component `rust-src`; they are
//! written again with `TRYBUILD=overwrite`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Golden files with several errors, with the reason.
const SEVERAL_ERRORS: &[(&str, &str)] = &[(
    "connector_config/every_mistake_is_reported",
    "shows that all mistakes are reported in one compilation",
)];

#[test]
fn mistakes_are_explained() {
    refuse_other_toolchains();

    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}

#[test]
fn every_rule_has_a_case() {
    let cases: Vec<String> = cases().iter().map(|it| stem(it)).collect();
    let mut rules = BTreeSet::new();
    for macro_folder in folders(Path::new("src")) {
        let more = macro_folder.join("check");
        let more = if more.is_dir() {
            entries(&more)
        } else {
            Vec::new()
        };
        for file in more.into_iter().chain([macro_folder.join("check.rs")]) {
            let source = std::fs::read_to_string(file).unwrap_or_default();
            rules.extend(rules_in(&source));
        }
    }

    assert!(
        rules.len() > 20,
        "the search for rules is broken: {rules:?}"
    );
    let untested: Vec<_> = rules
        .iter()
        .filter(|rule| !cases.iter().any(|case| case.starts_with(rule.as_str())))
        .collect();
    assert!(untested.is_empty(), "{untested:#?}");
}

#[test]
fn every_case_has_a_row() {
    const PAGE: &str = "docs/compile-errors.md";
    const HEADING: &str = "Written by the tests with `UPDATE_EXPECT=1`.\n\n";
    let page = std::fs::read_to_string(PAGE).expect("the page is there");
    let (by_hand, listed) = page.split_once(HEADING).expect("the page has a heading");

    let mut known = BTreeSet::new();
    let mut rows = "| case | message |\n| --- | --- |\n".to_owned();
    for case in cases() {
        let golden = std::fs::read_to_string(case.with_extension("stderr")).unwrap_or_default();
        let message = golden
            .lines()
            .next()
            .unwrap_or_default()
            .replace('|', "\\|");
        let name = name_of(&case);
        rows.push_str(&format!("| `{name}` | {message} |\n"));
        known.insert(name);
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(PAGE, format!("{by_hand}{HEADING}{rows}")).expect("the page can be written");
    } else {
        assert_eq!(listed, rows, "{PAGE} is old, write it with UPDATE_EXPECT=1");
    }

    let mut numbers = Vec::new();
    for row in by_hand.lines().filter(|it| it.ends_with("` |")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let [number, .., case] = cells.as_slice() else {
            panic!("a row without cells: {row}")
        };
        numbers.push(number.trim_start_matches("| ").to_owned());
        let case = case.trim_matches(['`', ' ', '|']);
        assert!(known.contains(case), "there is no case `{case}`");
    }
    let expected: Vec<_> = (1..=72).map(|it| it.to_string()).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn one_mistake_is_one_error() {
    let mut wrong = Vec::new();
    for case in cases() {
        let golden = std::fs::read_to_string(case.with_extension("stderr")).unwrap_or_default();
        let errors = golden.lines().filter(|it| it.starts_with("error")).count();
        let may_have_several = SEVERAL_ERRORS
            .iter()
            .any(|(name, _)| case.with_extension("").ends_with(name));
        let is_good = match may_have_several {
            true => errors > 1,
            false => errors == 1,
        };
        if !is_good {
            wrong.push(format!("{}: {errors} errors", case.display()));
        }
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Functions that may report a mistake, except those that only call the rules.
fn rules_in(source: &str) -> impl Iterator<Item = String> {
    let signatures = source.split("fn ").skip(1);
    let rules = signatures.filter_map(|text| {
        let (name, rest) = text.split_once('(')?;
        let (parameters, _) = rest.split_once('{')?;
        parameters
            .contains("&mut Diagnostics")
            .then(|| name.to_owned())
    });
    rules.filter(|name| !name.starts_with("all"))
}

/// The sources that must not compile.
fn cases() -> Vec<PathBuf> {
    let folders = folders(Path::new("tests/ui")).into_iter();
    folders
        .flat_map(|it| entries(&it))
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .collect()
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = entries(parent).into_iter();
    entries.filter(|it| it.is_dir()).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|it| it.expect("a readable folder").path())
        .collect();
    paths.sort();
    paths
}

/// Folder and name of a case.
fn name_of(case: &Path) -> String {
    let folder = case.parent().map(stem).unwrap_or_default();
    format!("{folder}/{}", stem(case))
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().expect("a file has a name");
    stem.to_string_lossy().into_owned()
}

/// Other compilers use other words, and with `rust-src` errors quote the standard library.
fn refuse_other_toolchains() {
    const PINNED: &str = concat!("rustc ", env!("CARGO_PKG_RUST_VERSION"), ".");
    let version = output_of("--version");
    assert!(
        version.starts_with(PINNED),
        "the golden files belong to {PINNED}*, this is {version}"
    );
    let sources = output_of("--print=sysroot") + "/lib/rustlib/src/rust";
    assert!(
        !Path::new(&sources).exists(),
        "the golden files are written without `rust-src`: `rustup component remove rust-src`"
    );
}

fn output_of(option: &str) -> String {
    let output = Command::new("rustc")
        .arg(option)
        .output()
        .expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc writes text");
    text.trim().to_owned()
}
