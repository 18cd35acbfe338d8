//! What was read of a date, and the moment that it means.
//!
//! Texts may say the same thing in several ways, as in a weekday beside a day of the month. The way
//! that was completed last counts.

use super::calendar::{MILLIS_PER_DAY, days_of, first_week, on_or_before};

/// A field of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Era,
    Year,
    WeekYear,
    Month,
    WeekOfYear,
    WeekOfMonth,
    DayOfYear,
    DayOfMonth,
    WeekdayInMonth,
    /// From 0 for Sunday.
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
pub(super) struct Fields(Vec<(Field, i64)>);

/// How late a field was read; `None` if it was not.
type Rank = Option<usize>;

impl Fields {
    pub(super) fn set(&mut self, field: Field, value: i64) {
        self.0.retain(|(it, _)| *it != field);
        self.0.push((field, value));
    }

    /// Milliseconds since 1970-01-01.
    pub(super) fn millis(&self) -> i64 {
        self.days() * MILLIS_PER_DAY + self.of_day() - self.get(Field::Offset).unwrap_or(0)
    }

    fn get(&self, field: Field) -> Option<i64> {
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

    fn of_day(&self) -> i64 {
        let by_half = self.rank_of_both(Field::HourOfHalf, Field::HalfOfDay);
        let by_day = self.rank(Field::HourOfDay);
        let hour = if by_day.is_some() && by_day > by_half {
            self.get(Field::HourOfDay).unwrap_or(0)
        } else {
            let half = self.get(Field::HalfOfDay).unwrap_or(0);
            self.get(Field::HourOfHalf).unwrap_or(0) + half * 12
        };
        let part = |field| self.get(field).unwrap_or(0);
        ((hour * 60 + part(Field::Minute)) * 60 + part(Field::Second)) * 1000 + part(Field::Milli)
    }

    fn days(&self) -> i64 {
        if let Some(week_year) = self.get(Field::WeekYear)
            && self.rank(Field::WeekYear) > self.rank(Field::Year)
        {
            let week = self.get(Field::WeekOfYear).unwrap_or(1);
            let weekday = self.get(Field::Weekday).unwrap_or(0);
            return first_week(week_year) + (week - 1) * 7 + weekday;
        }
        let year = self.year();
        let first_of_month = days_of(year, self.get(Field::Month).unwrap_or(1), 1);
        match self.deciding() {
            Field::WeekOfMonth => {
                let week = self.get(Field::WeekOfMonth).unwrap_or(1);
                self.weekday_from(on_or_before(first_of_month, 0)) + (week - 1) * 7
            }
            Field::WeekdayInMonth => self.nth_weekday(first_of_month),
            Field::DayOfYear => days_of(year, 1, 1) + self.get(Field::DayOfYear).unwrap_or(1) - 1,
            Field::WeekOfYear => {
                let week = self.get(Field::WeekOfYear).unwrap_or(1);
                self.weekday_from(first_week(year)) + (week - 1) * 7
            }
            _ => first_of_month + self.get(Field::DayOfMonth).unwrap_or(1) - 1,
        }
    }

    fn year(&self) -> i64 {
        let year = self.get(Field::Year).unwrap_or(1970);
        match self.get(Field::Era) {
            Some(0) => 1 - year,
            _ => year,
        }
    }

    /// The field that says which day it is.
    fn deciding(&self) -> Field {
        let weekday = Field::Weekday;
        let complete = [
            (self.rank(Field::DayOfMonth), Field::DayOfMonth),
            (
                self.rank_of_both(Field::WeekOfMonth, weekday),
                Field::WeekOfMonth,
            ),
            (
                self.rank_of_both(Field::WeekdayInMonth, weekday),
                Field::WeekdayInMonth,
            ),
            (self.rank(Field::DayOfYear), Field::DayOfYear),
            (
                self.rank_of_both(Field::WeekOfYear, weekday),
                Field::WeekOfYear,
            ),
        ];
        let alone = [
            (self.rank(Field::WeekOfMonth), Field::WeekOfMonth),
            (
                self.rank(Field::WeekdayInMonth).max(self.rank(weekday)),
                Field::WeekdayInMonth,
            ),
            (self.rank(Field::WeekOfYear), Field::WeekOfYear),
        ];
        self.latest(&complete)
            .or_else(|| self.latest(&alone))
            .unwrap_or(Field::DayOfMonth)
    }

    /// The field that was completed last; of several that a weekday completed, the later one.
    fn latest(&self, ways: &[(Rank, Field)]) -> Option<Field> {
        let read = ways.iter().filter(|(rank, _)| rank.is_some());
        let last = read.max_by_key(|(rank, field)| (*rank, self.rank(*field)));
        last.map(|(_, field)| *field)
    }

    /// The weekday that was read in a week that starts on a Sunday.
    fn weekday_from(&self, sunday: i64) -> i64 {
        sunday + self.get(Field::Weekday).unwrap_or(0)
    }

    /// The first, second or a later day of the month that is some weekday; negative numbers count
    /// from the end of the month.
    fn nth_weekday(&self, first_of_month: i64) -> i64 {
        let weekday = self.get(Field::Weekday).unwrap_or(0);
        let number = self.get(Field::WeekdayInMonth).unwrap_or(1);
        if number >= 0 {
            return on_or_before(first_of_month + number * 7 - 1, weekday);
        }
        let next_month = days_of(self.year(), self.get(Field::Month).unwrap_or(1) + 1, 1);
        on_or_before(next_month + (number + 1) * 7 - 1, weekday)
    }
}
