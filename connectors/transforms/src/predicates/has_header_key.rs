//! Records that have some header.

use std::sync::LazyLock;

use connect_core::config::{
    ConfigDef, ConfigErrors, ConfigKey, ConfigType, ConfigValueInfo, DefaultValue, Importance,
    Props, Width,
};
use connect_core::record::Record;
use connect_core::{ConnectorConfig, Predicate, Result, predicate};

const NAME: &str = "name";

/// The header that [`HasHeaderKey`] looks for.
#[derive(Clone, Debug)]
pub struct HasHeaderKeyConfig {
    /// Name of the header.
    pub name: String,
}

/// Written by hand: a connector has a `name` of another meaning, so the derive refuses the key.
impl ConnectorConfig for HasHeaderKeyConfig {
    fn definition() -> &'static ConfigDef {
        static DEFINITION: LazyLock<ConfigDef> = LazyLock::new(|| {
            ConfigDef::new(vec![ConfigKey {
                name: NAME.into(),
                kind: ConfigType::String,
                default: DefaultValue::Required,
                importance: Importance::Medium,
                documentation: "Name of the header.".into(),
                group: None,
                order_in_group: -1,
                width: Width::None,
                display_name: NAME.into(),
                dependents: Vec::new(),
                valid_values: Some("non-empty string".into()),
            }])
        });
        &DEFINITION
    }

    fn parse(props: &Props) -> Result<Self, ConfigErrors> {
        read(props).map(|name| Self { name }).map_err(|message| {
            let mut errors = ConfigErrors::default();
            errors.push(NAME, message);
            errors
        })
    }

    fn validate(props: &Props) -> Vec<ConfigValueInfo> {
        let (value, errors) = match read(props) {
            Ok(name) => (Some(name), Vec::new()),
            Err(message) => (None, vec![message]),
        };
        vec![ConfigValueInfo {
            name: NAME.to_owned(),
            value,
            recommended_values: Vec::new(),
            errors,
            visible: true,
        }]
    }
}

fn read(props: &Props) -> Result<String, String> {
    let invalid =
        |value, problem| format!("Invalid value {value} for configuration {NAME}: {problem}");
    match props.get(NAME).map(|it| it.trim_matches(|it| it <= ' ')) {
        Some("") => Err(invalid("", "String must be non-empty")),
        Some(name) => Ok(name.to_owned()),
        None if props.contains_key(NAME) => Err(invalid("null", "entry must be non null")),
        None => Err(format!(
            "Missing required configuration \"{NAME}\" which has no default value."
        )),
    }
}

/// Records that have a header of some name.
#[predicate(
    name = "org.apache.kafka.connect.transforms.predicates.HasHeaderKey",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct HasHeaderKey {
    name: String,
}

impl Predicate for HasHeaderKey {
    type Config = HasHeaderKeyConfig;

    fn new(config: HasHeaderKeyConfig) -> Result<Self> {
        let name = config.name;
        Ok(Self { name })
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        let mut names = record.headers.iter().map(|it| it.key().as_str());
        Ok(names.any(|it| it == self.name))
    }
}
