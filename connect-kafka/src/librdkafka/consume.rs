//! Taking fetched records from the library.

use std::{borrow::Cow, fmt, marker::PhantomData};

use rdkafka::bindings as sys;

use super::{errors::error_of, foreign, queue::Queue, text::text};
use crate::{consumer::TimestampType, error::KafkaError};

/// Records taken in one call at most.
const CHUNK: usize = 512;

/// Takes records from a consumer's queue.
pub(crate) struct Fetcher {
    messages: Vec<*mut sys::rd_kafka_message_t>,
}

// SAFETY: the pointers are used only during a call, through an exclusive reference.
unsafe impl Send for Fetcher {}
// SAFETY: as above.
unsafe impl Sync for Fetcher {}

impl Fetcher {
    pub(crate) fn new() -> Self {
        Self {
            messages: Vec::new(),
        }
    }

    /// Shows what is there to `visit`, at most `max`, and returns how many those were. Never blocks. Serves the
    /// callbacks of the client on the way.
    pub(crate) fn fetch(
        &mut self,
        queue: &Queue,
        max: usize,
        mut visit: impl FnMut(Message<'_>),
    ) -> usize {
        self.messages.resize(CHUNK, std::ptr::null_mut());
        let max = max.min(CHUNK);
        // SAFETY: the queue is alive and the array at least as long as stated.
        let count = unsafe {
            sys::rd_kafka_consume_batch_queue(queue.raw(), 0, self.messages.as_mut_ptr(), max)
        };
        let count = usize::try_from(count).unwrap_or(0);
        for message in &self.messages[..count] {
            // SAFETY: the library filled `count` pointers to messages that are ours until they are destroyed.
            unsafe {
                visit(Message(*message, PhantomData));
                sys::rd_kafka_message_destroy(*message);
            }
        }
        count
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

/// A fetched record, or an error in its place. A pointer and no reference: its code may be one that the bindings do not
/// list, and the library reaches from the message to what surrounds it.
pub(crate) struct Message<'a>(*const sys::rd_kafka_message_t, PhantomData<&'a [u8]>);

impl<'a> Message<'a> {
    fn topic_pointer(&self) -> *const sys::rd_kafka_topic_t {
        // SAFETY: the message is alive.
        unsafe { (*self.0).rkt }
    }

    /// The error that stands in place of a record.
    pub(crate) fn error(&self) -> Option<KafkaError> {
        // SAFETY: the message is alive, and its text as long as it.
        unsafe {
            let code = foreign::code(&raw const (*self.0).err);
            if code == 0 {
                return None;
            }
            error_of(code, Some(&text(sys::rd_kafka_message_errstr(self.0))))
        }
    }

    /// Topic of the record or the error; empty if it has none.
    pub(crate) fn topic(&self) -> Cow<'a, str> {
        let topic = self.topic_pointer();
        if topic.is_null() {
            return Cow::Borrowed("");
        }
        // SAFETY: the message keeps its topic, and the topic its name.
        unsafe { text(sys::rd_kafka_topic_name(topic)) }
    }

    /// Differs between topics as long as this message lives.
    pub(crate) fn topic_address(&self) -> usize {
        self.topic_pointer().addr()
    }

    pub(crate) fn partition(&self) -> i32 {
        // SAFETY: the message is alive.
        unsafe { (*self.0).partition }
    }

    pub(crate) fn offset(&self) -> i64 {
        // SAFETY: the message is alive.
        unsafe { (*self.0).offset }
    }

    pub(crate) fn timestamp(&self) -> (i64, TimestampType) {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: the message is alive and `kind` may be written to.
        let timestamp = unsafe { sys::rd_kafka_message_timestamp(self.0, &raw mut kind) };
        let kind = match kind {
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => TimestampType::None,
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_CREATE_TIME => {
                TimestampType::CreateTime
            }
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => {
                TimestampType::LogAppendTime
            }
        };
        match timestamp < 0 {
            true => (timestamp, TimestampType::None),
            false => (timestamp, kind),
        }
    }

    pub(crate) fn key(&self) -> Option<&'a [u8]> {
        // SAFETY: the key lives as long as the message and is as long as stated.
        unsafe { bytes((*self.0).key, (*self.0).key_len) }
    }

    pub(crate) fn value(&self) -> Option<&'a [u8]> {
        // SAFETY: the value lives as long as the message and is as long as stated.
        unsafe { bytes((*self.0).payload, (*self.0).len) }
    }

    /// Shows each header's name and value to `visit`, in order.
    pub(crate) fn headers(&self, mut visit: impl FnMut(&[u8], Option<&[u8]>)) {
        let mut headers = std::ptr::null_mut();
        // SAFETY: the message is alive and keeps its headers; `headers` may be written to.
        let code = unsafe { sys::rd_kafka_message_headers(self.0, &raw mut headers) };
        if code != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return;
        }
        for index in 0.. {
            let (mut name, mut value, mut size) = (std::ptr::null(), std::ptr::null(), 0);
            // SAFETY: the headers are alive, and all three may be written to.
            let code = unsafe {
                sys::rd_kafka_header_get_all(
                    headers,
                    index,
                    &raw mut name,
                    &raw mut value,
                    &raw mut size,
                )
            };
            if code != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                return;
            }
            // SAFETY: name and value live as long as the headers; the name is zero-terminated, the value as long as
            // stated.
            unsafe {
                visit(
                    std::ffi::CStr::from_ptr(name).to_bytes(),
                    bytes(value, size),
                );
            };
        }
    }
}

/// # Safety
/// `data` is null, or points to `len` bytes that live and do not change for `'a`.
unsafe fn bytes<'a>(data: *const std::ffi::c_void, len: usize) -> Option<&'a [u8]> {
    // SAFETY: not null, and the caller vouches for the rest.
    (!data.is_null()).then(|| unsafe { std::slice::from_raw_parts(data.cast(), len) })
}
