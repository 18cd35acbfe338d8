//! Numbers of bytes.

use std::fmt;
use std::str::FromStr;

/// Units from large to small.
const UNITS: [(&str, u64); 5] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// A number of bytes, written as `512KiB` or `1MiB`.
///
/// ```
/// use connect_core::config::ByteSize;
///
/// assert_eq!("4MiB".parse(), Ok(ByteSize::mib(4)));
/// assert_eq!(ByteSize::bytes(1536).to_string(), "1536B");
/// assert_eq!(ByteSize::kib(2).as_bytes(), 2048);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// So many bytes.
    #[must_use]
    pub const fn bytes(count: u64) -> Self {
        Self(count)
    }

    /// So many times 1024 bytes.
    #[must_use]
    pub const fn kib(count: u32) -> Self {
        Self((count as u64) << 10)
    }

    /// So many times 1024² bytes.
    #[must_use]
    pub const fn mib(count: u32) -> Self {
        Self((count as u64) << 20)
    }

    /// So many times 1024³ bytes.
    #[must_use]
    pub const fn gib(count: u32) -> Self {
        Self((count as u64) << 30)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn as_bytes(self) -> u64 {
        self.0
    }
}

/// In the largest unit of which it is a multiple.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS
            .into_iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

/// Text that is no size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Expected a size such as 512KiB or 1MiB")]
pub struct NotASize;

impl FromStr for ByteSize {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, NotASize> {
        let (digits, factor) = UNITS
            .into_iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))
            .ok_or(NotASize)?;
        let count: u64 = digits.trim_end().parse().map_err(|_| NotASize)?;
        let bytes = count.checked_mul(factor).ok_or(NotASize)?;
        // A LONG of the reference is signed.
        match i64::try_from(bytes) {
            Ok(_) => Ok(Self(bytes)),
            Err(_) => Err(NotASize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_shown_as_they_are_read() {
        for text in ["0B", "1B", "1023B", "1KiB", "1536B", "5MiB", "3GiB", "2TiB"] {
            assert_eq!(text.parse::<ByteSize>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn blanks_may_stand_before_the_unit_only() {
        assert_eq!("1 MiB".parse(), Ok(ByteSize::mib(1)));
        for text in [
            "", "1", "MiB", "1MB", "1 mib", "-1B", "1.5MiB", "B", " 1B", "1MiB ",
        ] {
            assert_eq!(text.parse::<ByteSize>(), Err(NotASize), "{text}");
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        assert_eq!("8388607TiB".parse(), Ok(ByteSize::bytes(8_388_607 << 40)));
        for text in ["8388608TiB", "16777216TiB"] {
            assert_eq!(text.parse::<ByteSize>(), Err(NotASize), "{text}");
        }
    }
}
