//! Describes a schema step by step; the first mistake is kept and reported by `build`.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Field, Parameters, SCANNED_FIELDS, Schema, SchemaRef};
use crate::data::{DataError, Logical, Member, Type, Value, logical, validate};

/// Describes a [`Schema`].
///
/// `optional`, `name`, `version`, `doc` and the default can be set once each; setting one again to
/// another value is a mistake. The default is checked against what is known when it is given, so
/// set `optional` and the name before it.
#[derive(Clone, Debug)]
#[must_use]
pub struct SchemaBuilder {
    /// Apart, because a builder is moved by every step of it, also where schemas are nested deeply.
    draft: Box<Schema>,
    optional: Option<bool>,
    mistake: Option<Arc<str>>,
    invalid_default: Option<Arc<DataError>>,
}

impl SchemaBuilder {
    /// Starts a schema of any type.
    pub fn new(kind: Type) -> Self {
        Self {
            draft: Box::new(Schema::plain(kind, false)),
            optional: None,
            mistake: None,
            invalid_default: None,
        }
    }

    /// Starts a struct schema.
    pub fn structure() -> Self {
        Self::new(Type::Struct)
    }

    /// Starts an array schema. Building it without an element schema fails.
    pub fn array(element: impl Into<Option<SchemaRef>>) -> Self {
        let mut builder = Self::new(Type::Array);
        builder.draft.value_schema = element.into();
        if builder.draft.value_schema.is_none() {
            builder.mistake("valueSchema cannot be null.");
        }
        builder
    }

    /// Starts a map schema. Building it without both schemas fails.
    pub fn map(key: impl Into<Option<SchemaRef>>, value: impl Into<Option<SchemaRef>>) -> Self {
        let mut builder = Self::new(Type::Map);
        builder.draft.key_schema = key.into();
        builder.draft.value_schema = value.into();
        if builder.draft.key_schema.is_none() {
            builder.mistake("keySchema cannot be null.");
        }
        if builder.draft.value_schema.is_none() {
            builder.mistake("valueSchema cannot be null.");
        }
        builder
    }

    /// Starts a Decimal schema with this scale.
    pub fn decimal(scale: i32) -> Self {
        Self::logical(Logical::Decimal).parameter(logical::SCALE, scale.to_string())
    }

    /// Starts a Date schema.
    pub fn date() -> Self {
        Self::logical(Logical::Date)
    }

    /// Starts a Time schema.
    pub fn time() -> Self {
        Self::logical(Logical::Time)
    }

    /// Starts a Timestamp schema.
    pub fn timestamp() -> Self {
        Self::logical(Logical::Timestamp)
    }

    fn logical(logical: Logical) -> Self {
        Self::new(logical.base()).name(logical.name()).version(1)
    }

    /// Allows null.
    pub fn optional(self) -> Self {
        self.set_optional(true)
    }

    /// Refuses null, which is the default.
    pub fn required(self) -> Self {
        self.set_optional(false)
    }

    fn set_optional(mut self, optional: bool) -> Self {
        if self.optional.is_some_and(|set| set != optional) {
            self.already_set("optional");
        } else {
            self.optional = Some(optional);
            self.draft.optional = optional;
        }
        self
    }

    /// Says what null stands for. The value must be valid for the schema as described so far; a
    /// struct may have any schema with the same fields.
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        let value = value.into();
        if self.draft.default.as_ref().is_some_and(|set| *set != value) {
            self.already_set("default");
            return self;
        }
        match validate::validate_default(&self.draft, &value) {
            Ok(()) if value.is_null() => {}
            Ok(()) => self.draft.default = Some(value),
            Err(cause) => {
                if self.mistake.is_none() {
                    self.mistake("Invalid default value");
                    self.invalid_default = Some(Arc::new(cause));
                }
            }
        }
        self
    }

    /// Names the schema; `None` changes nothing.
    pub fn name<'a>(mut self, name: impl Into<Option<&'a str>>) -> Self {
        let name = name.into();
        if is_other(self.draft.name.as_deref(), name) {
            self.already_set("name");
        } else if let Some(name) = name {
            self.draft.logical = Logical::from_name(name);
            self.draft.name = Some(name.into());
        }
        self
    }

    /// Sets the version; `None` changes nothing.
    pub fn version(mut self, version: impl Into<Option<i32>>) -> Self {
        let version = version.into();
        if is_other(self.draft.version, version) {
            self.already_set("version");
        } else {
            self.draft.version = version.or(self.draft.version);
        }
        self
    }

    /// Documents the schema; `None` changes nothing.
    pub fn doc<'a>(mut self, doc: impl Into<Option<&'a str>>) -> Self {
        let doc = doc.into();
        if is_other(self.draft.doc.as_deref(), doc) {
            self.already_set("doc");
        } else if let Some(doc) = doc {
            self.draft.doc = Some(doc.into());
        }
        self
    }

    /// Sets one parameter; a former value is replaced.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        if name == logical::SCALE {
            self.draft.scale = value.parse().ok();
        }
        let parameters = self.draft.parameters.get_or_insert_with(Parameters::new);
        parameters.insert(name, value);
        self
    }

    /// Adds parameters.
    pub fn parameters<'a>(
        self,
        parameters: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Self {
        parameters.into_iter().fold(self, |builder, (name, value)| {
            builder.parameter(name, value)
        })
    }

    /// Adds a field to a struct.
    pub fn field(mut self, name: &str, schema: impl Into<Option<SchemaRef>>) -> Self {
        if self.draft.kind != Type::Struct {
            self.mistake(&format!("Cannot create fields on type {}", self.draft.kind));
            return self;
        }
        if name.is_empty() {
            self.mistake("fieldName cannot be null.");
            return self;
        }
        let Some(schema) = schema.into() else {
            self.mistake(&format!("fieldSchema for field {name} cannot be null."));
            return self;
        };
        if self.draft.find_field(name).is_some() {
            self.mistake(&format!(
                "Cannot create field because of field name duplication {name}"
            ));
            return self;
        }
        self.push_field(name.into(), schema);
        self
    }

    fn push_field(&mut self, name: Arc<str>, schema: SchemaRef) {
        let draft = &mut self.draft;
        let index = draft.fields.len();
        draft.fields.push(Field {
            member: Member::new(&name, index),
            name: Arc::clone(&name),
            index,
            schema,
        });
        match &mut draft.places {
            Some(places) => {
                places.insert(name, index);
            }
            None if draft.fields.len() > SCANNED_FIELDS => {
                let by_name = draft
                    .fields
                    .iter()
                    .map(|field| (Arc::clone(&field.name), field.index));
                draft.places = Some(by_name.collect::<HashMap<_, _, _>>());
            }
            None => {}
        }
    }

    /// What is described so far. It is not checked for mistakes.
    #[must_use]
    pub const fn draft(&self) -> &Schema {
        &self.draft
    }

    /// Goes on only when there is no mistake so far.
    ///
    /// # Errors
    ///
    /// The first mistake in the description.
    pub fn checked(self) -> Result<Self, DataError> {
        match self.mistake {
            None => Ok(self),
            Some(_) => self.build().map(|_| unreachable!("a mistake was found")),
        }
    }

    /// The schema.
    ///
    /// # Errors
    ///
    /// The first mistake in the description.
    pub fn build(self) -> Result<SchemaRef, DataError> {
        let Some(mistake) = self.mistake else {
            return Ok(SchemaRef::from(*self.draft));
        };
        let error = DataError::schema_builder(mistake.to_string());
        Err(match self.invalid_default {
            Some(cause) => error.caused_by(cause),
            None => error,
        })
    }

    fn already_set(&mut self, attribute: &str) {
        self.mistake(&format!(
            "Invalid SchemaBuilder call: {attribute} has already been set."
        ));
    }

    fn mistake(&mut self, message: &str) {
        self.mistake.get_or_insert_with(|| message.into());
    }
}

/// Whether an attribute that is set would change.
fn is_other<T: PartialEq + Copy>(set: Option<T>, new: Option<T>) -> bool {
    set.is_some() && set != new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Struct;

    #[track_caller]
    fn check(builder: SchemaBuilder, message: &str) {
        assert_eq!(builder.build().unwrap_err().to_string(), message);
    }

    #[test]
    fn attributes_are_set_once() {
        check(
            SchemaBuilder::new(Type::Int8).name("a").name("b"),
            "Invalid SchemaBuilder call: name has already been set.",
        );
        check(
            SchemaBuilder::new(Type::Int8).optional().required(),
            "Invalid SchemaBuilder call: optional has already been set.",
        );
        check(
            SchemaBuilder::new(Type::Int8)
                .default_value(1_i8)
                .default_value(2_i8),
            "Invalid SchemaBuilder call: default has already been set.",
        );
        assert!(
            SchemaBuilder::new(Type::Int8)
                .name("a")
                .name("a")
                .version(1)
                .version(1)
                .build()
                .is_ok()
        );
    }

    #[test]
    fn the_first_mistake_is_reported() {
        let builder = SchemaBuilder::new(Type::Int8)
            .field("a", Schema::int8())
            .name("a")
            .name("b");

        check(builder, "Cannot create fields on type INT8");
    }

    #[test]
    fn a_null_default_needs_an_optional_schema() {
        check(
            SchemaBuilder::new(Type::Int8).default_value(Value::Null),
            "Invalid default value",
        );
        let optional = SchemaBuilder::new(Type::Int8)
            .optional()
            .default_value(Value::Null);
        assert_eq!(optional.build().unwrap().default_value(), None);
    }

    #[test]
    fn a_struct_default_needs_the_same_fields() {
        let fields = || SchemaBuilder::structure().field("a", Schema::int32());
        let mut default = Struct::new(&fields().build().unwrap()).unwrap();
        default.put("a", 1).unwrap();

        let schema = fields()
            .name("named")
            .default_value(default.clone())
            .build()
            .unwrap();

        assert_eq!(
            schema.default_value(),
            Some(&Value::Struct(default.clone()))
        );
        assert!(schema.accepts_struct(&default));
        check(
            SchemaBuilder::structure().default_value(default),
            "Invalid default value",
        );
    }
}
