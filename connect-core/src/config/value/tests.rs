//! Values as users write them: what is taken and what is said of the rest.

use std::fmt::Debug;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check<T: ConfigValue>(unit: Unit, text: &str, canonical: &str) {
    let value = T::parse_text(text, unit).unwrap();

    assert_eq!(value.to_text(unit).as_deref(), Some(canonical));
}

#[track_caller]
fn check_error<T: ConfigValue + Debug>(unit: Unit, text: &str, problem: &str) {
    let error = T::parse_text(text, unit).unwrap_err();

    assert_eq!(error.to_string(), problem, "{text}");
}

#[test]
fn whole_numbers_fit_their_type() {
    check::<i16>(Unit::None, "+5", "5");
    check::<u16>(Unit::None, "65535", "65535");
    check::<u64>(Unit::None, "9223372036854775807", "9223372036854775807");
    check_error::<i16>(Unit::None, "32768", "Not a number of type SHORT");
    check_error::<i32>(Unit::None, "1.0", "Not a number of type INT");
    check_error::<i64>(Unit::None, "10L", "Not a number of type LONG");
    check_error::<u16>(Unit::None, "65536", "Value must be no more than 65535");
    check_error::<u32>(Unit::None, "-1", "Value must be at least 0");
    check_error::<u16>(Unit::None, "", "Not a number of type INT");
}

#[test]
fn floating_numbers_are_those_of_java() {
    check::<f64>(Unit::None, "1e3", "1000.0");
    check::<f64>(Unit::None, ".5f", "0.5");
    check::<f64>(Unit::None, "-Infinity", "-Infinity");
    for text in ["inf", "1,5", "NaNf", "", "infinity", "e5"] {
        check_error::<f64>(Unit::None, text, "Not a number of type DOUBLE");
    }
}

#[test]
fn switches_are_true_or_false_in_any_case() {
    check::<bool>(Unit::None, "TRUE", "true");
    let problem = "Expected value to be either true or false";
    check_error::<bool>(Unit::None, "yes", problem);
}

#[test]
fn times_have_the_unit_of_their_key_or_one_of_their_own() {
    check::<Duration>(Unit::Millis, "1500", "1500");
    check::<Duration>(Unit::Millis, "5s", "5000");
    check::<Duration>(Unit::Seconds, "2m", "120");
    check::<Duration>(Unit::Seconds, "1500ms", "1500ms");
    check::<Duration>(Unit::None, "90 s", "90s");
    check::<Duration>(Unit::None, "120s", "2m");
    check::<Duration>(Unit::None, "0s", "0ms");
    let problem = "Expected a time such as 500ms, 5s, 2m or 1h";
    for text in [
        "5",
        "5 sec",
        "s",
        "-5s",
        "1.5s",
        "",
        "99999999999999999999d",
    ] {
        check_error::<Duration>(Unit::None, text, problem);
    }
    check_error::<Duration>(Unit::Millis, "abc", "Not a number of type LONG");
    check_error::<Duration>(Unit::Millis, "-1", "Value must be at least 0");
    let problem = "Not a number of type LONG";
    check_error::<Duration>(Unit::Millis, "2562050000000h", problem);
}

#[test]
fn sizes_have_the_unit_of_their_key_or_one_of_their_own() {
    check::<ByteSize>(Unit::Bytes, "2048", "2048");
    check::<ByteSize>(Unit::Bytes, "2KiB", "2048");
    check::<ByteSize>(Unit::None, "2048B", "2KiB");
    let problem = "Expected a size such as 512KiB or 1MiB";
    check_error::<ByteSize>(Unit::None, "2048", problem);
    check_error::<ByteSize>(Unit::Bytes, "1mb", "Not a number of type LONG");
}

#[test]
fn lists_keep_empty_elements() {
    check::<Vec<String>>(Unit::None, "a , b,,c", "a,b,,c");
    check::<Vec<String>>(Unit::None, "", "");
    assert_eq!(
        Vec::<u16>::parse_text("1, x", Unit::None).unwrap_err(),
        ValueError::new("Not a number of type INT").in_part("x")
    );
}

#[test]
fn only_an_option_may_be_absent() {
    assert_eq!(Option::<u16>::absent(), Some(None));
    assert_eq!(u16::absent(), None);
    assert_eq!(None::<u16>.to_text(Unit::None), None);
}

/// What was read is written as a text that is read as the same.
fn survives<T: ConfigValue>(text: &str) -> Result<(), TestCaseError> {
    for unit in [Unit::None, Unit::Millis, Unit::Seconds, Unit::Bytes] {
        let Ok(value) = T::parse_text(text, unit) else {
            continue;
        };
        let written = value.to_text(unit);
        let read = written.as_deref().map(|it| T::parse_text(it, unit));
        let again = read.and_then(Result::ok).and_then(|it| it.to_text(unit));
        prop_assert_eq!(again, written, "{:?}", unit);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        survives::<bool>(&text)?;
        survives::<u16>(&text)?;
        survives::<i64>(&text)?;
        survives::<f64>(&text)?;
        survives::<Duration>(&text)?;
        survives::<ByteSize>(&text)?;
        survives::<Option<String>>(&text)?;
        survives::<Regex>(&text)?;
        survives::<SocketAddr>(&text)?;
    }

    #[test]
    fn numbers_with_and_without_units_survive(text in "[-+]?[0-9]{1,20}(\\.[0-9]+)? ?(ns|us|ms|s|m|h|d|B|KiB|MiB|TiB|f|e5)?") {
        survives::<i16>(&text)?;
        survives::<u64>(&text)?;
        survives::<f64>(&text)?;
        survives::<Duration>(&text)?;
        survives::<ByteSize>(&text)?;
        survives::<Vec<u16>>(&text)?;
    }
}

#[cfg(feature = "url")]
#[test]
fn addresses_of_pages_are_parsed_and_written_again() {
    use crate::config::Url;

    check::<Url>(
        Unit::None,
        "https://example.org/in?a=b",
        "https://example.org/in?a=b",
    );
    check_error::<Url>(
        Unit::None,
        "example",
        "Invalid URL: relative URL without a base",
    );
}
