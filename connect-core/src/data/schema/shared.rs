//! Handles of schemas.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use super::Schema;
use crate::data::shared::Shared;

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

    /// Whether it lives as long as the program.
    pub(super) const fn is_constant(&self) -> bool {
        matches!(self.0, Shared::Constant(_))
    }

    /// Whether both are the same schema, and not only alike. Much cheaper than a comparison.
    #[must_use]
    #[inline]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
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
