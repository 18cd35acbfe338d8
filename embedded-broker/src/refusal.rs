//! What a client is told when it does not get what it asked for.

use std::fmt::Display;
use std::io;

use kafka_protocol::ResponseError;
use kafka_protocol::protocol::StrBytes;
use tracing::error;

/// An error of the protocol with a sentence for whoever reads the client's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error: ResponseError,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(error: ResponseError, message: impl Into<String>) -> Self {
        Self {
            error,
            message: message.into(),
        }
    }

    /// The broker could not read or write a file: the operator is told what, the client only that.
    pub(crate) fn storage(what: impl Display, error: &io::Error) -> Self {
        error!(%error, "cannot use the storage of {what}");
        Self::new(
            ResponseError::KafkaStorageError,
            format!("cannot use the storage of {what}"),
        )
    }

    pub(crate) fn unknown_partition() -> Self {
        Self::new(
            ResponseError::UnknownTopicOrPartition,
            "This server does not host this topic-partition.",
        )
    }
}

/// The two fields of most results: the code, 0 when all is well, and the sentence.
pub(crate) fn code_and_message(result: &Result<(), Refusal>) -> (i16, Option<StrBytes>) {
    match result {
        Ok(()) => (0, None),
        Err(refusal) => (
            refusal.error.code(),
            Some(StrBytes::from_string(refusal.message.clone())),
        ),
    }
}
