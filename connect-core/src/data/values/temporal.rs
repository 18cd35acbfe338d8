//! Dates and times in the forms that literals use, read leniently.

use crate::data::date::{Calendar, GREGORIAN_START, GREGORIAN_YEAR, MILLIS_PER_DAY};
use crate::data::java_text::whole_number;
use crate::data::{Schema, SchemaAndValue, Value};

/// Lengths of the three forms in UTF-16 units; a text of another length is none of them.
const TIME_LENGTH: usize = "HH:mm:ss.SSSZ".len();
const TIMESTAMP_LENGTH: usize = "yyyy-MM-ddTHH:mm:ss.SSSZ".len();
const DATE_LENGTH: usize = "yyyy-MM-dd".len();

/// Reads `HH:mm:ss.SSSZ`, `yyyy-MM-ddTHH:mm:ss.SSSZ` or `yyyy-MM-dd`, chosen by length alone.
/// Fields out of range carry over, and what follows the form is ignored.
pub(super) fn parse(text: &str) -> Option<SchemaAndValue> {
    match text.contains('\\') {
        true => parse_unescaped(&text.replace("\\:", ":")),
        false => parse_unescaped(text),
    }
}

/// Reads a text that was cut in two, without joining it when it is too short for any form.
pub(super) fn parse_parts(start: &str, end: &str) -> Option<SchemaAndValue> {
    match start.len() + end.len() {
        0..DATE_LENGTH => None,
        _ => parse(&format!("{start}{end}")),
    }
}

fn parse_unescaped(unescaped: &str) -> Option<SchemaAndValue> {
    let mut fields = Fields(unescaped);
    let (schema, millis) = match unescaped.encode_utf16().take(TIMESTAMP_LENGTH + 1).count() {
        TIME_LENGTH => (Schema::time(), Date::EPOCH.millis(fields.time()?)),
        TIMESTAMP_LENGTH => {
            let date = fields.date()?;
            fields.literal('T')?;
            (Schema::timestamp(), date.millis(fields.time()?))
        }
        DATE_LENGTH => (Schema::date(), fields.date()?.millis(0)),
        _ => return None,
    };
    Some(SchemaAndValue::new(schema, Value::Instant(millis)))
}

/// A date whose fields may be out of range.
struct Date {
    year: i32,
    month: i32,
    day: i32,
}

impl Date {
    const EPOCH: Self = Self {
        year: 1970,
        month: 1,
        day: 1,
    };

    /// Milliseconds since 1970-01-01, so many after the date. Years have 32 bits and milliseconds 64;
    /// what is beyond them overflows, as in Java.
    fn millis(&self, time: i64) -> i64 {
        let more = time.div_euclid(MILLIS_PER_DAY);
        let months = self.month.wrapping_sub(1);
        let year = self.year.wrapping_add(months.div_euclid(12));
        let month = i64::from(months.rem_euclid(12)) + 1;
        let day_in = |it: Calendar| it.days_of(year.into(), month, i64::from(self.day) + more);
        let days = match day_in(Calendar::Gregorian) {
            gregorian if self.year >= GREGORIAN_YEAR && gregorian >= GREGORIAN_START => gregorian,
            _ => day_in(Calendar::Julian),
        };
        let midnight = days.wrapping_mul(MILLIS_PER_DAY);
        midnight.wrapping_add(time.rem_euclid(MILLIS_PER_DAY))
    }
}

/// What is left of the text.
struct Fields<'a>(&'a str);

impl Fields<'_> {
    fn date(&mut self) -> Option<Date> {
        let year = self.number()?;
        self.literal('-')?;
        let month = self.number()?;
        self.literal('-')?;
        let day = self.number()?;
        Some(Date { year, month, day })
    }

    /// Milliseconds since midnight, or more, or less.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number()?;
        self.literal(':')?;
        let minute = self.number()?;
        self.literal(':')?;
        let second = self.number()?;
        self.literal('.')?;
        let milli = self.number()?;
        self.literal('Z')?;
        let [hour, minute, second, milli] = [hour, minute, second, milli].map(i64::from);
        Some(((hour * 60 + minute) * 60 + second) * 1000 + milli)
    }

    fn literal(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// A number, with blanks before it.
    fn number(&mut self) -> Option<i32> {
        let text = self.0.trim_start_matches([' ', '\t']);
        let (number, rest) = whole_number(text)?;
        self.0 = rest;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, millis: impl Into<Option<i64>>) {
        let found = parse(text).map(|it| it.value.as_instant().unwrap());
        assert_eq!(found, millis.into(), "{text}");
    }

    #[test]
    fn only_three_lengths_are_read() {
        check("2019-08-23", 1_566_518_400_000);
        check("14:34:54.346Z", 52_494_346);
        check("2019-08-23T14:34:54.346Z", 1_566_570_894_346);
        check("2019-8-23", None);
        check("14:34:54Z", None);
    }

    #[test]
    fn fields_carry_over_and_the_rest_is_ignored() {
        check(
            "2019-02-30",
            parse("2019-03-02").unwrap().value.as_instant(),
        );
        check(
            "2019-8-2xx",
            parse("2019-08-02").unwrap().value.as_instant(),
        );
        check("1:2:3.4Zabcde", 3_723_004);
    }

    #[test]
    fn numbers_may_have_exponents_or_be_none() {
        check("12:35:5.5E5Z1", 45_805_000);
        check("2019-NaN-1", 1_543_622_400_000);
        check(
            "2019-1E1-1",
            parse("2019-10-01").unwrap().value.as_instant(),
        );
        check("2019-1E+1-", None);
    }

    #[test]
    fn what_is_too_far_away_overflows() {
        check("1E9-01-011", -5_336_598_313_774_303_232);
        check("1E99-13-01", 6_017_484_157_321_406_464);
        check("1E9-1E99-1E99T1:1:1.1Z00", 496_280_800_440_557_769);
        check("1:-∞:3.45678Z", -128_847_892_031_322);
        check("1-∞-1E155-", 5_832_932_943_312_000_000);
    }
}
