//! What is printed of records on their way.

use connect_core::config::Props;

use super::*;

/// What a chain of the linked transforms makes of lines.
fn walked(format: Format, connector: &[(&str, &str)], lines: impl AsRef<[u8]>) -> (String, Ended) {
    let plugins = plugins::registry().unwrap();
    let connector = Props::from_iter(connector.iter().copied());
    let mut chain = TransformChain::new(&connector, &plugins).unwrap();
    let input = Input::new(&connector, format, "orders", &plugins).unwrap();
    let mut out = Vec::new();
    let ended = walk(&mut out, lines.as_ref(), &input, &mut chain).unwrap();
    (String::from_utf8(out).unwrap(), ended)
}

#[track_caller]
fn check(format: Format, connector: &[(&str, &str)], lines: &str, expected: &[&str]) {
    let (out, _) = walked(format, connector, lines);

    assert_eq!(out.lines().collect::<Vec<_>>(), expected, "{out}");
}

const HOIST: &str = "org.apache.kafka.connect.transforms.HoistField$Value";
const CAST: &str = "org.apache.kafka.connect.transforms.Cast$Value";

#[test]
fn each_step_shows_what_it_changes() {
    check(
        Format::Text,
        &[
            ("transforms", "hoist,route"),
            ("transforms.hoist.type", HOIST),
            ("transforms.hoist.field", "line"),
            ("transforms.route.type", "RegexRouter"),
            ("transforms.route.regex", "(.*)"),
            ("transforms.route.replacement", "raw-$1"),
        ],
        "one",
        &[
            "record 1",
            "    topic: orders",
            "    key: null",
            "    value: \"one\"",
            "      schema string",
            "  transforms.hoist org.apache.kafka.connect.transforms.HoistField$Value",
            "    value: {line: \"one\"}",
            "      schema struct {line: string}",
            "  transforms.route org.apache.kafka.connect.transforms.RegexRouter",
            "    topic: raw-orders",
        ],
    );
}

#[test]
fn types_of_data_without_schema_are_shown() {
    check(
        Format::Json,
        &[
            ("transforms", "cast"),
            ("transforms.cast.type", CAST),
            ("transforms.cast.spec", "a:int32"),
        ],
        r#"{"a": 1, "l": [1, "x", 2], "n": null, "e": []}"#,
        &[
            "record 1",
            "    topic: orders",
            "    key: null",
            r#"    value: {"a": 1, "l": [1, "x", 2], "n": null, "e": []}"#,
            "      no schema: map {a: int64, l: array<int64, string>, n: null, e: array<>}",
            "  transforms.cast org.apache.kafka.connect.transforms.Cast$Value",
            r#"    value: {"a": 1, "l": [1, "x", 2], "n": null, "e": []}"#,
            "      no schema: map {a: int32, l: array<int64, string>, n: null, e: array<>}",
        ],
    );
}

#[test]
fn predicates_and_drops_are_told() {
    check(
        Format::Json,
        &[
            ("transforms", "drop"),
            ("transforms.drop.type", "Filter"),
            ("transforms.drop.predicate", "empty"),
            ("predicates", "empty"),
            ("predicates.empty.type", "RecordIsTombstone"),
        ],
        "[1]\nnull",
        &[
            "record 1",
            "    topic: orders",
            "    key: null",
            "    value: [1]",
            "      no schema: array<int64>",
            "  transforms.drop org.apache.kafka.connect.transforms.Filter: its predicate leaves the \
             record alone",
            "record 2",
            "    topic: orders",
            "    key: null",
            "    value: null",
            "  transforms.drop org.apache.kafka.connect.transforms.Filter: drops the record",
        ],
    );
}

#[test]
fn whole_records_have_keys_headers_and_schemas() {
    let line = r#"{"topic": "t", "partition": 3, "timestamp": 5, "key": {"a": true},
        "value": {"schema": {"type": "int32", "optional": true, "default": 7}, "payload": 1},
        "headers": [{"key": "h", "value": "x"}]}"#
        .replace('\n', " ");
    check(
        Format::Record,
        &[],
        &line,
        &[
            "record 1",
            "    topic: t",
            "    partition: 3",
            "    timestamp: 5",
            "    key: {\"a\": true}",
            "      no schema: map {a: boolean}",
            "    value: 1",
            "      schema int32? = 7",
            "    header h: \"x\"",
            "      no schema: string",
        ],
    );
}

#[test]
fn a_failure_names_the_step_the_field_and_what_it_got() {
    const PACKAGE: &str = "org.apache.kafka.connect.transforms";
    let told = |class: &str, settings: &[(&str, &str)], line: &str, told: &[&str]| {
        let class = format!("{PACKAGE}.{class}");
        let settings = settings
            .iter()
            .map(|&(key, value)| (format!("transforms.t.{key}"), value));
        let settings: Vec<_> = settings.collect();
        let mut connector = vec![("transforms", "t"), ("transforms.t.type", &class)];
        connector.extend(settings.iter().map(|(key, value)| (key.as_str(), *value)));

        let (out, ended) = walked(Format::Json, &connector, line);

        assert_eq!(ended, Ended::Failed);
        let (_, failure) = out
            .split_once(&format!("transforms.t {class}: FAILED"))
            .expect(&out);
        for told in told {
            assert!(failure.contains(told), "{told}: {out}");
        }
    };
    let cast = |spec, line, words: &[&str]| told("Cast$Value", &[("spec", spec)], line, words);
    let structure =
        r#"{"schema": {"type": "struct", "fields": [{"field": "a", "type": "boolean"}]},
        "payload": {"a": true}}"#
            .replace('\n', " ");

    cast(
        "amount:int32",
        r#"{"amount": "many"}"#,
        &["field amount, wanted INT32", "\"many\""],
    );
    cast("int32", "\"many\"", &["wanted INT32", "\"many\""]);
    cast(
        "a:int32",
        r#"{"schema": {"type": "int64"}, "payload": 1}"#,
        &["wanted a STRUCT for cast types, found INT64"],
    );
    told(
        "ExtractField$Value",
        &[("field", "a.b"), ("field.syntax.version", "V2")],
        &structure,
        &["field a, wanted a STRUCT, found BOOLEAN"],
    );
    told(
        "TimestampConverter$Value",
        &[("field", "a"), ("target.type", "Timestamp")],
        &structure,
        &[
            "field a, wanted a moment to convert to Timestamp",
            "Schema{BOOLEAN}",
        ],
    );
    told(
        "RegexRouter",
        &[("regex", ".*"), ("replacement", "$1")],
        "1",
        &["No group 1", "the key `replacement`, for topic orders"],
    );
}

#[test]
fn a_line_that_is_no_record_does_not_stop_the_others() {
    let (out, ended) = walked(Format::Json, &[], "{\n1");

    assert_eq!(ended, Ended::Failed);
    assert!(out.starts_with("record 1 cannot be read: "), "{out}");
    assert!(out.contains("record 2\n"), "{out}");
}

#[test]
fn an_empty_line_is_no_tombstone() {
    let (out, ended) = walked(Format::Json, &[], "null\n\n");

    assert_eq!(ended, Ended::Failed);
    assert!(out.contains("record 1\n"), "{out}");
    assert!(
        out.contains("record 2 cannot be read: the line is empty; a tombstone is `null`"),
        "{out}"
    );
}

#[test]
fn a_record_with_a_wrong_member_is_refused_by_its_name() {
    let lines = [
        r#"{"headers": {"h": 1}}"#,
        r#"{"topicc": "x"}"#,
        r#"{"partition": "x"}"#,
        "[1]",
    ];

    let (out, ended) = walked(Format::Record, &[], lines.join("\n"));

    assert_eq!(ended, Ended::Failed);
    for told in [
        "record 1 cannot be read: `headers`: ",
        "record 2 cannot be read: `topicc` is no member of a record",
        "record 3 cannot be read: `partition`: ",
        "record 4 cannot be read: ",
    ] {
        assert!(out.contains(told), "{told}: {out}");
    }
}

#[test]
fn bytes_that_are_no_text_do_not_stop_the_others() {
    let (out, ended) = walked(Format::Text, &[], b"\xff\r\none\r\n");

    assert_eq!(ended, Ended::Failed);
    assert!(
        out.starts_with("record 1 cannot be read: it is no text"),
        "{out}"
    );
    assert!(out.contains("value: \"one\"\n"), "{out}");
}

#[test]
fn every_mistake_of_the_configuration_is_told() {
    let refusal = |connector: &[(&str, &str)]| {
        let connector = Props::from_iter(connector.iter().copied());
        let refused = check_stages(&connector, &plugins::registry().unwrap());
        refused.unwrap_err().about("c.json").to_string()
    };

    assert_eq!(
        refusal(&[("name", "x")]),
        "c.json: there are no transforms: the key `transforms` is absent or empty"
    );
    assert_eq!(
        refusal(&[("{\"transforms\"", "")]),
        "c.json: there are no transforms: the file is no JSON of a connector, so it was read as \
         properties"
    );
    assert_eq!(
        refusal(&[
            ("transforms", "a,a"),
            (
                "transforms.a.type",
                "org.apache.kafka.connect.transforms.HoistField$Value"
            ),
            ("transforms.a.negate", "true"),
        ]),
        "c.json: the transforms cannot be used\n  transforms: Invalid value [a, a] for \
         configuration transforms: Duplicate alias provided.\n  transforms.a.type: Config \
         'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' \
         defining a predicate to be negated.\n  transforms.a.field: Missing required \
         configuration \"transforms.a.field\" which has no default value."
    );
    assert_eq!(
        refusal(&[
            ("transforms", "a"),
            ("transforms.a.type", "Filter"),
            ("transforms.a.predicate", "p"),
            ("predicates.p.type", "RecordIsTombstone"),
        ]),
        "c.json: the transforms cannot be used\n  transforms.a.predicate: `p` is no alias in \
         `predicates`"
    );
}

#[test]
fn a_transform_without_its_target_is_hinted_at() {
    let connector = Props::from_iter([("transforms", "c"), ("transforms.c.type", "Cast")]);

    let error = TransformChain::new(&connector, &plugins::registry().unwrap()).unwrap_err();

    assert_eq!(
        error.to_string(),
        "transforms.c.type: Cast cannot be used there; did you mean \
         org.apache.kafka.connect.transforms.Cast$Key or \
         org.apache.kafka.connect.transforms.Cast$Value?"
    );
}
