//! Tasks whose errors name references in place of what they stand for.
//!
//! A plugin may quote its configuration in an error, and errors are logged in many places. So they
//! lose what nobody is to see where they come from.

use std::error::Error;
use std::fmt;

use connect_core::record::SinkRecord;
use connect_core::sink::{ErasedSinkTask, SinkOffsets, TopicPartition};
use connect_core::source::{BoxFuture, ErasedBatch, ErasedSourceTask, Position, SettledRecord};
use connect_core::{ConnectError, ErrorKind, Result};

use crate::providers::Secrets;

/// A source task that keeps secrets.
pub(super) fn discreet_source(
    task: Box<dyn ErasedSourceTask>,
    secrets: &Secrets,
) -> Box<dyn ErasedSourceTask> {
    let secrets = secrets.clone();
    match secrets.is_empty() {
        true => task,
        false => Box::new(Discreet { secrets, task }),
    }
}

/// A sink task that keeps secrets.
pub(super) fn discreet_sink(
    task: Box<dyn ErasedSinkTask>,
    secrets: &Secrets,
) -> Box<dyn ErasedSinkTask> {
    let secrets = secrets.clone();
    match secrets.is_empty() {
        true => task,
        false => Box::new(Discreet { secrets, task }),
    }
}

struct Discreet<T: ?Sized> {
    secrets: Secrets,
    task: Box<T>,
}

/// The outcome of a call, its error without secrets.
fn told<'a, T: 'a>(call: BoxFuture<'a, Result<T>>, secrets: Secrets) -> BoxFuture<'a, Result<T>> {
    Box::pin(async move { call.await.map_err(|error| hide(&error, &secrets)) })
}

impl ErasedSourceTask for Discreet<dyn ErasedSourceTask> {
    fn poll(&mut self) -> BoxFuture<'_, Result<ErasedBatch>> {
        told(self.task.poll(), self.secrets.clone())
    }

    fn commit<'a>(&'a mut self, committed: &'a [Box<dyn Position>]) -> BoxFuture<'a, Result<()>> {
        told(self.task.commit(committed), self.secrets.clone())
    }

    fn settled<'a>(&'a mut self, records: &'a [SettledRecord]) -> BoxFuture<'a, Result<()>> {
        told(self.task.settled(records), self.secrets.clone())
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        told(self.task.stop(), self.secrets)
    }
}

impl ErasedSinkTask for Discreet<dyn ErasedSinkTask> {
    fn put(&mut self, records: Vec<SinkRecord>) -> BoxFuture<'_, Result<()>> {
        told(self.task.put(records), self.secrets.clone())
    }

    fn pre_commit(&mut self, offsets: SinkOffsets) -> BoxFuture<'_, Result<SinkOffsets>> {
        told(self.task.pre_commit(offsets), self.secrets.clone())
    }

    fn open<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        told(self.task.open(partitions), self.secrets.clone())
    }

    fn close<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        told(self.task.close(partitions), self.secrets.clone())
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        told(self.task.stop(), self.secrets)
    }
}

/// The same error in other words: each text of its chain without secrets.
fn hide(error: &ConnectError, secrets: &Secrets) -> ConnectError {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(secrets.hide(&error.to_string()).into_owned());
        cause = error.source();
    }
    let cause = causes.into_iter().rev().fold(None, |cause, text| {
        let cause = cause.map(Box::new);
        Some(Told { text, cause })
    });
    let text = error.to_string();
    let text = secrets.hide(&text);
    let mut hidden = match error.kind() {
        ErrorKind::Retriable => ConnectError::retriable(text),
        ErrorKind::Data => ConnectError::data(text),
        ErrorKind::Config => ConnectError::config(text),
        _ => ConnectError::fatal(text),
    };
    if let Some(wait) = error.retry_after() {
        hidden = hidden.after(wait);
    }
    match cause {
        Some(cause) => hidden.caused_by(cause),
        None => hidden,
    }
}

/// What an error said.
#[derive(Debug)]
struct Told {
    text: String,
    cause: Option<Box<Told>>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Told {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|it| it as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_error_keeps_all_but_the_secret() {
        let cause = std::io::Error::other("cannot open jdbc:hunter22@host");
        let error = ConnectError::retriable("no connection for hunter22")
            .after(Duration::from_secs(3))
            .caused_by(ConnectError::fatal("pool is empty").caused_by(cause));

        let hidden = hide(&error, &Secrets::of("hunter22", "${file:f:password}"));

        assert_eq!(hidden.kind(), ErrorKind::Retriable);
        assert_eq!(hidden.retry_after(), Some(Duration::from_secs(3)));
        assert_eq!(
            hidden.trace(),
            "no connection for ${file:f:password}\nCaused by: pool is empty\nCaused by: cannot \
             open jdbc:${file:f:password}@host"
        );
    }
}
