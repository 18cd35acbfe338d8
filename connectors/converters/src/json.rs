//! Values as JSON, with their schema in every message or without.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connect_core::ConfigEnum;
use connect_core::data::{Blob, DataError, SchemaAndValue, SchemaRef, Value};

use self::cache::LruCache;
use self::decode::Decoder;
use self::document::Document;
use self::encode::Encoder;
use self::envelope::Envelope;
use self::schema::type_name;
use self::straight::{Shapes, Straight};
use self::syntax::{Node, Reader, SyntaxError};

mod base64_text;
mod cache;
mod decode;
mod document;
mod encode;
mod encoding;
mod envelope;
mod scan;
mod schema;
mod straight;
mod syntax;
mod write;

/// Nodes that a converter keeps room for between messages; a larger message gives its room back.
const KEPT_NODES: usize = 1 << 16;

type Result<T> = std::result::Result<T, DataError>;

/// How Decimal values are written; both forms can be read at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ConfigEnum)]
#[config(any_case)]
pub enum DecimalFormat {
    /// As a number.
    #[config(name = "NUMERIC")]
    Numeric,
    /// As the base64 text of its bytes.
    #[config(name = "BASE64")]
    Base64,
}

/// What decides how messages look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) schemas_enable: bool,
    pub(crate) schemas_cache_size: usize,
    pub(crate) decimal_format: DecimalFormat,
    pub(crate) replace_null_with_default: bool,
}

/// Writes and reads messages.
#[derive(Debug)]
pub(crate) struct Codec {
    schemas_enable: bool,
    encoder: Encoder,
    /// The schema of all messages that are read.
    fixed_schema: Option<SchemaRef>,
    written: Mutex<WrittenSchemas>,
    read: Mutex<ReadState>,
}

#[derive(Debug)]
struct WrittenSchemas {
    /// Most records have the schema of the one before.
    last: Option<(SchemaRef, Arc<[u8]>)>,
    all: LruCache<SchemaRef, Arc<[u8]>>,
}

#[derive(Debug)]
struct ReadState {
    shapes: Shapes,
    nodes: Vec<Node>,
    schemas: ReadSchemas,
}

#[derive(Debug)]
struct ReadSchemas {
    /// Most messages have the schema of the one before. Its text is always an object.
    last: Option<ReadSchema>,
    all: LruCache<Blob, ReadSchema>,
}

#[derive(Clone, Debug)]
struct ReadSchema {
    text: Blob,
    schema: SchemaRef,
}

impl Codec {
    /// A codec that takes the schema of a message from the message.
    pub(crate) fn new(settings: Settings) -> Self {
        let capacity = settings.schemas_cache_size;
        Self {
            schemas_enable: settings.schemas_enable,
            encoder: Encoder {
                decimal_format: settings.decimal_format,
                replace_null_with_default: settings.replace_null_with_default,
            },
            fixed_schema: None,
            written: Mutex::new(WrittenSchemas {
                last: None,
                all: LruCache::new(capacity),
            }),
            read: Mutex::new(ReadState {
                shapes: Shapes::default(),
                nodes: Vec::new(),
                schemas: ReadSchemas {
                    last: None,
                    all: LruCache::new(capacity),
                },
            }),
        }
    }

    /// Fixes the schema of all messages that are read; blank text and null fix none.
    pub(crate) fn with_fixed_schema(self, content: &str) -> Result<Self> {
        let fixed_schema = match content.trim_matches(|it| it <= ' ') {
            "" => None,
            content => self.read_schema(content)?,
        };
        Ok(Self {
            fixed_schema,
            ..self
        })
    }

    fn read_schema(&self, content: &str) -> Result<Option<SchemaRef>> {
        let mut nodes = Vec::new();
        Reader::new(content.as_bytes(), content.len(), &mut nodes)
            .document()
            .map_err(|cause| {
                DataError::data(
                    "Failed to parse schema in converter config due to serialization error: ",
                )
                .caused_by(cause)
            })?;
        let document = Document {
            text: content,
            message: &Blob::from(content.as_bytes()),
            nodes: &nodes,
        };
        schema::decode(self.decoder(document), 0)
    }

    const fn decoder<'a>(&self, document: Document<'a>) -> Decoder<'a> {
        Decoder {
            document,
            replace_null_with_default: self.encoder.replace_null_with_default,
        }
    }

    /// Appends a message; `false` when there is none because neither schema nor value is.
    pub(crate) fn encode(
        &self,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        if schema.is_none() && value.is_null() {
            return Ok(false);
        }
        if !self.schemas_enable {
            self.encoder.encode(schema.map(AsRef::as_ref), value, out)?;
            return Ok(true);
        }
        out.extend_from_slice(b"{\"schema\":");
        match schema {
            Some(schema) => out.extend_from_slice(&self.schema_json(schema)?),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"payload\":");
        self.encoder.encode(schema.map(AsRef::as_ref), value, out)?;
        out.push(b'}');
        Ok(true)
    }

    fn schema_json(&self, schema: &SchemaRef) -> Result<Arc<[u8]>> {
        let mut written = lock(&self.written);
        if let Some((last, json)) = &written.last
            && last.is_same(schema)
        {
            return Ok(Arc::clone(json));
        }
        let json = if let Some(json) = written.all.get(schema) {
            json
        } else {
            let mut json = Vec::new();
            self.encoder.encode_schema(Some(schema), &mut json)?;
            let json: Arc<[u8]> = json.into();
            written.all.insert(schema.clone(), Arc::clone(&json));
            json
        };
        written.last = Some((schema.clone(), Arc::clone(&json)));
        Ok(json)
    }

    /// Reads a message.
    pub(crate) fn decode(&self, message: Option<&Blob>) -> Result<SchemaAndValue> {
        let mut read = SchemaAndValue::NULL;
        self.decode_in_place(message, (&mut read.schema, &mut read.value))?;
        Ok(read)
    }

    /// Reads a message and writes schema and value where they stay. An error leaves both as they were.
    pub(crate) fn decode_in_place(
        &self,
        message: Option<&Blob>,
        (schema, value): (&mut Option<SchemaRef>, &mut Value),
    ) -> Result<()> {
        let Some(message) = message else {
            *schema = None;
            value.assign(Value::Null);
            return Ok(());
        };
        let message = encoding::to_utf8(message);
        let mut state = lock(&self.read);
        if let Some(read) = self.decode_straight(&message, &mut state, value) {
            *schema = read;
            return Ok(());
        }
        let read = self.decode_nodes(&message, &mut state)?;
        *schema = read.schema;
        value.assign(read.value);
        Ok(())
    }

    /// Reads a message of any kind.
    fn decode_nodes(&self, message: &Blob, state: &mut ReadState) -> Result<SchemaAndValue> {
        let text = valid_text(message);
        state.nodes.clear();
        state.nodes.shrink_to(KEPT_NODES);
        if self.schemas_enable && self.fixed_schema.is_none() {
            return self.decode_envelope(message, text, state);
        }
        Reader::new(message, text.len(), &mut state.nodes)
            .document()
            .map_err(not_json)?;
        let schema = self.fixed_schema.clone().filter(|_| self.schemas_enable);
        let document = Document {
            text,
            message,
            nodes: &state.nodes,
        };
        let value = self.decoder(document).value(schema.as_ref(), 0)?;
        Ok(SchemaAndValue { schema, value })
    }

    /// Reads a message of the usual kind to a place, and gives its schema; `None` for a message of any other kind,
    /// which leaves the place as it was.
    fn decode_straight(
        &self,
        message: &Blob,
        state: &mut ReadState,
        place: &mut Value,
    ) -> Option<Option<SchemaRef>> {
        let replace_null = self.encoder.replace_null_with_default;
        let reader = Straight::new(message, replace_null, &mut state.shapes);
        Some(match &self.fixed_schema {
            _ if !self.schemas_enable => {
                reader.document(None, place)?;
                None
            }
            Some(schema) => {
                reader.document(Some(schema), place)?;
                Some(schema.clone())
            }
            None => {
                let ReadSchema { text, schema } = state.schemas.last.as_ref()?;
                reader.envelope(schema, text, place)?;
                Some(schema.clone())
            }
        })
    }

    fn decode_envelope(
        &self,
        message: &Blob,
        text: &str,
        state: &mut ReadState,
    ) -> Result<SchemaAndValue> {
        let known = state.schemas.last.as_ref().map(|it| it.text.as_slice());
        let mut reader = Reader::new(message, text.len(), &mut state.nodes);
        let schema_text = envelope::read(&mut reader, known).map_err(not_json)?;
        let decoder = self.decoder(Document {
            text,
            message,
            nodes: &state.nodes,
        });
        let envelope = Envelope::of(decoder.document).ok_or_else(|| {
            DataError::data(
                "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and \
                 may not contain additional fields. If you are trying to deserialize plain JSON \
                 data, set schemas.enable=false in your converter configuration.",
            )
        })?;
        let schema_text = schema_text
            .filter(|it| it.is_of(decoder.document, envelope.schema))
            .map(|it| &message[it.range]);
        let schema = state
            .schemas
            .resolve(decoder, envelope.schema, schema_text)?;
        let value = decoder.value(schema.as_ref(), envelope.payload)?;
        Ok(SchemaAndValue { schema, value })
    }
}

impl ReadSchemas {
    /// The schema at a node, read only when its text was not seen lately.
    fn resolve(
        &mut self,
        decoder: Decoder<'_>,
        node: usize,
        text: Option<&[u8]>,
    ) -> Result<Option<SchemaRef>> {
        if decoder.document.nodes[node] == Node::Known {
            return Ok(self.last.as_ref().map(|it| it.schema.clone()));
        }
        let Some(text) = text else {
            return schema::decode(decoder, node);
        };
        let read = if let Some(read) = self.all.get(text) {
            read
        } else {
            let Some(schema) = schema::decode(decoder, node)? else {
                return Ok(None);
            };
            // Copied, because a slice would keep the whole batch of the message.
            let read = ReadSchema {
                text: Blob::copy_from_slice(text),
                schema,
            };
            self.all.insert(read.text.clone(), read.clone());
            read
        };
        let schema = read.schema.clone();
        self.last = Some(read);
        Ok(Some(schema))
    }
}

/// The message up to where it stops being UTF-8.
fn valid_text(message: &[u8]) -> &str {
    std::str::from_utf8(message).unwrap_or_else(|_| {
        let first = message.utf8_chunks().next();
        first.map_or("", |it| it.valid())
    })
}

fn not_json(cause: SyntaxError) -> DataError {
    DataError::data("Converting byte[] to Kafka Connect data failed due to serialization error: ")
        .caused_by(cause)
}

/// The caches stay consistent when a panic interrupts their use.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
