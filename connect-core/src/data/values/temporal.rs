//! Dates and times in the forms that literals use, read leniently.

use crate::data::date::millis_of;
use crate::data::decimal::digit_value;
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
        TIME_LENGTH => (Schema::time(), millis_of([1970, 1, 1], fields.time()?)),
        TIMESTAMP_LENGTH => {
            let date = fields.date()?;
            fields.literal('T')?;
            (Schema::timestamp(), millis_of(date, fields.time()?))
        }
        DATE_LENGTH => (Schema::date(), millis_of(fields.date()?, [0; 4])),
        _ => return None,
    };
    Some(SchemaAndValue::new(schema, Value::Instant(millis)))
}

/// What is left of the text.
struct Fields<'a>(&'a str);

impl Fields<'_> {
    fn date(&mut self) -> Option<[i64; 3]> {
        let year = self.number()?;
        self.literal('-')?;
        let month = self.number()?;
        self.literal('-')?;
        Some([year, month, self.number()?])
    }

    fn time(&mut self) -> Option<[i64; 4]> {
        let hour = self.number()?;
        self.literal(':')?;
        let minute = self.number()?;
        self.literal(':')?;
        let second = self.number()?;
        self.literal('.')?;
        let milli = self.number()?;
        self.literal('Z')?;
        Some([hour, minute, second, milli])
    }

    fn literal(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// Digits of any count, with blanks and a minus sign before them.
    fn number(&mut self) -> Option<i64> {
        let text = self.0.trim_start_matches([' ', '\t']);
        let (negative, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let start = rest.len();
        let mut number: i32 = 0;
        let mut chars = rest.chars();
        while let Some(digit) = chars.next().and_then(digit_value) {
            number = number.checked_mul(10)?.checked_add(digit.into())?;
            rest = chars.as_str();
        }
        let is_number = rest.len() < start;
        self.0 = rest;
        is_number.then_some(i64::from(if negative { -number } else { number }))
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
    fn numbers_too_long_for_a_field_are_no_date() {
        check("999999999999999999999-12", None);
        check("99999999-1", None);
    }
}
