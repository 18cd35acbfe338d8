//! Messages that carry their schema: `{"schema":…,"payload":…}`.

use std::ops::Range;

use super::document::Document;
use super::syntax::{Node, Reader, SyntaxError};

/// The text of a member name as most writers write it.
const SCHEMA_NAME: &[u8] = b"\"schema\"";

/// Where the text of a schema is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SchemaText {
    node: usize,
    pub(super) range: Range<usize>,
}

/// What an envelope holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) schema: usize,
    pub(super) payload: usize,
}

/// Reads a message. A schema whose text is the known one is not read again; that is why the known
/// text must be that of an object, which no longer text can continue.
pub(super) fn read(
    reader: &mut Reader<'_>,
    known_schema: Option<&[u8]>,
) -> Result<Option<SchemaText>, SyntaxError> {
    if reader.peek_token() != Some(b'{') {
        return reader.document().map(|()| None);
    }
    let place = reader.open()?;
    let (mut members, mut schema_text) = (0, None);
    if !reader.take(b'}') {
        loop {
            if let Some(found) = member(reader, known_schema)? {
                schema_text = Some(found);
            }
            members += 1;
            if reader.take(b'}') {
                break;
            }
            if !reader.take(b',') {
                return Err(reader.error("comma or end of object expected"));
            }
        }
    }
    reader.close(place, |next| Node::Object { members, next });
    Ok(schema_text)
}

fn member(
    reader: &mut Reader<'_>,
    known_schema: Option<&[u8]>,
) -> Result<Option<SchemaText>, SyntaxError> {
    if !reader.take_text(SCHEMA_NAME) {
        reader.name()?;
        reader.value()?;
        return Ok(None);
    }
    let end = reader.position();
    reader.push(Node::Plain(
        reader.span(end - SCHEMA_NAME.len() + 1, end - 1),
    ));
    if !reader.take(b':') {
        return Err(reader.error("colon expected"));
    }
    let node = reader.next_node();
    if known_schema.is_some_and(|known| reader.take_text(known)) {
        reader.push(Node::Known);
        return Ok(None);
    }
    reader.peek_token();
    let start = reader.position();
    reader.value()?;
    Ok(Some(SchemaText {
        node,
        range: start..reader.position(),
    }))
}

impl Envelope {
    /// The members of a message that has these two and no others.
    pub(super) fn of(document: Document<'_>) -> Option<Self> {
        let Node::Object { .. } = document.nodes[0] else {
            return None;
        };
        let is_ours = |name| document.is_text(name, "schema") || document.is_text(name, "payload");
        if !document.members(0).all(|(name, _)| is_ours(name)) {
            return None;
        }
        let schema = document.member(0, "schema")?;
        Some(Self {
            schema,
            payload: document.member(0, "payload")?,
        })
    }
}

impl SchemaText {
    /// Whether this is the text of a node that is an object.
    pub(super) fn is_of(&self, document: Document<'_>, node: usize) -> bool {
        self.node == node && matches!(document.nodes[node], Node::Object { .. })
    }
}
