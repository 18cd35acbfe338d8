//! Structs that are put together from the values of others.

use std::slice;

use super::{ROOM, Struct};
use crate::data::{DataError, Field, SchemaRef, Value};

/// A struct that is filled from left to right.
///
/// Every value is checked when it comes in, apart from those that were checked for the same schema
/// before: a struct holds nothing that does not fit, so what is moved from one to another need not
/// be walked through again.
#[derive(Debug)]
pub struct Filling<'a> {
    schema: &'a SchemaRef,
    /// Those that have no value yet.
    fields: slice::Iter<'a, Field>,
    values: Vec<Value>,
}

impl Struct {
    /// A struct that gets its values one by one.
    ///
    /// # Errors
    ///
    /// When the schema is not one of a struct.
    pub fn filling(schema: &SchemaRef) -> Result<Filling<'_>, DataError> {
        Self::check_kind(schema)?;
        Ok(Filling {
            schema,
            fields: schema.field_list().iter(),
            values: Vec::with_capacity(schema.field_list().len() + ROOM),
        })
    }
}

impl Filling<'_> {
    /// Sets the next field to the value of a field of another struct, or to what was made of it.
    ///
    /// # Errors
    ///
    /// When the value does not fit; null does not fit a required field, even one with a default.
    ///
    /// # Panics
    ///
    /// When there is no next field.
    #[inline]
    pub fn push(&mut self, from: &Field, value: Value) -> Result<(), DataError> {
        let field = self.fields.next().expect("there is a next field");
        // Mostly it was checked in the other struct.
        if value.is_null() || !from.is_same_kind(field) {
            field.check(&value)?;
        }
        self.values.push(value);
        Ok(())
    }

    /// Sets the next fields to all values of another struct, in their order, each as
    /// [`push`](Self::push) does; `instead` makes something of null, for which it is told the field.
    ///
    /// # Errors
    ///
    /// The first value that does not fit, as for [`push`](Self::push).
    ///
    /// # Panics
    ///
    /// When there are not as many fields.
    pub fn append(
        &mut self,
        record: Struct,
        instead: impl Fn(&Field) -> Value,
    ) -> Result<(), DataError> {
        let Struct { schema, slots } = record;
        let (old, start) = (schema.field_list(), self.values.len());
        assert!(old.len() <= self.fields.len(), "there are as many fields");
        self.values.append(&mut slots.into_vec());
        Value::release_behind(&mut self.values, start + old.len());
        let fields = old.iter().zip(&mut self.fields);
        for ((from, to), value) in fields.zip(&mut self.values[start..]) {
            if value.is_null() {
                *value = instead(from);
            } else if from.is_same_kind(to) {
                continue;
            }
            to.check(value)?;
        }
        Ok(())
    }

    /// Leaves as many fields null.
    pub fn skip(&mut self, count: usize) {
        let skipped = self.fields.by_ref().take(count);
        self.values.extend(skipped.map(|_| Value::Null));
    }

    /// The struct; fields that were not reached are null.
    #[must_use]
    pub fn finish(self) -> Struct {
        Struct::of(self.schema.clone(), self.values)
    }
}
