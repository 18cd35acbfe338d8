//! Civil dates in UTC: the Gregorian calendar, and the Julian one before its introduction.

/// Milliseconds of a day.
pub const MILLIS_PER_DAY: i64 = 86_400_000;

/// The first day of the Gregorian calendar, counted from 1970: 1582-10-15.
pub const GREGORIAN_START: i64 = -141_427;

/// The year in which the Gregorian calendar starts.
pub const GREGORIAN_YEAR: i32 = 1582;

/// What the days of a year are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    /// Every fourth year has a leap day.
    Julian,
    /// Of the years that begin a century only every fourth has one.
    Gregorian,
}

impl Calendar {
    /// Days since 1970-01-01 of a date whose month and day may be out of range.
    #[must_use]
    pub const fn days_of(self, year: i64, month: i64, day: i64) -> i64 {
        let months = year * 12 + month - 1;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
        let julian = 365 * shifted_year + shifted_year.div_euclid(4) + day_of_year;
        match self {
            Self::Julian => julian - 719_470,
            Self::Gregorian => {
                julian - shifted_year.div_euclid(100) + shifted_year.div_euclid(400) - 719_468
            }
        }
    }
}

/// Fields of a moment. When read from a text they may be out of range, and carry over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Civil {
    /// Year of its era: the years before 1 AD count backwards from 1.
    pub(super) year: i64,
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) milli: u16,
}

impl Civil {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "remainders of positive divisors are small and not negative"
    )]
    pub(super) fn from_millis(millis: i64) -> Self {
        let days = millis.div_euclid(MILLIS_PER_DAY);
        let of_day = millis.rem_euclid(MILLIS_PER_DAY);
        let (year, month, day) = date_of(days);
        Self {
            year: if year > 0 { year } else { 1 - year },
            month,
            day,
            hour: (of_day / 3_600_000) as u8,
            minute: (of_day / 60_000 % 60) as u8,
            second: (of_day / 1000 % 60) as u8,
            milli: (of_day % 1000) as u16,
        }
    }
}

/// Day of the week, 0 is Sunday.
pub(super) fn weekday(millis: i64) -> usize {
    let days = millis.div_euclid(MILLIS_PER_DAY);
    usize::try_from((days + 4).rem_euclid(7)).expect("a remainder of 7 is not negative")
}

/// Year, month and day of a number of days since 1970-01-01. The year before 1 AD is 0.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "months and days are small and positive"
)]
pub fn date_of(days: i64) -> (i64, u8, u8) {
    // Counts from the first of March of year 0, so that the leap day ends a year.
    let (cycle_years, day_of_cycle, year_of_cycle) = if days >= GREGORIAN_START {
        let days = days + 719_468;
        let day = days.rem_euclid(146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        (
            days.div_euclid(146_097) * 400,
            day - (365 * year + year / 4 - year / 100),
            year,
        )
    } else {
        let days = days + 719_470;
        let day = days.rem_euclid(1461);
        let year = (day - day / 1460) / 365;
        (days.div_euclid(1461) * 4, day - 365 * year, year)
    };
    let shifted_month = (5 * day_of_cycle + 2) / 153;
    let day = day_of_cycle - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = cycle_years + year_of_cycle + i64::from(month <= 2);
    (year, month as u8, day as u8)
}

/// Days since 1970-01-01 of a date whose month and day may be out of range.
#[must_use]
pub const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let gregorian = Calendar::Gregorian.days_of(year, month, day);
    if gregorian >= GREGORIAN_START {
        gregorian
    } else {
        Calendar::Julian.days_of(year, month, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_inverse() {
        for days in (-800_000..800_000).step_by(7) {
            let (year, month, day) = date_of(days);

            assert_eq!(
                days_of(year, month.into(), day.into()),
                days,
                "{year}-{month}-{day}"
            );
        }
    }

    #[test]
    fn the_gregorian_calendar_starts_in_october_1582() {
        assert_eq!(date_of(GREGORIAN_START), (1582, 10, 15));
        assert_eq!(date_of(GREGORIAN_START - 1), (1582, 10, 4));
    }

    #[test]
    fn fields_out_of_range_carry_over() {
        assert_eq!(days_of(2019, 2, 30), days_of(2019, 3, 2));
        assert_eq!(days_of(2019, 14, 1), days_of(2020, 2, 1));
    }
}
