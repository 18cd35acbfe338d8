//! Kafka clients of the Connect worker.
