//! Text across the border: Rust strings to C and back.

use std::{
    borrow::Cow,
    ffi::{CStr, CString, c_char},
};

use crate::error::{ErrorKind, KafkaError, Result};

/// Room for an error text of the library, which cuts longer ones.
pub(super) const ERROR_TEXT_BYTES: usize = 512;

/// A C string; `what` names the value in the error for one that has a zero byte.
pub(super) fn c_string(what: &str, text: &str) -> Result<CString> {
    CString::new(text)
        .map_err(|_| KafkaError::new(ErrorKind::Refused, format!("{what} contains a zero byte")))
}

/// Text of the library, copied only if it is not UTF-8. Null reads as empty.
///
/// # Safety
/// `text` is null or points to a zero-terminated string that lives and does not change for `'a`.
pub(super) unsafe fn text<'a>(text: *const c_char) -> Cow<'a, str> {
    if text.is_null() {
        return Cow::Borrowed("");
    }
    // SAFETY: not null, and the caller vouches for the rest.
    unsafe { CStr::from_ptr(text) }.to_string_lossy()
}

/// The text in a buffer that the library filled.
pub(super) fn buffer_text(buffer: &[u8]) -> String {
    let end = buffer
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(buffer.len());
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}
