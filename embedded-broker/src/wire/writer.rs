//! Writing a response by hand, so that records go from the file to the socket without a copy.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};

/// Writes the basic types of the protocol, in the old or in the flexible encoding.
#[derive(Debug)]
pub(crate) struct Writer {
    flexible: bool,
    done: VecDeque<Bytes>,
    current: BytesMut,
}

impl Writer {
    pub(crate) fn new(flexible: bool) -> Self {
        Self {
            flexible,
            done: VecDeque::new(),
            current: BytesMut::with_capacity(256),
        }
    }

    pub(crate) fn i16(&mut self, value: i16) {
        self.current.put_i16(value);
    }

    pub(crate) fn i32(&mut self, value: i32) {
        self.current.put_i32(value);
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.current.put_i64(value);
    }

    /// How many elements follow.
    pub(crate) fn count(&mut self, count: usize) {
        if self.flexible {
            self.varint(count + 1);
        } else {
            let count = i32::try_from(count).expect("no list of an answer is that long");
            self.current.put_i32(count);
        }
    }

    /// A list that is not there.
    pub(crate) fn no_list(&mut self) {
        if self.flexible {
            self.varint(0);
        } else {
            self.current.put_i32(-1);
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        if self.flexible {
            self.varint(text.len() + 1);
        } else {
            let length = i16::try_from(text.len()).expect("names were received as short texts");
            self.current.put_i16(length);
        }
        self.current.put_slice(text.as_bytes());
    }

    /// Bytes that are not copied.
    pub(crate) fn bytes(&mut self, bytes: Vec<u8>) {
        self.count(bytes.len());
        if !bytes.is_empty() {
            self.done.push_back(self.current.split().freeze());
            self.done.push_back(Bytes::from(bytes));
        }
    }

    /// The end of a structure: no tagged fields.
    pub(crate) fn end(&mut self) {
        if self.flexible {
            self.current.put_u8(0);
        }
    }

    fn varint(&mut self, value: usize) {
        let mut rest = value;
        while rest >= 0x80 {
            self.current.put_u8(low_bits(rest) | 0x80);
            rest >>= 7;
        }
        self.current.put_u8(low_bits(rest));
    }

    pub(crate) fn finish(mut self) -> VecDeque<Bytes> {
        self.done.push_back(self.current.freeze());
        self.done
    }
}

fn low_bits(value: usize) -> u8 {
    u8::try_from(value & 0x7f).expect("seven bits fit")
}
