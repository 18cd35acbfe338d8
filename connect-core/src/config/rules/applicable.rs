//! The types to which each rule applies.

use std::cmp::Ordering;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::{ByteSize, ConfigValue, Secret, ValueError};
use crate::data::Topic;

/// A type with an order that `range` can check.
#[diagnostic::on_unimplemented(
    message = "`range` cannot be checked on a `{Self}`",
    label = "has no range",
    note = "`range` needs a number, `Duration` or `ByteSize`; for text use `length`, `matches` or `one_of`"
)]
pub trait Ranged: ConfigValue {
    /// The type of the bounds.
    type Bound: ConfigValue;

    /// Compares with a bound; `None` when there is nothing to compare.
    fn compare(&self, bound: &Self::Bound) -> Option<Ordering>;
}

macro_rules! ranged {
    ($($type:ty),*) => {$(
        impl Ranged for $type {
            type Bound = Self;

            fn compare(&self, bound: &Self) -> Option<Ordering> {
                self.partial_cmp(bound)
            }
        }
    )*};
}

ranged!(i16, i32, i64, u16, u32, u64, f64, Duration, ByteSize);

impl<T: Ranged> Ranged for Option<T> {
    type Bound = T::Bound;

    fn compare(&self, bound: &T::Bound) -> Option<Ordering> {
        self.as_ref()?.compare(bound)
    }
}

/// A type with a length that `length` and `non_empty` can check.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no length to check",
    label = "has no length",
    note = "`length` and `non_empty` need text or a list"
)]
pub trait HasLength: ConfigValue {
    /// Characters of a text, elements of a list; `None` when there is no value.
    fn length(&self) -> Option<usize>;
}

impl HasLength for String {
    fn length(&self) -> Option<usize> {
        Some(self.chars().count())
    }
}

impl HasLength for Topic {
    fn length(&self) -> Option<usize> {
        Some(self.as_str().chars().count())
    }
}

impl HasLength for Secret {
    fn length(&self) -> Option<usize> {
        Some(self.expose().chars().count())
    }
}

impl HasLength for PathBuf {
    fn length(&self) -> Option<usize> {
        Some(self.to_string_lossy().chars().count())
    }
}

impl<T> HasLength for Vec<T>
where
    Self: ConfigValue,
{
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }
}

impl<T: HasLength> HasLength for Option<T> {
    fn length(&self) -> Option<usize> {
        self.as_ref()?.length()
    }
}

/// A type with texts that `matches` and `one_of` can check: each element of a list is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no text to check",
    label = "is not text",
    note = "`matches` and `one_of` need text or a list of texts; for numbers use `range`"
)]
pub trait HasTexts: ConfigValue {
    /// Calls `check` with every text until one is refused.
    ///
    /// # Errors
    /// That of `check`.
    fn check_texts(&self, check: &dyn Fn(&str) -> Result<(), ValueError>)
    -> Result<(), ValueError>;
}

macro_rules! has_texts {
    ($($type:ty: $text:ident),*) => {$(
        impl HasTexts for $type {
            fn check_texts(
                &self,
                check: &dyn Fn(&str) -> Result<(), ValueError>,
            ) -> Result<(), ValueError> {
                check(self.$text())
            }
        }
    )*};
}

has_texts!(String: as_str, Topic: as_str, Secret: expose);

impl<T: HasTexts> HasTexts for Option<T> {
    fn check_texts(
        &self,
        check: &dyn Fn(&str) -> Result<(), ValueError>,
    ) -> Result<(), ValueError> {
        self.as_ref().map_or(Ok(()), |it| it.check_texts(check))
    }
}

impl<T: HasTexts> HasTexts for Vec<T>
where
    Self: ConfigValue,
{
    fn check_texts(
        &self,
        check: &dyn Fn(&str) -> Result<(), ValueError>,
    ) -> Result<(), ValueError> {
        self.iter().try_for_each(|element| {
            element.check_texts(&|text| check(text).map_err(|error| error.in_part(text)))
        })
    }
}
