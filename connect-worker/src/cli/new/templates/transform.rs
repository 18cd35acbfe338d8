//! A transform: it marks the text in keys or values.

#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

use connect_core::prelude::*;

/// The mark.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct TemplateConfig {
    /// Text behind the text that is there.
    #[config(default = "!", non_empty)]
    mark: String,
}

/// Marks keys or values that are text; others stay as they are.
#[transform(targets(key, value))]
#[derive(Debug)]
pub struct Template {
    config: TemplateConfig,
}

impl DataTransform for Template {
    type Config = TemplateConfig;

    fn new(config: TemplateConfig) -> Result<Self> {
        Ok(Self { config })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        let Value::String(text) = &data.value else {
            return Ok(data);
        };
        let marked = format!("{text}{}", self.config.mark);
        Ok(SchemaAndValue {
            value: marked.into(),
            ..data
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_marked() {
        let config = TemplateConfig {
            mark: "?".to_owned(),
        };
        let mut transform = Template::new(config).unwrap();
        let data = SchemaAndValue::new(Schema::string(), "order");

        let marked = transform.apply(data, &Record::new("orders")).unwrap();

        assert_eq!(marked.value, Value::from("order?"));
    }
}
