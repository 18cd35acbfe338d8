//! Values that brokers send and the library hands through as they are.
//!
//! The bindings have enums for them, which list what this version of the library knows. A newer broker may send
//! something else, and a value of an enum that is none of its variants must not exist, not even behind a reference.
//! So these functions are declared anew with numbers, and structures with such fields are read through pointers.

use std::ffi::{c_char, c_int};

use rdkafka::bindings as sys;

unsafe extern "C" {
    pub(super) fn rd_kafka_ConfigEntry_source(entry: *const sys::rd_kafka_ConfigEntry_t) -> c_int;
    pub(super) fn rd_kafka_ConfigResource_error(
        resource: *const sys::rd_kafka_ConfigResource_t,
    ) -> c_int;
    pub(super) fn rd_kafka_error_code(error: *const sys::rd_kafka_error_t) -> c_int;
    pub(super) fn rd_kafka_event_error(event: *mut sys::rd_kafka_event_t) -> c_int;
    pub(super) fn rd_kafka_fatal_error(
        client: *mut sys::rd_kafka_t,
        text: *mut c_char,
        size: usize,
    ) -> c_int;
    pub(super) fn rd_kafka_metadata(
        client: *mut sys::rd_kafka_t,
        all_topics: c_int,
        only_topic: *mut sys::rd_kafka_topic_t,
        metadata: *mut *const sys::rd_kafka_metadata,
        timeout_ms: c_int,
    ) -> c_int;
    pub(super) fn rd_kafka_topic_result_error(result: *const sys::rd_kafka_topic_result_t)
    -> c_int;
}

/// The code behind a pointer.
///
/// # Safety
/// `code` points to a code that may be read.
pub(super) unsafe fn code(code: *const sys::rd_kafka_resp_err_t) -> i32 {
    // SAFETY: the type is `repr(i32)`, and the caller vouches for the pointer.
    unsafe { code.cast::<i32>().read() }
}

/// Pointers to the elements of an array; none if there is no array.
///
/// # Safety
/// `first` is null or points to `count` elements, which live as long as the pointers are used.
pub(super) unsafe fn elements<T>(first: *const T, count: c_int) -> impl Iterator<Item = *const T> {
    let count = match first.is_null() {
        true => 0,
        false => usize::try_from(count).unwrap_or(0),
    };
    // SAFETY: an index below `count` stays within the array.
    (0..count).map(move |index| unsafe { first.add(index) })
}
