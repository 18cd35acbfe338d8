//! What is wrong with a document, and where.

use std::fmt;

const SOURCE: &str = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";

/// A place in a document, counted from one; columns are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, column } = self;
        write!(f, "{SOURCE}; line: {row}, column: {column}]")
    }
}

/// Whether a document is no JSON, or JSON of another form than was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Syntax,
    Form,
}

/// A document is not what was wanted. Shown as the reference tells it to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rest) struct Flaw {
    message: String,
    place: Option<Place>,
    kind: Kind,
    /// Fields and elements on the way to it, the innermost first.
    path: Vec<String>,
}

impl Flaw {
    /// The text is no JSON.
    pub(super) fn syntax(message: impl Into<String>, place: Place) -> Self {
        Self {
            message: message.into(),
            place: Some(place),
            kind: Kind::Syntax,
            path: Vec::new(),
        }
    }

    /// The value is another one than was wanted.
    pub(super) fn form(message: impl Into<String>, place: Place) -> Self {
        Self {
            kind: Kind::Form,
            ..Self::syntax(message, place)
        }
    }

    /// A limit is passed, wherever that is.
    pub(super) fn limit(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
            kind: Kind::Syntax,
            path: Vec::new(),
        }
    }

    /// There is no document.
    pub(super) fn empty() -> Self {
        let message = format!("No content to map due to end-of-input\n at {SOURCE}; line: 1]");
        Self::limit(message)
    }

    /// A field is given again when it counts no more.
    pub(super) fn repeated(message: impl Into<String>) -> Self {
        Self {
            kind: Kind::Form,
            ..Self::limit(message)
        }
    }

    /// It was met in this field or element.
    pub(super) fn within(mut self, step: String) -> Self {
        self.kind = Kind::Form;
        self.path.push(step);
        self
    }

    /// It was met in this entry of a map, which is only told of values of another form.
    pub(super) fn within_entry(self, step: String) -> Self {
        match self.kind {
            Kind::Syntax => self,
            Kind::Form => self.within(step),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(place) = self.place {
            write!(f, "\n at {place}")?;
        }
        if !self.path.is_empty() {
            let path: Vec<_> = self.path.iter().rev().map(String::as_str).collect();
            write!(f, " (through reference chain: {})", path.join("->"))?;
        }
        Ok(())
    }
}

/// A character as messages show it, in 16 bits; a byte beyond ASCII is shown as if it were one.
pub(super) fn described(character: u32) -> String {
    let character = character & 0xffff;
    let shown = char::from_u32(character).unwrap_or(char::REPLACEMENT_CHARACTER);
    match character {
        0..0x20 | 0x7f..0xa0 => format!("(CTRL-CHAR, code {character})"),
        0x20..=0xff => format!("'{shown}' (code {character})"),
        _ => format!("'{shown}' (code {character} / 0x{character:x})"),
    }
}
