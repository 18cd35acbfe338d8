//! Records as people read them: each part with its schema and its value.

use std::fmt;
use std::io::{self, Write};

use connect_core::data::{Logical, Schema, SchemaRef, Type, Value};
use connect_core::record::Record;

/// Shows all parts of a record that it has.
pub(super) fn record(out: &mut impl Write, record: &Record) -> io::Result<()> {
    for part in parts(record) {
        writeln!(out, "    {part}")?;
    }
    Ok(())
}

/// Shows the parts that a step has changed, and those that it took away.
pub(super) fn changes(out: &mut impl Write, before: &Record, after: &Record) -> io::Result<()> {
    let (old, new) = (parts(before), parts(after));
    let changed = new.iter().filter(|it| !old.contains(it));
    for part in changed.clone() {
        writeln!(out, "    {part}")?;
    }
    let is_gone = |part: &&Part| !new.iter().any(|it| it.name == part.name);
    for part in old.iter().filter(is_gone) {
        writeln!(out, "    {}: gone", part.name)?;
    }
    if changed.count() == 0 && !old.iter().any(|it| is_gone(&it)) {
        writeln!(out, "    nothing changes")?;
    }
    Ok(())
}

/// A part of a record, as text.
#[derive(Debug, PartialEq)]
struct Part {
    name: String,
    schema: Option<String>,
    value: String,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            schema,
            value,
        } = self;
        match schema {
            Some(schema) => write!(f, "{name}: {value}\n      {schema}"),
            None => write!(f, "{name}: {value}"),
        }
    }
}

fn parts(record: &Record) -> Vec<Part> {
    let plain = |name: &str, value: String| Part {
        name: name.to_owned(),
        schema: None,
        value,
    };
    let mut parts = vec![plain("topic", record.topic.to_string())];
    parts.extend(
        record
            .partition
            .map(|it| plain("partition", it.to_string())),
    );
    parts.extend(
        record
            .timestamp
            .map(|it| plain("timestamp", it.to_string())),
    );
    parts.push(data("key", record.key_schema.as_ref(), &record.key));
    parts.push(data("value", record.value_schema.as_ref(), &record.value));
    parts.extend(record.headers.iter().map(|it| {
        let name = format!("header {}", it.key());
        data(&name, it.schema(), it.value())
    }));
    parts
}

fn data(name: &str, schema: Option<&SchemaRef>, value: &Value) -> Part {
    let schema = match (schema, value) {
        (None, Value::Null) => None,
        (None, value) => Some(format!("no schema: {}", kind_of(value))),
        (Some(schema), _) => Some(format!("schema {}", SchemaText(schema))),
    };
    Part {
        name: name.to_owned(),
        schema,
        value: ValueText(value).to_string(),
    }
}

/// `struct org.example.Order v2 {id: int64, name: string? = "x"}`
struct SchemaText<'a>(&'a Schema);

impl fmt::Display for SchemaText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.0;
        let kind = schema.kind();
        match (schema.logical(), kind) {
            (Some(logical), _) => write_logical(f, schema, logical)?,
            (None, Type::Array) => write!(f, "array")?,
            (None, Type::Map) => write!(f, "map")?,
            (None, Type::Struct) => write!(f, "struct")?,
            (None, _) => write!(f, "{}", kind.name().to_ascii_lowercase())?,
        }
        if let (Some(name), None) = (schema.name(), schema.logical()) {
            write!(f, " {name}")?;
        }
        if let Some(version) = schema.version() {
            write!(f, " v{version}")?;
        }
        match kind {
            Type::Array => write_inner(f, [schema.value_schema()])?,
            Type::Map => write_inner(f, [schema.key_schema(), schema.value_schema()])?,
            Type::Struct => write_fields(f, schema)?,
            _ => {}
        }
        if schema.is_optional() {
            write!(f, "?")?;
        }
        match schema.default_value() {
            Some(default) => write!(f, " = {}", ValueText(default)),
            None => Ok(()),
        }
    }
}

fn write_logical(f: &mut fmt::Formatter<'_>, schema: &Schema, logical: Logical) -> fmt::Result {
    match logical {
        Logical::Decimal => {
            let scale = schema.parameters().and_then(|it| it.get("scale"));
            write!(f, "decimal({})", scale.map_or("no scale", String::as_str))
        }
        Logical::Date => write!(f, "date"),
        Logical::Time => write!(f, "time"),
        Logical::Timestamp => write!(f, "timestamp"),
    }
}

fn write_inner<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    inner: [Result<Option<&SchemaRef>, connect_core::data::DataError>; N],
) -> fmt::Result {
    let texts = inner.into_iter().map(|it| match it {
        Ok(Some(schema)) => SchemaText(schema).to_string(),
        Ok(None) | Err(_) => "anything".to_owned(),
    });
    write!(f, "<{}>", texts.collect::<Vec<_>>().join(", "))
}

fn write_fields(f: &mut fmt::Formatter<'_>, schema: &Schema) -> fmt::Result {
    let fields = schema.fields().unwrap_or_default().iter();
    let texts = fields.map(|it| format!("{}: {}", it.name(), SchemaText(it.schema())));
    write!(f, " {{{}}}", texts.collect::<Vec<_>>().join(", "))
}

/// The type of a value that has no schema, with those of what is in it.
fn kind_of(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Decimal(it) => format!("decimal({})", it.scale()),
        Value::Instant(_) => "instant".to_owned(),
        Value::Array(elements) => {
            let mut kinds: Vec<String> = Vec::new();
            for kind in elements.iter().map(kind_of) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            format!("array<{}>", kinds.join(", "))
        }
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| {
                let key = key
                    .as_str()
                    .map_or_else(|| ValueText::text(key), str::to_owned);
                format!("{key}: {}", kind_of(value))
            });
            format!("map {{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Struct(record) => SchemaText(record.schema()).to_string(),
        Value::Boolean(_) => plain(Type::Boolean),
        Value::Int8(_) => plain(Type::Int8),
        Value::Int16(_) => plain(Type::Int16),
        Value::Int32(_) => plain(Type::Int32),
        Value::Int64(_) => plain(Type::Int64),
        Value::Float32(_) => plain(Type::Float32),
        Value::Float64(_) => plain(Type::Float64),
        Value::String(_) => plain(Type::String),
        Value::Bytes(_) => plain(Type::Bytes),
    }
}

fn plain(kind: Type) -> String {
    kind.config_name().to_owned()
}

/// A value, texts in quotes, so that blanks and types are seen.
struct ValueText<'a>(&'a Value);

impl fmt::Display for ValueText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) => write!(f, "{:?}", text.as_str()),
            Value::Bytes(bytes) => write!(
                f,
                "{} bytes: {}",
                bytes.len(),
                bytes.as_slice().escape_ascii()
            ),
            Value::Array(elements) => {
                let texts = elements.iter().map(Self::text);
                write!(f, "[{}]", texts.collect::<Vec<_>>().join(", "))
            }
            Value::Map(map) => {
                let entries = map
                    .iter()
                    .map(|(key, value)| format!("{}: {}", Self::text(key), Self::text(value)));
                write!(f, "{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Value::Struct(record) => {
                let texts = record
                    .iter()
                    .map(|(field, value)| format!("{}: {}", field.name(), Self::text(value)));
                write!(f, "{{{}}}", texts.collect::<Vec<_>>().join(", "))
            }
            other => write!(f, "{other}"),
        }
    }
}

impl ValueText<'_> {
    fn text(value: &Value) -> String {
        ValueText(value).to_string()
    }
}
