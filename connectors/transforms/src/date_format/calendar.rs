//! Days, weeks and weekdays of the civil calendar, as date patterns name them.

pub(super) use connect_core::data::date::{
    Calendar, GREGORIAN_START, GREGORIAN_YEAR, MILLIS_PER_DAY, date_of, days_of,
};

const SUNDAY: i32 = 1;

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    /// Days since 1970-01-01.
    pub(super) days: i64,
    /// The year before 1 AD is 0.
    pub(super) year: i64,
    /// From 1 to 12.
    pub(super) month: i64,
    /// From 1 to 31.
    pub(super) day: i64,
}

impl Date {
    pub(super) fn of_millis(millis: i64) -> Self {
        Self::of_days(millis.div_euclid(MILLIS_PER_DAY))
    }

    fn of_days(days: i64) -> Self {
        let (year, month, day) = date_of(days);
        Self {
            days,
            year,
            month: month.into(),
            day: day.into(),
        }
    }

    /// From 0 for Sunday to 6.
    pub(super) fn weekday(&self) -> i64 {
        weekday(self.days)
    }

    pub(super) fn day_of_year(&self) -> i64 {
        self.days - days_of(self.year, 1, 1) + 1
    }

    /// The year that its week belongs to. The reference takes the next year of one before Christ for
    /// that many years after.
    pub(super) fn week_year(&self) -> i64 {
        let next = match self.year > 0 {
            true => self.year + 1,
            false => -self.year,
        };
        let left = days_of(self.year + 1, 1, 1) - self.days;
        self.year + i64::from(left <= weekday(days_of(next, 1, 1)))
    }

    /// The number of its week: the first one has the first of January in it.
    pub(super) fn week_of_year(&self) -> i64 {
        if self.days >= first_week(self.year + 1) {
            return 1;
        }
        (self.days - first_week(self.year)) / 7 + 1
    }

    pub(super) fn week_of_month(&self) -> i64 {
        let first = on_or_before(days_of(self.year, self.month, 1), SUNDAY);
        (self.days - first) / 7 + 1
    }
}

fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

/// The first day of the first week of a year.
fn first_week(year: i64) -> i64 {
    on_or_before(days_of(year, 1, 1), SUNDAY)
}

/// The last day up to a day that is this weekday, from 1 for Sunday; others carry over.
pub(super) fn on_or_before(days: i64, wanted: i32) -> i64 {
    days - (weekday(days) - i64::from(wanted.wrapping_sub(SUNDAY))).rem_euclid(7)
}

/// How many days a month has.
pub(super) fn days_of_month(year: i64, month: i64) -> i32 {
    let calendar = match year >= GREGORIAN_YEAR.into() {
        true => Calendar::Gregorian,
        false => Calendar::Julian,
    };
    let days = calendar.days_of(year, month + 1, 1) - calendar.days_of(year, month, 1);
    i32::try_from(days).expect("a month has at most 31 days")
}
