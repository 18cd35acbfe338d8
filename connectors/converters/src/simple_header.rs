//! Header values as literals.

use connect_core::config::NoConfig;
use connect_core::data::{Blob, SchemaAndValue, SchemaRef, Text, Value, values};
use connect_core::{Converter, Result, Role, converter};

use crate::string::Utf8Writer;

/// Writes values as literals and guesses their type when it reads them back.
///
/// An INT32 of 5 comes back as INT8; text that is no literal comes back as text.
#[converter(
    name = "org.apache.kafka.connect.storage.SimpleHeaderConverter",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct SimpleHeaderConverter;

impl Converter for SimpleHeaderConverter {
    type Config = NoConfig;

    const ROLES: &'static [Role] = &[Role::Header];

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
        if value.is_null() {
            return Ok(false);
        }
        values::write_string(&mut Utf8Writer(out), value).expect("a vector takes any text");
        Ok(true)
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        let text = data.cloned().map(Text::from_blob_lossy);
        Ok(text.map_or(SchemaAndValue::NULL, |text| values::parse_string(&text)))
    }
}
