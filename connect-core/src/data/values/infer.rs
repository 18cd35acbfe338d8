//! Schemas for values that have none.

use crate::data::{Schema, SchemaRef, Type, Value};

/// The schema that a value suggests: none for null, decimals, instants, empty containers, and
/// containers of mixed or only null elements.
#[must_use]
pub fn infer_schema(value: &Value) -> Option<SchemaRef> {
    Some(match value {
        Value::Struct(it) => it.schema().clone(),
        Value::Array(elements) => Schema::array(common(elements.iter())?),
        Value::Map(map) => Schema::map(common(map.keys().iter())?, common(map.values())?),
        Value::Boolean(_) => Schema::boolean(),
        Value::Int8(_) => Schema::int8(),
        Value::Int16(_) => Schema::int16(),
        Value::Int32(_) => Schema::int32(),
        Value::Int64(_) => Schema::int64(),
        Value::Float32(_) => Schema::float32(),
        Value::Float64(_) => Schema::float64(),
        Value::String(_) => Schema::string(),
        Value::Bytes(_) => Schema::bytes(),
        Value::Null | Value::Decimal(_) | Value::Instant(_) => return None,
    })
}

/// The one type of all elements. What nested containers hold is not told.
fn common<'a>(elements: impl Iterator<Item = &'a Value>) -> Option<SchemaRef> {
    let mut known: Option<Type> = None;
    let mut optional = false;
    for element in elements {
        if element.is_null() {
            optional = true;
            continue;
        }
        let kind = infer_schema(element)?.kind();
        if known.is_some_and(|known| known != kind) {
            return None;
        }
        known = Some(kind);
    }
    known.map(|kind| Schema::bare(kind, optional))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_guessed_from_nulls_alone() {
        assert_eq!(infer_schema(&Value::from([Value::Null])), None);
    }

    #[test]
    fn a_null_element_makes_elements_optional() {
        assert_eq!(
            infer_schema(&Value::from([Some("a"), None])),
            Some(Schema::array(Schema::optional_string()))
        );
    }
}
