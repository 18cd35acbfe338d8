//! Fields become headers.

use std::fmt;
use std::mem;

use connect_core::data::{
    Field, Header, Headers, Map, Schema, SchemaBuilder, SchemaRef, Text, Value,
};
use connect_core::record::Record;
use connect_core::{ConfigEnum, ConnectError, ConnectorConfig, Result, Transform, transform};

use crate::cache::SchemaCache;
use crate::names::SomeNames;
use crate::nulls::NullHandling;
use crate::shape::{Selection, into_map, into_struct, with_metadata_of};

/// Which fields become which headers.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct HeaderFromConfig {
    /// The fields.
    #[config(importance = high, example = "id")]
    pub fields: SomeNames,

    /// Names of the headers, in the order of the fields.
    #[config(importance = high, example = "order-id")]
    pub headers: SomeNames,

    /// Whether the fields stay where they are.
    #[config(importance = high)]
    pub operation: Operation,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

/// What becomes of a field whose value is in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ConfigEnum)]
pub enum Operation {
    /// It is removed.
    Move,
    /// It stays.
    Copy,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Move => "header move",
            Self::Copy => "header copy",
        })
    }
}

/// Moves or copies fields of the key into headers, after the headers that are there.
#[transform(
    name = "org.apache.kafka.connect.transforms.HeaderFrom$Key",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct HeaderFromKey(HeaderFrom);

impl Transform for HeaderFromKey {
    type Config = HeaderFromConfig;

    fn new(config: HeaderFromConfig) -> Result<Self> {
        HeaderFrom::new(&config).map(Self)
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        let Record {
            key_schema,
            key,
            headers,
            ..
        } = &mut record;
        self.0.apply(key_schema, key, headers)?;
        Ok(Some(record))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

/// Moves or copies fields of the value into headers, after the headers that are there.
#[transform(
    name = "org.apache.kafka.connect.transforms.HeaderFrom$Value",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct HeaderFromValue(HeaderFrom);

impl Transform for HeaderFromValue {
    type Config = HeaderFromConfig;

    fn new(config: HeaderFromConfig) -> Result<Self> {
        HeaderFrom::new(&config).map(Self)
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        let Record {
            value_schema,
            value,
            headers,
            ..
        } = &mut record;
        self.0.apply(value_schema, value, headers)?;
        Ok(Some(record))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

/// What both have in common.
#[derive(Debug)]
struct HeaderFrom {
    rules: Vec<Rule>,
    operation: Operation,
    nulls: NullHandling,
    plans: SchemaCache<Plan>,
}

/// One field and its header.
#[derive(Debug)]
struct Rule {
    field: String,
    key: Value,
    header: Text,
    /// Whether a later rule needs the value too.
    is_needed_again: bool,
}

impl Rule {
    fn is_of_no_field(&self) -> ConnectError {
        ConnectError::data(format_args!("Field does not exist: {}", self.field))
    }
}

/// What happens to structs of a schema.
#[derive(Debug)]
struct Plan {
    /// Places of the fields, in the order of the rules; a field may be none of the schema.
    places: Vec<Option<usize>>,
    /// What is left when the fields are removed.
    rest: Selection,
}

impl HeaderFrom {
    fn new(config: &HeaderFromConfig) -> Result<Self> {
        let (fields, headers) = (config.fields.iter(), config.headers.iter());
        if fields.len() != headers.len() {
            return Err(ConnectError::config(
                "'fields' config must have the same number of elements as 'headers' config.",
            ));
        }
        let mut rules: Vec<Rule> = Vec::with_capacity(fields.len());
        for (field, header) in fields.zip(headers) {
            for earlier in rules.iter_mut().filter(|it| it.field == field) {
                earlier.is_needed_again = true;
            }
            rules.push(Rule {
                field: field.to_owned(),
                key: field.into(),
                header: Text::from(header),
                is_needed_again: false,
            });
        }
        Ok(Self {
            rules,
            operation: config.operation,
            nulls: config.nulls,
            plans: SchemaCache::default(),
        })
    }

    fn apply(
        &mut self,
        schema: &mut Option<SchemaRef>,
        data: &mut Value,
        headers: &mut Headers,
    ) -> Result<()> {
        match schema {
            None => {
                let mut map = into_map(mem::take(data), self.operation)?;
                self.apply_to_map(&mut map, headers);
                *data = map.into();
                Ok(())
            }
            Some(schema) => self.apply_to_struct(schema, data, headers),
        }
    }

    fn apply_to_map(&self, map: &mut Map, headers: &mut Headers) {
        for rule in &self.rules {
            let value = match self.operation {
                Operation::Move if !rule.is_needed_again => map.remove(&rule.key),
                Operation::Move | Operation::Copy => map.get(&rule.key).cloned(),
            };
            let value = value.unwrap_or_default();
            headers.push(Header::new(rule.header.clone(), None, value));
        }
    }

    fn apply_to_struct(
        &mut self,
        schema: &mut SchemaRef,
        data: &mut Value,
        headers: &mut Headers,
    ) -> Result<()> {
        let record = into_struct(schema, mem::take(data), self.operation)?;
        let rules = &self.rules;
        let plan = self
            .plans
            .get_or_build(schema, |schema| Plan::new(rules, schema))?;
        let fields = schema.fields()?;
        let places = plan.places.iter();
        let rules = rules.iter().zip(places.map(|it| it.map(|it| &fields[it])));
        match self.operation {
            Operation::Copy => {
                for (rule, field) in rules {
                    let field = field.ok_or_else(|| rule.is_of_no_field())?;
                    let value = self.nulls.peek(&record, field).clone();
                    headers.add(rule.header.clone(), field.schema().clone(), value)?;
                }
                *data = record.into();
            }
            Operation::Move => {
                let mut values = record.into_values();
                // The reference makes what is left first, and tells what is wrong with it.
                *data = plan.rest.take(schema, &mut values, self.nulls)?.into();
                for (rule, field) in rules {
                    let field = field.ok_or_else(|| rule.is_of_no_field())?;
                    let value = &mut values[field.index()];
                    let value = match rule.is_needed_again {
                        true => value.clone(),
                        false => mem::take(value),
                    };
                    let value = self.nulls.read(field, value);
                    headers.add(rule.header.clone(), field.schema().clone(), value)?;
                }
                *schema = plan.rest.schema.clone();
            }
        }
        Ok(())
    }
}

impl Plan {
    fn new(rules: &[Rule], schema: &Schema) -> Result<Self> {
        let mut places = Vec::with_capacity(rules.len());
        for Rule { field, .. } in rules {
            places.push(schema.field(field)?.map(Field::index));
        }
        let mut builder = with_metadata_of(schema, SchemaBuilder::structure());
        let mut kept = Vec::new();
        for field in schema.fields()? {
            if !places.contains(&Some(field.index())) {
                builder = builder.field(field.name(), field.schema().clone());
                kept.push(field.index());
            }
        }
        let rest = Selection {
            schema: builder.build()?.kept(),
            places: kept,
        };
        Ok(Self { places, rest })
    }
}

#[cfg(test)]
mod tests {
    use connect_core::config::Props;
    use connect_core::data::Struct;

    use super::*;

    /// What is said of a struct in which nothing is given, of fields that all are required.
    fn mistake(fields: &str) -> String {
        let builder = SchemaBuilder::structure().field("a", Schema::int32());
        let schema = builder.field("b", Schema::int32()).build().unwrap();
        let props = Props::from_iter([
            ("fields", fields),
            ("headers", fields),
            ("operation", "move"),
        ]);
        let mut transform = HeaderFromValue::new(HeaderFromConfig::parse(&props).unwrap()).unwrap();
        let mut record = Record::new("t");
        record.value = Struct::new(&schema).unwrap().into();
        record.value_schema = Some(schema);

        transform.apply(record).unwrap_err().to_string()
    }

    #[test]
    fn what_stays_is_made_before_headers() {
        let of_what_stays =
            "Invalid value: null used for required field: \"a\", schema type: INT32";

        assert_eq!(mistake("b"), of_what_stays);
        assert_eq!(mistake("x"), of_what_stays);
    }

    #[test]
    fn headers_are_made_in_their_order() {
        let of_header = "A null value requires an optional schema but was Schema{INT32}";

        assert_eq!(mistake("a,b,x"), of_header);
        assert_eq!(mistake("x,a,b"), "Field does not exist: x");
    }
}
