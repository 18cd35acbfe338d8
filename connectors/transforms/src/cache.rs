//! What was found out about the records that were seen last.

use connect_core::Result;
use connect_core::data::SchemaRef;

/// How much a transform remembers; what is needed beside it is worked out again.
const CAPACITY: usize = 16;

/// What was used last; the latest is first.
#[derive(Debug)]
pub(crate) struct Latest<T>(Vec<T>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Latest<T> {
    /// Brings one to the front that the function is true for; `false` when there is none.
    pub(crate) fn bring(&mut self, is_meant: impl FnMut(&mut T) -> bool) -> bool {
        match self.0.iter_mut().position(is_meant) {
            Some(0) => true,
            Some(place) => {
                self.0[..=place].rotate_right(1);
                true
            }
            None => false,
        }
    }

    /// Brings one to the front that the function is true for, or adds one there.
    pub(crate) fn bring_or_add(
        &mut self,
        is_meant: impl FnMut(&mut T) -> bool,
        make: impl FnOnce() -> T,
    ) -> &mut T {
        if !self.bring(is_meant) {
            self.add(make());
        }
        &mut self.0[0]
    }

    /// Adds one in front, in place of the one that was not used for longest.
    pub(crate) fn add(&mut self, one: T) {
        self.0.truncate(CAPACITY - 1);
        self.0.insert(0, one);
    }
}

/// What follows from a schema, for the schemas used last.
#[derive(Debug)]
pub(crate) struct SchemaCache<T> {
    entries: Latest<(SchemaRef, T)>,
}

impl<T> Default for SchemaCache<T> {
    fn default() -> Self {
        Self {
            entries: Latest::default(),
        }
    }
}

impl<T> SchemaCache<T> {
    /// What follows from a schema. Equal schemas count as the same one; the same pointer is found
    /// without comparing them.
    #[inline]
    pub(crate) fn get_or_build(
        &mut self,
        schema: &SchemaRef,
        build: impl FnOnce(&SchemaRef) -> Result<T>,
    ) -> Result<&mut T> {
        let entries = &mut self.entries;
        if !entries
            .0
            .first()
            .is_some_and(|(key, _)| key.is_same(schema))
        {
            entries.bring_to_front(schema, build)?;
        }
        Ok(&mut entries.0[0].1)
    }
}

impl<T> Latest<(SchemaRef, T)> {
    #[cold]
    fn bring_to_front(
        &mut self,
        schema: &SchemaRef,
        build: impl FnOnce(&SchemaRef) -> Result<T>,
    ) -> Result<()> {
        if !self.bring(|(key, _)| key.is_same(schema)) {
            match self.bring(|(key, _)| key == schema) {
                true => self.0[0].0.clone_from(schema),
                false => self.add((schema.clone(), build(schema)?)),
            }
        }
        Ok(())
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
