//! Schemas that live as long as the program.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use foldhash::fast::RandomState;

use super::{Field, Schema, SchemaRef, Type};
use crate::data::Value;

/// Bytes of all schemas together that are kept.
const ROOM: usize = 4 << 20;

static HASHES: LazyLock<RandomState> = LazyLock::new(RandomState::default);

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

/// Schemas that are kept, by a hash of all that they say.
#[derive(Default)]
struct Kept {
    schemas: HashMap<u64, Vec<SchemaRef>>,
    bytes: usize,
}

impl SchemaRef {
    /// An equal schema that lives as long as the program, so that its clones are not counted. For
    /// schemas that many records have, such as those that are made of the schema of other records:
    /// each record is told its schema and holds values that know theirs.
    ///
    /// Only as many are kept as most programs ever see, 4 MiB. Of any more this is the same schema,
    /// which is counted. So is one with a struct inside that is counted, because values know that very
    /// one, one with an order that does not count in comparisons, and one with a default that is part
    /// of a larger memory.
    #[must_use]
    pub fn kept(self) -> Self {
        if self.is_constant() {
            return self;
        }
        let Some(bytes) = self.definite_bytes() else {
            return self;
        };
        let hash = HASHES.hash_one(Whole(&self));
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.keep(self, hash, bytes)
    }
}

impl Schema {
    /// How large the schema is with all inside that is not kept already. None if it may not be kept.
    fn definite_bytes(&self) -> Option<usize> {
        let has_order = self.parameters.as_ref().is_some_and(|it| it.len() > 1);
        if has_order || self.default.as_ref().is_some_and(Value::owns_memory) {
            return None;
        }
        let inside = self.parts().map(|part| match part.kind() {
            _ if part.is_constant() => Some(0),
            Type::Struct => None,
            _ => part.definite_bytes(),
        });
        let inside = inside.sum::<Option<usize>>()?;
        let texts = [self.name.as_deref(), self.doc.as_deref()];
        let texts = texts.into_iter().flatten().map(str::len).sum::<usize>();
        let parameters = self.parameters.iter().flatten();
        let parameters = parameters.map(|(name, value)| name.len() + value.len());
        // A name of a field is there a second time as it begins a member.
        let fields = self.fields.iter();
        let fields = fields.map(|it| size_of::<Field>() + 2 * it.name.len());
        let own = texts + parameters.sum::<usize>() + fields.sum::<usize>();
        Some(size_of::<Self>() + own + inside)
    }
}

/// Hashes all that a schema says. Those inside that are kept are told by their place.
struct Whole<'a>(&'a SchemaRef);

impl Hash for Whole<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let schema = self.0;
        if schema.is_constant() {
            return std::ptr::hash::<Schema, H>(&**schema, state);
        }
        (schema.kind, schema.optional, schema.version).hash(state);
        (&schema.name, &schema.doc, &schema.default).hash(state);
        for (name, value) in schema.parameters.iter().flatten() {
            (name, value).hash(state);
        }
        schema.fields.iter().for_each(|it| it.name.hash(state));
        schema.parts().for_each(|it| Whole(it).hash(state));
    }
}

impl Kept {
    /// The one that is equal to a schema, or the schema itself when there is no room for it.
    fn keep(&mut self, schema: SchemaRef, hash: u64, bytes: usize) -> SchemaRef {
        let mut alike = self.schemas.get(&hash).into_iter().flatten();
        if let Some(known) = alike.find(|it| **it == schema) {
            return known.clone();
        }
        if bytes > ROOM - self.bytes {
            return schema;
        }
        self.bytes += bytes;
        let new = SchemaRef::constant(Box::leak(Box::new(Schema::clone(&schema))));
        self.schemas.entry(hash).or_default().push(new.clone());
        new
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::data::{Blob, SchemaBuilder, Text};

    fn with_field(schema: SchemaRef) -> SchemaRef {
        let builder = SchemaBuilder::structure().field("a", schema);
        builder.build().unwrap().kept()
    }

    fn order() -> SchemaRef {
        let builder = SchemaBuilder::structure().field("id", Schema::int64());
        builder.build().unwrap()
    }

    #[track_caller]
    fn check_kept(make: impl Fn() -> SchemaRef, is_kept: bool) {
        let (one, other) = (make().kept(), make().kept());

        assert_eq!(one, make());
        assert_eq!(one.is_same(&other), is_kept);
        assert_eq!(one.is_constant(), is_kept);
    }

    #[test]
    fn equal_schemas_are_kept_as_one() {
        check_kept(order, true);
        check_kept(|| Schema::array(Schema::string()), true);
        assert!(order().kept().is_same(&order().kept().kept()));
    }

    #[test]
    fn schemas_that_differ_in_an_order_are_not_kept() {
        let with = |[first, second]: [&str; 2]| {
            let decimal = SchemaBuilder::decimal(2).parameter(first, "1");
            with_field(decimal.parameter(second, "1").build().unwrap())
        };
        let (one, other) = (with(["x", "y"]), with(["y", "x"]));

        assert_eq!(one, other);
        assert!(!one.is_same(&other));
    }

    #[test]
    fn structs_inside_stay_what_values_know() {
        let counted = order();

        check_kept(|| with_field(counted.clone()), false);
        check_kept(|| with_field(Schema::array(counted.clone())), false);
        check_kept(|| with_field(order().kept()), true);
        assert!(
            with_field(counted.clone()).field_list()[0]
                .schema()
                .is_same(&counted)
        );
    }

    #[test]
    fn a_default_keeps_no_buffer() {
        let text = "a text that is longer than what is kept in place";
        let buffer = Text::from_blob(Blob::from(Bytes::from(text))).unwrap();
        let with = |default: Text| {
            let builder = SchemaBuilder::new(Type::String).default_value(default);
            builder.build().unwrap()
        };

        check_kept(|| with(buffer.clone()), false);
        check_kept(|| with("short".into()), true);
    }

    #[test]
    fn schemas_are_kept_until_there_is_no_more_room() {
        let mut kept = Kept::default();
        let mut keep = |doc: String| {
            let schema = SchemaBuilder::structure()
                .doc(doc.as_str())
                .build()
                .unwrap();
            let bytes = schema.definite_bytes().unwrap();
            assert!(bytes > doc.len());
            kept.keep(schema, 1, bytes).is_constant()
        };

        assert!(keep("x".repeat(ROOM / 2)));
        assert!(!keep("y".repeat(ROOM / 2)));
        assert!(keep("short".to_owned()));
        assert!(keep("x".repeat(ROOM / 2)));
    }
}
