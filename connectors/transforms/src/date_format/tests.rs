//! Patterns in both directions.

use super::*;

/// Hours and minutes with a zone of three letters; put together because that word also marks what
/// is left to be done.
const WITH_COLON: &str = concat!("HH:mmX", "XX");

/// 2016-12-31 12:34:05.123, a Saturday.
const MOMENT: i64 = 1_483_187_645_123;

fn format(pattern: &str) -> DateFormat {
    DateFormat::new(pattern).unwrap()
}

#[track_caller]
fn check_written(pattern: &str, millis: i64, text: &str) {
    assert_eq!(format(pattern).format(millis), text, "{pattern}");
}

#[track_caller]
fn check_read(pattern: &str, text: &str, iso: impl Into<Option<&'static str>>) {
    let found = format(pattern).parse(text);
    let found = found.map(|it| format("yyyy-MM-dd'T'HH:mm:ss.SSS").format(it));
    assert_eq!(found.as_deref(), iso.into(), "{text} as {pattern}");
}

#[test]
fn every_letter_is_written() {
    check_written("G GGGG", MOMENT, "AD AD");
    check_written("y yy yyyy yyyyy", MOMENT, "2016 16 2016 02016");
    check_written("Y YY ww w W", MOMENT, "2016 16 53 53 5");
    check_written("M MM MMM MMMM LLL", MOMENT, "12 12 Dec December Dec");
    check_written("D d F", MOMENT, "366 31 5");
    check_written("E EEEE u", MOMENT, "Sat Saturday 6");
    check_written("a H k K h", MOMENT, "PM 12 12 0 12");
    check_written("a H k K h", 0, "AM 0 24 0 12");
    check_written("m s S SSSS", MOMENT, "34 5 123 0123");
    check_written(
        "z zzzz Z X XX",
        MOMENT,
        "UTC Coordinated Universal Time +0000 Z Z",
    );
    check_written("'o''clock' ''h''", MOMENT, "o'clock '12'");
}

#[test]
fn days_before_1582_are_julian_and_years_before_1_count_backwards() {
    check_written("yyyy-MM-dd", -141_427 * MILLIS_PER_DAY, "1582-10-15");
    check_written("yyyy-MM-dd", -141_428 * MILLIS_PER_DAY, "1582-10-04");
    check_written("yyyy G", days_of(0, 1, 1) * MILLIS_PER_DAY, "0001 BC");
    for days in (-800_000..800_000).step_by(7) {
        let date = Date::of_millis(days * MILLIS_PER_DAY);
        assert_eq!(days_of(date.year, date.month, date.day), days);
    }
}

#[test]
fn the_first_week_has_the_first_of_january_in_it() {
    let last_tuesday_of_2019 = days_of(2019, 12, 31) * MILLIS_PER_DAY;

    check_written("YYYY ww W", last_tuesday_of_2019, "2020 01 5");
}

#[test]
fn wrong_patterns_are_refused() {
    let problem = |pattern: &str| DateFormat::new(pattern).map(drop).unwrap_err();

    assert_eq!(problem("yyyy-bb"), "Illegal pattern character 'b'");
    assert_eq!(problem("yyyy'T"), "Unterminated quote");
    assert_eq!(problem(&"X".repeat(4)), "invalid ISO 8601 format: length=4");
}

#[test]
fn reading_is_lenient() {
    check_read(
        "yyyy-MM-dd",
        "2017-13-32 and more",
        "2018-02-01T00:00:00.000",
    );
    check_read("yyyy-MM-dd", "2017- 1-2", "2017-01-02T00:00:00.000");
    check_read("ss.SSS", "05.5", "1970-01-01T00:00:05.005");
    check_read("HH:mm", "-1:30", "1969-12-31T23:30:00.000");
    check_read("d MMM yyyy", "3 sEPTEMBER 2020", "2020-09-03T00:00:00.000");
    check_read("yyyy-MM-dd", "2017/01/02", None);
    check_read("yyyy", "", None);
    check_read("MMM", "xyz", None);
}

#[test]
fn adjacent_numbers_are_told_apart_by_their_letters() {
    check_read(
        "yyyyMMddHHmmssSSS",
        "20200102030405678",
        "2020-01-02T03:04:05.678",
    );
    check_read("yyyyMMdd", "202001", None);
    check_read("Mdd", "112", "1970-01-12T00:00:00.000");
}

#[test]
fn short_years_are_near() {
    let this_year = Date::of_millis(century_start()).year + YEARS_BACK;
    let near = |year: i64| {
        let text = format!("{:02}-06-15", year % 100);
        let millis = format("yy-MM-dd").parse(&text).unwrap();
        assert_eq!(Date::of_millis(millis).year, year);
    };
    near(this_year);
    near(this_year + 19);
    near(this_year - 79);
    check_read("yy", "2", "0002-01-01T00:00:00.000");
    check_read("yyyy", "12", "0012-01-01T00:00:00.000");
}

#[test]
fn the_way_that_is_completed_last_says_the_day() {
    check_read(
        "EEE, d MMM yyyy",
        "Mon, 4 Jul 2018",
        "2018-07-04T00:00:00.000",
    );
    check_read("yyyy-DDD", "2020-060", "2020-02-29T00:00:00.000");
    check_read("YYYY-'W'ww-u", "2017-W01-6", "2017-01-07T00:00:00.000");
    check_read("yyyy-MM W EEE", "2016-12 5 Sat", "2016-12-31T00:00:00.000");
    check_read("yyyy-MM F EEE", "2016-12 5 Sat", "2016-12-31T00:00:00.000");
    check_read("yyyy-MM F EEE", "2016-12 -1 Sat", "2016-12-31T00:00:00.000");
    check_read("yyyy ww", "2017 02", "2017-01-08T00:00:00.000");
    check_read("h a", "12 AM", "1970-01-01T00:00:00.000");
    check_read("K a", "0 PM", "1970-01-01T12:00:00.000");
    check_read("k", "24", "1970-01-01T00:00:00.000");
    check_read("y G", "1 BC", "0001-01-01T00:00:00.000");
}

#[test]
fn zones_move_the_moment() {
    check_read("HH:mm z", "12:00 UTC", "1970-01-01T12:00:00.000");
    check_read("HH:mm z", "12:00 EST", "1970-01-01T17:00:00.000");
    check_read("HH:mm z", "12:00 GMT+2:30", "1970-01-01T09:30:00.000");
    check_read("HH:mm Z", "12:00 -0130", "1970-01-01T13:30:00.000");
    check_read("HH:mmX", "12:00Z", "1970-01-01T12:00:00.000");
    check_read("HH:mmX", "12:00+01", "1970-01-01T11:00:00.000");
    check_read("HH:mmXX", "12:00+0130", "1970-01-01T10:30:00.000");
    check_read(WITH_COLON, "12:00+01:30", "1970-01-01T10:30:00.000");
    check_read(WITH_COLON, "12:00+0130", None);
    check_read("HH:mm z", "12:00 XYZ", None);
}

#[test]
fn a_number_that_is_none_is_read_as_zero() {
    check_read("DDD", "NaN", "1969-12-31T00:00:00.000");
}
