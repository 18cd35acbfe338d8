//! Random schemas with values that they allow, and converters by their settings.

use connect_core::config::{ConnectorConfig, Props};
use connect_core::data::{
    Blob, Decimal, Map, Schema, SchemaAndValue, SchemaBuilder, SchemaRef, Struct, Type, Value,
};
use connect_core::{Converter, Role};
use proptest::prelude::*;

const DAY: i64 = 86_400_000;

/// A converter with these settings.
pub(crate) fn converter<C: Converter>(settings: &[(&str, &str)], role: Role) -> C {
    let mut props = Props::from_iter(settings.iter().copied());
    props.insert("converter.type", Some(role.as_str().to_owned()));
    let config = C::Config::parse(&props).expect("good settings");
    C::new(config, role).expect("good settings")
}

/// What is read of what is written.
pub(crate) fn through(converter: &impl Converter, data: &SchemaAndValue) -> SchemaAndValue {
    let mut bytes = Vec::new();
    let written = converter.from_connect("t", data.schema.as_ref(), &data.value, &mut bytes);
    let bytes = written
        .expect("it can be written")
        .then(|| Blob::from(bytes));
    if converter.is_verbatim(data.schema.as_ref(), &data.value) {
        assert_eq!(bytes.as_deref(), own_bytes(&data.value));
    }
    let read = converter.to_connect("t", bytes.as_ref());
    let read = read.expect("what was written can be read");
    assert_eq!(read_in_place(converter, bytes.as_ref()), read);
    read
}

fn own_bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::String(text) => Some(text.as_bytes()),
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// What is written where something else was.
pub(crate) fn read_in_place(converter: &impl Converter, bytes: Option<&Blob>) -> SchemaAndValue {
    let mut data = SchemaAndValue::new(Schema::int32(), vec![Value::from("old")]);
    let place = (&mut data.schema, &mut data.value);
    let read = converter.to_connect_in_place("t", bytes, place);
    read.expect("what was written can be read");
    data
}

/// Data with a schema that comes back from the JSON converter as it is: no null stands for a
/// default, no float is special, no key of a map is null.
pub(crate) fn with_schema() -> impl Strategy<Value = SchemaAndValue> {
    schema(3).prop_flat_map(|schema| {
        value(&schema).prop_map(move |value| SchemaAndValue::new(schema.clone(), value))
    })
}

fn schema(depth: u32) -> BoxedStrategy<SchemaRef> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            Type::Int8,
            Type::Int16,
            Type::Int32,
            Type::Int64,
            Type::Float32,
            Type::Float64,
            Type::Boolean,
            Type::String,
            Type::Bytes,
        ])
        .prop_map(SchemaBuilder::new),
        prop::sample::select(vec![
            SchemaBuilder::date as fn() -> SchemaBuilder,
            SchemaBuilder::time,
            SchemaBuilder::timestamp,
        ])
        .prop_map(|logical| logical()),
        (-3_i32..30).prop_map(SchemaBuilder::decimal),
    ];
    if depth == 0 {
        return completed(leaf.boxed());
    }
    let inner = schema(depth - 1);
    let fields = prop::collection::btree_map("[a-c\u{e4}. ]{1,3}", inner.clone(), 0..5);
    let container = prop_oneof![
        inner.clone().prop_map(SchemaBuilder::array),
        (Just(Schema::string()), inner.clone())
            .prop_map(|(keys, values)| { SchemaBuilder::map(keys, values) }),
        (Just(Schema::int32()), inner)
            .prop_map(|(keys, values)| { SchemaBuilder::map(keys, values) }),
        fields.prop_map(|fields| {
            let start = SchemaBuilder::structure();
            fields
                .into_iter()
                .fold(start, |it, (name, schema)| it.field(&name, schema))
        }),
    ];
    completed(prop_oneof![2 => leaf, 3 => container].boxed())
}

/// Adds what any schema may have.
fn completed(builder: BoxedStrategy<SchemaBuilder>) -> BoxedStrategy<SchemaRef> {
    let parts = (
        builder,
        any::<bool>(),
        prop::option::weighted(0.2, any::<i32>()),
        prop::option::weighted(0.2, ".{0,4}"),
        prop::option::weighted(0.2, "[a-z]{0,2}"),
    );
    let complete = |(mut builder, is_optional, version, doc, parameter): Parts| {
        if builder.draft().version().is_none() {
            builder = builder
                .version(version)
                .name(version.map(|_| "org.example.N"));
        }
        if is_optional {
            builder = builder.optional();
        }
        if let Some(parameter) = parameter {
            builder = builder.parameter("p", parameter);
        }
        builder.doc(doc.as_deref()).build().expect("a good schema")
    };
    parts.prop_map(complete).boxed()
}

type Parts = (
    SchemaBuilder,
    bool,
    Option<i32>,
    Option<String>,
    Option<String>,
);

/// A value that a schema allows.
fn value(schema: &SchemaRef) -> BoxedStrategy<Value> {
    let given = given(schema);
    match schema.is_optional() {
        true => prop_oneof![1 => Just(Value::Null), 3 => given].boxed(),
        false => given,
    }
}

fn given(schema: &SchemaRef) -> BoxedStrategy<Value> {
    use connect_core::data::{Logical, logical};

    match schema.logical() {
        Some(Logical::Date) => {
            return (-40_000_i64..40_000)
                .prop_map(|it| Value::Instant(it * DAY))
                .boxed();
        }
        Some(Logical::Time) => return (0..DAY).prop_map(Value::Instant).boxed(),
        Some(Logical::Timestamp) => return any::<i64>().prop_map(Value::Instant).boxed(),
        Some(Logical::Decimal) => {
            let scale = logical::decimal_scale(schema).expect("decimals have a scale");
            return any::<i128>()
                .prop_map(move |it| Value::from(Decimal::new(it, scale)))
                .boxed();
        }
        None => {}
    }
    let element = || schema.value_schema().expect("elements").expect("a schema");
    match schema.kind() {
        Type::Int8 => any::<i8>().prop_map(Value::from).boxed(),
        Type::Int16 => any::<i16>().prop_map(Value::from).boxed(),
        Type::Int32 => any::<i32>().prop_map(Value::from).boxed(),
        Type::Int64 => any::<i64>().prop_map(Value::from).boxed(),
        Type::Float32 => finite_f32().prop_map(Value::from).boxed(),
        Type::Float64 => finite_f64().prop_map(Value::from).boxed(),
        Type::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Type::String => ".{0,8}".prop_map(Value::from).boxed(),
        Type::Bytes => bytes().prop_map(Value::from).boxed(),
        Type::Array => prop::collection::vec(value(element()), 0..4)
            .prop_map(Value::from)
            .boxed(),
        Type::Map => {
            let keys = schema.key_schema().expect("keys").expect("a schema");
            let entries = prop::collection::vec((given(keys), value(element())), 0..4);
            entries
                .prop_map(|it| it.into_iter().collect::<Map>().into())
                .boxed()
        }
        Type::Struct => {
            let fields = schema.fields().expect("fields").iter();
            let values: Vec<_> = fields.map(|it| value(it.schema())).collect();
            let schema = schema.clone();
            values
                .prop_map(move |values| {
                    Struct::from_values(&schema, values)
                        .expect("values that fit")
                        .into()
                })
                .boxed()
        }
    }
}

/// Data without a schema that comes back from the JSON converter as it is.
pub(crate) fn without_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        finite_f64().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from);
        let entries = prop::collection::vec((".{0,4}".prop_map(Value::from), inner), 0..5);
        let map = entries.prop_map(|it| it.into_iter().collect::<Map>().into());
        prop_oneof![list, map]
    })
}

pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..9)
}

pub(crate) fn finite_f32() -> impl Strategy<Value = f32> {
    any::<u32>()
        .prop_map(f32::from_bits)
        .prop_filter("finite", |it| {
            it.is_finite() && (*it != 0.0 || it.is_sign_positive())
        })
}

pub(crate) fn finite_f64() -> impl Strategy<Value = f64> {
    any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("finite", |it| {
            it.is_finite() && (*it != 0.0 || it.is_sign_positive())
        })
}
