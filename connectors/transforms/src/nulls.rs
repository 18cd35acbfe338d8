//! What a null field of a struct stands for.

use connect_core::ConnectorConfig;
use connect_core::data::{Field, Struct, Value};

/// Whether a field that is null is read as its default.
#[derive(Clone, Copy, Debug, ConnectorConfig)]
pub struct NullHandling {
    /// Whether null becomes the default of a field that has one.
    #[config(default = true)]
    pub replace_null_with_default: bool,
}

impl NullHandling {
    /// Null becomes the default.
    pub(crate) const DEFAULTS: Self = Self {
        replace_null_with_default: true,
    };

    /// Makes null the default.
    pub(crate) fn fill(self, field: &Field, value: &mut Value) {
        if value.is_null()
            && self.replace_null_with_default
            && let Some(default) = field.schema().default_value()
        {
            value.clone_from(default);
        }
    }

    /// A field's value, taken out of its struct.
    pub(crate) fn read(self, field: &Field, value: Value) -> Value {
        match value {
            Value::Null if self.replace_null_with_default => {
                field.schema().default_value().cloned().unwrap_or_default()
            }
            value => value,
        }
    }

    /// The value of a field of a struct.
    pub(crate) fn peek<'a>(self, record: &'a Struct, field: &'a Field) -> &'a Value {
        match self.replace_null_with_default {
            true => record.value_of(field),
            false => record.get_index(field.index()).unwrap_or(&Value::Null),
        }
    }
}
