//! JSON as values, with or without a schema.

use std::error::Error as _;

use connect_core::data::{
    DataError, Field, Logical, Map, Schema, SchemaRef, Struct, Type, Value, logical,
};

use super::base64_text;
use super::document::Document;
use super::syntax::Node;

type Result<T> = std::result::Result<T, DataError>;

/// How values are read.
#[derive(Clone, Copy)]
pub(super) struct Decoder<'a> {
    pub(super) document: Document<'a>,
    pub(super) replace_null_with_default: bool,
}

impl Decoder<'_> {
    /// The value at a node.
    pub(super) fn value(self, schema: Option<&SchemaRef>, node: usize) -> Result<Value> {
        match schema {
            Some(schema) => self.typed(schema, Some(node)),
            None => self.schemaless(node),
        }
    }

    fn schemaless(self, node: usize) -> Result<Value> {
        let document = self.document;
        Ok(match document.nodes[node] {
            Node::Missing | Node::Known | Node::Null => Value::Null,
            Node::Boolean(it) => it.into(),
            Node::Integer(_) => document.wrapped_i64(node).into(),
            Node::Fraction(_) => document.f64_of(node).into(),
            Node::Plain(_) | Node::Escaped(_) => document.text_of(node).into(),
            Node::Array { count, .. } => {
                let mut elements = Vec::with_capacity(count as usize);
                for element in document.elements(node) {
                    elements.push(self.schemaless(element)?);
                }
                elements.into()
            }
            Node::Object { .. } => self.object(None, node)?.into(),
        })
    }

    /// A value under a schema; without a node it is a member that is absent.
    fn typed(self, schema: &SchemaRef, node: Option<usize>) -> Result<Value> {
        let node = match node {
            Some(node) if self.document.nodes[node] != Node::Null => node,
            _ => return self.null(schema),
        };
        let document = self.document;
        if let Some(logical) = schema.logical() {
            return self.logical(logical, schema, node);
        }
        // Scalars of the wrong kind are taken for zero, false or null, as every client does.
        #[expect(clippy::cast_possible_truncation, reason = "keeps the low bits")]
        Ok(match schema.kind() {
            Type::Int8 => Value::Int8(document.wrapped_i64(node).unwrap_or_default() as i8),
            Type::Int16 => Value::Int16(document.wrapped_i64(node).unwrap_or_default() as i16),
            Type::Int32 => Value::Int32(document.wrapped_i64(node).unwrap_or_default() as i32),
            Type::Int64 => Value::Int64(document.wrapped_i64(node).unwrap_or_default()),
            Type::Float32 => Value::Float32(document.f32_of(node).unwrap_or_default()),
            Type::Float64 => Value::Float64(document.f64_of(node).unwrap_or_default()),
            Type::Boolean => Value::Boolean(document.nodes[node] == Node::Boolean(true)),
            Type::String => document.text_of(node).into(),
            Type::Bytes => match document.string_bytes(node) {
                Some(text) => base64_text::decode(&text)
                    .ok_or_else(|| DataError::data("Invalid bytes field"))?
                    .into(),
                None => Value::Null,
            },
            Type::Array => self.array(schema.value_schema()?, node)?.into(),
            Type::Map => self.map(schema, node)?.into(),
            Type::Struct => self.structure(schema, node)?.into(),
        })
    }

    fn null(self, schema: &Schema) -> Result<Value> {
        match schema.default_value() {
            Some(default) if self.replace_null_with_default => Ok(default.clone()),
            _ if schema.is_optional() => Ok(Value::Null),
            _ => Err(DataError::data(format!(
                "Invalid null value for required {} field",
                schema.kind()
            ))),
        }
    }

    fn logical(self, logical: Logical, schema: &Schema, node: usize) -> Result<Value> {
        let document = self.document;
        let wrong_type = |word: &str, expected: &str| {
            DataError::data(format!(
                "Invalid type for {word}, underlying representation should be {expected} but was {}",
                document.kind_name(node)
            ))
        };
        let int32 = |word: &str| {
            document
                .exact_i32(node)
                .ok_or_else(|| wrong_type(word, "integer"))
        };
        Ok(match logical {
            Logical::Decimal => {
                if let Some(decimal) = document.decimal_of(node) {
                    return Ok(decimal.into());
                }
                let text = document
                    .string_bytes(node)
                    .ok_or_else(|| wrong_type("Decimal", "numeric or bytes"))?;
                let invalid = || DataError::data("Invalid bytes for Decimal field");
                let bytes = base64_text::decode(&text).ok_or_else(invalid)?;
                let decimal = logical::decode_decimal(schema, &bytes);
                decimal.map_err(|cause| invalid().caused_by(cause))?.into()
            }
            Logical::Date => Value::Instant(logical::decode_date(schema, int32("Date")?)?),
            Logical::Time => Value::Instant(logical::decode_time(schema, int32("Time")?)?),
            Logical::Timestamp => match document.nodes[node] {
                Node::Integer(_) => {
                    let millis = document.wrapped_i64(node).unwrap_or_default();
                    Value::Instant(logical::timestamp(schema, millis)?)
                }
                _ => return Err(wrong_type("Timestamp", "integral")),
            },
        })
    }

    /// An object is taken for the list of its values; a scalar has none.
    fn array(self, element_schema: Option<&SchemaRef>, node: usize) -> Result<Vec<Value>> {
        match self.document.nodes[node] {
            Node::Array { count, .. } => {
                let mut elements = Vec::with_capacity(count as usize);
                for element in self.document.elements(node) {
                    elements.push(self.value(element_schema, element)?);
                }
                Ok(elements)
            }
            Node::Object { .. } => {
                let members = self.object(element_schema, node)?;
                Ok(members.into_iter().map(|(_, value)| value).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    fn map(self, schema: &Schema, node: usize) -> Result<Map> {
        let (key_schema, value_schema) = (schema.key_schema()?, schema.value_schema()?);
        let has_text_keys = key_schema.is_none_or(|it| it.kind() == Type::String);
        match (has_text_keys, self.document.nodes[node]) {
            (true, Node::Object { .. }) => self.object(value_schema, node),
            (false, Node::Array { .. }) => self.pairs(key_schema, value_schema, node),
            (true, _) => Err(DataError::data(format!(
                "Maps with string fields should be encoded as JSON objects, but found {}",
                self.document.kind_name(node)
            ))),
            (false, _) => Err(DataError::data(format!(
                "Maps with non-string fields should be encoded as JSON array of tuples, but found {}",
                self.document.kind_name(node)
            ))),
        }
    }

    /// Members by name.
    fn object(self, value_schema: Option<&SchemaRef>, node: usize) -> Result<Map> {
        let document = self.document;
        let Node::Object { members, .. } = document.nodes[node] else {
            return Ok(Map::new().hashed());
        };
        let mut map = Map::with_capacity(members as usize).hashed();
        for (name, value) in document.members(node) {
            let Ok(value) = self.value(value_schema, value) else {
                return self.distinct_object(value_schema, node);
            };
            map.insert(document.text_of(name), value);
        }
        Ok(map)
    }

    /// Of members with one name only the last counts, so the others may be broken.
    fn distinct_object(self, value_schema: Option<&SchemaRef>, node: usize) -> Result<Map> {
        let members = self.document.distinct_members(node).into_iter();
        let entries = members.map(|(name, value)| Ok((name, self.value(value_schema, value)?)));
        entries.collect::<Result<Map>>().map(Map::hashed)
    }

    fn pairs(
        self,
        key_schema: Option<&SchemaRef>,
        value_schema: Option<&SchemaRef>,
        node: usize,
    ) -> Result<Map> {
        let document = self.document;
        let mut map = Map::new().hashed();
        for pair in document.elements(node) {
            let Node::Array { count, .. } = document.nodes[pair] else {
                return Err(DataError::data(format!(
                    "Found invalid map entry instead of array tuple: {}",
                    document.kind_name(pair)
                )));
            };
            if count != 2 {
                return Err(DataError::data(format!(
                    "Found invalid map entry, expected length 2 but found :{count}"
                )));
            }
            let (key, value) = (pair + 1, document.after(pair + 1));
            map.insert(
                self.value(key_schema, key)?,
                self.value(value_schema, value)?,
            );
        }
        Ok(map)
    }

    /// Members are usually in the order of the fields, so the next field is tried first.
    fn structure(self, schema: &SchemaRef, node: usize) -> Result<Struct> {
        let document = self.document;
        if !matches!(document.nodes[node], Node::Object { .. }) {
            return Err(DataError::data(format!(
                "Structs should be encoded as JSON objects, but found {}",
                document.kind_name(node)
            )));
        }
        let fields = schema.fields()?;
        let mut nodes: Vec<Option<usize>> = vec![None; fields.len()];
        let mut expected = 0;
        for (name, value) in document.members(node) {
            let index = match fields.get(expected) {
                Some(field) if document.is_text(name, field.name()) => Some(expected),
                _ => self.field_index(schema, name)?,
            };
            if let Some(index) = index {
                nodes[index] = Some(value);
                expected = index + 1;
            }
        }
        Struct::from_fields(schema, |field| {
            let value = self.typed(field.schema(), nodes[field.index()]);
            value.map_err(|error| in_field(error, field))
        })
    }

    fn field_index(self, schema: &Schema, name: usize) -> Result<Option<usize>> {
        let name = self.document.text_of(name).unwrap_or_default();
        Ok(schema.field(name.as_str())?.map(Field::index))
    }
}

/// Adds to an error, in its trace, which field it is about: the innermost one.
fn in_field(error: DataError, field: &Field) -> DataError {
    match error.source() {
        None => error.caused_by(format!("field {}", field.name())),
        Some(_) => error,
    }
}

#[cfg(test)]
mod tests {
    use connect_core::ConnectError;
    use connect_core::data::SchemaBuilder;

    use super::*;
    use crate::json::syntax::Reader;

    fn read(schema: Option<&SchemaRef>, json: &str) -> Result<Value> {
        let mut nodes = Vec::new();
        Reader::new(json.as_bytes(), json.len(), &mut nodes)
            .document()
            .unwrap();
        let document = Document {
            text: json,
            message: &json.as_bytes().into(),
            nodes: &nodes,
        };
        Decoder {
            document,
            replace_null_with_default: true,
        }
        .value(schema, 0)
    }

    #[test]
    fn only_the_last_of_repeated_members_has_to_fit() {
        let schema = Schema::map(Schema::string(), Schema::int32());

        let value = read(Some(&schema), r#"{"a":null,"b":1,"a":2}"#).unwrap();

        assert_eq!(value, Value::Map(Map::from([("a", 2), ("b", 1)])));
        assert!(read(Some(&schema), r#"{"a":2,"a":null}"#).is_err());
    }

    #[test]
    fn fields_are_found_in_any_order() {
        let fields = ["a", "b", "c"];
        let builder = fields
            .iter()
            .fold(SchemaBuilder::structure(), |builder, name| {
                builder.field(name, Schema::optional_int32())
            });
        let schema = builder.build().unwrap();

        let value = read(Some(&schema), r#"{"c":3,"x":{"a":9},"\u0061":1,"c":4}"#).unwrap();

        assert_eq!(value.to_string(), "Struct{a=1,c=4}");
    }

    #[test]
    fn the_innermost_field_of_what_is_wrong_is_named() {
        let inner = SchemaBuilder::structure().field("b", Schema::string());
        let inner = inner.build().unwrap();
        let schema = SchemaBuilder::structure()
            .field("a", inner)
            .build()
            .unwrap();

        let error = read(Some(&schema), r#"{"a":{"b":null}}"#).unwrap_err();

        assert_eq!(
            ConnectError::from(error).trace(),
            "Invalid null value for required STRING field\nCaused by: field b"
        );
    }

    #[test]
    fn deep_values_fit_the_stack_of_a_worker_thread() {
        let json = "[".repeat(1000) + &"]".repeat(1000);

        let value = read(None, &json).unwrap();

        assert_eq!(value.clone().to_string(), json);
    }
}
