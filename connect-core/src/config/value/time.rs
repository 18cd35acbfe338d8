//! Spans of time.

use std::time::Duration;

use super::{ConfigValue, Unit, ValueError, number};
use crate::config::ConfigType;

const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1000 * MILLI;

/// Units from large to small, in nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 24 * 60 * 60 * SECOND),
    ("h", 60 * 60 * SECOND),
    ("m", 60 * SECOND),
    ("s", SECOND),
    ("ms", MILLI),
    ("us", 1000),
    ("ns", 1),
];

impl ConfigValue for Duration {
    fn kind(unit: Unit) -> ConfigType {
        match unit {
            Unit::Millis | Unit::Seconds => ConfigType::Long,
            Unit::None | Unit::Bytes => ConfigType::String,
        }
    }

    /// Reads a number with a unit, such as `500ms`, and a bare number if the key states the unit.
    fn parse_text(text: &str, unit: Unit) -> Result<Self, ValueError> {
        if let Some(time) = with_unit(text) {
            return Ok(time);
        }
        match unit {
            Unit::Millis => number::unsigned(text).map(Self::from_millis),
            Unit::Seconds => number::unsigned(text).map(Self::from_secs),
            Unit::None | Unit::Bytes => Err(ValueError::new(
                "Expected a time such as 500ms, 5s, 2m or 1h",
            )),
        }
    }

    fn to_text(&self, unit: Unit) -> Option<String> {
        let nanos = self.as_nanos();
        let bare = match unit {
            Unit::Millis => Some(u128::from(MILLI)),
            Unit::Seconds => Some(u128::from(SECOND)),
            Unit::None | Unit::Bytes => None,
        };
        if let Some(factor) = bare.filter(|it| nanos.is_multiple_of(*it)) {
            return Some((nanos / factor).to_string());
        }
        let (name, factor) = UNITS
            .into_iter()
            .find(|(_, factor)| nanos > 0 && nanos.is_multiple_of(u128::from(*factor)))
            .unwrap_or(("ms", MILLI));
        Some(format!("{}{name}", nanos / u128::from(factor)))
    }
}

/// A number with its unit, as far as its milliseconds fit the LONG of the reference.
fn with_unit(text: &str) -> Option<Duration> {
    let (digits, name) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
    let count: u64 = digits.parse().ok()?;
    let (_, factor) = UNITS
        .into_iter()
        .find(|(unit, _)| *unit == name.trim_start())?;
    let nanos = u128::from(count) * u128::from(factor);
    i64::try_from(nanos / u128::from(MILLI)).ok()?;
    let seconds = u64::try_from(nanos / u128::from(SECOND)).ok()?;
    let rest = u32::try_from(nanos % u128::from(SECOND)).ok()?;
    Some(Duration::new(seconds, rest))
}
