//! The notation of a record's bytes: null, `{"utf8": …}` or `{"hex": …}`.

use serde_json::{Value as Json, json};

/// The bytes that a notation stands for.
///
/// # Panics
///
/// When it is not the notation of bytes.
#[must_use]
pub fn bytes_from_notation(notation: &Json) -> Option<Vec<u8>> {
    if notation.is_null() {
        return None;
    }
    if let Some(text) = notation["utf8"].as_str() {
        return Some(text.as_bytes().to_vec());
    }
    let hex = notation["hex"]
        .as_str()
        .unwrap_or_else(|| panic!("no notation of bytes: {notation}"));
    let digits = hex.as_bytes().chunks_exact(2);
    assert!(
        digits.remainder().is_empty(),
        "odd number of hexadecimal digits: {hex}"
    );
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("a pair of ASCII digits");
        u8::from_str_radix(pair, 16).expect("hexadecimal digits")
    };
    Some(digits.map(byte).collect())
}

/// The notation of bytes: text where they are UTF-8, so that failures can be read.
#[must_use]
pub fn bytes_to_notation(bytes: Option<&[u8]>) -> Json {
    match bytes.map(|it| (it, std::str::from_utf8(it))) {
        None => Json::Null,
        Some((_, Ok(text))) => json!({ "utf8": text }),
        Some((bytes, Err(_))) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "hex": hex })
        }
    }
}
