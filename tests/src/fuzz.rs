//! Texts that try to break what reads JSON, literals and headers: nothing panics, and no text takes
//! longer than its length explains.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::json;

use connect_core::converter::ErasedConverter;
use connect_core::data::{Blob, Decimal, Text, Value, values};

use crate::differential::{Chance, converter, documents, literals};

/// What any text may take.
const BASE: Duration = Duration::from_millis(50);
/// Longer texts are not converted: a number takes time by the square of its digits, as in the
/// reference.
const LONGEST_NUMBER: usize = 2_000;
/// How often a text may take longer: the machine is busy with other things.
const TRIES: usize = 5;
/// What each of its bytes may take.
const PER_BYTE: Duration = Duration::from_micros(20);

const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ":",
    ",",
    " ",
    "\n",
    "-",
    "0",
    "1",
    "9",
    ".",
    "e",
    "E",
    "+",
    "true",
    "false",
    "null",
    "NaN",
    "\\u",
    "d83d",
    "\\ude00",
    "\u{e4}",
    "\u{1f600}",
    "schema",
    "payload",
    "\"schema\":",
    "\"payload\":",
    "\"type\":\"",
    "struct\"",
    "int32\"",
    "\"fields\":[",
    "2024-02-29",
    "T12:00:00.000Z",
    "1e999999999",
    "0x",
    "/*",
    "//",
];

/// Reads whatever it is given.
pub struct Readers {
    json: Box<dyn ErasedConverter>,
    envelopes: Box<dyn ErasedConverter>,
    headers: Box<dyn ErasedConverter>,
    texts: Vec<Box<dyn ErasedConverter>>,
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

impl Default for Readers {
    fn default() -> Self {
        let json = |schemas: &str| {
            let class = "org.apache.kafka.connect.json.JsonConverter";
            converter(&json!({"class": class, "config": {"schemas.enable": schemas}}))
        };
        let class = "org.apache.kafka.connect.storage.SimpleHeaderConverter";
        let headers = converter(&json!({"class": class, "role": "header", "config": {}}));
        let text = |encoding| {
            let class = "org.apache.kafka.connect.storage.StringConverter";
            let text = converter(&json!({
                "class": class, "config": {"converter.encoding": encoding},
            }));
            text.expect("good settings")
        };
        Self {
            texts: ["UTF-8", "UTF-16", "windows-1252"].map(text).into(),
            json: json("false").expect("good settings"),
            envelopes: json("true").expect("good settings"),
            headers: headers.expect("good settings"),
        }
    }
}

impl Readers {
    /// Reads bytes in every way, for as long as it takes.
    pub fn read(&self, bytes: &[u8]) {
        let blob = Blob::copy_from_slice(bytes);
        // What cannot be read is refused; that is all that is asked for.
        drop(self.json.to_connect("t", Some(&blob)));
        drop(self.envelopes.to_connect("t", Some(&blob)));
        drop(self.headers.to_connect_header("t", "h", Some(&blob)));
        for converter in &self.texts {
            drop(converter.to_connect("t", Some(&blob)));
        }
        let text = Text::from_blob_lossy(blob);
        drop(values::parse_string(&text));
        drop(text.as_str().parse::<Decimal>());
        if text.as_str().len() <= LONGEST_NUMBER {
            convert(&Value::from(text));
        }
    }

    /// Reads bytes and says what is wrong with that.
    fn judge(&self, bytes: &[u8]) -> Result<(), String> {
        let shown = || {
            let start = bytes.get(..bytes.len().min(200)).unwrap_or_default();
            format!(
                "{} bytes, beginning with {}",
                bytes.len(),
                start.escape_ascii()
            )
        };
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let limit = BASE + PER_BYTE * length;
        let mut fastest = Duration::MAX;
        for _ in 0..TRIES {
            let start = Instant::now();
            let read = catch_unwind(AssertUnwindSafe(|| self.read(bytes)));
            read.map_err(|_| format!("a panic at {}", shown()))?;
            fastest = fastest.min(start.elapsed());
            if fastest <= limit {
                return Ok(());
            }
        }
        Err(format!("{fastest:?} for {}", shown()))
    }
}

/// Reads a text as everything that it can stand for.
fn convert(text: &Value) {
    drop(values::convert_to_boolean(None, text));
    drop(values::convert_to_i64(None, text));
    drop(values::convert_to_f64(None, text));
    drop(values::convert_to_list(text));
    drop(values::convert_to_map(text));
    drop(values::convert_to_timestamp(None, text));
    drop(values::convert_to_decimal(text, 2));
}

/// Reads so many random texts.
///
/// # Errors
/// The first text that panics or takes too long.
pub fn run(count: u64, seed: u64) -> Result<(), String> {
    let readers = Readers::default();
    let mut chance = Chance::new(StdRng::seed_from_u64(seed));
    let mut text = Vec::new();
    for _ in 0..count {
        text.clear();
        fill(&mut chance, &mut text);
        readers.judge(&text)?;
    }
    Ok(())
}

/// A good text with a few bytes changed, or parts of texts.
fn fill(chance: &mut Chance, text: &mut Vec<u8>) {
    match chance.below(10) {
        0..2 => text.extend_from_slice(documents::message(chance).as_bytes()),
        2..4 => text.extend_from_slice(literals::literal(chance).as_bytes()),
        _ => return fill_with_parts(chance, text),
    }
    for _ in 0..chance.below(4) {
        let at = chance.below(text.len() + 1);
        match chance.below(3) {
            0 => text.insert(at, chance.bits().to_le_bytes()[0]),
            1 => text.truncate(at),
            _ => text.extend_from_within(at..),
        }
    }
}

/// One part after another, sometimes one of them very often.
fn fill_with_parts(chance: &mut Chance, text: &mut Vec<u8>) {
    for _ in 0..=chance.below(12) {
        let times = match chance.below(400) {
            0 => 1 + chance.below(2_000),
            1..20 => 1 + chance.below(20),
            _ => 1,
        };
        match chance.below(20) {
            0 => text.push(chance.bits().to_le_bytes()[0]),
            _ => text.extend_from_slice(chance.pick(PARTS).repeat(times).as_bytes()),
        }
    }
}
