//! The compressions that producers use, for the few occasions on which a batch is opened.

use std::io::{self, Read, Write};

/// What the Java client writes in front of snappy blocks, besides two versions.
const SNAPPY_MAGIC: &[u8] = b"\x82SNAPPY\0";
const SNAPPY_VERSIONS: usize = 8;
/// Snappy makes data at most this many times smaller.
const SNAPPY_BEST: usize = 32;

/// How the records of a batch are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    Plain,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    /// The codec of a batch's attributes; `None` if there is none with that number.
    pub(crate) fn of(attributes: i16) -> Option<Self> {
        Some(match attributes & super::COMPRESSION_MASK {
            0 => Self::Plain,
            1 => Self::Gzip,
            2 => Self::Snappy,
            3 => Self::Lz4,
            4 => Self::Zstd,
            _ => return None,
        })
    }

    /// Reads compressed bytes. No more is set aside than has been decompressed.
    pub(crate) fn reader(self, bytes: &[u8]) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Self::Plain => Box::new(bytes),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(bytes)),
            Self::Snappy => Box::new(io::Cursor::new(unpack_snappy(bytes)?)),
            Self::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(bytes)),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(bytes)?),
        })
    }

    /// Compresses bytes.
    pub(crate) fn pack(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(bytes.to_vec()),
            Self::Gzip => {
                let level = flate2::Compression::default();
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Snappy => {
                let packed = snap::raw::Encoder::new().compress_vec(bytes);
                packed.map_err(io::Error::other)
            }
            Self::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(bytes)?;
                encoder.finish().map_err(io::Error::other)
            }
            Self::Zstd => zstd::stream::encode_all(bytes, zstd::DEFAULT_COMPRESSION_LEVEL),
        }
    }
}

/// One block, as most clients write it, or many, as the Java client does.
fn unpack_snappy(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let Some(rest) = bytes.strip_prefix(SNAPPY_MAGIC) else {
        return unpack_snappy_block(bytes);
    };
    let mut rest = rest.get(SNAPPY_VERSIONS..).unwrap_or_default();
    let mut out = Vec::new();
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let block = more.get(..length).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.extend(unpack_snappy_block(block)?);
        rest = &more[length..];
    }
    Ok(out)
}

fn unpack_snappy_block(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let announced = snap::raw::decompress_len(bytes).map_err(invalid)?;
    if announced > bytes.len().saturating_mul(SNAPPY_BEST) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut decoder = snap::raw::Decoder::new();
    decoder.decompress_vec(bytes).map_err(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Codec; 5] = [
        Codec::Plain,
        Codec::Gzip,
        Codec::Snappy,
        Codec::Lz4,
        Codec::Zstd,
    ];

    fn unpack(codec: Codec, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        codec.reader(bytes)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let text = b"the same again, ".repeat(500);
        for codec in ALL {
            let packed = codec.pack(&text).unwrap();
            assert_eq!(unpack(codec, &packed).unwrap(), text, "{codec:?}");
        }
    }

    #[test]
    fn snappy_blocks_of_the_java_client_are_unpacked() {
        let mut framed = [SNAPPY_MAGIC, &[0; SNAPPY_VERSIONS]].concat();
        for text in ["one ", "two"] {
            let block = Codec::Snappy.pack(text.as_bytes()).unwrap();
            framed.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
            framed.extend(block);
        }

        assert_eq!(unpack(Codec::Snappy, &framed).unwrap(), b"one two");
        assert!(unpack(Codec::Snappy, &framed[..framed.len() - 1]).is_err());
    }

    #[test]
    fn a_length_that_cannot_be_true_is_refused() {
        let two_thousand_million = [0xff, 0xff, 0xff, 0xff, 0x07, 0];

        assert!(unpack(Codec::Snappy, &two_thousand_million).is_err());
    }
}
