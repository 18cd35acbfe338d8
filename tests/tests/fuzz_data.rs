//! A short version of `./x fuzz-data`, and texts that would be found there late.

use std::time::{Duration, Instant};

use connect_core::data::Blob;
use connect_tests::differential::converter;
use connect_tests::fuzz::{Readers, run};
use serde_json::json;

#[test]
fn random_texts_neither_panic_nor_take_long() {
    run(30_000, 7).unwrap();
}

/// Four times the text takes about four times as long, not sixteen times.
#[test]
fn time_grows_with_the_length_alone() {
    let readers = Readers::default();
    for (open, repeated, close) in [
        ("", "[", ""),
        ("", "{\"a\":", ""),
        ("", "1", ""),
        ("1.", "0", "1"),
        ("\"", "\\\\", "\""),
        ("\"", "\\u00e4", "\""),
        ("[", "1,", "1]"),
        ("{", "\"a\":1,", "\"b\":2}"),
        ("", " ", ""),
        ("", "\\", ""),
        ("", "\"", ""),
        ("[", "null,", "null]"),
    ] {
        let time = |times: usize| {
            let text = format!("{open}{}{close}", repeated.repeat(times));
            let once = || {
                let start = Instant::now();
                readers.read(text.as_bytes());
                start.elapsed()
            };
            (0..3).map(|_| once()).min().unwrap_or_default()
        };
        let (short, long) = (time(20_000), time(80_000));

        let limit = short * 10 + Duration::from_millis(50);
        assert!(long <= limit, "{repeated:?}: {short:?}, then {long:?}");
    }
}

#[test]
fn nesting_ends_with_a_clear_error() {
    let class = "org.apache.kafka.connect.json.JsonConverter";
    let request = json!({"class": class, "config": {"schemas.enable": "false"}});
    let converter = converter(&request).unwrap();
    let nested = |depth: usize| {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        converter.to_connect("t", Some(&Blob::from(text.into_bytes())))
    };

    assert!(nested(500).is_ok());
    let error = nested(100_000).unwrap_err();
    assert!(error.trace().contains("nest"), "{}", error.trace());
}
