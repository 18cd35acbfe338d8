//! A Kafka Connect worker.
