//! Offsets that a user changes or resets: what a connector is asked, and what it may answer.

use std::fmt;
use std::marker::PhantomData;

use super::{OffsetMap, SourceOffset, SourcePartition};
use crate::error::{ConnectError, Result};

/// What a connector says to offsets that a user changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// The connector has checked them and done what it has to do elsewhere.
    Confirmed,
    /// The connector has no say in it. What it keeps in another system stays as it is there.
    NotManaged,
    /// The offsets of this connector cannot be changed.
    Unsupported,
}

/// Source offsets that a user changes, as stored: partition, and offset or `None` for a reset.
pub type StoredChange = (OffsetMap, Option<OffsetMap>);

/// A source offset that a user changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetChange<P, O> {
    /// The source partition.
    pub partition: P,
    /// The offset behind which the source is to continue; `None` for its beginning.
    pub offset: Option<O>,
}

/// All source offsets that a user changes at once. There may be none.
pub struct OffsetChanges<P, O> {
    stored: Vec<StoredChange>,
    types: PhantomData<fn() -> (P, O)>,
}

impl<P: SourcePartition, O: SourceOffset> OffsetChanges<P, O> {
    pub(crate) fn new(stored: Vec<StoredChange>) -> Self {
        Self {
            stored,
            types: PhantomData,
        }
    }

    /// The changes as the user sent them.
    #[must_use]
    pub fn stored(&self) -> &[StoredChange] {
        &self.stored
    }

    /// The changes in the author's types. A reset of something that is no partition of this source
    /// is left out, so that any offset can be got rid of.
    ///
    /// # Errors
    /// When an offset or the partition that it is for does not fit the author's types.
    pub fn typed(&self) -> Result<Vec<OffsetChange<P, O>>> {
        let mut typed = Vec::with_capacity(self.stored.len());
        for (stored_partition, stored_offset) in &self.stored {
            let offset = stored_offset.as_ref().map(O::from_stored).transpose();
            let offset = offset.map_err(|err| {
                ConnectError::config(format_args!(
                    "offset for source partition {stored_partition} cannot be used: {err}"
                ))
            })?;
            match P::from_stored(stored_partition) {
                Ok(partition) => typed.push(OffsetChange { partition, offset }),
                Err(_) if offset.is_none() => {}
                Err(err) => {
                    return Err(ConnectError::config(format_args!(
                        "source partition {stored_partition} cannot be used: {err}"
                    )));
                }
            }
        }
        Ok(typed)
    }
}

impl<P, O> fmt::Debug for OffsetChanges<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.stored).finish()
    }
}
