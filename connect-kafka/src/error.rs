//! What can go wrong with a Kafka client, sorted by what the caller can do about it.

use std::fmt;

/// The outcome of a call to a Kafka client.
pub type Result<T, E = KafkaError> = std::result::Result<T, E>;

/// Who must act after a [`KafkaError`], and whether the same call may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting is wrong: the user must act.
    Config,
    /// The deadline passed. Whether the call took effect is unknown; it may be tried again.
    Timeout,
    /// A broker cannot be reached or does not serve the request now; it may be tried again.
    Retriable,
    /// The broker refused the credentials.
    Authentication,
    /// The principal may not do this.
    Authorization,
    /// The topic or partition does not exist (yet): metadata may catch up, so it may be tried again.
    UnknownTopic,
    /// The group or its member does not exist, or the group is busy with other members.
    Group,
    /// The request or the record is refused as it is, and always will be.
    Refused,
    /// Another producer took over the transactional id, or another member the group instance id.
    Fenced,
    /// The client has been closed, or the record was dropped because the client was.
    Closed,
    /// The client cannot go on and has to be replaced.
    Fatal,
}

/// An error of a Kafka client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct KafkaError {
    kind: ErrorKind,
    code: Option<ErrorCode>,
    text: Box<str>,
}

/// Number and name of an error, as the Kafka protocol (positive) or the client (negative) gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode {
    /// Number; numbers above -2 are those of the protocol.
    pub number: i32,
    /// Name, such as `UNKNOWN_TOPIC_OR_PART`.
    pub name: &'static str,
}

impl KafkaError {
    /// An error with its text.
    #[must_use]
    pub fn new(kind: ErrorKind, text: impl Into<Box<str>>) -> Self {
        Self {
            kind,
            code: None,
            text: text.into(),
        }
    }

    pub(crate) fn config(text: impl Into<Box<str>>) -> Self {
        Self::new(ErrorKind::Config, text)
    }

    pub(crate) fn with_code(kind: ErrorKind, code: ErrorCode, text: impl Into<Box<str>>) -> Self {
        Self {
            kind,
            code: Some(code),
            text: text.into(),
        }
    }

    /// The same error, its text preceded by what was being done.
    #[must_use]
    pub(crate) fn during(self, what: impl fmt::Display) -> Self {
        Self {
            text: format!("{what}: {}", self.text).into(),
            ..self
        }
    }

    /// The same error, final.
    pub(crate) fn into_fatal(self) -> Self {
        Self {
            kind: ErrorKind::Fatal,
            ..self
        }
    }

    /// Who must act.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The code behind this error, if a broker or the client's engine reported it.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.code
    }

    /// Whether the same call may succeed later without anybody's doing.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self.kind {
            ErrorKind::Timeout | ErrorKind::Retriable | ErrorKind::UnknownTopic => true,
            ErrorKind::Config
            | ErrorKind::Authentication
            | ErrorKind::Authorization
            | ErrorKind::Group
            | ErrorKind::Refused
            | ErrorKind::Fenced
            | ErrorKind::Closed
            | ErrorKind::Fatal => false,
        }
    }
}
