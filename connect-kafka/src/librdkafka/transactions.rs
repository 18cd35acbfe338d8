//! Transactions of a producer. Calls that wait for brokers block, so they belong on a blocking thread.

use std::time::Duration;

use rdkafka::bindings as sys;

use super::{client::Client, errors::take_error};
use crate::error::Result;

impl Client {
    /// Blocks until the transactional id is registered, at most `timeout`.
    pub(crate) fn init_transactions(&self, timeout: Duration) -> Result<()> {
        // SAFETY: the client is alive; the error object is ours.
        unsafe { take_error(sys::rd_kafka_init_transactions(self.raw(), millis(timeout))) }
    }

    /// Begins a transaction.
    pub(crate) fn begin_transaction(&self) -> Result<()> {
        // SAFETY: the client is alive; the error object is ours.
        unsafe { take_error(sys::rd_kafka_begin_transaction(self.raw())) }
    }

    /// Blocks until the transaction is committed, at most `timeout`. Somebody else has to read the main queue.
    pub(crate) fn commit_transaction(&self, timeout: Duration) -> Result<()> {
        // SAFETY: the client is alive; the error object is ours.
        unsafe {
            take_error(sys::rd_kafka_commit_transaction(
                self.raw(),
                millis(timeout),
            ))
        }
    }

    /// Blocks until the transaction is aborted, at most `timeout`. Somebody else has to read the main queue.
    pub(crate) fn abort_transaction(&self, timeout: Duration) -> Result<()> {
        // SAFETY: the client is alive; the error object is ours.
        unsafe { take_error(sys::rd_kafka_abort_transaction(self.raw(), millis(timeout))) }
    }

    /// Blocks until no record is in flight, at most `timeout`, and lets no record linger meanwhile. Somebody else
    /// has to read the main queue.
    pub(crate) fn flush(&self, timeout: Duration) {
        // SAFETY: the client is alive. The outcome shows in the delivery reports.
        let _timed_out = unsafe { sys::rd_kafka_flush(self.raw(), millis(timeout)) };
    }
}

/// Milliseconds as the library counts them, never its "for ever".
pub(super) fn millis(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX)
}
