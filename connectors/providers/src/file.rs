//! Values from properties files.

use std::collections::BTreeSet;

use connect_core::config::{Props, properties};
use connect_core::{ConfigData, ConfigProvider, ConnectError, Result, config_provider};

use crate::allowed_paths::{AllowedPaths, AllowedPathsConfig};
use crate::blocking;

/// Looks properties up in properties files, which are in UTF-8. The path of a reference is the file.
#[config_provider(
    name = "org.apache.kafka.common.config.provider.FileConfigProvider",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct FileConfigProvider {
    allowed: AllowedPaths,
}

impl ConfigProvider for FileConfigProvider {
    type Config = AllowedPathsConfig;

    fn new(config: AllowedPathsConfig) -> Result<Self> {
        let allowed = AllowedPaths::new(&config)?;
        Ok(Self { allowed })
    }

    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<ConfigData> {
        let Some(file) = self.allowed.permit(path) else {
            return Ok(ConfigData::default());
        };
        let unreadable = format!("Could not read properties from file {path}");
        let mut found = blocking(move || {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| ConnectError::config(&unreadable).caused_by(error))?;
            // What is wrong with a line may quote a secret.
            properties::parse(&text).map_err(|error| {
                let line = error.line;
                ConnectError::config(format_args!("{unreadable}: line {line} is malformed"))
            })
        })
        .await?;
        let chosen = keys
            .iter()
            .filter_map(|key| Some((key, found.remove(key)?)));
        Ok(ConfigData::new(Props::from_iter(chosen)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    async fn get(file: &Path, keys: &[&str]) -> Result<Props> {
        let provider = FileConfigProvider::new(AllowedPathsConfig {
            allowed_paths: None,
        })?;
        let keys = keys.iter().map(|&it| it.to_owned()).collect();
        let data = provider.get(file.to_str().unwrap(), &keys).await?;
        Ok(data.values().clone())
    }

    #[tokio::test]
    async fn the_wanted_properties_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f.properties");
        std::fs::write(&file, "a = 1\nb:\u{fc}\\u00e9 \nc=3\nempty").unwrap();

        let found = get(&file, &["a", "b", "empty", "none"]).await.unwrap();

        let expected = [("a", "1"), ("b", "\u{fc}\u{e9} "), ("empty", "")];
        assert_eq!(found, Props::from_iter(expected));
    }

    #[tokio::test]
    async fn a_reference_without_a_path_finds_nothing() {
        assert!(get(Path::new(""), &["a"]).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_named_and_its_text_is_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        let problem = format!("Could not read properties from file {}", file.display());

        let missing = get(&file, &["a"]).await.unwrap_err();
        std::fs::write(&file, b"a=\xff").unwrap();
        let not_text = get(&file, &["a"]).await.unwrap_err();
        std::fs::write(&file, "b=1\na=\\uhunter2").unwrap();
        let malformed = get(&file, &["a"]).await.unwrap_err();

        assert_eq!(missing.to_string(), problem);
        assert_eq!(not_text.to_string(), problem);
        assert_eq!(malformed.trace(), format!("{problem}: line 2 is malformed"));
    }
}
