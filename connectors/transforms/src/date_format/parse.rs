//! Moments from texts in the form of a pattern.
//!
//! Numbers out of range carry over, blanks before fields and text after the form do not matter.

use connect_core::data::java_text::{digit_value, whole_number};

use super::fields::{Field, Fields, weekday_of_iso};
use super::{DateFormat, ERAS, HALVES, Item, Letter, MONTHS, SHORT_NAME, WEEKDAYS, calendar};

const MILLIS_PER_MINUTE: i32 = 60_000;

/// The longer names of eras.
const LONG_ERAS: [&str; 2] = ["Before Christ", "Anno Domini"];

/// Names of the zone that all is written in.
const OWN_ZONE: [&str; 2] = ["UTC", "Coordinated Universal Time"];

/// Names of zones and their hours from UTC. The reference knows some hundred others.
const ZONES: [(&str, i32); 8] = [
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];

impl DateFormat {
    /// The moment that a text means, in milliseconds since 1970-01-01; `None` when it does not have
    /// the form of the pattern.
    pub(crate) fn parse(&self, text: &str) -> Option<i64> {
        let mut reader = Reader {
            rest: text,
            fields: Fields::default(),
            century_start: self.century_start,
            has_ambiguous_year: false,
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
    rest: &'a str,
    fields: Fields,
    century_start: i64,
    /// Whether the last year of two digits may be in the century before the right one.
    has_ambiguous_year: bool,
}

impl Reader<'_> {
    fn millis(mut self) -> i64 {
        let millis = self.fields.millis();
        if !self.has_ambiguous_year || millis >= self.century_start {
            return millis;
        }
        self.fields.add_years(100);
        self.fields.millis()
    }

    fn field(&mut self, letter: Letter, count: usize, is_abutting: bool) -> Option<()> {
        // The digits of a field that another number follows are counted from here.
        let counted = is_abutting.then_some((self.rest.len(), count));
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        if self.rest.is_empty() {
            return None;
        }
        let counted = match counted {
            Some((before, count)) => Some(count.checked_sub(before - self.rest.len())?),
            None => None,
        };
        let number = |reader: &mut Self| reader.number(counted);
        let (field, value) = match letter {
            Letter::Era => {
                let era = self.word(&LONG_ERAS).or_else(|| self.word(&ERAS));
                (Field::Era, era?)
            }
            Letter::Year => (Field::Year, self.year(count, counted)?),
            Letter::WeekYear => (Field::WeekYear, self.year(count, counted)?),
            Letter::Month if count > 2 => (Field::Month, self.name(&MONTHS)? + 1),
            Letter::Month => (Field::Month, number(self)?),
            Letter::WeekOfYear => (Field::WeekOfYear, number(self)?),
            Letter::WeekOfMonth => (Field::WeekOfMonth, number(self)?),
            Letter::DayOfYear => (Field::DayOfYear, number(self)?),
            Letter::DayOfMonth => (Field::DayOfMonth, number(self)?),
            Letter::WeekdayInMonth => (Field::WeekdayInMonth, number(self)?),
            Letter::Weekday => (Field::Weekday, self.name(&WEEKDAYS)? + 1),
            Letter::WeekdayNumber => (Field::Weekday, weekday_of_iso(number(self)?)),
            Letter::HalfOfDay => (Field::HalfOfDay, self.word(&HALVES)?),
            Letter::HourOfDay => (Field::HourOfDay, number(self)?),
            Letter::HourOfDayFrom1 => (Field::HourOfDay, zero_if(24, number(self)?)),
            Letter::HourOfHalf => (Field::HourOfHalf, number(self)?),
            Letter::HourOfHalfFrom1 => (Field::HourOfHalf, zero_if(12, number(self)?)),
            Letter::Minute => (Field::Minute, number(self)?),
            Letter::Second => (Field::Second, number(self)?),
            Letter::Milli => (Field::Milli, number(self)?),
            Letter::ZoneName | Letter::ZoneOffset => match self.zone()? {
                Some(offset) => (Field::Offset, offset),
                None => return Some(()),
            },
            Letter::IsoZone => (Field::Offset, self.iso_zone(count)?),
        };
        self.fields.set(field, value);
        Some(())
    }

    /// A number. Where its digits are counted, the text must have as many, and none behind them
    /// counts.
    fn number(&mut self, counted: Option<usize>) -> Option<i32> {
        let (available, behind) = match counted {
            Some(count) => self.rest.split_at_checked(units(self.rest, count)?)?,
            None => (self.rest, ""),
        };
        let (value, rest) = whole_number(available)?;
        let left = rest.len() + behind.len();
        self.rest = self.rest.get(self.rest.len() - left..)?;
        Some(value)
    }

    /// A year. Just two digits mean a year of the hundred that begin eighty years ago, unless there
    /// are more letters.
    fn year(&mut self, count: usize, counted: Option<usize>) -> Option<i32> {
        let before = self.rest;
        let value = self.number(counted)?;
        let read = before.strip_suffix(self.rest)?;
        let is_short =
            read.chars().count() == 2 && read.chars().all(|it| digit_value(it).is_some());
        if count > 2 || !is_short {
            return Some(value);
        }
        let first = calendar::Date::of_millis(self.century_start).year;
        let first = i32::try_from(first).ok()?;
        let (century, first) = (first.div_euclid(100) * 100, first.rem_euclid(100));
        self.has_ambiguous_year = value == first;
        Some(century + value + if value < first { 100 } else { 0 })
    }

    /// The place of a name in a list; it may be short.
    fn name(&mut self, names: &[&str]) -> Option<i32> {
        self.word(names).or_else(|| {
            let short = names.iter().map(|it| it.get(..SHORT_NAME).unwrap_or(it));
            self.place(short)
        })
    }

    /// The place of a word in a list.
    fn word(&mut self, words: &[&str]) -> Option<i32> {
        self.place(words.iter().copied())
    }

    fn place<'w>(&mut self, words: impl Iterator<Item = &'w str>) -> Option<i32> {
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

    /// A name, `GMT` with an optional `+h:mm`, or `+hhmm`. The name of the zone that formats have
    /// says nothing new: then there is no offset.
    fn zone(&mut self) -> Option<Option<i32>> {
        if self.take("GMT") {
            return match self.sign() {
                Some(sign) => self.offset(sign, OffsetForm::Colon).map(Some),
                None => Some(Some(0)),
            };
        }
        if let Some(sign) = self.sign() {
            return self.offset(sign, OffsetForm::Digits).map(Some);
        }
        if OWN_ZONE.iter().any(|name| self.take(name)) {
            return Some(None);
        }
        let found = ZONES.iter().find(|(name, _)| self.take(name));
        found.map(|(_, hours)| Some(hours * 60 * MILLIS_PER_MINUTE))
    }

    /// `Z`, or an offset of hours, with minutes if there are two letters or three.
    fn iso_zone(&mut self, count: usize) -> Option<i32> {
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

    fn sign(&mut self) -> Option<i32> {
        let sign = match self.rest.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.rest = self.rest.get(1..)?;
        Some(sign)
    }

    fn offset(&mut self, sign: i32, form: OffsetForm) -> Option<i32> {
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

    fn digit(&mut self) -> Option<i32> {
        let digit = self.rest.chars().next()?.to_digit(10)?;
        self.rest = self.rest.get(1..)?;
        i32::try_from(digit).ok()
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

/// A number whose greatest value stands for zero.
const fn zero_if(greatest: i32, number: i32) -> i32 {
    if number == greatest { 0 } else { number }
}

/// The length in bytes of so many UTF-16 units of a text; `None` when it has fewer.
fn units(text: &str, count: usize) -> Option<usize> {
    let mut left = count;
    for (place, char) in text.char_indices() {
        match left.checked_sub(char.len_utf16()) {
            // A text that is cut in the middle of a character ends before it.
            None => return Some(place),
            Some(after) => left = after,
        }
    }
    (left == 0).then_some(text.len())
}
