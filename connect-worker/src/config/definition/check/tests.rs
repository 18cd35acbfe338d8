//! What each rule accepts, and what it says of the rest.

use super::*;

#[track_caller]
fn check(check: Check, value: &Parsed, expected: Result<(), &str>) {
    assert_eq!(
        check.run("k", value),
        expected.map_err(str::to_owned),
        "{value:?}"
    );
}

fn text(text: &str) -> Parsed {
    Parsed::Text(text.to_owned())
}

fn list(elements: &[&str]) -> Parsed {
    Parsed::List(elements.iter().map(|it| (*it).to_owned()).collect())
}

#[test]
fn numbers_have_a_lower_bound() {
    let below = Err("Invalid value 0 for configuration k: Value must be at least 1");
    let null = Err("Invalid value null for configuration k: Value must be non-null");

    check(Check::AtLeast(1), &Parsed::Integer(1), Ok(()));
    check(Check::AtLeast(1), &Parsed::Integer(0), below);
    check(Check::AtLeast(1), &Parsed::Null, null);
    check(Check::NullOrAtLeast(1), &Parsed::Null, Ok(()));
    check(Check::NullOrAtLeast(1), &Parsed::Integer(0), below);
}

#[test]
fn words_are_compared_exactly_or_in_any_case() {
    let exact = Check::OneOf(&["none", "all"]);
    let any_case = Check::OneOfAnyCase(&["POLL", "INTERVAL"]);

    check(exact, &text("all"), Ok(()));
    check(
        exact,
        &text("ALL"),
        Err("Invalid value ALL for configuration k: String must be one of: none, all"),
    );
    check(
        exact,
        &Parsed::Null,
        Err("Invalid value null for configuration k: String must be one of: none, all"),
    );
    check(any_case, &text("poll"), Ok(()));
    check(
        any_case,
        &text("x"),
        Err(
            "Invalid value x for configuration k: String must be one of (case insensitive): \
             POLL, INTERVAL",
        ),
    );
}

#[test]
fn text_can_have_to_be_something() {
    let empty = Err("Invalid value  for configuration k: String must be non-empty");

    check(Check::NonEmpty, &text(""), empty);
    check(Check::NonEmpty, &text("x"), Ok(()));
    check(Check::NonEmpty, &Parsed::Null, Ok(()));
}

#[test]
fn aliases_are_unique() {
    check(Check::UniqueAliases, &list(&["a", "", "b"]), Ok(()));
    check(
        Check::UniqueAliases,
        &list(&["a", "", "a"]),
        Err("Invalid value [a, , a] for configuration k: Duplicate alias provided."),
    );
    check(
        Check::UniqueAliases,
        &Parsed::Null,
        Err("Invalid value null for configuration k: entry must be non null"),
    );
}

#[test]
fn value_lists_hold_distinct_values() {
    let strict = Check::ValueList {
        or_null: false,
        or_empty: false,
    };
    let loose = Check::ValueList {
        or_null: true,
        or_empty: true,
    };

    check(strict, &list(&["a"]), Ok(()));
    check(
        strict,
        &list(&[]),
        Err("Configuration 'k' must not be empty. Valid values include: any non-empty value"),
    );
    check(
        strict,
        &Parsed::Null,
        Err("Configuration 'k' values must not be null."),
    );
    check(loose, &list(&[]), Ok(()));
    check(loose, &Parsed::Null, Ok(()));
    let repeated = Err("Configuration 'k' values must not be duplicated.");
    check(loose, &list(&["a", "", "a"]), repeated);
    check(
        loose,
        &list(&["a", ""]),
        Err("Configuration 'k' values must not be empty."),
    );
}

#[test]
fn version_requirements_are_reported_in_their_own_words() {
    check(
        Check::VersionRange,
        &text("[1.0"),
        Err("Unbounded range: [1.0"),
    );
    check(Check::VersionRange, &text("latest"), Ok(()));
    check(Check::VersionRange, &Parsed::Null, Ok(()));
}

#[test]
fn regular_expressions_compile() {
    check(Check::Regex, &text("a.*"), Ok(()));
    check(
        Check::Regex,
        &text("("),
        Err("Invalid value ( for configuration k: Invalid regex: Unclosed group near index 1\n("),
    );
}
