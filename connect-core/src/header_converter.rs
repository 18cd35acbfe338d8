//! Converters of headers alone.

use crate::config::ConnectorConfig;
use crate::converter::{Converter, Role};
use crate::data::{Blob, SchemaAndValue, SchemaRef, Value};
use crate::error::{ConnectError, Result};

/// Translates between the values of headers and bytes.
///
/// What converts keys and values as well is a [`Converter`]. Implement it under
/// `#[header_converter]`.
#[expect(
    clippy::wrong_self_convention,
    reason = "the names are those of the reference"
)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a header converter",
    label = "does not implement `HeaderConverter`",
    note = "implement `HeaderConverter` for `{Self}`"
)]
pub trait HeaderConverter: Sized + Send + Sync + 'static {
    /// The configuration: the keys below `header.converter.`, with that prefix removed.
    type Config: ConnectorConfig;

    /// Makes a converter.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config) -> Result<Self>;

    /// Appends the bytes of a header's value to `out`; `false` when the bytes are null.
    ///
    /// # Errors
    /// When the value cannot be written: an error of the record.
    fn from_connect(
        &self,
        topic: &str,
        header: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool>;

    /// Reads the bytes of a header's value; `None` are null bytes.
    ///
    /// # Errors
    /// When the bytes cannot be read: an error of the record.
    fn to_connect(&self, topic: &str, header: &str, data: Option<&Blob>) -> Result<SchemaAndValue>;
}

/// A header converter in the place of a converter.
pub(crate) struct OfHeaders<T>(T);

impl<T: HeaderConverter> Converter for OfHeaders<T> {
    type Config = T::Config;

    const ROLES: &'static [Role] = &[Role::Header];

    fn new(config: T::Config, _: Role) -> Result<Self> {
        T::new(config).map(Self)
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        _: &Value,
        _: &mut Vec<u8>,
    ) -> Result<bool> {
        Err(headers_only())
    }

    fn to_connect(&self, _: &str, _: Option<&Blob>) -> Result<SchemaAndValue> {
        Err(headers_only())
    }

    fn from_connect_header(
        &self,
        topic: &str,
        header: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        self.0.from_connect(topic, header, schema, value, out)
    }

    fn to_connect_header(
        &self,
        topic: &str,
        header: &str,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue> {
        self.0.to_connect(topic, header, data)
    }
}

fn headers_only() -> ConnectError {
    ConnectError::fatal("this converter converts headers only")
}
