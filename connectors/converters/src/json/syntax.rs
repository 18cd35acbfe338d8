//! Reads JSON text into a flat list of nodes that point into the text.
//!
//! Nodes of containers are followed by those of their members, so the list can be walked and
//! skipped without further allocations, and is reused from message to message.

use thiserror::Error;

use super::scan::plain_length;

/// Deepest nesting.
const MAX_DEPTH: usize = 1000;
/// Most characters of a number.
const MAX_NUMBER_LENGTH: usize = 1000;
/// Most UTF-16 units of a string.
pub(super) const MAX_STRING_LENGTH: usize = 20_000_000;
/// Most UTF-16 units of a member name.
pub(super) const MAX_NAME_LENGTH: usize = 50_000;

/// A part of the text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// One JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// The text holds no value at all.
    Missing,
    /// A value that was recognised by its text.
    Known,
    Null,
    Boolean(bool),
    /// A number without point and exponent.
    Integer(Span),
    /// Any other number.
    Fraction(Span),
    /// The text between quotes, which stands for itself.
    Plain(Span),
    /// The text between quotes, with escapes.
    Escaped(Span),
    /// Elements follow; `next` is the node after the last.
    Array {
        count: u32,
        next: u32,
    },
    /// Names and values follow in turn; `next` is the node after the last.
    Object {
        members: u32,
        next: u32,
    },
}

/// Text that is not JSON.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{fact} at byte {offset}")]
pub(super) struct SyntaxError {
    fact: &'static str,
    offset: usize,
}

type Result<T> = std::result::Result<T, SyntaxError>;

/// Reads one value, or several in a row, from a text.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// Where the text stops being UTF-8; strings must end before it.
    valid: usize,
    at: usize,
    depth: usize,
    nodes: &'a mut Vec<Node>,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a text whose first `valid` bytes are UTF-8. Nodes are appended.
    pub(super) const fn new(bytes: &'a [u8], valid: usize, nodes: &'a mut Vec<Node>) -> Self {
        Self {
            bytes,
            valid,
            at: 0,
            depth: 0,
            nodes,
        }
    }

    /// Reads the value at the top of the text; what follows it is ignored.
    pub(super) fn document(&mut self) -> Result<()> {
        if self.peek_token().is_none() {
            self.nodes.push(Node::Missing);
            return Ok(());
        }
        let root = self.nodes.len();
        self.value()?;
        let is_number = matches!(self.nodes[root], Node::Integer(_) | Node::Fraction(_));
        if is_number && self.bytes.get(self.at).is_some_and(|byte| !is_space(*byte)) {
            return Err(self.error("no white space after a number"));
        }
        Ok(())
    }

    /// The next byte that is not white space; the reader stands on it.
    pub(super) fn peek_token(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !is_space(*byte) {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes the next token if it is this byte.
    pub(super) fn take(&mut self, expected: u8) -> bool {
        let found = self.peek_token() == Some(expected);
        self.at += usize::from(found);
        found
    }

    /// Takes this text if it is the next one, byte for byte.
    pub(super) fn take_text(&mut self, expected: &[u8]) -> bool {
        self.peek_token();
        let found = self
            .bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(expected));
        self.at += if found { expected.len() } else { 0 };
        found
    }

    /// Where the reader stands.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// The place of the node that comes next.
    pub(super) const fn next_node(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a node for text that was taken without reading it.
    pub(super) fn push(&mut self, node: Node) {
        self.nodes.push(node);
    }

    pub(super) const fn error(&self, fact: &'static str) -> SyntaxError {
        SyntaxError {
            fact,
            offset: self.at,
        }
    }

    /// Reads any value.
    pub(super) fn value(&mut self) -> Result<()> {
        match self.peek_token() {
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => self.string(MAX_STRING_LENGTH),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Node::Boolean(true)),
            Some(b'f') => self.literal("false", Node::Boolean(false)),
            Some(b'n') => self.literal("null", Node::Null),
            Some(_) => Err(self.error("unexpected character")),
            None => Err(self.error("unexpected end")),
        }
    }

    fn literal(&mut self, word: &str, node: Node) -> Result<()> {
        if !self.take_text(word.as_bytes()) {
            return Err(self.error("unknown literal"));
        }
        let goes_on =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
        if self.bytes.get(self.at).is_some_and(goes_on) {
            return Err(self.error("unknown literal"));
        }
        self.nodes.push(node);
        Ok(())
    }

    fn number(&mut self) -> Result<()> {
        let start = self.at;
        self.at += usize::from(self.bytes[start] == b'-');
        self.digits()?;
        let mut is_integer = true;
        let mut decimals = 0;
        if self.bytes.get(self.at) == Some(&b'.') {
            is_integer = false;
            self.at += 1;
            let start = self.at;
            self.digits()?;
            decimals = self.at - start;
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            is_integer = false;
            self.at += 1;
            self.exponent(decimals)?;
        }
        if self.at - start > MAX_NUMBER_LENGTH {
            return Err(self.error("number too long"));
        }
        let span = self.span(start, self.at);
        self.nodes.push(if is_integer {
            Node::Integer(span)
        } else {
            Node::Fraction(span)
        });
        Ok(())
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.error("digit expected"))
        } else {
            Ok(())
        }
    }

    /// Reads an exponent behind so many decimals. Both make the scale of a decimal number, which has
    /// 32 bits in the reference, whatever the number becomes.
    fn exponent(&mut self, decimals: usize) -> Result<()> {
        let is_negative = self.bytes.get(self.at) == Some(&b'-');
        if let Some(b'+' | b'-') = self.bytes.get(self.at) {
            self.at += 1;
        }
        let start = self.at;
        self.digits()?;
        let mut exponent = 0_i64;
        for digit in &self.bytes[start..self.at] {
            exponent = exponent
                .saturating_mul(10)
                .saturating_add(i64::from(digit - b'0'));
        }
        let exponent = if is_negative { -exponent } else { exponent };
        let decimals = i64::try_from(decimals).unwrap_or(i64::MAX);
        let fits = |number: i64| i32::try_from(number).is_ok();
        if fits(exponent) && fits(decimals.saturating_sub(exponent)) {
            Ok(())
        } else {
            Err(self.error("exponent out of range"))
        }
    }

    /// Reads a member name.
    pub(super) fn name(&mut self) -> Result<()> {
        if self.peek_token() != Some(b'"') {
            return Err(self.error("member name expected"));
        }
        self.string(MAX_NAME_LENGTH)?;
        if self.take(b':') {
            Ok(())
        } else {
            Err(self.error("colon expected"))
        }
    }

    fn string(&mut self, max_length: usize) -> Result<()> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at += plain_length(&self.bytes[self.at..]);
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("string without end")),
            }
        }
        if self.at > self.valid {
            return Err(self.error("string that is not UTF-8"));
        }
        let span = self.span(start, self.at);
        self.check_length(span, max_length)?;
        self.nodes.push(if escaped {
            Node::Escaped(span)
        } else {
            Node::Plain(span)
        });
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self) -> Result<()> {
        let length = match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6);
                if !digits.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit)) {
                    return Err(self.error("four hexadecimal digits expected"));
                }
                6
            }
            _ => return Err(self.error("unknown escape")),
        };
        self.at += length;
        Ok(())
    }

    /// Counts characters only when there may be too many.
    fn check_length(&self, span: Span, max_length: usize) -> Result<()> {
        let bytes = &self.bytes[span.start as usize..span.end as usize];
        if bytes.len() <= max_length {
            return Ok(());
        }
        // Each character takes one unit, and those of four bytes take two.
        let units = |byte: &u8| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0);
        if bytes.iter().map(units).sum::<usize>() > max_length {
            return Err(self.error("text too long"));
        }
        Ok(())
    }

    fn array(&mut self) -> Result<()> {
        let place = self.open()?;
        let mut count = 0;
        if !self.take(b']') {
            loop {
                self.value()?;
                count += 1;
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.error("comma or end of array expected"));
                }
            }
        }
        self.close(place, |next| Node::Array { count, next });
        Ok(())
    }

    fn object(&mut self) -> Result<()> {
        let place = self.open()?;
        let mut members = 0;
        if !self.take(b'}') {
            loop {
                self.name()?;
                self.value()?;
                members += 1;
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.error("comma or end of object expected"));
                }
            }
        }
        self.close(place, |next| Node::Object { members, next });
        Ok(())
    }

    /// Enters a container; its node is known when it ends.
    pub(super) fn open(&mut self) -> Result<usize> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error("nested too deeply"));
        }
        self.depth += 1;
        self.at += 1;
        self.nodes.push(Node::Missing);
        Ok(self.nodes.len() - 1)
    }

    pub(super) fn close(&mut self, place: usize, node: impl FnOnce(u32) -> Node) {
        self.depth -= 1;
        // A node takes at least one byte of a text shorter than 4 GiB.
        let next = u32::try_from(self.nodes.len()).expect("fewer nodes than bytes");
        self.nodes[place] = node(next);
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).expect("a value is shorter than 4 GiB");
        Span {
            start: offset(start),
            end: offset(end),
        }
    }
}

pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Node>> {
        let mut nodes = Vec::new();
        Reader::new(text.as_bytes(), text.len(), &mut nodes).document()?;
        Ok(nodes)
    }

    #[test]
    fn containers_know_where_they_end() {
        let nodes = read(r#"[1,{"a":[]},2]"#).unwrap();

        assert_eq!(nodes[0], Node::Array { count: 3, next: 6 });
        assert_eq!(
            nodes[2],
            Node::Object {
                members: 1,
                next: 5
            }
        );
        assert_eq!(nodes[4], Node::Array { count: 0, next: 5 });
    }

    #[test]
    fn only_json_is_read() {
        for text in [
            "{bad json",
            "[1,]",
            "{\"a\":1,}",
            "'a'",
            "// x\n1",
            "NaN",
            "+1",
            ".5",
            "1.",
            "-",
            "1e",
            "\"a\nb\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"open",
            "[1 2]",
            "{1:2}",
            "truex",
            "1x",
            "nul",
            "[",
            "{\"a\"",
            "1e99999999999",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_follows_the_value_is_ignored() {
        for text in [
            "1 2",
            "true false",
            "{}}",
            "[1]x",
            "\"a\"b",
            "0012",
            "-0.50E+03",
            "null",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
        assert_eq!(read(" \n").unwrap(), [Node::Missing]);
    }

    #[test]
    fn sizes_are_limited() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);

        assert!(read(&nested(1000)).is_ok());
        assert!(read(&nested(1001)).is_err());
        assert!(read(&"9".repeat(1000)).is_ok());
        assert!(read(&"9".repeat(1001)).is_err());
        assert!(read(&format!("{{\"{}\":1}}", "é".repeat(50_000))).is_ok());
        assert!(read(&format!("{{\"{}\":1}}", "é".repeat(50_001))).is_err());
    }
}
