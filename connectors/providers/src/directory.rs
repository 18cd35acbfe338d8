//! Values from files, one each.

use std::collections::BTreeSet;
use std::path::Path;

use connect_core::config::Props;
use connect_core::{ConfigData, ConfigProvider, ConnectError, Result, config_provider};

use crate::allowed_paths::{AllowedPaths, AllowedPathsConfig};
use crate::blocking;

/// Looks files up in a directory: the key of a reference names the file, whose whole text, in UTF-8,
/// is the value. The path of a reference is the directory.
#[config_provider(
    name = "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct DirectoryConfigProvider {
    allowed: AllowedPaths,
}

impl ConfigProvider for DirectoryConfigProvider {
    type Config = AllowedPathsConfig;

    fn new(config: AllowedPathsConfig) -> Result<Self> {
        let allowed = AllowedPaths::new(&config)?;
        Ok(Self { allowed })
    }

    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<ConfigData> {
        let Some(dir) = self.allowed.permit(path) else {
            return Ok(ConfigData::default());
        };
        let keys = keys.clone();
        let values = blocking(move || read(&dir, &keys)).await?;
        Ok(ConfigData::new(values))
    }
}

/// The texts of the wanted files. The directory is listed, so that a key cannot lead out of it.
fn read(dir: &Path, keys: &BTreeSet<String>) -> Result<Props> {
    let mut values = Props::new();
    if !dir.is_dir() {
        tracing::warn!(path = %dir.display(), "path is not a directory");
        return Ok(values);
    }
    let unlisted = |error| {
        let shown = dir.display();
        ConnectError::config(format_args!("Could not list directory {shown}")).caused_by(error)
    };
    for entry in std::fs::read_dir(dir).map_err(unlisted)? {
        let file = entry.map_err(unlisted)?.path();
        let name = file.file_name().and_then(|it| it.to_str());
        let Some(key) = name.filter(|it| keys.contains(*it)) else {
            continue;
        };
        if !file.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&file).map_err(|error| {
            let shown = file.display();
            ConnectError::config(format_args!(
                "Could not read file {shown} for property {key}"
            ))
            .caused_by(error)
        })?;
        values.insert(key, Some(text));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(dir: &Path, keys: &[&str]) -> Result<Props> {
        let provider = DirectoryConfigProvider::new(AllowedPathsConfig {
            allowed_paths: None,
        })?;
        let keys = keys.iter().map(|&it| it.to_owned()).collect();
        let data = provider.get(dir.to_str().unwrap(), &keys).await?;
        Ok(data.values().clone())
    }

    #[tokio::test]
    async fn the_whole_text_of_a_file_is_the_value() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("user"), "anna\n").unwrap();
        std::fs::write(dir.path().join("other"), "x").unwrap();
        std::fs::create_dir(dir.path().join("folder")).unwrap();

        let found = get(dir.path(), &["user", "folder", "none"]).await.unwrap();

        assert_eq!(found, Props::from_iter([("user", "anna\n")]));
    }

    #[tokio::test]
    async fn a_key_leads_to_no_other_directory() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(dir.path().join("secret"), "x").unwrap();

        assert!(get(&inner, &["../secret"]).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_is_no_directory_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();

        assert!(
            get(&dir.path().join("no"), &["a"])
                .await
                .unwrap()
                .is_empty()
        );
        assert!(get(Path::new(""), &["a"]).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_file_that_is_not_text_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        std::fs::write(&file, b"\xff").unwrap();

        let error = get(dir.path(), &["a"]).await.unwrap_err().to_string();

        let shown = file.display();
        assert_eq!(error, format!("Could not read file {shown} for property a"));
    }
}
