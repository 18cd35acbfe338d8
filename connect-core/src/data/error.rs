//! The error of the data model. Its texts are the ones that Connect's clients know.

use std::borrow::Cow;
use std::error::Error;

use crate::error::ConnectError;

/// Which rule of the data model was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataErrorKind {
    /// A value does not fit its schema, or cannot be converted.
    Data,
    /// A schema was described wrongly.
    SchemaBuilder,
    /// A value cannot be projected to another schema.
    Projector,
}

/// A schema or value that breaks the rules of the data model.
///
/// One pointer wide, so that results of conversions stay small.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DataError(Box<Inner>);

#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Inner {
    kind: DataErrorKind,
    message: Cow<'static, str>,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl DataError {
    /// A value that does not fit.
    pub fn data(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DataErrorKind::Data, message.into())
    }

    /// A schema that cannot be built.
    pub fn schema_builder(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DataErrorKind::SchemaBuilder, message.into())
    }

    /// A value that cannot be projected.
    pub fn projector(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(DataErrorKind::Projector, message.into())
    }

    fn new(kind: DataErrorKind, message: Cow<'static, str>) -> Self {
        Self(Box::new(Inner {
            kind,
            message,
            cause: None,
        }))
    }

    /// Keeps the error that led to this one.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Which rule was broken.
    #[must_use]
    pub fn kind(&self) -> DataErrorKind {
        self.0.kind
    }
}

impl From<DataError> for ConnectError {
    fn from(error: DataError) -> Self {
        let Inner { message, cause, .. } = *error.0;
        let converted = ConnectError::data(message);
        match cause {
            Some(cause) => converted.caused_by(cause),
            None => converted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn connect_error_keeps_text_kind_and_cause() {
        let error = DataError::schema_builder("Invalid default value")
            .caused_by(DataError::data("not an int"));

        let converted = ConnectError::from(error);

        assert_eq!(converted.kind(), ErrorKind::Data);
        assert_eq!(
            converted.trace(),
            "Invalid default value\nCaused by: not an int"
        );
    }
}
