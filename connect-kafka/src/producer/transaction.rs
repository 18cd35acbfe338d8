//! Transactions of a producer whose settings have a `transactional.id`.

use std::{sync::Arc, time::Duration, time::Instant};

use super::Producer;
use crate::{
    error::{ErrorKind, KafkaError, Result},
    librdkafka::Client,
};

impl Producer {
    /// Registers the transactional id, fencing producers that used it before, and ends what they left open.
    ///
    /// To be called once, before the first transaction. When cancelled, call it again.
    ///
    /// # Errors
    /// Retriable ones and time-outs: call again. Others: the producer is unusable.
    pub async fn init_transactions(&mut self, timeout: Duration) -> Result<()> {
        self.run(timeout, "cannot initialise transactions", move |client| {
            client.init_transactions(timeout)
        })
        .await
    }

    /// Begins a transaction; records sent from now on belong to it.
    ///
    /// # Errors
    /// No transactional producer, one in the middle of a transaction, or a fenced one.
    pub fn begin_transaction(&mut self) -> Result<()> {
        let client = &self.engine()?.client;
        client
            .begin_transaction()
            .map_err(|error| error.during("cannot begin a transaction"))
    }

    /// Flushes and commits the current transaction. When cancelled, call it again.
    ///
    /// # Errors
    /// Retriable ones and time-outs: call again. [`Fenced`](ErrorKind::Fenced) and fatal ones: the producer is
    /// unusable. Others: the transaction has to be aborted.
    pub async fn commit_transaction(&mut self, timeout: Duration) -> Result<()> {
        let started = Instant::now();
        self.flush(timeout).await?;
        let left = timeout.saturating_sub(started.elapsed());
        self.run(timeout, "cannot commit the transaction", move |client| {
            client.commit_transaction(left)
        })
        .await
    }

    /// Aborts the current transaction; records still queued are answered with an error. When cancelled, call it
    /// again.
    ///
    /// # Errors
    /// Retriable ones and time-outs: call again. Others: the producer is unusable.
    pub async fn abort_transaction(&mut self, timeout: Duration) -> Result<()> {
        self.run(timeout, "cannot abort the transaction", move |client| {
            client.abort_transaction(timeout)
        })
        .await
    }

    /// Runs a blocking call of the engine while looking after the delivery reports that it waits for.
    async fn run(
        &mut self,
        timeout: Duration,
        what: &str,
        call: impl FnOnce(&Client) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let client = Arc::clone(&self.engine()?.client);
        let mut running = tokio::task::spawn_blocking(move || call(&client));
        let outcome = loop {
            tokio::select! {
                outcome = &mut running => break outcome,
                () = self.wait() => self.drain(),
            }
        };
        self.drain();
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(_) => Err(KafkaError::new(
                ErrorKind::Closed,
                "the runtime is shutting down",
            )),
        };
        outcome.map_err(|error| self.explain(error, what, timeout))
    }
}
