//! What many records share.

use std::ops::Deref;
use std::ptr;
use std::sync::Arc;

/// A handle of what lives as long as the program, whose clones are not even counted, or of what is
/// counted.
pub(super) enum Shared<T: 'static> {
    Constant(&'static T),
    Counted(Arc<T>),
}

impl<T> Shared<T> {
    /// Whether both are handles of one thing, which is not looked at.
    #[inline]
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Constant(one), Self::Constant(other)) => ptr::eq(*one, *other),
            (Self::Counted(one), Self::Counted(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl<T> Clone for Shared<T> {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Self::Constant(it) => Self::Constant(it),
            Self::Counted(it) => Self::Counted(Arc::clone(it)),
        }
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match self {
            Self::Constant(it) => it,
            Self::Counted(it) => it,
        }
    }
}
