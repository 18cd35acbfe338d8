//! The transform, for keys and for values, and a converter.

use connect_core::config::ConnectorConfig as _;
use connect_core::plugin::PluginEntry;
use connect_core::prelude::*;
use connect_core::registry::PluginRegistry;
use serde_json::json;

/// Which field becomes which.
#[derive(Clone, Debug, ConnectorConfig)]
struct RenameConfig {
    /// Name of the field as it is.
    from: String,
    /// Name of the field as it shall be.
    to: String,
}

/// Renames one field of a record's key or value.
#[transform(name = "RenameField", targets(key, value))]
#[derive(Debug)]
struct RenameField {
    config: RenameConfig,
}

impl DataTransform for RenameField {
    type Config = RenameConfig;

    fn new(config: RenameConfig) -> Result<Self> {
        Ok(Self { config })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        let Value::Map(mut fields) = data.value else {
            return Err(ConnectError::data("not a struct"));
        };
        if let Some(value) = fields.remove_str(&self.config.from) {
            fields.insert(self.config.to.as_str(), value);
        }
        Ok(SchemaAndValue::schemaless(Value::Map(fields)))
    }
}

/// How text is written.
#[derive(Clone, Debug, ConnectorConfig)]
struct PlainTextConfig {
    /// What stands for null.
    #[config(default = "")]
    null_text: String,
}

/// Reads and writes text in UTF-8.
#[converter(name = "PlainTextConverter")]
#[derive(Debug)]
struct PlainTextConverter {
    config: PlainTextConfig,
    role: Role,
}

impl Converter for PlainTextConverter {
    type Config = PlainTextConfig;

    fn new(config: PlainTextConfig, role: Role) -> Result<Self> {
        Ok(Self { config, role })
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        match value {
            Value::Null => out.extend_from_slice(self.config.null_text.as_bytes()),
            other => out.extend_from_slice(other.to_string().as_bytes()),
        }
        Ok(true)
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        let text = data.map(|it| String::from_utf8(it.to_vec())).transpose();
        let text = text.map_err(|error| {
            ConnectError::data(format_args!("a {} that is not UTF-8", self.role.as_str()))
                .caused_by(error)
        })?;
        Ok(SchemaAndValue::schemaless(text))
    }
}

#[test]
fn there_is_one_plugin_for_keys_and_one_for_values() {
    let registry = PluginRegistry::from_inventory().expect("names differ");
    let rename = |name: &str| {
        let PluginEntry::Transform { new } = registry.find(name).expect("it is registered").entry
        else {
            panic!("it is a transform")
        };
        let config = Props::from_iter([("from", "id"), ("to", "number")]);
        let mut record = Record::new("orders");
        record.key = json!({"id": 1}).into();
        record.value = json!({"id": 2}).into();
        assert!(new(&config).unwrap().apply(&mut record).unwrap());
        [record.key, record.value].map(|it| it.to_string())
    };

    assert_eq!(rename("RenameField$Key"), ["{number=1}", "{id=2}"]);
    assert_eq!(rename("RenameField$Value"), ["{id=1}", "{number=2}"]);
    assert!(RenameConfig::parse(&Props::new()).is_err());
}

#[test]
fn a_converter_says_what_it_could_not_read() {
    let config = PlainTextConfig::parse(&Props::new()).unwrap();
    let converter = PlainTextConverter::new(config, Role::Key).unwrap();
    let mut out = Vec::new();

    assert!(
        converter
            .from_connect("t", None, &Value::Null, &mut out)
            .unwrap()
    );
    let error = converter.to_connect("t", Some(&Blob::from(&[0xff][..])));

    assert_eq!(out, b"");
    assert_eq!(error.unwrap_err().to_string(), "a key that is not UTF-8");
}
