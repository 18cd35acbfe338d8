//! The notation of schemas: a shorthand such as `int32?`, or an object.
use connect_core::data::{
    DataError, Logical, Parameters, Schema, SchemaBuilder, SchemaRef, Type, logical,
};
use serde_json::{Map as JsonMap, Value as Json, json};

use super::value::{value_from_notation, value_to_notation};

/// What a null element schema means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    /// A mistake, as for every schema that is built.
    Required,
    /// A schema that was guessed from a text, where nothing is known of the elements.
    MayBeUnknown,
}

/// Members of a schema that is an object.
const MEMBERS: [&str; 10] = [
    "type",
    "optional",
    "name",
    "version",
    "doc",
    "parameters",
    "default",
    "values",
    "keys",
    "fields",
];

/// The schema that a notation stands for; null is no schema.
///
/// # Errors
///
/// When the described schema cannot be built.
///
/// # Panics
///
/// When it is not the notation of a schema.
pub fn schema_from_notation(
    notation: &Json,
    elements: Elements,
) -> Result<Option<SchemaRef>, DataError> {
    match notation {
        Json::Null => Ok(None),
        Json::String(shorthand) => from_shorthand(shorthand).build().map(Some),
        Json::Object(object) => from_object(object, elements).map(Some),
        other => panic!("no notation of a schema: {other}"),
    }
}

fn from_shorthand(shorthand: &str) -> SchemaBuilder {
    if let Some(required) = shorthand.strip_suffix('?') {
        return from_shorthand(required).optional();
    }
    match shorthand {
        "Date" => SchemaBuilder::date(),
        "Time" => SchemaBuilder::time(),
        "Timestamp" => SchemaBuilder::timestamp(),
        other => match other
            .strip_prefix("Decimal(")
            .and_then(|it| it.strip_suffix(')'))
        {
            Some(scale) => SchemaBuilder::decimal(scale.parse().expect("a scale")),
            None => SchemaBuilder::new(kind(other)),
        },
    }
}

fn kind(name: &str) -> Type {
    Type::from_name(name).unwrap_or_else(|| panic!("no type: {name}"))
}

fn from_object(object: &JsonMap<String, Json>, elements: Elements) -> Result<SchemaRef, DataError> {
    let member = |name: &str| object.get(name).unwrap_or(&Json::Null);
    let nested = |name: &str| schema_from_notation(member(name), elements);
    for name in object.keys() {
        assert!(
            MEMBERS.contains(&name.as_str()),
            "no member of a schema: {name}"
        );
    }
    let kind = kind(member("type").as_str().expect("a schema has a type"));
    let mut builder = match kind {
        Type::Array => {
            let values = nested("values")?;
            if values.is_none() && elements == Elements::MayBeUnknown {
                return Ok(Schema::partial_array(None));
            }
            SchemaBuilder::array(values)
        }
        Type::Map => {
            let (keys, values) = (nested("keys")?, nested("values")?);
            if (keys.is_none() || values.is_none()) && elements == Elements::MayBeUnknown {
                return Ok(Schema::partial_map(keys, values));
            }
            SchemaBuilder::map(keys, values)
        }
        other => SchemaBuilder::new(other),
    };
    for field in member("fields").as_array().into_iter().flatten() {
        let name = field["name"].as_str().expect("a field has a name");
        builder = builder.field(name, schema_from_notation(&field["schema"], elements)?);
    }
    builder = builder
        .name(member("name").as_str())
        .doc(member("doc").as_str());
    if let Some(version) = member("version").as_i64() {
        builder = builder.version(i32::try_from(version).expect("a version has 32 bits"));
    }
    for (name, value) in member("parameters").as_object().into_iter().flatten() {
        builder = builder.parameter(name, value.as_str().expect("parameters are text"));
    }
    if member("optional").as_bool() == Some(true) {
        builder = builder.optional();
    }
    if !member("default").is_null() {
        let draft = SchemaRef::from(builder.draft().clone());
        builder = builder.default_value(value_from_notation(member("default"), Some(&draft))?);
    }
    builder.build()
}

/// The notation of a schema: the shorthand where there is one. Members have a fixed order, so that
/// equal schemas have equal notations.
///
/// # Panics
///
/// When a schema contradicts its own type.
#[must_use]
pub fn schema_to_notation(schema: Option<&SchemaRef>) -> Json {
    let Some(schema) = schema else {
        return Json::Null;
    };
    shorthand(schema).map_or_else(|| to_object(schema), Json::String)
}

fn shorthand(schema: &SchemaRef) -> Option<String> {
    let mark = if schema.is_optional() { "?" } else { "" };
    let optional = |builder: SchemaBuilder| match schema.is_optional() {
        true => builder.optional().build(),
        false => builder.build(),
    };
    let name = match schema.logical() {
        Some(Logical::Decimal) => format!("Decimal({})", logical::decimal_scale(schema).ok()?),
        Some(Logical::Date) => "Date".to_owned(),
        Some(Logical::Time) => "Time".to_owned(),
        Some(Logical::Timestamp) => "Timestamp".to_owned(),
        None if schema.kind().is_primitive() => schema.kind().config_name().to_owned(),
        None => return None,
    };
    let plain = optional(from_shorthand(&name)).expect("a shorthand is a schema");
    (plain == *schema).then(|| format!("{name}{mark}"))
}

fn to_object(schema: &SchemaRef) -> Json {
    let mut object = JsonMap::new();
    object.insert("type".into(), schema.kind().config_name().into());
    if schema.kind() == Type::Map {
        let keys = schema.key_schema().expect("a map has keys");
        object.insert("keys".into(), schema_to_notation(keys));
    }
    if let Ok(values) = schema.value_schema() {
        object.insert("values".into(), schema_to_notation(values));
    }
    if let Ok(fields) = schema.fields() {
        let fields: Vec<Json> = fields
            .iter()
            .map(|it| json!({ "name": it.name(), "schema": schema_to_notation(Some(it.schema())) }))
            .collect();
        object.insert("fields".into(), fields.into());
    }
    object.insert("optional".into(), schema.is_optional().into());
    object.insert("name".into(), schema.name().into());
    object.insert("version".into(), schema.version().into());
    object.insert("doc".into(), schema.doc().into());
    object.insert("parameters".into(), parameters(schema.parameters()));
    object.insert(
        "default".into(),
        schema.default_value().map_or(Json::Null, value_to_notation),
    );
    object.into()
}

fn parameters(parameters: Option<&Parameters>) -> Json {
    let Some(parameters) = parameters else {
        return Json::Null;
    };
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort();
    sorted
        .into_iter()
        .map(|(name, value)| (name.clone(), Json::from(value.as_str())))
        .collect()
}
