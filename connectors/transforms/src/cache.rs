//! What was found out about the schemas that were seen last.

use connect_core::Result;
use connect_core::data::SchemaRef;

/// How many schemas a transform remembers; with more at a time they are worked out again.
const CAPACITY: usize = 16;

/// What follows from a schema, for the schemas used last; the latest is first.
#[derive(Debug)]
pub(crate) struct SchemaCache<T> {
    entries: Vec<(SchemaRef, T)>,
}

impl<T> Default for SchemaCache<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
        }
    }
}

impl<T> SchemaCache<T> {
    /// What follows from a schema. Equal schemas count as the same one; the same pointer is found
    /// without comparing them.
    pub(crate) fn get_or_build(
        &mut self,
        schema: &SchemaRef,
        build: impl FnOnce(&SchemaRef) -> Result<T>,
    ) -> Result<&mut T> {
        let is_latest = |(key, _): &(SchemaRef, T)| key.is_same(schema);
        if self.entries.first().is_some_and(is_latest) {
            return Ok(&mut self.entries[0].1);
        }
        let same = self.entries.iter().position(is_latest);
        let known = same.or_else(|| self.entries.iter().position(|(key, _)| key == schema));
        if let Some(place) = known {
            self.entries[..=place].rotate_right(1);
            self.entries[0].0.clone_from(schema);
        } else {
            let built = build(schema)?;
            self.entries.truncate(CAPACITY - 1);
            self.entries.insert(0, (schema.clone(), built));
        }
        Ok(&mut self.entries[0].1)
    }
}

#[cfg(test)]
mod tests {
    use connect_core::data::{Schema, SchemaBuilder, Type};

    use super::*;

    fn named(name: &str) -> SchemaRef {
        let builder = SchemaBuilder::new(Type::Int32).name(name);
        builder.build().unwrap()
    }

    #[test]
    fn equal_schemas_are_worked_out_once() {
        let mut cache = SchemaCache::default();
        let mut built = 0;

        for schema in [named("a"), named("a"), Schema::string(), named("a")] {
            cache
                .get_or_build(&schema, |_| {
                    built += 1;
                    Ok(())
                })
                .unwrap();
        }

        assert_eq!(built, 2);
    }

    #[test]
    fn the_least_recently_used_is_forgotten() {
        let mut cache = SchemaCache::default();
        let mut built = Vec::new();
        let mut ask = |name: String| {
            let build = |_: &SchemaRef| {
                built.push(name.clone());
                Ok(())
            };
            cache.get_or_build(&named(&name), build).unwrap();
        };
        for number in 0..CAPACITY {
            ask(number.to_string());
        }
        ask("0".to_owned());

        ask("new".to_owned());
        ask("0".to_owned());
        ask("1".to_owned());

        assert_eq!(built[CAPACITY..], ["new", "1"]);
    }
}
