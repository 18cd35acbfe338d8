//! A converter that needs the headers of records beside their values.

use connect_core::converter::KafkaHeaders;
use connect_core::prelude::*;

/// The header that it adds.
const LABEL: &str = "label";

/// Writes text with a label among the headers, and reads both as one text.
#[converter(name = "org.example.Labelling")]
#[derive(Debug)]
pub(crate) struct Labelling;

impl Converter for Labelling {
    type Config = NoConfig;

    const USES_HEADERS: bool = true;

    fn new(_: NoConfig, _: Role) -> Result<Self> {
        Ok(Self)
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        out.extend_from_slice(value.to_string().as_bytes());
        Ok(true)
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        let text = String::from_utf8_lossy(data.map(|it| &**it).unwrap_or_default());
        Ok(SchemaAndValue::schemaless(Value::from(text.into_owned())))
    }

    fn from_connect_with_headers(
        &self,
        topic: &str,
        headers: &mut KafkaHeaders,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        let label = format!("for {topic}");
        headers.add(LABEL, Some(Blob::copy_from_slice(label.as_bytes())));
        self.from_connect(topic, schema, value, out)
    }

    fn to_connect_with_headers(
        &self,
        topic: &str,
        headers: &KafkaHeaders,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue> {
        let label = headers.last(LABEL).flatten();
        let label = String::from_utf8_lossy(label.map(|it| &**it).unwrap_or_default());
        let text = self.to_connect(topic, data)?.value;
        Ok(SchemaAndValue::schemaless(Value::from(format!(
            "{text} ({label})"
        ))))
    }
}
