//! Tokens of a document, one after the other.

use super::flaw::{Flaw, Place, described};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const MAX_DEPTH: usize = 1000;

/// What a document is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rest) enum Token {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    /// The name of a field; its value follows.
    Name,
    Text,
    Integer,
    Float,
    True,
    False,
    Null,
}

impl Token {
    /// By this name messages speak of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ObjectStart => "START_OBJECT",
            Self::ObjectEnd => "END_OBJECT",
            Self::ArrayStart => "START_ARRAY",
            Self::ArrayEnd => "END_ARRAY",
            Self::Name => "FIELD_NAME",
            Self::Text => "VALUE_STRING",
            Self::Integer => "VALUE_NUMBER_INT",
            Self::Float => "VALUE_NUMBER_FLOAT",
            Self::True => "VALUE_TRUE",
            Self::False => "VALUE_FALSE",
            Self::Null => "VALUE_NULL",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScopeKind {
    Object,
    Array,
}

impl ScopeKind {
    fn name(self) -> &'static str {
        match self {
            Self::Object => "Object",
            Self::Array => "Array",
        }
    }

    fn end(self) -> char {
        match self {
            Self::Object => '}',
            Self::Array => ']',
        }
    }
}

/// An object or array whose end is still to come.
#[derive(Debug)]
struct Scope {
    kind: ScopeKind,
    start: Place,
    has_entries: bool,
}

/// Reads a document token by token.
///
/// The value of a field is begun together with its name, and a text is left unread until it is
/// asked for, as the reference does: its messages tell which field a mistake is met in.
#[derive(Debug)]
pub(in crate::rest) struct Scanner<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) row: usize,
    pub(super) row_start: usize,
    scopes: Vec<Scope>,
    /// The last token, if there was any.
    pub(super) current: Option<Token>,
    /// The value of the field whose name is the current token.
    pending: Option<Token>,
    /// Where the current value starts.
    place: Place,
    name: String,
    pub(super) number: std::ops::Range<usize>,
    pub(super) is_text_open: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let at = match bytes.starts_with(BYTE_ORDER_MARK) {
            true => BYTE_ORDER_MARK.len(),
            false => 0,
        };
        Self {
            bytes,
            at,
            row: 1,
            row_start: 0,
            scopes: Vec::new(),
            current: None,
            pending: None,
            place: Place { row: 1, column: 1 },
            name: String::new(),
            number: 0..0,
            is_text_open: false,
        }
    }

    /// The next token; `None` at the end of the document.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Flaw> {
        if let Some(token) = self.pending.take() {
            return self.enter(token).map(Some);
        }
        self.skip_text()?;
        let Some(first) = self.skip_blanks()? else {
            return self.end();
        };
        let token = match first {
            b'}' => self.close(ScopeKind::Object)?,
            b']' => self.close(ScopeKind::Array)?,
            _ => {
                let first = self.after_comma(first)?;
                self.entry(first)?
            }
        };
        self.current = Some(token);
        Ok(Some(token))
    }

    /// The first token of what stands behind a document.
    pub(super) fn next_document(&mut self) -> Result<Option<Token>, Flaw> {
        self.skip_text()?;
        self.current = None;
        self.next()
    }

    /// The next token of a document that cannot end here, inside of an object or array.
    pub(super) fn next_inside(&mut self) -> Result<Token, Flaw> {
        let token = self.next()?;
        Ok(token.expect("a document that ends inside of an object is refused"))
    }

    /// The name of the field that was read last.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The number that is the current token, as it was written.
    pub(super) fn number(&self) -> &'a str {
        let digits = self.bytes.get(self.number.clone()).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    /// Where the current value starts.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Behind all that was read.
    pub(super) fn here(&self) -> Place {
        Place {
            row: self.row,
            column: self.at - self.row_start + 1,
        }
    }

    /// The last byte that was read.
    pub(super) fn last(&self) -> Place {
        Place {
            row: self.row,
            column: self.at - self.row_start,
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn is_in_root(&self) -> bool {
        self.scopes.is_empty()
    }

    pub(super) fn is_in_array(&self) -> bool {
        self.scopes
            .last()
            .is_some_and(|it| it.kind == ScopeKind::Array)
    }

    /// By this name messages speak of what is being read.
    pub(super) fn scope_name(&self) -> &'static str {
        self.scopes.last().map_or("root", |it| it.kind.name())
    }

    /// The byte that was read last has no place there.
    pub(super) fn unexpected<T>(&self, byte: u8, comment: &str) -> Result<T, Flaw> {
        self.unexpected_character(u32::from(byte), comment)
    }

    pub(super) fn unexpected_character<T>(&self, it: u32, comment: &str) -> Result<T, Flaw> {
        let message = format!("Unexpected character ({}): {comment}", described(it));
        Err(Flaw::syntax(message, self.last()))
    }

    /// The document ends in the middle of something.
    pub(super) fn ended<T>(&self, wherein: &str) -> Result<T, Flaw> {
        let message = format!("Unexpected end-of-input{wherein}");
        Err(Flaw::syntax(message, self.here()))
    }

    /// It ends where something had to follow.
    pub(super) fn ended_in_token<T>(&self) -> Result<T, Flaw> {
        let current = self.current.map_or("null", Token::name);
        self.ended(&format!(" in {current}"))
    }

    /// A name with the beginning of its value, or an element.
    fn entry(&mut self, first: u8) -> Result<Token, Flaw> {
        let is_field = !self.is_in_root() && !self.is_in_array();
        if !is_field {
            self.mark();
            let token = self.value(first)?;
            return self.enter(token);
        }
        self.name = self.field_name(first)?;
        self.current = Some(Token::Name);
        let first = self.skip_colon()?;
        self.mark();
        self.pending = Some(self.value(first)?);
        Ok(Token::Name)
    }

    /// A value starts with the byte that was read last.
    fn mark(&mut self) {
        self.place = self.last();
    }

    fn value(&mut self, first: u8) -> Result<Token, Flaw> {
        Ok(match first {
            b'"' => Token::Text,
            b'{' => Token::ObjectStart,
            b'[' => Token::ArrayStart,
            b'-' => self.signed_number()?,
            b'0'..=b'9' => self.unsigned_number(first)?,
            _ => self.literal(first)?,
        })
    }

    fn enter(&mut self, token: Token) -> Result<Token, Flaw> {
        let kind = match token {
            Token::ObjectStart => Some(ScopeKind::Object),
            Token::ArrayStart => Some(ScopeKind::Array),
            _ => None,
        };
        if let Some(kind) = kind {
            self.open(kind)?;
        }
        self.is_text_open = token == Token::Text;
        self.current = Some(token);
        Ok(token)
    }

    fn open(&mut self, kind: ScopeKind) -> Result<(), Flaw> {
        self.scopes.push(Scope {
            kind,
            start: self.place,
            has_entries: false,
        });
        let depth = self.scopes.len();
        if depth > MAX_DEPTH {
            return Err(Flaw::limit(format!(
                "Document nesting depth ({depth}) exceeds the maximum allowed ({MAX_DEPTH}, from \
                 `StreamReadConstraints.getMaxNestingDepth()`)"
            )));
        }
        Ok(())
    }

    fn close(&mut self, kind: ScopeKind) -> Result<Token, Flaw> {
        self.mark();
        let end = kind.end();
        let problem = match self.scopes.pop() {
            Some(scope) if scope.kind == kind => {
                return Ok(match kind {
                    ScopeKind::Object => Token::ObjectEnd,
                    ScopeKind::Array => Token::ArrayEnd,
                });
            }
            Some(Scope { kind, start, .. }) => format!(
                "expected '{}' (for {} starting at {start})",
                kind.end(),
                kind.name()
            ),
            None => format!("no open {} to close", kind.name()),
        };
        let message = format!("Unexpected close marker '{end}': {problem}");
        Err(Flaw::syntax(message, self.last()))
    }

    /// The first byte of the next entry, which a comma separates from the one before.
    fn after_comma(&mut self, first: u8) -> Result<u8, Flaw> {
        let scope = self.scope_name();
        let Some(open) = self.scopes.last_mut() else {
            return Ok(first);
        };
        if !std::mem::replace(&mut open.has_entries, true) {
            return Ok(first);
        }
        if first != b',' {
            let comment = format!("was expecting comma to separate {scope} entries");
            return self.unexpected(first, &comment);
        }
        self.something_after_blanks()
    }

    fn end(&self) -> Result<Option<Token>, Flaw> {
        match self.scopes.last() {
            None => Ok(None),
            Some(Scope { kind, start, .. }) => self.ended(&format!(
                ": expected close marker for {} (start marker at {start})",
                kind.name()
            )),
        }
    }
}
