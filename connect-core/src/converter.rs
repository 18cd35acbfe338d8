//! Converters: between data and the bytes of a topic.

mod kafka_headers;

use crate::config::ConnectorConfig;
use crate::data::{Blob, SchemaAndValue, SchemaRef, Value};
use crate::error::Result;
use crate::metrics::PluginMetrics;

pub use kafka_headers::KafkaHeaders;

/// What part of a record a converter serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Record keys.
    Key,
    /// Record values.
    Value,
    /// Header values.
    Header,
}

impl Role {
    /// The role as it is written in the setting `converter.type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value => "value",
            Self::Header => "header",
        }
    }
}

/// Translates between data and the bytes of a topic.
///
/// Each task has instances of its own. Implement it under `#[converter]`.
#[expect(
    clippy::wrong_self_convention,
    reason = "the names are those of the reference"
)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a converter",
    label = "does not implement `Converter`",
    note = "implement `Converter` for `{Self}`"
)]
pub trait Converter: Sized + Send + Sync + 'static {
    /// The configuration: the keys below `key.converter.`, `value.converter.` or
    /// `header.converter.`, with that prefix removed.
    type Config: ConnectorConfig;

    /// The roles that it can serve.
    const ROLES: &'static [Role] = &[Role::Key, Role::Value, Role::Header];

    /// Whether keys and values are converted with the headers of their record in sight, by
    /// [`from_connect_with_headers`](Self::from_connect_with_headers) and
    /// [`to_connect_with_headers`](Self::to_connect_with_headers). It costs something for each
    /// record, so only converters that say so get them.
    const USES_HEADERS: bool = false;

    /// Makes a converter for one role.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config, role: Role) -> Result<Self>;

    /// Appends the bytes of a value to `out`; `false` when the bytes are null.
    ///
    /// `out` is shared by many records, so it is only ever appended to. What was appended before
    /// an error is dropped by the caller.
    ///
    /// # Errors
    /// When the value cannot be written: an error of the record.
    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool>;

    /// Whether [`from_connect`](Self::from_connect) would append what a [`Value::String`] or a
    /// [`Value::Bytes`] is made of, and nothing else: the UTF-8 of the text, or the bytes; or would make
    /// null of [`Value::Null`]. Then these are sent without having been copied, and `from_connect` is
    /// not called: whatever it would write, or count, is not. Only asked of keys and values that are
    /// one of these three, and not if the converter [uses headers](Self::USES_HEADERS).
    fn is_verbatim(&self, schema: Option<&SchemaRef>, value: &Value) -> bool {
        let _ = (schema, value);
        false
    }

    /// Reads bytes; `None` are null bytes. Text and bytes of the result may share `data`'s buffer.
    ///
    /// # Errors
    /// When the bytes cannot be read: an error of the record.
    fn to_connect(&self, topic: &str, data: Option<&Blob>) -> Result<SchemaAndValue>;

    /// Does what [`to_connect`](Self::to_connect) does, and writes schema and value where they stay.
    /// Worth more than the default for a converter that takes less time than to move its result. Not
    /// called for headers, nor if the converter [uses headers](Self::USES_HEADERS).
    ///
    /// # Errors
    /// As for [`to_connect`](Self::to_connect); both places are as they were then.
    fn to_connect_in_place(
        &self,
        topic: &str,
        data: Option<&Blob>,
        (schema, value): (&mut Option<SchemaRef>, &mut Value),
    ) -> Result<()> {
        let read = self.to_connect(topic, data)?;
        *schema = read.schema;
        value.assign(read.value);
        Ok(())
    }

    /// Gives the plugin metrics of its own, once, before anything else is called.
    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        let _ = metrics;
    }

    /// Does what [`from_connect`](Self::from_connect) does, and may add headers to the record. The
    /// key is converted before the value, which sees what was added.
    ///
    /// # Errors
    /// As for [`from_connect`](Self::from_connect).
    fn from_connect_with_headers(
        &self,
        topic: &str,
        headers: &mut KafkaHeaders,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        let _ = headers;
        self.from_connect(topic, schema, value, out)
    }

    /// Does what [`to_connect`](Self::to_connect) does, and may look at the headers of the record.
    ///
    /// # Errors
    /// As for [`to_connect`](Self::to_connect).
    fn to_connect_with_headers(
        &self,
        topic: &str,
        headers: &KafkaHeaders,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue> {
        let _ = headers;
        self.to_connect(topic, data)
    }

    /// Appends the bytes of a header's value to `out`; `false` when the bytes are null.
    ///
    /// # Errors
    /// As for [`from_connect`](Self::from_connect).
    fn from_connect_header(
        &self,
        topic: &str,
        header: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        let _ = header;
        self.from_connect(topic, schema, value, out)
    }

    /// Reads the bytes of a header's value.
    ///
    /// # Errors
    /// As for [`to_connect`](Self::to_connect).
    fn to_connect_header(
        &self,
        topic: &str,
        header: &str,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue> {
        let _ = header;
        self.to_connect(topic, data)
    }
}

/// What the worker calls. Not for authors: implemented for every [`Converter`].
#[expect(
    clippy::wrong_self_convention,
    reason = "the names are those of the reference"
)]
pub trait ErasedConverter: Send + Sync {
    /// See [`Converter::from_connect`].
    ///
    /// # Errors
    /// When the value cannot be written.
    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool>;

    /// See [`Converter::is_verbatim`].
    fn is_verbatim(&self, schema: Option<&SchemaRef>, value: &Value) -> bool;

    /// See [`Converter::to_connect`].
    ///
    /// # Errors
    /// When the bytes cannot be read.
    fn to_connect(&self, topic: &str, data: Option<&Blob>) -> Result<SchemaAndValue>;

    /// See [`Converter::to_connect_in_place`].
    ///
    /// # Errors
    /// When the bytes cannot be read; both places are as they were then.
    fn to_connect_in_place(
        &self,
        topic: &str,
        data: Option<&Blob>,
        place: (&mut Option<SchemaRef>, &mut Value),
    ) -> Result<()>;

    /// See [`Converter::use_metrics`].
    fn use_metrics(&mut self, metrics: &PluginMetrics);

    /// See [`Converter::USES_HEADERS`].
    fn uses_headers(&self) -> bool;

    /// See [`Converter::from_connect_with_headers`].
    ///
    /// # Errors
    /// When the value cannot be written.
    fn from_connect_with_headers(
        &self,
        topic: &str,
        headers: &mut KafkaHeaders,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool>;

    /// See [`Converter::to_connect_with_headers`].
    ///
    /// # Errors
    /// When the bytes cannot be read.
    fn to_connect_with_headers(
        &self,
        topic: &str,
        headers: &KafkaHeaders,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue>;

    /// See [`Converter::from_connect_header`].
    ///
    /// # Errors
    /// When the value cannot be written.
    fn from_connect_header(
        &self,
        topic: &str,
        header: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool>;

    /// See [`Converter::to_connect_header`].
    ///
    /// # Errors
    /// When the bytes cannot be read.
    fn to_connect_header(
        &self,
        topic: &str,
        header: &str,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue>;
}

impl<T: Converter> ErasedConverter for T {
    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        Converter::from_connect(self, topic, schema, value, out)
    }

    fn is_verbatim(&self, schema: Option<&SchemaRef>, value: &Value) -> bool {
        Converter::is_verbatim(self, schema, value)
    }

    fn to_connect(&self, topic: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        Converter::to_connect(self, topic, data)
    }

    fn to_connect_in_place(
        &self,
        topic: &str,
        data: Option<&Blob>,
        place: (&mut Option<SchemaRef>, &mut Value),
    ) -> Result<()> {
        Converter::to_connect_in_place(self, topic, data, place)
    }

    fn use_metrics(&mut self, metrics: &PluginMetrics) {
        Converter::use_metrics(self, metrics);
    }

    fn uses_headers(&self) -> bool {
        T::USES_HEADERS
    }

    fn from_connect_with_headers(
        &self,
        topic: &str,
        headers: &mut KafkaHeaders,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        Converter::from_connect_with_headers(self, topic, headers, schema, value, out)
    }

    fn to_connect_with_headers(
        &self,
        topic: &str,
        headers: &KafkaHeaders,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue> {
        Converter::to_connect_with_headers(self, topic, headers, data)
    }

    fn from_connect_header(
        &self,
        topic: &str,
        header: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        Converter::from_connect_header(self, topic, header, schema, value, out)
    }

    fn to_connect_header(
        &self,
        topic: &str,
        header: &str,
        data: Option<&Blob>,
    ) -> Result<SchemaAndValue> {
        Converter::to_connect_header(self, topic, header, data)
    }
}
