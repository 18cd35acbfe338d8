//! Schemas in their JSON form.

use connect_core::data::{DataError, Schema, SchemaBuilder, SchemaRef, Type};

use super::decode::Decoder;
use super::syntax::Node;

type Result<T> = std::result::Result<T, DataError>;

/// The names of types in JSON; floats have other names than elsewhere.
pub(super) const fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Float32 => "float",
        Type::Float64 => "double",
        other => other.config_name(),
    }
}

fn type_of(name: &str) -> Option<Type> {
    Type::ALL.into_iter().find(|kind| type_name(*kind) == name)
}

/// Schemas nested deeper than this are refused: every step in one takes more of the stack than a
/// step in a value.
const MAX_DEPTH: usize = 200;

/// The schema at a node; null is none. Wrongly typed attributes are ignored.
pub(super) fn decode(decoder: Decoder<'_>, node: usize) -> Result<Option<SchemaRef>> {
    nested(decoder, node, 0)
}

fn nested(decoder: Decoder<'_>, node: usize, depth: usize) -> Result<Option<SchemaRef>> {
    let document = decoder.document;
    if document.nodes[node] == Node::Null {
        return Ok(None);
    }
    if depth > MAX_DEPTH {
        return Err(DataError::data("Schema is nested too deeply"));
    }
    let name = document
        .text_member(node, "type")
        .ok_or_else(|| DataError::data("Schema must contain 'type' field"))?;
    let kind =
        type_of(&name).ok_or_else(|| DataError::data(format!("Unknown schema type: {name}")))?;
    let builder = match kind {
        Type::Array => array(decoder, node, depth + 1)?,
        Type::Map => map(decoder, node, depth + 1)?,
        Type::Struct => structure(decoder, node, depth + 1)?,
        other => SchemaBuilder::new(other),
    };
    described(decoder, node, builder).map(Some)
}

/// Adds what is said of a schema apart from what it has inside. On its own, so that it takes nothing
/// of the stack while inner schemas are read.
fn described(decoder: Decoder<'_>, node: usize, mut builder: SchemaBuilder) -> Result<SchemaRef> {
    let document = decoder.document;
    let is = |name: &str, expected: Node| {
        document
            .member(node, name)
            .is_some_and(|it| document.nodes[it] == expected)
    };
    builder = if is("optional", Node::Boolean(true)) {
        builder.optional()
    } else {
        builder.required()
    };
    builder = builder.name(document.text_member(node, "name").as_deref());
    if let Some(version) = document.member(node, "version")
        && let Node::Integer(_) = document.nodes[version]
    {
        #[expect(clippy::cast_possible_truncation, reason = "keeps the low bits")]
        let version = document.wrapped_i64(version).map(|it| it as i32);
        builder = builder.version(version);
    }
    builder = builder.doc(document.text_member(node, "doc").as_deref());
    builder = parameters(decoder, node, builder)?.checked()?;
    if let Some(default) = document.member(node, "default") {
        let draft = SchemaRef::from(builder.draft().clone());
        builder = builder.default_value(decoder.value(Some(&draft), default)?);
    }
    Ok(builder.build()?.kept())
}

fn array(decoder: Decoder<'_>, node: usize, depth: usize) -> Result<SchemaBuilder> {
    let element = decoder.document.member(node, "items");
    let element = element.filter(|it| decoder.document.nodes[*it] != Node::Null);
    let element =
        element.ok_or_else(|| DataError::data("Array schema did not specify the element type"))?;
    SchemaBuilder::array(nested(decoder, element, depth)?).checked()
}

fn map(decoder: Decoder<'_>, node: usize, depth: usize) -> Result<SchemaBuilder> {
    let key = decoder
        .document
        .member(node, "keys")
        .ok_or_else(|| DataError::data("Map schema did not specify the key type"))?;
    let value = decoder
        .document
        .member(node, "values")
        .ok_or_else(|| DataError::data("Map schema did not specify the value type"))?;
    SchemaBuilder::map(nested(decoder, key, depth)?, nested(decoder, value, depth)?).checked()
}

fn structure(decoder: Decoder<'_>, node: usize, depth: usize) -> Result<SchemaBuilder> {
    let document = decoder.document;
    let fields = document
        .member(node, "fields")
        .filter(|it| matches!(document.nodes[*it], Node::Array { .. }))
        .ok_or_else(|| DataError::data("Struct schema's \"fields\" argument is not an array."))?;
    let mut builder = Schema::builder(Type::Struct);
    for field in document.elements(fields) {
        let name = document
            .text_member(field, "field")
            .ok_or_else(|| DataError::data("Struct schema's field name not specified properly"))?;
        builder = builder
            .field(&name, nested(decoder, field, depth)?)
            .checked()?;
    }
    Ok(builder)
}

fn parameters(
    decoder: Decoder<'_>,
    node: usize,
    mut builder: SchemaBuilder,
) -> Result<SchemaBuilder> {
    let document = decoder.document;
    let Some(object) = document.member(node, "parameters") else {
        return Ok(builder);
    };
    if !matches!(document.nodes[object], Node::Object { .. }) {
        return Ok(builder);
    }
    for (name, value) in document.distinct_members(object) {
        let value = document
            .text_of(value)
            .ok_or_else(|| DataError::data("Schema parameters must have string values."))?;
        builder = builder.parameter(name.as_str(), value.as_str());
    }
    Ok(builder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::document::Document;
    use crate::json::syntax::Reader;

    fn read(json: &str) -> Result<Option<SchemaRef>> {
        let mut nodes = Vec::new();
        Reader::new(json.as_bytes(), json.len(), &mut nodes)
            .document()
            .unwrap();
        let document = Document {
            text: json,
            message: &json.as_bytes().into(),
            nodes: &nodes,
        };
        decode(
            Decoder {
                document,
                replace_null_with_default: true,
            },
            0,
        )
    }

    #[test]
    fn the_first_mistake_in_a_schema_is_reported() {
        let json = r#"{"type":"struct","fields":[
            {"field":"a","type":"int8"},{"field":"a","type":"int8"},{"field":"b","type":"nope"}]}"#;

        assert_eq!(
            read(json).unwrap_err().to_string(),
            "Cannot create field because of field name duplication a"
        );
    }

    #[test]
    fn a_struct_schema_may_have_a_default() {
        let json = r#"{"type":"struct","fields":[{"field":"a","type":"int8"}],"default":{"a":5}}"#;

        let schema = read(json).unwrap().unwrap();

        let default = schema
            .default_value()
            .and_then(|it| it.as_struct())
            .unwrap();
        assert_eq!(default.get_i8("a").unwrap(), Some(5));
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| {
            let open = r#"{"type":"array","items":"#.repeat(depth);
            read(&format!(
                "{open}{}{}",
                r#"{"type":"int8"}"#,
                "}".repeat(depth)
            ))
        };

        assert!(nested(MAX_DEPTH).is_ok());
        assert_eq!(
            nested(MAX_DEPTH + 1).unwrap_err().to_string(),
            "Schema is nested too deeply"
        );
    }
}
