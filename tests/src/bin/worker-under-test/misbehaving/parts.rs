//! What stands between tasks and topics: a converter, a transform and a predicate.

use connect_core::data::{Blob, SchemaAndValue, SchemaRef, Value};
use connect_core::prelude::*;
use connect_core::record::Record;
use connect_core::transform::Predicate;
use connect_core::{Converter, Role, Transform, converter, predicate, transform};

use super::MisbehavingConfig;

/// Knows nothing but null.
#[converter(name = "org.example.MisbehavingConverter")]
#[derive(Debug)]
pub(crate) struct MisbehavingConverter(MisbehavingConfig);

impl Converter for MisbehavingConverter {
    type Config = MisbehavingConfig;

    fn new(config: MisbehavingConfig, _: Role) -> Result<Self> {
        config.enter_now("new")?;
        Ok(Self(config))
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        _: &Value,
        _: &mut Vec<u8>,
    ) -> Result<bool> {
        self.0.enter_now("from_connect")?;
        Ok(false)
    }

    fn to_connect(&self, _: &str, _: Option<&Blob>) -> Result<SchemaAndValue> {
        self.0.enter_now("to_connect")?;
        Ok(SchemaAndValue::NULL)
    }
}

/// Changes nothing, unless it makes garbage of the topic.
#[transform(name = "org.example.MisbehavingTransform")]
#[derive(Debug)]
pub(crate) struct MisbehavingTransform(MisbehavingConfig);

impl Transform for MisbehavingTransform {
    type Config = MisbehavingConfig;

    fn new(config: MisbehavingConfig) -> Result<Self> {
        config.enter_now("new")?;
        Ok(Self(config))
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        self.0.enter_now("apply")?;
        if self.0.method == "garbage" {
            record.topic = "\u{1}no topic/".into();
            record.partition = Some(-7);
        }
        Ok(Some(record))
    }
}

/// Is true of every record.
#[predicate(name = "org.example.MisbehavingPredicate")]
#[derive(Debug)]
pub(crate) struct MisbehavingPredicate(MisbehavingConfig);

impl Predicate for MisbehavingPredicate {
    type Config = MisbehavingConfig;

    fn new(config: MisbehavingConfig) -> Result<Self> {
        config.enter_now("new")?;
        Ok(Self(config))
    }

    fn test(&mut self, _: &Record) -> Result<bool> {
        self.0.enter_now("test")?;
        Ok(true)
    }
}
