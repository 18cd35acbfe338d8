//! Rules between the keys of one struct that are declared, so that clients can be told of them.

use super::block::{Definer, Reader};
use super::field::{Field, missing};
use super::{ConfigValue, KeyCondition};

/// A type whose value may be absent.
#[diagnostic::on_unimplemented(
    message = "this only makes sense on an optional field, `{Self}` always has a value",
    label = "always has a value",
    note = "change the type to `Option<{Self}>`"
)]
pub trait Optional: ConfigValue {
    /// Whether there is no value.
    fn is_absent(&self) -> bool;
}

impl<T: ConfigValue> Optional for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// A condition on the value of another key, as the derive knows it.
#[derive(Clone, Copy, Debug)]
pub struct ConditionSpec {
    /// Name of the other key.
    pub key: &'static str,
    /// The value that it must have, as users write it.
    pub value: fn() -> Option<String>,
}

impl ConditionSpec {
    /// The condition as it is published.
    pub(super) fn publish(self, definer: &Definer) -> KeyCondition {
        KeyCondition {
            key: definer.full(self.key),
            value: (self.value)().unwrap_or_default().into(),
        }
    }
}

/// Demands a value while a condition holds; the condition is `None` when its key is faulty.
pub fn required<T: Optional + 'static>(
    reader: &mut Reader<'_>,
    field: &Field<T>,
    value: Option<T>,
    when: Option<bool>,
) -> Option<T> {
    let value = value?;
    if when != Some(true) || !value.is_absent() {
        return Some(value);
    }
    let name = reader.full(field.name());
    reader.add_error(&name, missing(&name));
    None
}

/// Refuses a value beside that of another key.
pub fn exclusive<A: Optional + 'static, B: Optional + 'static>(
    reader: &mut Reader<'_>,
    (field, value): (&Field<A>, Option<A>),
    (other, other_value): (&Field<B>, &Option<B>),
) -> Option<A> {
    let value = value?;
    let is_other_given = other_value.as_ref().is_some_and(|it| !it.is_absent());
    if value.is_absent() || !is_other_given {
        return Some(value);
    }
    let (name, other) = (reader.full(field.name()), reader.full(other.name()));
    let message = format!("Invalid configuration {name}: it cannot be given together with {other}");
    reader.add_error(&name, message);
    None
}

/// Tells clients whether a key matters; it does while that is not known.
pub fn shown<T: 'static>(reader: &mut Reader<'_>, field: &Field<T>, when: Option<bool>) {
    let name = reader.full(field.name());
    reader.set_visible(&name, when != Some(false));
}
