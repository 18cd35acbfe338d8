//! How long we take for a request.

use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_core::data::{Blob, Text, Value, values};
use connect_tests::differential::{converter, transform};
use connect_tests::vectors::{
    Elements, input_from_notation, schema_from_notation, value_from_notation,
};
use serde_json::Value as Json;

const WARM_UP: Duration = Duration::from_millis(200);
const RUN: Duration = Duration::from_millis(150);
const RUNS: usize = 20;
/// Most time for a run with all that is not counted: where records are large, making them takes far longer than the calls.
const LIMIT: Duration = Duration::from_millis(500);
/// Most calls between two looks at the clock.
const BATCH: usize = 100;
/// Records of so many bytes, as they are noted down, stay in a processor's cache.
const CACHED: usize = 32 << 10;

/// Nanoseconds for a call: the best of several runs.
pub(crate) fn nanos(request: &Json) -> f64 {
    match request["op"].as_str() {
        Some("transform") => {
            let mut transform = transform(request).expect("a good configuration");
            let record = input_from_notation(&request["record"]).expect("a record");
            // A worker hands a record over and has it back: making and dropping it is no part of a call.
            let batch = (CACHED / request["record"].to_string().len()).clamp(1, BATCH);
            best(
                || vec![record.clone(); batch],
                |record| transform.apply(record),
            )
        }
        Some("encode") => {
            let converter = converter(request).expect("a good configuration");
            let schema = schema_from_notation(&request["schema"], Elements::Required);
            let schema = schema.expect("a schema");
            let value = value_from_notation(&request["value"], schema.as_ref()).expect("a value");
            let mut out = Vec::new();
            best(
                || vec![(); BATCH],
                |()| {
                    out.clear();
                    let written = converter.from_connect("test", schema.as_ref(), &value, &mut out);
                    black_box(written.expect("it can be written"));
                },
            )
        }
        Some("decode") => {
            let converter = converter(request).expect("a good configuration");
            let bytes = STANDARD.decode(request["bytes"].as_str().unwrap_or_default());
            let bytes = Blob::from(bytes.expect("base64"));
            best(
                || vec![(); BATCH],
                |()| {
                    // Where a sink's record has them.
                    let (mut schema, mut value) = (None, Value::Null);
                    let place = (&mut schema, &mut value);
                    let read = converter.to_connect_in_place("test", Some(&bytes), place);
                    read.expect("it can be read");
                    black_box((&schema, &value));
                },
            )
        }
        Some("convert") => {
            let pairs = request["values"].as_array().expect("a list").iter();
            let values: Vec<_> = pairs
                .map(|pair| {
                    let schema = schema_from_notation(&pair[0], Elements::Required);
                    value_from_notation(&pair[1], schema.expect("a schema").as_ref())
                        .expect("a value")
                })
                .collect();
            best(
                || vec![(); BATCH],
                |()| {
                    for value in &values {
                        black_box(values::convert_to_string(value));
                        black_box(values::infer_schema(value));
                    }
                },
            )
        }
        _ => {
            let texts = request["texts"].as_array().expect("a list").iter();
            let texts: Vec<Text> = texts
                .map(|it| it.as_str().expect("a text").into())
                .collect();
            best(
                || vec![(); BATCH],
                |()| {
                    for text in &texts {
                        black_box(values::parse_string(text));
                    }
                },
            )
        }
    }
}

fn best<I, O>(inputs: impl Fn() -> Vec<I>, mut call: impl FnMut(&mut I) -> O) -> f64 {
    time(&inputs, &mut call, WARM_UP);
    let runs = (0..RUNS).map(|_| time(&inputs, &mut call, RUN));
    runs.fold(f64::MAX, f64::min)
}

#[expect(clippy::cast_precision_loss, reason = "nobody reads that many digits")]
fn time<I, O>(
    inputs: &impl Fn() -> Vec<I>,
    call: &mut impl FnMut(&mut I) -> O,
    at_least: Duration,
) -> f64 {
    let begin = Instant::now();
    let (mut elapsed, mut calls) = (Duration::ZERO, 0);
    while elapsed < at_least && (calls == 0 || begin.elapsed() < LIMIT) {
        let mut inputs = inputs();
        let start = Instant::now();
        for input in &mut inputs {
            black_box(call(input));
        }
        elapsed += start.elapsed();
        calls += inputs.len();
    }
    elapsed.as_secs_f64() * 1e9 / calls as f64
}
