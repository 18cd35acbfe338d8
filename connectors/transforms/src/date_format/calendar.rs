//! The civil calendar: Gregorian, and Julian before its introduction.

pub(super) const MILLIS_PER_DAY: i64 = 86_400_000;

/// The first day of the Gregorian calendar, 1582-10-15, in days since 1970-01-01.
const GREGORIAN_START: i64 = -141_427;

/// Days from the first of March of year 0 to 1970-01-01, counted by each calendar.
const GREGORIAN_EPOCH: i64 = 719_468;
const JULIAN_EPOCH: i64 = 719_470;

/// Days of 400 Gregorian years, and of 4 Julian ones.
const GREGORIAN_CYCLE: i64 = 146_097;
const JULIAN_CYCLE: i64 = 1461;

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

    /// Years are counted from March on, so that the leap day is the last one.
    fn of_days(days: i64) -> Self {
        let (first_year, year_of_cycle, day_of_year) = if days >= GREGORIAN_START {
            let since_year_0 = days + GREGORIAN_EPOCH;
            let day = since_year_0.rem_euclid(GREGORIAN_CYCLE);
            let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
            let cycle = since_year_0.div_euclid(GREGORIAN_CYCLE);
            (
                cycle * 400,
                year,
                day - (year * 365 + year / 4 - year / 100),
            )
        } else {
            let since_year_0 = days + JULIAN_EPOCH;
            let day = since_year_0.rem_euclid(JULIAN_CYCLE);
            let year = (day - day / 1460) / 365;
            (
                since_year_0.div_euclid(JULIAN_CYCLE) * 4,
                year,
                day - year * 365,
            )
        };
        let from_march = (day_of_year * 5 + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            days,
            year: first_year + year_of_cycle + i64::from(month <= 2),
            month,
            day: day_of_year - (from_march * 153 + 2) / 5 + 1,
        }
    }

    /// From 0 for Sunday to 6.
    pub(super) fn weekday(&self) -> i64 {
        weekday(self.days)
    }

    pub(super) fn day_of_year(&self) -> i64 {
        self.days - days_of(self.year, 1, 1) + 1
    }

    /// The year that its week belongs to, and the number of the week: the first one has the first
    /// of January in it.
    pub(super) fn week(&self) -> (i64, i64) {
        if self.days >= first_week(self.year + 1) {
            return (self.year + 1, 1);
        }
        (self.year, (self.days - first_week(self.year)) / 7 + 1)
    }

    pub(super) fn week_of_month(&self) -> i64 {
        let first = on_or_before(days_of(self.year, self.month, 1), 0);
        (self.days - first) / 7 + 1
    }
}

fn weekday(days: i64) -> i64 {
    (days + 4).rem_euclid(7)
}

/// The first day of the first week of a year.
pub(super) fn first_week(year: i64) -> i64 {
    on_or_before(days_of(year, 1, 1), 0)
}

/// The last day up to a day that is this weekday.
pub(super) fn on_or_before(days: i64, wanted: i64) -> i64 {
    days - (weekday(days) - wanted).rem_euclid(7)
}

/// Days since 1970-01-01 of a date whose month and day may be out of range.
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let months = year * 12 + month - 1;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let (year, from_march) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (from_march * 153 + 2) / 5 + day - 1;
    let julian = year * 365 + year.div_euclid(4) + day_of_year;
    let gregorian = julian - year.div_euclid(100) + year.div_euclid(400) - GREGORIAN_EPOCH;
    if gregorian >= GREGORIAN_START {
        gregorian
    } else {
        julian - JULIAN_EPOCH
    }
}
