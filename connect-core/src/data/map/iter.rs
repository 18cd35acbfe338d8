//! The entries of maps.

use std::iter::Zip;
use std::{slice, vec};

use super::Keys;
use crate::data::Value;

/// The entries of a [`Map`](super::Map) in order.
#[derive(Clone, Debug)]
pub struct Iter<'a>(Zip<slice::Iter<'a, Value>, slice::Iter<'a, Value>>);

impl<'a> Iter<'a> {
    pub(super) fn new(keys: &'a [Value], values: &'a [Value]) -> Self {
        Self(keys.iter().zip(values))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Value, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The owned entries of a [`Map`](super::Map) in order.
#[derive(Debug)]
pub struct IntoIter {
    keys: Keys,
    /// The place of the next entry.
    place: usize,
    values: vec::IntoIter<Value>,
}

impl IntoIter {
    pub(super) fn new(keys: Keys, values: Vec<Value>) -> Self {
        Self {
            keys,
            place: 0,
            values: values.into_iter(),
        }
    }
}

impl Iterator for IntoIter {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.values.next()?;
        let key = self.keys.as_slice()[self.place].clone();
        self.place += 1;
        Some((key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.size_hint()
    }
}

impl ExactSizeIterator for IntoIter {}
