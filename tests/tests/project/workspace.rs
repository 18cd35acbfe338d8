//! The workspace as cargo sees it, and its files.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Read once: cargo takes a moment for it.
pub(crate) static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        // Packages of other platforms are not on this machine, so their manifests cannot be read.
        .other_options(["--locked", "--filter-platform", "host-tuple"].map(str::to_owned))
        .exec()
        .expect("cargo describes the workspace")
});

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent()
        .expect("this crate lies in the workspace")
        .to_owned()
}

/// The folder of a member.
pub(crate) fn folder(package: &Package) -> &Path {
    package
        .manifest_path
        .parent()
        .expect("a manifest lies in a folder")
        .as_std_path()
}

/// Names of the members that `package` needs for anything but its tests.
pub(crate) fn members_used_by(package: &Package) -> Vec<&str> {
    let members: Vec<&str> = METADATA
        .workspace_packages()
        .iter()
        .map(|member| member.name.as_str())
        .collect();
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
        .filter(|name| members.contains(name))
        .collect()
}

/// Every file that belongs to the project, as far as this can be told without version control.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    found.sort();
    found
}

/// The files below `folder` whose name ends in `.rs`.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    files()
        .into_iter()
        .filter(|path| path.starts_with(folder))
        .filter(is_rust)
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    // What `.gitignore` names, and version control's own folder.
    const SKIPPED: [&str; 3] = [".git", "connect-quickstart", "target"];
    for entry in std::fs::read_dir(folder).expect("project folders can be read") {
        let entry = entry.expect("project folders can be read");
        let (path, name) = (entry.path(), entry.file_name());
        let is_folder = entry.file_type().expect("an entry has a type").is_dir();
        let is_skipped = SKIPPED.iter().any(|skipped| name == *skipped);
        match (is_folder, is_skipped) {
            (true, true) => {}
            (true, false) => collect(&path, found),
            (false, _) if path.extension().is_some_and(|it| it == "log") => {}
            (false, _) => found.push(path),
        }
    }
}
