//! The error of every plugin call: who must act, and may the framework try again?

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// The result of everything a plugin does.
pub type Result<T, E = ConnectError> = std::result::Result<T, E>;

/// Who must act, and may the framework try again?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The other side may recover: the same call is made again, with back-off.
    Retriable,
    /// These bytes or this value will never work: tolerance and dead letter queue decide.
    Data,
    /// The configuration is wrong: the user must act; never retried.
    Config,
    /// The task cannot go on: it fails and waits for a restart.
    Fatal,
}

/// A failure of a plugin, classified by its author; the framework decides what follows.
///
/// ```
/// use std::time::Duration;
/// use connect_core::{ConnectError, ErrorKind};
///
/// let error = ConnectError::retriable("server is busy").after(Duration::from_secs(1));
///
/// assert_eq!(error.kind(), ErrorKind::Retriable);
/// assert_eq!(error.to_string(), "server is busy");
/// ```
///
/// One pointer wide, so that results stay small: every record passes through many.
#[derive(Debug)]
#[must_use]
pub struct ConnectError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    context: String,
    retry_after: Option<Duration>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConnectError {
    /// The other side may recover; the framework calls again.
    pub fn retriable(context: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Retriable, &context)
    }

    /// This record will never work.
    pub fn data(context: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Data, &context)
    }

    /// The configuration is wrong.
    pub fn config(context: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Config, &context)
    }

    /// The task or connector cannot go on.
    pub fn fatal(context: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Fatal, &context)
    }

    /// A plugin panicked; what it said is part of the message.
    pub fn panicked(payload: &(dyn Any + Send)) -> Self {
        Self::fatal(format_args!("the plugin panicked: {}", panic_text(payload)))
    }

    fn new(kind: ErrorKind, context: &dyn fmt::Display) -> Self {
        Self(Box::new(Inner {
            kind,
            context: context.to_string(),
            retry_after: None,
            source: None,
        }))
    }

    /// Asks the framework to wait this long before it tries again.
    pub fn after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Keeps the error that led to this one; it is shown in traces, not in the message.
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says in front of the message what was being done; kind and cause stay.
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.0.context = format!("{doing}: {}", self.0.context);
        self
    }

    /// Who must act.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// How long to wait before the next try, if the author said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the framework may make the same call again.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        self.0.kind == ErrorKind::Retriable
    }

    /// The message followed by every cause, one line each, as shown in a task's status.
    #[must_use]
    pub fn trace(&self) -> String {
        let mut trace = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            trace.push_str("\nCaused by: ");
            trace.push_str(&error.to_string());
            cause = error.source();
        }
        trace
    }
}

/// What a panic said.
#[must_use]
pub fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.context)
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|it| it as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_lists_every_cause() {
        let io = std::io::Error::other("disk full");
        let inner = ConnectError::retriable("cannot append").caused_by(io);

        let outer = ConnectError::fatal("flush failed").caused_by(inner);

        assert_eq!(
            outer.trace(),
            "flush failed\nCaused by: cannot append\nCaused by: disk full"
        );
    }

    #[test]
    fn context_goes_in_front_and_keeps_the_kind() {
        let error = ConnectError::data("not a number").context("field `price`");

        assert_eq!(error.to_string(), "field `price`: not a number");
        assert_eq!(error.kind(), ErrorKind::Data);
    }
}
