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
    let last_week_before_christ = days_of(0, 12, 26) * MILLIS_PER_DAY;
    check_written("YYYY ww", last_week_before_christ, "0000 01");
}

#[test]
fn two_digits_of_a_year_of_weeks_keep_its_sign() {
    for (year, text) in [
        (2000, "2000 00"),
        (0, "0 00"),
        (-1, "-1 -01"),
        (-100, "-100 -00"),
        (-101, "-101 -01"),
        (-2000, "-2000 -00"),
    ] {
        check_written("Y YY", days_of(year, 6, 1) * MILLIS_PER_DAY, text);
    }
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

#[test]
fn weekdays_that_are_none_carry_over_into_weeks() {
    let read = |text, iso| check_read("YYYY-ww-u", text, iso);
    read("2020-05-7", "2020-01-26T00:00:00.000");
    read("2020-05-8", "2020-02-03T00:00:00.000");
    read("2020-05-0", "2020-01-19T00:00:00.000");
    read("2020-05--3", "2020-01-23T00:00:00.000");
    read("2020-05-15", "2020-02-10T00:00:00.000");
    check_read("u", "8", "1970-01-04T00:00:00.000");
}

#[test]
fn years_of_weeks_count_unless_a_year_follows() {
    check_read("YYYY", "2020", "2019-12-29T00:00:00.000");
    check_read("YYYY-MM-dd", "2020-05-08", "2019-12-29T00:00:00.000");
    check_read("YYYY EEE", "2020 Mon", "2019-12-30T00:00:00.000");
    check_read("yyyy YYYY", "2020 2021", "2020-12-27T00:00:00.000");
    check_read("YYYY yyyy", "2020 2021", "2021-01-01T00:00:00.000");
    check_read("YYYY ww", "0 3", "0001-01-11T00:00:00.000");
    check_read("YYYY HH", "2020 -1", "2019-12-28T23:00:00.000");
    check_read("YYYY z KK", "2020 +0100 500", "2020-01-18T19:00:00.000");
}

#[test]
fn years_of_weeks_are_of_the_era_that_other_fields_say() {
    check_millis("G YYYY", "BC 2020", -125_882_208_000_000);
    check_millis("yyyy YYYY", "-5 2020", -125_882_208_000_000);
    check_millis("DD YYYY", "-800000 2020", -125_882_208_000_000);
    check_millis("HH YYYY", "-90000000 2020", -449_882_208_000_000);
    check_millis("G yyyy YYYY", "BC -5 2020", 1_577_577_600_000);
    check_millis("YYYY", "-5", -62_325_590_400_000);
    check_millis("G YYYY", "BC -5", -61_978_435_200_000);
    check_millis("G YYYY", "BC 0", -62_136_288_000_000);
}

#[test]
fn weeks_and_weekdays_alone_are_of_january_1970() {
    check_read("w", "10", "1970-03-01T00:00:00.000");
    check_read("W", "3", "1970-01-11T00:00:00.000");
    check_read("F", "2", "1970-01-11T00:00:00.000");
    check_read("E", "Mon", "1970-01-05T00:00:00.000");
    check_read("M E", "3 Mon", "1970-03-02T00:00:00.000");
    check_read("yyyy D M", "2020 40 3", "2020-02-09T00:00:00.000");
    check_read("d", "0", "1969-12-31T00:00:00.000");
}

#[test]
fn the_year_1582_is_of_both_calendars() {
    check_read("yyyy D", "1582 300", "1582-11-06T00:00:00.000");
    check_read("yyyy w E", "1582 42 Mon", "1582-10-25T00:00:00.000");
    check_read("M d yyyy", "10 10 1582", "1582-10-20T00:00:00.000");
    check_read("yyyy M W", "1582 10 3", "1582-10-24T00:00:00.000");
    check_read("yyyy M F E", "1582 10 -1 Mon", "1582-10-25T00:00:00.000");
    check_read("Y w", "1582 43", "1582-10-31T00:00:00.000");
}

#[track_caller]
fn check_millis(pattern: &str, text: &str, millis: i64) {
    assert_eq!(
        format(pattern).parse(text),
        Some(millis),
        "{text} as {pattern}"
    );
}

#[test]
fn numbers_that_are_too_large_come_out_as_others() {
    check_millis("yyyy", "9999999999", 7_603_816_050_904_096_768);
    check_millis("yyyy", "99999999999999999999", -6_019_000_092_841_406_464);
    check_millis("yyyy", "-99999999999999999999", 6_017_484_157_321_406_464);
    check_millis("YYYY", "2147483647", -6_019_000_093_065_600_000);
    check_millis("HH", "9999999999", 5_076_235_465_200_000);
    check_millis("W", "999999999", -137_370_349_094_400_000);
    check_millis("yyyy ww", "2020 999999999", 604_801_576_368_000_000);
    check_millis("MM", "2147483647", 5_647_336_528_060_800_000);
    check_millis("y MM", "2147483647 2147483647", -6_781_807_455_770_545_152);
}

#[test]
fn numbers_may_have_digits_of_any_script_and_exponents() {
    check_read("yy", "\u{661}\u{662}", "2012-01-01T00:00:00.000");
    check_read(
        "yyyyMM",
        "\u{661}\u{662}\u{663}\u{664}5",
        "1234-05-01T00:00:00.000",
    );
    check_read("yyyy", "2E3", "2000-01-01T00:00:00.000");
    check_read("yyyy", "+7", None);
}

#[test]
fn eras_have_long_names_too() {
    check_millis("y G", "5 Before Christ", -62_293_622_400_000);
    check_millis("y G", "-3 BC", -62_041_161_600_000);
    check_millis("G", "Anno Domini", 0);
}
