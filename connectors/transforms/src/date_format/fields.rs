//! What was read of a date, and the moment that it means.
//!
//! Texts may say the same thing in several ways, as in a weekday beside a day of the month. The way
//! that was completed last counts. Numbers have 32 bits, as in Java, and overflow as they do there.

use super::calendar::{
    Calendar, GREGORIAN_START, GREGORIAN_YEAR, MILLIS_PER_DAY, date_of, days_of_month, on_or_before,
};

/// A field of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    Year,
    WeekYear,
    /// From 1 for January.
    Month,
    WeekOfYear,
    WeekOfMonth,
    DayOfYear,
    DayOfMonth,
    WeekdayInMonth,
    /// From 1 for Sunday.
    Weekday,
    HalfOfDay,
    HourOfDay,
    HourOfHalf,
    Minute,
    Second,
    Milli,
    /// Milliseconds ahead of UTC.
    Offset,
}

/// Fields in the order in which they were read. They may be out of range, and carry over.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(Field, i32)>);

/// How late a field was read; `None` if it was not.
type Rank = Option<usize>;

/// What says which day it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    DayOfMonth,
    WeekOfMonth,
    WeekdayInMonth,
    DayOfYear,
    WeekOfYear,
}

const SUNDAY: i32 = 1;

impl Fields {
    pub(super) fn set(&mut self, field: Field, value: i32) {
        self.0.retain(|(it, _)| *it != field);
        self.0.push((field, value));
    }

    /// Moves what was read as a year by some years.
    pub(super) fn add_years(&mut self, years: i32) {
        for (field, value) in &mut self.0 {
            if matches!(field, Field::Year | Field::WeekYear) {
                *value = value.wrapping_add(years);
            }
        }
    }

    /// Milliseconds since 1970-01-01.
    pub(super) fn millis(&self) -> i64 {
        let time = self.time();
        let (more_days, time) = (
            time.div_euclid(MILLIS_PER_DAY),
            time.rem_euclid(MILLIS_PER_DAY),
        );
        let days = match self.get(Field::WeekYear) {
            Some(year) if self.rank(Field::WeekYear) > self.rank(Field::Year) => {
                // The era is that of the date which all the other fields say.
                let other = self.day(more_days).wrapping_mul(MILLIS_PER_DAY);
                let other = other.wrapping_add(time).div_euclid(MILLIS_PER_DAY);
                let is_before_christ = date_of(other).0 <= 0;
                self.in_week_year(year, is_before_christ).day(more_days)
            }
            _ => self.day(more_days),
        };
        let offset = self.get(Field::Offset).unwrap_or(0);
        let moment = days.wrapping_mul(MILLIS_PER_DAY).wrapping_add(time);
        moment.wrapping_sub(offset.into())
    }

    fn get(&self, field: Field) -> Option<i32> {
        let found = self.0.iter().find(|(it, _)| *it == field);
        found.map(|(_, value)| *value)
    }

    fn rank(&self, field: Field) -> Rank {
        self.0.iter().position(|(it, _)| *it == field)
    }

    /// The rank of two fields that only count together.
    fn rank_of_both(&self, one: Field, other: Field) -> Rank {
        Some(self.rank(one)?.max(self.rank(other)?))
    }

    /// Milliseconds since midnight, or more, or less.
    fn time(&self) -> i64 {
        let part = |field| i64::from(self.get(field).unwrap_or(0));
        let by_half = self.rank_of_both(Field::HourOfHalf, Field::HalfOfDay);
        let by_day = self.rank(Field::HourOfDay);
        let hour = match by_day.is_some() && by_day > by_half {
            true => part(Field::HourOfDay),
            false => part(Field::HourOfHalf) + part(Field::HalfOfDay) * 12,
        };
        ((hour * 60 + part(Field::Minute)) * 60 + part(Field::Second)) * 1000 + part(Field::Milli)
    }

    /// The date in a year of weeks. Numbers of weekdays that are none carry over into weeks, a day
    /// late.
    fn in_week_year(&self, year: i32, is_before_christ: bool) -> Self {
        let mut week = self.get(Field::WeekOfYear).unwrap_or(1);
        let mut weekday = self.get(Field::Weekday).unwrap_or(SUNDAY);
        if !(1..=7).contains(&weekday) {
            let from_zero = weekday.wrapping_sub(1);
            week = week.wrapping_add(from_zero.div_euclid(7));
            weekday = weekday_of_iso(from_zero.rem_euclid(7) + 1);
        }
        let start = Self(vec![
            (Field::Era, i32::from(!is_before_christ)),
            (Field::Year, year),
            (Field::WeekOfYear, 1),
            (Field::Weekday, SUNDAY),
        ]);
        let weeks = week.wrapping_sub(1).wrapping_mul(7);
        let days = i64::from(weeks.wrapping_add(weekday - SUNDAY));
        // Dates that are too far away come out as others.
        let start = start.day(0).wrapping_mul(MILLIS_PER_DAY);
        let moment = start.wrapping_add(days.wrapping_mul(MILLIS_PER_DAY));
        let (year, month, day) = date_of(moment.div_euclid(MILLIS_PER_DAY));
        let year = i32::try_from(year).expect("milliseconds of 64 bits are in years of 32 bits");
        Self(vec![
            (Field::Year, year),
            (Field::Month, month.into()),
            (Field::DayOfMonth, day.into()),
        ])
    }

    /// Days since 1970-01-01, and some more. What is counted from the start of 1582, or is before
    /// the Gregorian calendar, is of the Julian one.
    fn day(&self, more: i64) -> i64 {
        let year = self.year();
        let way = self.way();
        let is_of_year = matches!(way, Way::DayOfYear | Way::WeekOfYear);
        if year > GREGORIAN_YEAR || year == GREGORIAN_YEAR && !is_of_year {
            let day = self.day_in(Calendar::Gregorian, year, way) + more;
            if day >= GREGORIAN_START {
                return day;
            }
        }
        self.day_in(Calendar::Julian, year, way) + more
    }

    fn year(&self) -> i32 {
        let year = self.get(Field::Year).unwrap_or(1970);
        match self.get(Field::Era) {
            Some(0) => 1_i32.wrapping_sub(year),
            _ => year,
        }
    }

    fn day_in(&self, calendar: Calendar, year: i32, way: Way) -> i64 {
        let month = match way {
            Way::DayOfYear | Way::WeekOfYear => 0,
            _ => self.get(Field::Month).unwrap_or(1).wrapping_sub(1),
        };
        let year = i64::from(year.wrapping_add(month.div_euclid(12)));
        let month = i64::from(month.rem_euclid(12)) + 1;
        let first = calendar.days_of(year, month, 1);
        let number = |field| self.get(field).unwrap_or(1);
        match way {
            Way::DayOfMonth => first + i64::from(number(Field::DayOfMonth)) - 1,
            Way::DayOfYear => first + i64::from(number(Field::DayOfYear)) - 1,
            Way::WeekOfMonth => {
                let weeks = number(Field::WeekOfMonth).wrapping_sub(1);
                self.in_week_of(first) + i64::from(weeks.wrapping_mul(7))
            }
            Way::WeekOfYear => {
                self.in_week_of(first) + (i64::from(number(Field::WeekOfYear)) - 1) * 7
            }
            Way::WeekdayInMonth => {
                let last = match number(Field::WeekdayInMonth) {
                    number @ 0.. => number.wrapping_mul(7),
                    // Counts from the end of the month.
                    number => (number.wrapping_add(1).wrapping_mul(7))
                        .wrapping_add(days_of_month(year, month)),
                };
                let weekday = self.get(Field::Weekday).unwrap_or(SUNDAY);
                on_or_before(first + i64::from(last) - 1, weekday)
            }
        }
    }

    /// The weekday that was read, or Sunday, in the week that a day is in.
    fn in_week_of(&self, day: i64) -> i64 {
        let sunday = on_or_before(day, SUNDAY);
        let weekday = self.get(Field::Weekday);
        weekday.map_or(sunday, |it| on_or_before(sunday + 6, it))
    }

    /// What was completed last. A week or a weekday alone counts only when nothing is complete.
    fn way(&self) -> Way {
        let weekday = self.rank(Field::Weekday);
        let with_weekday = |field| self.rank_of_both(field, Field::Weekday);
        let complete = [
            (Way::DayOfMonth, self.rank(Field::DayOfMonth)),
            (Way::WeekOfMonth, with_weekday(Field::WeekOfMonth)),
            (Way::WeekdayInMonth, with_weekday(Field::WeekdayInMonth)),
            (Way::DayOfYear, self.rank(Field::DayOfYear)),
            (Way::WeekOfYear, with_weekday(Field::WeekOfYear)),
        ];
        let alone = [
            (Way::WeekOfMonth, self.rank(Field::WeekOfMonth)),
            (
                Way::WeekdayInMonth,
                self.rank(Field::WeekdayInMonth).max(weekday),
            ),
            (Way::WeekOfYear, self.rank(Field::WeekOfYear)),
        ];
        let found = self.latest(&complete).or_else(|| self.latest(&alone));
        found.unwrap_or(Way::DayOfMonth)
    }

    /// The way that was completed last. Several that the same weekday completed are told apart by
    /// when their weeks were read.
    fn latest(&self, ways: &[(Way, Rank)]) -> Option<Way> {
        let last = ways.iter().filter_map(|(_, rank)| *rank).max()?;
        let mut latest = ways.iter().filter(|(_, rank)| *rank == Some(last));
        let week = |way: Way| match way {
            Way::WeekOfMonth => self.rank(Field::WeekOfMonth),
            Way::WeekdayInMonth => self.rank(Field::WeekdayInMonth),
            Way::WeekOfYear => self.rank(Field::WeekOfYear),
            Way::DayOfMonth | Way::DayOfYear => None,
        };
        let (first, _) = *latest.next()?;
        let later = latest.map(|(way, _)| *way);
        Some(
            later.fold(first, |known, way| match week(way) > week(known) {
                true => way,
                false => known,
            }),
        )
    }
}

/// The day of a week that begins with Sunday, of a number that counts from Monday. Numbers that
/// are none stay as they are.
pub(super) fn weekday_of_iso(number: i32) -> i32 {
    match number {
        7 => SUNDAY,
        1..=6 => number + 1,
        other => other,
    }
}
