//! Error codes of the library and the protocol, sorted into kinds.

use std::ffi::CStr;

use rdkafka::bindings as sys;
use sys::rd_kafka_resp_err_t as Code;

use super::{foreign, text::text};
use crate::error::{ErrorCode, ErrorKind, KafkaError, Result};

/// How the library speaks of a handshake to which the broker did not answer, because it went for example: it takes that
/// for a refusal of the credentials.
const BROKEN_HANDSHAKE: &str = "mechanism handshake failed: Local: ";

/// The error for a code; `None` if it stands for success.
pub(crate) fn error_of(code: i32, detail: Option<&str>) -> Option<KafkaError> {
    (code != 0).then(|| {
        let (name, description) = describe(code);
        let detail = detail.filter(|it| !it.is_empty()).unwrap_or(description);
        let kind = match kind(code) {
            ErrorKind::Authentication if detail.contains(BROKEN_HANDSHAKE) => ErrorKind::Retriable,
            kind => kind,
        };
        KafkaError::with_code(kind, ErrorCode { number: code, name }, detail)
    })
}

/// `Ok`, or the error for a code.
pub(super) fn check(code: Code) -> Result<()> {
    match error_of(code as i32, None) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// `Ok`, or the error object's error. Takes the object over.
///
/// # Safety
/// `error` is null or an error object that nobody else destroys.
pub(super) unsafe fn take_error(error: *mut sys::rd_kafka_error_t) -> Result<()> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: not null, and alive until it is destroyed below; the text is copied before.
    let outcome = unsafe {
        let detail = text(sys::rd_kafka_error_string(error));
        let code = foreign::rd_kafka_error_code(error);
        let is_fatal = sys::rd_kafka_error_is_fatal(error) != 0;
        let is_retriable = sys::rd_kafka_error_is_retriable(error) != 0;
        let kind = match kind(code) {
            ErrorKind::Fatal | ErrorKind::Refused if is_retriable => ErrorKind::Retriable,
            ErrorKind::Refused | ErrorKind::Retriable | ErrorKind::Timeout if is_fatal => {
                ErrorKind::Fatal
            }
            kind => kind,
        };
        KafkaError::with_code(
            kind,
            ErrorCode {
                number: code,
                name: describe(code).0,
            },
            &*detail,
        )
    };
    // SAFETY: the caller hands the object over.
    unsafe { sys::rd_kafka_error_destroy(error) };
    Err(outcome)
}

/// Name and description of a code.
fn describe(code: i32) -> (&'static str, &'static str) {
    static TABLE: std::sync::LazyLock<Vec<(i32, &'static str, &'static str)>> =
        std::sync::LazyLock::new(read_descriptions);
    match TABLE.iter().find(|(number, ..)| *number == code) {
        Some((_, name, description)) => (name, description),
        None => (
            "UNKNOWN",
            "the broker reported an error that this client does not know",
        ),
    }
}

fn read_descriptions() -> Vec<(i32, &'static str, &'static str)> {
    let mut descriptions = std::ptr::null();
    let mut count = 0;
    // SAFETY: both pointers may be written to.
    unsafe { sys::rd_kafka_get_err_descs(&raw mut descriptions, &raw mut count) };
    // SAFETY: the library describes `count` codes in a static table, and all of them are those of the bindings.
    let descriptions = unsafe { std::slice::from_raw_parts(descriptions, count) };
    let mut table = Vec::with_capacity(count);
    for description in descriptions {
        if description.name.is_null() || description.desc.is_null() {
            continue;
        }
        // SAFETY: the strings are static and zero-terminated.
        let (name, text) = unsafe {
            (
                CStr::from_ptr(description.name),
                CStr::from_ptr(description.desc),
            )
        };
        table.push((
            description.code as i32,
            name.to_str().unwrap_or("UNKNOWN"),
            text.to_str().unwrap_or_default(),
        ));
    }
    table
}

/// Sorts a code.
pub(crate) fn kind(code: i32) -> ErrorKind {
    use Code::*;

    const TIMEOUT: &[Code] = &[
        RD_KAFKA_RESP_ERR__TIMED_OUT,
        RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
        RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
    ];
    const RETRIABLE: &[Code] = &[
        RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
        RD_KAFKA_RESP_ERR__RESOLVE,
        // A broken handshake may be a broker on its way down.
        RD_KAFKA_RESP_ERR__SSL,
        RD_KAFKA_RESP_ERR__WAIT_COORD,
        RD_KAFKA_RESP_ERR__WAIT_CACHE,
        RD_KAFKA_RESP_ERR__IN_PROGRESS,
        RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS,
        RD_KAFKA_RESP_ERR__QUEUE_FULL,
        RD_KAFKA_RESP_ERR__RETRY,
        RD_KAFKA_RESP_ERR__BAD_MSG,
        RD_KAFKA_RESP_ERR_INVALID_MSG,
        RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
        RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
        RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND,
        RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH,
        RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND,
        RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
        RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
    ];
    const AUTHENTICATION: &[Code] = &[
        RD_KAFKA_RESP_ERR__AUTHENTICATION,
        RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
        RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
    ];
    const AUTHORIZATION: &[Code] = &[
        RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED,
    ];
    const UNKNOWN_TOPIC: &[Code] = &[
        RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID,
    ];
    const GROUP: &[Code] = &[
        RD_KAFKA_RESP_ERR__UNKNOWN_GROUP,
        RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
        RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
        RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
        RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP,
        RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND,
        RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED,
        RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC,
        RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED,
        RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH,
    ];
    const FENCED: &[Code] = &[
        RD_KAFKA_RESP_ERR__FENCED,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
        RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
        RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
        RD_KAFKA_RESP_ERR_FENCED_MEMBER_EPOCH,
        RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED,
    ];
    const CLOSED: &[Code] = &[
        RD_KAFKA_RESP_ERR__DESTROY,
        RD_KAFKA_RESP_ERR__PURGE_QUEUE,
        RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
    ];
    const FATAL: &[Code] = &[
        RD_KAFKA_RESP_ERR__FATAL,
        RD_KAFKA_RESP_ERR__FAIL,
        RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE,
        RD_KAFKA_RESP_ERR__FS,
        RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE,
        RD_KAFKA_RESP_ERR__INCONSISTENT,
        RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
        RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING,
        RD_KAFKA_RESP_ERR_INVALID_TXN_STATE,
    ];
    const CONFIG: &[Code] = &[
        RD_KAFKA_RESP_ERR__INVALID_ARG,
        RD_KAFKA_RESP_ERR__CONFLICT,
        RD_KAFKA_RESP_ERR__NOT_CONFIGURED,
        RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
        RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
        RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT,
        RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
    ];
    const KINDS: &[(&[Code], ErrorKind)] = &[
        (TIMEOUT, ErrorKind::Timeout),
        (RETRIABLE, ErrorKind::Retriable),
        (AUTHENTICATION, ErrorKind::Authentication),
        (AUTHORIZATION, ErrorKind::Authorization),
        (UNKNOWN_TOPIC, ErrorKind::UnknownTopic),
        (GROUP, ErrorKind::Group),
        (FENCED, ErrorKind::Fenced),
        (CLOSED, ErrorKind::Closed),
        (FATAL, ErrorKind::Fatal),
        (CONFIG, ErrorKind::Config),
    ];
    KINDS
        .iter()
        .find(|(codes, _)| codes.iter().any(|listed| *listed as i32 == code))
        .map_or(ErrorKind::Refused, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_without_an_answer_is_no_refusal() {
        let kind_of = |reason: &str| {
            let text = format!(
                "sasl_plaintext://b:9092/bootstrap: SASL PLAIN mechanism handshake failed: {reason}: \
                 broker's supported mechanisms: "
            );
            let code = Code::RD_KAFKA_RESP_ERR__AUTHENTICATION as i32;
            error_of(code, Some(&text)).unwrap().kind()
        };

        assert_eq!(
            kind_of("Local: Broker transport failure"),
            ErrorKind::Retriable
        );
        assert_eq!(
            kind_of("Broker: Unsupported SASL mechanism"),
            ErrorKind::Authentication
        );
    }
}
