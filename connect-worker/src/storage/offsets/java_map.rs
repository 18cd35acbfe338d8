//! The file format of the reference: a `java.util.HashMap` of byte arrays, as Java's object
//! serialization writes it.
//!
//! Only what such a map can contain is read and written: one map, keys and values that are byte
//! arrays or null. Files can therefore be handed from one kind of worker to the other.

use std::collections::BTreeMap;

/// Keys and values; a value is null after a reset.
pub(super) type ByteMap = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

const STREAM_HEADER: [u8; 4] = [0xAC, 0xED, 0x00, 0x05];

const TC_NULL: u8 = 0x70;
const TC_REFERENCE: u8 = 0x71;
const TC_CLASSDESC: u8 = 0x72;
const TC_OBJECT: u8 = 0x73;
const TC_ARRAY: u8 = 0x75;
const TC_BLOCKDATA: u8 = 0x77;
const TC_ENDBLOCKDATA: u8 = 0x78;

/// The first reference number that the format gives out.
const BASE_HANDLE: u32 = 0x007E_0000;

/// Class description of the map: name, version, flags (own write method, serializable) and its
/// two fields, load factor and threshold; no superclass.
const HASH_MAP_CLASS: &[u8] =
    b"\x72\x00\x11java.util.HashMap\x05\x07\xDA\xC1\xC3\x16\x60\xD1\x03\x00\x02\
      F\x00\x0AloadFactorI\x00\x09threshold\x78\x70";

/// Class description of a byte array.
const BYTE_ARRAY_CLASS: &[u8] =
    b"\x72\x00\x02[B\xAC\xF3\x17\xF8\x06\x08\x54\xE0\x02\x00\x00\x78\x70";

/// Number of the byte array's class in the streams that [`write`] makes: the map's class and the
/// map itself come before it.
const BYTE_ARRAY_CLASS_HANDLE: u32 = BASE_HANDLE + 2;

/// Writes a map.
pub(super) fn write(map: &ByteMap) -> Vec<u8> {
    let size = u32::try_from(map.len()).expect("the number of source partitions fits 32 bits");
    let capacity = (size.saturating_mul(4) / 3 + 1).next_power_of_two().max(16);
    let threshold = capacity / 4 * 3;

    let mut out = Vec::with_capacity(128 + map.iter().map(entry_len).sum::<usize>());
    out.extend_from_slice(&STREAM_HEADER);
    out.push(TC_OBJECT);
    out.extend_from_slice(HASH_MAP_CLASS);
    out.extend_from_slice(&0.75_f32.to_be_bytes());
    out.extend_from_slice(&threshold.to_be_bytes());
    out.extend_from_slice(&[TC_BLOCKDATA, 8]);
    out.extend_from_slice(&capacity.to_be_bytes());
    out.extend_from_slice(&size.to_be_bytes());
    let mut class_written = false;
    for (key, value) in map {
        write_array(&mut out, Some(key), &mut class_written);
        write_array(&mut out, value.as_deref(), &mut class_written);
    }
    out.push(TC_ENDBLOCKDATA);
    out
}

fn entry_len((key, value): (&Vec<u8>, &Option<Vec<u8>>)) -> usize {
    key.len() + value.as_ref().map_or(0, Vec::len) + 20
}

fn write_array(out: &mut Vec<u8>, bytes: Option<&[u8]>, class_written: &mut bool) {
    let Some(bytes) = bytes else {
        out.push(TC_NULL);
        return;
    };
    out.push(TC_ARRAY);
    if *class_written {
        out.push(TC_REFERENCE);
        out.extend_from_slice(&BYTE_ARRAY_CLASS_HANDLE.to_be_bytes());
    } else {
        out.extend_from_slice(BYTE_ARRAY_CLASS);
        *class_written = true;
    }
    let len = u32::try_from(bytes.len()).expect("an offset is far smaller than 4 GiB");
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Why a file is not such a map.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MalformedMap {
    /// The file ends too early or does not follow the format.
    #[error("byte {position}: {wanted} expected")]
    Unexpected {
        /// Where in the file, from 0.
        position: usize,
        /// What should be there.
        wanted: &'static str,
    },
    /// The file holds an object of another class.
    #[error("Expected HashMap but found {0}")]
    OtherClass(String),
}

/// Reads a map.
///
/// # Errors
/// When the bytes are anything else than one map of byte arrays.
pub(super) fn read(bytes: &[u8]) -> Result<ByteMap, MalformedMap> {
    let mut input = Input {
        bytes,
        position: 0,
        next_handle: BASE_HANDLE,
        arrays: Vec::new(),
        array_class: None,
    };
    input.expect(&STREAM_HEADER, "the header of a Java object stream")?;
    input.expect(&[TC_OBJECT], "an object")?;
    if !input.bytes[input.position..].starts_with(HASH_MAP_CLASS) {
        return Err(input.other_class());
    }
    input.position += HASH_MAP_CLASS.len();
    input.next_handle += 2;
    input.take(8, "load factor and threshold")?;
    input.expect(&[TC_BLOCKDATA, 8], "the size of the map")?;
    input.take(4, "the capacity of the map")?;
    let size = input.u32("the size of the map")?;

    let mut map = ByteMap::new();
    for _ in 0..size {
        let position = input.position;
        let Some(key) = input.array()? else {
            return Err(MalformedMap::Unexpected {
                position,
                wanted: "a key that is not null",
            });
        };
        let value = input.array()?;
        map.insert(key, value);
    }
    input.expect(&[TC_ENDBLOCKDATA], "the end of the map")?;
    match input.position == bytes.len() {
        true => Ok(map),
        false => Err(input.unexpected("the end of the file")),
    }
}

struct Input<'a> {
    bytes: &'a [u8],
    position: usize,
    next_handle: u32,
    /// Arrays by their reference number: equal objects are written once.
    arrays: Vec<(u32, Vec<u8>)>,
    array_class: Option<u32>,
}

impl Input<'_> {
    fn take(&mut self, len: usize, wanted: &'static str) -> Result<&[u8], MalformedMap> {
        let end = self
            .position
            .checked_add(len)
            .filter(|end| *end <= self.bytes.len());
        let Some(end) = end else {
            return Err(MalformedMap::Unexpected {
                position: self.bytes.len(),
                wanted,
            });
        };
        let taken = &self.bytes[self.position..end];
        self.position = end;
        Ok(taken)
    }

    fn expect(&mut self, bytes: &[u8], wanted: &'static str) -> Result<(), MalformedMap> {
        match self.bytes[self.position..].starts_with(bytes) {
            true => {
                self.position += bytes.len();
                Ok(())
            }
            false => Err(self.unexpected(wanted)),
        }
    }

    fn unexpected(&self, wanted: &'static str) -> MalformedMap {
        MalformedMap::Unexpected {
            position: self.position,
            wanted,
        }
    }

    fn u32(&mut self, wanted: &'static str) -> Result<u32, MalformedMap> {
        let bytes = self.take(4, wanted)?;
        Ok(u32::from_be_bytes(
            bytes.try_into().expect("four bytes were taken"),
        ))
    }

    /// Names the class of an object that is no map.
    fn other_class(&self) -> MalformedMap {
        let rest = &self.bytes[self.position..];
        let name = match rest {
            [TC_CLASSDESC, high, low, name @ ..] => {
                name.get(..usize::from(u16::from_be_bytes([*high, *low])))
            }
            _ => None,
        };
        match name.map(str::from_utf8) {
            Some(Ok(name)) => MalformedMap::OtherClass(name.to_owned()),
            _ => self.unexpected("a java.util.HashMap"),
        }
    }

    fn array(&mut self) -> Result<Option<Vec<u8>>, MalformedMap> {
        const WANTED: &str = "a byte array or null";
        let position = self.position;
        match self.take(1, WANTED)? {
            [TC_NULL] => return Ok(None),
            [TC_REFERENCE] => {
                let handle = self.u32(WANTED)?;
                let known = self.arrays.iter().find(|(number, _)| *number == handle);
                return match known {
                    Some((_, bytes)) => Ok(Some(bytes.clone())),
                    None => Err(MalformedMap::Unexpected {
                        position,
                        wanted: WANTED,
                    }),
                };
            }
            [TC_ARRAY] => {}
            _ => {
                return Err(MalformedMap::Unexpected {
                    position,
                    wanted: WANTED,
                });
            }
        }
        self.array_class()?;
        let handle = self.next_handle;
        self.next_handle += 1;
        let len = self.u32("the length of a byte array")?;
        let bytes = self
            .take(len as usize, "the content of a byte array")?
            .to_vec();
        self.arrays.push((handle, bytes.clone()));
        Ok(Some(bytes))
    }

    fn array_class(&mut self) -> Result<(), MalformedMap> {
        const WANTED: &str = "the class of a byte array";
        let Some(class) = self.array_class else {
            self.expect(BYTE_ARRAY_CLASS, WANTED)?;
            self.array_class = Some(self.next_handle);
            self.next_handle += 1;
            return Ok(());
        };
        let position = self.position;
        self.expect(&[TC_REFERENCE], WANTED)?;
        match self.u32(WANTED)? == class {
            true => Ok(()),
            false => Err(MalformedMap::Unexpected {
                position,
                wanted: WANTED,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by Java 17: a `HashMap` with the entries `k1` → `v1` and `k2` → null.
    const BY_JAVA: &[u8] = include_bytes!("java_map/two_entries.bin");

    fn two_entries() -> ByteMap {
        ByteMap::from([
            (b"k1".to_vec(), Some(b"v1".to_vec())),
            (b"k2".to_vec(), None),
        ])
    }

    #[test]
    fn a_map_written_by_java_is_read() {
        assert_eq!(read(BY_JAVA), Ok(two_entries()));
    }

    #[test]
    fn a_map_is_written_as_java_writes_it() {
        assert_eq!(read(&write(&two_entries())), Ok(two_entries()));
        assert_eq!(write(&two_entries()).len(), BY_JAVA.len());
    }

    #[test]
    fn every_cut_of_a_file_is_refused() {
        let whole = write(&two_entries());
        for len in 0..whole.len() {
            assert!(
                read(&whole[..len]).is_err(),
                "the first {len} bytes were accepted"
            );
        }
    }

    #[test]
    fn an_object_of_another_class_is_named() {
        let bytes = b"\xAC\xED\x00\x05\x73\x72\x00\x13java.util.ArrayList\x00";

        let error = read(bytes).unwrap_err();

        assert_eq!(
            error.to_string(),
            "Expected HashMap but found java.util.ArrayList"
        );
    }

    #[test]
    fn trailing_bytes_are_refused() {
        let mut bytes = write(&two_entries());
        bytes.push(0);

        assert!(read(&bytes).is_err());
    }
}
