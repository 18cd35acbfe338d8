//! The shape of requests, to look through one before it is decoded.
//!
//! The decoder sets memory aside for as many elements as a list announces. A client can announce
//! two thousand million in four bytes, so a request is first walked along its shape: every element
//! of every list must really be there.

use bytes::Buf;

/// A field of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    kind: Kind,
    since: i16,
    until: i16,
}

/// What a field consists of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// So many bytes.
    Fixed(usize),
    /// A text, which may be absent.
    Text,
    /// Bytes, which may be absent.
    Bytes,
    /// A list of structures, which may be absent.
    Structs(&'static [Field]),
    /// A list of plain values, which may be absent.
    Values(&'static Field),
}

pub(crate) const I8: Field = Field::every(Kind::Fixed(1));
pub(crate) const BOOL: Field = Field::every(Kind::Fixed(1));
pub(crate) const I16: Field = Field::every(Kind::Fixed(2));
pub(crate) const I32: Field = Field::every(Kind::Fixed(4));
pub(crate) const I64: Field = Field::every(Kind::Fixed(8));
pub(crate) const UUID: Field = Field::every(Kind::Fixed(16));
pub(crate) const TEXT: Field = Field::every(Kind::Text);
pub(crate) const BYTES: Field = Field::every(Kind::Bytes);
pub(crate) const I32S: Field = Field::every(Kind::Values(&I32));
pub(crate) const I64S: Field = Field::every(Kind::Values(&I64));
pub(crate) const TEXTS: Field = Field::every(Kind::Values(&TEXT));

/// A list of structures.
pub(crate) const fn structs(fields: &'static [Field]) -> Field {
    Field::every(Kind::Structs(fields))
}

impl Field {
    const fn every(kind: Kind) -> Self {
        Self {
            kind,
            since: 0,
            until: i16::MAX,
        }
    }

    #[cfg(test)]
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The field exists from this version on.
    pub(crate) const fn since(self, version: i16) -> Self {
        Self {
            since: version,
            ..self
        }
    }

    /// The field exists up to this version.
    pub(crate) const fn until(self, version: i16) -> Self {
        Self {
            until: version,
            ..self
        }
    }
}

/// Whether a request is all there, everything that it announces. As with Apache Kafka more may follow, and does: librdkafka
/// writes bytes too many when it asks for all topics.
pub(crate) fn fits(fields: &[Field], version: i16, flexible: bool, mut body: &[u8]) -> bool {
    let walk = Walk { version, flexible };
    walk.structure(fields, &mut body).is_some()
}

/// Whether a version has a field.
pub(crate) fn is_in(field: &Field, version: i16) -> bool {
    (field.since..=field.until).contains(&version)
}

struct Walk {
    version: i16,
    flexible: bool,
}

impl Walk {
    fn structure(&self, fields: &[Field], body: &mut &[u8]) -> Option<()> {
        for field in fields {
            if is_in(field, self.version) {
                self.field(field.kind, body)?;
            }
        }
        if self.flexible {
            self.tagged_fields(body)?;
        }
        Some(())
    }

    fn field(&self, kind: Kind, body: &mut &[u8]) -> Option<()> {
        match kind {
            Kind::Fixed(width) => skip(body, width),
            Kind::Text => {
                let length = if self.flexible {
                    compact(body)?
                } else {
                    usize::try_from(body.try_get_i16().ok()?).ok()
                };
                skip(body, length.unwrap_or(0))
            }
            Kind::Bytes => {
                let length = self.length(body)?;
                skip(body, length.unwrap_or(0))
            }
            Kind::Structs(fields) => {
                for _ in 0..self.length(body)?.unwrap_or(0) {
                    self.structure(fields, body)?;
                }
                Some(())
            }
            Kind::Values(value) => {
                for _ in 0..self.length(body)?.unwrap_or(0) {
                    self.field(value.kind, body)?;
                }
                Some(())
            }
        }
    }

    /// The length of bytes or of a list; the inner `None` when it is absent.
    fn length(&self, body: &mut &[u8]) -> Option<Option<usize>> {
        if self.flexible {
            compact(body)
        } else {
            Some(usize::try_from(body.try_get_i32().ok()?).ok())
        }
    }

    fn tagged_fields(&self, body: &mut &[u8]) -> Option<()> {
        for _ in 0..varint(body)? {
            let _tag = varint(body)?;
            let length = varint(body)?;
            skip(body, length)?;
        }
        Some(())
    }
}

fn skip(body: &mut &[u8], count: usize) -> Option<()> {
    *body = body.get(count..)?;
    Some(())
}

fn compact(body: &mut &[u8]) -> Option<Option<usize>> {
    Some(varint(body)?.checked_sub(1))
}

fn varint(body: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in (0..35).step_by(7) {
        let byte = body.try_get_u8().ok()?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: &[Field] = &[TEXT, structs(&[I32, TEXTS.since(2)]), BOOL.until(1)];

    #[test]
    fn what_is_announced_must_be_there() {
        let body = [0, 1, b'x', 0, 0, 0, 1, 0, 0, 0, 9, 1];

        assert!(fits(SHAPE, 1, false, &body));
        for length in 0..body.len() {
            assert!(!fits(SHAPE, 1, false, &body[..length]), "cut to {length}");
        }
    }

    #[test]
    fn more_may_follow() {
        let body = [0, 1, b'x', 0, 0, 0, 0, 1, 0];

        assert!(fits(SHAPE, 1, false, &body));
    }

    #[test]
    fn a_list_of_two_thousand_million_is_refused() {
        let body = [0, 0, 0x7f, 0xff, 0xff, 0xff];

        assert!(!fits(SHAPE, 1, false, &body));
    }

    #[test]
    fn flexible_requests_have_compact_lengths_and_tagged_fields() {
        let body = [2, b'x', 2, 0, 0, 0, 9, 3, 2, b'y', 1, 0, 1, 7, 2, 0, 0];

        assert!(fits(SHAPE, 2, true, &body));
        assert!(!fits(SHAPE, 2, true, &[0, 0xff, 0xff, 0xff, 0xff, 0x0f]));
    }
}
