//! The part of the file system that a provider may look at.

use std::path::{Component, Path, PathBuf};

use connect_core::{ConnectError, ConnectorConfig, Result};

/// Where a provider of files may look.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct AllowedPathsConfig {
    /// Absolute paths of files and directories that may be looked at, with what is below them,
    /// between commas. Without it everything may.
    #[config(key = "allowed.paths")]
    pub allowed_paths: Option<String>,
}

/// The paths that may be looked at.
#[derive(Clone, Debug)]
pub(crate) enum AllowedPaths {
    All,
    Below(Vec<PathBuf>),
}

impl AllowedPaths {
    pub(crate) fn new(config: &AllowedPathsConfig) -> Result<Self> {
        let listed = config.allowed_paths.as_deref().unwrap_or_default();
        if listed.is_empty() {
            return Ok(Self::All);
        }
        // As in Java, empty elements at the end are none.
        let elements = listed.trim_end_matches(',').split(',');
        elements
            .map(allowed)
            .collect::<Result<_>>()
            .map(Self::Below)
    }

    /// The path to look at; `None` when none is given, or, with a warning, when it may not be
    /// looked at.
    pub(crate) fn permit(&self, path: &str) -> Option<PathBuf> {
        if path.is_empty() {
            return None;
        }
        let path = Path::new(path);
        let allowed = match self {
            Self::All => return Some(path.to_owned()),
            Self::Below(allowed) => allowed,
        };
        let normalised = normalise(path);
        let is_allowed = allowed.iter().any(|it| normalised.starts_with(it));
        if !is_allowed {
            tracing::warn!(path = %path.display(), "path is not allowed to be accessed");
        }
        is_allowed.then_some(normalised)
    }
}

fn allowed(element: &str) -> Result<PathBuf> {
    let path = normalise(Path::new(element));
    let shown = path.display();
    if !path.is_absolute() {
        return Err(ConnectError::config(format_args!(
            "Path {shown} is not absolute"
        )));
    }
    if !path.exists() {
        return Err(ConnectError::config(format_args!(
            "Path {shown} does not exist"
        )));
    }
    Ok(path)
}

/// Works out `.` and `..` without looking at the file system.
fn normalise(path: &Path) -> PathBuf {
    let mut normalised = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match normalised.components().next_back() {
                Some(Component::Normal(_)) => {
                    normalised.pop();
                }
                Some(Component::RootDir) => {}
                _ => normalised.push(component),
            },
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                normalised.push(component);
            }
        }
    }
    normalised
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed_paths(listed: &str) -> Result<AllowedPaths> {
        AllowedPaths::new(&AllowedPathsConfig {
            allowed_paths: Some(listed.to_owned()),
        })
    }

    #[track_caller]
    fn check_normal(path: &str, expected: &str) {
        assert_eq!(normalise(Path::new(path)), Path::new(expected));
    }

    #[test]
    fn dots_are_worked_out_as_they_are_written() {
        check_normal("/a/./b/../c", "/a/c");
        check_normal("/../a/", "/a");
        check_normal("../../a/..", "../..");
        check_normal("a/../..", "..");
    }

    #[test]
    fn without_a_list_everything_is_allowed_as_it_is_written() {
        let all = allowed_paths("").unwrap();

        assert_eq!(all.permit("/a/../b"), Some(PathBuf::from("/a/../b")));
    }

    #[test]
    fn only_what_lies_below_a_listed_path_is_allowed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_str().unwrap();
        std::fs::create_dir(dir.path().join("a")).unwrap();
        let paths = allowed_paths(&format!("{root}/a,{root}/x/../a,")).unwrap();

        let permitted = |path: &str| paths.permit(&format!("{root}/{path}"));

        assert_eq!(permitted("a"), Some(dir.path().join("a")));
        assert_eq!(permitted("b/../a/f"), Some(dir.path().join("a/f")));
        assert_eq!(permitted("a/../b"), None);
        assert_eq!(permitted("ab"), None);
        assert_eq!(paths.permit("a"), None);
    }

    #[test]
    fn listed_paths_are_absolute_and_exist() {
        let refused = |listed: &str| allowed_paths(listed).unwrap_err().to_string();

        assert_eq!(refused("a/./b"), "Path a/b is not absolute");
        assert_eq!(refused("/, /"), "Path   is not absolute");
        assert_eq!(refused("/no/such/dir"), "Path /no/such/dir does not exist");
        assert_eq!(refused("/,,/"), "Path  is not absolute");
    }
}
