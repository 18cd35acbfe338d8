//! Patterns of Java's `SimpleDateFormat`: English names, weeks that start on Sunday, all in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use self::calendar::{Date, MILLIS_PER_DAY, days_of};

mod calendar;
mod fields;
mod parse;
mod write;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const HALVES: [&str; 2] = ["AM", "PM"];
const ERAS: [&str; 2] = ["BC", "AD"];

/// How many letters short names of months and weekdays have.
const SHORT_NAME: usize = 3;

/// How far the years with two digits reach back; they end a hundred years later.
const YEARS_BACK: i64 = 80;

/// A pattern, ready to write and read moments.
#[derive(Debug)]
pub(crate) struct DateFormat {
    items: Vec<Item>,
    /// Years with two digits mean moments from here on.
    century_start: i64,
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// A character that stands for itself.
    Literal(char),
    /// A letter, and how often it is repeated.
    Field(Letter, usize),
}

/// What the letters of a pattern stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Era,
    Year,
    WeekYear,
    Month,
    WeekOfYear,
    WeekOfMonth,
    DayOfYear,
    DayOfMonth,
    WeekdayInMonth,
    /// By name.
    Weekday,
    /// From 1 for Monday to 7 for Sunday.
    WeekdayNumber,
    HalfOfDay,
    /// From 0 to 23.
    HourOfDay,
    /// From 1 to 24.
    HourOfDayFrom1,
    /// From 0 to 11.
    HourOfHalf,
    /// From 1 to 12.
    HourOfHalfFrom1,
    Minute,
    Second,
    Milli,
    /// By name, or as an offset.
    ZoneName,
    /// As `+0100`.
    ZoneOffset,
    /// As `Z`, `+01`, `+0100` or `+01:00`.
    IsoZone,
}

impl Letter {
    fn from_char(letter: char) -> Option<Self> {
        Some(match letter {
            'G' => Self::Era,
            'y' => Self::Year,
            'Y' => Self::WeekYear,
            'M' | 'L' => Self::Month,
            'w' => Self::WeekOfYear,
            'W' => Self::WeekOfMonth,
            'D' => Self::DayOfYear,
            'd' => Self::DayOfMonth,
            'F' => Self::WeekdayInMonth,
            'E' => Self::Weekday,
            'u' => Self::WeekdayNumber,
            'a' => Self::HalfOfDay,
            'H' => Self::HourOfDay,
            'k' => Self::HourOfDayFrom1,
            'K' => Self::HourOfHalf,
            'h' => Self::HourOfHalfFrom1,
            'm' => Self::Minute,
            's' => Self::Second,
            'S' => Self::Milli,
            'z' => Self::ZoneName,
            'Z' => Self::ZoneOffset,
            'X' => Self::IsoZone,
            _ => return None,
        })
    }
}

impl DateFormat {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        Ok(Self {
            items: items(pattern)?,
            century_start: century_start(),
        })
    }
}

fn items(pattern: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut chars = pattern.chars().peekable();
    let mut is_quoted = false;
    while let Some(char) = chars.next() {
        match char {
            '\'' if chars.next_if_eq(&'\'').is_some() => items.push(Item::Literal('\'')),
            '\'' => is_quoted = !is_quoted,
            letter if letter.is_ascii_alphabetic() && !is_quoted => {
                let field = Letter::from_char(letter)
                    .ok_or_else(|| format!("Illegal pattern character '{letter}'"))?;
                let mut count = 1;
                while chars.next_if_eq(&letter).is_some() {
                    count += 1;
                }
                if field == Letter::IsoZone && count > 3 {
                    return Err(format!("invalid ISO 8601 format: length={count}"));
                }
                items.push(Item::Field(field, count));
            }
            other => items.push(Item::Literal(other)),
        }
    }
    match is_quoted {
        true => Err("Unterminated quote".to_owned()),
        false => Ok(items),
    }
}

fn century_start() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |it| i64::try_from(it.as_millis()).unwrap_or(i64::MAX));
    let Date {
        year, month, day, ..
    } = Date::of_millis(now);
    days_of(year - YEARS_BACK, month, day) * MILLIS_PER_DAY + now.rem_euclid(MILLIS_PER_DAY)
}

#[cfg(test)]
mod tests;
