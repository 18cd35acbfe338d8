//! Values from environment variables.

use std::collections::{BTreeMap, BTreeSet};

use connect_core::config::{ConfigType, ConfigValue, Props, Unit, ValueError, java_pattern};
use connect_core::{
    ConfigData, ConfigProvider, ConnectError, ConnectorConfig, Result, config_provider,
};
use fancy_regex::{Regex, RegexBuilder};

/// Which environment variables may be looked up.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct EnvVarConfig {
    /// Regular expression for whole names of environment variables that may be looked up. Without
    /// it all of them may.
    #[config(key = "allowlist.pattern")]
    pub allowlist: Option<NamePattern>,
}

/// A regular expression for a whole name.
#[derive(Clone, Debug)]
pub struct NamePattern {
    written: String,
    whole: Regex,
}

impl ConfigValue for NamePattern {
    fn kind(_: Unit) -> ConfigType {
        ConfigType::String
    }

    fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
        // As it stands: what the engine would make of it matches more where a turn is final.
        let whole = RegexBuilder::new(&format!(r"\A(?:{text})\z"))
            .optimize(false)
            .build();
        let whole = whole.map_err(|error| {
            let mistake = java_pattern::mistake_or(text, &error);
            ValueError::new(format!("Invalid regex: {mistake}"))
        })?;
        let written = text.to_owned();
        Ok(Self { written, whole })
    }

    fn to_text(&self, _: Unit) -> Option<String> {
        Some(self.written.clone())
    }
}

/// Looks environment variables of the worker's process up. References have no path.
#[config_provider(
    name = "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
    version = "4.3.1"
)]
pub struct EnvVarConfigProvider {
    /// The allowed ones, as they were when the worker started.
    variables: BTreeMap<String, String>,
}

impl EnvVarConfigProvider {
    fn of(
        variables: impl Iterator<Item = (String, String)>,
        allowlist: Option<&NamePattern>,
    ) -> Result<Self> {
        let mut allowed = BTreeMap::new();
        for (name, value) in variables {
            let is_allowed = match allowlist {
                None => true,
                Some(pattern) => pattern.whole.is_match(&name).map_err(|error| {
                    ConnectError::config("allowlist.pattern cannot be used").caused_by(error)
                })?,
            };
            if is_allowed {
                allowed.insert(name, value);
            }
        }
        Ok(Self { variables: allowed })
    }
}

impl ConfigProvider for EnvVarConfigProvider {
    type Config = EnvVarConfig;

    fn new(config: EnvVarConfig) -> Result<Self> {
        let all = std::env::vars_os();
        let texts = all.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::of(texts, config.allowlist.as_ref())
    }

    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<ConfigData> {
        if !path.is_empty() {
            return Err(ConnectError::config(format_args!(
                "Path is not supported for EnvVarConfigProvider, invalid value '{path}'"
            )));
        }
        let found = keys
            .iter()
            .filter_map(|key| self.variables.get_key_value(key));
        Ok(ConfigData::new(Props::from_iter(found)))
    }
}

impl std::fmt::Debug for EnvVarConfigProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.variables.keys();
        f.debug_set().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(pattern: Option<&str>) -> EnvVarConfigProvider {
        let pattern = pattern.map(|it| NamePattern::parse_text(it, Unit::None).unwrap());
        let variables = [
            ("DB_USER", "anna"),
            ("DB_PASSWORD", "hunter2"),
            ("HOME", "/"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        EnvVarConfigProvider::of(variables.into_iter(), pattern.as_ref()).unwrap()
    }

    async fn get(provider: &EnvVarConfigProvider, keys: &[&str]) -> Props {
        let keys = keys.iter().map(|&it| it.to_owned()).collect();
        provider.get("", &keys).await.unwrap().values().clone()
    }

    #[tokio::test]
    async fn variables_are_found_by_name() {
        let found = get(&provider(None), &["HOME", "NONE"]).await;

        assert_eq!(found, Props::from_iter([("HOME", "/")]));
    }

    #[tokio::test]
    async fn the_pattern_is_for_whole_names() {
        let found = get(&provider(Some("DB|DB_U.*")), &["DB_USER", "DB_PASSWORD"]).await;
        let others = get(&provider(Some("(?!DB_).*")), &["DB_USER", "HOME"]).await;

        assert_eq!(found, Props::from_iter([("DB_USER", "anna")]));
        assert_eq!(others, Props::from_iter([("HOME", "/")]));
    }

    /// Our engine took the middle of three repetitions in a row before it had to.
    #[tokio::test]
    async fn what_is_final_in_a_pattern_is_as_short_as_it_can_be() {
        let found = get(&provider(Some("(?>X*(?:HOME)??X*)")), &["HOME"]).await;

        assert_eq!(found, Props::default());
    }

    #[test]
    fn an_empty_pattern_allows_no_name() {
        let props = Props::from_iter([("allowlist.pattern", "")]);
        let config = EnvVarConfig::parse(&props).unwrap();

        let provider = EnvVarConfigProvider::new(config).unwrap();

        assert!(provider.variables.is_empty(), "{provider:?}");
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        let error = NamePattern::parse_text("(", Unit::None).unwrap_err();

        assert_eq!(
            error.to_string(),
            "Invalid regex: Unclosed group near index 1\n("
        );
    }

    #[tokio::test]
    async fn a_path_is_refused() {
        let error = provider(None).get("p", &BTreeSet::new()).await.unwrap_err();

        let text = "Path is not supported for EnvVarConfigProvider, invalid value 'p'";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn debugging_shows_no_value() {
        let shown = format!("{:?}", provider(Some("DB_PASSWORD")));

        assert_eq!(shown, r#"{"DB_PASSWORD"}"#);
    }
}
