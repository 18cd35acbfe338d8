//! Values as JSON, written straight into the output.

use connect_core::data::{
    DataError, Decimal, Logical, Map, Member, Schema, SchemaRef, Struct, Type, Value, java_text,
    logical,
};

use super::{DecimalFormat, write};

type Result<T> = std::result::Result<T, DataError>;

/// How values are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoder {
    pub(super) decimal_format: DecimalFormat,
    pub(super) replace_null_with_default: bool,
}

impl Encoder {
    /// Appends the JSON of a value. What was appended before an error is not JSON.
    pub(super) fn encode(
        self,
        schema: Option<&Schema>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        if value.is_null() {
            return self.null(schema, out);
        }
        match schema {
            None => self.schemaless(value, out),
            Some(schema) => match schema.logical() {
                Some(logical) => self.logical(logical, schema, value, out),
                None => self.typed(schema, value, out),
            },
        }
    }

    fn null(self, schema: Option<&Schema>, out: &mut Vec<u8>) -> Result<()> {
        if let Some(schema) = schema {
            let default = schema
                .default_value()
                .filter(|_| self.replace_null_with_default);
            if let Some(default) = default {
                return self.encode(Some(schema), default, out);
            }
            if !schema.is_optional() {
                return Err(DataError::data(
                    "Conversion error: null value for field that is required and has no default \
                     value",
                ));
            }
        }
        out.extend_from_slice(b"null");
        Ok(())
    }

    fn logical(
        self,
        logical: Logical,
        schema: &Schema,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let (word, class) = match (logical, value) {
            (Logical::Decimal, Value::Decimal(it)) => return self.decimal(schema, it, out),
            (Logical::Date | Logical::Time | Logical::Timestamp, Value::Instant(it)) => {
                return instant(schema, *it, out);
            }
            (Logical::Decimal, _) => ("Decimal", "BigDecimal"),
            (Logical::Date, _) => ("Date", "Date"),
            (Logical::Time, _) => ("Time", "Date"),
            (Logical::Timestamp, _) => ("Timestamp", "Date"),
        };
        Err(DataError::data(format!(
            "Invalid type for {word}, expected {class} but was {}",
            value.kind_name()
        )))
    }

    fn decimal(self, schema: &Schema, decimal: &Decimal, out: &mut Vec<u8>) -> Result<()> {
        match self.decimal_format {
            DecimalFormat::Base64 => {
                logical::expect_scale(schema, decimal)?;
                decimal.with_be_bytes(|bytes| write::base64(out, bytes));
            }
            DecimalFormat::Numeric => write::token(out, decimal),
        }
        Ok(())
    }

    fn typed(self, schema: &Schema, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        match (schema.kind(), value) {
            (Type::Array, Value::Array(it)) => {
                let element = schema.value_schema()?.map(AsRef::as_ref);
                array(it, out, |value, out| self.encode(element, value, out))
            }
            (Type::Map, Value::Map(it)) => self.map(
                schema.key_schema()?.map(AsRef::as_ref),
                schema.value_schema()?.map(AsRef::as_ref),
                it,
                out,
            ),
            (Type::Struct, Value::Struct(it)) => {
                if !schema.accepts_struct(it) {
                    return Err(mismatching_schema());
                }
                self.structure(it, out)
            }
            (Type::Boolean, Value::Boolean(_))
            | (Type::Int8, Value::Int8(_))
            | (Type::Int16, Value::Int16(_))
            | (Type::Int32, Value::Int32(_))
            | (Type::Int64, Value::Int64(_))
            | (Type::Float32, Value::Float32(_))
            | (Type::Float64, Value::Float64(_))
            | (Type::String, Value::String(_))
            | (Type::Bytes, Value::Bytes(_)) => primitive(value, out),
            (Type::Bytes, other) => {
                let class = other.kind_name();
                Err(DataError::data(format!(
                    "Invalid type for bytes type: {class}"
                )))
            }
            (kind, other) => Err(DataError::data(format!(
                "Invalid type for {kind}: {}",
                other.kind_name()
            ))),
        }
    }

    fn schemaless(self, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        match value {
            Value::Array(it) => array(it, out, |value, out| self.encode(None, value, out)),
            Value::Map(it) => self.map(None, None, it, out),
            Value::Struct(_) => Err(mismatching_schema()),
            other => primitive(other, out),
        }
    }

    /// An object when all keys are text by their schema, or without one by themselves; else a list
    /// of pairs.
    fn map(
        self,
        key_schema: Option<&Schema>,
        value_schema: Option<&Schema>,
        map: &Map,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        if key_schema.is_none()
            && let Some(members) = map.keys().members_of_many()
        {
            return self.object(members, value_schema, map, out);
        }
        let is_object = match key_schema {
            Some(schema) => schema.kind() == Type::String,
            None => map.keys().iter().all(|key| matches!(key, Value::String(_))),
        };
        let [open, between, close] = if is_object { *b"{:}" } else { *b"[,]" };
        out.push(open);
        let doubled = match is_object {
            true => self.doubled(key_schema, map),
            false => None,
        };
        for (index, (key, mut value)) in map.iter().enumerate() {
            match &doubled {
                Some(names) if names.second == index => continue,
                Some(names) if names.first == index => value = names.value,
                Some(_) | None => {}
            }
            if index > 0 {
                out.push(b',');
            }
            if is_object {
                self.member_name(key_schema, key, out)?;
            } else {
                out.push(b'[');
                self.encode(key_schema, key, out)?;
            }
            out.push(between);
            self.encode(value_schema, value, out)?;
            if !is_object {
                out.push(b']');
            }
        }
        out.push(close);
        Ok(())
    }

    /// An object whose names are at hand.
    fn object(
        self,
        members: &[Member],
        value_schema: Option<&Schema>,
        map: &Map,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        out.push(b'{');
        for (member, value) in members.iter().zip(map.values()) {
            member.append_to(out);
            self.encode(value_schema, value, out)?;
        }
        out.push(b'}');
        Ok(())
    }

    /// The null key and the text key that has the same name, if there are both: the member stands
    /// where the first of them does, with the value of the second.
    fn doubled<'a>(self, key_schema: Option<&Schema>, map: &'a Map) -> Option<Doubled<'a>> {
        if !map.contains_key(&Value::Null) {
            return None;
        }
        let default = key_schema.and_then(Schema::default_value);
        let default = default.filter(|_| self.replace_null_with_default);
        let name = default.and_then(Value::as_str).unwrap_or("null");
        let is_meant = |key: &Value| key.is_null() || key.as_str() == Some(name);
        let mut entries = map.iter().enumerate();
        let mut next = || entries.find(|(_, (key, _))| is_meant(key));
        let ((first, _), (second, (_, value))) = (next()?, next()?);
        Some(Doubled {
            first,
            second,
            value,
        })
    }

    /// A key that is not written as a string, such as null, gets quotes.
    fn member_name(self, schema: Option<&Schema>, key: &Value, out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        self.encode(schema, key, out)?;
        if out.get(start) != Some(&b'"') {
            out.insert(start, b'"');
            out.push(b'"');
        }
        Ok(())
    }

    fn structure(self, record: &Struct, out: &mut Vec<u8>) -> Result<()> {
        out.push(b'{');
        for (field, value) in record.iter() {
            if let Some(member) = field.member() {
                member.append_to(out);
            } else {
                if field.index() > 0 {
                    out.push(b',');
                }
                write::string(out, field.name());
                out.push(b':');
            }
            self.fitting(field.schema(), value, out)?;
        }
        out.push(b'}');
        Ok(())
    }

    /// Writes a value that fits its schema, as those in a struct do.
    #[inline(always)]
    fn fitting(self, schema: &Schema, value: &Value, out: &mut Vec<u8>) -> Result<()> {
        match value {
            Value::Null => self.null(Some(schema), out),
            Value::Decimal(it) => self.decimal(schema, it, out),
            Value::Instant(it) => instant(schema, *it, out),
            Value::Array(it) => self.fitting_array(schema, it, out),
            Value::Map(_) | Value::Struct(_) => self.typed(schema, value, out),
            plain => primitive(plain, out),
        }
    }

    /// Writes a list that fits its schema, as all of its elements do.
    #[inline(never)]
    fn fitting_array(self, schema: &Schema, values: &[Value], out: &mut Vec<u8>) -> Result<()> {
        match schema.value_schema()? {
            Some(element) => array(values, out, |value, out| self.fitting(element, value, out)),
            None => array(values, out, |value, out| self.encode(None, value, out)),
        }
    }

    /// Appends the JSON form of a schema; an unknown one is `null`.
    pub(super) fn encode_schema(self, schema: Option<&SchemaRef>, out: &mut Vec<u8>) -> Result<()> {
        match schema {
            Some(schema) => {
                self.schema_members(schema, out)?;
                out.push(b'}');
            }
            None => out.extend_from_slice(b"null"),
        }
        Ok(())
    }

    /// Leaves the object open, because a field adds its name at the end.
    fn schema_members(self, schema: &SchemaRef, out: &mut Vec<u8>) -> Result<()> {
        out.extend_from_slice(b"{\"type\":");
        write::string(out, super::type_name(schema.kind()));
        match schema.kind() {
            Type::Array => {
                out.extend_from_slice(b",\"items\":");
                self.encode_schema(schema.value_schema()?, out)?;
            }
            Type::Map => {
                out.extend_from_slice(b",\"keys\":");
                self.encode_schema(schema.key_schema()?, out)?;
                out.extend_from_slice(b",\"values\":");
                self.encode_schema(schema.value_schema()?, out)?;
            }
            Type::Struct => self.schema_fields(schema, out)?,
            _ => {}
        }
        out.extend_from_slice(b",\"optional\":");
        write::token(out, &schema.is_optional());
        if let Some(name) = schema.name() {
            out.extend_from_slice(b",\"name\":");
            write::string(out, name);
        }
        if let Some(version) = schema.version() {
            out.extend_from_slice(b",\"version\":");
            write::integer(out, version.into());
        }
        if let Some(doc) = schema.doc() {
            out.extend_from_slice(b",\"doc\":");
            write::string(out, doc);
        }
        if let Some(parameters) = schema.parameters() {
            out.extend_from_slice(b",\"parameters\":{");
            for (index, (name, value)) in parameters.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write::string(out, name);
                out.push(b':');
                write::string(out, value);
            }
            out.push(b'}');
        }
        if let Some(default) = schema.default_value() {
            out.extend_from_slice(b",\"default\":");
            self.encode(Some(schema), default, out)?;
        }
        Ok(())
    }

    fn schema_fields(self, schema: &Schema, out: &mut Vec<u8>) -> Result<()> {
        out.extend_from_slice(b",\"fields\":[");
        for field in schema.fields()? {
            if field.index() > 0 {
                out.push(b',');
            }
            self.schema_members(field.schema(), out)?;
            out.extend_from_slice(b",\"field\":");
            write::string(out, field.name());
            out.push(b'}');
        }
        out.push(b']');
        Ok(())
    }
}

/// Two keys of a map with one name, by their places, and the value that counts.
struct Doubled<'a> {
    first: usize,
    second: usize,
    value: &'a Value,
}

/// Writes an instant, whose schema says what of it is written.
fn instant(schema: &Schema, millis: i64, out: &mut Vec<u8>) -> Result<()> {
    let number = match schema.logical() {
        Some(Logical::Date) => logical::encode_date(schema, millis)?.into(),
        Some(Logical::Time) => logical::encode_time(schema, millis)?.into(),
        Some(Logical::Timestamp | Logical::Decimal) | None => logical::timestamp(schema, millis)?,
    };
    write::integer(out, number);
    Ok(())
}

/// Writes a list whose elements are written by the function.
fn array(
    values: &[Value],
    out: &mut Vec<u8>,
    write: impl Fn(&Value, &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    out.push(b'[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(value, out)?;
    }
    out.push(b']');
    Ok(())
}

#[inline(always)]
fn primitive(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::Boolean(true) => out.extend_from_slice(b"true"),
        Value::Boolean(false) => out.extend_from_slice(b"false"),
        Value::Int8(it) => write::integer(out, (*it).into()),
        Value::Int16(it) => write::integer(out, (*it).into()),
        Value::Int32(it) => write::integer(out, (*it).into()),
        Value::Int64(it) => write::integer(out, *it),
        Value::Float32(it) => {
            java_text::with_f32_text(*it, |text| write::float(out, text, it.is_finite()));
        }
        Value::Float64(it) => match java_text::few_decimals(*it) {
            Some(parts) => write::few_decimals(out, parts),
            None => {
                java_text::with_f64_text(*it, |text| write::float(out, text, it.is_finite()));
            }
        },
        Value::String(it) => write::text(out, it),
        Value::Bytes(it) => write::base64(out, it),
        other => {
            return Err(DataError::data(format!(
                "Java class {} does not have corresponding schema type.",
                other.kind_name()
            )));
        }
    }
    Ok(())
}

fn mismatching_schema() -> DataError {
    DataError::data("Mismatching schema.")
}
