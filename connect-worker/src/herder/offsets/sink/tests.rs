//! How clients write offsets of sinks.

use super::*;
use crate::storage::offsets::OffsetCodec;

fn json(text: &str) -> Value {
    OffsetCodec::default().read(text.into()).unwrap()
}

fn parse(partition: &str, offset: &str) -> Result<Offsets, String> {
    parsed(&[(json(partition), json(offset))])
}

#[track_caller]
fn check_error(partition: &str, offset: &str, message: &str) {
    assert_eq!(parse(partition, offset).unwrap_err(), message);
}

#[test]
fn numbers_may_be_written_as_text() {
    for (partition, offset) in [
        (
            r#"{"kafka_topic":"t","kafka_partition":3}"#,
            r#"{"kafka_offset":7}"#,
        ),
        (
            r#"{"kafka_partition":"3","kafka_topic":"t","x":1}"#,
            r#"{"kafka_offset":"7"}"#,
        ),
    ] {
        let expected = (TopicPartition::new("t", 3), Some(7));
        assert_eq!(parse(partition, offset).unwrap(), Offsets::from([expected]));
    }
}

#[test]
fn the_last_of_equal_partitions_counts() {
    let partition = || json(r#"{"kafka_topic":"t","kafka_partition":0}"#);
    let offsets = [
        (partition(), json(r#"{"kafka_offset":1}"#)),
        (partition(), Value::Null),
    ];

    let parsed = parsed(&offsets).unwrap();

    assert_eq!(parsed, Offsets::from([(TopicPartition::new("t", 0), None)]));
}

#[test]
fn mistakes_have_the_texts_of_the_reference() {
    let keys = "The partition for a sink connector offset must contain the keys 'kafka_topic' \
                and 'kafka_partition'";
    check_error(
        "null",
        "null",
        "The partition for a sink connector offset cannot be null or missing",
    );
    check_error("{}", "null", keys);
    check_error(r#"{"kafka_topic":"t"}"#, "null", keys);
    check_error(
        r#"{"kafka_topic":null,"kafka_partition":0}"#,
        "null",
        "Kafka topic names must be valid strings and may not be null",
    );
    check_error(
        r#"{"kafka_topic":"t","kafka_partition":null}"#,
        "null",
        "Kafka partitions must be valid numbers and may not be null",
    );
    check_error(
        r#"{"kafka_topic":"t","kafka_partition":1.5}"#,
        "null",
        "Failed to parse the following Kafka partition value in the provided offsets: '1.5'. \
         Partition values for sink connectors need to be integers.",
    );
    let partition = r#"{"kafka_topic":"t","kafka_partition":0}"#;
    check_error(
        partition,
        "{}",
        "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    );
    for (offset, shown) in [("null", "null"), ("true", "true"), (r#""x""#, "x")] {
        let message = format!(
            "Failed to parse the following Kafka offset value in the provided offsets: '{shown}'. \
             Offset values for sink connectors need to be integers."
        );
        check_error(
            partition,
            &format!(r#"{{"kafka_offset":{offset}}}"#),
            &message,
        );
    }
}
