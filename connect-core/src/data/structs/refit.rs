//! Structs that become structs of another schema.

use super::{ROOM, Struct};
use crate::data::{DataError, Field, SchemaRef, Value};

/// How structs of one schema become structs of another, each value in the field in its place: worked
/// out once for all of them.
///
/// A struct holds nothing that does not fit, so a value that stays as it is, in a field that is
/// like its old one, need not be looked at again.
///
/// ```
/// use connect_core::data::{DataError, Refit, Schema, SchemaBuilder, Struct};
///
/// let orders = SchemaBuilder::structure().field("id", Schema::int32()).build()?;
/// let wider = SchemaBuilder::structure().field("id", Schema::int64()).build()?;
/// let mut refit = Refit::new(&orders, wider, |field| field.name() == "id")?;
/// let mut order = Struct::new(&orders)?;
/// order.put("id", 7)?;
///
/// let order = refit.apply(order, |_, id| {
///     *id = id.as_i64().into();
///     Ok::<_, DataError>(())
/// })?;
///
/// assert_eq!(order.get_i64("id")?, Some(7));
/// # Ok::<(), DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Refit {
    from: SchemaRef,
    to: SchemaRef,
    /// Of the fields that both have.
    treatments: Box<[Treatment]>,
}

/// What becomes of a value.
#[derive(Clone, Copy, Debug)]
struct Treatment {
    /// It becomes another one, be it null or not.
    is_changed: bool,
    /// It stays and fits if it is null; else it becomes another one.
    leaves_null: bool,
    /// It stays and fits if it is not null.
    leaves_others: bool,
}

impl Treatment {
    /// Whether a value stays and fits.
    #[inline(always)]
    const fn leaves(self, value: &Value) -> bool {
        match value.is_null() {
            true => self.leaves_null,
            false => self.leaves_others,
        }
    }
}

/// The same values in a list with more slots. An allocator has one at hand sooner than it makes one
/// longer.
fn longer(slots: Box<[Value]>, count: usize) -> Box<[Value]> {
    let mut values = Vec::with_capacity(count);
    values.append(&mut slots.into_vec());
    values.resize_with(count, Value::default);
    values.into()
}

impl Refit {
    /// A way from one schema to another. Values of the fields that `is_changed` names are made into
    /// others; those of all others stay as they are.
    ///
    /// # Errors
    ///
    /// When one of the schemas is not that of a struct.
    pub fn new(
        from: &SchemaRef,
        to: SchemaRef,
        is_changed: impl Fn(&Field) -> bool,
    ) -> Result<Self, DataError> {
        Struct::check_kind(from)?;
        Struct::check_kind(&to)?;
        let pairs = from.field_list().iter().zip(to.field_list());
        let treatments = pairs.map(|(old, new)| {
            let schema = old.schema();
            let is_changed = is_changed(old);
            let is_like_before = !is_changed && schema == new.schema();
            let null_is_null = schema.is_optional() && schema.default_value().is_none();
            Treatment {
                is_changed,
                leaves_null: is_like_before && null_is_null,
                leaves_others: is_like_before,
            }
        });
        Ok(Self {
            treatments: treatments.collect(),
            from: from.clone(),
            to,
        })
    }

    /// The schema of what is made.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.to
    }

    /// Moves the values into a struct of the other schema. Further fields are null.
    ///
    /// `change` makes values that are changed, and null that may not stay or has a default, into what
    /// the new field holds; it is told their old field.
    ///
    /// # Errors
    ///
    /// When the struct has other fields, when `change` fails, or when a value does not fit its
    /// field; null does not fit a required field, even one with a default.
    pub fn apply<E: From<DataError>>(
        &mut self,
        record: Struct,
        change: impl FnMut(&Field, &mut Value) -> Result<(), E>,
    ) -> Result<Struct, E> {
        self.apply_and_extend(record, change, |_, _| Ok(()))
    }

    /// Like [`apply`](Self::apply), with what `further` makes of null in further fields. Null is fine
    /// there.
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Self::apply), and when `further` fails.
    pub fn apply_and_extend<E: From<DataError>>(
        &mut self,
        record: Struct,
        change: impl FnMut(&Field, &mut Value) -> Result<(), E>,
        mut further: impl FnMut(&Field, &mut Value) -> Result<(), E>,
    ) -> Result<Struct, E> {
        self.expect(&record)?;
        let fields = self.to.field_list();
        let mut slots = record.slots;
        if slots.len() < fields.len() {
            slots = longer(slots, fields.len() + ROOM);
        }
        self.change_values(&mut slots, change)?;
        let both = self.treatments.len();
        for (field, slot) in fields[both..].iter().zip(&mut slots[both..]) {
            further(field, slot)?;
            if !slot.is_null() {
                field.check(slot)?;
            }
        }
        let fewer = slots.get_mut(fields.len()..self.from.field_list().len());
        fewer.unwrap_or_default().fill_with(Value::default);
        Ok(Struct {
            schema: self.to.clone(),
            slots,
        })
    }

    /// Changes the values in place, as [`apply`](Self::apply) would; the struct keeps its schema.
    ///
    /// # Errors
    ///
    /// Those of [`apply`](Self::apply). The values in front are changed then.
    pub fn change<E: From<DataError>>(
        &mut self,
        record: &mut Struct,
        change: impl FnMut(&Field, &mut Value) -> Result<(), E>,
    ) -> Result<(), E> {
        self.expect(record)?;
        self.change_values(&mut record.slots, change)
    }

    fn change_values<E: From<DataError>>(
        &self,
        values: &mut [Value],
        mut change: impl FnMut(&Field, &mut Value) -> Result<(), E>,
    ) -> Result<(), E> {
        let (old, new) = (self.from.field_list(), self.to.field_list());
        for (place, (value, treatment)) in values.iter_mut().zip(&self.treatments).enumerate() {
            if treatment.leaves(value) {
                continue;
            }
            if treatment.is_changed || value.is_null() {
                change(&old[place], value)?;
            }
            new[place].check(value)?;
        }
        Ok(())
    }

    /// Refuses structs with other fields. Equal fields of another schema are compared once: the next
    /// struct mostly has the schema of this one.
    #[inline]
    fn expect(&mut self, record: &Struct) -> Result<(), DataError> {
        match self.from.is_same(&record.schema) {
            true => Ok(()),
            false => self.expect_fields(&record.schema),
        }
    }

    #[cold]
    fn expect_fields(&mut self, found: &SchemaRef) -> Result<(), DataError> {
        if self.from.field_list() != found.field_list() {
            return Err(DataError::data("Struct schemas do not match."));
        }
        self.from = found.clone();
        Ok(())
    }
}
