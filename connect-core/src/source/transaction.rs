//! Transactions whose ends a source defines itself: what the task says, and what its worker does.
//!
//! Only tasks of connectors with `transaction.boundary=connector` have a [`TransactionContext`],
//! on workers that write in transactions. Everywhere else what they say has no effect.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{ConnectError, Result};
use crate::record::Record;

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionEnd {
    /// Its records become visible.
    Commit,
    /// Its records are never seen. Their offsets are stored all the same, so that they are not
    /// read again.
    Abort,
}

/// What was asked for at one place; both at once is a mistake that shows when the place is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) commit: bool,
    pub(crate) abort: bool,
}

impl Asked {
    pub(crate) fn is_nothing(self) -> bool {
        !self.commit && !self.abort
    }

    fn end(self, conflict: impl FnOnce() -> String) -> Result<Option<TransactionEnd>> {
        match (self.commit, self.abort) {
            (false, false) => Ok(None),
            (true, false) => Ok(Some(TransactionEnd::Commit)),
            (false, true) => Ok(Some(TransactionEnd::Abort)),
            (true, true) => Err(ConnectError::fatal(conflict())),
        }
    }
}

/// Ends transactions behind whole batches. Cheap to clone, and good on any thread.
///
/// A record of a batch ends one with
/// [`commit_transaction`](crate::record::SourceRecord::commit_transaction) or
/// [`abort_transaction`](crate::record::SourceRecord::abort_transaction).
///
/// ```
/// use connect_core::prelude::*;
///
/// /// Reads orders, each with all of its items.
/// #[source_connector]
/// struct Orders {
///     cx: SourceContext<Self>,
/// }
///
/// #[source_task]
/// impl SourceTask for Orders {
///     type Config = NoConfig;
///
///     async fn start(_: NoConfig, cx: SourceContext<Self>) -> Result<Self> {
///         Ok(Self { cx })
///     }
///
///     async fn poll(&mut self) -> Result<Batch<Self>> {
///         let item = |name: &str| SourceRecord::new("items", (), ()).value(name);
///         // All items of this order are seen together.
///         if let Some(transactions) = self.cx.transactions() {
///             transactions.commit();
///         }
///         Ok(vec![item("tea"), item("cup")])
///     }
///
///     fn defines_transaction_boundaries(_: &NoConfig) -> bool {
///         true
///     }
/// }
/// ```
#[derive(Clone)]
pub struct TransactionContext {
    controls: Arc<TransactionControls>,
}

impl TransactionContext {
    pub(super) fn new(controls: Arc<TransactionControls>) -> Self {
        Self { controls }
    }

    /// Commits the transaction behind the batch of the poll under way, or else of the next one.
    pub fn commit(&self) {
        self.controls.lock().commit = true;
    }

    /// Aborts the transaction behind the batch of the poll under way, or else of the next one.
    pub fn abort(&self) {
        self.controls.lock().abort = true;
    }
}

impl fmt::Debug for TransactionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionContext").finish_non_exhaustive()
    }
}

/// The other side of a [`TransactionContext`], for whoever runs the task.
#[derive(Debug, Default)]
pub struct TransactionControls {
    batch: Mutex<Asked>,
}

impl TransactionControls {
    /// Takes what was asked for behind a batch. To be called when a batch was written, be it an
    /// empty one, and when the task ends.
    ///
    /// # Errors
    /// When the task asked for both ends.
    pub fn take_end(&self) -> Result<Option<TransactionEnd>> {
        let asked = std::mem::take(&mut *self.lock());
        asked.end(|| "Connector requested both commit and abort of same transaction".to_owned())
    }

    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A record behind which a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransactionBoundary {
    /// Index of the record in its batch.
    pub record: usize,
    pub(super) asked: Asked,
}

impl TransactionBoundary {
    /// How the transaction ends behind this record.
    ///
    /// # Errors
    /// When the task asked for both ends.
    pub fn end(&self, record: &Record) -> Result<Option<TransactionEnd>> {
        self.asked.end(|| {
            let (topic, partition) = (&record.topic, record.partition);
            let partition = partition.map_or_else(|| "null".to_owned(), |it| it.to_string());
            format!(
                "Connector requested both commit and abort of same record against \
                 topic/partition {topic}/{partition}"
            )
        })
    }
}
