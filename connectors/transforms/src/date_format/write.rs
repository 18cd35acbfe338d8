//! Moments in the form of a pattern.

use std::fmt::{self, Write};

use connect_core::data::java_text::write_padded;

use super::calendar::{Date, MILLIS_PER_DAY};
use super::{DateFormat, ERAS, HALVES, Item, Letter, MONTHS, SHORT_NAME, WEEKDAYS};

/// Enough for most texts.
const ROOM: usize = 32;

impl DateFormat {
    /// The text of a moment, given in milliseconds since 1970-01-01.
    pub(crate) fn format(&self, millis: i64) -> String {
        let mut out = String::with_capacity(ROOM);
        let of_day = millis.rem_euclid(MILLIS_PER_DAY);
        let moment = Moment {
            date: Date::of_millis(millis),
            hour: of_day / 3_600_000,
            minute: of_day / 60_000 % 60,
            second: of_day / 1000 % 60,
            milli: of_day % 1000,
        };
        for item in &self.items {
            match *item {
                Item::Literal(char) => out.push(char),
                Item::Field(letter, count) => moment
                    .write(&mut out, letter, count)
                    .unwrap_or_else(|_| unreachable!("a string takes any text")),
            }
        }
        out
    }
}

struct Moment {
    date: Date,
    hour: i64,
    minute: i64,
    second: i64,
    milli: i64,
}

impl Moment {
    fn write(&self, out: &mut String, letter: Letter, count: usize) -> fmt::Result {
        let date = &self.date;
        let hour = self.hour;
        let number = match letter {
            Letter::Era => {
                return out.write_str(ERAS[usize::from(date.year > 0)]);
            }
            Letter::Year => return write_year(out, date.year, count),
            Letter::WeekYear => return write_week_year(out, date.week_year(), count),
            Letter::Month if count >= 3 => {
                return write_name(out, &MONTHS, date.month - 1, count);
            }
            Letter::Weekday => return write_name(out, &WEEKDAYS, date.weekday(), count),
            Letter::HalfOfDay => return out.write_str(HALVES[usize::from(hour >= 12)]),
            Letter::ZoneName if count >= 4 => return out.write_str("Coordinated Universal Time"),
            Letter::ZoneName => return out.write_str("UTC"),
            Letter::ZoneOffset => return out.write_str("+0000"),
            Letter::IsoZone => return out.write_str("Z"),
            Letter::Month => date.month,
            Letter::WeekOfYear => date.week_of_year(),
            Letter::WeekOfMonth => date.week_of_month(),
            Letter::DayOfYear => date.day_of_year(),
            Letter::DayOfMonth => date.day,
            Letter::WeekdayInMonth => (date.day - 1) / 7 + 1,
            Letter::WeekdayNumber => (date.weekday() + 6) % 7 + 1,
            Letter::HourOfDay => hour,
            Letter::HourOfDayFrom1 => (hour + 23) % 24 + 1,
            Letter::HourOfHalf => hour % 12,
            Letter::HourOfHalfFrom1 => (hour + 11) % 12 + 1,
            Letter::Minute => self.minute,
            Letter::Second => self.second,
            Letter::Milli => self.milli,
        };
        write_padded(out, number.unsigned_abs(), count)
    }
}

/// The year of its era; with two letters its last two digits.
fn write_year(out: &mut String, year: i64, count: usize) -> fmt::Result {
    let of_era = if year > 0 { year } else { 1 - year };
    let number = if count == 2 { of_era % 100 } else { of_era };
    write_padded(out, number.unsigned_abs(), count)
}

/// The year that a week belongs to, counted below zero and not in eras; with two letters its sign
/// and last two digits.
fn write_week_year(out: &mut String, year: i64, count: usize) -> fmt::Result {
    if year < 0 {
        out.write_char('-')?;
    }
    let number = year.unsigned_abs();
    write_padded(out, if count == 2 { number % 100 } else { number }, count)
}

fn write_name(out: &mut String, names: &[&str], index: i64, count: usize) -> fmt::Result {
    let name = usize::try_from(index).ok().and_then(|it| names.get(it));
    let name = name.copied().unwrap_or_default();
    out.write_str(match count {
        4.. => name,
        _ => name.get(..SHORT_NAME).unwrap_or(name),
    })
}
