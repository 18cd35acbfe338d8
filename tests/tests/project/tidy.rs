//! How source files look.

use std::path::{Path, PathBuf};

use crate::workspace::{files, root, rust_files};

const MOST_LINES: usize = 600;
/// Folders below which a home or checkout on some machine lies.
const MACHINE_FOLDERS: [&str; 4] = ["work", "root", "home", "Users"];

#[test]
fn every_file_opens_with_its_purpose() {
    // The inputs of compile-fail tests are what a user would write.
    let is_ours = |path: &Path| !path.components().any(|part| part.as_os_str() == "ui");
    let says_its_purpose =
        |text: &str| text.starts_with("//! ") || text.starts_with("#![doc = include_str!(");
    check_rust_files(is_ours, |text| !says_its_purpose(text));
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    check_rust_files(|_| true, |text| text.lines().count() > MOST_LINES);
}

#[test]
fn nothing_is_left_to_be_done() {
    let markers = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    check_rust_files(
        |_| true,
        |text| markers.iter().any(|marker| text.contains(marker)),
    );
}

#[test]
fn modules_are_named_after_their_file() {
    check_rust_files(
        |path| path.file_name().is_some_and(|name| name == "mod.rs"),
        |_| true,
    );
}

#[test]
fn no_file_names_a_folder_of_some_machine() {
    let mut wrong = Vec::new();
    for path in files() {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| names_machine_folder(line));
        wrong
            .extend(lines.map(|(index, line)| format!("{}:{}: {line}", path.display(), index + 1)));
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Fails for the Rust files among `picked` whose text is `wrong`.
#[track_caller]
fn check_rust_files(picked: impl Fn(&Path) -> bool, wrong: impl Fn(&str) -> bool) {
    let all = rust_files(&root());
    assert!(all.len() > 10, "the search for sources is broken: {all:?}");

    let read = |path: &Path| std::fs::read_to_string(path).expect("sources are text");
    let is_wrong = |path: &&PathBuf| wrong(&read(path));
    let found: Vec<_> = all
        .iter()
        .filter(|path| picked(path))
        .filter(is_wrong)
        .collect();

    assert!(found.is_empty(), "{found:#?}");
}

/// A path counts where it starts, not inside a longer one or an address.
fn names_machine_folder(line: &str) -> bool {
    MACHINE_FOLDERS.iter().any(|folder| {
        line.match_indices(&format!("/{folder}/"))
            .any(|(start, _)| {
                let before = line.get(..start).and_then(|it| it.chars().next_back());
                !before.is_some_and(|c| c.is_alphanumeric() || "._-}~)".contains(c))
            })
    })
}

#[test]
fn paths_of_machines_are_recognised() {
    let folder = |name: &str, rest: &str| names_machine_folder(&format!("{rest}/{name}/x"));

    assert!(folder("home", "see "));
    assert!(folder("root", ""));
    assert!(folder("work", "\""));
    assert!(!folder("home", "docs"));
    assert!(!folder("work", "https://example.org"));
}
