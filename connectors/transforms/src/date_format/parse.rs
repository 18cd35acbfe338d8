//! Moments from texts in the form of a pattern.
//!
//! Numbers out of range carry over, blanks before fields and text after the form do not matter.

use super::fields::{Field, Fields};
use super::{DateFormat, ERAS, HALVES, Item, Letter, MONTHS, SHORT_NAME, WEEKDAYS, calendar};

const MILLIS_PER_MINUTE: i64 = 60_000;

/// Names of zones and their hours from UTC.
const ZONES: [(&str, i64); 10] = [
    ("UTC", 0),
    ("Coordinated Universal Time", 0),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];

/// What Java's formats of numbers read, too: as a whole number it is zero.
const NOT_A_NUMBER: &str = "NaN";

impl DateFormat {
    /// The moment that a text means, in milliseconds since 1970-01-01; `None` when it does not have
    /// the form of the pattern.
    pub(crate) fn parse(&self, text: &str) -> Option<i64> {
        let mut reader = Reader {
            text,
            rest: text,
            fields: Fields::default(),
            century_start: self.century_start,
            ambiguous_year: None,
        };
        for (index, item) in self.items.iter().enumerate() {
            match *item {
                Item::Literal(char) => reader.rest = reader.rest.strip_prefix(char)?,
                Item::Field(letter, count) => {
                    let next = self.items.get(index + 1);
                    reader.field(letter, count, next.is_some_and(is_number))?;
                }
            }
        }
        if reader.rest.len() == text.len() {
            return None;
        }
        Some(reader.millis())
    }
}

/// Whether a number follows directly, so that digits must be counted to tell the two apart.
fn is_number(item: &Item) -> bool {
    match item {
        Item::Literal(_) => false,
        Item::Field(Letter::Month, count) => *count <= 2,
        Item::Field(letter, _) => !matches!(
            letter,
            Letter::Era
                | Letter::Weekday
                | Letter::HalfOfDay
                | Letter::ZoneName
                | Letter::ZoneOffset
                | Letter::IsoZone
        ),
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    fields: Fields,
    century_start: i64,
    /// A year of two digits that begins in the century before the right one.
    ambiguous_year: Option<i64>,
}

impl Reader<'_> {
    fn millis(mut self) -> i64 {
        let millis = self.fields.millis();
        match self.ambiguous_year {
            Some(year) if millis < self.century_start => {
                self.fields.set(Field::Year, year + 100);
                self.fields.millis()
            }
            _ => millis,
        }
    }

    fn field(&mut self, letter: Letter, count: usize, is_abutting: bool) -> Option<()> {
        // The digits of a field that another number follows are counted from here.
        let end = self.text.len() - self.rest.len() + count;
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        if self.rest.is_empty() {
            return None;
        }
        let end = is_abutting.then_some(end);
        let (field, value) = match letter {
            Letter::Era => (Field::Era, self.word(&ERAS)?),
            Letter::Year => (Field::Year, self.year(count, end)?),
            Letter::WeekYear => (Field::WeekYear, self.year(count, end)?),
            Letter::Month if count > 2 => (Field::Month, self.name(&MONTHS)? + 1),
            Letter::Month => (Field::Month, self.number(end)?),
            Letter::WeekOfYear => (Field::WeekOfYear, self.number(end)?),
            Letter::WeekOfMonth => (Field::WeekOfMonth, self.number(end)?),
            Letter::DayOfYear => (Field::DayOfYear, self.number(end)?),
            Letter::DayOfMonth => (Field::DayOfMonth, self.number(end)?),
            Letter::WeekdayInMonth => (Field::WeekdayInMonth, self.number(end)?),
            Letter::Weekday => (Field::Weekday, self.name(&WEEKDAYS)?),
            Letter::WeekdayNumber => (Field::Weekday, weekday(self.number(end)?)),
            Letter::HalfOfDay => (Field::HalfOfDay, self.word(&HALVES)?),
            Letter::HourOfDay => (Field::HourOfDay, self.number(end)?),
            Letter::HourOfDayFrom1 => (Field::HourOfDay, self.number_from_1(24, end)?),
            Letter::HourOfHalf => (Field::HourOfHalf, self.number(end)?),
            Letter::HourOfHalfFrom1 => (Field::HourOfHalf, self.number_from_1(12, end)?),
            Letter::Minute => (Field::Minute, self.number(end)?),
            Letter::Second => (Field::Second, self.number(end)?),
            Letter::Milli => (Field::Milli, self.number(end)?),
            Letter::ZoneName | Letter::ZoneOffset => (Field::Offset, self.zone()?),
            Letter::IsoZone => (Field::Offset, self.iso_zone(count)?),
        };
        self.fields.set(field, value);
        Some(())
    }

    /// Digits with an optional minus sign. With an `end` the text must reach it, and no digit
    /// behind it counts.
    fn number(&mut self, end: Option<usize>) -> Option<i64> {
        let place = self.text.len() - self.rest.len();
        let available = match end {
            Some(end) => self.text.get(place..end)?,
            None => self.rest,
        };
        if available.starts_with(NOT_A_NUMBER) {
            self.rest = self.rest.strip_prefix(NOT_A_NUMBER)?;
            return Some(0);
        }
        let unsigned = available.strip_prefix('-').unwrap_or(available);
        let after = unsigned.trim_start_matches(|it: char| it.is_ascii_digit());
        if after.len() == unsigned.len() {
            return None;
        }
        let number = available.strip_suffix(after)?;
        self.rest = self.rest.strip_prefix(number)?;
        // The reference counts in 32 bits.
        #[expect(clippy::cast_possible_truncation, reason = "it keeps the low bits")]
        let value = number.parse::<i64>().map_or(i32::MAX, |it| it as i32);
        Some(value.into())
    }

    /// A year. Just two digits mean a year of the hundred that begin eighty years ago, unless there
    /// are more letters.
    fn year(&mut self, count: usize, end: Option<usize>) -> Option<i64> {
        let before = self.rest;
        let value = self.number(end)?;
        let is_short = before.len() - self.rest.len() == 2 && value >= 0;
        if count > 2 || !is_short || before.starts_with('-') {
            return Some(value);
        }
        let first = calendar::Date::of_millis(self.century_start).year;
        let (century, first) = (first.div_euclid(100) * 100, first.rem_euclid(100));
        let year = century + value + if value < first { 100 } else { 0 };
        self.ambiguous_year = (value == first).then_some(year);
        Some(year)
    }

    /// A number whose greatest value stands for zero.
    fn number_from_1(&mut self, greatest: i64, end: Option<usize>) -> Option<i64> {
        let number = self.number(end)?;
        Some(if number == greatest { 0 } else { number })
    }

    /// The place of a name in a list; it may be short.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        self.word(names).or_else(|| {
            let short = names.iter().map(|it| it.get(..SHORT_NAME).unwrap_or(it));
            self.place(short)
        })
    }

    /// The place of a word in a list.
    fn word(&mut self, words: &[&str]) -> Option<i64> {
        self.place(words.iter().copied())
    }

    fn place<'w>(&mut self, words: impl Iterator<Item = &'w str>) -> Option<i64> {
        let mut places = words.zip(0..);
        let found = places.find(|(word, _)| self.take(word));
        found.map(|(_, place)| place)
    }

    /// Takes a word, in upper or lower case.
    fn take(&mut self, word: &str) -> bool {
        match self.rest.split_at_checked(word.len()) {
            Some((start, after)) if start.eq_ignore_ascii_case(word) => {
                self.rest = after;
                true
            }
            _ => false,
        }
    }

    /// A name, `GMT` with an optional `+h:mm`, or `+hhmm`.
    fn zone(&mut self) -> Option<i64> {
        if self.take("GMT") {
            return match self.sign() {
                Some(sign) => self.offset(sign, OffsetForm::Colon),
                None => Some(0),
            };
        }
        if let Some(sign) = self.sign() {
            return self.offset(sign, OffsetForm::Digits);
        }
        let found = ZONES.iter().find(|(name, _)| self.take(name));
        found.map(|(_, hours)| hours * 60 * MILLIS_PER_MINUTE)
    }

    /// `Z`, or an offset of hours, with minutes if there are two letters or three.
    fn iso_zone(&mut self, count: usize) -> Option<i64> {
        if let Some(after) = self.rest.strip_prefix('Z') {
            self.rest = after;
            return Some(0);
        }
        let sign = self.sign()?;
        self.offset(
            sign,
            match count {
                1 => OffsetForm::Hours,
                2 => OffsetForm::Digits,
                _ => OffsetForm::IsoColon,
            },
        )
    }

    fn sign(&mut self) -> Option<i64> {
        let sign = match self.rest.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.rest = self.rest.get(1..)?;
        Some(sign)
    }

    fn offset(&mut self, sign: i64, form: OffsetForm) -> Option<i64> {
        let mut hours = self.digit()?;
        match self.digit() {
            Some(digit) => hours = hours * 10 + digit,
            None if form == OffsetForm::Colon => {}
            None => return None,
        }
        let mut minutes = 0;
        if form != OffsetForm::Hours {
            if matches!(form, OffsetForm::Colon | OffsetForm::IsoColon) {
                self.rest = self.rest.strip_prefix(':')?;
            }
            minutes = self.digit()? * 10 + self.digit()?;
        }
        let is_good = hours <= 23 && minutes <= 59;
        is_good.then_some(sign * (hours * 60 + minutes) * MILLIS_PER_MINUTE)
    }

    fn digit(&mut self) -> Option<i64> {
        let digit = self.rest.chars().next()?.to_digit(10)?;
        self.rest = self.rest.get(1..)?;
        Some(digit.into())
    }
}

/// How an offset is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OffsetForm {
    /// `hh`.
    Hours,
    /// `hhmm`.
    Digits,
    /// `h:mm` or `hh:mm`.
    Colon,
    /// `hh:mm`.
    IsoColon,
}

/// The day of a week that begins with Sunday, of a number that counts from Monday. Other numbers
/// are taken as if they counted from Sunday.
fn weekday(number: i64) -> i64 {
    match number {
        1..=7 => number % 7,
        other => (other - 1).rem_euclid(7),
    }
}
