//! Headers of a record: an ordered list in which names may repeat.

use super::validate::has_kind_of;
use super::{DataError, Schema, SchemaAndValue, SchemaRef, Text, Value, logical};

/// A named value beside key and value of a record.
#[derive(Clone, Debug)]
pub struct Header {
    key: Text,
    schema: Option<SchemaRef>,
    value: Value,
}

impl Header {
    /// A header; value and schema are not compared.
    pub fn new(
        key: impl Into<Text>,
        schema: impl Into<Option<SchemaRef>>,
        value: impl Into<Value>,
    ) -> Self {
        Self {
            key: key.into(),
            schema: schema.into(),
            value: value.into(),
        }
    }

    /// The name, case-sensitive.
    #[must_use]
    pub const fn key(&self) -> &Text {
        &self.key
    }

    /// The schema; a struct without one brings its own.
    #[must_use]
    pub const fn schema(&self) -> Option<&SchemaRef> {
        match (&self.schema, &self.value) {
            (None, Value::Struct(it)) => Some(it.schema()),
            (schema, _) => schema.as_ref(),
        }
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// The same value under another name.
    #[must_use]
    pub fn rename(&self, key: impl Into<Text>) -> Self {
        Self {
            key: key.into(),
            ..self.clone()
        }
    }

    /// Another value under the same name.
    #[must_use]
    pub fn with(&self, schema: impl Into<Option<SchemaRef>>, value: impl Into<Value>) -> Self {
        Self::new(self.key.clone(), schema, value)
    }

    /// The value with its schema.
    #[must_use]
    pub fn into_schema_and_value(self) -> SchemaAndValue {
        let schema = self.schema().cloned();
        SchemaAndValue {
            schema,
            value: self.value,
        }
    }
}

impl PartialEq for Header {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.schema() == other.schema() && self.value == other.value
    }
}

impl Eq for Header {}

/// Headers in order; allocates nothing while empty.
///
/// ```
/// use connect_core::data::{Headers, Schema};
///
/// let mut headers = Headers::new();
/// headers.add("trace", Schema::string(), "a")?.add("trace", Schema::string(), "b")?;
///
/// assert_eq!(headers.last_with_name("trace").and_then(|it| it.value().as_str()), Some("b"));
/// # Ok::<(), connect_core::data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// No headers.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header as it is.
    pub fn push(&mut self, header: Header) {
        self.0.push(header);
    }

    /// Adds a header whose value fits its schema.
    ///
    /// # Errors
    ///
    /// When the schema does not allow the value; only its outermost kind is compared.
    pub fn add(
        &mut self,
        key: impl Into<Text>,
        schema: impl Into<Option<SchemaRef>>,
        value: impl Into<Value>,
    ) -> Result<&mut Self, DataError> {
        let header = Header::new(key, schema, value);
        if let Some(schema) = &header.schema {
            check(schema, &header.value)?;
        }
        self.0.push(header);
        Ok(self)
    }

    /// Adds text; null has the optional schema.
    pub fn add_text(&mut self, key: impl Into<Text>, text: Option<Text>) -> &mut Self {
        let schema = if text.is_some() {
            Schema::string()
        } else {
            Schema::optional_string()
        };
        self.0.push(Header::new(key, schema, text));
        self
    }

    /// Adds an instant that is a day.
    ///
    /// # Errors
    ///
    /// When it is not a midnight.
    pub fn add_date(&mut self, key: impl Into<Text>, millis: i64) -> Result<&mut Self, DataError> {
        let schema = Schema::date();
        logical::encode_date(&schema, millis)?;
        self.0
            .push(Header::new(key, schema, Value::Instant(millis)));
        Ok(self)
    }

    /// Adds an instant that is a time of day.
    ///
    /// # Errors
    ///
    /// When it is not within the first day.
    pub fn add_time(&mut self, key: impl Into<Text>, millis: i64) -> Result<&mut Self, DataError> {
        let schema = Schema::time();
        logical::encode_time(&schema, millis)?;
        self.0
            .push(Header::new(key, schema, Value::Instant(millis)));
        Ok(self)
    }

    /// Adds a list, map or struct whose schema must be of that type; null is added without a
    /// schema.
    ///
    /// # Errors
    ///
    /// When the schema is of another type or does not allow the value.
    pub fn add_container(
        &mut self,
        key: impl Into<Text>,
        schema: SchemaRef,
        value: Value,
    ) -> Result<&mut Self, DataError> {
        let Some(expected) = value.kind() else {
            return self.add(key, None, value);
        };
        if schema.kind() != expected {
            return Err(DataError::data(format!(
                "Expecting {expected} but instead found {}",
                schema.kind()
            )));
        }
        self.add(key, schema, value)
    }

    /// The last header with this name.
    #[must_use]
    pub fn last_with_name(&self, key: &str) -> Option<&Header> {
        self.0.iter().rev().find(|header| header.key == *key)
    }

    /// The headers with this name in order.
    pub fn all_with_name(&self, key: &str) -> impl Iterator<Item = &Header> {
        self.0.iter().filter(move |header| header.key == *key)
    }

    /// The headers in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// Number of headers.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no headers.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all headers with this name.
    pub fn remove(&mut self, key: &str) -> &mut Self {
        self.0.retain(|header| header.key != *key);
        self
    }

    /// Removes all headers.
    pub fn clear(&mut self) -> &mut Self {
        self.0.clear();
        self
    }

    /// Keeps only the last header of each name.
    pub fn retain_latest(&mut self) -> &mut Self {
        let mut kept: Vec<Header> = Vec::with_capacity(self.0.len());
        for header in self.0.drain(..).rev() {
            if !kept.iter().any(|later| later.key == header.key) {
                kept.push(header);
            }
        }
        kept.reverse();
        self.0 = kept;
        self
    }

    /// Keeps only the last of the headers with this name, and all others.
    pub fn retain_latest_of(&mut self, key: &str) -> &mut Self {
        let last = self.0.iter().rposition(|header| header.key == *key);
        let mut index = 0;
        self.0.retain(|header| {
            let keep = header.key != *key || Some(index) == last;
            index += 1;
            keep
        });
        self
    }

    /// Replaces every header by what the function makes of it; `None` removes it.
    ///
    /// # Errors
    ///
    /// What the function reports; the headers are unchanged then.
    pub fn apply<E>(
        &mut self,
        mut change: impl FnMut(&Header) -> Result<Option<Header>, E>,
    ) -> Result<&mut Self, E> {
        let mut changed = Vec::with_capacity(self.0.len());
        for header in &self.0 {
            changed.extend(change(header)?);
        }
        self.0 = changed;
        Ok(self)
    }

    /// Replaces the headers with this name; see [`apply`](Self::apply).
    ///
    /// # Errors
    ///
    /// What the function reports; the headers are unchanged then.
    pub fn apply_to<E>(
        &mut self,
        key: &str,
        mut change: impl FnMut(&Header) -> Result<Option<Header>, E>,
    ) -> Result<&mut Self, E> {
        self.apply(|header| match header.key == *key {
            true => change(header),
            false => Ok(Some(header.clone())),
        })
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Headers {
    type Item = Header;
    type IntoIter = std::vec::IntoIter<Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<Header> for Headers {
    fn from_iter<I: IntoIterator<Item = Header>>(headers: I) -> Self {
        Self(headers.into_iter().collect())
    }
}

impl Extend<Header> for Headers {
    fn extend<I: IntoIterator<Item = Header>>(&mut self, headers: I) {
        self.0.extend(headers);
    }
}

fn check(schema: &Schema, value: &Value) -> Result<(), DataError> {
    if value.is_null() {
        return match schema.is_optional() {
            true => Ok(()),
            false => Err(DataError::data(format!(
                "A null value requires an optional schema but was {schema}"
            ))),
        };
    }
    if has_kind_of(schema, value) {
        return Ok(());
    }
    Err(DataError::data(format!(
        "The value {value} is not compatible with the schema {schema}"
    )))
}

/// Where a record's timestamp comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The record has no timestamp.
    #[default]
    None,
    /// The producer said it.
    CreateTime,
    /// The broker said it when it stored the record.
    LogAppendTime,
}

impl TimestampType {
    /// The name in messages: `CreateTime`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "NoTimestampType",
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Struct, Type};

    fn headers(entries: &[(&str, i32)]) -> Headers {
        entries
            .iter()
            .map(|(key, value)| Header::new(*key, None, *value))
            .collect()
    }

    #[test]
    fn values_must_fit_their_schema() {
        let mut headers = Headers::new();
        let message = |result: Result<&mut Headers, DataError>| result.unwrap_err().to_string();

        assert_eq!(
            message(headers.add("a", Schema::string(), Value::Null)),
            "A null value requires an optional schema but was Schema{STRING}"
        );
        assert_eq!(
            message(headers.add("a", Schema::string(), 5)),
            "The value 5 is not compatible with the schema Schema{STRING}"
        );
        assert_eq!(
            message(headers.add_container("a", Schema::string(), Value::Array(Vec::new()))),
            "Expecting ARRAY but instead found STRING"
        );
        assert!(headers.add("a", None, 5).is_ok());
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn null_has_the_optional_schema_or_none() {
        let mut headers = Headers::new();

        headers.add_text("a", None).add_text("a", Some("x".into()));
        headers
            .add_container("b", Schema::string(), Value::Null)
            .unwrap();

        let schemas: Vec<_> = headers.iter().map(Header::schema).collect();
        let (optional, required) = (Schema::optional_string(), Schema::string());
        assert_eq!(schemas, [Some(&optional), Some(&required), None]);
    }

    #[test]
    fn instants_need_the_schema_that_they_are_of() {
        let mut headers = Headers::new();
        let problem =
            |result: Result<&mut Headers, DataError>| result.err().map(|it| it.to_string());

        assert_eq!(problem(headers.add_date("a", 86_400_000)), None);
        assert_eq!(problem(headers.add_time("a", 86_400_000)), None);
        assert_eq!(
            problem(headers.add_date("a", 1)).as_deref(),
            Some("Kafka Connect Date type should not have any time fields set to non-zero values.")
        );
        assert_eq!(
            problem(headers.add_time("a", -1)).as_deref(),
            Some("Kafka Connect Time type should not have any date fields set to non-zero values.")
        );
        assert_eq!(
            problem(headers.add("a", Schema::int64(), Value::Instant(0))).as_deref(),
            Some(
                "The value Thu Jan 01 00:00:00 UTC 1970 is not compatible with the schema \
                 Schema{INT64}"
            )
        );
    }

    #[test]
    fn names_may_repeat_and_differ_by_case() {
        let mut headers = headers(&[("a", 1), ("A", 2), ("a", 3)]);
        let values = |headers: &Headers| -> Vec<Value> {
            let named = headers.all_with_name("a");
            named.map(|it| it.value().clone()).collect()
        };

        assert_eq!(values(&headers), [Value::from(1), Value::from(3)]);
        assert_eq!(
            headers.last_with_name("a").map(Header::value),
            Some(&Value::from(3))
        );
        assert_eq!(headers.last_with_name("b"), None);
        assert!(headers.clear().is_empty());
    }

    #[test]
    fn only_the_latest_of_each_name_is_retained() {
        let all = [("a", 1), ("b", 2), ("a", 3), ("b", 4), ("c", 5)];

        assert_eq!(
            *headers(&all).retain_latest(),
            headers(&[("a", 3), ("b", 4), ("c", 5)])
        );
        assert_eq!(
            *headers(&all).retain_latest_of("a"),
            headers(&[("b", 2), ("a", 3), ("b", 4), ("c", 5)])
        );
        assert_eq!(
            *headers(&all).remove("b"),
            headers(&[("a", 1), ("a", 3), ("c", 5)])
        );
    }

    #[test]
    fn apply_replaces_and_removes() {
        let mut changed = headers(&[("a", 1), ("b", 2)]);

        let result: Result<_, DataError> =
            changed.apply_to("a", |header| Ok(Some(header.with(None, 9))));
        result.unwrap();
        let result: Result<_, DataError> = changed.apply_to("b", |_| Ok(None));
        result.unwrap();

        assert_eq!(changed, headers(&[("a", 9)]));
    }

    #[test]
    fn a_struct_brings_its_schema() {
        let schema = Schema::builder(Type::Struct).build().unwrap();
        let header = Header::new("a", None, Struct::new(&schema).unwrap());

        assert_eq!(header.schema(), Some(&schema));
    }
}
