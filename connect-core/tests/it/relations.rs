//! Keys that matter, are required or are refused because of other keys.

use connect_core::config::{ConnectorConfig as _, Props};
use connect_core::prelude::*;

/// Reads new rows of tables.
#[derive(Debug, ConnectorConfig)]
struct Rows {
    /// Host name of the server.
    host: String,
    /// Tables to read.
    #[config(depends_on(host))]
    tables: Option<String>,
    /// How new rows are found.
    #[config(default = "bulk")]
    mode: Mode,
    /// Column whose value grows.
    #[config(required_if(mode = Incrementing), visible_if(mode = Incrementing))]
    column: Option<String>,
    /// Whether the connection is encrypted.
    tls: Option<bool>,
    /// File with the certificates.
    #[config(visible_if(tls = true))]
    tls_file: Option<String>,
    /// Query to read instead of tables.
    #[config(conflicts_with(tables, column))]
    query: Option<String>,
}

/// How rows are found.
#[derive(Clone, Copy, Debug, PartialEq, ConfigEnum)]
enum Mode {
    /// All of them.
    Bulk,
    /// New ones.
    Incrementing,
}

fn props(entries: &[(&str, &str)]) -> Props {
    Props::from_iter(entries.iter().chain(&[("host", "db")]).copied())
}

#[track_caller]
fn check_errors(entries: &[(&str, &str)], expected: &[&str]) {
    let errors = Rows::parse(&props(entries)).err().unwrap_or_default();

    let messages: Vec<_> = errors.iter().map(|(_, message)| message).collect();
    assert_eq!(messages, expected);
}

fn visible(entries: &[(&str, &str)]) -> Vec<String> {
    let infos = Rows::validate(&props(entries)).into_iter();
    infos.filter(|it| it.visible).map(|it| it.name).collect()
}

#[test]
fn a_key_is_required_while_another_has_a_value() {
    check_errors(&[], &[]);
    check_errors(&[("mode", "incrementing"), ("column", "id")], &[]);
    check_errors(
        &[("mode", "incrementing")],
        &["Missing required configuration \"column\" which has no default value."],
    );
}

#[test]
fn a_faulty_key_requires_nothing() {
    check_errors(
        &[("mode", "x")],
        &["Invalid value x for configuration mode: String must be one of: bulk, incrementing"],
    );
}

#[test]
fn keys_that_exclude_each_other_are_refused() {
    check_errors(&[("query", "select 1")], &[]);
    check_errors(
        &[("query", "select 1"), ("tables", "a")],
        &["Invalid configuration query: it cannot be given together with tables"],
    );
}

#[test]
fn clients_see_the_keys_that_matter() {
    let always = ["host", "tables", "mode"];
    let last = ["tls", "query"];
    assert_eq!(visible(&[]), [&always[..], &last].concat());
    assert_eq!(
        visible(&[("mode", "incrementing"), ("tls", "true")]),
        [&always[..], &["column", "tls", "tls.file", "query"]].concat()
    );
}

#[test]
fn relations_are_published() {
    let definition = Rows::definition();
    let dependents = |key: &str| definition.key(key).unwrap().dependents.clone();

    assert_eq!(dependents("host"), ["tables"]);
    assert_eq!(dependents("mode"), ["column"]);
    assert_eq!(dependents("tls"), ["tls.file"]);
    let column = definition.details("column").unwrap();
    let condition = column.required_if.as_ref().unwrap();
    assert_eq!(condition.key, "mode");
    assert_eq!(condition.value, "incrementing");
    let file = definition.details("tls.file").unwrap();
    assert_eq!(file.visible_if.as_ref().unwrap().value, "true");
    let query = definition.details("query").unwrap();
    assert_eq!(query.conflicts_with, ["tables", "column"]);
}
