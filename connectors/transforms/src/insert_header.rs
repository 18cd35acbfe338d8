//! Adds a header.

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError};
use connect_core::data::{Header, Text, values};
use connect_core::record::Record;
use connect_core::{ConnectorConfig, Result, Transform, transform};

/// The header that [`InsertHeader`] adds.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct InsertHeaderConfig {
    /// Name of the header.
    #[config(importance = high, example = "origin")]
    pub header: AnyText,

    /// Value of the header. It is read as a literal, so `123` is a number and `[1,2]` a list.
    #[config(importance = high, example = "shop")]
    pub value_literal: AnyText,
}

/// Text that may be empty but not null.
#[derive(Clone, Debug)]
pub struct AnyText(String);

impl ConfigValue for AnyText {
    fn valid_values() -> Option<String> {
        Some("non-null string".to_owned())
    }

    fn kind(unit: Unit) -> ConfigType {
        String::kind(unit)
    }

    fn null_mistake() -> Option<ValueError> {
        Some(ValueError::new("entry must be non null"))
    }

    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        String::parse_text(text, unit).map(Self)
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        self.0.to_text(unit)
    }
}

/// Adds a header with a fixed value to every record; headers of the same name stay.
#[transform(
    name = "org.apache.kafka.connect.transforms.InsertHeader",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct InsertHeader {
    header: Header,
}

impl Transform for InsertHeader {
    type Config = InsertHeaderConfig;

    fn new(config: InsertHeaderConfig) -> Result<Self> {
        let literal = values::parse_string(&Text::from(config.value_literal.0));
        let header = Header::new(config.header.0, literal.schema, literal.value);
        Ok(Self { header })
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        record.headers.push(self.header.clone());
        Ok(Some(record))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
