//! Structs that are put together from the values of others.

use std::slice;

use super::Struct;
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
            values: Vec::with_capacity(schema.field_list().len()),
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
        check_moved(from, field, &value)?;
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
        let Struct { schema, values } = record;
        let start = self.values.len();
        self.values.append(&mut values.into_vec());
        for (old, value) in schema.field_list().iter().zip(&mut self.values[start..]) {
            let field = self.fields.next().expect("there is a next field");
            if value.is_null() {
                *value = instead(old);
            }
            check_moved(old, field, value)?;
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
    pub fn finish(mut self) -> Struct {
        self.values
            .resize(self.schema.field_list().len(), Value::Null);
        Struct {
            schema: self.schema.clone(),
            values: self.values.into(),
        }
    }
}

/// Checks a value that comes from a field of another struct: mostly it was checked there.
#[inline]
fn check_moved(from: &Field, to: &Field, value: &Value) -> Result<(), DataError> {
    if value.is_null() || !from.is_same_kind(to) {
        to.check(value)?;
    }
    Ok(())
}
