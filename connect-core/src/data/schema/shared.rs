//! Handles of schemas.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use foldhash::fast::RandomState;

use super::{Schema, Type};
use crate::data::shared::Shared;

/// How large all schemas may be together that are kept as long as the program: a few megabytes.
const KEPT_SIZE: usize = 10_000;

static KEPT: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

/// A schema as it is passed around; compared by what the schema says.
///
/// A clone shares the schema. Those of primitive and logical types live as long as the program, so
/// that their clones are not even counted: every record carries some. Others may be
/// [kept](Self::kept) as well.
#[derive(Clone)]
pub struct SchemaRef(Shared<Schema>);

// A struct is this and its values, and a value has to stay small.
const _: () = assert!(size_of::<SchemaRef>() == 16);

impl SchemaRef {
    pub(super) const fn constant(schema: &'static Schema) -> Self {
        Self(Shared::Constant(schema))
    }

    /// Whether both are the same schema, and not only alike. Much cheaper than a comparison.
    #[must_use]
    #[inline]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }
}

impl SchemaRef {
    /// An equal schema that lives as long as the program, so that its clones are not counted. For
    /// schemas that many records have, such as those that are made of the schema of other records:
    /// each record is told its schema and holds values that know theirs.
    ///
    /// Only as many are kept as most programs ever see. Of any more this is the same schema, which is
    /// counted. So is one with a struct inside that is counted: values know that very one, and that an
    /// equal one is meant would take a comparison for each.
    #[must_use]
    pub fn kept(self) -> Self {
        match &self.0 {
            Shared::Counted(schema) if self.has_settled_structs() => {
                let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
                kept.keep(schema).unwrap_or(self)
            }
            Shared::Constant(_) | Shared::Counted(_) => self,
        }
    }
}

impl Schema {
    /// Whether all structs inside live as long as the program.
    fn has_settled_structs(&self) -> bool {
        self.parts().all(|it| {
            matches!(it.0, Shared::Constant(_))
                || (it.kind() != Type::Struct && it.has_settled_structs())
        })
    }
}

/// Schemas that are kept as long as the program.
#[derive(Default)]
struct Kept {
    schemas: HashSet<SchemaRef, RandomState>,
    size: usize,
}

impl Kept {
    /// The one that is equal to a schema and looks like it everywhere; none when there are too many.
    fn keep(&mut self, schema: &Arc<Schema>) -> Option<SchemaRef> {
        if let Some(known) = self.schemas.get(&**schema) {
            return Some(known.clone());
        }
        let size = self.size + schema.definite_size()?;
        if size > KEPT_SIZE {
            return None;
        }
        self.size = size;
        let handle: &'static Arc<Schema> = Box::leak(Box::new(Arc::clone(schema)));
        let new = SchemaRef::constant(handle);
        self.schemas.insert(new.clone());
        Some(new)
    }
}

impl From<Schema> for SchemaRef {
    fn from(schema: Schema) -> Self {
        Self(Shared::Counted(Arc::new(schema)))
    }
}

impl Deref for SchemaRef {
    type Target = Schema;

    #[inline]
    fn deref(&self) -> &Schema {
        &self.0
    }
}

impl AsRef<Schema> for SchemaRef {
    fn as_ref(&self) -> &Schema {
        self
    }
}

impl Borrow<Schema> for SchemaRef {
    fn borrow(&self) -> &Schema {
        self
    }
}

impl PartialEq for SchemaRef {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SchemaRef {}

impl Hash for SchemaRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for SchemaRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for SchemaRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::SchemaBuilder;

    fn wide(fields: usize) -> SchemaRef {
        let names = (0..fields).map(|it| it.to_string());
        let add = |builder: SchemaBuilder, name: String| builder.field(&name, Schema::int32());
        names.fold(SchemaBuilder::structure(), add).build().unwrap()
    }

    #[test]
    fn equal_schemas_are_kept_as_one() {
        let (one, other) = (wide(3).kept(), wide(3).kept());

        assert!(one.is_same(&other) && one.is_same(&one.clone().kept()));
        assert_eq!(one, wide(3));
        assert!(!one.is_same(&wide(3)));
    }

    #[test]
    fn schemas_that_differ_in_an_order_are_not_kept() {
        let with = |[first, second]: [&str; 2]| {
            let decimal = SchemaBuilder::decimal(2).parameter(first, "1");
            let decimal = decimal.parameter(second, "1").build().unwrap();
            let builder = SchemaBuilder::structure().field("a", decimal);
            builder.build().unwrap().kept()
        };
        let (one, other) = (with(["x", "y"]), with(["y", "x"]));

        assert_eq!(one, other);
        assert!(!one.is_same(&other));
    }

    #[test]
    fn structs_inside_stay_what_values_know() {
        let with = |schema: SchemaRef| {
            let builder = SchemaBuilder::structure().field("a", schema);
            builder.build().unwrap().kept()
        };
        let inner = wide(2);

        assert!(!with(inner.clone()).is_same(&with(inner.clone())));
        let list = || Schema::array(inner.clone());
        assert!(!with(list()).is_same(&with(list())));
        assert!(with(wide(2).kept()).is_same(&with(wide(2).kept())));
    }

    #[test]
    fn no_more_schemas_are_kept_than_there_is_room_for() {
        let mut kept = Kept::default();
        let mut keep = |schema: SchemaRef| match &schema.0 {
            Shared::Counted(schema) => kept.keep(schema).is_some(),
            Shared::Constant(_) => false,
        };

        assert!(keep(wide(KEPT_SIZE / 3)) && keep(wide(KEPT_SIZE / 4)));
        assert!(!keep(wide(KEPT_SIZE / 2)));
        assert!(keep(wide(3)));
    }

    #[test]
    fn the_same_is_more_than_alike() {
        let build = || SchemaBuilder::structure().name("Order").build().unwrap();
        let (one, other) = (build(), build());

        assert_eq!(one, other);
        assert!(!one.is_same(&other));
        assert!(one.is_same(&one.clone()));
        assert!(Schema::string().is_same(&Schema::string()));
        assert_ne!(Schema::string(), Schema::optional_string());
    }
}
