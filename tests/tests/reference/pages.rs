//! The pages under `docs/plugins` are what the definitions say.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use connect_core::reference::{Reference, index, manifest};

use crate::PLUGINS;

/// Writes the files instead of comparing them, as for other files that tests compare with.
const UPDATE: &str = "UPDATE_EXPECT";

#[test]
fn committed_pages_are_current() {
    let current = current();
    if std::env::var_os(UPDATE).is_some() {
        write(&current);
        return;
    }

    let committed = committed();

    let names = current.keys().chain(committed.keys());
    let mut stale: Vec<_> = names
        .filter(|it| current.get(*it) != committed.get(*it))
        .collect();
    stale.dedup();
    stale.sort();
    stale.dedup();
    assert!(
        stale.is_empty(),
        "not what the plugins say, run `./x docs`: {stale:?} in docs/plugins"
    );
}

/// What should be there: text by name.
fn current() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut add = |name: String, text| {
        let before = files.insert(name, text);
        assert_eq!(before, None, "two plugins have pages of the same name");
    };
    add("README.md".to_owned(), index(&PLUGINS));
    add(
        "plugins.json".to_owned(),
        format!("{:#}\n", manifest(&PLUGINS)),
    );
    for reference in Reference::all(&PLUGINS) {
        add(format!("{}.md", reference.title()), reference.page());
    }
    files
}

/// What is there.
fn committed() -> BTreeMap<String, String> {
    let files = fs::read_dir(folder()).expect("docs/plugins can be read");
    let files = files.map(|it| it.expect("docs/plugins can be read"));
    files
        .map(|it| {
            let name = it.file_name().into_string().expect("names are text");
            let text = fs::read_to_string(it.path()).expect("pages are text");
            (name, text)
        })
        .collect()
}

fn write(files: &BTreeMap<String, String>) {
    for name in committed().keys().filter(|it| !files.contains_key(*it)) {
        fs::remove_file(folder().join(name)).expect("docs/plugins can be written");
    }
    for (name, text) in files {
        fs::write(folder().join(name), text).expect("docs/plugins can be written");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plugins")
}
